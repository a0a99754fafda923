"""The till of a contract test: its data directory, its services, and its real agent in threads of this process."""

from __future__ import annotations

import io
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.ids import OperatorId
from domain.permissions import Operator
from pos_app.services.enrolment import Enrolment
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from sync import identity, journal_store
from sync.agent import Agent, Settings
from sync.journal import Tip
from sync.pipe import Command, Pipe
from sync.release import RELEASE
from tests import selling
from tests.contract.office import CASHIER, COLA, Office, wait_until
from tests.e2e.books import compare


class Heard(io.StringIO):
    """What the agent tells the app, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def write(self, text: str) -> int:
        self.events.append(json.loads(text))
        return len(text)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a kind so far."""
        return [event for event in list(self.events) if event["ev"] == kind]

    def steps(self) -> set[str]:
        """What the first download, or a later one, went through."""
        return {event["step"] for event in self.of("progress")}

    @property
    def status(self) -> dict[str, Any]:
        """The last status."""
        return (self.of("status") or [{}])[-1]


@dataclass
class Counter:
    """One till; ``app`` and the agent come and go, the directory stays."""

    directory: Path
    pins: dict[str, str]
    heard: Heard = field(default_factory=Heard)
    release: str = RELEASE
    """What the app says it is."""
    confirmed: list[tuple[str, int]] = field(default_factory=list)
    """(receipt number, payable) of every sale that was completed here."""
    _app: TillApp | None = None
    _agent: Agent | None = None
    _thread: threading.Thread | None = None
    _operator: Operator | None = None
    _forks_taken: int = 0
    _flips_taken: int = 0

    # Life ------------------------------------------------------------------------------------------------

    def enrol(self, url: str, code: str, *, ca_file: str = "") -> str:
        """Bind the directory to a store; the terminal's id."""
        return Enrolment(self.directory).enrol(url, code, ca_file=ca_file).terminal_id

    @property
    def app(self) -> TillApp:
        """The open till."""
        if self._app is None:
            self._app = open_till(self.directory, outside=Outside(disk_limits=DiskLimits(0, 0)))
        return self._app

    @property
    def agent(self) -> Agent:
        """The agent, made but perhaps not running."""
        if self._agent is None:
            settings = Settings(self.directory, self.release)
            self._agent = Agent(settings, identity.load(self.directory), Pipe(self.heard))
        return self._agent

    def connect(self) -> None:
        """Start the agent's loops."""
        self._thread = threading.Thread(target=self.agent.run, daemon=True)
        self._thread.start()

    def disconnect(self) -> None:
        """End the agent as the app's end does."""
        if self._agent is not None and self._thread is not None:
            self._agent.stop()
            self._thread.join(10)
            assert not self._thread.is_alive(), "the agent does not stop"
        elif self._agent is not None:
            self._agent.replica.close()
        self._agent = self._thread = None

    def close(self) -> None:
        """End everything of this till."""
        self.disconnect()
        if self._app is not None:
            self._app.close()
            self._app = self._operator = None

    def copy_to(self, directory: Path) -> Counter:
        """The same disk in another machine; this till must be closed."""
        assert self._app is None and self._agent is None
        shutil.copytree(self.directory, directory)
        return Counter(directory, self.pins)

    # Work ------------------------------------------------------------------------------------------------

    def sell(self, *codes: str, times: int = 1) -> list[str]:
        """Sell, in cash; the receipt numbers. The agent is told, as the app does."""
        numbers = []
        for _ in range(times):
            for code in codes or (COLA,):
                selling.scan(self.app, code)
            done = selling.pay(self.app, operator=self.cashier)
            self.confirmed.append((done.receipt_no, done.sale.payable_minor))
            numbers.append(done.receipt_no)
            if self._agent is not None:
                self._agent.take(Command.WAKE)
        return numbers

    @property
    def cashier(self) -> Operator:
        """The cashier, signed on by the PIN that HQ gave out."""
        if self._operator is None:
            self._operator = self.app.operators.sign_on(OperatorId(CASHIER), self.pins[CASHIER])
        return self._operator

    def record(self, kind: str, body: dict[str, Any]) -> None:
        """Journal anything, as a newer app might."""
        with self.app.database.write() as uow:
            self.app.journal.record(uow, kind, body=body)
            uow.commit()

    # Where it stands -------------------------------------------------------------------------------------

    @property
    def tip(self) -> Tip:
        with self.app.database.read() as uow:
            return journal_store.tip(uow.raw)

    @property
    def unsent(self) -> int:
        return self.app.health.unsent()

    def price(self, code: str = COLA) -> int | None:
        """What one scan of the code costs now."""
        found = self.app.catalog.find(code.zfill(14)) or self.app.catalog.find(code)
        return found.price.price_minor if found and found.price else None

    def take_events(self) -> None:
        """Do what the app does when the agent says that a file was flipped or a fork must be adopted."""
        if len(flips := self.heard.of("replica")) > self._flips_taken:
            self._flips_taken = len(flips)
            self.app.catalog.reopen()
        if len(forks := self.heard.of("fork")) > self._forks_taken:
            self._forks_taken = len(forks)
            self.app.adopt_fork(forks[-1]["new_inc"], forks[-1]["common_seq"])
            self.agent.take(Command.WAKE)

    def wait_until(self, true: Callable[[], object], complaint: str) -> None:
        """Wait until it is so, while the app does its part."""

        def done() -> object:
            self.take_events()
            return true()

        wait_until(done, complaint)

    def ready(self) -> None:
        """Wait for goods, prices and staff."""
        self.wait_until(lambda: self.app.catalog.is_ready and self.price(), "no catalogue comes")

    def sent(self) -> None:
        """Wait until the cloud confirmed the whole journal."""
        self.wait_until(lambda: self.unsent == 0, f"not all is sent: {self.heard.status}")


def books_agree(office: Office, *counters: Counter) -> bool:
    """Wait until all is applied, then compare the books of the tills (several: of one name) and the cloud."""
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    paths = [counter.directory / "till.db" for counter in counters]
    terminal = counters[0].app.identity.terminal
    confirmed = [one for counter in counters for one in counter.confirmed]
    findings = compare(paths, office.cloud.engine, terminal, confirmed=confirmed)
    assert not findings, "\n".join(findings)
    return True
