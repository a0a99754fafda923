"""A till of the simulation: its folder, its app and its agent, which come and go; everything in it is the product."""

from __future__ import annotations

import io
import json
import random
import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pysqlite3.dbapi2 as sqlite

import sync.agent
import sync.enrolment
from domain.errors import DomainError
from pos_app.services.housekeeping import DiskLimits, Retention
from pos_app.wiring import Outside, TillApp, open_till
from sync import identity, journal_store
from sync.agent import Agent, Settings
from sync.backoff import Backoff
from sync.journal import Entry, Tip
from sync.journal_reader import JournalReader
from sync.pipe import Pipe
from sync.replica.files import current_replica
from sync.upload import Limits
from tests import selling
from tests.sim.faults import Broken, Killed
from tests.sim.fixed import Machine, patched
from tests.sim.interrupt import TILL, bury, interrupted
from tests.sim.network import wired

if TYPE_CHECKING:
    from tests.sim.world import World

T = TypeVar("T")
KILL_ODDS, LOOK_IN_ODDS = 0.05, 0.25
UNSELLABLE = ("till.no_catalogue", "till.catalogue_damaged")


def few_at_once() -> Limits:
    """Batches so small that a backlog takes several."""
    return Limits(events=4)


class Heard(io.StringIO):
    """What the agent says to the app, until the app listens."""

    def __init__(self) -> None:
        super().__init__()
        self.events: deque[dict[str, Any]] = deque(maxlen=200)

    def write(self, text: str) -> int:
        self.events.append(json.loads(text))
        return len(text)


class Inline(Executor):
    """Does at once, in the caller's thread, what a helper would do meanwhile."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Done when it returns."""
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class BusyJournal(JournalReader):
    """The journal of a shop where the cashier goes on selling while the agent reads."""

    def __init__(self, home: Home) -> None:
        super().__init__(home.directory / "till.db")
        self._home = home

    def after(self, tip: Tip, *, seq: int, limit: int, max_bytes: int) -> list[Entry]:
        self._home.world.sale_between(self._home)
        return super().after(tip, seq=seq, limit=limit, max_bytes=max_bytes)


