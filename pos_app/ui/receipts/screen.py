"""Today's sales beside the receipt of the marked one."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from domain.scan import ReceiptCode, parse_scan
from pos_app.services.receipts import SaleSummary
from pos_app.ui.look import Look
from pos_app.ui.receipts.paper import Paper
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
from pos_app.viewmodels.figures import amount, clock_text
from pos_app.viewmodels.receipts import QUERY_MAX, ReceiptsViewModel

MARGIN_COLUMNS = 6
"""Blank columns beside the text of a preview, both sides together."""
_KEYBOARD_HEIGHT = 232


class ReceiptsScreen(Screen):
    """Typing filters, arrows mark, a scanned receipt is found; goods that are scanned are sold."""

    name = "today"
    place = "receipts"
    footer = ("receipts.hint.choose", "receipts.hint.reprint", "receipts.hint.pdf", "receipts.hint.back")

    def __init__(
        self, look: Look, nav: Navigator, *, viewmodel: ReceiptsViewModel, on_scan: Callable[[str], object]
    ) -> None:
        super().__init__(look, nav)
        self._model, self._on_scan = viewmodel, on_scan
        self.tz: Callable[[], tzinfo] | None = None
        self.columns: Callable[[], int] = lambda: 48
        self.folder: Callable[[], Path] = Path.home
        self.name_of: Callable[[str], str] = str
        self.head, self.field = PageHead(look), TextField(look, height=56)
        self.keyboard_button = Button(look, shape=Shape(56, LABEL))
        self.list, self.plate, self.keyboard = RowList(look), Plate(look), Keyboard(look)
        self.count = Label(look, SMALL, ink="muted", elide=True)
        self.paper = Paper(look)
        self.pdf = Button(look, shape=Shape(64, LABEL))
        self.reprint = Button(look, Kind.PRIMARY, shape=Shape(64, BODY_STRONG))
        self._pages = QStackedWidget()
        self._build()
        self._wire()
        self.retranslate()

    def entered(self) -> None:
        """The newest sales."""
        self.field.clear()
        self._fit_picture()
        self._model.open()
        self.retranslate()

    def home_widget(self) -> QWidget:
        """Typing filters."""
        return self.field

    def type_text(self, text: str) -> bool:
        """Typing goes to the field, wherever a touch has put the cursor."""
        self.field.setFocus()
        self.field.insert(text)
        return True

    def take_scan(self, text: str) -> bool:
        """The code on a receipt finds it; anything else is sold."""
        scan = parse_scan(text)
        if isinstance(scan, ReceiptCode):
            self._find(scan)
            return True
        self.nav.go("sale")
        self._on_scan(text)
        return True

    def retranslate(self) -> None:
        """Show list and receipt in the language in force."""
        state, words = self._model.state, self.look.words
        self.field.setPlaceholderText(words("receipts.placeholder"))
        self.list.set_rows([self._row(sale) for sale in state.sales], marked=state.marked)
        self._pages.setCurrentIndex(0 if state.sales else 1)
        self._show_plate()
        key = "receipts.count_more" if state.has_more else "receipts.count"
        self.count.setText(words(key, count=len(state.sales)) if state.sales else "")
        self._show_paper()
        self.reprint.setEnabled(state.chosen is not None)
        self.pdf.setEnabled(state.chosen is not None and not state.is_exporting)

    def restyle(self) -> None:
        """The receipt is on the side of the chosen hand."""
        mirrored = QBoxLayout.Direction.RightToLeft
        self._row_layout.setDirection(mirrored if self.look.theme.is_mirrored else QBoxLayout.Direction.LeftToRight)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Receipts are drawn for their room."""
        super().resizeEvent(event)
        self._fit_picture()

    def _build(self) -> None:
        left, right, page = Card(self.look), Card(self.look), QVBoxLayout(self)
        self.head.fill(self.field)
        self.head.row.addWidget(self.keyboard_button)
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.plate)
        column, beside, buttons = QVBoxLayout(left), QVBoxLayout(right), QHBoxLayout()
        column.addWidget(self._pages, 1)
        column.addWidget(self.count)
        buttons.addWidget(self.pdf, 1)
        buttons.addWidget(self.reprint, 2)
        beside.addWidget(self.paper, 1)
        beside.addLayout(buttons)
        self._row_layout = QHBoxLayout()
        self._row_layout.addWidget(left, 5)
        self._row_layout.addWidget(right, 6)
        page.addWidget(self.head)
        page.addLayout(self._row_layout, 1)
        page.addWidget(self.keyboard)
        self.space(page, 12, 12)
        self.space(self._row_layout, 0, 12)
        self.space(column, (4, 4, 4, 8), 4)
        self.space(beside, (8, 12, 8, 12), 12)
        self.space(buttons, (8, 0, 8, 0), 12)
        self.sized(lambda: self.count.setContentsMargins(self.look.theme.px(12), 0, 0, self.look.theme.px(4)))
        self.sized(lambda: self.keyboard.setMinimumHeight(self.look.theme.px(_KEYBOARD_HEIGHT)))
        self.keyboard.hide()
        self.keyboard_button.set_icon("keyboard")
        self.field.setMaxLength(QUERY_MAX)
        for button in (self.pdf, self.reprint):
            button.setSizePolicy(self.field.sizePolicy())

    def _wire(self) -> None:
        self.say(self.head.back, "receipts.back")
        self.say(self.pdf, "receipts.pdf")
        self.say(self.reprint, "receipts.reprint")
        self.name_widget(self.field, "receipts.field")
        self.name_widget(self.list, "receipts.list")
        self.name_widget(self.keyboard_button, "receipts.keyboard")
        self.act("back", lambda: self.nav.go("sale"), self.head.back)
        self.act("reprint", self._model.reprint, self.reprint)
        self.act("pdf", lambda: self._model.export_pdf(self.folder()), self.pdf)
        self.act("filter", self._toggle_keyboard, self.keyboard_button)
        self.act("erase", self.field.backspace)
        self.act("up", lambda: self.list.step(-1))
        self.act("down", lambda: self.list.step(1))
        self.act("page_up", lambda: self.paper.scroll_by(-0.8))
        self.act("page_down", lambda: self.paper.scroll_by(0.8))
        self.field.textChanged.connect(self._model.filter)
        self.keyboard.pressed.connect(lambda key: type_into(self.field, key))
        self.list.moved.connect(self._model.mark)
        self.list.wanted_more.connect(self._model.more)
        self._model.changed.connect(self.retranslate)
        self._model.told.connect(self.nav.tell)

    def _row(self, sale: SaleSummary) -> ListRow:
        words = self.look.words
        at = clock_text(sale.occurred_at_ms, self.tz()) if self.tz else ""
        sub = words("receipts.row", at=at, lines=sale.lines, name=self.name_of(sale.operator_id))
        tag, ink = (words("receipts.uploaded"), "ok") if sale.uploaded else (words("receipts.waiting"), "off")
        figure = amount(sale.payable_minor, sale.currency)
        return ListRow(sale.receipt_no, sub, figure, tag, ink)

    def _show_plate(self) -> None:
        state, words = self._model.state, self.look.words
        if state.error is not None:
            said = words.error(state.error)
            self.plate.show_state("error", "err")
            self.plate.title.setText(said.what)
            self.plate.text.setText(" · ".join(part for part in (said.safe, said.do) if part))
            return
        key = "nothing" if state.query else "empty"
        self.plate.show_state("search" if state.query else "receipt", "muted")
        self.plate.title.setText(words(f"receipts.{key}_title", query=state.query))
        self.plate.text.setText(words(f"receipts.{key}_text"))

    def _show_paper(self) -> None:
        state, words, plate = self._model.state, self.look.words, self.paper.plate
        if state.chosen is not None and state.picture:
            self.paper.show_picture(state.picture, words("receipts.preview", receipt_no=state.chosen.receipt_no))
            return
        if state.picture_error is not None:
            said = words.error(state.picture_error)
            plate.show_state("warning", "warn")
            plate.title.setText(said.what)
            plate.text.setText(" · ".join(part for part in (said.safe, said.do) if part))
        else:
            key = "drawing" if state.chosen is not None else "no_choice"
            plate.show_state("receipt", "muted")
            plate.title.setText(words(f"receipts.{key}"))
            plate.text.setText("")
        self.paper.show_plate()

    def _fit_picture(self) -> None:
        self._model.fit_picture(self.paper.room_px, self.columns() + MARGIN_COLUMNS)

    def _find(self, scan: ReceiptCode) -> None:
        number = self._model.number_of(scan.code)
        if number:
            self.field.setText(number)

    def _toggle_keyboard(self) -> None:
        self.keyboard.setVisible(not self.keyboard.isVisible())
