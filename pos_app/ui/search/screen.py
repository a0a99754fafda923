"""Goods by code, name or pinyin initials: type, see prices, Enter sells."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from domain.ids import ItemId
from pos_app.services.catalog import Sellable
from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Screen
from pos_app.ui.tokens import BODY_STRONG, LABEL, SMALL
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.keyboard import Keyboard, type_into
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.page_head import PageHead
from pos_app.ui.widgets.plate import Plate
from pos_app.ui.widgets.row_list import ListRow, RowList
from pos_app.ui.widgets.text_field import TextField
from pos_app.viewmodels.figures import amount
from pos_app.viewmodels.search import QUERY_MAX, SearchViewModel

_KEYBOARD_HEIGHT = 232


class SearchScreen(Screen):
    """Typing goes to the field, arrows to the list; a scan sells at once, as everywhere."""

    name = "search"
    place = "search"
    footer = ("search.hint.choose", "search.hint.add", "search.hint.scan", "search.hint.back")

    def __init__(
        self,
        look: Look,
        nav: Navigator,
        *,
        viewmodel: SearchViewModel,
        sell: Callable[[ItemId], object],
        on_scan: Callable[[str], object],
    ) -> None:
        super().__init__(look, nav)
        self._model, self._sell, self._on_scan = viewmodel, sell, on_scan
        self.currency: Callable[[], str] = lambda: "CNY"
        self.head, self.field = PageHead(look), TextField(look, height=56)
        self.keyboard_button = Button(look, shape=Shape(56, LABEL))
        self.list, self.plate, self.keyboard = RowList(look), Plate(look), Keyboard(look)
        self.count = Label(look, SMALL, ink="muted", elide=True)
        self.add = Button(look, Kind.PRIMARY, shape=Shape(64, BODY_STRONG))
        self._pages = QStackedWidget()
        self._build()
        self._wire()
        self.retranslate()

    def entered(self) -> None:
        """Begin anew."""
        self.field.clear()
        self._model.open()
        self.retranslate()

    def home_widget(self) -> QWidget:
        """Typing searches."""
        return self.field

    def type_text(self, text: str) -> bool:
        """Typing goes to the field, wherever a touch has put the cursor."""
        self.field.setFocus()
        self.field.insert(text)
        return True

    def take_scan(self, text: str) -> bool:
        """A scan needs no search: it is sold."""
        self.nav.go("sale")
        self._on_scan(text)
        return True

    def search_for(self, text: str) -> None:
        """Search for a text, as if typed."""
        self.field.setText(text)

    def retranslate(self) -> None:
        """Show the rows in the language in force."""
        state, words = self._model.state, self.look.words
        self.field.setPlaceholderText(words("search.placeholder"))
        self.list.set_rows([self._row(one) for one in state.found], marked=state.marked)
        self._pages.setCurrentIndex(0 if state.found else 1)
        self._show_plate()
        more = "search.count_more" if state.has_more else "search.count"
        self.count.setText(words(more, count=len(state.found)) if state.found else "")
        self.add.setEnabled(state.chosen is not None)

    def _build(self) -> None:
        card, column, page = Card(self.look), QVBoxLayout(), QVBoxLayout(self)
        self.head.fill(self.field)
        self.head.row.addWidget(self.keyboard_button)
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.plate)
        card.setLayout(column)
        column.addWidget(self._pages, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.count, 1)
        foot.addWidget(self.add)
        column.addLayout(foot)
        page.addWidget(self.head)
        page.addWidget(card, 1)
        page.addWidget(self.keyboard)
        self.space(page, 12, 12)
        self.space(column, (4, 4, 4, 8), 4)
        self.space(foot, (12, 0, 8, 4), 12)
        self.fix(self.add, width=260)
        self.keyboard.setMaximumWidth(16_777_215)
        self.sized(lambda: self.keyboard.setMinimumHeight(self.look.theme.px(_KEYBOARD_HEIGHT)))
        self.keyboard.hide()
        self.keyboard_button.set_icon("keyboard")
        self.keyboard_button.setCheckable(False)
        self.field.setMaxLength(QUERY_MAX)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _wire(self) -> None:
        self.say(self.head.back, "search.back")
        self.say(self.add, "search.add")
        self.say(self.head.title, "search.title")
        self.name_widget(self.field, "search.field")
        self.name_widget(self.list, "search.list")
        self.name_widget(self.keyboard_button, "search.keyboard")
        self.act("back", self._back, self.head.back)
        self.act("accept", self._accept, self.add)
        self.act("up", lambda: self.list.step(-1))
        self.act("down", lambda: self.list.step(1))
        self.act("page_up", lambda: self.list.step(-self.list.page_rows))
        self.act("page_down", lambda: self.list.step(self.list.page_rows))
        self.act("clear", self.field.clear)
        self.act("erase", self.field.backspace)
        self.act("keyboard", self._toggle_keyboard, self.keyboard_button)
        self.field.textChanged.connect(self._model.search)
        self.keyboard.pressed.connect(lambda key: type_into(self.field, key))
        self.list.moved.connect(self._model.mark)
        self.list.picked.connect(self._picked)
        self.list.wanted_more.connect(self._model.more)
        self._model.changed.connect(self.retranslate)

    def _row(self, one: Sellable) -> ListRow:
        item, words = one.item, self.look.words
        parts = [item.sku, item.spec, words("search.by_weight", unit=item.unit) if item.weighed else item.unit]
        sub = " · ".join(part for part in parts if part)
        if one.price is None:
            return ListRow(item.name(words.language), sub, "", words("search.no_price"), "warn")
        special = one.price.price_minor < one.price.list_price_minor
        figure = amount(one.price.price_minor, self.currency())
        tag = words("search.special", price=amount(one.price.list_price_minor, self.currency())) if special else ""
        return ListRow(item.name(words.language), sub, figure, tag, "ok" if special else "muted")

    def _show_plate(self) -> None:
        state = self._model.state
        if not state.is_ready:
            key, icon, ink = "loading", "download", "off"
        elif state.error is not None:
            key, icon, ink = "error", "error", "err"
        elif state.query.strip():
            key, icon, ink = "nothing", "search", "muted"
        else:
            key, icon, ink = "empty", "search", "muted"
        words = self.look.words
        self.plate.show_state(icon, ink)
        if state.error is not None:
            said = words.error(state.error)
            self.plate.title.setText(said.what)
            self.plate.text.setText(f"{said.safe} · {said.do}")
            return
        self.plate.title.setText(words(f"search.{key}_title", query=state.query.strip()))
        self.plate.text.setText(words(f"search.{key}_text"))

    def _toggle_keyboard(self) -> None:
        self.keyboard.setVisible(not self.keyboard.isVisible())

    def _picked(self, at: int) -> None:
        self._model.mark(at)
        self._accept()

    def _accept(self) -> bool:
        chosen = self._model.chosen_id
        if chosen is None:
            return True
        self.nav.go("sale")
        self._sell(chosen)
        return True

    def _back(self) -> None:
        self.nav.go("sale")
