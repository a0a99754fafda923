"""Ingest: contiguous, hash-linked, verbatim; repeats change nothing, forks and damage are found."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_api.db.engine import writing
from cloud_api.db.master_tables import CASE_FILE
from cloud_api.db.sync_tables import EVENT, EVENT_BATCH, EVENT_RAW, TERMINAL_INC, TERMINAL_STREAM
from cloud_api.errors import ApiProblem
from cloud_api.services.background import Background
from cloud_api.services.feeds.restore import new_epochs
from cloud_api.services.intake.durable import mark_durable, tips
from cloud_api.services.intake.ingest import Arrival, Stored, ingest
from cloud_api.services.terminals.tokens import is_signed
from sync.journal import GENESIS, Tip, anchor_bytes
from sync.messages import Fork, Up, UpAck
from tests.cloud_api.sync.shop import Shop, TestTill


def check_streams(shop: Shop) -> None:
    """Every stream is contiguous from 1, hash-linked, and its row names its last entry."""
    raw = shop.rows(EVENT_RAW)
    for stream in shop.rows(TERMINAL_STREAM):
        digest = GENESIS
        mine = [e for e in raw if (e["terminal_id"], e["inc"]) == (stream["terminal_id"], stream["inc"])]
        assert [event["seq"] for event in mine] == list(range(1, stream["last_seq"] + 1))
        for event in mine:
            assert event["prev_hash"] == digest
            digest = event["hash"]
        assert stream["last_hash"] == digest


def test_a_batch_is_kept_verbatim_with_its_signature(till: TestTill, background: Background, shop: Shop) -> None:
    for _ in range(3):
        till.sell("A-1", "A-2")
    ack = till.acked(background)
    assert (ack.seq, ack.hash, ack.durable, ack.held) == (3, till.tip.hash, 0, [])
    raw = shop.rows(EVENT_RAW)
    assert [bytes(row["body"]) for row in raw] == [entry.fact.body for entry in till.journal]
    assert [row["hash"] for row in raw] == [entry.hash for entry in till.journal]
    (batch,) = shop.rows(EVENT_BATCH)
    anchor = anchor_bytes(till.terminal, Tip(1, batch["last_seq"], batch["hash"]))
    assert is_signed(batch["pubkey"], batch["signature"], anchor)
    check_streams(shop)


def test_a_repeat_changes_nothing_and_is_confirmed_again(till: TestTill, background: Background, shop: Shop) -> None:
    for _ in range(4):
        till.sell()
    first = till.acked(background, till.journal[:3])
    before = shop.rows(EVENT_RAW), shop.rows(EVENT)
    assert till.acked(background, till.journal[:3]) == first
    assert till.acked(background, till.journal[1:2]).seq == 3
    assert (shop.rows(EVENT_RAW), shop.rows(EVENT)) == before
    assert till.acked(background).seq == 4
    check_streams(shop)


def test_a_gap_is_answered_with_what_there_is(till: TestTill, background: Background, shop: Shop) -> None:
    for _ in range(5):
        till.sell()
    assert till.acked(background, till.journal[:2]).seq == 2
    assert till.acked(background, till.journal[3:]).seq == 2
    assert till.acked(background, [till.journal[2], till.journal[4]]).seq == 3
    assert till.acked(background).seq == 5
    check_streams(shop)


def test_an_old_request_that_comes_late_forks_nobody(till: TestTill, background: Background, shop: Shop) -> None:
    """A delayed copy names a tip below what the cloud has: a 200, whose seq a restored till would notice."""
    till.sell()
    late = till.batch()
    till.sell()
    assert till.acked(background).seq == 2
    answer = background.desk.receive(late, till.known(background))
    assert isinstance(answer, UpAck)
    assert (answer.seq, answer.hash) == (2, till.tip.hash)
    assert shop.rows(CASE_FILE) == []


def test_a_clone_is_found_and_both_histories_are_kept(till: TestTill, background: Background, shop: Shop) -> None:
    for _ in range(3):
        till.sell()
    till.acked(background)
    clone = till.clone()
    till.sell("A-1")
    clone.sell("A-2")
    clone.sell("A-3")
    assert till.acked(background).seq == 4
    fork = clone.send(background)
    assert isinstance(fork, Fork)
    assert (fork.new_inc, fork.common.seq, fork.common.hash) == (2, 3, till.journal[2].hash)
    clone.adopt(fork.new_inc, fork.common.seq)
    assert clone.acked(background).seq == 3
    till.sell()
    assert till.acked(background).seq == 5
    background.turn()
    assert len({row["event_id"] for row in shop.rows(EVENT)}) == 5 + 2 + 1
    (case,) = [row for row in shop.rows(CASE_FILE) if row["kind"] == "fork"]
    assert msgspec.json.decode(case["params"])["common_seq"] == 3
    check_streams(shop)


def test_a_fork_that_is_resent_from_the_start_counts_nothing_twice(
    till: TestTill, background: Background, shop: Shop
) -> None:
    for _ in range(3):
        till.sell()
    till.acked(background)
    background.turn()
    till.adopt(2, 0)
    till.acked(background)
    background.turn()
    events = shop.rows(EVENT)
    assert len(events) == 4
    assert {(row["inc"], row["state"]) for row in events} == {(1, "applied"), (2, "applied")}
    assert len(shop.rows(EVENT_RAW)) == 7


def test_a_restored_disk_asks_for_a_new_incarnation(till: TestTill, background: Background) -> None:
    for _ in range(2):
        till.sell()
    restored = till.clone()
    till.sell()
    till.acked(background)
    seen = restored.acked(background, [])
    assert seen.seq > restored.tip.seq
    fork = restored.send(background, [], want_inc=True)
    assert isinstance(fork, Fork)
    assert (fork.common.seq, fork.common.hash) == (2, restored.tip.hash)


def test_an_incarnation_is_never_given_twice(till: TestTill, background: Background, shop: Shop) -> None:
    """Not even when the answer was lost: two clones with equal tips must not print equal receipt numbers."""
    till.sell()
    till.acked(background)
    numbers = []
    for _ in range(3):
        fork = till.send(background, [], want_inc=True)
        assert isinstance(fork, Fork)
        numbers.append(fork.new_inc)
    assert numbers == [2, 3, 4]
    assert len(shop.rows(CASE_FILE)) == 1


def test_a_till_whose_incarnation_the_cloud_forgot_is_believed(till: TestTill, background: Background) -> None:
    """A restored cloud may not know which incarnations it gave."""
    till.adopt(7, 0)
    assert till.acked(background).seq == 1
    fork = till.send(background, [], want_inc=True)
    assert isinstance(fork, Fork)
    assert fork.new_inc == 8


def test_a_restored_cloud_gives_no_incarnation_again(till: TestTill, background: Background, shop: Shop) -> None:
    """The backup is older than the last one given; its receipts may be in customers' hands."""
    till.sell()
    till.acked(background)
    forgotten = till.send(background, [], want_inc=True)
    assert isinstance(forgotten, Fork)
    with writing(shop.cloud.engine) as connection:
        connection.execute(sa.update(TERMINAL_INC).values(last_inc=1))
    new_epochs(shop.cloud.engine, shop.clock.now_ms())
    fork = till.send(background, [], want_inc=True)
    assert isinstance(fork, Fork)
    assert fork.new_inc > forgotten.new_inc


