"""The sale screen: what stands in the entry box and the cart, and what each key and scan does to them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from domain.cart import DiscountKind
from domain.entry import CodeEntry, EmptyEntry, QuantityEntry, parse_entry
from domain.errors import DomainError, NotFound
from domain.ids import CartId, ItemId
from domain.permissions import Act, Authority
from domain.pricing import PricedCart, PricedLine
from domain.quantity import ONE
from domain.scan import NameText, PinyinText, Scan, Unreadable, WalletCode, parse_scan
from pos_app.services.catalog import Catalog, Sellable
from pos_app.services.selling import CartChange, Selling, SuspendedCart
from pos_app.viewmodels.approval import ApprovalRequest, Approver
from pos_app.viewmodels.figures import amount, percent
from pos_app.viewmodels.notice import Level, Notice, of_error

SUGGESTIONS = 6
ENTRY_MAX = 128
STAR = "*"


@dataclass(frozen=True, slots=True)
class SaleState:
    """Everything the sale screen shows of the sale."""

    priced: PricedCart
    selected: str | None = None
    entry: str = ""
    suggestions: tuple[Sellable, ...] = ()
    suggestion: int = 0
    suspended: int = 0
    can_undo: bool = False

    @property
    def selected_line(self) -> PricedLine | None:
        """The marked line."""
        return next((line for line in self.priced.lines if line.line.line_id == self.selected), None)

    @property
    def pieces(self) -> int:
        """How many things: a weighed line counts as one."""
        lines = self.priced.cart.lines
        return sum(1 if line.item.weighed else line.quantity_thousandths // ONE for line in lines)


class SaleViewModel(QObject):
    """``told`` gives a Notice; ``asked`` the name of a panel to open; ``sounded`` what to sound: ok or refused."""

    changed = Signal()
    told = Signal(object)
    asked = Signal(str)
    sounded = Signal(str)

    def __init__(self, catalog: Catalog, selling: Selling, *, approver: Approver) -> None:
        super().__init__()
        self._catalog, self._selling, self._approver = catalog, selling, approver
        self.unpriced: ItemId | None = None
        """The item of the last refusal for want of a price: F4 sets one."""
        self.to_weigh: ItemId | None = None
        """The weighed item that waits for its weight."""
        self.state = SaleState(selling.cart, suspended=len(selling.suspended()))
        self._select_last()

    # Scanning and typing -------------------------------------------------------------------------------

    def take_scan(self, text: str) -> None:
        """A scan; what was typed as ``3*`` before it says how many."""
        prefix = self.state.entry if self.state.entry.endswith(STAR) else ""
        self._enter(prefix + text if prefix else text, prefixed=bool(prefix))

    def type_text(self, text: str) -> None:
        """A typed character."""
        if len(self.state.entry) < ENTRY_MAX:
            self._set_entry(self.state.entry + text)

    def erase(self) -> None:
        """Take the last character back."""
        self._set_entry(self.state.entry[:-1])

    def clear_entry(self) -> bool:
        """Empty the box; False where it was empty."""
        had = bool(self.state.entry)
        self._set_entry("")
        return had

    def submit(self) -> None:
        """Enter: sell what was typed or is marked in the suggestions; with an empty box nothing at all."""
        entry = parse_entry(self.state.entry)
        match entry:
            case EmptyEntry():
                return
            case QuantityEntry():
                if self._try(lambda: self._selling.set_quantity(self._line_id(), entry.quantity_thousandths)):
                    self._set_entry("")
            case Unreadable():
                self.refuse(DomainError(entry.code))
            case CodeEntry():
                self._submit_code(entry)

    def times(self) -> None:
        """The ``*`` key: after digits the multiplier, alone the quantity of the marked line."""
        if self.state.entry:
            self.type_text(STAR)
        elif self._require_line():
            self.asked.emit("quantity")

    def move(self, rows: int) -> None:
        """Up and down: through the suggestions while there are some, else through the cart."""
        if self.state.suggestions:
            most = len(self.state.suggestions) - 1
            self._show(suggestion=max(0, min(most, self.state.suggestion + rows)))
            return
        ids = [line.line.line_id for line in self.state.priced.lines]
        if ids:
            at = ids.index(self.state.selected) if self.state.selected in ids else len(ids) - 1
            self._show(selected=ids[max(0, min(len(ids) - 1, at + rows))])

    def select(self, line_id: str) -> None:
        """A touched line."""
        self._show(selected=line_id)

    def add_suggestion(self, at: int) -> None:
        """A touched suggestion."""
        self._set_suggestion(at)

    def add_item(self, item_id: ItemId, quantity_thousandths: int | None = None) -> bool:
        """A tile, a found item, or a weighed item with its weight; ``3*`` in the box counts."""
        if quantity_thousandths is None:
            entry = parse_entry(self.state.entry)
            quantity_thousandths = entry.quantity_thousandths if isinstance(entry, QuantityEntry) else None
        done = self._try(lambda: self._selling.add_item(item_id, quantity_thousandths), item_id=item_id)
        if done:
            self._set_entry("")
        return done

    # Lines ---------------------------------------------------------------------------------------------

    def add_pieces(self, pieces: int) -> None:
        """One more or one less of the marked line; below one it is taken out."""
        line = self.state.selected_line
        if line is None:
            self._require_line()
            return
        quantity = line.line.quantity_thousandths + pieces * ONE
        if quantity <= 0:
            self.remove()
        else:
            self.set_quantity(quantity)

    def set_quantity(self, quantity_thousandths: int) -> bool:
        """Another quantity for the marked line."""
        return self._try(lambda: self._selling.set_quantity(self._line_id(), quantity_thousandths))

    def remove(self) -> None:
        """Take the marked line out; can be undone."""
        line = self.state.selected_line
        if line is None:
            self._require_line()
            return
        params = {"name_zh": line.line.item.name("zh"), "name_en": line.line.item.name("en")}
        self._with_authority(
            Act.VOID_LINE,
            "sale.approve.void_line",
            lambda who: self._try(lambda: self._selling.void_line(line.line.line_id, who)),
            **params,
        )

    def undo(self) -> None:
        """Take the last act back."""
        self._try(self._selling.undo)

    def void_cart(self, reason: str) -> None:
        """Give up the whole cart."""
        self._with_authority(
            Act.VOID_CART,
            "sale.approve.void_cart",
            lambda who: self._try(lambda: self._selling.void_cart(reason, who)),
            amount=self._amount(self.state.priced.due_minor),
        )

    # Prices --------------------------------------------------------------------------------------------

    def override_price(self, price_minor: int, reason: str) -> None:
        """Set the unit price of the marked line, or of the item that has none."""
        item_id, line = self.unpriced, self.state.selected_line
        before = line.unit_price_minor if line and item_id is None else 0

        def act(who: Authority) -> None:
            if item_id is not None:
                add = self._selling.add_at_price
                self._try(lambda: add(item_id, price_minor, reason=reason, authority=who))
            else:
                line_id, override = self._line_id(), self._selling.override_price
                self._try(lambda: override(line_id, price_minor, reason=reason, authority=who))

        self._with_authority(
            Act.OVERRIDE_PRICE,
            "sale.approve.override",
            act,
            before=self._amount(before),
            after=self._amount(price_minor),
        )

    def discount(self, kind: DiscountKind, value: int, *, reason: str, whole_cart: bool) -> None:
        """Discount the marked line or the whole cart by hand."""
        line_id = None if whole_cart else self._line_id()

        def act(who: Authority) -> None:
            if line_id is None:
                cart = self._selling.discount_cart
                self._try(lambda: cart(kind, value, reason=reason, authority=who))
            else:
                line = self._selling.discount_line
                self._try(lambda: line(line_id, kind, value=value, reason=reason, authority=who))

        said = f"{percent(value)}%" if kind is DiscountKind.PERCENT else self._amount(value)
        self._with_authority(Act.DISCOUNT, f"sale.approve.discount_{kind.value}", act, value=said)

    def follow_prices(self, item_ids: frozenset[ItemId] | None) -> None:
        """HQ changed prices: open lines follow at once, and the cashier is told."""
        if not self.state.priced.cart.is_empty:
            self._try(lambda: self._selling.reprice(item_ids))

    # Suspend and recall --------------------------------------------------------------------------------

    def suspend(self) -> None:
        """Set the cart aside."""
        self._approver.ask(ApprovalRequest(Act.SELL, "sale.approve.suspend", self._set_aside))

    def suspended(self) -> list[SuspendedCart]:
        """The carts set aside."""
        return self._selling.suspended()

    def recall_or_ask(self) -> None:
        """Take back the only cart set aside, or show the list."""
        waiting = self.suspended()
        if not waiting:
            self.told.emit(Notice(Level.INFO, "sale.notice.none_suspended"))
        elif len(waiting) == 1 and self.state.priced.cart.is_empty:
            self.recall(waiting[0].cart_id)
        else:
            self.asked.emit("recall")

    def recall(self, cart_id: CartId) -> bool:
        """Take a cart back."""
        done = self._try(lambda: self._selling.recall(cart_id))
        self._count_suspended()
        return done

    def refresh(self) -> None:
        """Show the cart as the service has it now: after a sale, a restart, another catalogue."""
        self._set_entry("")
        self._show(priced=self._selling.cart, suspended=len(self._selling.suspended()))
        self._select_last()

    def refuse(self, error: DomainError) -> None:
        """Say why something was not done; the next scan works."""
        self.sounded.emit("refused")
        if isinstance(error, NotFound) and error.code in ("catalog.unknown_code", "scan.check_digit"):
            self.told.emit(of_error(error, act="search", act_key="sale.act.search"))
        elif self.unpriced is not None:
            self.told.emit(of_error(error, act="override", act_key="sale.act.set_price"))
        else:
            self.told.emit(of_error(error))

    # Inside --------------------------------------------------------------------------------------------

    def _enter(self, text: str, *, prefixed: bool) -> None:
        entry = parse_entry(text) if prefixed else CodeEntry(text)
        if isinstance(entry, CodeEntry) and self._sell(entry):
            if prefixed:
                self._set_entry("")
        elif isinstance(entry, Unreadable):
            self.refuse(DomainError(entry.code))

    def _submit_code(self, entry: CodeEntry) -> None:
        scan = self._parse(entry.text)
        if isinstance(scan, PinyinText | NameText) and self.state.suggestions:
            exact = isinstance(scan, PinyinText) and self._catalog.find(scan.key)
            if not exact:
                self._set_suggestion(self.state.suggestion, entry.quantity_thousandths)
                return
        if self._sell(entry):
            self._set_entry("")

    def _sell(self, entry: CodeEntry) -> bool:
        scan = self._parse(entry.text)
        if isinstance(scan, WalletCode):
            code = "sale.wallet_first" if self.state.priced.cart.is_empty else "sale.wallet_not_taken"
            self.refuse(DomainError(code))
            return False
        quantity = None if entry.quantity_thousandths == ONE else entry.quantity_thousandths
        return self._try(lambda: self._selling.scan(scan, quantity), sound="ok")

    def _parse(self, text: str) -> Scan:
        """Before the catalogue is here there are no formats; the sale then says why it cannot sell."""
        formats = self._catalog.store().scale_formats if self._catalog.is_ready else ()
        return parse_scan(text, formats=formats)

    def _set_suggestion(self, at: int, quantity_thousandths: int = ONE) -> None:
        found = self.state.suggestions[at]
        quantity = None if quantity_thousandths == ONE else quantity_thousandths
        if self._try(lambda: self._selling.add_item(found.item.item_id, quantity), item_id=found.item.item_id):
            self._set_entry("")

    def _try(self, act: Callable[[], CartChange], *, item_id: ItemId | None = None, sound: str = "") -> bool:
        self.unpriced = self.to_weigh = None
        try:
            change = act()
        except DomainError as error:
            self._refused(error, item_id)
            return False
        if sound:
            self.sounded.emit(sound)
        self._take(change)
        return True

    def _refused(self, error: DomainError, item_id: ItemId | None) -> None:
        named = error.params.get("item_id", item_id)
        concerned = ItemId(named) if isinstance(named, int) else None
        if error.code == "cart.price_missing":
            self.unpriced = concerned
        if error.code == "selling.weight_needed" and concerned is not None:
            self.to_weigh = concerned
            self.asked.emit("weight")
            return
        self.refuse(error)

    def _take(self, change: CartChange) -> None:
        ids = {line.line.line_id for line in change.priced.lines}
        touched = [line_id for line_id in change.changed_line_ids if line_id in ids]
        selected = touched[-1] if touched else self.state.selected
        if selected not in ids:
            selected = change.priced.lines[-1].line.line_id if change.priced.lines else None
        self._show(priced=change.priced, selected=selected)
        if change.notice_code:
            self.told.emit(self._notice(change))

    def _notice(self, change: CartChange) -> Notice:
        if change.notice_code == "line_voided":
            return Notice(Level.OK, "notice.line_voided", change.params, act="undo", act_key="shell.act.undo")
        level = Level.WARN if change.notice_code == "prices_changed" else Level.OK
        return Notice(level, f"notice.{change.notice_code}", change.params)

    def _set_entry(self, text: str) -> None:
        if text != self.state.entry:
            self._show(entry=text, suggestions=self._suggest(text), suggestion=0)

    def _suggest(self, text: str) -> tuple[Sellable, ...]:
        entry = parse_entry(text)
        if not isinstance(entry, CodeEntry) or len(entry.text.strip()) < 2 or not self._catalog.is_ready:
            return ()
        try:
            return tuple(self._catalog.search(entry.text.strip(), SUGGESTIONS))
        except DomainError:
            return ()

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes, can_undo=self._selling.can_undo)  # type: ignore[arg-type]
        self.changed.emit()

    def _select_last(self) -> None:
        lines = self.state.priced.lines
        self._show(selected=lines[-1].line.line_id if lines else None)

    def _amount(self, minor: int) -> str:
        return amount(minor, self.state.priced.cart.currency)

    def _line_id(self) -> str:
        return self.state.selected or ""

    def _require_line(self) -> bool:
        if self.state.selected_line is None:
            self.refuse(NotFound("cart.line_missing"))
            return False
        return True

    def _with_authority(self, act: Act, key: str, then: Callable[[Authority], object], **params: object) -> None:
        self._approver.ask(ApprovalRequest(act, key, lambda who: _ignore(then(who)), params))

    def _set_aside(self, who: Authority) -> None:
        if self._try(lambda: self._selling.suspend(who.operator.operator_id)):
            self._count_suspended()

    def _count_suspended(self) -> None:
        self._show(suspended=len(self._selling.suspended()))


def _ignore(result: object) -> None:
    """An act's answer that nobody reads."""
