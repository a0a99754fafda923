"""[bootstrap_10k]: an enrolled till without goods → all 10,000 readable; in turn with the bare files, unpacked.

The agent's code runs in this process, imported already: what a till does once it is awake.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sync import identity
from sync.agent import Agent, Settings
from sync.pipe import Pipe
from tests.bench.bare_files import BareFiles
from tests.bench.chain import WAIT_S, Chain, count_rows, running_chain
from tests.bench.harness import Goal, Result, Stopwatch

ITEMS, TILLS = 10_000, 25


def bench(folder: Path) -> Iterator[Result]:
    """10,000 goods."""
    with running_chain(folder, ITEMS) as chain:
        yield from measure(chain)


def measure(chain: Chain, tills: int = TILLS) -> Iterator[Result]:
    """A new till each time; the first warms up."""
    ours, raw = Stopwatch(), Stopwatch()
    for _ in range(tills + 1):
        till = chain.new_till()
        files = BareFiles(till)
        assert len(files.urls) == 2, "catalogue and prices come as files"
        _run_agent(till, chain.items, ours)
        with raw.once():
            for packed in files.download(till / "bare"):
                files.unpack(packed)
    yield Result("bootstrap_10k", "ms", ours.samples[1:], Goal(p50=100, times_raw=3), raw.samples[1:])


class Ear(io.StringIO):
    """Standard output of the agent: rings at every line."""

    def __init__(self) -> None:
        super().__init__()
        self.rang = threading.Event()

    def write(self, line: str) -> int:
        self.rang.set()
        return len(line)


def _run_agent(till: Path, items: int, watch: Stopwatch) -> None:
    ear = Ear()
    wanted = {"item": items, "barcode": items, "price": items, "tax": 1, "department": 1, "store": 1, "operator": 1}
    who = identity.load(till)
    with watch.once():
        agent = Agent(Settings(till, "0"), who, Pipe(ear))
        thread = threading.Thread(target=agent.run)
        thread.start()
        end = time.monotonic() + WAIT_S
        while count_rows(till, tuple(wanted)) != wanted:
            assert ear.rang.wait(max(0, end - time.monotonic())), "the rows do not come"
            ear.rang.clear()
    agent.stop()
    thread.join()
