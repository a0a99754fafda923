"""The tiles beside the cart: quick keys and departments, page by page."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from domain.catalog import Department
from domain.errors import DomainError
from domain.ids import ItemId
from pos_app.services.catalog import Catalog, Sellable

QUICK = ""
"""The tab of the store's own quick keys."""


@dataclass(frozen=True, slots=True)
class Good:
    """What a tile sells, with the store's own label where it has one."""

    sellable: Sellable
    label_zh: str = ""
    label_en: str = ""

    def name(self, language: str) -> str:
        """The tile's words."""
        label = self.label_en if language == "en" else self.label_zh
        return label or self.sellable.item.name(language)


@dataclass(frozen=True, slots=True)
class GoodsState:
    """The tabs, the one in front and its page."""

    departments: tuple[Department, ...] = ()
    tab: str = QUICK
    page: int = 0
    has_more: bool = False
    goods: tuple[Good, ...] = ()

    @property
    def is_paged(self) -> bool:
        """Whether there is another page to turn to."""
        return self.has_more or self.page > 0


class GoodsViewModel(QObject):
    """Reads a page when it is asked for, and again when prices or goods changed."""

    changed = Signal()

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self._catalog = catalog
        self._page_size = 8
        self.state = GoodsState()

    def load(self) -> None:
        """Read departments and the first page; without a catalogue there is nothing to show."""
        departments = tuple(self._catalog.departments()) if self._catalog.is_ready else ()
        known = {department.department_id for department in departments} | {QUICK}
        tab = self.state.tab if self.state.tab in known else QUICK
        if tab == QUICK and departments and not self._catalog.quick_keys():
            tab = departments[0].department_id
        self._show(replace(self.state, departments=departments, tab=tab))

    def choose(self, tab: str) -> None:
        """Bring a tab to the front, from its first page."""
        self._show(replace(self.state, tab=tab, page=0))

    def turn(self) -> None:
        """The next page, after the last one the first again."""
        page = self.state.page + 1 if self.state.has_more else 0
        self._show(replace(self.state, page=page))

    def set_page_size(self, tiles: int) -> None:
        """As many cells as the screen has room for; where there are more goods, the last one turns the page."""
        if tiles != self._page_size:
            self._page_size = max(1, tiles)
            self._show(replace(self.state, page=0))

    def reload(self, item_ids: frozenset[ItemId] | None = None) -> None:
        """Read again after goods or prices changed (None: unknown which); other items leave the page alone."""
        shown = {good.sellable.item.item_id for good in self.state.goods}
        now = self._paged(self.state) if item_ids is None or shown & item_ids else self.state
        if now != self.state:
            self.state = now
            self.changed.emit()

    def _show(self, state: GoodsState) -> None:
        self.state = self._paged(state)
        self.changed.emit()

    def _paged(self, state: GoodsState) -> GoodsState:
        """The state with its page as it reads now."""
        goods = self._read(state)
        is_paged = state.page > 0 or len(goods) > self._page_size
        room = self._per_page if is_paged else self._page_size
        return replace(state, goods=goods[:room], has_more=len(goods) > room)

    @property
    def _per_page(self) -> int:
        return max(1, self._page_size - 1)

    def _read(self, state: GoodsState) -> tuple[Good, ...]:
        if not self._catalog.is_ready:
            return ()
        first, most = state.page * self._per_page, self._page_size + 1
        try:
            if state.tab == QUICK:
                keys = self._catalog.quick_keys()[first : first + most]
                return tuple(Good(key.sellable, key.label_zh, key.label_en) for key in keys)
            return tuple(Good(one) for one in self._catalog.items_of(state.tab, most, offset=first))
        except DomainError:
            return ()
