"""The cloud of a contract test: the real app on a loopback port in a thread of its own, and HQ's way in."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from uvicorn.config import LoopFactoryType

from cloud_api.context import Cloud
from cloud_api.db.engine import make_engine, reading
from cloud_api.db.schema import METADATA
from cloud_api.keys import create_master_key
from cloud_api.main import create_app
from cloud_api.permissions import HqRole
from cloud_api.services import prices
from cloud_api.services.background import Background
from cloud_api.settings import Settings
from domain.clock import Clock
from scripts.demo.cloud import Headquarters
from tests.cloud_api.hq import PASSWORD, acting, add_user

WAIT_S = 20.0
HQ_USER = "root.admin"
STORE = "0101"
STORE_BODY: dict[str, Any] = {
    "store_id": STORE,
    "name_zh": "人民路店",
    "name_en": "Renmin Road",
    "price_zone": "cn",
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
}
GOODS = {  # code: (sku, Chinese, English, price in fen)
    "6928804014570": ("COLA", "可口可乐", "Coca-Cola", 350),
    "6922255447833": ("WATER", "百岁山", "Ganten water", 300),
    "6903252060065": ("NOODLES", "红烧牛肉面", "Beef noodles", 450),
}
COLA, WATER, NOODLES = GOODS
NOW_ON: dict[str, Any] = {"channel": "", "kind": "list", "valid_from_ms": 1, "valid_until_ms": 0}
CASHIER, SUPERVISOR = "1001", "5001"


def wait_until(true: Callable[[], object], complaint: str, timeout_s: float = WAIT_S) -> None:
    """Wait until it is so."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, complaint
        time.sleep(0.005)


def make_settings(folder: Path, database_url: str, **changes: Any) -> Settings:
    """Settings on an empty database with all tables; hashing is made cheap."""
    cheap = {"argon2_time": 1, "argon2_memory_kib": 8, "pin_argon2_memory_kib": 8}
    settings = Settings(data_dir=folder, database_url=database_url, **(cheap | changes))
    create_master_key(settings.master_key_path)
    engine = make_engine(settings.url)
    METADATA.create_all(engine)
    engine.dispose()
    return settings


@dataclass
class Office:
    """The cloud as a server; ``stop`` and ``start`` keep the port."""

    settings: Settings
    clock: Clock | None = None
    tls: tuple[Path, Path] | None = None
    port: int = 0
    _server: uvicorn.Server | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _listener: socket.socket | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        app = create_app(self.settings, clock=self.clock)
        self.cloud: Cloud = app.state.cloud
        self.background: Background = app.state.background
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        cert, key = map(str, self.tls) if self.tls else (None, None)
        # uvloop cannot be closed after a handshake that failed.
        loop: LoopFactoryType = "asyncio" if self.tls else "auto"
        config = uvicorn.Config(
            app,
            loop=loop,
            log_config=None,
            access_log=False,
            ssl_certfile=cert,
            ssl_keyfile=key,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server is not None and self._server.started, "the cloud does not start")

    def stop(self) -> None:
        if self._server is None or self._thread is None or self._listener is None:
            return
        self.background.hub.call_close_all()
        self._server.should_exit = True
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive(), "the cloud does not stop"
        self._listener.close()
        self._server = None

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """What the cloud's database answers."""
        with reading(self.cloud.engine) as connection:
            return [dict(row) for row in connection.execute(sa.text(statement), values).mappings()]

    def number(self, statement: str, **values: Any) -> int:
        """One number of the cloud's database."""
        (row,) = self.rows(statement, **values)
        return int(next(iter(row.values())))


@dataclass
class Shop:
    """A store as HQ set it up."""

    office: Office
    hq: Headquarters
    items: dict[str, int]
    pins: dict[str, str]

    def new_till(self) -> tuple[str, str]:
        """A till for HQ's list: its id and the code that enrols it."""
        made = self.hq.call("POST", f"/stores/{STORE}/tills", {})
        return made["terminal_id"], made["code"]

    def set_price(self, code: str, price_minor: int, *, zone: str = "cn") -> None:
        row = {"item_id": self.items[code], "price_minor": price_minor}
        self.hq.call("PUT", f"/prices/{zone}", row)

    def set_prices(self, code: str, prices_minor: Iterable[int]) -> None:
        """One price after the other, each an act of its own."""
        for price_minor in prices_minor:
            with acting(self.office.cloud) as act:
                prices.set_prices(act, "cn", [{**NOW_ON, "item_id": self.items[code], "price_minor": price_minor}])

    def set_state(self, terminal: str, state: str) -> None:
        """drain, active, revoked or lost."""
        path = "drain" if state in ("drain", "active") else "revoke"
        self.hq.call("POST", f"/tills/{terminal}/{path}", {"state": state})


def open_shop(office: Office) -> Shop:
    """HQ's first user, a store with three goods, prices and two people."""
    add_user(office.cloud, HQ_USER, HqRole.ADMIN)
    hq = Headquarters(office.url, HQ_USER, PASSWORD)
    hq.call("POST", "/stores", STORE_BODY)
    hq.call("PUT", "/departments/food", {"name_zh": "食品", "name_en": "Food"})
    hq.call("PUT", "/taxes/vat13", {"rate_bp": 1300, "name_zh": "增值税 13%", "name_en": "VAT 13%"})
    items = {}
    for code, (sku, name_zh, name_en, price_minor) in GOODS.items():
        body = {"sku": sku, "name_zh": name_zh, "name_en": name_en, "department_id": "food", "tax_code": "vat13"}
        items[code] = hq.call("POST", "/items", body | {"barcodes": [{"code": code}]})["item_id"]
        hq.call("PUT", "/prices/cn", {"item_id": items[code], "price_minor": price_minor, "valid_from_ms": 0})
    pins = {}
    for who, name, role in ((CASHIER, "收银员", "cashier"), (SUPERVISOR, "主管", "supervisor")):
        pins[who] = hq.call("POST", f"/stores/{STORE}/staff", {"operator_id": who, "name": name, "role": role})["pin"]
    return Shop(office, hq, items, pins)
