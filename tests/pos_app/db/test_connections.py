"""Connections of till.db between units of work: warm, clean, few, and closed in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
import sqlalchemy as sa

from pos_app.db.engine import CONNECTIONS_KEPT, Connections, Held, make_engine


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    made = Connections(make_engine(tmp_path / "till.db"))
    held = made.take()
    held.raw.execute("CREATE TABLE word (word TEXT)")
    made.give_back(held)
    yield made
    made.close()


def words(connections: Connections) -> int:
    held = connections.take()
    (count,) = held.raw.execute("SELECT count(*) FROM word").fetchone()
    connections.give_back(held)
    return int(count)


def is_closed(held: Held) -> bool:
    try:
        held.raw.execute("SELECT 1")
    except sqlite.ProgrammingError:
        return True
    return False


def test_the_one_used_last_comes_first(connections: Connections) -> None:
    first, second = connections.take(), connections.take()
    connections.give_back(first)
    connections.give_back(second)
    assert [connections.take(), connections.take()] == [second, first]


@pytest.mark.parametrize("by_driver", [True, False])
def test_what_was_not_committed_is_gone(connections: Connections, by_driver: bool) -> None:
    held = connections.take()
    held.raw.execute("BEGIN IMMEDIATE")
    if by_driver:
        held.raw.execute("INSERT INTO word VALUES ('a')")
    else:
        held.connection.execute(sa.text("INSERT INTO word VALUES ('a')"))
    connections.give_back(held)
    assert not held.raw.in_transaction
    assert words(connections) == 0


def test_what_was_committed_at_the_driver_stays(connections: Connections) -> None:
    held = connections.take()
    held.raw.execute("BEGIN IMMEDIATE")
    held.connection.execute(sa.text("INSERT INTO word VALUES ('a')"))
    held.raw.commit()
    connections.give_back(held)
    assert words(connections) == 1


def test_nobody_waits_and_few_are_kept(connections: Connections) -> None:
    taken = [connections.take() for _ in range(CONNECTIONS_KEPT + 2)]
    for held in taken:
        connections.give_back(held)
    assert [is_closed(held) for held in taken] == [False] * CONNECTIONS_KEPT + [True] * 2


def test_closing_waits_for_nobody_and_leaves_none_open(connections: Connections) -> None:
    busy, idle = connections.take(), connections.take()
    connections.give_back(idle)
    connections.close()
    assert (is_closed(idle), is_closed(busy)) == (True, False)
    connections.give_back(busy)
    assert is_closed(busy)


def test_one_that_cannot_roll_back_is_not_given_out_again(
    connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    broken = connections.take()
    broken.raw.close()
    connections.give_back(broken)
    assert connections.take() is not broken
    assert [record.message for record in caplog.records] == ["a connection that cannot roll back is closed"]
    caplog.clear()
