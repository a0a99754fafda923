"""Upload: what is sent next, and every word the cloud may say about it, forks included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import journal_store, upload
from sync.journal import GENESIS, Tip, is_sealed
from sync.messages import Ack, Common, Event, UpAck
from sync.upload import Confirmed, Limits, Verdict
from tests.sync.builders import TERMINAL, append, journal_of


def ack(seq: int, digest: str, *, durable: int = 0, epoch: str = "u1") -> UpAck:
    return UpAck(epoch_up=epoch, seq=seq, hash=digest, durable=durable, applied=0, held=[], server_time=1)


class Journal:
    """A journal of so many entries, and how the judge looks into it."""

    def __init__(self, count: int) -> None:
        self.conn = journal_of(count)
        self.tip = journal_store.tip(self.conn)

    def hash_at(self, seq: int) -> str | None:
        return journal_store.hash_at(self.conn, 1, seq=seq)

    def known_hash(self, seq: int) -> str:
        digest = self.hash_at(seq)
        assert digest is not None
        return digest

    def judged(self, answer: UpAck) -> upload.Judged:
        return upload.judge(answer, self.tip, hash_at=self.hash_at)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_an_ack_of_my_own_history_is_believed_up_or_down(count: int, seq: int, durable: int) -> None:
    journal = Journal(count)
    seq = min(seq, count)
    judged = journal.judged(ack(seq, journal.known_hash(seq), durable=durable, epoch="u2"))
    assert judged == upload.Judged(Verdict.GO_ON, Confirmed(1, seq, journal.known_hash(seq), durable, "u2"))
    assert upload.unsent(journal.tip, judged.confirmed) == count - seq
    assert judged.confirmed.prunable_seq == min(seq, durable)


def test_an_ack_with_another_hash_is_another_history() -> None:
    assert Journal(3).judged(ack(2, "ab" * 32)).verdict is Verdict.WANT_INCARNATION


def test_an_ack_beyond_my_end_means_that_i_am_an_old_backup() -> None:
    journal = Journal(3)
    assert journal.judged(ack(4, "ab" * 32)).verdict is Verdict.WANT_INCARNATION


def test_an_ack_below_what_i_still_have_needs_a_new_incarnation() -> None:
    journal = Journal(5)
    fourth = journal.known_hash(2)
    journal_store.prune(journal.conn, 1, up_to_seq=4)
    assert journal.judged(ack(4, journal.known_hash(4))).verdict is Verdict.GO_ON
    assert journal.judged(ack(2, fourth)).verdict is Verdict.WANT_INCARNATION


def test_a_ack_of_zero_must_be_the_beginning() -> None:
    journal = Journal(2)
    assert journal.judged(ack(0, GENESIS)).verdict is Verdict.GO_ON
    assert journal.judged(ack(0, "ab" * 32)).verdict is Verdict.WANT_INCARNATION


@pytest.mark.parametrize(
    ("inc", "seq", "verdict"), [(1, 2, Verdict.GO_ON), (2, 2, Verdict.STALE), (1, 9, Verdict.WANT_INCARNATION)]
)
def test_hello_shows_a_clone_before_anything_is_sent(inc: int, seq: int, verdict: Verdict) -> None:
    journal = Journal(3)
    word = Ack(inc=inc, seq=seq, hash=journal.hash_at(seq) or "ab" * 32, durable=0)
    assert upload.judge_hello(word, journal.tip, epoch_up="u1", hash_at=journal.hash_at).verdict is verdict


def test_a_clone_that_sold_on_diverges_and_the_original_does_not() -> None:
    original, clone = Journal(3), Journal(3)
    confirmed = Confirmed(1, 3, original.known_hash(3), 0, "u1")
    append(original.conn)
    assert not upload.diverged(confirmed, journal_store.tip(original.conn), hash_at=original.hash_at)
    assert upload.diverged(confirmed, clone.tip, hash_at=clone.hash_at)


def test_before_the_first_answer_everything_is_unsent() -> None:
    journal = Journal(4)
    nothing = upload.nothing_confirmed(1)
    assert upload.unsent(journal.tip, nothing) == 4
    assert not upload.diverged(nothing, journal.tip, hash_at=journal.hash_at)
    assert upload.unsent(Tip(2, 3, "ab"), Confirmed(1, 4, "cd", 4, "u1")) == 3


def test_a_request_carries_entries_verbatim_and_signs_the_last_of_them() -> None:
    journal = Journal(3)
    entries = journal_store.entries_after(journal.conn, journal.tip, seq=1, limit=1, max_bytes=10**6)
    message = upload.request(journal.tip, entries, terminal=TERMINAL, signature="sig")
    assert (message.tip.seq, message.inc, message.want_inc) == (3, 1, False)
    assert message.ev == [upload.event_of(entries[0])] and isinstance(message.ev[0], Event)
    assert message.ev[0].body.encode() == entries[0].fact.body
    assert upload.anchor(journal.tip, entries) == Tip(1, 2, entries[0].hash)
    assert upload.anchor(journal.tip, []) == journal.tip


def test_limits_halve_down_to_one_event() -> None:
    limits, seen = Limits(), []
    while limits != limits.halved():
        limits = limits.halved()
        seen.append(limits.events)
    assert seen[0] == 250 and limits == Limits(1, 1)


@pytest.mark.parametrize(
    ("common", "durable", "expected"),
    [
        (Common(inc=1, seq=5, hash=""), 3, 3),
        (Common(inc=1, seq=2, hash=""), 3, 2),
        (Common(inc=2, seq=2, hash=""), 3, 0),
    ],
)
def test_a_fork_sends_again_all_that_is_not_beyond_loss(common: Common, durable: int, expected: int) -> None:
    assert upload.common_seq(Confirmed(1, 5, "", durable, "u1"), common) == expected


@given(st.integers(0, 8), st.integers(0, 8))
def test_after_a_fork_the_rest_is_sealed_anew_with_the_same_ids(count: int, common: int) -> None:
    journal = Journal(count)
    old = list(journal_store.iterate(journal.conn, 1))
    carried = journal_store.adopt_fork(journal.conn, 3, common_seq=common)
    new = list(journal_store.iterate(journal.conn, 3))
    assert carried == len(new) == max(0, count - common)
    assert [entry.fact for entry in new] == [entry.fact for entry in old[common:]]
    assert all(is_sealed(entry, TERMINAL) for entry in new)
    assert [entry.seq for entry in new] == list(range(1, len(new) + 1))
    assert list(journal_store.iterate(journal.conn, 1)) == old
    assert journal_store.adopt_fork(journal.conn, 3, common_seq=0) == 0
