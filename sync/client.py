"""The cloud's routes as typed calls of an enrolled till; one client a thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from sync.feed import Cursor
from sync.journal import Tip
from sync.live import LONG_POLL_S, READ_TIMEOUT_S
from sync.messages import (
    Audit,
    Fork,
    Gone,
    Hello,
    LivePoll,
    Manifest,
    Page,
    SnapshotRef,
    UpAck,
    cursor_text,
)
from sync.replica.tables import SCHEMA
from sync.tokens import CloudClock, TokenSource
from sync.transport import Answer, Call, Response, Retryable, Terminal, Transport

_Message = TypeVar("_Message", bound=msgspec.Struct)
_Sent = TypeVar("_Sent", Answer, Response)
_GONE, _CONFLICT, _PARTIAL = 410, 409, 206
_TOKEN_INVALID = "token.invalid"  # noqa: S105 a code, not a secret
_UP_READ_S = 30
_DOWNLOAD_READ_S = 30


class BucketGone(Exception):
    """410: the pages behind this cursor are no more; a fresh hello tells what to do."""


class CloudClient:
    """Calls with the shared token, renewed once where the cloud refuses it."""

    def __init__(self, transport: Transport, *, tokens: TokenSource, clock: CloudClock) -> None:
        self._transport, self._tokens, self._clock = transport, tokens, clock

    def close(self) -> None:
        """Gives the connections back."""
        self._transport.close()

    def hello(self, tip: Tip, *, app_ver: str) -> Hello:
        """Where everything stands, and the cloud's time."""
        query = urlencode({"schema": SCHEMA, "app": app_ver, "inc": tip.incarnation, "tip": tip.seq})
        sent = self._clock.reading()
        hello = _decoded(self._call(Call("GET", f"/v1/hello?{query}")), Hello)
        self._clock.observed(sent, hello.server_time)
        return hello

    def page(self, bucket: str, cursor: Cursor, *, fresh: bool = False) -> Page:
        """The page behind a cursor; ``fresh`` asks for the one that holds the next group, past every cache."""
        first = cursor.seq + 1 if fresh else cursor.page_from
        path = f"{_bucket_path(bucket, cursor.epoch)}/p/{first}"
        headers = {"Cache-Control": "no-cache"} if fresh else None
        answer = self._call(Call("GET", path, accept=(_GONE,), headers=headers))
        return _decoded(_not_gone(answer), Page)

    def manifest(self, bucket: str, epoch: str) -> Manifest:
        """The pages and snapshots there are."""
        answer = self._call(Call("GET", f"{_bucket_path(bucket, epoch)}/manifest", accept=(_GONE,)))
        return _decoded(_not_gone(answer), Manifest)

    def audit(self, bucket: str, cursor: Cursor) -> Audit | None:
        """The cloud's figures at a cursor; None where it cannot tell them for that seq."""
        try:
            path = f"{_bucket_path(bucket, cursor.epoch)}/audit/{cursor.seq}"
            return _decoded(_not_gone(self._call(Call("GET", path, accept=(_GONE,)))), Audit)
        except Terminal as refusal:
            if refusal.code == "audit.not_at_seq":
                return None
            raise

    def up(self, body: bytes) -> UpAck | Fork:
        """Sends an ``Up`` message; a fork is an answer too."""
        sent = self._clock.reading()
        answer = self._call(Call("POST", "/v1/up", body=body, accept=(_CONFLICT,), read_s=_UP_READ_S))
        if answer.status == _CONFLICT:
            return _decoded(answer, Fork)
        ack = _decoded(answer, UpAck)
        self._clock.observed(sent, ack.server_time)
        return ack

    def stream(self, sub_ver: int, cursors: Mapping[str, Cursor]) -> Response:
        """Opens the live channel; the caller reads its chunks and closes it."""
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-cache"}
        return self._open(Call("GET", _live_path(sub_ver, cursors), read_s=READ_TIMEOUT_S, headers=headers))

    def poll(self, sub_ver: int, cursors: Mapping[str, Cursor]) -> LivePoll:
        """Waits for news in one request."""
        path = f"{_live_path(sub_ver, cursors)}&wait={LONG_POLL_S}"
        return _decoded(self._call(Call("GET", path, read_s=LONG_POLL_S + 10)), LivePoll)

    def download(self, ref: SnapshotRef, path: Path, *, progress: Callable[[int], None]) -> None:
        """Fetches a snapshot to ``path``, going on behind what an earlier try left there."""
        have_bytes = path.stat().st_size if path.is_file() else 0
        if have_bytes >= ref.bytes:
            return
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have_bytes}-"} if have_bytes else {})
        call = Call("GET", ref.url, read_s=_DOWNLOAD_READ_S, headers=headers)
        with self._open(call) as response:
            resumed = response.status == _PARTIAL
            have_bytes = have_bytes if resumed else 0
            with path.open("ab" if resumed else "wb") as file:
                for chunk in response.chunks():
                    have_bytes += file.write(chunk)
                    if have_bytes > ref.bytes:
                        raise Retryable("sync.snapshot_damaged")
                    progress(have_bytes)

    def _call(self, call: Call) -> Answer:
        return self._with_token(call, self._transport.call)

    def _open(self, call: Call) -> Response:
        return self._with_token(call, self._transport.open)

    def _with_token(self, call: Call, send: Callable[[Call], _Sent]) -> _Sent:
        access = self._tokens.get(self._transport)
        try:
            return send(replace(call, token=access))
        except Terminal as refusal:
            if refusal.code != _TOKEN_INVALID:
                raise
        self._tokens.refused(access)
        return send(replace(call, token=self._tokens.get(self._transport)))


def _bucket_path(bucket: str, epoch: str) -> str:
    return f"/v1/b/{quote(bucket, safe=':')}/{quote(epoch, safe='')}"


def _live_path(sub_ver: int, cursors: Mapping[str, Cursor]) -> str:
    pairs: Sequence[tuple[str, str | int]] = [
        ("sub_ver", sub_ver),
        *(("c", cursor_text(bucket, cursor.epoch, seq=cursor.seq)) for bucket, cursor in cursors.items()),
    ]
    return f"/v1/live?{urlencode(pairs)}"


def _not_gone(answer: Answer) -> Answer:
    if answer.status == _GONE:
        _decoded(answer, Gone)
        raise BucketGone
    return answer


def _decoded(answer: Answer, kind: type[_Message]) -> _Message:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.DecodeError:
        raise Terminal("sync.not_evertill", status=answer.status) from None
