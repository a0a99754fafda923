"""Upload as decisions: what to send next, and what an answer means for what the till knows to be safe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import TerminalId
from sync.journal import GENESIS, Entry, Tip
from sync.messages import UP_BYTES_MAX, UP_EVENTS_MAX, Ack, Common, Event, TipMessage, Up, UpAck

HashAt = Callable[[int], str | None]
"""The journal's own hash at a seq of the present incarnation; None where it has been pruned or never was."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the cloud is known to hold of one incarnation: stored up to ``(seq, hash)``, beyond loss to ``durable``."""

    inc: int
    seq: int
    hash: str
    durable: int
    epoch_up: str

    @property
    def prunable_seq(self) -> int:
        """Entries up to here may leave the till."""
        return min(self.seq, self.durable)


def nothing_confirmed(inc: int) -> Confirmed:
    """Before the first answer about an incarnation."""
    return Confirmed(inc, 0, GENESIS, 0, "")


class Verdict(StrEnum):
    """What to do after an answer."""

    GO_ON = "go_on"
    WANT_INCARNATION = "want_incarnation"
    """The cloud holds another history under our numbers, or lost what we no longer have: ask for a new one."""
    STALE = "stale"
    """A word about another incarnation than the present one: ignore it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and what is confirmed after it."""

    verdict: Verdict
    confirmed: Confirmed


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request carries; halved after "too large", never below one event."""

    events: int = UP_EVENTS_MAX
    bytes: int = UP_BYTES_MAX * 9 // 10

    def halved(self) -> "Limits":
        """Half as much."""
        return Limits(max(1, self.events // 2), max(1, self.bytes // 2))


def unsent(tip: Tip, confirmed: Confirmed) -> int:
    """How many entries the cloud has not confirmed."""
    return max(0, tip.seq - confirmed.seq) if tip.incarnation == confirmed.inc else tip.seq


def request(tip: Tip, entries: Sequence[Entry], *, terminal: TerminalId, signature: str, want_inc: bool = False) -> Up:
    """The message that carries ``entries``; ``signature`` is over the anchor of the last of them, else of the tip."""
    return Up(
        terminal=terminal,
        inc=tip.incarnation,
        tip=TipMessage(seq=tip.seq, hash=tip.hash),
        ev=[event_of(entry) for entry in entries],
        sig=signature,
        want_inc=want_inc,
    )


def anchor(tip: Tip, entries: Sequence[Entry]) -> Tip:
    """What the batch's signature stands for."""
    return Tip(tip.incarnation, entries[-1].seq, entries[-1].hash) if entries else tip


def event_of(entry: Entry) -> Event:
    """A journal entry on the wire."""
    fact, stamp = entry.fact, entry.fact.stamp
    return Event(
        s=entry.seq,
        id=fact.event_id,
        ty=fact.kind,
        v=fact.version,
        at=stamp.at_ms,
        est=stamp.estimate_ms,
        off=stamp.offset_age_ms,
        boot=stamp.boot_id,
        mono=stamp.mono_ms,
        prev=entry.prev_hash,
        hash=entry.hash,
        body=fact.body.decode(),
    )


def judge(answer: UpAck, tip: Tip, *, hash_at: HashAt) -> Judged:
    """What a 200 says. The cloud's seq may have fallen: it was restored, and entries go again (no-ops where known)."""
    return _judge(
        Confirmed(tip.incarnation, answer.seq, answer.hash, answer.durable, answer.epoch_up), tip, hash_at=hash_at
    )


def judge_hello(ack: Ack, tip: Tip, *, epoch_up: str, hash_at: HashAt) -> Judged:
    """The same of hello's word, which shows a clone or an old backup before anything is sent."""
    told = Confirmed(ack.inc, ack.seq, ack.hash, ack.durable, epoch_up)
    return _judge(told, tip, hash_at=hash_at) if ack.inc == tip.incarnation else Judged(Verdict.STALE, told)


def _judge(told: Confirmed, tip: Tip, *, hash_at: HashAt) -> Judged:
    verdict = Verdict.WANT_INCARNATION if diverged(told, tip, hash_at=hash_at) else Verdict.GO_ON
    return Judged(verdict, told)


def diverged(confirmed: Confirmed, tip: Tip, *, hash_at: HashAt) -> bool:
    """Whether this journal does not continue what was confirmed: restored, cloned, or pruned beyond it."""
    return confirmed.seq > tip.seq or hash_at(confirmed.seq) != confirmed.hash


def common_seq(confirmed: Confirmed, common: Common) -> int:
    """From where a forked journal is sent again: never above what the cloud holds beyond loss.

    The cloud's ``common`` may count entries that only this moment's database holds; those go again and are
    known there by their event ids.
    """
    return min(common.seq, confirmed.durable) if common.inc == confirmed.inc else 0
