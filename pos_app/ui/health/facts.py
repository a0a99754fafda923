"""The facts of the health page in words."""

from collections.abc import Callable, Sequence

from domain.errors import DomainError
from pos_app.services.health import HealthFacts, HeldEntry
from pos_app.ui.health.fact_card import Fact
from pos_app.ui.words import Words
from pos_app.viewmodels.status import CLOCK_OFF_MS, STALE_AFTER_MS, StatusFacts
from sync.release import TOO_OLD

When = Callable[[int], str]
"""A moment in words of the store's clock."""

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_DISK_LOW_BYTES = 2 << 30
HASH_CHARACTERS = 12
ENTRY_KINDS = frozenset({"sale", "sign_on", "drawer_open", "reprint", "settings_changed"})
"""Kinds of entries that have words of their own."""


def sync_facts(facts: HealthFacts, status: StatusFacts, words: Words, *, when: When) -> list[Fact]:
    """Uploads, contact, prices and clock."""
    never = words("health.never")
    age_ms = facts.price_age_ms
    prices = never if age_ms is None else words("health.ago", span=span(age_ms, words))
    held = max(status.held, 0)
    return [
        Fact(words("health.fact.unsent"), str(facts.unsent), "off" if facts.unsent else "ok"),
        Fact(words("health.fact.acked"), str(facts.acked_seq)),
        Fact(words("health.fact.held"), str(held), "warn" if held else "text"),
        Fact(words("health.fact.contact"), when(facts.last_contact_ms) if facts.last_contact_ms else never),
        Fact(words("health.fact.prices"), prices, "warn" if age_ms is None or age_ms > STALE_AFTER_MS else "text"),
        _clock_fact(facts.clock_offset_ms, words),
    ]


def held_facts(held: Sequence[HeldEntry], total: int, words: Words, *, when: When) -> list[Fact]:
    """Which entries wait for HQ, and why; then how many more there are."""
    facts = [Fact(_held_words(one, words, when), _reason(one.code, words), "warn") for one in held]
    if total > len(held):
        facts.append(Fact(words("health.held.more", count=total - len(held)), ""))
    return facts


def till_facts(facts: HealthFacts, status: StatusFacts, words: Words) -> list[Fact]:
    """Who this till is and what runs on it."""
    versions = f"SQLite {facts.sqlite_version} · Python {facts.python_version}"
    return [
        Fact(words("health.fact.terminal"), f"{facts.terminal_id} · {facts.incarnation}"),
        _version_fact(facts.app_version, status, words),
        Fact(words("health.fact.parts"), versions),
        Fact(words("health.fact.journal"), str(facts.journal_seq)),
        Fact(words("health.fact.tip"), facts.journal_hash[:HASH_CHARACTERS]),
    ]


def file_facts(facts: HealthFacts, words: Words, *, when: When) -> list[Fact]:
    """Files, disk and backup."""
    backup = when(facts.last_backup_ms) if facts.last_backup_ms else words("health.never")
    disk = "warn" if facts.disk_free_bytes < _DISK_LOW_BYTES else "text"
    return [
        Fact(words("health.fact.till_db"), size(facts.till_db_bytes)),
        Fact(words("health.fact.replica"), size(facts.replica_bytes)),
        Fact(words("health.fact.disk"), size(facts.disk_free_bytes), disk),
        Fact(words("health.fact.backup"), backup),
    ]


def check_facts(facts: HealthFacts, words: Words) -> list[Fact]:
    """What the last check of file and journal found."""
    return [
        _check_fact(words("health.fact.integrity"), facts.integrity, words),
        _check_fact(words("health.fact.chain"), facts.chain, words),
    ]


def span(ms: int, words: Words) -> str:
    """``3 分钟``, ``5 小时``, ``2 天``."""
    for key, unit_ms in (("days", _DAY_MS), ("hours", _HOUR_MS), ("minutes", _MINUTE_MS)):
        if ms >= unit_ms:
            return words(f"health.span.{key}", count=ms // unit_ms)
    return words("health.span.seconds", count=ms // 1000)


def size(count: int) -> str:
    """``12.4 MB``."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= factor:
            tenths = count * 10 // factor
            return f"{tenths // 10}.{tenths % 10} {unit}"
    return f"{count} B"


def _held_words(one: HeldEntry, words: Words, when: When) -> str:
    known = one.kind if one.kind in ENTRY_KINDS else "other"
    at = when(one.at_ms) if one.at_ms else ""
    parts = (one.receipt_no or words("health.held.entry", seq=one.seq), words(f"health.held.kind.{known}"), at)
    return " · ".join(part for part in parts if part)


def _reason(code: str, words: Words) -> str:
    said = words.error(DomainError(code))
    return " · ".join(part for part in (said.what, said.do) if part)


def _version_fact(version: str, status: StatusFacts, words: Words) -> Fact:
    what = words("health.fact.version")
    if status.error != TOO_OLD:
        return Fact(what, version)
    needed = words("health.version_needed", version=version, least=status.min_app) if status.min_app else version
    return Fact(what, needed, "warn")


def _clock_fact(offset_ms: int | None, words: Words) -> Fact:
    what = words("health.fact.clock")
    if offset_ms is None:
        return Fact(what, words("health.unknown"))
    if abs(offset_ms) <= CLOCK_OFF_MS:
        return Fact(what, words("health.clock_right"), "ok")
    return Fact(what, words("health.clock_off", span=span(abs(offset_ms), words)), "warn")


def _check_fact(what: str, found: str, words: Words) -> Fact:
    if found == "unchecked":
        return Fact(what, words("health.unchecked"))
    return (
        Fact(what, words("health.sound"), "ok")
        if found == "ok"
        else Fact(what, words("health.broken", found=found), "err")
    )
