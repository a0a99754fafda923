"""A small enrolled till with real goods of the sample shop: real files, real services, no cloud."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import argon2
import pysqlite3.dbapi2 as sqlite
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.gtin import normalise
from domain.ids import OperatorId, StoreId, TerminalId
from domain.money import parse_minor
from domain.pin import peppered
from sync import identity
from sync.replica import search, store
from sync.replica.files import ReplicaFiles
from sync.replica.tables import TABLES

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample_shop"
PEPPER = b"p" * 32
PINS = {"1001": "246810", "5001": "135790", "9001": "975310"}
STAFF = (("1001", "收银员", "cashier"), ("5001", "主管", "supervisor"), ("9001", "店长", "manager"))
DEPARTMENTS = ("fresh", "drinks", "snacks", "biscuits", "candy", "instant", "dairy", "house")


@dataclass(frozen=True)
class Good:
    """An item to sell; ``price`` None has none."""

    item_id: int
    code: str
    name_zh: str
    name_en: str
    department: str
    price: int | None
    weighed: bool = False
    spec: str = ""
    pinyin: str = ""
    special: int | None = None


KNOWN = (
    Good(
        1, "6901285991219", "农夫山泉饮用天然水", "Nongfu Spring water", "drinks", 200, spec="550ml", pinyin="nfsqyytrs"
    ),
    Good(
        2,
        "6924743915848",
        "乐事薯片 美国经典原味",
        "Lay's classic crisps",
        "snacks",
        790,
        spec="75g",
        pinyin="lsspmgjdyw",
    ),
    Good(3, "10003", "红富士苹果", "Fuji apples", "fresh", 996, weighed=True, pinyin="hfspg"),
    Good(4, "6907992500133", "伊利纯牛奶", "Yili milk", "dairy", 6500, spec="250ml×24", pinyin="ylcnn", special=5900),
    Good(5, "6922266446122", "清风原木纯品抽纸", "Breeze tissues", "house", 1590, spec="3层×120抽", pinyin="qfymcpcz"),
    Good(6, "6928804014570", "可口可乐", "Coca-Cola", "drinks", 250, spec="330ml", pinyin="kkkl"),
    Good(7, "20017", "购物袋 大", "Bag, large", "house", 30, pinyin="gwdd"),
    Good(8, "6901234567892", "没有定价的新品", "New item without a price", "snacks", None, pinyin="mydjdxp"),
    Good(9, "10009", "鲜鸡蛋", "Eggs", "fresh", 1280, weighed=True, pinyin="xjd"),
)
QUICK = (7, 9, 3, 6, 1, 2, 4, 5)


@dataclass
class Shop:
    """Writes the data directory of a till."""

    directory: Path
    goods: tuple[Good, ...] = KNOWN
    items: int = 0
    """How many sample goods to add beside the known ones."""
    cash_rounding_unit_minor: int = 10
    store_name: tuple[str, str] = ("人民路店", "Renmin Road")
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def write(self) -> Path:
        """Identity and replica; gives the directory."""
        self.directory.mkdir(parents=True, exist_ok=True)
        identity.save(self.directory, _identity(self.store_name))
        files = ReplicaFiles(self.directory)
        path = files.next_path()
        connection = sqlite.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        store.create_schema(connection)
        self._fill(connection)
        store.create_indices(connection)
        search.create_search(connection)
        while search.index_some(connection, 10_000):
            pass
        connection.execute("COMMIT")
        connection.close()
        files.flip(path)
        return self.directory

    def _fill(self, connection: Any) -> None:
        departments = {
            one["department_id"]: one for one in json.loads((SAMPLE / "departments.json").read_text("utf-8"))
        }
        for at, department_id in enumerate(DEPARTMENTS):
            names = departments[department_id]
            _insert(connection, "department", (department_id, names["name_zh"], names["name_en"], at))
        for code, rate in (("vat13", 1300), ("vat9", 900), ("none", 0)):
            _insert(connection, "tax", (code, rate, code, code))
        for good in (*self.goods, *sample_goods()[: self.items]):
            self._put_good(connection, good)
        for position, item_id in enumerate(QUICK):
            _insert(connection, "quick_key", (position, item_id, "", ""))
        for operator_id, name, role in STAFF:
            _insert(connection, "operator", (operator_id, name, role, pin_hash(PINS[operator_id]), 1))
        _insert(connection, "store", ("0102", *self.store_name, json.dumps(self._settings(), ensure_ascii=False)))

    def _put_good(self, connection: Any, good: Good) -> None:
        unit = "kg" if good.weighed else "件"
        head = (good.item_id, good.code, good.name_zh, good.name_en, good.pinyin, unit, good.spec)
        _insert(connection, "item", (*head, good.department, "vat13", int(good.weighed), "active", 1, 1, 0))
        _insert(connection, "barcode", (normalise(good.code), good.item_id, 1000))
        if good.price is not None:
            _insert(connection, "price", (good.item_id, "", "list", 0, 0, good.price))
        if good.special is not None:
            _insert(connection, "price", (good.item_id, "", "special", 0, 0, good.special))

    def _settings(self) -> dict[str, Any]:
        return {
            "currency": "CNY",
            "timezone": "Asia/Shanghai",
            "price_zone": "cn",
            "cash_rounding_unit_minor": self.cash_rounding_unit_minor,
            "day_start_hour": 4,
            "scale_formats": json.loads((SAMPLE / "scale_formats.json").read_text("utf-8")),
            "rule_book_version": 1,
            "auto_lock_s": 180,
        }


def change_price(directory: Path, item_id: int, price_minor: int) -> None:
    """What the agent does when HQ changes a price: a write to the live replica file."""
    path = ReplicaFiles(directory).current()
    assert path is not None
    connection = sqlite.connect(path, isolation_level=None)
    connection.execute("UPDATE price SET price_minor = ? WHERE item_id = ? AND kind = 'list'", (price_minor, item_id))
    connection.close()


@cache
def pin_hash(pin: str) -> str:
    """A cheap hash for tests; the parameters travel inside it."""
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return hasher.hash(peppered(pin, PEPPER))


@cache
def sample_goods() -> tuple[Good, ...]:
    """The shop's real goods with a price, by number from 1000."""
    found: list[Good] = []
    with (SAMPLE / "goods_cn.csv").open(encoding="utf-8", newline="") as lines:
        known = {good.code for good in KNOWN}
        for at, row in enumerate(one for one in csv.DictReader(lines) if one["code"] not in known):
            department = row["department"] if row["department"] in DEPARTMENTS else "snacks"
            price = parse_minor(row["price"], "CNY")
            found.append(Good(1000 + at, row["code"], row["name_zh"], row["name_en"], department, price))
    return tuple(found)


def _identity(name: tuple[str, str]) -> identity.Identity:
    return identity.Identity(
        terminal=TerminalId("0102-2"),
        store=StoreId("0102"),
        store_name_zh=name[0],
        store_name_en=name[1],
        cloud_url="https://cloud.invalid",
        ca_file=None,
        inc=1,
        key=Ed25519PrivateKey.generate(),
        pepper=PEPPER,
    )


def _insert(connection: Any, table: str, values: tuple[Any, ...]) -> None:
    names = TABLES[table].column_names
    marks = ", ".join("?" * (len(names) + 1))
    connection.execute(f"INSERT INTO {table} ({', '.join(names)}, ver) VALUES ({marks})", (*values, 1))


CASHIER = OperatorId("1001")
SUPERVISOR = OperatorId("5001")
