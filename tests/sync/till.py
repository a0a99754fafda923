"""A till for the agent's tests: its data directory, its journal, and an agent that starts again and again."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.ids import StoreId
from sync import identity
from sync.agent import Agent, Settings
from sync.identity import Identity
from sync.pipe import Command, Pipe
from sync.replica.files import current_replica
from sync.replica.install import connect
from tests.sync.builders import TERMINAL, append, journal_file

PATIENCE_S = 15


def wait_until(true: Callable[[], object], what: str = "") -> None:
    """Waits until it is so; fails when it takes too long."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline_s, what or "it did not come to pass"
        time.sleep(0.005)


class Till:
    """A till's data directory, its journal, and an agent that may be started again and again."""

    def __init__(self, directory: Path, address: str) -> None:
        self.directory, self.out = directory, io.StringIO()
        names = {"store_name_zh": "人民路店", "store_name_en": "Renmin Road"}
        key = Ed25519PrivateKey.generate()
        who = Identity(TERMINAL, StoreId("0102"), **names, cloud_url=address, ca_file=None, inc=1, key=key, pepper=b"")
        identity.save(directory, who)
        self.journal = journal_file(directory / "till.db")

    @contextmanager
    def agent(self) -> Iterator[Agent]:
        made = Agent(Settings(self.directory, "0.1.0"), identity.load(self.directory), Pipe(self.out))
        thread = threading.Thread(target=made.run)
        thread.start()
        try:
            yield made
        finally:
            made.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def sell(self, agent: Agent, count: int = 1) -> None:
        append(self.journal, count)
        agent.take(Command.WAKE)

    def told(self, event: str) -> list[dict[str, Any]]:
        lines = self.out.getvalue().splitlines()
        return [parsed for line in lines if (parsed := json.loads(line))["ev"] == event]

    def status(self) -> dict[str, Any]:
        events = self.told("status")
        return events[-1] if events else {}

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        path = current_replica(self.directory)
        if path is None:
            return []
        conn = connect(path)
        try:
            found: list[tuple[Any, ...]] = conn.execute(sql).fetchall()
            return found
        finally:
            conn.close()

    def price(self, item_id: int) -> int | None:
        found = self.read(f"SELECT price_minor FROM price WHERE item_id = {item_id}")
        return found[0][0] if found else None
