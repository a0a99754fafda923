"""Finding goods: what was typed, the pages found so far, the marked row."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from domain.ids import ItemId
from pos_app.services.catalog import Catalog, Sellable

PAGE = 30
QUERY_MAX = 64


@dataclass(frozen=True, slots=True)
class SearchState:
    """Everything the screen shows."""

    query: str = ""
    found: tuple[Sellable, ...] = ()
    has_more: bool = False
    marked: int = -1
    is_ready: bool = True
    """Whether there is a catalogue to look through."""
    error: DomainError | None = None

    @property
    def chosen(self) -> Sellable | None:
        """The marked row."""
        return self.found[self.marked] if 0 <= self.marked < len(self.found) else None


class SearchViewModel(QObject):
    """Reads a page at a time; each is a few look-ups in the replica."""

    changed = Signal()

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self._catalog = catalog
        self.state = SearchState()

    def open(self) -> None:
        """Begin with an empty query."""
        self._show(SearchState(is_ready=self._catalog.is_ready))

    def search(self, query: str) -> None:
        """Show the first page for another query."""
        query = query[:QUERY_MAX]
        found, error = self._read(query, 0)
        marked = 0 if found else -1
        ready = self._catalog.is_ready
        self._show(SearchState(query, found[:PAGE], len(found) > PAGE, marked, ready, error))

    def again(self) -> None:
        """Read the page anew: prices or goods changed."""
        if self.state.query:
            marked = self.state.marked
            self.search(self.state.query)
            self.mark(min(marked, len(self.state.found) - 1))
        else:
            self.open()

    def more(self) -> None:
        """Read the next page."""
        if not self.state.has_more:
            return
        found, error = self._read(self.state.query, len(self.state.found))
        known = {one.item.item_id for one in self.state.found}
        new = tuple(one for one in found[:PAGE] if one.item.item_id not in known)
        state = replace(self.state, found=self.state.found + new, has_more=len(found) > PAGE, error=error)
        self._show(state)

    def mark(self, at: int) -> None:
        """Mark a row."""
        if at != self.state.marked and -1 <= at < len(self.state.found):
            self._show(replace(self.state, marked=at))

    @property
    def chosen_id(self) -> ItemId | None:
        """The item of the marked row."""
        return self.state.chosen.item.item_id if self.state.chosen else None

    def _read(self, query: str, offset: int) -> tuple[tuple[Sellable, ...], DomainError | None]:
        if not query.strip() or not self._catalog.is_ready:
            return (), None
        try:
            return tuple(self._catalog.search(query.strip(), PAGE + 1, offset=offset)), None
        except DomainError as error:
            return (), error

    def _show(self, state: SearchState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
