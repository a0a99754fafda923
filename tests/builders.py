"""Builders of tests: items, carts, a replica file as sync would leave it, and an enrolled till in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import argon2
import pysqlite3.dbapi2 as sqlite
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.cart import Cart, CartLine, add_line
from domain.catalog import CurrentPrice, Item
from domain.gtin import check_digit, normalise
from domain.ids import CartId, ItemId, OperatorId, StoreId, TerminalId
from domain.permissions import Authority, Operator, Role
from domain.pin import peppered
from domain.quantity import ONE
from sync import identity
from sync.identity import Identity
from sync.replica.search import create_search, index_some
from sync.replica.store import create_indices, create_schema, write_ack, write_state
from sync.upload import Confirmed

TERMINAL = TerminalId("0102-2")
STORE = StoreId("0102")
PEPPER = b"a pepper for tests, 32 bytes long"
NOW_MS = 1_793_701_320_000
"""2026-11-03 18:22 in Shanghai."""

CASHIER = Operator(OperatorId("1007"), "李芳", Role.CASHIER)
SUPERVISOR = Operator(OperatorId("1001"), "王强", Role.SUPERVISOR)
MANAGER = Operator(OperatorId("1000"), "陈静", Role.MANAGER)
PINS = {CASHIER.operator_id: "482913", SUPERVISOR.operator_id: "730164", MANAGER.operator_id: "915527"}
_QUICK_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class TestClock:
    """Clocks that stand still until they are moved."""

    __test__ = False
    wall_ms: int = NOW_MS
    mono_ms: int = 50_000

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return self.mono_ms

    def pass_ms(self, elapsed_ms: int) -> None:
        """Let time pass, on both clocks."""
        self.wall_ms += elapsed_ms
        self.mono_ms += elapsed_ms


def item(item_id: int = 1, **changes: Any) -> Item:
    """农夫山泉 unless changed."""
    plain = Item(ItemId(item_id), f"S{item_id:06d}", "农夫山泉 550ml", "Nongfu Spring 550ml", "瓶", "drinks", "V13")
    return replace(plain, pinyin=str(changes.pop("pinyin", "nfsq550ml")), **changes)


def line(item_id: int = 1, price_minor: int = 200, *, quantity: int = ONE, **changes: Any) -> CartLine:
    """A cart line at its list price."""
    price = CurrentPrice(price_minor, price_minor, 0)
    plain = CartLine(f"L{item_id}", item(item_id), quantity, price, "", tax_rate_bp=1300)
    return replace(plain, **changes)


def cart(*lines: CartLine, currency: str = "CNY") -> Cart:
    """A cart with lines."""
    made = Cart(CartId("cart-1"), currency, NOW_MS)
    for one in lines:
        made = add_line(made, one)
    return made


def authority(operator: Operator = SUPERVISOR, approver: Operator | None = None) -> Authority:
    """Who acts, and who approved."""
    return Authority(operator, approver)


def ean13(item_id: int) -> str:
    """A code with a right check digit, 69…"""
    body = f"69{item_id:010d}"
    return body + check_digit(body)


@dataclass(frozen=True)
class Goods:
    """An item with its code and price as a replica holds them."""

    item: Item
    price_minor: int | None = 200
    code: str = ""
    pack_thousandths: int = ONE


SCALE_FORMAT = {"pattern": "FFWWWWWNNNNNC", "flags": ["21"]}
AMOUNT_FORMAT = {"pattern": "FFWWWWWEEEEEC", "flags": ["22"]}
SETTINGS: dict[str, Any] = {
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
    "price_zone": "cn",
    "cash_rounding_unit_minor": 10,
    "scale_formats": [SCALE_FORMAT, AMOUNT_FORMAT],
    "rule_book_version": 1,
    "auto_lock_s": 180,
}

WATER, CRISPS, APPLES, BAG, UNPRICED, BLOCKED = (
    Goods(item(1), 200, ean13(1)),
    Goods(
        item(2, name_zh="乐事薯片 原味", name_en="Lay's Crisps", pinyin="lsspyw", department_id="snacks"), 790, ean13(2)
    ),
    Goods(item(3, name_zh="散称苹果", name_en="Loose apples", pinyin="scpg", unit="kg", weighed=True), 996, "10007"),
    Goods(item(4, name_zh="购物袋", name_en="Carrier bag", pinyin="gwd", discount_allowed=False), 30, ean13(4)),
    Goods(item(5, name_zh="新品饼干", name_en="New biscuits", pinyin="xpbg"), None, ean13(5)),
    Goods(item(6, name_zh="召回果汁", name_en="Recalled juice", pinyin="zhgz", status="blocked"), 500, ean13(6)),
)
SHOP = (WATER, CRISPS, APPLES, BAG, UNPRICED, BLOCKED)


@dataclass
class Replica:
    """A replica folder as the sync agent leaves it; ``connection`` writes into the live file."""

    folder: Path
    number: int = 1
    connection: Any = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite.connect(str(self.path), isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        create_schema(self.connection)
        create_search(self.connection)

    @property
    def path(self) -> Path:
        return self.folder / f"replica-{self.number}.db"

    def put(self, table: str, **row: Any) -> None:
        names, marks = ", ".join((*row, "ver")), ", ".join("?" * (len(row) + 1))
        self.connection.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", (*row.values(), 1))

    def set_price(self, item_id: int, price_minor: int, *, kind: str = "list", valid_from_ms: int = 0) -> None:
        key = {"item_id": item_id, "channel": "", "kind": kind, "valid_from_ms": valid_from_ms}
        self.put("price", **key, valid_until_ms=0, price_minor=price_minor)

    def add_goods(self, goods: Iterable[Goods]) -> None:
        for one in goods:
            row = {name: getattr(one.item, name) for name in Item.__slots__ if name not in ("brand", "tags")}
            self.put("item", **(row | {"status": str(one.item.status), "weighed": int(one.item.weighed)}))
            if one.price_minor is not None:
                self.set_price(one.item.item_id, one.price_minor)
            if one.code:
                code = normalise(one.code)
                self.put("barcode", code=code, item_id=one.item.item_id, pack_thousandths=one.pack_thousandths)

    def add_shop(self, goods: Iterable[Goods] = SHOP, settings: dict[str, Any] | None = None) -> None:
        """A small shop with its staff."""
        document = json.dumps(SETTINGS if settings is None else settings)
        self.put("store", store_id=STORE, name_zh="人民路店", name_en="Renmin Road", settings=document)
        self.put("tax", tax_code="V13", rate_bp=1300, name_zh="增值税 13%", name_en="VAT 13 %")
        self.put("department", department_id="drinks", name_zh="饮料", name_en="Drinks", position=1)
        self.put("department", department_id="snacks", name_zh="零食", name_en="Snacks", position=2)
        for position, item_id in enumerate((4, 3, 6), start=1):
            self.put("quick_key", position=position, item_id=item_id, label_zh="", label_en="")
        for person in (CASHIER, SUPERVISOR, MANAGER):
            self.add_operator(person, PINS[person.operator_id])
        self.add_goods(goods)

    def add_operator(self, person: Operator, pin: str, *, active: bool = True) -> None:
        pin_hash = _QUICK_HASHER.hash(peppered(pin, PEPPER))
        row = {"operator_id": person.operator_id, "name": person.name, "role": person.role.value}
        self.put("operator", **row, pin_hash=pin_hash, active=int(active))

    def acknowledge(self, inc: int, seq: int, *, durable: int | None = None) -> None:
        write_ack(self.connection, Confirmed(inc, seq, "0" * 64, seq if durable is None else durable, "e"))

    def state(self, **facts: str | int) -> None:
        write_state(self.connection, **facts)

    def reindex(self) -> None:
        """Build the word index anew."""
        self.connection.execute("DELETE FROM search_fts")
        self.connection.execute("DELETE FROM sync_state WHERE key = 'search_pos'")
        while index_some(self.connection, 500):
            pass

    def publish(self) -> None:
        """Index it and make it the live one."""
        create_indices(self.connection)
        self.reindex()
        (self.folder / "current").write_text(self.path.name, encoding="utf-8")

    def close(self) -> None:
        self.connection.close()


def enrol(directory: Path, *, inc: int = 1) -> Identity:
    """Make a directory that of an enrolled till."""
    directory.mkdir(parents=True, exist_ok=True)
    made = Identity(
        terminal=TERMINAL,
        store=STORE,
        store_name_zh="人民路店",
        store_name_en="Renmin Road",
        cloud_url="https://cloud.example",
        ca_file=None,
        inc=inc,
        key=Ed25519PrivateKey.generate(),
        pepper=PEPPER,
    )
    identity.save(directory, made)
    return made


def shop(directory: Path, goods: Iterable[Goods] = SHOP) -> Replica:
    """An enrolled directory with a published replica of a small shop."""
    enrol(directory)
    replica = Replica(directory / "replica")
    replica.add_shop(goods)
    replica.publish()
    return replica
