"""Group commit: uploads that come while one is being written are stored together by the next transaction."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple

import sqlalchemy as sa

from cloud_api.db.engine import writing
from cloud_api.services.feeds.restore import epoch_up
from cloud_api.services.intake.ingest import Arrival, Stored, ingest
from sync.messages import Fork

GROUP_EVENTS_MAX = 2_000
"""Whoever else writes waits for a group: on SQLite about 100 ms for so many entries."""


class Outcome(NamedTuple):
    """What became of a batch, and the life of the upward side that it was stored in."""

    stored: Stored | Fork
    epoch: str


class Ticket(NamedTuple):
    """A batch that waits for its transaction, and who waits for it."""

    arrival: Arrival
    outcome: Future[Outcome]


class GroupCommit:
    """Stores batches in the callers' threads: the first to come writes for all that have come by then.

    A batch is stored whole or not at all, and one that cannot be stored fails alone.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._pen = threading.Lock()
        self._waiting: deque[Ticket] = deque()
        self._mutex = threading.Lock()

    def store(self, arrival: Arrival) -> Outcome:
        """Store a batch, with others or alone; returns once it is committed."""
        ticket = Ticket(arrival, Future())
        with self._mutex:
            self._waiting.append(ticket)
        # As many pass here as there are tickets, and each takes one at least: none is left behind.
        with self._pen:
            if self._waiting:
                self._write()
        return ticket.outcome.result()

    def _write(self) -> None:
        """One transaction for all who wait by the time it begins."""
        group: list[Ticket] = []
        try:
            with writing(self._engine) as connection:
                group = self._take()
                outcomes = _store(connection, group)
            _tell(group, outcomes)
        except sa.exc.SQLAlchemyError as error:
            if len(group) > 1:
                self._write_each(group)
            else:
                group = group or self._take()
                for ticket in group:
                    ticket.outcome.set_exception(error)
        finally:
            for ticket in group or self._take():
                ticket.outcome.cancel()  # of those who were told nothing, by a bug: nobody may wait for ever

    def _write_each(self, group: Sequence[Ticket]) -> None:
        """A transaction each: what is wrong with one batch is not the others' trouble."""
        for ticket in group:
            try:
                with writing(self._engine) as connection:
                    outcomes = _store(connection, [ticket])
                _tell([ticket], outcomes)
            except sa.exc.SQLAlchemyError as error:
                ticket.outcome.set_exception(error)

    def _take(self) -> list[Ticket]:
        """The next in line, in the order in which every process locks the rows of tills."""
        taken: list[Ticket] = []
        events = 0
        with self._mutex:
            while self._waiting and (not taken or events + len(self._waiting[0].arrival.up.ev) <= GROUP_EVENTS_MAX):
                taken.append(self._waiting.popleft())
                events += len(taken[-1].arrival.up.ev)
        return sorted(taken, key=lambda ticket: (ticket.arrival.up.terminal, ticket.arrival.up.inc))


def _store(connection: sa.Connection, group: Sequence[Ticket]) -> list[Outcome]:
    epoch = epoch_up(connection)
    return [Outcome(ingest(connection, ticket.arrival), epoch) for ticket in group]


def _tell(group: Sequence[Ticket], outcomes: Sequence[Outcome]) -> None:
    for ticket, outcome in zip(group, outcomes, strict=True):
        ticket.outcome.set_result(outcome)
