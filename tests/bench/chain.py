"""The chain that the measurements of sync drive: a cloud process with goods in it, HQ's hand, tills, their agents."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pysqlite3.dbapi2 as sqlite

from pos_app.services.enrolment import Enrolment
from scripts.demo.cloud import Cloud, Headquarters
from sync.replica.files import current_replica
from tests.bench.stock import ZONE, stock
from tests.bench.watched_cloud import BELLS, STATEMENTS

STORE, CASHIER = "0101", "1001"
WAIT_S = 120
Event = dict[str, Any]


class WatchedCloud(Cloud):
    """A cloud that writes down its bells and its statements."""

    server = (sys.executable, "-m", "tests.bench.watched_cloud")

    @property
    def bell_ns(self) -> int:
        """When the bell rang last."""
        return int((self.folder / BELLS).read_bytes().split()[-1])

    @property
    def statements(self) -> int:
        """How many SQL statements it ran so far."""
        return (self.folder / STATEMENTS).stat().st_size

    @property
    def cpu_s(self) -> float:
        """Processor time it used so far."""
        used = psutil.Process(self.pid).cpu_times()
        return used.user + used.system


@dataclass
class Chain:
    """A running cloud with a store, a cashier and its goods."""

    folder: Path
    cloud: WatchedCloud
    hq: Headquarters
    pin: str
    items: int

    def new_till(self) -> Path:
        """The data directory of a till that has just been enrolled, as the app's first run leaves it."""
        made = self.hq.call("POST", f"/stores/{STORE}/tills", {})
        folder = self.folder / str(made["terminal_id"])
        Enrolment(folder).enrol(self.cloud.url, made["code"])
        return folder

    def set_price(self, item_id: int, price_minor: int) -> None:
        """One new price, from now on."""
        self.hq.call("PUT", f"/prices/{ZONE}", {"item_id": item_id, "price_minor": price_minor})


@contextmanager
def running_chain(folder: Path, items: int, *, database_url: str = "", kept: Path | None = None) -> Iterator[Chain]:
    """From nothing to a chain with so many goods; ``kept`` is a stocked folder of an earlier run to go on with."""
    cloud = WatchedCloud(kept or folder / "cloud", database_url=database_url)
    if kept is None:
        cloud.prepare()
        stock(cloud.folder, items, database_url=database_url)
    else:
        cloud.run("user", "password", "hq", "--password-stdin", typed=cloud.password + "\n")
    cloud.start()
    try:
        hq = Headquarters(cloud.url, "hq", cloud.password)
        yield Chain(folder, cloud, hq, _open_store(hq), items)
    finally:
        cloud.stop()


def _open_store(hq: Headquarters) -> str:
    """The store and its cashier, whose PIN is given."""
    if not hq.call("GET", "/stores")["stores"]:
        names = {"name_zh": "人民路店", "name_en": "Renmin Road", "division": "main", "price_zone": ZONE}
        hq.call("POST", "/stores", {"store_id": STORE, "currency": "CNY", "timezone": "Asia/Shanghai", **names})
        body = {"operator_id": CASHIER, "name": "李芳", "role": "cashier"}
        return str(hq.call("POST", f"/stores/{STORE}/staff", body)["pin"])
    return str(hq.call("POST", f"/stores/{STORE}/staff/{CASHIER}/pin")["pin"])


@dataclass
class AgentProcess:
    """The sync agent as the app starts it; ``events`` are (moment in ns, what it said)."""

    directory: Path
    events: queue.Queue[tuple[int, Event]] = field(default_factory=queue.Queue)
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> AgentProcess:
        with (self.directory / "agent.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sync", "--data", str(self.directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"EVERTILL_KEY_STORE": "file"},
            )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(WAIT_S)
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        """Its process's id."""
        assert self._process is not None
        return self._process.pid

    def tell(self, command: str) -> None:
        """The app's word."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps({"cmd": command}).encode() + b"\n")
        self._process.stdin.flush()

    def wait_for(self, came: Callable[[Event], bool]) -> int:
        """The moment of the next event that is awaited."""
        end = time.monotonic() + WAIT_S
        while True:
            at_ns, event = self.events.get(timeout=max(0.01, end - time.monotonic()))
            if came(event):
                return at_ns

    def wait_until_level(self) -> None:
        """Until it has all that there is and listens."""
        self.wait_for(lambda event: event["ev"] == "status" and event["synced_at_ms"] is not None)

    def _listen(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            self.events.put((time.perf_counter_ns(), json.loads(line)))


@contextmanager
def reading_replica(directory: Path) -> Iterator[Any]:
    """A connection to a till's live replica, as the app has one."""
    path = current_replica(directory)
    assert path is not None
    conn = sqlite.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        yield conn
    finally:
        conn.close()


def count_rows(directory: Path, tables: tuple[str, ...]) -> dict[str, int]:
    """How many rows a till can read, by table; nothing before the first install."""
    if current_replica(directory) is None:
        return {}
    with reading_replica(directory) as conn:
        return {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
