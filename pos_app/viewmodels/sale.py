"""The sale screen: what stands in the entry box and the cart, and what each key and scan does to them."""

from domain.cart import DiscountKind
from domain.entry import CodeEntry, EmptyEntry, QuantityEntry, parse_entry
from domain.errors import DomainError
from domain.ids import CartId, ItemId
from domain.money import CURRENCY_DIGITS
from domain.permissions import Act, Authority
from domain.quantity import ONE
from domain.scan import NameText, PinyinText, Scan, Unreadable, WalletCode, parse_scan
from pos_app.services.selling import SuspendedCart
from pos_app.viewmodels.approval import ApprovalRequest
from pos_app.viewmodels.figures import percent
from pos_app.viewmodels.notice import Level, Notice
from pos_app.viewmodels.sale_acts import STAR, SaleActs, SaleState

ENTRY_MAX = 128
ODD_TIMES = 10
"""A new price of more than so many times the old one is hardly meant."""
ODD_PRICE = 1_000_000
"""So many whole units are a code typed as a price, rather than a price."""

__all__ = ["STAR", "SaleState", "SaleViewModel"]


class SaleViewModel(SaleActs):
    """Each key and scan as a method; what they share is in SaleActs."""

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
                self.refuse(DomainError(entry.code, **entry.params))
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
        self.unpriced = None
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
        self.unpriced = None
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
        self._with_authority(
            Act.VOID_LINE,
            "sale.approve.void_line",
            lambda who: self._try(lambda: self._selling.void_line(line.line.line_id, who)),
            **line.line.item.names,
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

    def times_too_high(self, price_minor: int) -> int:
        """How many times the item's own price a new one is, where that is hardly meant; else 0."""
        line = self.state.selected_line if self.unpriced is None else None
        own = line.line.price.price_minor if line and line.line.price else 0
        if own and price_minor > ODD_TIMES * own:
            return price_minor // own
        return 1 if price_minor >= ODD_PRICE * 10 ** CURRENCY_DIGITS[self.state.priced.cart.currency] else 0

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
        """HQ changed prices: open lines follow at once, and the cashier is told.

        What the cashier was about to change stays marked: a panel may be open for it.
        """
        if not self.state.priced.cart.is_empty:
            selected, unpriced, to_weigh = self.state.selected, self.unpriced, self.to_weigh
            self._try(lambda: self._selling.reprice(item_ids))
            self.unpriced, self.to_weigh = unpriced, to_weigh
            if self.state.selected != selected:
                self._show(selected=selected)

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

    # Inside --------------------------------------------------------------------------------------------

    def _enter(self, text: str, *, prefixed: bool) -> None:
        entry = parse_entry(text) if prefixed else CodeEntry(text)
        if isinstance(entry, CodeEntry) and self._sell(entry):
            if prefixed:
                self._set_entry("")
        elif isinstance(entry, Unreadable):
            self.refuse(DomainError(entry.code, **entry.params))

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

    def _set_aside(self, who: Authority) -> None:
        if self._try(lambda: self._selling.suspend(who.operator.operator_id)):
            self._count_suspended()
