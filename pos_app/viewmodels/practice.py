"""A sale to practise on: real goods and real prices, kept nowhere."""

from dataclasses import dataclass, replace

from domain.cart import Cart, CartLine, add_line
from domain.errors import DomainError
from domain.ids import CartId
from domain.pricing import PricedCart, price_cart
from domain.rulebook import RuleBook
from domain.scan import parse_scan
from pos_app.services.cart_lines import line_of_item, line_of_scan
from pos_app.services.catalog import Catalog, Sellable

LINES_MAX = 20


@dataclass(frozen=True, slots=True)
class PracticeState:
    """The cart so far; ``is_paid`` once the cash was taken in play."""

    priced: PricedCart | None = None
    is_paid: bool = False
    error: DomainError | None = None


class Practice:
    """Adds what is scanned to a cart that nobody keeps."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.state = PracticeState()

    def reset(self) -> None:
        """Begin anew."""
        self.state = PracticeState()

    def scan(self, text: str) -> None:
        """Add what was scanned, or say why not."""
        try:
            store = self._catalog.store()
            scan = parse_scan(text, formats=store.scale_formats)
            found = self._catalog.resolve(scan)
            line = line_of_scan(scan, found, quantity_thousandths=None, currency=store.currency)
            self._add(replace(line, line_id=str(len(self._cart().lines) + 1)))
        except DomainError as error:
            self.state = replace(self.state, error=error)

    def sample(self) -> None:
        """Add the first goods of the shop that have a price, for whoever has nothing to scan."""
        try:
            line = line_of_item(self._some_item())
            self._add(replace(line, line_id=str(len(self._cart().lines) + 1)))
        except DomainError as error:
            self.state = replace(self.state, error=error)

    def pay(self) -> bool:
        """Take the cash in play; False where there is nothing to pay."""
        if self.state.priced is None or self.state.priced.cart.is_empty:
            return False
        self.state = replace(self.state, is_paid=True, error=None)
        return True

    def _add(self, line: CartLine) -> None:
        cart = self._cart() if not self.state.is_paid else self._empty()
        if len(cart.lines) >= LINES_MAX:
            return
        rules = RuleBook(self._catalog.store().rule_book_version, self._catalog.store().cash_rounding_unit_minor)
        self.state = PracticeState(price_cart(add_line(cart, line), rules))

    def _some_item(self) -> Sellable:
        offered = [key.sellable for key in self._catalog.quick_keys()]
        for department in self._catalog.departments():
            offered += self._catalog.items_of(department.department_id, 10)
        usable = [one for one in offered if one.price is not None and not one.item.weighed]
        if not usable:
            raise DomainError("catalog.unknown_item")
        return usable[len(self._cart().lines) % len(usable)]

    def _cart(self) -> Cart:
        return self.state.priced.cart if self.state.priced else self._empty()

    def _empty(self) -> Cart:
        return Cart(CartId("practice"), self._catalog.store().currency, 0)
