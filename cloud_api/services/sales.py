"""What the tills sold, as HQ reads it: lists, one sale in full, totals by day."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import CASE_FILE, SALE, SALE_LINE, SALE_TENDER
from cloud_api.problems import ApiProblem
from cloud_api.services.paging import page

EQUAL_FILTERS = ("terminal_id", "operator_id", "receipt_no", "business_date", "currency")
SUMMED = ("due_minor", "rounding_minor", "payable_minor", "tax_minor")


def list_sales(
    connection: sa.Connection, only_stores: list[str] | None, *, filters: Mapping[str, Any], limit: int
) -> tuple[list[Row], str | None]:
    """Sales, newest first; ``after`` goes on behind an event id."""
    query = _narrow(sa.select(SALE), only_stores, filters).order_by(SALE.c.event_id.desc())
    if filters.get("after") is not None:
        query = query.where(SALE.c.event_id < filters["after"])
    return page(connection, query, key=SALE.c.event_id, limit=limit)


def get_sale(connection: sa.Connection, sale_id: str) -> Row:
    """One sale with lines, tenders, voided lines and its cases; 404 where the cloud has none."""
    query = sa.select(SALE).where(SALE.c.sale_id == sale_id).order_by(SALE.c.event_id).limit(1)
    sale = connection.execute(query).mappings().one_or_none()
    if sale is None:
        raise ApiProblem(404, "cloud.not_found", what="销售 sale", key=sale_id)
    event_id = sale["event_id"]
    return dict(sale) | {
        "voided": json.loads(sale["voided"]),
        "lines": [row | {"modifiers": json.loads(row["modifiers"])} for row in _parts(connection, SALE_LINE, event_id)],
        "tenders": _parts(connection, SALE_TENDER, event_id),
        "cases": [case["case_id"] for case in _cases(connection, event_id)],
    }


def totals(connection: sa.Connection, only_stores: list[str] | None, *, filters: Mapping[str, Any]) -> list[Row]:
    """Number and sums of sales per store, business date and currency, and what came in by kind of tender."""
    group = (SALE.c.store_id, SALE.c.business_date, SALE.c.currency)
    # A sum of integers is a decimal on PostgreSQL: bring it back.
    sums = [sa.cast(sa.func.sum(SALE.c[name]), sa.BigInteger).label(name) for name in SUMMED]
    change = sa.cast(sa.func.sum(SALE.c.change_minor), sa.BigInteger).label("change_minor")
    query = sa.select(*group, sa.func.count().label("sales"), *sums, change).group_by(*group).order_by(*group)
    rows = [dict(row) for row in connection.execute(_narrow(query, only_stores, filters)).mappings()]
    tenders = _tenders(connection, only_stores, filters)
    for row in rows:
        by_kind = dict(tenders.get((row["store_id"], row["business_date"], row["currency"]), {}))
        if "cash" in by_kind:
            by_kind["cash"] -= row["change_minor"]
        row["tenders"] = by_kind
    return rows


def _tenders(
    connection: sa.Connection, only_stores: list[str] | None, filters: Mapping[str, Any]
) -> dict[tuple[str, str, str], dict[str, int]]:
    group = (SALE.c.store_id, SALE.c.business_date, SALE.c.currency, SALE_TENDER.c.kind)
    amount = sa.cast(sa.func.sum(SALE_TENDER.c.amount_minor), sa.BigInteger)
    joined = SALE.join(SALE_TENDER, SALE_TENDER.c.event_id == SALE.c.event_id)
    query = sa.select(*group, amount).select_from(joined).group_by(*group).order_by(*group)
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for store_id, date, currency, kind, minor in connection.execute(_narrow(query, only_stores, filters)):
        found.setdefault((store_id, date, currency), {})[kind] = minor
    return found


def _narrow(query: sa.Select[Any], only_stores: list[str] | None, filters: Mapping[str, Any]) -> sa.Select[Any]:
    if only_stores is not None:
        query = query.where(SALE.c.store_id.in_(only_stores))
    for name in EQUAL_FILTERS:
        if filters.get(name) is not None:
            query = query.where(SALE.c[name] == filters[name])
    if filters.get("from_date") is not None:
        query = query.where(SALE.c.business_date >= filters["from_date"])
    if filters.get("to_date") is not None:
        query = query.where(SALE.c.business_date <= filters["to_date"])
    return query


def _parts(connection: sa.Connection, table: sa.Table, event_id: str) -> list[Row]:
    query = sa.select(table).where(table.c.event_id == event_id).order_by(table.c.line)
    return [dict(row) for row in connection.execute(query).mappings()]


def _cases(connection: sa.Connection, event_id: str) -> list[Row]:
    query = sa.select(CASE_FILE.c.case_id).where(CASE_FILE.c.event_id == event_id).order_by(CASE_FILE.c.case_id)
    return [dict(row) for row in connection.execute(query).mappings()]
