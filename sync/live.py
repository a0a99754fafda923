"""The live channel: reading Server-Sent Events, what they mean, and which channel to use when one does not hold."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from sync.messages import BucketHead, Ctl, Page

LINE_BYTES_MAX = 4_000_000
"""Longer lines are no news of ours; the stream is given up before it fills the memory."""
READ_TIMEOUT_S = 40
"""Two and a half heartbeats without a byte: the link is dead or a proxy holds the stream back."""
LONG_POLL_S = 25
HELLO_EACH_MS = 15_000
QUICK_MS = 5_000
"""A stream that ends sooner was cut by something in between."""
QUICK_CLOSES_MOST = 3
TRY_AGAIN_MS = 600_000
"""After this long on a fall-back the better channel gets another chance."""


class BadStream(Exception):
    """The stream is not what the live channel sends."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One dispatched event: its name (``message`` where none was given) and its data lines."""

    name: str
    data: bytes


class SseParser:
    """Incremental reader of ``text/event-stream``; bytes in, whole events out, whatever the chunking."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that ``chunk`` completes; BadStream where a line grows beyond reason."""
        text = self._rest + chunk
        held_back = b"\r" if text.endswith(b"\r") else b""  # its \n may still come
        lines = text[: len(text) - len(held_back)].splitlines(keepends=True)
        self._rest = (lines.pop() if lines and not lines[-1].endswith((b"\n", b"\r")) else b"") + held_back
        if len(self._rest) > LINE_BYTES_MAX:
            raise BadStream
        return [event for line in lines if (event := self._line(line.rstrip(b"\r\n"))) is not None]

    def _line(self, line: bytes) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value.decode(errors="replace")
        elif field == b"data":
            self._data.append(value)
        return None

    def _dispatch(self) -> ServerEvent | None:
        name, data = self._name or "message", self._data
        self._name, self._data = "", []
        return ServerEvent(name, b"\n".join(data)) if data else None


News = Page | BucketHead | Ctl
_DECODERS: dict[str, msgspec.json.Decoder[News]] = {
    "page": msgspec.json.Decoder(Page),
    "head": msgspec.json.Decoder(BucketHead),
    "ctl": msgspec.json.Decoder(Ctl),
}


def news_of(event: ServerEvent) -> News | None:
    """What an event brings; None for a name of a newer cloud. BadStream where its data cannot be read."""
    decoder = _DECODERS.get(event.name)
    if decoder is None:
        return None
    try:
        return decoder.decode(event.data)
    except msgspec.DecodeError:
        raise BadStream from None


class Channel(StrEnum):
    """How news reach the till, best first."""

    STREAM = "stream"
    LONG_POLL = "long_poll"
    HELLO = "hello"


_WORSE = {Channel.STREAM: Channel.LONG_POLL, Channel.LONG_POLL: Channel.HELLO, Channel.HELLO: Channel.HELLO}


class ChannelChoice:
    """Steps down after three quick ends in a row, and back up after a while.

    Only channels that *opened* count; a cloud that cannot be reached at all is a matter of back-off.
    """

    def __init__(self) -> None:
        self._channel = Channel.STREAM
        self._quick_closes = 0
        self._stepped_down_ms = 0

    def now(self, mono_ms: int) -> Channel:
        """The channel to open."""
        if self._channel is not Channel.STREAM and mono_ms - self._stepped_down_ms >= TRY_AGAIN_MS:
            self._channel, self._quick_closes = Channel.STREAM, 0
        return self._channel

    def ended(self, mono_ms: int, *, lived_ms: int, brought_bytes: bool) -> None:
        """A channel ended by itself, or a long poll was answered.

        A quick end counts against it, and so does one without a single byte: a proxy holds them back. A long poll
        that brings news at once is as it should be, one that is empty at once is not.
        """
        worked = brought_bytes if self._channel is Channel.LONG_POLL else brought_bytes and lived_ms >= QUICK_MS
        if worked or (self._channel is Channel.LONG_POLL and lived_ms >= QUICK_MS):
            self._quick_closes = 0
            return
        self._quick_closes += 1
        if self._quick_closes >= QUICK_CLOSES_MOST:
            self._channel, self._quick_closes, self._stepped_down_ms = _WORSE[self._channel], 0, mono_ms
