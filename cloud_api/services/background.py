"""The tills' side of the cloud as one object: what routes ask, and the workers that keep it going."""

import asyncio
import time

from anyio import CapacityLimiter

from cloud_api.context import Cloud
from cloud_api.db.engine import reading, writing
from cloud_api.services.feeds import buckets, sequencer
from cloud_api.services.feeds.mirror import Mirror, View
from cloud_api.services.feeds.restore import epoch_up
from cloud_api.services.intake import applier
from cloud_api.services.intake.desk import Desk
from cloud_api.services.intake.door import Door
from cloud_api.services.intake.streams import Streams
from cloud_api.services.live import Hub
from cloud_api.services.snapshots.files import Snapshots
from cloud_api.services.terminals.directory import Directory
from cloud_api.services.terminals.enrolment import TryLimit
from cloud_api.services.terminals.presence import Presence
from cloud_api.services.terminals.tokens import Tokens
from cloud_api.services.workers import Worker
from cloud_api.wake import Wake

FEED_POLL_S = 0.05
"""How soon this process sees what another one committed or sequenced; its own commits ring at once."""
APPLY_POLL_S = 1.0
SNAPSHOT_POLL_S = 5.0
LOOK_S = 0.25
FLUSH_S = 5.0
RETRY_HELD_S = 3600.0
CLEAN_S = 3600.0
UPLOADS_AT_ONCE = 8
"""Those who wait share a transaction (GroupCommit); more threads would only wait for the interpreter."""
APPLY_WITHIN_S = 2.0
"""Uploads go before the applier, but no longer than this."""
SQLITE_APPLIED_AT_ONCE = 100
"""Short transactions: on SQLite everybody else waits for them."""


class Background:
    """Feeds, live lines, terminals and intake of one process; ``start`` needs a running event loop."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        engine = cloud.engine
        self.mirror = Mirror(engine)
        self.hub = Hub(self.mirror)
        self.directory = Directory(engine)
        self.presence = Presence(engine)
        self.streams = Streams(engine)
        self.tokens = Tokens(cloud.keys.till_token_key(), self.directory)
        self.enrol_limit = TryLimit()
        self.snapshots = Snapshots(engine, cloud.settings.data_dir / "feeds", now_ms=cloud.clock.now_ms)
        self.apply_wake, self._snapshot_wake = Wake(), Wake()
        self.desk = Desk(cloud, self.streams, presence=self.presence, on_stored=self.apply_wake.set)
        self.upload_limit = CapacityLimiter(UPLOADS_AT_ONCE)
        self.upload_door = Door()
        is_sqlite = engine.dialect.name == "sqlite"
        self._applied_at_once = SQLITE_APPLIED_AT_ONCE if is_sqlite else applier.BATCH_MAX
        self.known_epoch_up = ""
        self._due: dict[str, float] = {}
        self._workers: list[Worker] = []

    def start(self) -> None:
        """Load what requests are answered from, then let the workers run."""
        self.hub.attach(asyncio.get_running_loop())
        self.mirror.load()
        wake = self.cloud.wake
        assert isinstance(wake, Wake)
        self._workers = [
            Worker("feeds", self.feed_turn, wake=wake, every_s=FEED_POLL_S),
            Worker("applier", self._apply_beside_uploads, wake=self.apply_wake, every_s=APPLY_POLL_S),
            Worker("snapshots", self.snapshot_turn, wake=self._snapshot_wake, every_s=SNAPSHOT_POLL_S),
        ]
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """End the live lines and the workers; what tills said about themselves is written."""
        self.hub.call_close_all()
        for worker in self._workers:
            worker.stop()
        if self._workers:
            self.presence.flush()
        self._workers = []

    def turn(self) -> None:
        """Everything the workers would do by now, once, in the caller's thread."""
        self.feed_turn()
        self.apply_turn()

    def feed_turn(self) -> None:
        """Number what is pending and hand it to the lines; now and then look after terminals and streams."""
        while moved := sequencer.run(self.cloud.engine, self.cloud.clock.now_ms()):
            self.hub.publish(self.mirror.refresh(moved))
        self.hub.publish(self.mirror.refresh())
        if self._is_due("look", LOOK_S):
            self.look()
        if self._is_due("flush", FLUSH_S):
            self.presence.flush()

    def look(self) -> None:
        """See what changed about terminals and journals elsewhere, and tell the tills it concerns."""
        for turned in self.directory.refresh():
            self.hub.tell(turned.terminal_id, turned.what, end=turned.ends)
        self.streams.refresh()
        if self.known_epoch_up:
            with reading(self.cloud.engine) as connection:
                self.known_epoch_up = epoch_up(connection)

    def apply_turn(self) -> None:
        """Let stored entries take effect until none is left."""
        while self._apply_some():
            pass

    def _apply_beside_uploads(self) -> None:
        """The same, while uploads have the right of way until an entry could have waited for too long."""
        way, until_s = self.desk.right_of_way, time.monotonic() + APPLY_WITHIN_S
        way.wait_until_free(until_s)
        while taken := self._apply_some():
            if taken < self._applied_at_once:
                until_s = time.monotonic() + APPLY_WITHIN_S  # what is left came just now
            way.wait_until_free(until_s)

    def _apply_some(self) -> int:
        if self._is_due("retry", RETRY_HELD_S):
            applier.retry_held(self.cloud.engine)
        return applier.apply_some(self.cloud.engine, self.cloud.clock.now_ms(), limit=self._applied_at_once)

    def snapshot_turn(self) -> None:
        """Build what is due; once an hour tidy up."""
        if self._is_due("clean", CLEAN_S):
            self.snapshots.clean()
        self.snapshots.build_due()

    def view(self, bucket: str) -> View:
        """A bucket's view; one that nothing was ever published into begins empty."""
        view = self.mirror.view(bucket)
        if view is not None:
            return view
        with writing(self.cloud.engine) as connection:
            buckets.lock(connection, bucket, at_ms=self.cloud.clock.now_ms())
        return self.look_at(bucket)

    def look_at(self, bucket: str) -> View:
        """A bucket's view as the database has it now; what is news in it goes to the lines."""
        self.hub.publish(self.mirror.refresh([bucket]))
        view = self.mirror.view(bucket)
        assert view is not None
        return view

    def epoch_up(self) -> str:
        """The id of the upward side's life, from the database; ``known_epoch_up`` remembers it."""
        with writing(self.cloud.engine) as connection:
            self.known_epoch_up = epoch_up(connection)
        return self.known_epoch_up

    def _is_due(self, what: str, every_s: float) -> bool:
        """Whether ``every_s`` went by since it was last due; true at the first question."""
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every_s
        return True
