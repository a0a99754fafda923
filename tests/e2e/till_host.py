"""A till without a window: the real services and the real agent in real processes, driven by lines on standard input.

``python -m tests.e2e.till_host DIR``. Commands: ``enrol URL CODE`` · ``open OPERATOR PIN`` · ``sell N SEED`` ·
``scan CODE`` · ``export FILE`` · ``quit``. Each answer is a line of JSON; a sale is told only after ``complete``
returned.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from domain.errors import DomainError
from domain.gtin import check_digit
from domain.ids import OperatorId
from domain.permissions import Operator
from domain.scan import parse_scan
from domain.tender import TenderKind
from pos_app.logs import start_logging
from pos_app.paths import TillPaths
from pos_app.services.checkout import CompletedSale
from pos_app.services.enrolment import Enrolment
from pos_app.wiring import TillApp, open_till

AGAIN_S = 0.5
CODES = ("6922255447833", "6928804014570", "6928804010190", "6903252060065", "6924743919266")
LABELS = (("21", "10001"), ("22", "10002"))


def say(event: str, **facts: Any) -> None:
    """One line to whoever drives this process."""
    sys.stdout.write(json.dumps({"ev": event, **facts}) + "\n")
    sys.stdout.flush()


class AgentWatch:
    """The agent as the app keeps it: a child that is started again whenever it ends."""

    def __init__(self, directory: Path, inbox: queue.Queue[tuple[str, Any]]) -> None:
        self._directory, self._inbox = directory, inbox
        self._process: subprocess.Popen[str] | None = None
        threading.Thread(target=self._keep, daemon=True).start()

    def wake(self) -> None:
        """There are new entries."""
        process = self._process
        if process is not None and process.stdin is not None:
            try:
                process.stdin.write('{"cmd":"wake"}\n')
                process.stdin.flush()
            except OSError:
                return  # it is being started again

    def _keep(self) -> None:
        while True:
            with (TillPaths(self._directory).logs / "agent.log").open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "sync", "--data", str(self._directory)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
            say("agent", pid=self._process.pid)
            assert self._process.stdout is not None
            for line in self._process.stdout:
                self._inbox.put(("agent", json.loads(line)))
            say("agent_ended", code=self._process.wait())
            time.sleep(AGAIN_S)


class Host:
    """Does what it is told, one thing after the other."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._inbox: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._till: TillApp | None = None
        self._agent: AgentWatch | None = None
        self._operator: Operator | None = None

    def run(self) -> None:
        """Until ``quit`` or the end of standard input."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            source, what = self._inbox.get()
            if source == "agent":
                self._take(what)
            elif not self._obey(*what.split()):
                return

    def _listen(self) -> None:
        for line in sys.stdin:
            self._inbox.put(("driver", line))
        self._inbox.put(("driver", "quit"))

    def _obey(self, word: str, *given: str) -> bool:
        if word == "quit":
            return False
        getattr(self, f"_do_{word}")(*given)
        return True

    def _do_enrol(self, url: str, code: str) -> None:
        found = Enrolment(self._directory).enrol(url, code)
        say("enrolled", terminal=found.terminal_id)

    def _do_open(self, operator_id: str, pin: str) -> None:
        self._till = till = open_till(self._directory)
        self._agent = AgentWatch(self._directory, self._inbox)
        while not till.catalog.is_ready or not till.operators.list():
            source, what = self._inbox.get()
            assert source == "agent"
            self._take(what)
        self._operator = till.operators.sign_on(OperatorId(operator_id), pin)
        say("open", restored=till.was_restored, public_key=till.identity.public_key)

    def _do_sell(self, count: str, seed: str) -> None:
        rng = random.Random(int(seed))
        for _ in range(int(count)):
            done = self._sell(rng)
            say("sold", receipt_no=done.receipt_no, payable_minor=done.sale.payable_minor)
            if self._agent is not None:
                self._agent.wake()
            self._take_what_waits()
        say("done")

    def _do_scan(self, code: str) -> None:
        till = self._open()
        try:
            till.selling.scan(parse_scan(code, formats=till.catalog.store().scale_formats))
            say("scanned")
        except DomainError as error:
            say("refused", code=error.code)

    def _do_export(self, path: str) -> None:
        say("exported", entries=self._open().health.export_journal(Path(path)))

    def _open(self) -> TillApp:
        assert self._till is not None
        return self._till

    def _sell(self, rng: random.Random) -> CompletedSale:
        """A sale as it comes: pieces, weighed goods, a line taken back, cash, card or both."""
        till = self._open()
        formats = till.catalog.store().scale_formats
        for _ in range(rng.randint(1, 4)):
            code, quantity = _goods(rng)
            till.selling.scan(parse_scan(code, formats=formats), quantity)
        if rng.random() < 0.2 and len(till.selling.cart.cart.lines) > 1:
            till.selling.undo()
        payment = till.checkout.start(till.selling.cart)
        # A cart that a kill left behind comes back with what was taken for it already.
        way = 3 if payment.tenders else rng.randrange(4)
        if way == 0 and payment.priced.due_minor > 100:
            till.checkout.add_tender(TenderKind.CARD_EXTERNAL, payment.priced.due_minor // 2)
        elif way == 1 and payment.settlement.remaining_minor > 0:
            till.checkout.add_tender(TenderKind.CARD_EXTERNAL, payment.settlement.remaining_minor)
        payment = till.checkout.payment or payment
        if payment.settlement.remaining_minor > 0:
            rounded_up = -(-payment.cash_due_minor // 1000) * 1000
            till.checkout.add_tender(TenderKind.CASH, rounded_up if way == 2 else payment.cash_due_minor)
        assert self._operator is not None
        return till.checkout.complete(self._operator)

    def _take_what_waits(self) -> None:
        kept = []
        while True:
            try:
                source, what = self._inbox.get_nowait()
            except queue.Empty:
                break
            if source == "agent":
                self._take(what)
            else:
                kept.append((source, what))
        for one in kept:
            self._inbox.put(one)

    def _take(self, event: dict[str, Any]) -> None:
        till = self._open()
        if event["ev"] == "replica":
            till.catalog.reopen()
        elif event["ev"] == "fork":
            till.adopt_fork(event["new_inc"], event["common_seq"])
            say("forked", new_inc=event["new_inc"])
            if self._agent is not None:
                self._agent.wake()


def _goods(rng: random.Random) -> tuple[str, int | None]:
    """A code, and how many: a scale's label says that itself."""
    if rng.random() < 0.8:
        return rng.choice(CODES), rng.choice((None, None, 2000, 3000))
    flag, goods = rng.choice(LABELS)
    body = f"{flag}{goods}{rng.randint(50, 1999):05d}"
    return body + check_digit(body), None


def main() -> None:
    """Run over the data directory that the command line names."""
    directory = Path(sys.argv[1])
    TillPaths(directory).create()
    start_logging(TillPaths(directory).logs)
    gc.freeze()  # as the app does once it is loaded
    say("ready", pid=os.getpid())
    Host(directory).run()


if __name__ == "__main__":
    main()
