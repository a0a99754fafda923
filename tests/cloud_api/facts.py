"""Sales and cases as the intake of journals leaves them, written straight into the tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import CASE_FILE, SALE, SALE_LINE, SALE_TENDER
from tests.cloud_api.conftest import START_MS


def sale_id(number: int) -> str:
    return f"0198c1f2-0000-7000-8000-{number:012}"


def event_id(number: int) -> str:
    return f"0198c1f2-0000-7000-9000-{number:012}"


def add_sale(cloud: Cloud, number: int, **changes: Any) -> None:
    """A sale of two cans, 7.00 due, paid with 10.00 in cash."""
    row = {
        "event_id": event_id(number),
        "sale_id": sale_id(number),
        "receipt_no": f"0101-1A-{number:06}",
        "store_id": "0101",
        "terminal_id": "0101-1",
        "inc": 1,
        "seq": number + 1,
        "hash": "0" * 64,
        "operator_id": "1001",
        "business_date": "2026-05-28",
        "occurred_at_ms": START_MS,
        "estimated_at_ms": START_MS,
        "received_at_ms": START_MS,
        "currency": "CNY",
        "rule_book_version": 1,
        "due_minor": 700,
        "rounding_minor": 0,
        "payable_minor": 700,
        "paid_minor": 1000,
        "change_minor": 300,
        "tax_minor": 81,
        "line_count": 1,
    } | changes
    line = {
        "event_id": row["event_id"],
        "line": 1,
        "item_id": 1,
        "sku": "COLA",
        "name_zh": "可口可乐",
        "name_en": "Coca-Cola",
        "unit": "罐",
        "scanned_code": "6928804014570",
        "quantity_thousandths": 2000,
        "unit_price_minor": 350,
        "list_minor": 700,
        "amount_minor": 700,
        "tax_code": "vat13",
        "tax_rate_bp": 1300,
        "net_minor": 619,
        "tax_minor": 81,
        "modifiers": "[]",
    }
    tender = {"event_id": row["event_id"], "line": 1, "kind": "cash", "amount_minor": row["paid_minor"]}
    with writing(cloud.engine) as connection:
        connection.execute(sa.insert(SALE), row)
        connection.execute(sa.insert(SALE_LINE), line)
        connection.execute(sa.insert(SALE_TENDER), tender)


def add_case(cloud: Cloud, key: str, **changes: Any) -> int:
    """An open case of store 0101; its number."""
    row = {
        "dedupe_key": key,
        "kind": "price_out_of_date",
        "store_id": "0101",
        "terminal_id": "0101-1",
        "params": '{"sku": "COLA"}',
        "opened_at_ms": START_MS,
    } | changes
    with writing(cloud.engine) as connection:
        return int(connection.execute(sa.insert(CASE_FILE).returning(CASE_FILE.c.case_id), row).scalar_one())
