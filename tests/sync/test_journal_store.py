"""The journal in till.db: linked, numbered without gaps, bounded batches, and true after pruning."""

import json

import pysqlite3.dbapi2 as sqlite3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import journal_store as store
from sync.journal import GENESIS, Tip, canonical, check_code, is_sealed
from tests.sync.builders import TERMINAL, append, fact, journal_file, journal_of


def test_entries_are_numbered_and_linked_from_the_beginning() -> None:
    conn = journal_of(4)
    entries = list(store.iterate(conn, 1))
    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert [entry.prev_hash for entry in entries] == [GENESIS, *(entry.hash for entry in entries[:-1])]
    assert all(is_sealed(entry, TERMINAL) for entry in entries)
    assert store.tip(conn) == Tip(1, 4, entries[-1].hash)


def test_what_was_appended_is_what_is_read() -> None:
    conn = journal_file()
    wanted = fact(kind="drawer_open", reason="换零钱 \U0001f4b0")
    entry = store.append(conn, wanted)
    assert next(store.iterate(conn, 1)) == entry and entry.fact == wanted


def test_an_id_comes_once_in_an_incarnation() -> None:
    conn = journal_file()
    one = fact()
    store.append(conn, one)
    with pytest.raises(sqlite3.IntegrityError):
        store.append(conn, one)


def test_a_journal_that_nobody_began_takes_nothing() -> None:
    conn = journal_file()
    conn.execute("DELETE FROM journal_state")
    assert store.incarnation(conn) == 0
    with pytest.raises(AssertionError):
        store.append(conn, fact())


def test_beginning_twice_changes_nothing() -> None:
    conn = journal_file()
    store.begin_journal(conn, TERMINAL, inc=7)
    assert store.incarnation(conn) == 1 and store.terminal_of(conn) == TERMINAL


@given(st.integers(0, 9), st.integers(1, 9), st.integers(1, 4000))
def test_batches_are_bounded_but_never_empty(after: int, limit: int, max_bytes: int) -> None:
    conn = journal_of(8)
    batch = store.entries_after(conn, store.tip(conn), seq=after, limit=limit, max_bytes=max_bytes)
    assert [entry.seq for entry in batch] == list(range(after + 1, after + 1 + len(batch)))
    assert len(batch) <= limit and bool(batch) == (after < 8)
    assert len(batch) == 1 or sum(len(entry.fact.body) for entry in batch) <= max_bytes
    conn.close()


@given(st.integers(0, 9))
def test_pruning_keeps_the_hash_that_the_rest_links_to(up_to: int) -> None:
    conn = journal_of(6)
    before = list(store.iterate(conn, 1))
    gone = store.prune(conn, 1, up_to_seq=up_to)
    assert gone == (up_to if up_to <= 6 else 0)
    assert list(store.iterate(conn, 1)) == before[gone:]
    assert store.tip(conn) == Tip(1, 6, before[-1].hash)
    assert store.hash_at(conn, 1, seq=gone) == (before[gone - 1].hash if gone else GENESIS)
    assert append(conn)[0].prev_hash == before[-1].hash
    assert store.prune(conn, 1, up_to_seq=up_to if gone else 0) == 0
    conn.close()


def test_below_the_base_nothing_is_known() -> None:
    conn = journal_of(6)
    store.prune(conn, 1, up_to_seq=4)
    assert store.hash_at(conn, 1, seq=3) is None and store.hash_at(conn, 1, seq=9) is None
    assert store.hash_at(conn, 1, seq=0) is None
    assert store.hash_at(journal_file(), 1, seq=0) == GENESIS


def test_every_incarnation_is_listed() -> None:
    conn = journal_of(2)
    store.adopt_fork(conn, 4, common_seq=2)
    assert store.incarnations(conn) == [1, 4] and store.tip(conn) == Tip(4, 0, GENESIS)


def test_the_printed_code_is_the_beginning_of_the_hash() -> None:
    assert check_code("7f3a91c2" + "0" * 56) == "7F3A-91C2"


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | _TEXTS
_JSON = st.recursive(_SCALARS, lambda part: st.lists(part) | st.dictionaries(_TEXTS, part), max_leaves=12)


@settings(max_examples=25)
@given(st.dictionaries(_TEXTS, _JSON, max_size=6))
def test_the_byte_form_of_a_fact_is_what_any_json_library_makes_of_it(data: dict[str, object]) -> None:
    """Whoever checks a journal years later needs no library of ours: sorted keys, no spaces, UTF-8."""
    anybody = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert canonical(data) == anybody
