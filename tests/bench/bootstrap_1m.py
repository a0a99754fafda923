"""[bootstrap_1m]: an enrolled till without goods → its first sale out of 1,000,000, beside the bare download."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import cloud_api
import sync.replica
from domain.ids import OperatorId
from domain.scan import parse_scan
from domain.tender import TenderKind
from pos_app.wiring import open_till
from scripts.demo.cloud import Cloud
from tests.bench.bare_files import BareFiles
from tests.bench.chain import CASHIER, AgentProcess, Chain, Event, running_chain
from tests.bench.harness import Goal, Result, Stopwatch
from tests.bench.million import CACHE, MILLION, code_of
from tests.bench.stock import stock

TILLS = 5


def bench(folder: Path) -> Iterator[Result]:
    """1,000,000 goods."""
    with running_chain(folder, MILLION, kept=_kept_cloud(MILLION)) as chain:
        yield from measure(chain)


def measure(chain: Chain, tills: int = TILLS) -> Iterator[Result]:
    """A new till each time: its agent's process starts, its app opens, signs on, scans, takes cash."""
    ours, raw = Stopwatch(), Stopwatch()
    for number in range(1, tills + 1):
        till = chain.new_till()
        files = BareFiles(till)
        with raw.once():
            for _packed in files.download(till / "bare"):
                pass
        with ours.once():
            _first_sale(chain, till, code_of(chain.items // tills * number))
    yield Result("bootstrap_1m", "ms", ours.samples, Goal(over_raw=2_000), raw.samples)


def _kept_cloud(items: int) -> Path:
    """A stocked cloud, made once (a minute or two) and again when a line of the code that makes it has changed."""
    parts = (cloud_api, "db/**/*.py"), (cloud_api, "services/snapshots/*.py"), (sync.replica, "*.py")
    sources = [path for package, pattern in parts for path in sorted(Path(package.__path__[0]).glob(pattern))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in (Path(stock.__code__.co_filename), *sources)))
    folder = CACHE / f"cloud-{items}-{digest.hexdigest()[:12]}"
    done = folder / "stocked"
    if not done.exists():
        for outdated in CACHE.glob(f"cloud-{items}-*"):
            shutil.rmtree(outdated)
        Cloud(folder).prepare()
        stock(folder, items)
        done.touch()
    return folder


def _first_sale(chain: Chain, directory: Path, code: str) -> None:
    with AgentProcess(directory) as agent:
        till = open_till(directory)

        def can_sell(event: Event) -> bool:
            if event["ev"] == "replica":
                till.catalog.reopen()
            return till.catalog.is_ready and bool(till.operators.list())

        agent.wait_for(can_sell)
        cashier = till.operators.sign_on(OperatorId(CASHIER), chain.pin)
        till.selling.scan(parse_scan(code, formats=till.catalog.store().scale_formats))
        payment = till.checkout.start(till.selling.cart)
        till.checkout.add_tender(TenderKind.CASH, payment.cash_due_minor)
        till.checkout.complete(cashier)
        till.close()
