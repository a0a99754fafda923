"""The agent: threads that run the loops over the sans-I/O core until the app goes away.

Each loop is level-triggered: it looks at what is, does one step, and waits for a wake-up or its time. Whatever goes
wrong in a step is told, waited out and tried again; only a damaged replica ends the process, whose next start
installs a new one.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3
from apscheduler.schedulers.background import BackgroundScheduler

from domain.errors import DomainError
from sync import timekeeping
from sync.backoff import FAILING_MOST_MS, UNREACHABLE_MOST_MS, Backoff, spread_ms
from sync.client import BucketGone, CloudClient
from sync.downloader import Downloader
from sync.housekeeping import Housekeeping
from sync.identity import Identity
from sync.journal_reader import JournalReader
from sync.live import BadStream
from sync.pipe import Command, Pipe
from sync.replica.writer import Replica
from sync.status import StatusBoard
from sync.system_clock import SystemClock
from sync.tokens import CloudClock, TokenSource
from sync.transport import Retryable, Transport
from sync.uploader import NoProgress, Uploader

RECONNECT_SPREAD_MS = 1_000
"""A cloud that restarts finds its tills coming back over so long."""
AUDIT_HOUR, AUDIT_SPREAD_S = 3, 3_600
CLEAN_UP_EACH_S = 3_600
HOUSEKEEPING_AFTER_S = 30
KEEP_OFFSET_MS, KEEP_OFFSET_EACH_MS = 20, 60_000
TELL_INDEX_EACH = 5_000
_JOIN_S = 3
_NO_ANSWER = ("sync.unreachable", "sync.timeout")
"""A line that swallows what is sent has cost seconds already; the next try is not put off for long."""

log = logging.getLogger("sync")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the agent is started with."""

    directory: Path
    app_ver: str


