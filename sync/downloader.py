"""The down loop's one step: hello, build or page the replica up to date, then listen until something ends it."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sync import feed
from sync.bootstrap import rebuild
from sync.client import BucketGone, CloudClient
from sync.feed import BadPage, Cursor, Next
from sync.journal import GENESIS, Tip
from sync.journal_reader import JournalReader
from sync.live import HELLO_EACH_MS, BadStream, Channel, ChannelChoice, News, SseParser, news_of
from sync.messages import BucketHead, Ctl, Hello, Page
from sync.pipe import Pipe
from sync.release import TOO_OLD, is_too_old
from sync.replica.writer import Replica
from sync.snapshot import Rebuild, plan_rebuild
from sync.status import State, StatusBoard
from sync.system_clock import SystemClock
from sync.transport import CloudError, Response, Retryable, Terminal
from sync.uploader import Uploader

UPLOAD_NOW = "upload_now"
_NOT_SERVED = ("revoked", "lost")
_DRAINING = "drain"
_KEEP_CONTACT_EACH_MS = 10_000
_REST_S = 60
_BAD_BUCKET_PAUSE_MS = 60_000
"""A bucket whose page cannot be read is asked for this rarely; the others go on."""


@dataclass(slots=True)
class Downloader:
    """Keeps the replica level with the cloud. ``interrupt`` (from any thread) ends the listening."""

    client: CloudClient
    journal: JournalReader
    replica: Replica
    status: StatusBoard
    pipe: Pipe
    clock: SystemClock
    app_ver: str
    uploader: Uploader
    wake_uploader: threading.Event
    wake_indexer: threading.Event
    damaged: set[str] = field(default_factory=set)
    """Buckets whose audit failed: they are installed anew."""
    choice: ChannelChoice = field(default_factory=ChannelChoice)
    stopped: bool = False
    interrupted: threading.Event = field(default_factory=threading.Event)
    _stream: Response | None = None
    _refusal: str | None = None
    """Why the cloud gives this till no news at present, by its last hello."""
    _contact_kept_ms: int = 0
    _bad_until_ms: dict[str, int] = field(default_factory=dict)

    def step(self) -> None:
        """One round: ends when the cloud should be asked anew.

        Raises CloudError when it cannot be reached, BucketGone when its hello was already outdated.
        """
        self.interrupted.clear()
        if self.stopped:
            return
        hello = self._hello()
        if self._refusal is not None:
            self._rest(hello)
            return
        if self.status.now.special is State.REVOKED:
            self.status.update(special=None)
        try:
            self._level(hello)
            self._listen(hello.sub_ver)
        except Terminal as refused:
            if refused.code != TOO_OLD:
                raise
            self._refusal = TOO_OLD  # by a cloud of several processes, say, of which one was told of it already
            self._rest(hello)

    def interrupt(self) -> None:
        """Ends the listening, so that the next step says hello again."""
        self.interrupted.set()
        stream = self._stream
        if stream is not None:
            stream.shut_down()

    def stop(self) -> None:
        """Ends the step for good."""
        self.stopped = True
        self.interrupt()

    def _hello(self) -> Hello:
        tip = self.journal.tip() or Tip(1, 0, GENESIS)
        hello = self.client.hello(tip, app_ver=self.app_ver)
        self._refusal = self._refused_by(hello)
        self.uploader.heard.append(hello)
        self.wake_uploader.set()
        self.replica.save_state({"cloud_state": hello.state, "sub_ver": hello.sub_ver})
        self._heard()
        return hello

    def _heard(self) -> None:
        now_ms = self.clock.now_ms()
        error = self._refusal or self._bad_bucket_error()
        self.status.update(down_reached=True, down_error=error, last_news_ms=now_ms)

    def _is_level(self) -> None:
        now_ms = self.clock.now_ms()
        self.status.update(synced_at_ms=now_ms)
        if abs(now_ms - self._contact_kept_ms) >= _KEEP_CONTACT_EACH_MS:
            self._contact_kept_ms = now_ms
            self.replica.save_state({"last_contact_ms": now_ms})

    def _refused_by(self, hello: Hello) -> str | None:
        """Why this till gets no news; its uploads go on whatever it is."""
        if hello.state in _NOT_SERVED:
            return "terminal.revoked"
        if hello.state == _DRAINING:
            return "sync.draining"
        return TOO_OLD if is_too_old(self.app_ver, hello.min_app) else None

    def _rest(self, hello: Hello) -> None:
        """Nothing to ask for: revoked or lost tills forget what the cloud said, others keep what they have."""
        if hello.state in _NOT_SERVED:
            self.status.update(special=State.REVOKED)
            self._rebuild_if_due([])
        if self._refusal == TOO_OLD:
            needed = hello.min_app if is_too_old(self.app_ver, hello.min_app) else None
            self.status.update(down_error=TOO_OLD, min_app=needed)
        self.interrupted.wait(_REST_S)

    # --- Level with hello -----------------------------------------------------------------------------

    def _level(self, hello: Hello) -> None:
        self._rebuild_if_due(hello.buckets)
        try:
            for head in hello.buckets:
                self._page_up(head.b, head)
        finally:
            self.wake_indexer.set()  # it would hold up the last rows of an install
        self._is_level()

    def _rebuild_if_due(self, heads: list[BucketHead]) -> None:
        cursors = self.replica.cursors()
        prefer = [head.b for head in heads if self._snapshot_is_cheaper(cursors.get(head.b), head)]
        plan = plan_rebuild(cursors, heads, damaged=sorted(self.damaged), prefer=prefer)
        if plan is None and not heads and not self.replica.is_live:
            plan = Rebuild((), (), ())  # a damaged file holds rows too
        if plan is not None:
            rebuild(plan, self.client, replica=self.replica, pipe=self.pipe)
            self.damaged -= {download.bucket for download in plan.downloads} | {bucket for bucket, _ in plan.empty}

    def _snapshot_is_cheaper(self, cursor: Cursor | None, head: BucketHead) -> bool:
        if cursor is None or feed.plan(cursor, head) is not Next.WEIGH:
            return False
        return feed.weigh(cursor, self.client.manifest(head.b, head.epoch)) is Next.SNAPSHOT

    def _page_up(self, bucket: str, head: BucketHead) -> None:
        """Fetches pages until the bucket stands at ``head``; a page that cannot be read stops this bucket alone."""
        if self.clock.monotonic_ms() < self._bad_until_ms.get(bucket, 0):
            return
        try:
            while (cursor := self.replica.cursors().get(bucket)) is not None and not self.stopped:
                if feed.plan(cursor, head) not in (Next.PAGES, Next.WEIGH):
                    break
                self._one_page(bucket, cursor)
            self._bad_until_ms.pop(bucket, None)
        except BadPage as bad:
            self._bad_until_ms[bucket] = self.clock.monotonic_ms() + _BAD_BUCKET_PAUSE_MS
            self.replica.save_state({"feed_alarm": f"{bucket} {bad.code}"})
            self.status.update(down_error=bad.code)

    def _one_page(self, bucket: str, cursor: Cursor) -> None:
        """A page that brings nothing is asked for once more, past every cache and by the number that is missing.

        A cache may hold a stale or wrong one, and the live channel may have led beyond the page that the cursor knows.
        """
        try:
            if self._apply(self.client.page(bucket, cursor)):
                return
        except (BadPage, BucketGone):
            pass
        if not self._apply(self.client.page(bucket, cursor, fresh=True)):
            raise Retryable("sync.feed_stalled")

    def _apply(self, page: Page) -> bool:
        """Applies what of a page is new; whether the cursor moved."""
        cursor = self.replica.cursors()[page.b]
        news = feed.read_page(page, cursor, bucket=page.b)
        if news.cursor == cursor:
            return False
        applied = self.replica.apply(page.b, news)
        self.pipe.changed(applied.tables)
        if applied.stale or applied.unknown:
            self.replica.save_state({"feed_notice": f"{page.b} stale={applied.stale} unknown={applied.unknown}"})
        return True

    def _bad_bucket_error(self) -> str | None:
        return self.status.now.down_error if self._bad_until_ms else None

    # --- Listening ------------------------------------------------------------------------------------

    def _listen(self, sub_ver: int) -> None:
        channel = self.choice.now(self.clock.monotonic_ms())
        if channel is Channel.STREAM:
            self._listen_to_stream(sub_ver)
        elif channel is Channel.LONG_POLL:
            self._poll(sub_ver)
        else:
            self.interrupted.wait(HELLO_EACH_MS / 1000)

    def _poll(self, sub_ver: int) -> None:
        while not self.interrupted.is_set():
            asked_ms = self.clock.monotonic_ms()
            answer = self.client.poll(sub_ver, self.replica.cursors())
            self._heard()
            news: list[News] = [*answer.pages, *answer.heads, *(Ctl(what=what) for what in answer.ctl)]
            now_ms = self.clock.monotonic_ms()
            self.choice.ended(now_ms, lived_ms=now_ms - asked_ms, brought_bytes=bool(news))
            if not self._take_all(news) or self.choice.now(now_ms) is not Channel.LONG_POLL:
                return
            self._is_level()

    def _listen_to_stream(self, sub_ver: int) -> None:
        opened_ms, brought_bytes = self.clock.monotonic_ms(), False
        try:
            with self.client.stream(sub_ver, self.replica.cursors()) as stream:
                for news in self._stream_news(stream):
                    brought_bytes = True
                    self._heard()
                    if not self._take_all(news):
                        return
                    self._is_level()
        except (BadStream, CloudError):
            if not self.interrupted.is_set():
                raise
        finally:
            self._stream = None
            if not self.interrupted.is_set():
                now_ms = self.clock.monotonic_ms()
                self.choice.ended(now_ms, lived_ms=now_ms - opened_ms, brought_bytes=brought_bytes)

    def _stream_news(self, stream: Response) -> Iterator[list[News]]:
        """What each chunk brings, heartbeats as empty lists, until somebody interrupts."""
        parser = SseParser()
        self._stream = stream
        if self.interrupted.is_set():
            return
        for chunk in stream.chunks():
            if self.interrupted.is_set():
                return
            events = parser.feed(chunk)
            yield [news for event in events if (news := news_of(event)) is not None]

    def _take_all(self, news: Iterable[News]) -> bool:
        """Takes in what came; False where a fresh hello has to sort it out."""
        return all(self._take(one) for one in news)

    def _take(self, news: News) -> bool:
        if isinstance(news, Ctl):
            if news.what == UPLOAD_NOW:
                self.wake_uploader.set()
            return news.what == UPLOAD_NOW
        cursor = self.replica.cursors().get(news.b)
        if cursor is None or cursor.epoch != news.epoch:
            return False
        if isinstance(news, Page):
            return self._take_page(news)
        if feed.plan(cursor, news) in (Next.SNAPSHOT, Next.WEIGH):
            return False
        self._page_up(news.b, news)
        return True

    def _take_page(self, page: Page) -> bool:
        try:
            self._apply(page)
        except BadPage:
            head = BucketHead(b=page.b, epoch=page.epoch, head=page.last, low=0)
            self._page_up(page.b, head)
        return True
