"""A small shop for the tests of sync: its rows, its till with a real key and a real journal."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
import uuid_utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.db import master_rows
from cloud_api.db.engine import reading, writing
from cloud_api.db.master_tables import ENROL_CODE, TERMINAL
from cloud_api.services import enrol_codes
from cloud_api.services.background import Background
from cloud_api.services.terminals.directory import Known
from cloud_api.services.terminals.enrolment import enrol
from domain.ids import TerminalId
from sync import upload
from sync.journal import GENESIS, Entry, Fact, Stamp, Tip, anchor_bytes, canonical, seal
from sync.messages import Enrol, Fork, Up, UpAck, token_bytes
from tests.cloud_api.conftest import SettableClock

STORE = "0102"
TERMINAL_ID = "0102-1"
ZONE = "cn"
CAT, PRICES, PROMO, STORE_BUCKET = "cat:main", "price:cn", "promo:cn", "store:0102"
ITEM_PRICES = {"A-1": 350, "A-2": 1200, "A-3": 9900}


@dataclass
class Shop:
    """The shop at HQ."""

    cloud: Cloud
    clock: SettableClock
    items: dict[str, int]

    def set_price(self, sku: str, price_minor: int, *, valid_from_ms: int | None = None) -> None:
        """A new list price, from now unless said otherwise."""
        row = {
            "zone": ZONE,
            "item_id": self.items[sku],
            "channel": "",
            "kind": "list",
            "valid_from_ms": self.clock.now_ms() if valid_from_ms is None else valid_from_ms,
            "price_minor": price_minor,
            "changed_at_ms": self.clock.now_ms(),
            "changed_by": "hq",
        }
        with self.cloud.unit_of_work() as uow:
            master_rows.write_row(uow, master_rows.PRICE, row)
            uow.commit()

    def make_code(self, terminal_id: str = TERMINAL_ID, *, ttl_ms: int = 600_000) -> str:
        """A one-time code for a till of the store."""
        code = enrol_codes.new_code()
        now_ms = self.clock.now_ms()
        row = {"code_hash": enrol_codes.hash_code(code), "terminal_id": terminal_id, "created_by": "hq"}
        with writing(self.cloud.engine) as connection:
            connection.execute(sa.insert(ENROL_CODE).values(**row, created_at_ms=now_ms, expires_at_ms=now_ms + ttl_ms))
        return code

    def set_state(self, state: str, terminal_id: str = TERMINAL_ID) -> None:
        """HQ's word about a till."""
        with writing(self.cloud.engine) as connection:
            mine = sa.update(TERMINAL).where(TERMINAL.c.terminal_id == terminal_id)
            connection.execute(mine.values(state=state, ver=TERMINAL.c.ver + 1))

    def add_till(self, terminal_id: str) -> None:
        """One more till of the store."""
        with writing(self.cloud.engine) as connection:
            _insert_till(connection, terminal_id, self.clock.now_ms())

    def enrolled_till(self, background: Background, terminal_id: str = TERMINAL_ID) -> TestTill:
        """A till that has been enrolled."""
        till = TestTill(TerminalId(terminal_id), self.clock, self.items)
        code = self.make_code(terminal_id)
        enrolled = enrol(self.cloud, Enrol(code=code, pubkey=till.pubkey, device="test", app_ver="0.1.0"))
        till.tip = Tip(enrolled.inc, 0, GENESIS)
        background.look()
        return till

    def new_till(self, background: Background) -> TestTill:
        """A till that nobody used before."""
        terminal_id = f"{STORE}-{len(self.rows(TERMINAL)) + 1}"
        self.add_till(terminal_id)
        return self.enrolled_till(background, terminal_id)

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """All rows of a table, by its key."""
        with reading(self.cloud.engine) as connection:
            query = sa.select(table).order_by(*table.primary_key.columns)
            return [dict(row) for row in connection.execute(query).mappings()]