def test_a_broken_chain_inside_a_batch_is_a_fork(till: TestTill, background: Background) -> None:
    for _ in range(3):
        till.sell()
    alien = replace(till.journal[1], prev_hash="ab" * 32)
    answer = till.send(background, [till.journal[0], alien, till.journal[2]])
    assert isinstance(answer, Fork)


def test_damage_on_the_way_heals_by_sending_again(till: TestTill, background: Background, shop: Shop) -> None:
    for _ in range(3):
        till.sell()
    batch = till.batch()
    bent = msgspec.structs.replace(batch.ev[1], body=batch.ev[1].body.replace("350", "351"))
    damaged = msgspec.structs.replace(batch, ev=[batch.ev[0], bent, batch.ev[2]])
    answer = background.desk.receive(damaged, till.known(background))
    assert isinstance(answer, UpAck)
    assert (answer.seq, answer.held) == (1, [])
    assert till.acked(background).seq == 3
    assert [bytes(row["body"]) for row in shop.rows(EVENT_RAW)] == [entry.fact.body for entry in till.journal]


def test_damage_on_the_tills_disk_is_stored_as_it_is_and_held(
    till: TestTill, background: Background, shop: Shop
) -> None:
    for _ in range(3):
        till.sell()
    fact = replace(till.journal[1].fact, body=b'{"sale":{}}')
    entries = [till.journal[0], replace(till.journal[1], fact=fact), till.journal[2]]
    assert till.acked(background, entries).seq == 1
    ack = till.acked(background, entries)
    assert (ack.seq, [(held.seq, held.code) for held in ack.held]) == (3, [(2, "entry.hash_wrong")])
    background.turn()
    assert [row["state"] for row in shop.rows(EVENT)] == ["applied", "held", "applied"]
    assert [row["kind"] for row in shop.rows(CASE_FILE)] == ["event_held"]


def test_a_revoked_tills_entries_are_kept_for_review(till: TestTill, background: Background, shop: Shop) -> None:
    till.sell()
    till.acked(background)
    shop.set_state("revoked")
    till.sell()
    ack = till.acked(background)
    assert (ack.seq, [held.code for held in ack.held]) == (2, ["terminal.revoked"])
    background.turn()
    assert [row["state"] for row in shop.rows(EVENT)] == ["applied", "held"]
    assert [row["kind"] for row in shop.rows(CASE_FILE)] == ["terminal_not_active"]