class Pause(threading.Event):
    """A wait that lets the world's time pass instead of ours."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self._home = home

    def wait(self, timeout: float | None = None) -> bool:
        self._home.world.time.pass_ms(int((timeout or 0) * 1000))
        return self.is_set()


@dataclass
class Home:
    """One data directory: a till, or a copy of one."""

    world: World
    directory: Path
    terminal: str
    machine: Machine
    requests: int = 0
    doomed: bool = False
    """Its agent was killed while it stood in a call: it dies as soon as that returns."""
    up_busy: bool = False
    down_busy: bool = False
    held: bool = False
    """A thread of the agent stands in the middle of something: its other threads cannot be run now."""
    heard: Heard = field(default_factory=Heard)
    receipts: list[str] = field(default_factory=list)
    cursors: dict[str, tuple[str, int]] = field(default_factory=dict)
    """The furthest that its replica was seen at, by bucket."""
    spoiled: set[str] = field(default_factory=set)
    """Buckets whose rows were changed behind everybody's back; the audit has to find it."""
    garbled: Path | None = None
    """A replica file whose bytes were overwritten."""
    _app: TillApp | None = None
    _agent: Agent | None = None

    # Life ------------------------------------------------------------------------------------------------

    @property
    def app(self) -> TillApp:
        """The open till."""
        if self._app is None:
            outside = Outside(clock=self.machine, boot=self.machine.boot_id, disk_limits=DiskLimits(0, 0))
            self._app = open_till(self.directory, outside=outside)
            self._app.housekeeping.retention = Retention(journal_days=0)
            self.world.truth.note_journal(self)
        return self._app

    @property
    def agent(self) -> Agent:
        """The agent, its loops run step by step."""
        if self._agent is None:
            self.heard.events.clear()
            parts: dict[str, Any] = {
                "SystemClock": lambda: self.machine,
                "Transport": lambda url, **_options: wired(self, url),
            }
            with patched(sync.agent, **parts):
                self._agent = Agent(Settings(self.directory, "1.0.0"), identity.load(self.directory), Pipe(self.heard))
            self._agent.downloader.interrupted = Pause(self)
            self._agent._rng = random.Random(f"waits of {self.directory.name} in {self.world.seed}")
            self._agent.uploader.journal = BusyJournal(self)
            self._agent.uploader.limits = few_at_once()
            self._agent.uploader.helper = Inline()
        return self._agent

    @property
    def is_busy(self) -> bool:
        """Whether a thread of its agent is in a call right now."""
        return self.up_busy or self.down_busy

    def kill_agent(self) -> None:
        """The agent is gone: at once, or, where it stands in a call, when that returns."""
        if self.is_busy:
            self.doomed = True
            return
        agent, self._agent, self.doomed = self._agent, None, False
        if agent is not None:
            agent.replica.close()
            for reader in (agent.uploader.journal, agent.downloader.journal):
                reader.close()

    def kill_app(self) -> None:
        """The app is gone; the agent, its child, goes with it."""
        self.kill_agent()
        app, self._app = self._app, None
        if app is not None:
            if app.reads._connection is not None:
                app.reads._connection.close()
            app.database.close()
            app.lock.release()

    def copy_to(self, directory: Path) -> None:
        """The disk as it is now; nothing may run on it."""
        assert self._app is None and self._agent is None
        shutil.copytree(self.directory, directory)

    @contextmanager
    def enrolling(self) -> Iterator[None]:
        """The first run, before there is an agent: its requests take the same wire."""
        with patched(sync.enrolment, Transport=lambda url, **_options: wired(self, url)):
            yield

    # The agent -------------------------------------------------------------------------------------------

    def up(self) -> str:
        """One step of the up loop."""
        self.up_busy = True
        return self._run("up", self.agent.uploader.step)

    def down(self) -> str:
        """One step of the down loop, with as much listening as the world wants."""
        self.down_busy = True
        return self._run("down", self.agent._down_step)

    def audit(self) -> str:
        """The nightly comparison with the cloud."""
        self.down_busy = True
        return self._run("down", self._audit)

    def _audit(self) -> float:
        self.agent.housekeeping.audit()
        return 0

    def _run(self, loop: str, step: Callable[[], float]) -> str:
        try:
            with self._interrupted():
                wait_s, error = self._attempt(step)
            outcome = error or f"{wait_s or 0:.2f}"
        except Killed as death:
            bury(death)
            self.doomed, outcome = True, "killed"
        finally:
            self.up_busy, self.down_busy = self.up_busy and loop != "up", self.down_busy and loop != "down"
        if self._agent is not None and self._agent._fatal:
            self.doomed, outcome = True, self._agent._fatal
        if self.doomed:
            self.kill_agent()
        return outcome

    def _attempt(self, step: Callable[[], float]) -> tuple[float | None, str | None]:
        raised: list[BaseException] = []

        def watched() -> float:
            try:
                return step()
            except Exception as error:
                raised.append(error)
                raise

        wait_s, code = self.agent._attempt(watched, Backoff(self.world.rng))
        if code in ("sync.internal", "sync.storage") and not self.doomed:
            raise Broken("no step of the agent fails by itself", f"{self.terminal}: {raised[0]!r}") from raised[0]
        return wait_s, code

    @contextmanager
    def _interrupted(self) -> Iterator[None]:
        """Now and then it is killed in the middle, or somebody else acts and looks in the middle."""
        world, dice = self.world, self.world.rng.random()
        if not world.has_faults or world.depth or dice > KILL_ODDS + LOOK_IN_ODDS:
            yield
            return
        act = self._die if dice < KILL_ODDS else self._look_in
        with interrupted(TILL[:1], world.rng, act, when=lambda: not world.depth and not world.cloud.is_handling):
            yield

    def _die(self) -> None:
        raise Killed

    def _look_in(self) -> None:
        if self.held:
            return
        self.held = True
        try:
            self.world.look_in(self)
        finally:
            self.held = False
        if self.doomed:
            raise Killed

    # The app ---------------------------------------------------------------------------------------------

    def sell(self, *codes: str) -> str:
        """A sale in cash; what the customer gets on paper is noted."""
        try:
            for code in codes:
                change = selling.scan(self.app, code)
                del change
            if self.app.selling.cart.cart.is_empty:
                return "nothing to sell"
            done = selling.pay(self.app)
        except DomainError as refusal:
            if refusal.code.partition(".")[0] in ("scan", "item", "catalog", "cart") or refusal.code in UNSELLABLE:
                return refusal.code
            raise Broken("I15", f"{self.terminal} could not sell: {refusal.code}") from refusal
        self.world.truth.note_receipt(self, done.receipt_no)
        self.world.truth.note_journal(self)
        return done.receipt_no

    def record(self, kind: str, body: dict[str, Any]) -> None:
        """Journal anything, as a newer or a broken app might."""
        with self.app.database.write() as uow:
            self.app.journal.record(uow, kind, body=body)
            uow.commit()
        self.world.truth.note_journal(self)

    def listen(self) -> str:
        """The app takes in what its agent said."""
        done = []
        while self.heard.events:
            event = self.heard.events.popleft()
            if event["ev"] == "replica":
                self.app.catalog.reopen()
            elif event["ev"] == "fork":
                moved = self.app.adopt_fork(event["new_inc"], event["common_seq"])
                done.append(f"fork {event['new_inc']} moved {moved}")
        self.world.truth.note_journal(self)
        return ", ".join(done)

    def dying(self, act: Callable[[], object]) -> str:
        """Do something in an app that is killed in the middle of it, if it lasts long enough."""
        try:
            with interrupted(TILL, self.world.rng, self._die):
                outcome = str(act())
        except Killed as death:
            bury(death)
            outcome = "killed"
        self.kill_app()
        _ = self.app  # what was committed shows when it is opened again
        return outcome

    # The disk --------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """till.db as any other program would read it."""
        conn = sqlite.connect(f"file:{self.directory / 'till.db'}?mode=ro", uri=True, isolation_level=None)
        try:
            yield conn
        finally:
            conn.close()

    @contextmanager
    def reading_replica(self) -> Iterator[Any]:
        """The live replica in one read transaction; None where there is none."""
        path = current_replica(self.directory)
        if path is None:
            yield None
            return
        conn = sqlite.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        try:
            conn.execute("BEGIN")
            yield conn
        finally:
            conn.close()

    def tip(self) -> tuple[int, int, str]:
        """Where its journal stands."""
        with self.reading() as conn:
            end = journal_store.tip(conn)
        return end.incarnation, end.seq, end.hash
