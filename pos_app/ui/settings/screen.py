"""What is set on this till, section by section; the guarded ones open by a manager."""

import sys
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pos_app.settings import PrinterKind
from pos_app.ui.key_profiles import PROFILES
from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Screen
from pos_app.ui.settings.form import Form
from pos_app.ui.settings.learn_card import LearnCard
from pos_app.ui.settings.printer_form import PrinterForm
from pos_app.ui.tokens import LABEL, SMALL_STRONG, ZOOMS
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.choice_row import ChoiceRow
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.page_head import PageHead
from pos_app.ui.widgets.plate import Plate
from pos_app.ui.widgets.scroll import Scroll
from pos_app.viewmodels.scanner_learning import Learnt, Verdict
from pos_app.viewmodels.settings import SECTIONS, SettingsViewModel

VOLUMES = (0, 40, 70, 100)
AUTO_LOCKS_S = (60, 180, 300, 600, 0)
STORE_VALUE = "store"
PRINTER_KINDS = tuple(k for k in PrinterKind if (k is PrinterKind.WINDOWS) <= (sys.platform == "win32"))


class SettingsScreen(Screen):
    """Every change is kept at once; what takes effect on screen does so at once, too."""

    name = "settings"
    place = "settings"
    footer = ("settings.hint.section", "settings.hint.field", "settings.hint.back")

    def __init__(self, look: Look, nav: Navigator, *, viewmodel: SettingsViewModel, now_ms: Callable[[], int]) -> None:
        super().__init__(look, nav)
        self._model = viewmodel
        self.head = PageHead(look)
        self.tabs = {name: Button(look, Kind.TAB, shape=Shape(52, LABEL, pad=16)) for name in SECTIONS}
        self.language, self.theme_choice, self.zoom = ChoiceRow(look), ChoiceRow(look), ChoiceRow(look)
        self.hand, self.profile, self.volume = ChoiceRow(look), ChoiceRow(look), ChoiceRow(look)
        self.drawer, self.drawer_pin, self.auto_lock = ChoiceRow(look), ChoiceRow(look), ChoiceRow(look)
        self.printer = PrinterForm(look, kinds=PRINTER_KINDS)
        self.learn_card = LearnCard(look, now_ms=now_ms)
        self.lock_plate, self.result = Plate(look), Label(look, SMALL_STRONG, wrap=True)
        self.unlock, self.learn = Button(look, shape=Shape(56, LABEL)), Button(look, shape=Shape(56, LABEL))
        self.test_print, self.test_drawer = Button(look, shape=Shape(56, LABEL)), Button(look, shape=Shape(56, LABEL))
        self._pages, self._locks = QStackedWidget(), QStackedWidget()
        self._scrolls: list[Scroll] = []
        self._build()
        self._wire()
        self.retranslate()

    def entered(self) -> None:
        """Show what is set now."""
        self._model.open()
        self.retranslate()

    def left(self) -> None:
        """Give approval and keys back."""
        self.learn_card.stop()
        self.printer.commit()
        self._model.close()

    def retranslate(self) -> None:
        """Show section and values in the language in force."""
        state, settings = self._model.state, self._model.state.settings
        for name, button in self.tabs.items():
            button.setChecked(name == state.section)
        self._pages.setCurrentIndex(SECTIONS.index(state.section))
        self._locks.setCurrentIndex(1 if state.is_locked else 0)
        self._offer()
        self.language.set_value(settings.screen.language)
        self.theme_choice.set_value(settings.screen.theme)
        self.zoom.set_value(str(settings.screen.zoom_percent))
        self.hand.set_value("left" if settings.screen.left_handed else "right")
        self.profile.set_value(settings.screen.key_profile)
        self.volume.set_value(str(min(VOLUMES, key=lambda one: abs(one - settings.screen.sound_percent))))
        self.printer.show_printer(settings.printer)
        self.drawer.set_value("on" if settings.drawer.enabled else "off")
        self.drawer_pin.set_value(str(settings.drawer.pin))
        self.auto_lock.set_value(STORE_VALUE if settings.auto_lock_s is None else str(settings.auto_lock_s))
        self._show_test()
        self.lock_plate.title.setText(self.look.words("settings.locked_title"))
        self.lock_plate.text.setText(self.look.words("settings.locked_text"))

    def _build(self) -> None:
        page, card, column = QVBoxLayout(self), Card(self.look), QVBoxLayout()
        tabs = QHBoxLayout()
        for button in self.tabs.values():
            tabs.addWidget(button)
        tabs.addStretch(1)
        for section in (self._screen_form(), self._printer_page(), self._drawer_page(), self._scanner_page()):
            self._add_page(section)
        self._add_page(self._security_form())
        self._locks.addWidget(self._pages)
        self._locks.addWidget(self._locked_page())
        card.setLayout(column)
        column.addLayout(tabs)
        column.addWidget(self._locks, 1)
        page.addWidget(self.head)
        page.addWidget(card, 1)
        self.space(page, 12, 12)
        self.space(column, (16, 10, 8, 12), 10)
        self.space(tabs, 0, 8)

    def _add_page(self, section: QWidget) -> None:
        scroll = Scroll(self.look, section)
        self._scrolls.append(scroll)
        self._pages.addWidget(scroll)

    def _screen_form(self) -> Form:
        form = Form(self.look)
        form.add("settings.screen.language", self.language)
        form.add("settings.screen.theme", self.theme_choice)
        form.add("settings.screen.zoom", self.zoom)
        form.add("settings.screen.hand", self.hand)
        form.add("settings.screen.profile", self.profile, hint="settings.screen.profile_hint")
        form.add("settings.screen.volume", self.volume)
        return form

    def _printer_page(self) -> QWidget:
        return self._with_buttons(self.printer, self.test_print, self.result)

    def _drawer_page(self) -> QWidget:
        form = Form(self.look)
        form.add("settings.drawer.enabled", self.drawer)
        form.add("settings.drawer.pin", self.drawer_pin, hint="settings.drawer.pin_hint")
        self.drawer_result = Label(self.look, SMALL_STRONG, wrap=True)
        return self._with_buttons(form, self.test_drawer, self.drawer_result)

    def _scanner_page(self) -> QWidget:
        return self._with_buttons(self.learn_card, self.learn, None)

    def _security_form(self) -> Form:
        form = Form(self.look)
        form.add("settings.security.auto_lock", self.auto_lock, hint="settings.security.auto_lock_hint")
        return form

    def _with_buttons(self, above: QWidget, button: Button, result: Label | None) -> QWidget:
        page = QWidget()
        column, row = QVBoxLayout(page), QHBoxLayout()
        column.addWidget(above)
        row.addWidget(button)
        if result is not None:
            row.addWidget(result, 1)
        else:
            row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self.space(column, 0, 12)
        self.space(row, 0, 16)
        return page

    def _locked_page(self) -> QWidget:
        page = QWidget()
        column, row = QVBoxLayout(page), QHBoxLayout()
        self.lock_plate.show_state("lock", "muted")
        column.addStretch(1)
        column.addWidget(self.lock_plate)
        row.addStretch(1)
        row.addWidget(self.unlock)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)
        self.lock_plate.setSizePolicy(self.head.sizePolicy())
        return page

    def _wire(self) -> None:
        model = self._model
        self.say(self.head.back, "settings.back")
        self.say(self.head.title, "settings.title")
        for name, button in self.tabs.items():
            self.say(button, f"settings.section.{name}")
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
        for button, name in (
            (self.unlock, "unlock"),
            (self.learn, "learn"),
            (self.test_print, "test_print"),
            (self.test_drawer, "test_drawer"),
        ):
            self.say(button, f"settings.act.{name}")
        self.act("back", self._back, self.head.back)
        self.act("unlock", model.unlock, self.unlock)
        self.act("test_print", self._test_print, self.test_print)
        self.act("test_drawer", model.test_drawer, self.test_drawer)
        self.act("learn", self._learn, self.learn)
        self.act("page_up", lambda: self._step(-1))
        self.act("page_down", lambda: self._step(1))
        self.act("up", lambda: self._move_focus(forward=False))
        self.act("down", lambda: self._move_focus(forward=True))
        self._wire_choices()
        model.changed.connect(self.retranslate)
        model.told.connect(self.nav.tell)

    def _wire_choices(self) -> None:
        model = self._model
        self.language.picked.connect(lambda value: model.change_screen(language=value))
        self.theme_choice.picked.connect(lambda value: model.change_screen(theme=value))
        self.zoom.picked.connect(lambda value: model.change_screen(zoom_percent=int(value)))
        self.hand.picked.connect(lambda value: model.change_screen(left_handed=value == "left"))
        self.profile.picked.connect(lambda value: model.change_screen(key_profile=value))
        self.volume.picked.connect(lambda value: model.change_screen(sound_percent=int(value)))
        self.printer.changed.connect(lambda changes: model.change("printer", **changes))
        self.drawer.picked.connect(lambda value: model.change("drawer", enabled=value == "on"))
        self.drawer_pin.picked.connect(lambda value: model.change("drawer", pin=int(value)))
        self.auto_lock.picked.connect(lambda value: model.set_auto_lock(None if value == STORE_VALUE else int(value)))
        self.learn_card.learnt.connect(self._learnt)

    def _offer(self) -> None:
        words = self.look.words
        self.language.set_choices([("zh", "中文"), ("en", "English")])
        self.theme_choice.set_choices([(one, words(f"settings.screen.themes.{one}")) for one in ("light", "dark")])
        self.zoom.set_choices([(str(zoom), f"{zoom} %") for zoom in ZOOMS])
        self.hand.set_choices([(one, words(f"settings.screen.hands.{one}")) for one in ("right", "left")])
        self.profile.set_choices([(one, words(f"settings.screen.profiles.{one}")) for one in PROFILES])
        self.volume.set_choices(
            [(str(one), words("settings.screen.mute") if not one else f"{one} %") for one in VOLUMES]
        )
        self.drawer.set_choices([(one, words(f"settings.{one}")) for one in ("on", "off")])
        self.drawer_pin.set_choices([("0", words("settings.drawer.pin_2")), ("1", words("settings.drawer.pin_5"))])
        locks = [(str(one), self._lock_words(one)) for one in AUTO_LOCKS_S]
        self.auto_lock.set_choices([(STORE_VALUE, words("settings.security.as_store")), *locks])

    def _lock_words(self, seconds: int) -> str:
        words = self.look.words
        return words("settings.security.minutes", count=seconds // 60) if seconds else words("settings.security.never")

    def _show_test(self) -> None:
        test, words = self._model.test.state, self.look.words
        for label, what in ((self.result, "print"), (self.drawer_result, "drawer")):
            if test.what != what:
                label.setText("")
            elif test.is_running:
                label.set_token("muted")
                label.setText(words(f"settings.test.{what}_running"))
            elif test.error is not None:
                said = words.error(test.error)
                label.set_token("err")
                label.setText(" · ".join(part for part in (said.what, said.do) if part))
            else:
                label.set_token("ok")
                label.setText(words(f"settings.test.{what}_done"))
        self.test_print.setEnabled(not test.is_running)
        self.test_drawer.setEnabled(not test.is_running)

    def _choose(self, name: str) -> None:
        self.learn_card.stop()
        self.printer.commit()
        self._model.choose(name)
        self.retranslate()

    def _step(self, steps: int) -> None:
        at = SECTIONS.index(self._model.state.section)
        self._choose(SECTIONS[(at + steps) % len(SECTIONS)])

    def _move_focus(self, *, forward: bool) -> None:
        self.focusNextPrevChild(forward)
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            self._scrolls[self._pages.currentIndex()].ensureWidgetVisible(focus)

    def _test_print(self) -> None:
        self.printer.commit()
        self._model.test_print()
        self._scrolls[self._pages.currentIndex()].ensureWidgetVisible(self.test_print)

    def _learn(self) -> None:
        if not self._model.state.is_locked and self._model.state.section == "scanner":
            self.learn_card.start()

    def _learnt(self, found: Learnt) -> None:
        if found.verdict is not Verdict.DIFFERENT:
            self._model.take_scanner(found.scanner)

    def _back(self) -> None:
        if self.learn_card.learner.is_listening:
            self.learn_card.stop()
        else:
            self.nav.go("sale")
