"""Access tokens of tills: a signed request gets an hour; nothing is stored, any worker can check one."""

import base64
import hashlib
import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud_api.errors import ApiProblem
from cloud_api.services.terminals.directory import Directory, Known
from sync.messages import TokenRequest, token_bytes

PREFIX = "evt_"
LIFETIME_MS = 3_600_000
CLOCK_SLACK_MS = 600_000
NONCES_MAX = 20_000
_PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Caller:
    """The till behind a request: who it is now, and the incarnation it had when it got its token."""

    known: Known
    inc: int


class Tokens:
    """Gives tokens to who proves the key, and tells who carries one."""

    def __init__(self, key: bytes, directory: Directory) -> None:
        self._key = key
        self._directory = directory
        self._nonces: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def grant(self, request: TokenRequest, now_ms: int) -> str:
        """A token for a rightly signed request; ApiProblem where the till, its clock or its key is wrong."""
        known = self._directory.look_up(request.terminal)
        if known is None or known.pubkey is None:
            raise ApiProblem(401, "terminal.unknown")
        message = token_bytes(request.terminal, request.inc, ts=request.ts, nonce=request.nonce)
        if not is_signed(known.pubkey, request.sig, message):
            raise ApiProblem(401, "token.bad_signature")
        if abs(now_ms - request.ts) > CLOCK_SLACK_MS:
            raise ApiProblem(401, "token.clock")
        if not self._is_new(f"{request.terminal}/{request.nonce}", now_ms):
            raise ApiProblem(401, "token.bad_signature")
        return self.issue(known, request.inc, expires_at_ms=now_ms + LIFETIME_MS)

    def issue(self, known: Known, inc: int, *, expires_at_ms: int) -> str:
        """The token's text: terminal, incarnation, end, key it was proven with, and a MAC over them."""
        assert known.pubkey is not None
        payload = f"{known.terminal_id}|{inc}|{expires_at_ms}|{_print_of(known.pubkey)}".encode()
        return PREFIX + _text(payload) + "." + _text(self._mac(payload))

    def caller(self, authorization: str | None, now_ms: int) -> Caller | None:
        """Who carries this ``Authorization`` header, from memory; None where the till is not in memory.

        ApiProblem 401 where the token is not ours, is over, or was given for another key.
        """
        terminal_id, inc, expires_at_ms, key_print = self._read(authorization)
        known = self._directory.get(terminal_id)
        if known is None:
            return None
        if expires_at_ms <= now_ms or known.pubkey is None or _print_of(known.pubkey) != key_print:
            raise ApiProblem(401, "token.invalid")
        return Caller(known, inc)

    def looked_up(self, authorization: str | None, now_ms: int) -> Caller:
        """The same for a till that has to be looked up in the database."""
        self._directory.look_up(self._read(authorization)[0])
        caller = self.caller(authorization, now_ms)
        if caller is None:
            raise ApiProblem(401, "terminal.unknown")
        return caller

    def _read(self, authorization: str | None) -> tuple[str, int, int, str]:
        scheme, _, token = (authorization or "").partition(" ")
        head, _, mac = token.removeprefix(PREFIX).partition(".")
        try:
            payload = _bytes(head)
            if scheme.lower() != "bearer" or not hmac.compare_digest(self._mac(payload), _bytes(mac)):
                raise ApiProblem(401, "token.invalid")
            terminal_id, inc, expires_at_ms, key_print = payload.decode().rsplit("|", 3)
            return terminal_id, int(inc), int(expires_at_ms), key_print
        except ValueError:
            raise ApiProblem(401, "token.invalid") from None

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")

    def _is_new(self, nonce: str, now_ms: int) -> bool:
        """A signed request is worth one token: a copy of it is refused for as long as its clock would pass."""
        with self._lock:
            while self._nonces and (
                len(self._nonces) >= NONCES_MAX or next(iter(self._nonces.values())) < now_ms - 2 * CLOCK_SLACK_MS
            ):
                self._nonces.popitem(last=False)
            if nonce in self._nonces:
                return False
            self._nonces[nonce] = now_ms
            return True


def is_signed(pubkey: str, signature: str, message: bytes) -> bool:
    """Whether a base64 Ed25519 signature over ``message`` is of the base64 key."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(pubkey, validate=True))
        public.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(text: str) -> bool:
    """Whether the text is a base64 Ed25519 public key."""
    try:
        return len(base64.b64decode(text, validate=True)) == _PUBLIC_KEY_BYTES
    except ValueError:
        return False


def _print_of(pubkey: str) -> str:
    return hashlib.sha256(pubkey.encode()).hexdigest()[:16]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
