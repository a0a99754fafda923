"""The replica's rows as the domain's values, and the statements that fetch them."""

from collections import defaultdict
from collections.abc import Sequence

from domain.catalog import Item, ItemStatus, Price, PriceKind
from domain.ids import ItemId
from pos_app.db.replica import CatalogReads, Row

ITEM_COLUMNS = (
    "item.item_id, sku, item.name_zh, item.name_en, unit, department_id, item.tax_code, weighed, status, spec, pinyin,"
    " override_allowed, discount_allowed, min_price_minor, coalesce(tax.rate_bp, 0)"
)
_FROM = f"SELECT {ITEM_COLUMNS} FROM item LEFT JOIN tax ON tax.tax_code = item.tax_code"  # noqa: S608 own names
BY_CODE = (
    f"SELECT pack_thousandths, {ITEM_COLUMNS} FROM barcode JOIN item ON item.item_id = barcode.item_id"  # noqa: S608
    " LEFT JOIN tax ON tax.tax_code = item.tax_code WHERE code = ?"
)
BY_ID = f"{_FROM} WHERE item.item_id = ?"
BY_SKU = f"{_FROM} WHERE sku = ? LIMIT 1"
ACTIVE_OF_DEPARTMENT = f"{_FROM} WHERE department_id = ? AND status = 'active' ORDER BY sku LIMIT ? OFFSET ?"
_PRICES_OF = "SELECT item_id, channel, kind, valid_from_ms, valid_until_ms, price_minor FROM price WHERE item_id IN "
_AT_ONCE = 200
_KINDS = frozenset(PriceKind)
_STATUSES = frozenset(ItemStatus)


def item_of(row: Row) -> tuple[Item, int]:
    """An item and its tax rate from ``ITEM_COLUMNS``."""
    item_id, sku, name_zh, name_en, unit, department_id, tax_code = row[:7]
    weighed, status, spec, pinyin, override_allowed, discount_allowed, min_price_minor, rate_bp = row[7:]
    item = Item(
        ItemId(item_id),
        sku,
        name_zh,
        name_en,
        unit,
        department_id,
        tax_code,
        weighed=bool(weighed),
        # A newer cloud may have more reasons why an item is none to sell.
        status=ItemStatus(status) if status in _STATUSES else ItemStatus.BLOCKED,
        spec=spec,
        pinyin=pinyin,
        override_allowed=bool(override_allowed),
        discount_allowed=bool(discount_allowed),
        min_price_minor=min_price_minor,
    )
    return item, rate_bp


def items_by_id(reads: CatalogReads, item_ids: Sequence[int]) -> dict[int, tuple[Item, int]]:
    """Items with their tax rates; ids that are gone are left out."""
    found: dict[int, tuple[Item, int]] = {}
    for part in _parts(item_ids):
        rows = reads.rows(f"{_FROM} WHERE item.item_id IN ({_marks(part)})", part)
        found |= {row[0]: item_of(row) for row in rows}
    return found


def prices_by_item(reads: CatalogReads, item_ids: Sequence[int]) -> dict[int, list[Price]]:
    """All price rows of items; kinds that only a newer till knows are no prices here."""
    found: dict[int, list[Price]] = defaultdict(list)
    for part in _parts(item_ids):
        for item_id, channel, kind, *rest in reads.rows(f"{_PRICES_OF}({_marks(part)})", part):
            if kind in _KINDS:
                found[item_id].append(Price(ItemId(item_id), PriceKind(kind), channel, *rest))
    return found


def _parts(item_ids: Sequence[int]) -> list[Sequence[int]]:
    return [item_ids[at : at + _AT_ONCE] for at in range(0, len(item_ids), _AT_ONCE)]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
