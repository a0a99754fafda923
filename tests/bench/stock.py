"""Goods for a cloud that a measurement starts: rows and changes as an import leaves them, and their snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cloud_api.cli.wiring import open_cloud
from cloud_api.context import Cloud
from cloud_api.db import master_rows
from cloud_api.db.bulk import insert_rows
from cloud_api.db.master_rows import Master
from cloud_api.db.unit_of_work import UnitOfWork
from cloud_api.services.background import Background
from cloud_api.services.pinyin import initials
from cloud_api.settings import Settings
from domain.gtin import normalise
from tests.bench.million import code_of, name_of

DIVISION, ZONE = "main", "cn"
LISTED_FROM_MS = 1_700_000_000_000
ITEMS_AT_ONCE = 2_000


def stock(folder: Path, items: int, *, database_url: str = "") -> None:
    """Fill a prepared database with items 1 to ``items``, a code and a list price each; feeds and snapshots too."""
    with open_cloud(Settings(folder, database_url)) as cloud:
        with cloud.unit_of_work() as uow:
            departments = [{"department_id": "d1", "name_zh": "食品", "name_en": "Food", "position": 1}]
            taxes = [{"tax_code": "vat13", "rate_bp": 1300, "name_zh": "13%", "name_en": "13%"}]
            _add(uow, master_rows.DEPARTMENT, departments)
            _add(uow, master_rows.TAX, taxes)
            uow.commit()
        for first in range(1, items + 1, ITEMS_AT_ONCE):
            _add_items(cloud, range(first, min(first + ITEMS_AT_ONCE, items + 1)))
        background = Background(cloud)
        background.turn()
        background.snapshot_turn()


def price_minor_of(number: int) -> int:
    """What the goods of that number cost at first."""
    return 100 + number % 9_000


def _add_items(cloud: Cloud, numbers: range) -> None:
    with cloud.unit_of_work() as uow:
        _add(uow, master_rows.ITEM, [_item(number, uow.now_ms) for number in numbers])
        _add(uow, master_rows.BARCODE, list(map(_barcode, numbers)))
        _add(uow, master_rows.PRICE, [_price(number, uow.now_ms) for number in numbers])
        uow.commit()


def _add(uow: UnitOfWork, master: Master, rows: Sequence[dict[str, Any]]) -> None:
    scope = {"division": DIVISION} if master.scope == "division" else {"zone": ZONE}
    full = [scope | row | {"ver": 1} for row in rows]
    insert_rows(uow.connection, master.table, rows=full)
    for row in full:
        uow.publish(master.put(row))


def _item(number: int, now_ms: int) -> dict[str, Any]:
    name = name_of(number)
    return {
        "item_id": number,
        "sku": f"S{number:07d}",
        "name_zh": name,
        "name_en": f"Goods {number}",
        "pinyin": "".join(map(_initials, name.split()))[:40],
        "unit": "件",
        "spec": "",
        "department_id": "d1",
        "tax_code": "vat13",
        "weighed": 0,
        "status": "active",
        "override_allowed": 1,
        "discount_allowed": 1,
        "min_price_minor": 0,
        "changed_at_ms": now_ms,
    }


_initials = cache(initials)


def _barcode(number: int) -> dict[str, Any]:
    code = code_of(number)
    row = {"code": normalise(code), "item_id": number, "pack_thousandths": 1000}
    return row | {"as_typed": code, "deleted": 0}


def _price(number: int, now_ms: int) -> dict[str, Any]:
    key = {"item_id": number, "channel": "", "kind": "list", "valid_from_ms": LISTED_FROM_MS}
    row = {"valid_until_ms": 0, "price_minor": price_minor_of(number), "deleted": 0}
    return key | row | {"changed_at_ms": now_ms, "changed_by": "hq"}
