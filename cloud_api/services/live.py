"""The live channel: news handed from the feed worker to every open line, without a query per till."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from cloud_api.services.feeds.mirror import Mirror, News, View
from sync.messages import INLINE_BYTES, Ctl

QUEUE_MAX = 256
"""A line that is this far behind is closed; its till comes back with its cursors."""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news: ``kind`` is page, head or ctl; ``data`` its JSON on one line."""

    kind: str
    data: bytes

    @property
    def word(self) -> bytes:
        """The word of a ctl item, as JSON text."""
        return msgspec.json.encode(msgspec.json.decode(self.data, type=Ctl).what)

    def as_event(self) -> bytes:
        """In the form of Server-Sent Events."""
        return b"event: %s\ndata: %s\n\n" % (self.kind.encode(), self.data)


class Line:
    """One till that listens: what it subscribed to, how far it was told, and what waits to be written to it."""

    def __init__(self, terminal: str, cursors: Iterable[tuple[str, str, int]]) -> None:
        self.terminal = terminal
        self.told = {bucket: (epoch, seq) for bucket, epoch, seq in cursors}
        self.waiting: asyncio.Queue[Item | None] = asyncio.Queue(QUEUE_MAX + 1)
        self.closed = False

    def put(self, item: Item) -> None:
        """Queue an item; a line that cannot keep up is closed."""
        if self.closed:
            return
        if self.waiting.qsize() >= QUEUE_MAX:
            self.close()
        else:
            self.waiting.put_nowait(item)

    def close(self) -> None:
        """No more news; what is queued is still written."""
        if not self.closed:
            self.closed = True
            self.waiting.put_nowait(None)

    async def next(self, timeout_s: float) -> Item | None:
        """The next item; TimeoutError where none came, None where the line is closed."""
        async with asyncio.timeout(timeout_s):
            return await self.waiting.get()

    @property
    def drained(self) -> bool:
        """Whether the line is closed and everything is written."""
        return self.closed and self.waiting.empty()

    def ready(self) -> list[Item]:
        """What waits right now, without waiting for more."""
        items = []
        while not self.waiting.empty():
            item = self.waiting.get_nowait()
            if item is not None:
                items.append(item)
        return items

    def catch_up(self, view: View) -> None:
        """Tell what lies between this line's cursor and the bucket's head, as little as possible."""
        told = self.told.get(view.row.bucket)
        if told is None or told == (view.row.epoch, view.row.head_seq):
            return
        epoch, seq = told
        if epoch == view.row.epoch and seq > view.row.head_seq:
            return
        stretch = view.after(seq) if epoch == view.row.epoch else None
        self.put(_item_of(stretch.page() if stretch and stretch.size_bytes <= INLINE_BYTES else None, view))
        self.told[view.row.bucket] = (view.row.epoch, view.row.head_seq)


class Hub:
    """All open lines of this process; everything but ``publish`` and ``tell`` runs in the event loop."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._lines: dict[str, set[Line]] = {}
        self._by_terminal: dict[str, set[Line]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop that the lines live in."""
        self._loop = loop

    @property
    def open_lines(self) -> int:
        """How many tills listen here."""
        return sum(map(len, self._by_terminal.values()))

    def open(self, terminal: str, cursors: Sequence[tuple[str, str, int]]) -> Line:
        """Open a line and queue what is already behind its cursors."""
        line = Line(terminal, cursors)
        for bucket in line.told:
            self._lines.setdefault(bucket, set()).add(line)
            view = self._mirror.view(bucket)
            if view is not None:
                line.catch_up(view)
        self._by_terminal.setdefault(terminal, set()).add(line)
        return line

    def close(self, line: Line) -> None:
        """Forget a line."""
        line.close()
        for index, keys in ((self._lines, list(line.told)), (self._by_terminal, [line.terminal])):
            for key in keys:
                lines = index.get(key, set())
                lines.discard(line)
                if not lines:
                    index.pop(key, None)

    def close_all(self) -> None:
        """End every line, so that the server can stop."""
        for lines in list(self._by_terminal.values()):
            for line in list(lines):
                line.close()

    def publish(self, news: Sequence[News]) -> None:
        """Hand news over from the feed worker's thread."""
        if news:
            self._call(lambda: self._fan_out(news))

    def tell(self, terminal: str, what: str, *, end: bool = False) -> None:
        """Send a word to a terminal, from any thread; with ``end`` its lines end after it."""
        self._call(lambda: self._tell(terminal, what, end=end))

    def put_word(self, line: Line, what: str) -> None:
        """Send a word down one line."""
        line.put(Item("ctl", msgspec.json.encode(Ctl(what=what))))

    def call_close_all(self) -> None:
        """``close_all`` from any thread."""
        self._call(self.close_all)

    def _call(self, act: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        loop.call_soon_threadsafe(act)

    def _tell(self, terminal: str, what: str, *, end: bool) -> None:
        for line in list(self._by_terminal.get(terminal, ())):
            self.put_word(line, what)
            if end:
                line.close()

    def _fan_out(self, news: Sequence[News]) -> None:
        for moved in news:
            lines = self._lines.get(moved.view.row.bucket)
            if lines:
                self._send(moved, lines)

    def _send(self, moved: News, lines: Iterable[Line]) -> None:
        """Most lines stand where the bucket stood before: they share one item, encoded once."""
        bucket, row = moved.view.row.bucket, moved.view.row
        standing = (row.epoch, moved.before.row.head_seq) if moved.before else None
        if standing and moved.before and moved.before.row.head_seq == row.head_seq:
            return
        shared: Item | None = None
        for line in lines:
            if line.told.get(bucket) != standing:
                line.catch_up(moved.view)
                continue
            if shared is None:
                stretch = moved.view.after(standing[1]) if standing else None
                inline = stretch.page() if stretch and stretch.size_bytes <= INLINE_BYTES else None
                shared = _item_of(inline, moved.view)
            line.put(shared)
            line.told[bucket] = (row.epoch, row.head_seq)


def _item_of(page: bytes | None, view: View) -> Item:
    return Item("page", page) if page is not None else Item("head", msgspec.json.encode(view.head()))
