"""The sale screen: entry box, cart, total, tiles and the keys around them."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.sale.action_keys import ActionKeys
from pos_app.ui.sale.cart_card import CartCard
from pos_app.ui.sale.entry_box import EntryBox
from pos_app.ui.sale.goods_card import GoodsCard
from pos_app.ui.sale.rows import RowMaker
from pos_app.ui.sale.sale_panels import SalePanels
from pos_app.ui.sale.suggestions import Suggestion, Suggestions
from pos_app.ui.sale.total_card import TotalCard
from pos_app.ui.screen import Handler, Navigator, Screen
from pos_app.viewmodels.back_office import BackOffice
from pos_app.viewmodels.figures import MINUS, amount, plain, quantity
from pos_app.viewmodels.goods import GoodsViewModel
from pos_app.viewmodels.notice import Level, Notice
from pos_app.viewmodels.pay import PayViewModel
from pos_app.viewmodels.sale import STAR, SaleState, SaleViewModel

RIGHT_WIDTH, RIGHT_LEAST, RIGHT_SHARE = 430, 300, 0.36
COMPACT_HEIGHT = 620
"""Below this height at 100 % headings and captions give way to lines."""
PAGE = 6
MORE_ORDER = ("today", "reprint_last", "drawer", "health", "settings", "language", "theme", "void_cart")


@dataclass(frozen=True, slots=True)
class SaleModels:
    """The view-models behind the screen."""

    sale: SaleViewModel
    goods: GoodsViewModel
    pay: PayViewModel
    office: BackOffice


class SaleScreen(Screen):
    """Everything is reachable by key, touch and scan; painting reads the view-models' states alone."""

    name = "sale"
    place = "sale"
    footer = ("sale.hint.times", "sale.hint.remove", "sale.hint.undo", "sale.hint.keys")

    def __init__(self, look: Look, nav: Navigator, *, models: SaleModels, panels: SalePanels) -> None:
        super().__init__(look, nav)
        self._sale, self._goods, self._pay = models.sale, models.goods, models.pay
        self._office, self._panels = models.office, panels
        self._rows = RowMaker(look.words)
        self.entry, self.cart, self.total = EntryBox(look), CartCard(look), TotalCard(look)
        self.goods = GoodsCard(look, models.goods, currency=self._currency())
        self.keys = ActionKeys(look)
        self._build()
        self.suggestions = Suggestions(look, self)
        self._name_acts()
        self._wire()
        self.retranslate()

    # What the shell calls ------------------------------------------------------------------------------

    def entered(self) -> None:
        """Show the cart as it is now."""
        self._sale.refresh()

    def type_text(self, text: str) -> bool:
        """Typed characters gather in the box, no click needed."""
        self._sale.type_text(text)
        return True

    def take_scan(self, text: str) -> bool:
        """Every scan is for this screen."""
        self._sale.take_scan(text)
        return True

    def retranslate(self) -> None:
        """Say figures and headings."""
        for name, label in self.cart.headings.items():
            label.setText(self.look.words(f"sale.column.{name}"))
        self._show()

    def restyle(self) -> None:
        """Share the width at the new scale."""
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._arrange()

    # Building ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._left, self._right = QWidget(), QWidget()
        left, right = QVBoxLayout(self._left), QVBoxLayout(self._right)
        left.addWidget(self.entry)
        left.addWidget(self.cart, 1)
        left.addWidget(self.total)
        right.addWidget(self.goods, 1)
        right.addWidget(self.keys)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._left, 1)
        self._row.addWidget(self._right)
        self.space(self._row, 12, 12)
        self.space(left, 0, 12)
        self.space(right, 0, 12)
        self.name_widget(self.entry, "sale.entry_name")
        self.say(self.total.due_word, "sale.due")
        self.say(self.cart.plate.title, "sale.empty_title")
        self.say(self.cart.plate.text, "sale.empty_text")

    def _name_acts(self) -> None:
        sale, panels, keys, cart = self._sale, self._panels, self.keys, self.cart
        self.act("pay", self._to_pay, keys.pay)
        self.act("suspend", sale.suspend, keys.suspend)
        self.act("recall", self._recall, keys.recall)
        self.act("discount", panels.discount, keys.discount)
        self.act("override", self._override, keys.override)
        self.act("search", self._search, keys.search)
        self.act("more", self._more, keys.more)
        self.act("times", sale.times, cart.quantity)
        self.act("minus", lambda: self._unless_typing("-", lambda: sale.add_pieces(-1)))
        cart.less.clicked.connect(lambda: sale.add_pieces(-1))
        cart.more.clicked.connect(lambda: sale.add_pieces(1))
        self.act("remove", self._remove, cart.remove)
        self.act("undo", sale.undo, cart.undo)
        self.act("enter", sale.submit)
        self.act("erase", sale.erase)
        self.act("clear", self._clear)
        self.act("up", lambda: sale.move(-1))
        self.act("down", lambda: sale.move(1))
        self.act("page_up", lambda: sale.move(-PAGE))
        self.act("page_down", lambda: sale.move(PAGE))
        self.act("void_cart", panels.void_cart)
        self.act("reprint_last", self._office.reprint_last)
        self.act("drawer", lambda: panels.drawer(self._office.open_drawer))

    def _wire(self) -> None:
        self._sale.changed.connect(self._show)
        self._sale.told.connect(self.nav.tell)
        self._sale.asked.connect(self._panels.open)
        self._sale.sounded.connect(self._flash)
        self._goods.changed.connect(self._show_plate)
        self.cart.view.line_pressed.connect(self._sale.select)
        self.goods.picked.connect(self._sale.add_item)
        self.goods.pad_pressed.connect(self._pad)
        self.entry.touched.connect(self.goods.show_pad)
        self.suggestions.picked.connect(self._sale.add_suggestion)
        self.say(self.cart.quantity, "sale.act.quantity")
        self.say(self.cart.remove, "sale.act.remove")
        self.say(self.cart.undo, "sale.act.undo")
        self.name_widget(self.cart.less, "sale.act.one_less")
        self.name_widget(self.cart.more, "sale.act.one_more")

    # Showing -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        state, words, currency = self._sale.state, self.look.words, self._currency()
        self.cart.model.show(self._rows.rows(state.priced))
        ids = [line.line.line_id for line in state.priced.lines]
        self.cart.view.select_row(ids.index(state.selected) if state.selected in ids else -1)
        self.cart.undo.setEnabled(state.can_undo)
        self._show_entry(state)
        self._show_total(state, currency)
        is_empty, due = state.priced.cart.is_empty, amount(state.priced.due_minor, currency)
        self.keys.pay.setText(words("sale.act.pay") if is_empty else words("sale.act.pay_amount", amount=due))
        self.keys.pay.setEnabled(not is_empty)
        count = state.suspended
        self.keys.recall.setText(words("sale.act.recall_count" if count else "sale.act.recall", count=count))

    def _show_entry(self, state: SaleState) -> None:
        words = self.look.words
        many = state.entry.split(STAR)[0] if STAR in state.entry else quantity(1000)
        self.entry.show_text(
            state.entry, placeholder=words("sale.entry"), right=words("sale.times", quantity=many or quantity(1000))
        )
        rows = [
            Suggestion(
                one.item.name(words.language),
                one.code or one.item.sku,
                plain(one.price.price_minor, self._currency()) if one.price else words("sale.no_price"),
            )
            for one in state.suggestions
        ]
        if rows or self.suggestions.rows:
            self.suggestions.show_rows(rows, state.suggestion)
            self._place_suggestions()

    def _show_total(self, state: SaleState, currency: str) -> None:
        words, priced, total = self.look.words, state.priced, self.total
        total.counts.setText(words("sale.counts", lines=len(priced.lines), pieces=state.pieces))
        total.list_total.setText(amount(priced.list_total_minor, currency))
        saved = priced.saved_minor
        total.saved_word.setText(words("sale.raised" if saved < 0 else "sale.saved") if saved else "")
        total.saved.setText((MINUS if saved > 0 else "+") + amount(abs(saved), currency) if saved else "")
        total.saved.set_token("warn" if saved < 0 else "ok")
        total.due.setText(amount(priced.due_minor, currency))

    def _show_plate(self) -> None:
        ready = self._office.is_catalogue_ready
        self.say(self.cart.plate.title, "sale.empty_title" if ready else "sale.preparing_title")
        self.say(self.cart.plate.text, "sale.empty_text" if ready else "sale.preparing_text")
        self.cart.plate.show_state("scan" if ready else "download", "muted")
        self.goods.set_currency(self._currency())

    def _arrange(self) -> None:
        px, theme = self.look.theme.px, self.look.theme
        right = max(px(RIGHT_LEAST), min(px(RIGHT_WIDTH), round(self.width() * RIGHT_SHARE)))
        self._right.setFixedWidth(min(right, round(self.width() * 0.44)))
        compact = self.height() < px(COMPACT_HEIGHT)
        self.cart.set_compact(compact)
        self.total.set_compact(compact)
        self.keys.set_compact(compact)
        first = 1 if theme.is_mirrored else 0
        if self._row.indexOf(self._left) != first:
            self._row.removeWidget(self._left)
            self._row.insertWidget(first, self._left, 1)
        self._place_suggestions()

    def _place_suggestions(self) -> None:
        if self.suggestions.rows:
            at = self.entry.mapTo(self, self.entry.rect().bottomLeft())
            self.suggestions.place(at.x(), at.y() + 4, self.entry.width())

    def _flash(self, sound: str) -> None:
        self.entry.flash("ok" if sound == "ok" else "err")

    # Acts ----------------------------------------------------------------------------------------------

    def _to_pay(self) -> bool:
        if self._sale.state.entry:
            self.nav.tell(Notice(Level.WARN, "sale.notice.box_not_empty"))
            return True
        if self._pay.start(self._sale.state.priced):
            self.nav.clear_notice()
            self.nav.go("pay")
        return True

    def _clear(self) -> bool:
        self.nav.clear_notice()
        return self._sale.clear_entry()

    def _recall(self) -> None:
        """What was told of the last act ("held") goes first; what the recall itself tells then stays."""
        self.nav.clear_notice()
        self._sale.recall_or_ask()

    def _override(self) -> None:
        self._unless_typing("/", self._panels.override)

    def _remove(self) -> None:
        if not self._sale.clear_entry():
            self._sale.remove()

    def _search(self) -> bool:
        if self.nav.has("search"):
            self.nav.go("search")
        return True

    def _more(self) -> None:
        nav, acts = self.nav, self._acts
        offered: list[tuple[str, Handler]] = [
            (name, partial(nav.go, name)) for name in ("today", "health", "settings") if nav.has(name)
        ]
        offered += [(name, acts[name]) for name in ("reprint_last", "drawer", "void_cart")]
        offered += [(name, partial(nav.run_shell_act, f"toggle_{name}")) for name in ("language", "theme")]
        self._panels.more(sorted(offered, key=lambda one: MORE_ORDER.index(one[0])))

    def _unless_typing(self, char: str, act: object) -> None:
        """A sign that means an act while the box is empty is a character once something was typed."""
        assert callable(act)
        if self._sale.state.entry:
            self._sale.type_text(char)
        else:
            act()

    def _pad(self, key: str) -> None:
        match key:
            case "enter":
                self._sale.submit()
            case "back":
                self._sale.erase()
            case "*":
                self._sale.times()
            case _:
                self._sale.type_text(key)

    def _currency(self) -> str:
        return self._sale.state.priced.cart.currency