@dataclass
class TestTill:
    """A till's key and journal; what it sends is made by the tills' own code."""

    __test__ = False

    terminal: TerminalId
    clock: SettableClock
    items: dict[str, int]
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    tip: Tip = field(default_factory=lambda: Tip(1, 0, GENESIS))
    journal: list[Entry] = field(default_factory=list)
    boot_id: str = "boot-1"
    """Entries of the present incarnation."""

    @property
    def pubkey(self) -> str:
        return base64.b64encode(self.key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        return base64.b64encode(self.key.sign(message)).decode()

    def clone(self) -> TestTill:
        """The same disk in another machine."""
        return replace(self, journal=list(self.journal))

    def record(self, kind: str, body: dict[str, Any], *, version: int = 1, clock_off_ms: int = 0) -> Entry:
        """One more entry."""
        now_ms = self.clock.now_ms()
        stamp = Stamp(now_ms + clock_off_ms, now_ms, 1_000, self.boot_id, now_ms)
        return self.append(Fact(str(uuid_utils.uuid7()), kind, version, stamp, canonical(body)))

    def append(self, fact: Fact) -> Entry:
        entry = seal(self.tip, fact, terminal=self.terminal)
        self.journal.append(entry)
        self.tip = Tip(entry.incarnation, entry.seq, entry.hash)
        return entry

    def sell(self, *skus: str, prices: dict[str, int] | None = None, **spoilt: Any) -> Entry:
        """A sale of one piece each, paid in cash exactly."""
        body = sale_body(self, skus or ("A-1",), prices or ITEM_PRICES)
        return self.record("sale", {"sale": {**body, **spoilt}})

    def adopt(self, new_inc: int, after_seq: int) -> None:
        """Go on under a new incarnation with everything behind ``after_seq``."""
        old, self.journal = self.journal, []
        old_inc, self.tip = self.tip.incarnation, Tip(new_inc, 0, GENESIS)
        for entry in old:
            if entry.seq > after_seq:
                self.append(entry.fact)
        self.record("fork_adopted", {"old_inc": old_inc, "new_inc": new_inc, "common_seq": after_seq})

    def batch(self, entries: Sequence[Entry] | None = None, *, want_inc: bool = False) -> Up:
        """What it sends: everything, unless some entries are given."""
        entries = self.journal if entries is None else entries
        signature = self.sign(anchor_bytes(self.terminal, upload.anchor(self.tip, entries)))
        return upload.request(self.tip, entries, terminal=self.terminal, signature=signature, want_inc=want_inc)

    def send(
        self, background: Background, entries: Sequence[Entry] | None = None, *, want_inc: bool = False
    ) -> UpAck | Fork:
        """Send straight to the desk."""
        return background.desk.receive(self.batch(entries, want_inc=want_inc), self.known(background))

    def acked(self, background: Background, entries: Sequence[Entry] | None = None) -> UpAck:
        """Send, and the cloud confirms."""
        answer = self.send(background, entries)
        assert isinstance(answer, UpAck), answer
        return answer

    def known(self, background: Background) -> Known:
        known = background.directory.look_up(self.terminal)
        assert known is not None
        return known

    def token_request(self, *, nonce: str = "n1", ts: int | None = None) -> dict[str, Any]:
        ts = self.clock.now_ms() if ts is None else ts
        message = token_bytes(self.terminal, self.tip.incarnation, ts=ts, nonce=nonce)
        sig = self.sign(message)
        return {"terminal": self.terminal, "inc": self.tip.incarnation, "ts": ts, "nonce": nonce, "sig": sig}

    def sign_in(self, client: TestClient) -> dict[str, str]:
        """The header that carries a fresh token."""
        answer = client.post("/v1/token", json=self.token_request(nonce=str(uuid_utils.uuid7())))
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access']}"}


def make_shop(cloud: Cloud, clock: SettableClock) -> Shop:
    """A store, its till, three items and their prices."""
    now_ms = clock.now_ms()
    store = {
        "store_id": STORE,
        "name_zh": "人民路店",
        "name_en": "Renmin Road",
        "division": "main",
        "price_zone": ZONE,
        "currency": "CNY",
        "timezone": "Asia/Shanghai",
        "settings": "{}",
        "created_at_ms": now_ms,
    }
    with cloud.unit_of_work() as uow:
        master_rows.write_row(uow, master_rows.STORE, store)
        _insert_till(uow.connection, TERMINAL_ID, now_ms)
        goods = master_rows.write_rows(uow, master_rows.ITEM, [_item(sku, now_ms) for sku in ITEM_PRICES])
        uow.commit()
    shop = Shop(cloud, clock, {one.after["sku"]: one.after["item_id"] for one in goods})
    for sku, price in ITEM_PRICES.items():
        shop.set_price(sku, price, valid_from_ms=now_ms - 10_000_000)
    clock.forward(seconds=120)
    return shop


def change_taxes(cloud: Cloud, start: int, count: int, *, name: str = "税") -> None:
    """A transaction each."""
    for number in range(start, start + count):
        row = {"division": "main", "tax_code": f"t{number}", "rate_bp": number, "name_zh": name * 200, "name_en": ""}
        with cloud.unit_of_work() as uow:
            master_rows.write_row(uow, master_rows.TAX, row)
            uow.commit()


def sale_body(till: TestTill, skus: Sequence[str], prices: dict[str, int]) -> dict[str, Any]:
    """The body of a sale as a till journals a ``domain.sale.Sale``."""
    lines = [_line(till, sku, prices[sku]) for sku in skus]
    due = sum(line["amount_minor"] for line in lines)
    return {
        "sale_id": str(uuid_utils.uuid7()),
        "receipt_no": f"{till.terminal}A-{till.tip.seq + 1:06d}",
        "store_id": STORE,
        "terminal_id": till.terminal,
        "operator_id": "1001",
        "business_date": "2026-05-28",
        "occurred_at_ms": till.clock.now_ms(),
        "currency": "CNY",
        "rule_book_version": 1,
        "lines": lines,
        "tenders": [{"kind": "cash", "amount_minor": due, "reference": ""}],
        "due_minor": due,
        "rounding_minor": 0,
        "paid_minor": due,
        "change_minor": 0,
        "voided": [],
    }


def _line(till: TestTill, sku: str, price: int) -> dict[str, Any]:
    return {
        "item_id": till.items[sku],
        "sku": sku,
        "name_zh": "牛奶",
        "name_en": "Milk",
        "unit": "盒",
        "scanned_code": "6901234567892",
        "quantity_thousandths": 1000,
        "unit_price_minor": price,
        "list_minor": price,
        "amount_minor": price,
        "tax_code": "13",
        "tax_rate_bp": 1300,
        "net_minor": price - price * 13 // 113,
        "tax_minor": price * 13 // 113,
        "modifiers": [],
    }


def _item(sku: str, now_ms: int) -> dict[str, Any]:
    row = {"division": "main", "sku": sku, "name_zh": "牛奶", "name_en": "Milk", "pinyin": "nn", "unit": "盒"}
    return row | {"spec": "250 ml", "department_id": "d1", "tax_code": "13", "changed_at_ms": now_ms}


def _insert_till(connection: sa.Connection, terminal_id: str, now_ms: int) -> None:
    number = int(terminal_id.rsplit("-", 1)[1])
    row = {"terminal_id": terminal_id, "store_id": STORE, "number": number, "created_at_ms": now_ms}
    connection.execute(sa.insert(TERMINAL).values(**row))
