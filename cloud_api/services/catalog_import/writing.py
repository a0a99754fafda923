"""Writing a chunk of goods in one transaction: items, barcodes and list prices, and only what differs."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import ITEM, PRICE
from cloud_api.services import items, prices
from cloud_api.services.act import Act
from cloud_api.services.catalog_import.by_code import ByCode
from cloud_api.services.catalog_import.findings import Finding, Severity
from cloud_api.services.catalog_import.goods import Goods
from cloud_api.services.catalog_import.partners import Partners, find_items
from cloud_api.services.pinyin import initials
from domain.catalog import ANY_CHANNEL, Price, PriceKind, price_at
from domain.ids import ItemId
from domain.quantity import THOUSAND


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes: the catalogue, the price zone and from when the prices hold (None = now)."""

    division: str
    zone: str
    valid_from_ms: int | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a row."""

    goods: Goods
    findings: list[Finding] = field(default_factory=list)
    changed: bool = False

    @property
    def refused(self) -> bool:
        """Whether it was not imported."""
        return any(finding.severity is Severity.REFUSED for finding in self.findings)

    def refuse(self, column: str, code: str, **params: object) -> None:
        """Leave the row out and say why."""
        value = self.goods.code if column == "code" else self.goods.sku
        self.findings.append(Finding(self.goods.row, column, Severity.REFUSED, code, value, params))


class ChunkWriter:
    """Writes goods to a target within one act."""

    def __init__(self, act: Act, target: Target, by_code: ByCode) -> None:
        self._act = act
        self._target = target
        self._by_code = by_code
        self._partners = Partners(act, target.division)

    def write(self, chunk: Sequence[Goods]) -> list[Outcome]:
        """Write the rows and tell of each what became of it."""
        outcomes = [Outcome(goods) for goods in chunk]
        barcodes = self._barcodes(outcomes)
        stored = self._find_items(outcomes, barcodes)
        item_ids = self._write_items(outcomes, stored)
        self._write_barcodes(outcomes, barcodes, item_ids=item_ids)
        self._write_prices(outcomes, item_ids)
        return outcomes

    def _barcodes(self, outcomes: list[Outcome]) -> dict[str, Row]:
        """The stored barcodes of the rows' codes, locked."""
        keys = [{"division": self._target.division, "code": o.goods.key} for o in outcomes if o.goods.key]
        found = master_rows.find_rows(self._act.connection, master_rows.BARCODE, keys, lock=True)
        return {code: row for (_, code), row in found.items() if not row["deleted"]}

    def _find_items(self, outcomes: list[Outcome], barcodes: dict[str, Row]) -> dict[str, Row]:
        """The stored items by SKU; rows that contradict them are refused, rows without SKUs get their item's."""
        owners = self._skus({row["item_id"] for row in barcodes.values()})
        for outcome in outcomes:
            barcode = barcodes.get(outcome.goods.key)
            if outcome.goods.by_code and barcode is not None:
                outcome.goods = replace(outcome.goods, sku=owners[barcode["item_id"]])
        stored = find_items(self._act, self._target.division, [outcome.goods.sku for outcome in outcomes])
        for outcome in outcomes:
            barcode, item = barcodes.get(outcome.goods.key), stored.get(outcome.goods.sku)
            if barcode is not None and (item is None or item["item_id"] != barcode["item_id"]):
                outcome.refuse("code", "code_taken", sku=owners[barcode["item_id"]])
            elif outcome.goods.by_code and item is not None:
                outcome.goods, found = self._by_code.settle(outcome.goods, item, barcode)
                outcome.findings += found
        return stored

    def _write_items(self, outcomes: list[Outcome], stored: dict[str, Row]) -> dict[str, int]:
        rows: dict[str, Row] = {}
        for outcome in outcomes:
            if not outcome.refused:
                row = self._item_row(outcome, stored.get(outcome.goods.sku))
                if row is not None:
                    rows.setdefault(outcome.goods.sku, row)
        stamp = {"changed_at_ms": self._act.now_ms}
        written = master_rows.write_rows(self._act.uow, master_rows.ITEM, list(rows.values()), stamp=stamp)
        changed = {result.after["sku"] for result in written if result.changed}
        changes = [(str(r.after["item_id"]), r.before, r.after) for r in written if r.changed and r.before]
        self._act.note_all("import", "item", changes)
        for outcome in outcomes:
            outcome.changed = not outcome.refused and outcome.goods.sku in changed
        return {result.after["sku"]: result.after["item_id"] for result in written}

    def _item_row(self, outcome: Outcome, before: Row | None) -> Row | None:
        goods = outcome.goods
        given: Row = {"unit": goods.unit, "spec": goods.spec, **goods.flags}
        given["name_zh"], given["name_en"] = goods.names
        if goods.department is not None:
            given["department_id"] = self._partners.department_id(*goods.department)
        if goods.tax is not None:
            given["tax_code"] = self._partners.tax_code(*goods.tax)
            if given["tax_code"] is None:
                outcome.refuse("tax", "tax_unknown", tax=goods.tax[0])
                return None
        given = {name: value for name, value in given.items() if value is not None}
        name_zh = given.get("name_zh", "")
        if before is None or ("name_zh" in given and name_zh != before["name_zh"]):
            given["pinyin"] = initials(name_zh)
        defaults = items.DEFAULTS if before is None else {}
        return defaults | given | {"division": self._target.division, "sku": goods.sku}

    def _write_barcodes(self, outcomes: list[Outcome], barcodes: dict[str, Row], *, item_ids: dict[str, int]) -> None:
        with_code = [outcome for outcome in outcomes if outcome.goods.key and not outcome.refused]
        rows = [self._barcode_row(o.goods, barcodes.get(o.goods.key), item_id=item_ids[o.goods.sku]) for o in with_code]
        written = master_rows.write_rows(self._act.uow, master_rows.BARCODE, rows)
        for outcome, result in zip(with_code, written, strict=True):
            outcome.changed |= result.changed

    def _barcode_row(self, goods: Goods, before: Row | None, *, item_id: int) -> Row:
        pack, typed = goods.pack_thousandths, goods.code
        if before is not None:
            pack = before["pack_thousandths"] if pack is None else pack
            typed = before["as_typed"] if goods.by_code else typed
        return {
            "division": self._target.division,
            "code": goods.key,
            "item_id": item_id,
            "pack_thousandths": THOUSAND if pack is None else pack,
            "as_typed": typed,
        }

    def _write_prices(self, outcomes: list[Outcome], item_ids: dict[str, int]) -> None:
        priced = {o.goods.sku: o for o in outcomes if o.goods.price_minor is not None and not o.refused}
        known = self._list_prices([item_ids[sku] for sku in priced])
        rows: list[Row] = []
        changing: list[Outcome] = []
        from_ms = self._act.now_ms if self._target.valid_from_ms is None else self._target.valid_from_ms
        for sku, outcome in priced.items():
            item_id = item_ids[sku]
            current = price_at(known.get(item_id, ()), ANY_CHANNEL, from_ms)
            if current is not None and current.list_price_minor == outcome.goods.price_minor:
                continue
            # The first price of an item holds since ever: a till whose clock is behind must find it too.
            since_ever = item_id not in known and self._target.valid_from_ms is None
            rows.append(self._price_row(item_id, outcome.goods, valid_from_ms=0 if since_ever else from_ms))
            changing.append(outcome)
        for outcome, result in zip(changing, prices.write_prices(self._act, rows), strict=True):
            outcome.changed |= result.changed

    def _price_row(self, item_id: int, goods: Goods, *, valid_from_ms: int) -> Row:
        return {
            "zone": self._target.zone,
            "item_id": item_id,
            "channel": ANY_CHANNEL,
            "kind": PriceKind.LIST.value,
            "valid_from_ms": valid_from_ms,
            "valid_until_ms": 0,
            "price_minor": goods.price_minor,
        }

    def _list_prices(self, item_ids: list[int]) -> dict[int, list[Price]]:
        query = sa.select(PRICE).where(
            PRICE.c.zone == self._target.zone,
            PRICE.c.item_id.in_(item_ids),
            PRICE.c.kind == PriceKind.LIST.value,
            PRICE.c.channel == ANY_CHANNEL,
            PRICE.c.deleted == 0,
        )
        found: dict[int, list[Price]] = {}
        for row in self._act.connection.execute(query).mappings():
            times = (row["valid_from_ms"], row["valid_until_ms"])
            price = Price(ItemId(row["item_id"]), PriceKind.LIST, row["channel"], *times, row["price_minor"])
            found.setdefault(row["item_id"], []).append(price)
        return found

    def _skus(self, item_ids: set[int]) -> dict[int, str]:
        query = sa.select(ITEM.c.item_id, ITEM.c.sku).where(ITEM.c.item_id.in_(item_ids))
        return {row.item_id: row.sku for row in self._act.connection.execute(query)}
