"""The access token that all of the agent's connections share, and the corrected time it is asked for with."""

import secrets
import threading
from collections.abc import Callable

import msgspec

from sync import timekeeping
from sync.identity import Identity
from sync.messages import Token, TokenRequest, token_bytes
from sync.system_clock import SystemClock
from sync.timekeeping import Offset, Reading
from sync.transport import Call, Terminal, Transport

_RENEW_BEFORE_MS = 60_000
_CLOCK_OFF = "token.clock"


class CloudClock:
    """What the till knows of the cloud's time, fed by every answer that names it."""

    def __init__(self, clock: SystemClock, offset: Offset | None, *, keep: Callable[[Offset], None]) -> None:
        self._clock, self._offset, self._keep = clock, offset, keep
        self._lock = threading.Lock()

    def reading(self) -> Reading:
        """The machine's clocks now."""
        return self._clock.reading()

    def estimate_ms(self) -> int:
        """The best estimate of true time."""
        return timekeeping.estimate(self._clock.reading(), self._offset).at_ms

    @property
    def offset_ms(self) -> int | None:
        """What to add to the machine's wall clock; None before the first answer."""
        return None if self._offset is None else self._offset.offset_ms

    def observed(self, sent: Reading, server_ms: int) -> None:
        """An answer to what was ``sent`` then says it is ``server_ms``."""
        fresh = timekeeping.measure(sent, self._clock.reading(), server_ms=server_ms)
        if fresh is None:
            return
        with self._lock:
            chosen = timekeeping.better(self._offset, fresh)
            changed = chosen is not self._offset
            self._offset = chosen
        if changed:
            self._keep(chosen)


class TokenSource:
    """Gets a token when there is none or the old one ends; threads that ask together wait for one request."""

    def __init__(self, identity: Identity, clock: CloudClock) -> None:
        self._identity, self._clock = identity, clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def get(self, transport: Transport) -> str:
        """A token that is good for another while."""
        with self._lock:
            if self._token is None or self._token.expires_at - _RENEW_BEFORE_MS < self._clock.estimate_ms():
                self._token = self._request(transport)
            return self._token.access

    def refused(self, access: str) -> None:
        """The cloud does not take this token any more (it was restored, or its key changed)."""
        with self._lock:
            if self._token is not None and self._token.access == access:
                self._token = None

    def _request(self, transport: Transport) -> Token:
        sent = self._clock.reading()
        try:
            return self._ask(transport, self._clock.estimate_ms())
        except Terminal as refusal:
            if refusal.code != _CLOCK_OFF or not refusal.server_time_ms:
                raise
            self._clock.observed(sent, refusal.server_time_ms)
            return self._ask(transport, refusal.server_time_ms)

    def _ask(self, transport: Transport, at_ms: int) -> Token:
        who, nonce = self._identity, secrets.token_urlsafe(16)
        signature = who.signature(token_bytes(who.terminal, who.inc, ts=at_ms, nonce=nonce))
        wanted = TokenRequest(terminal=who.terminal, inc=who.inc, ts=at_ms, nonce=nonce, sig=signature)
        sent = self._clock.reading()
        answer = transport.call(Call("POST", "/v1/token", body=msgspec.json.encode(wanted)))
        try:
            token = msgspec.json.decode(answer.body, type=Token)
        except msgspec.DecodeError:
            raise Terminal("sync.not_evertill") from None
        self._clock.observed(sent, token.server_time)
        return token
