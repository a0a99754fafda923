"""The release of this product, and whether one is too old for a cloud that asks for at least another."""

import re

RELEASE = "0.1.0"
TOO_OLD = "app.too_old"
"""The code by which a cloud refuses news to a till; what the till sends is taken all the same."""
ANY = "0"
"""As the least release: every till is served, also one that does not name its own."""
_PRODUCT = "evertill/"
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,7}(?![\d.])")


def release_of(text: str) -> tuple[int, ...] | None:
    """What releases are ordered by; None for what is none. ``0.2.0rc1`` counts as 0.2.0, and 0.2 is the same."""
    found = _NUMBERS.match(text) if text.isascii() else None
    if found is None:
        return None
    numbers = [int(part) for part in found[0].rsplit(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def is_too_old(release: str, least: str) -> bool:
    """Whether ``release`` lies below ``least``; one that cannot be read does, unless any will do."""
    wanted, there = release_of(least), release_of(release)
    if not wanted:
        return False
    return there is None or there < wanted


def user_agent(release: str) -> str:
    """How a till of a release calls itself in every request."""
    return _PRODUCT + release


def release_in(user_agent: str) -> str:
    """The release that a request names; empty where it names none."""
    return user_agent.removeprefix(_PRODUCT) if user_agent.startswith(_PRODUCT) else ""
