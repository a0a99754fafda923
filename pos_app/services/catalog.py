"""What can be sold here: look-ups, search and the store's own settings, read from the replica."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from domain.catalog import TILL_CHANNEL, CurrentPrice, Department, Item, ItemStatus, price_at
from domain.errors import DomainError, NotFound
from domain.ids import ItemId
from domain.quantity import ONE
from domain.scan import Found, GoodsCode, PinyinText, ScaleCandidate, Scan, TypedCode, Unreadable, resolve
from pos_app.clock import TillClock
from pos_app.db import catalog_rows, search
from pos_app.db.faults import StorageError
from pos_app.db.replica import CatalogReads
from pos_app.services.store_settings import StoreSettings, store_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sellable:
    """An item as it can be sold now; ``pack_thousandths`` is what one scan of the code sells of it."""

    item: Item
    pack_thousandths: int
    price: CurrentPrice | None
    tax_rate_bp: int
    code: str = ""

    @property
    def is_sold(self) -> bool:
        """Whether HQ lets it be sold."""
        return self.item.status is ItemStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class QuickKey:
    """A tile of the sale screen; an empty label means the item's own name."""

    position: int
    sellable: Sellable
    label_zh: str = ""
    label_en: str = ""


class Catalog:
    """Reads of the replica, for the UI thread; each is a few key look-ups.

    Where no replica is installed yet every method raises NotFound ``till.no_catalogue`` but ``is_ready``.
    """

    def __init__(self, reads: CatalogReads, clock: TillClock) -> None:
        self._reads = reads
        self._clock = clock
        self._kept: dict[str, tuple[tuple[int, int], object]] = {}
        self._last_store: StoreSettings | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a replica with this store's goods is installed."""
        return self._reads.has_store

    def reopen(self, path: Path | None = None) -> None:
        """Read from the file that ``replica/current`` names now; call after the agent's "replica" event."""
        self._reads.reopen(path)

    def find(self, code_key: str) -> Sellable | None:
        """The item of a code in its key form (``gtin.normalise``), whatever its status."""
        row = self._reads.first(catalog_rows.BY_CODE, (code_key,))
        if row is None:
            return None
        item, rate_bp = catalog_rows.item_of(row[1:])
        return Sellable(item, row[0], self.price_of(item.item_id), rate_bp, code_key)

    def get(self, item_id: ItemId) -> Sellable:
        """The item by its id; NotFound ``catalog.unknown_item``."""
        row = self._reads.first(catalog_rows.BY_ID, (item_id,))
        if row is None:
            self._reads.require_store()
            raise NotFound("catalog.unknown_item")
        item, rate_bp = catalog_rows.item_of(row)
        return Sellable(item, ONE, self.price_of(item_id), rate_bp)

    def resolve(self, scan: Scan) -> Found[Sellable]:
        """What a scan sells: the exact code before the scale label, an own code before an SKU.

        NotFound ``catalog.unknown_code``, or the code's own doubt (``scan.check_digit`` …), or what
        ``CatalogReads.require_store`` raises; DomainError
        ``catalog.item_not_sold`` for blocked and retired items, ``scan.not_goods`` and ``scan.*`` for the rest.
        """
        if isinstance(scan, Unreadable):
            raise DomainError(scan.code)
        if not isinstance(scan, GoodsCode | ScaleCandidate | TypedCode | PinyinText):
            raise DomainError("scan.not_goods")
        found = resolve(scan, self.find) or resolve(scan, self._of_sku)
        if found is None:
            self._reads.require_store()
            raise NotFound((isinstance(scan, TypedCode) and scan.doubt) or "catalog.unknown_code")
        if not found.item.is_sold:
            raise DomainError("catalog.item_not_sold", **found.item.item.names)
        return found

    def search(self, text: str, limit: int = 50, *, offset: int = 0) -> list[Sellable]:
        """Items that may be sold, by the beginning of a code or SKU, a piece of a name, or pinyin initials."""
        ids = search.find_ids(self._reads, text, offset + limit)
        return self._sold(ids[offset:])

    def departments(self) -> list[Department]:
        """All departments in the order of their positions."""
        return self._cached("departments", self._read_departments)

    def items_of(self, department_id: str, limit: int = 50, *, offset: int = 0) -> list[Sellable]:
        """The items of a department that may be sold, by SKU."""
        rows = self._reads.rows(catalog_rows.ACTIVE_OF_DEPARTMENT, (department_id, limit, offset))
        items = [catalog_rows.item_of(row) for row in rows]
        prices = self.prices_of([item.item_id for item, _ in items])
        return [Sellable(item, ONE, prices[item.item_id], rate_bp) for item, rate_bp in items]

    def quick_keys(self) -> list[QuickKey]:
        """The store's tiles whose items may be sold, by position."""
        rows = self._reads.rows("SELECT position, item_id, label_zh, label_en FROM quick_key ORDER BY position")
        sold = {one.item.item_id: one for one in self._sold([item_id for _, item_id, _, _ in rows])}
        return [QuickKey(position, sold[item_id], *labels) for position, item_id, *labels in rows if item_id in sold]

    def price_of(self, item_id: ItemId) -> CurrentPrice | None:
        """The price that applies now, or None."""
        return self.prices_of([item_id])[item_id]

    def prices_of(self, item_ids: Sequence[ItemId]) -> dict[ItemId, CurrentPrice | None]:
        """The prices that apply now."""
        rows = catalog_rows.prices_by_item(self._reads, item_ids)
        now_ms = self._clock.estimate_ms()
        return {item_id: price_at(rows.get(item_id, ()), TILL_CHANNEL, now_ms) for item_id in item_ids}

    def store(self) -> StoreSettings:
        """This till's store, as it was last known: where HQ took its goods away meanwhile, or its file broke, what
        was begun is paid to its end by the same rules."""
        try:
            self._last_store = self._cached("store", self._read_store)
        except (NotFound, StorageError):
            if self._last_store is None:
                raise
        return self._last_store

    def price_age_ms(self) -> int | None:
        """How long ago the cloud was last heard, or None where it never was."""
        heard_ms = self._reads.state("last_contact_ms")
        return None if heard_ms is None else max(0, self._clock.now_ms() - int(heard_ms))

    def _of_sku(self, sku: str) -> Sellable | None:
        row = self._reads.first(catalog_rows.BY_SKU, (sku,))
        if row is None:
            return None
        item, rate_bp = catalog_rows.item_of(row)
        return Sellable(item, ONE, self.price_of(item.item_id), rate_bp, sku)

    def _sold(self, item_ids: Iterable[int]) -> list[Sellable]:
        """The items of ids that may be sold, in the order of the ids."""
        ids = list(item_ids)
        items = catalog_rows.items_by_id(self._reads, ids)
        prices = self.prices_of([ItemId(item_id) for item_id in ids])
        found = (Sellable(items[i][0], ONE, prices[ItemId(i)], items[i][1]) for i in ids if i in items)
        return [one for one in found if one.is_sold]

    def _cached(self, name: str, read: Callable[[], T]) -> T:
        """The value of ``read``, read again once the replica has changed."""
        version = self._reads.version()
        kept = self._kept.get(name)
        if kept is None or kept[0] != version:
            kept = self._kept[name] = (version, read())
        return kept[1]  # type: ignore[return-value]

    def _read_departments(self) -> list[Department]:
        sql = "SELECT department_id, name_zh, name_en, position FROM department ORDER BY position, department_id"
        return [Department(*row) for row in self._reads.rows(sql)]

    def _read_store(self) -> StoreSettings:
        row = self._reads.first("SELECT store_id, name_zh, name_en, settings FROM store LIMIT 1")
        if row is None:
            raise NotFound("till.no_catalogue")
        return store_settings(row[0], row[1], name_en=row[2], document=row[3])
