"""How the receipt printer is reached and what it prints: in the settings and in the first run."""

from typing import Any

from PySide6.QtCore import Signal

from pos_app.settings import PrinterKind, PrinterSettings, PrintMode
from pos_app.ui.look import Look
from pos_app.ui.settings.form import Form
from pos_app.ui.widgets.choice_row import ChoiceRow
from pos_app.ui.widgets.text_field import TextField

COLUMNS = (32, 42, 44, 48)
LANGUAGES = {"zh": "only_zh", "en": "only_en", "both": "both"}
ADDRESS_MAX = 200


class PrinterForm(Form):
    """``changed`` gives the fields that were changed; ``show_printer`` shows what is in force."""

    changed = Signal(object)

    def __init__(self, look: Look, *, kinds: tuple[PrinterKind, ...], short: bool = False) -> None:
        super().__init__(look)
        self._kinds, self._short = kinds, short
        self.kind, self.columns, self.mode = ChoiceRow(look), ChoiceRow(look), ChoiceRow(look)
        self.language, self.print_sales = ChoiceRow(look), ChoiceRow(look)
        self.address = TextField(look, height=52)
        self.address.setMaxLength(ADDRESS_MAX)
        self.add("settings.printer.kind", self.kind)
        self.add("settings.printer.address", self.address, hint="" if short else "settings.printer.address_hint")
        self.add("settings.printer.columns", self.columns)
        self.add("settings.printer.mode", self.mode, hint="settings.printer.mode_hint")
        if not short:
            self.add("settings.printer.language", self.language)
            self.add("settings.printer.print_sales", self.print_sales)
        self._printer = PrinterSettings()
        self._wire()
        self._offer()

    @property
    def typed_address(self) -> str:
        """What stands in the field."""
        return self.address.text().strip()

    def show_printer(self, printer: PrinterSettings) -> None:
        """Show what is set; a field that is being typed in is left alone."""
        self._printer = printer
        self.kind.set_value(printer.kind.value)
        self.columns.set_value(str(printer.columns))
        self.mode.set_value(printer.mode.value)
        self.language.set_value(printer.receipt_language)
        self.print_sales.set_value("on" if printer.print_sales else "off")
        if not self.address.hasFocus() or not self.address.isModified():
            self.address.setText(printer.address)
        is_there = printer.kind is not PrinterKind.NONE
        has_address = is_there and printer.kind is not PrinterKind.USB
        self.show_row(self.address, has_address)
        for control in (self.columns, self.mode, *(() if self._short else (self.language, self.print_sales))):
            self.show_row(control, is_there)
        self.address.setPlaceholderText(self._look.words(f"settings.printer.example.{printer.kind.value}"))

    def commit(self) -> None:
        """Give the typed address on, if it is another one."""
        self.address.setModified(False)
        if self.typed_address != self._printer.address:
            self._emit(address=self.typed_address)

    def retranslate(self) -> None:
        """Say choices and labels."""
        super().retranslate()
        if hasattr(self, "print_sales"):
            self._offer()

    def _wire(self) -> None:
        self.kind.picked.connect(self._pick_kind)
        self.columns.picked.connect(lambda value: self._emit(columns=int(value)))
        self.mode.picked.connect(lambda value: self._emit(mode=PrintMode(value), answers_status=None))
        self.language.picked.connect(lambda value: self._emit(receipt_language=value))
        self.print_sales.picked.connect(lambda value: self._emit(print_sales=value == "on"))
        self.address.editingFinished.connect(self.commit)

    def _pick_kind(self, value: str) -> None:
        kind = PrinterKind(value)
        address = self.typed_address if kind is self._printer.kind else ""
        self._emit(kind=kind, address=address, answers_status=None)

    def _offer(self) -> None:
        words = self._look.words
        self.kind.set_choices([(kind.value, words(f"settings.printer.kinds.{kind.value}")) for kind in self._kinds])
        self.columns.set_choices([(str(count), str(count)) for count in COLUMNS])
        self.mode.set_choices([(mode.value, words(f"settings.printer.modes.{mode.value}")) for mode in PrintMode])
        self.language.set_choices([(one, words(f"settings.paper_language.{key}")) for one, key in LANGUAGES.items()])
        self.print_sales.set_choices([(one, words(f"settings.{one}")) for one in ("on", "off")])

    def _emit(self, **changes: Any) -> None:
        self.changed.emit(changes)
