"""[idle_tills]: what 1,000 tills that listen and do nothing cost their cloud, beside the same cloud without a till."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_api.cli.wiring import open_cloud
from cloud_api.db.bulk import insert_rows
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import TERMINAL
from cloud_api.settings import Settings
from domain.ids import TerminalId
from sync import identity
from sync.client import CloudClient
from sync.feed import Cursor
from sync.identity import Identity, public_key_text
from sync.journal import GENESIS, Tip
from sync.messages import cursor_text
from sync.system_clock import SystemClock
from sync.tokens import CloudClock, TokenSource
from sync.transport import Transport
from tests.bench.chain import STORE, Chain, running_chain
from tests.bench.harness import Goal, Result

TILLS, ITEMS, WINDOWS, WINDOW_S = 1_000, 100, 3, 20.0
SETTLE_S = 6.0
"""Longer than the cloud waits before it writes down who said hello."""
MINUTE_S = 60
QUERIES_PER_TILL = 0.5
"""A minute: one query of each till would be twice that. The cloud's own polling varies with the machine."""


def bench(folder: Path) -> Iterator[Result]:
    """1,000 tills."""
    with running_chain(folder, ITEMS) as chain:
        yield from measure(chain)


def measure(chain: Chain, tills: int = TILLS, window_s: float = WINDOW_S) -> Iterator[Result]:
    """Windows of idleness without and with the tills; each till must have been served in each of them."""
    people = _enrolled(chain, tills)
    _addresses(chain, people[:1])  # the first hello ever makes the cloud look after one thing more
    alone = asyncio.run(_idle(chain, [], window_s))
    lines = _addresses(chain, people)
    together = asyncio.run(_idle(chain, lines, window_s))
    statements, cpu_ms = zip(*together, strict=True)
    raw_statements, raw_cpu_ms = zip(*alone, strict=True)
    yield Result("idle_tills", "SQL/min", statements, Goal(over_raw=tills * QUERIES_PER_TILL), raw_statements)
    yield Result("idle_tills_cpu", "CPU ms/min", cpu_ms, Goal(), raw_cpu_ms)


def _enrolled(chain: Chain, count: int) -> list[Identity]:
    """One till that enrols as tills do, and its row again for the others with a key each."""
    first = identity.load(chain.new_till())
    people = [
        replace(first, terminal=TerminalId(f"{STORE}-{1000 + n}"), key=Ed25519PrivateKey.generate())
        for n in range(count - 1)
    ]
    with open_cloud(Settings(chain.cloud.folder)) as cloud, writing(cloud.engine) as connection:
        row = connection.execute(sa.select(TERMINAL).where(TERMINAL.c.terminal_id == first.terminal)).mappings().one()
        rows = [
            {**row, "terminal_id": one.terminal, "number": 1000 + n, "pubkey": public_key_text(one.key)}
            for n, one in enumerate(people)
        ]
        insert_rows(connection, TERMINAL, rows=rows)
    return [first, *people]


def _addresses(chain: Chain, people: list[Identity]) -> list[bytes]:
    """A token and a hello for each, then the request that opens its line."""
    transport, clock = Transport(chain.cloud.url), CloudClock(SystemClock(), None, keep=lambda _offset: None)
    requests = []
    for who in people:
        tokens = TokenSource(who, clock)
        hello = CloudClient(transport, tokens=tokens, clock=clock).hello(Tip(1, 0, GENESIS), app_ver="0")
        cursors = [Cursor(head.epoch, head.head, "", 0) for head in hello.buckets]
        pairs = zip(hello.buckets, cursors, strict=True)
        query = "&".join(f"c={cursor_text(head.b, cursor.epoch, seq=cursor.seq)}" for head, cursor in pairs)
        access = tokens.get(transport)
        head = f"GET /v1/live?sub_ver={hello.sub_ver}&{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {access}\r\n"
        requests.append(f"{head}\r\n".encode())
    transport.close()
    return requests


async def _idle(chain: Chain, lines: list[bytes], window_s: float) -> list[tuple[float, float]]:
    """Statements and CPU milliseconds a minute, of each window."""
    heard = [0] * len(lines)
    listening = [asyncio.create_task(_listen(chain.cloud.port, line, heard, index=n)) for n, line in enumerate(lines)]
    await asyncio.sleep(min(SETTLE_S, window_s))
    assert all(heard), "every line is open"
    found = []
    for _ in range(WINDOWS):
        before, statements, cpu_s = list(heard), chain.cloud.statements, chain.cloud.cpu_s
        await asyncio.sleep(window_s)
        minutes = window_s / MINUTE_S
        found.append(((chain.cloud.statements - statements) / minutes, (chain.cloud.cpu_s - cpu_s) * 1000 / minutes))
        assert window_s < WINDOW_S or all(now > then for now, then in zip(heard, before, strict=True)), "heartbeats"
    assert not any(task.done() for task in listening), "every line is still open"
    for task in listening:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*listening)
    return found


async def _listen(port: int, request: bytes, heard: list[int], *, index: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        while data := await reader.read(4096):
            heard[index] += len(data)
    finally:
        writer.close()
