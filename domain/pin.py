"""PINs: what is hashed of them, and how long wrong ones shut the door."""

import hmac

FREE_FAILURES = 4
"""So many wrong PINs in a row cost nothing."""
FIRST_LOCK_MS = 30_000
LONGEST_LOCK_MS = 15 * 60_000
FAILURES_MAX = 10
"""After so many in a row only a supervisor lets the operator try again."""
TERMINAL_FAILURES_MAX = 20
"""So many wrong PINs of anybody, none forgiven by the right one, shut the whole till's door."""
TERMINAL_WINDOW_MS = 60 * 60_000
"""They are forgotten after so long without another one, so that no hour sees more than that many."""


def peppered(pin: str, pepper: bytes) -> str:
    """What argon2 gets of a PIN, at the cloud and at the till alike: HMAC-SHA256 in hex, useless without the key."""
    return hmac.new(pepper, pin.encode(), "sha256").hexdigest()


def lock_ms(failures: int) -> int:
    """How long to wait after so many wrong PINs in a row: 30 s from the fifth, doubling up to 15 min."""
    beyond = failures - FREE_FAILURES
    return 0 if beyond <= 0 else min(FIRST_LOCK_MS << (beyond - 1), LONGEST_LOCK_MS)
