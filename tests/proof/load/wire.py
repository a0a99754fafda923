"""The protocol as a till speaks it, over asyncio: one kept connection, its errors sorted as the product sorts them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec
import zstandard

from sync import upload
from sync.feed import Cursor
from sync.identity import Identity
from sync.journal import Entry, Tip, anchor_bytes
from sync.live import LONG_POLL_S
from sync.messages import Hello, Token, TokenRequest, UpAck, cursor_text, token_bytes
from sync.replica.tables import SCHEMA
from sync.transport import COMPRESS_FROM_BYTES, READ_S

UP_READ_S = 30
"""As sync.client waits for an upload's answer."""
_OK, _TOO_MANY, _FAILING = 200, 429, 500


class Refused(Exception):
    """An answer that is none; ``again`` where the same may be sent later, not before ``retry_after_ms``."""

    def __init__(self, status: int, *, retry_after_ms: int = 0) -> None:
        super().__init__(str(status))
        self.status, self.retry_after_ms = status, retry_after_ms

    @property
    def again(self) -> bool:
        """Whether time heals it."""
        return self.status == _TOO_MANY or self.status >= _FAILING


@dataclass
class Wire:
    """A till's connection; what it asked took ``ms`` each, by kind."""

    port: int
    who: Identity
    ms: dict[str, list[float]] = field(default_factory=dict)
    access: str = ""
    _ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def token(self) -> None:
        """Prove the key, get an hour."""
        at_ms, nonce = time.time_ns() // 1_000_000, f"{self.who.terminal}-{time.perf_counter_ns()}"
        signature = self.who.signature(token_bytes(self.who.terminal, 1, ts=at_ms, nonce=nonce))
        wanted = TokenRequest(terminal=self.who.terminal, inc=1, ts=at_ms, nonce=nonce, sig=signature)
        body = await self.ask("token", "POST /v1/token", body=msgspec.json.encode(wanted))
        self.access = msgspec.json.decode(body, type=Token).access

    async def hello(self, tip: Tip) -> Hello:
        """Where everything stands."""
        query = urlencode({"schema": SCHEMA, "app": "0", "inc": tip.incarnation, "tip": tip.seq})
        return msgspec.json.decode(await self.ask("hello", f"GET /v1/hello?{query}"), type=Hello)

    async def up(self, packed: bytes) -> UpAck:
        """Send a batch that ``packed_batch`` made."""
        return msgspec.json.decode(await self.ask("up", "POST /v1/up", body=packed, read_s=UP_READ_S), type=UpAck)

    async def ask(self, kind: str, line: str, *, body: bytes = b"", read_s: float = READ_S) -> bytes:
        """One request, ``line`` is its method and path; the answer's body; Refused or OSError where there is none."""
        begin_ns = time.perf_counter_ns()
        async with asyncio.timeout(read_s):
            status, headers, answer = await self._exchange(self._request(line, body))
        if status != _OK:
            seconds = headers.get(b"retry-after", b"0")
            raise Refused(status, retry_after_ms=int(seconds) * 1000 if seconds.isdigit() else 0)
        self.ms.setdefault(kind, []).append((time.perf_counter_ns() - begin_ns) / 1_000_000)
        if headers.get(b"content-encoding") == b"zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(answer)
        return answer

    async def listen(self, sub_ver: int, cursors: dict[str, Cursor]) -> asyncio.StreamReader:
        """Open the live channel on this connection; what comes is read from the stream."""
        pairs = [("c", cursor_text(bucket, at.epoch, seq=at.seq)) for bucket, at in cursors.items()]
        reader, writer = await self._connected()
        writer.write(self._request(f"GET /v1/live?{urlencode([('sub_ver', sub_ver), *pairs])}", b""))
        async with asyncio.timeout(LONG_POLL_S):
            status = int((await reader.readline()).split()[1])
        if status != _OK:
            raise Refused(status)
        return reader

    def close(self) -> None:
        """Hang up."""
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None

    def _request(self, line: str, body: bytes) -> bytes:
        head = [f"{line} HTTP/1.1", "Host: cloud", "Accept-Encoding: zstd", f"Content-Length: {len(body)}"]
        head += [f"Authorization: Bearer {self.access}"] if self.access else []
        if body:
            head += ["Content-Type: application/json"]
        if body.startswith(zstandard.FRAME_HEADER):
            head += ["Content-Encoding: zstd"]
        return "\r\n".join([*head, "", ""]).encode() + body

    async def _exchange(self, request: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        reader, writer = await self._connected()
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
            pairs = (line.partition(b":") for line in head[1:] if line)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            answer = await reader.readexactly(int(headers[b"content-length"]))
        except BaseException:
            self.close()  # what may still come on it belongs to nobody
            raise
        return int(head[0].split()[1]), headers, answer

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The kept connection, unless the cloud ended it meanwhile."""
        if self._ends is not None and (self._ends[0].at_eof() or self._ends[1].is_closing()):
            self.close()
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self.port)
        return self._ends


def packed_batch(who: Identity, tip: Tip, entries: list[Entry]) -> bytes:
    """An upload as the product signs, words and packs it."""
    signature = who.signature(anchor_bytes(who.terminal, upload.anchor(tip, entries)))
    body = msgspec.json.encode(upload.request(tip, entries, terminal=who.terminal, signature=signature))
    return zstandard.compress(body, 1) if len(body) >= COMPRESS_FROM_BYTES else body