class Agent:
    """Everything of one till's agent; ``run`` returns when it has been told to stop."""

    def __init__(self, settings: Settings, identity: Identity, pipe: Pipe) -> None:
        self._identity, self._pipe = identity, pipe
        self._rng = random.Random()
        self._clock = SystemClock()
        self._journal_path, self._release = settings.directory / "till.db", settings.app_ver
        self.replica = Replica.open(settings.directory)
        self.status = StatusBoard(pipe)
        self._kept_offset: timekeeping.Offset | None = None
        offset = timekeeping.offset_of(self.replica.states())
        if offset is not None:
            self.status.update(clock_offset_ms=offset.offset_ms)
        self._cloud_clock = CloudClock(self._clock, offset, keep=self._keep_offset)
        self._tokens = TokenSource(identity, self._cloud_clock)
        self._stop, self._wake_up, self._wake_index = threading.Event(), threading.Event(), threading.Event()
        self._fatal: str | None = None
        self._indexed = 0
        self.uploader = Uploader(identity, self._client(), self._journal(), self.replica, self.status, pipe)
        self.downloader = Downloader(
            client=self._client(),
            journal=self._journal(),
            replica=self.replica,
            status=self.status,
            pipe=pipe,
            clock=self._clock,
            app_ver=settings.app_ver,
            uploader=self.uploader,
            wake_uploader=self._wake_up,
            wake_indexer=self._wake_index,
        )
        self.housekeeping = Housekeeping(self._client(), self.replica, self._found_damaged)

    def run(self) -> str | None:
        """Works until ``stop``; gives the code of what ended it otherwise."""
        self.status.start()
        loops = (self._up_loop, self._down_loop, self._index_loop)
        threads = [threading.Thread(target=loop, name=loop.__name__, daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        self._keep_house()
        for thread in threads:
            thread.join(_JOIN_S)
        self.status.close(self._fatal)
        self.replica.close()
        return self._fatal

    def _keep_house(self) -> None:
        """Until ``stop``; not at once, as the start has more urgent things to do."""
        if self._stop.wait(HOUSEKEEPING_AFTER_S):
            return
        scheduler = self._scheduler()
        scheduler.start()
        self._stop.wait()
        scheduler.shutdown(wait=False)

    def stop(self) -> None:
        """Ends the loops; what is under way is either committed or will be done again."""
        self._stop.set()
        self._wake_up.set()
        self._wake_index.set()
        self.downloader.stop()

    def take(self, command: Command) -> None:
        """What the app asked for."""
        if command is Command.QUIT:
            self.stop()
            return
        self._wake_up.set()
        if command is Command.SYNC_NOW:
            self.downloader.interrupt()

    # --- Loops ----------------------------------------------------------------------------------------

    def _up_loop(self) -> None:
        backoff = Backoff(self._rng)
        while not self._stop.is_set():
            wait_s, error = self._attempt(self.uploader.step, backoff)
            self.status.update(up_error=error)
            if wait_s:
                self._wake_up.wait(wait_s)
            self._wake_up.clear()

    def _down_loop(self) -> None:
        backoff = Backoff(self._rng)
        while not self._stop.is_set():
            wait_s, error = self._attempt(self._down_step, backoff)
            if error is not None:
                self.status.update(down_reached=False, down_error=error)
            self.downloader.interrupted.wait(wait_s)

    def _down_step(self) -> float:
        self.downloader.step()
        return 0 if self.downloader.interrupted.is_set() else spread_ms(self._rng, RECONNECT_SPREAD_MS) / 1000

    def _index_loop(self) -> None:
        backoff = Backoff(self._rng)
        while not self._stop.is_set():
            wait_s, _ = self._attempt(self._index_step, backoff)
            self._wake_index.wait(wait_s)

    def _index_step(self) -> float | None:
        self._wake_index.clear()
        done = self.replica.index_some() if self.replica.is_live else 0
        before, self._indexed = self._indexed, self._indexed + done if done else 0
        if before // TELL_INDEX_EACH != self._indexed // TELL_INDEX_EACH or (before and not done):
            self._pipe.tell("progress", step="index", done=self._indexed or before, total=self._indexed or before)
        return 0 if done else None

    def _attempt(self, step: Callable[[], float | None], backoff: Backoff) -> tuple[float | None, str | None]:
        """One step: how long to wait after it, and the code of what went wrong."""
        try:
            wait_s = step()
        except (BucketGone, NoProgress):
            return backoff.failed() / 1000, None
        except Retryable as failure:
            most_ms = UNREACHABLE_MOST_MS if failure.code in _NO_ANSWER else FAILING_MOST_MS
            return backoff.failed(retry_after_ms=failure.retry_after_ms, most_ms=most_ms) / 1000, failure.code
        except DomainError as refusal:
            log.warning("refused: %s", refusal.code)
            return backoff.failed() / 1000, refusal.code
        except BadStream:
            return backoff.failed() / 1000, "sync.not_evertill"
        except sqlite3.Error as error:
            return backoff.failed() / 1000, self._storage_code(error)
        except Exception:  # a loop that must not die: it is told, and the rest goes on
            log.exception("a step of %s failed", threading.current_thread().name)
            return backoff.failed() / 1000, "sync.internal"
        backoff.succeeded()
        return wait_s, None

    def _storage_code(self, error: sqlite3.Error) -> str:
        if not self._stop.is_set():
            log.warning("storage: %s", error)
        text = str(error)
        if "disk is full" in text or "disk I/O" in text:
            return "sync.disk_full"
        if "malformed" in text or "not a database" in text:
            self._fatal = "sync.replica_damaged"
            self.stop()
            return self._fatal
        return "sync.storage"

    # --- Parts ----------------------------------------------------------------------------------------

    def _client(self) -> CloudClient:
        who = self._identity
        transport = Transport(who.cloud_url, ca_file=who.ca_file, release=self._release)
        return CloudClient(transport, tokens=self._tokens, clock=self._cloud_clock)

    def _journal(self) -> JournalReader:
        return JournalReader(self._journal_path)

    def _keep_offset(self, offset: timekeeping.Offset) -> None:
        """Only what is worth a write: a first, a moved or an aged measurement."""
        kept = self._kept_offset
        moved = kept is None or abs(kept.offset_ms - offset.offset_ms) >= KEEP_OFFSET_MS
        if not moved and kept is not None and offset.at.mono_ms - kept.at.mono_ms < KEEP_OFFSET_EACH_MS:
            return
        self._kept_offset = offset
        self.replica.save_state(timekeeping.facts_of(offset))
        self.status.update(clock_offset_ms=offset.offset_ms)

    def _found_damaged(self, bucket: str) -> None:
        log.error("audit: %s differs from the cloud", bucket)
        self.downloader.damaged.add(bucket)
        self.downloader.interrupt()

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(self.housekeeping.audit, "cron", hour=AUDIT_HOUR, jitter=AUDIT_SPREAD_S)
        scheduler.add_job(self.housekeeping.clean_up, "interval", seconds=CLEAN_UP_EACH_S)
        return scheduler
