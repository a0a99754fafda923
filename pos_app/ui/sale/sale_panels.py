"""Opens the sale screen's panels and brings their answers to the view-model."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from domain.ids import CartId
from pos_app.services.catalog import Catalog
from pos_app.ui.look import Look
from pos_app.ui.sale.amount_panels import DiscountPanel, OverridePanel, QuantityPanel
from pos_app.ui.sale.list_panels import MorePanel, QuestionPanel, ReasonPanel, RecallPanel
from pos_app.ui.sale.reasons import DRAWER_REASONS, VOID_REASONS
from pos_app.ui.screen import Handler, Navigator
from pos_app.ui.widgets.money_field import MoneyField
from pos_app.viewmodels.figures import amount, clock_text, plain, zone
from pos_app.viewmodels.sale import SaleViewModel


class SalePanels(QObject):
    """One method per panel; each closes over what it needs and nothing more."""

    def __init__(self, look: Look, nav: Navigator, *, sale: SaleViewModel, catalog: Catalog) -> None:
        super().__init__()
        self._look, self._nav, self._sale, self._catalog = look, nav, sale, catalog
        self._openers: dict[str, Callable[[], None]] = {
            "quantity": self.quantity,
            "weight": self.weight,
            "recall": self.recall,
        }

    def open(self, name: str) -> None:
        """The panel that the view-model asked for."""
        self._openers[name]()

    def quantity(self) -> None:
        """How many of the marked line."""
        line = self._sale.state.selected_line
        if line is not None:
            name = line.line.item.name(self._look.words.language)
            unit = line.line.item.unit if line.line.item.weighed else ""
            panel = QuantityPanel(self._look, self._nav, name=name, unit=unit, then=self._sale.set_quantity)
            self._nav.open_panel(panel)

    def weight(self) -> None:
        """The weight of an item that has none on its label."""
        item_id = self._sale.to_weigh
        if item_id is None:
            return
        item = self._catalog.get(item_id).item
        name = item.name(self._look.words.language)

        def weighed(quantity_thousandths: int) -> bool:
            return self._sale.add_item(item_id, quantity_thousandths)

        self._nav.open_panel(QuantityPanel(self._look, self._nav, name=name, unit=item.unit, then=weighed))

    def override(self) -> None:
        """A price for the marked line, or for the item that has none."""
        subject = self._price_subject()
        if subject is None:
            self._sale.times()
            return
        field = MoneyField(self._look, self._currency())
        panel = OverridePanel(self._look, self._nav, subject=subject, field=field)
        panel.decided.connect(self._set_price)
        self._nav.open_panel(panel)

    def _set_price(self, price_minor: int, reason: str) -> None:
        """A price that is hardly meant (a code typed as a price, a point forgotten) is asked about once."""
        subject, times = self._price_subject(), self._sale.times_too_high(price_minor)
        if subject is None or not times:
            self._sale.override_price(price_minor, reason)
            return
        words, (name, before), after = self._look.words, subject, plain(price_minor, self._currency())
        panel = QuestionPanel(self._look, self._nav, title="sale.panel.odd_price", confirm="sale.panel.odd_confirm")
        key = "sale.panel.odd_text" if before else "sale.panel.odd_new_text"
        panel.explain(words(key, name=name, before=before, after=after, times=times))
        panel.say(panel.cancel_button, "sale.panel.odd_leave")
        panel.agreed.connect(lambda: self._sale.override_price(price_minor, reason))
        self._nav.open_panel(panel)

    def discount(self) -> None:
        """A discount of the marked line or the whole sale."""
        state = self._sale.state
        if state.priced.cart.is_empty:
            self._sale.times()
            return
        has_line = state.selected_line is not None
        panel = DiscountPanel(self._look, self._nav, currency=self._currency(), has_line=has_line)
        panel.decided.connect(
            lambda kind, value, reason, whole: self._sale.discount(kind, value, reason=reason, whole_cart=whole)
        )
        self._nav.open_panel(panel)

    def recall(self) -> None:
        """The carts set aside."""
        waiting, tz = self._sale.suspended(), zone(self._catalog.store().timezone)
        rows = [
            (
                self._look.words("sale.panel.recall_row", time=clock_text(one.suspended_at_ms, tz), lines=one.lines),
                amount(one.due_minor, self._currency()),
            )
            for one in waiting
        ]
        ids: list[CartId] = [one.cart_id for one in waiting]
        panel = RecallPanel(self._look, self._nav, rows=rows)
        panel.decided.connect(lambda at: self._sale.recall(ids[at]))
        self._nav.open_panel(panel)

    def void_cart(self) -> None:
        """Give the sale up: a question with a reason."""
        priced = self._sale.state.priced
        if priced.cart.is_empty:
            self._sale.times()
            return
        panel = ReasonPanel(
            self._look, self._nav, title="sale.panel.void_cart", reasons=VOID_REASONS, confirm="sale.panel.void_confirm"
        )
        due = amount(priced.due_minor, priced.cart.currency)
        panel.explain(self._look.words("sale.panel.void_text", lines=len(priced.lines), amount=due))
        panel.make_dangerous()
        panel.decided.connect(self._sale.void_cart)
        self._nav.open_panel(panel)

    def drawer(self, then: Callable[[str], None]) -> None:
        """Why the drawer is opened without a sale."""
        panel = ReasonPanel(self._look, self._nav, title="sale.panel.drawer", reasons=DRAWER_REASONS)
        panel.decided.connect(then)
        self._nav.open_panel(panel)

    def more(self, acts: list[tuple[str, Handler]]) -> None:
        """Less frequent acts."""
        self._nav.open_panel(MorePanel(self._look, self._nav, acts=acts))

    def _price_subject(self) -> tuple[str, str] | None:
        language = self._look.words.language
        if self._sale.unpriced is not None:
            return self._catalog.get(self._sale.unpriced).item.name(language), ""
        line = self._sale.state.selected_line
        if line is None:
            return None
        return line.line.item.name(language), plain(line.unit_price_minor, self._currency())

    def _currency(self) -> str:
        return self._sale.state.priced.cart.currency
