"""Passwords of HQ's users and PINs of staff: which are taken, and how they are kept."""

import functools
import itertools
import secrets
import threading
import unicodedata

import argon2

from cloud_api.problems import ApiProblem
from cloud_api.settings import Settings
from domain.pin import peppered

PASSWORD_MIN, PASSWORD_MAX = 12, 128
PIN_DIGITS = 6
_DISTINCT_MIN = 5
_HASHES_AT_ONCE = threading.BoundedSemaphore(2)
"""Each takes tens of MiB and a core: sign-ins queue here rather than starve the tills."""


def accept_password(settings: Settings, password: str, *, user_name: str) -> str:
    """The hash of a new password; 422 where it is short or guessed first. No rules of composition.

    Takes a fifth of a second: call it before the transaction.
    """
    plain = _normal(password)
    if not PASSWORD_MIN <= len(plain) <= PASSWORD_MAX:
        raise ApiProblem(422, "cloud.password_length", least=PASSWORD_MIN, most=PASSWORD_MAX)
    lower = plain.casefold()
    named = user_name.casefold() in lower or "evertill" in lower or "password" in lower
    if named or len(set(lower)) < _DISTINCT_MIN or _is_run(lower):
        raise ApiProblem(422, "cloud.password_easy")
    with _HASHES_AT_ONCE:
        return _hasher(settings).hash(plain)


def password_fits(settings: Settings, password_hash: str | None, password: str) -> bool:
    """Whether it is the password; takes as long where there is no such user (None)."""
    known = password_hash or _nobodys_hash(settings.argon2_time, settings.argon2_memory_kib)
    with _HASHES_AT_ONCE:
        try:
            _hasher(settings).verify(known, _normal(password))
        except argon2.exceptions.VerifyMismatchError:
            return False
    return password_hash is not None


def new_pin() -> str:
    """Six random digits, but none that everybody tries first."""
    while True:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
        if len(set(pin)) > 2 and not _is_run(pin):
            return pin


def hash_pin(settings: Settings, pin: str, pepper: bytes) -> str:
    """argon2id over the HMAC-SHA256 (hex) of the PIN with the store's pepper: useless without that key."""
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=settings.pin_argon2_memory_kib, parallelism=1)
    return hasher.hash(peppered(pin, pepper))


def _hasher(settings: Settings) -> argon2.PasswordHasher:
    return argon2.PasswordHasher(time_cost=settings.argon2_time, memory_cost=settings.argon2_memory_kib, parallelism=1)


@functools.cache
def _nobodys_hash(time_cost: int, memory_kib: int) -> str:
    """A hash that no password fits, as dear to check as a real one."""
    return argon2.PasswordHasher(time_cost, memory_kib, 1).hash(secrets.token_hex())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _is_run(text: str) -> bool:
    """Whether each character follows its neighbour (123456, 321098, fedcba) or the whole repeats a short piece."""
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9} or text in (text + text)[1:-1]