def test_a_draining_tills_entries_take_effect(till: TestTill, background: Background, shop: Shop) -> None:
    shop.set_state("drain")
    till.sell()
    till.acked(background)
    background.turn()
    assert [row["state"] for row in shop.rows(EVENT)] == ["applied"]


def test_only_a_backup_makes_entries_durable(till: TestTill, background: Background, shop: Shop) -> None:
    till.sell()
    till.acked(background)
    backup = tips(shop.cloud.engine)
    till.sell()
    assert till.acked(background).durable == 0
    mark_durable(shop.cloud.engine, backup, now_ms=shop.clock.now_ms())
    assert till.acked(background, []).durable == 1
    mark_durable(shop.cloud.engine, [], now_ms=shop.clock.now_ms())
    mark_durable(shop.cloud.engine, [replace(backup[0], last_seq=0)], now_ms=shop.clock.now_ms())
    assert till.acked(background, []).durable == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": "a\x00b"},
        {"id": ""},
        {"id": "x" * 500},
        {"ty": "sale\n"},
        {"boot": "\x00"},
        {"at": 2**63},
        {"mono": -(2**64)},
        {"hash": "zz"},
        {"hash": "\x00" * 64},
        {"s": 0},
    ],
)
def test_a_header_that_no_program_of_ours_writes_is_refused(
    till: TestTill, background: Background, shop: Shop, spoilt: dict[str, object]
) -> None:
    till.sell()
    batch = till.batch()
    bad = msgspec.structs.replace(batch, ev=[msgspec.structs.replace(batch.ev[0], **spoilt)])
    with pytest.raises(ApiProblem) as refusal:
        background.desk.receive(bad, till.known(background))
    assert (refusal.value.status, refusal.value.code) == (400, "request.malformed")
    assert shop.rows(EVENT_RAW) == []
    assert till.acked(background).seq == 1


def test_a_batch_needs_the_tills_own_name_and_signature(till: TestTill, background: Background, shop: Shop) -> None:
    shop.add_till("0102-2")
    other = shop.enrolled_till(background, "0102-2")
    till.sell()
    with pytest.raises(ApiProblem, match=r"terminal\.other"):
        background.desk.receive(till.batch(), other.known(background))
    forged = msgspec.structs.replace(till.batch(), sig=other.sign(b"something"))
    with pytest.raises(ApiProblem, match=r"up\.bad_signature"):
        background.desk.receive(forged, till.known(background))
    assert shop.rows(EVENT_RAW) == []


def test_a_crash_before_the_commit_leaves_nothing(till: TestTill, background: Background, shop: Shop) -> None:
    till.sell()
    arrival = Arrival(till.batch(), till.known(background), shop.clock.now_ms())

    def crash() -> None:
        with writing(shop.cloud.engine) as connection:
            assert isinstance(ingest(connection, arrival), Stored)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        crash()
    assert (shop.rows(EVENT_RAW), shop.rows(EVENT), shop.rows(TERMINAL_STREAM)) == ([], [], [])
    assert till.acked(background).seq == 1


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_whatever_the_network_does_the_stream_is_the_journal(shop: Shop, background: Background, seed: int) -> None:
    """Dropped, doubled, delayed and reordered requests: in the end the cloud has every entry once."""
    chance = random.Random(seed)
    till = shop.new_till(background)
    acked, waiting = 0, list[Up]()
    for _ in range(40):
        act = chance.random()
        if act < 0.4:
            till.sell()
        elif act < 0.7:
            start = chance.randint(0, acked)
            waiting.append(till.batch(till.journal[start : start + chance.randint(1, 8)]))
        elif waiting:
            up = waiting[chance.randrange(len(waiting))]
            answer = background.desk.receive(up, till.known(background))
            assert isinstance(answer, UpAck)
            acked = max(acked, answer.seq)
            assert answer.hash == (till.journal[answer.seq - 1].hash if answer.seq else GENESIS)
    till.acked(background)
    check_streams(shop)
    mine = [row for row in shop.rows(EVENT_RAW) if row["terminal_id"] == till.terminal]
    assert [row["hash"] for row in mine] == [entry.hash for entry in till.journal]


def test_two_incarnations_that_bring_the_same_entries_at_once_bring_them_once(
    till: TestTill, background: Background, shop: Shop
) -> None:
    """Both requests look for known ids before either commits; the second finds out and looks again."""
    for _ in range(30):
        till.sell()
    clone = till.clone()
    clone.adopt(2, 0)
    known = till.known(background)
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append(background.desk.receive(one.batch(), known)))
        for one in (till, clone)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.seq for answer in answers if isinstance(answer, UpAck)) == [30, 31]
    assert len(shop.rows(EVENT)) == 31
    check_streams(shop)
    background.turn()
    assert {row["state"] for row in shop.rows(EVENT)} == {"applied"}
