"""Items of the catalogue and the barcodes that sell them."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import BARCODE, ITEM
from cloud_api.problems import ApiProblem
from cloud_api.services import catalogue
from cloud_api.services.act import Act
from cloud_api.services.paging import page
from cloud_api.services.pinyin import initials
from cloud_api.services.stores import require_ver
from domain import gtin

FLAGS = ("weighed", "override_allowed", "discount_allowed")
DEFAULTS: Row = {
    "name_zh": "",
    "name_en": "",
    "unit": "",
    "spec": "",
    "department_id": "",
    "tax_code": "",
    "weighed": 0,
    "status": "active",
    "override_allowed": 1,
    "discount_allowed": 1,
    "min_price_minor": 0,
}


def list_items(
    connection: sa.Connection, division: str, *, filters: Mapping[str, Any], after: int | None, limit: int
) -> tuple[list[Row], int | None]:
    """Items by id: those of a department or status, changed since a moment, or found by ``q`` (code, SKU, name,
    pinyin initials)."""
    query = sa.select(ITEM).where(ITEM.c.division == division, ITEM.c.item_id > (after or 0)).order_by(ITEM.c.item_id)
    for name in ("department_id", "status"):
        if filters.get(name) is not None:
            query = query.where(ITEM.c[name] == filters[name])
    if filters.get("changed_since_ms") is not None:
        query = query.where(ITEM.c.changed_at_ms >= filters["changed_since_ms"])
    if filters.get("q"):
        query = query.where(_matches(division, filters["q"]))
    rows, following = page(connection, query, key=ITEM.c.item_id, limit=limit)
    return _shown(connection, rows), following


def get_item(connection: sa.Connection, item_id: int) -> Row:
    """One item with its barcodes; 404 where there is none."""
    return _shown(connection, [_find(connection, item_id)])[0]


def create_item(act: Act, division: str, values: Mapping[str, Any]) -> Row:
    """A new item with its ``barcodes``; 409 where the SKU or a code is another item's."""
    row = DEFAULTS | _flags_as_numbers(values) | {"division": division}
    barcodes = row.pop("barcodes", None) or []
    if not row["name_zh"] and not row["name_en"]:
        raise ApiProblem(422, "cloud.name_missing")
    if master_rows.find_rows(act.connection, master_rows.ITEM, [row]):
        raise ApiProblem(409, "cloud.exists", what="货号 SKU", key=row["sku"])
    catalogue.require_partners(act.connection, row)
    row |= {"pinyin": values.get("pinyin") or initials(row["name_zh"]), "changed_at_ms": act.now_ms}
    item = master_rows.write_row(act.uow, master_rows.ITEM, row).after
    act.note("create", "item", key=str(item["item_id"]), after=item)
    for barcode in barcodes:
        put_barcode(act, item["item_id"], barcode["code"], pack_thousandths=barcode["pack_thousandths"])
    return get_item(act.connection, item["item_id"])


def update_item(act: Act, item_id: int, changes: Mapping[str, Any]) -> Row:
    """Change what is given; the initials follow the Chinese name unless they are given too."""
    before = _find(act.connection, item_id, lock=True)
    require_ver(before, changes)
    given = {name: value for name, value in _flags_as_numbers(changes).items() if value is not None and name != "ver"}
    if "name_zh" in given and "pinyin" not in given:
        given["pinyin"] = initials(given["name_zh"])
    row = {**before, **given}
    if not row["name_zh"] and not row["name_en"]:
        raise ApiProblem(422, "cloud.name_missing")
    catalogue.require_partners(act.connection, row)
    written = master_rows.write_row(act.uow, master_rows.ITEM, row, stamp={"changed_at_ms": act.now_ms})
    if written.changed:
        act.note("update", "item", key=str(item_id), before=before, after=written.after)
    return get_item(act.connection, item_id)


def put_barcode(act: Act, item_id: int, code: str, *, pack_thousandths: int) -> Row:
    """Let a code sell ``pack_thousandths`` of the item; 409 where it sells another item."""
    item = _find(act.connection, item_id)
    key = gtin.normalise(code)
    if not key:
        raise ApiProblem(422, "cloud.invalid", fields="code")
    row = {"division": item["division"], "code": key, "item_id": item_id, "pack_thousandths": pack_thousandths}
    stored = master_rows.find_rows(act.connection, master_rows.BARCODE, [row], lock=True)
    other = next((r for r in stored.values() if not r["deleted"] and r["item_id"] != item_id), None)
    if other is not None:
        raise ApiProblem(409, "cloud.code_taken", barcode=code, item_id=other["item_id"])
    written = master_rows.write_row(act.uow, master_rows.BARCODE, row | {"as_typed": code})
    if written.changed:
        act.note("put", "barcode", key=key, before=written.before, after=written.after)
    return get_item(act.connection, item_id)


def delete_barcode(act: Act, item_id: int, code: str) -> Row:
    """Take a code from the item; 404 where it is not its."""
    item = _find(act.connection, item_id)
    match = {"division": item["division"], "code": gtin.normalise(code)}
    stored = next(iter(master_rows.find_rows(act.connection, master_rows.BARCODE, [match]).values()), None)
    if stored is None or stored["item_id"] != item_id or stored["deleted"]:
        raise ApiProblem(404, "cloud.not_found", what="条码 barcode", key=code)
    before = master_rows.delete_row(act.uow, master_rows.BARCODE, match)
    act.note("delete", "barcode", key=match["code"], before=before)
    return get_item(act.connection, item_id)


def require_items(connection: sa.Connection, item_ids: Sequence[int]) -> None:
    """404 naming the first item that does not exist."""
    known = set(connection.execute(sa.select(ITEM.c.item_id).where(ITEM.c.item_id.in_(set(item_ids)))).scalars())
    for item_id in item_ids:
        if item_id not in known:
            raise ApiProblem(404, "cloud.not_found", what="商品 item", key=item_id)


def _find(connection: sa.Connection, item_id: int, *, lock: bool = False) -> Row:
    query = sa.select(ITEM).where(ITEM.c.item_id == item_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="商品 item", key=item_id)
    return dict(row)


def _matches(division: str, text: str) -> sa.ColumnElement[bool]:
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    by_code = sa.select(BARCODE.c.item_id).where(
        BARCODE.c.division == division, BARCODE.c.code == gtin.normalise(text), BARCODE.c.deleted == 0
    )
    return sa.or_(
        ITEM.c.item_id.in_(by_code),
        ITEM.c.sku == text,
        ITEM.c.name_zh.like(f"%{literal}%", escape="\\"),
        sa.func.lower(ITEM.c.name_en).like(f"%{literal.lower()}%", escape="\\"),
        ITEM.c.pinyin.like(f"{literal.lower()}%", escape="\\"),
    )


def _shown(connection: sa.Connection, rows: list[Row]) -> list[Row]:
    query = (
        sa.select(BARCODE)
        .where(BARCODE.c.item_id.in_([row["item_id"] for row in rows]), BARCODE.c.deleted == 0)
        .order_by(BARCODE.c.code)
    )
    codes: dict[int, list[Row]] = {}
    for barcode in connection.execute(query).mappings():
        codes.setdefault(barcode["item_id"], []).append(dict(barcode))
    flags = [{name: bool(row[name]) for name in FLAGS} for row in rows]
    return [row | flag | {"barcodes": codes.get(row["item_id"], [])} for row, flag in zip(rows, flags, strict=True)]


def _flags_as_numbers(values: Mapping[str, Any]) -> Row:
    return {k: int(v) if k in FLAGS and v is not None else v for k, v in values.items()}
