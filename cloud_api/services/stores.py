"""Stores: their names, settings, price zone and division."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import PRICE_ZONE, STORE
from cloud_api.problems import ApiProblem
from cloud_api.services.act import Act
from domain.money import CURRENCY_DIGITS
from domain.scale import ScaleFormat

DEFAULT_SETTINGS: Row = {
    "cash_rounding_unit_minor": 10,
    "day_start_hour": 0,
    "scale_formats": [],
    "receipt_header_zh": "",
    "receipt_header_en": "",
    "receipt_footer_zh": "",
    "receipt_footer_en": "",
    "address": "",
    "rule_book_version": 1,
    "auto_lock_s": 180,
}
_COLUMNS = ("name_zh", "name_en", "division", "price_zone", "currency", "timezone")


def list_stores(connection: sa.Connection, only: list[str] | None = None) -> list[Row]:
    """All stores by id, or those asked for."""
    query = sa.select(STORE).order_by(STORE.c.store_id)
    if only is not None:
        query = query.where(STORE.c.store_id.in_(only))
    return [_shown(dict(row)) for row in connection.execute(query).mappings()]


def get_store(connection: sa.Connection, store_id: str) -> Row:
    """One store; 404 where there is none."""
    row = connection.execute(sa.select(STORE).where(STORE.c.store_id == store_id)).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="门店 store", key=store_id)
    return _shown(dict(row))


def create_store(act: Act, store_id: str, values: Mapping[str, Any]) -> Row:
    """A new store; ``values`` has the columns and optionally ``settings``. 409 where the id is taken."""
    if act.connection.execute(sa.select(STORE.c.store_id).where(STORE.c.store_id == store_id)).first():
        raise ApiProblem(409, "cloud.exists", what="门店 store", key=store_id)
    settings = DEFAULT_SETTINGS | dict(values.get("settings") or {})
    row = {name: values[name] for name in _COLUMNS} | {"store_id": store_id, "settings": _json(settings)}
    _check(act, row, settings)
    after = master_rows.write_row(act.uow, master_rows.STORE, row | {"created_at_ms": act.now_ms}).after
    act.note("create", "store", key=store_id, after=after)
    return _shown(after)


def update_store(act: Act, store_id: str, changes: Mapping[str, Any]) -> Row:
    """Change what is given; another zone or division makes its tills change their buckets (``sub_ver``)."""
    before = get_store(act.connection, store_id)
    require_ver(before, changes)
    settings = before["settings"] | dict(changes.get("settings") or {})
    row = {name: changes.get(name, before[name]) for name in _COLUMNS}
    _check(act, row, settings)
    moves = any(row[name] != before[name] for name in ("division", "price_zone"))
    row |= {"store_id": store_id, "settings": _json(settings), "sub_ver": before["sub_ver"] + moves}
    written = master_rows.write_row(act.uow, master_rows.STORE, row)
    if written.changed:
        act.note("update", "store", key=store_id, before=written.before, after=written.after)
    return _shown(written.after)


def require_ver(seen: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """409 where the writer says which version they saw and it is no longer that."""
    if changes.get("ver") is not None and changes["ver"] != seen["ver"]:
        raise ApiProblem(409, "cloud.conflict")


def ensure_zone(act: Act, zone: str, currency: str) -> None:
    """Make a price zone on first use; 409 where it has another currency."""
    known = act.connection.execute(sa.select(PRICE_ZONE.c.currency).where(PRICE_ZONE.c.zone == zone)).scalar()
    if known is None:
        act.connection.execute(sa.insert(PRICE_ZONE).values(zone=zone, currency=currency))
    elif known != currency:
        raise ApiProblem(409, "cloud.zone_currency", zone=zone, currency=known)


def zone_currency(connection: sa.Connection, zone: str) -> str:
    """The currency of a price zone; 404 where no store has it."""
    known = connection.execute(sa.select(PRICE_ZONE.c.currency).where(PRICE_ZONE.c.zone == zone)).scalar()
    if known is None:
        raise ApiProblem(404, "cloud.not_found", what="价区 price zone", key=zone)
    return str(known)


def _check(act: Act, row: Row, settings: Row) -> None:
    if row["currency"] not in CURRENCY_DIGITS:
        raise ApiProblem(422, "money.currency_unknown", currency=row["currency"])
    try:
        ZoneInfo(row["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ApiProblem(422, "cloud.timezone_unknown", timezone=row["timezone"]) from error
    for scale_format in settings["scale_formats"]:
        ScaleFormat.from_data(scale_format)
    ensure_zone(act, row["price_zone"], row["currency"])


def _json(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _shown(row: Row) -> Row:
    return row | {"settings": json.loads(row["settings"])}
