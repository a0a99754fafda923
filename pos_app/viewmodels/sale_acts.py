"""What every act of the sale screen shares: the state it shows, trying an act, telling what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from domain.entry import CodeEntry, QuantityEntry, parse_entry
from domain.errors import DomainError, NotFound
from domain.ids import ItemId
from domain.item_price import PricedLine
from domain.permissions import Act, Authority
from domain.pricing import PricedCart
from domain.quantity import ONE
from pos_app.services.catalog import Catalog, Sellable
from pos_app.services.selling import CartChange, Selling
from pos_app.viewmodels.approval import ApprovalRequest, Approver
from pos_app.viewmodels.figures import amount
from pos_app.viewmodels.notice import Level, Notice, of_error

SUGGESTIONS = 6
STAR = "*"
_BY_HQ = "prices_changed"


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


class SaleActs(QObject):
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

    def refuse(self, error: DomainError) -> None:
        """Say why something was not done; the next scan works."""
        self.sounded.emit("refused")
        if self._is_multiplier_refused(error):
            self._set_entry("")
        if isinstance(error, NotFound) and error.code in ("catalog.unknown_code", "scan.check_digit"):
            self.told.emit(of_error(error, act="search", act_key="sale.act.search"))
        elif self.unpriced is not None:
            self.told.emit(of_error(error, act="override", act_key="sale.act.set_price"))
        else:
            self.told.emit(of_error(error))

    def _is_multiplier_refused(self, error: DomainError) -> bool:
        """Whether the ``3*`` that waits is itself the reason: left in the box it would refuse every scan to come."""
        entry = self.state.entry
        if not entry.endswith(STAR):
            return False
        is_of_quantity = error.code.startswith("quantity.") or error.code == "cart.label_quantity_fixed"
        return is_of_quantity or not isinstance(parse_entry(entry), QuantityEntry)

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
        if change.priced is self.state.priced and not change.notice_code:
            return
        ids = {line.line.line_id for line in change.priced.lines}
        # HQ's new prices are no act of the cashier: the line that the next key means stays marked.
        touched = [] if change.notice_code == _BY_HQ else [one for one in change.changed_line_ids if one in ids]
        selected = touched[-1] if touched else self.state.selected
        if selected not in ids:
            selected = change.priced.lines[-1].line.line_id if change.priced.lines else None
        self._show(priced=change.priced, selected=selected)
        if change.notice_code:
            self.told.emit(self._notice(change))

    def _notice(self, change: CartChange) -> Notice:
        if change.notice_code == "line_voided":
            return Notice(Level.OK, "notice.line_voided", change.params, act="undo", act_key="shell.act.undo")
        level = Level.WARN if change.notice_code == _BY_HQ else Level.OK
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

    def _count_suspended(self) -> None:
        self._show(suspended=len(self._selling.suspended()))


def _ignore(_result: object) -> None:
    """An act's answer that nobody reads."""
