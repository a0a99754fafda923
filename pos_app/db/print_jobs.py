"""The durable print queue in till.db: what is to be printed or kicked, and how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from domain.ids import SaleId
from pos_app.db.seals import sealed, unsealed

SCHEMA_SQL = """
CREATE TABLE IF NOT EXISTS print_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('receipt', 'drawer', 'test')),
    sale_id TEXT,
    body BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'printing', 'printed', 'failed', 'uncertain')),
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS print_job_open ON print_job (id) WHERE state IN ('pending', 'printing');
CREATE UNIQUE INDEX IF NOT EXISTS print_job_one_drawer ON print_job (sale_id) WHERE kind = 'drawer';
"""
"""``print_job_one_drawer``: a sale has at most one drawer job, whatever is retried above."""

_COLUMNS = "id, kind, sale_id, body, state, tries, error, at_ms"
_ADD = "INSERT INTO print_job (kind, sale_id, body, at_ms) VALUES {} ON CONFLICT DO NOTHING"
_ROW = "(?, ?, ?, ?)"
_DRAWER_OF = "SELECT id FROM print_job WHERE kind = 'drawer' AND sale_id = ?"


class JobKind(StrEnum):
    """What a job does at the printer."""

    RECEIPT = "receipt"
    DRAWER = "drawer"
    TEST = "test"


class JobState(StrEnum):
    """Where a job stands."""

    PENDING = "pending"
    """Nothing was sent yet; it will be tried by itself."""
    PRINTING = "printing"
    """Taken by the queue; found after a restart it becomes UNCERTAIN."""
    PRINTED = "printed"
    FAILED = "failed"
    """Nothing was sent and it is not tried again by itself."""
    UNCERTAIN = "uncertain"
    """It may be on paper, wholly or in part: only a person decides about another one."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One job; ``error`` is the code of the last trouble or empty."""

    job_id: int
    kind: JobKind
    sale_id: SaleId | None
    body: bytes
    state: JobState
    tries: int
    error: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class NewJob:
    """What to put into the queue."""

    kind: JobKind
    body: bytes
    at_ms: int
    sale_id: SaleId | None = None


def add(raw: Any, job: NewJob) -> int:
    """Queue a job and give its id; a second drawer job of the same sale gives the first one's.

    ``raw`` is the driver's connection: a sale waits for this, and the way through SQLAlchemy costs ten times as much.
    """
    done = raw.execute(_ADD.format(_ROW), _new_row(job))
    if done.rowcount:
        return int(done.lastrowid)
    return int(raw.execute(_DRAWER_OF, (job.sale_id,)).fetchall()[0][0])


def add_all(raw: Any, jobs: Sequence[NewJob]) -> None:
    """Queue some jobs by one statement: what a sale prints and opens."""
    if jobs:
        rows = ", ".join([_ROW] * len(jobs))
        raw.execute(_ADD.format(rows), [value for job in jobs for value in _new_row(job)])


def _new_row(job: NewJob) -> tuple[object, ...]:
    kind = job.kind.value
    return kind, job.sale_id, sealed(job.body, kind, job.sale_id, job.at_ms), job.at_ms


def get(connection: Connection, job_id: int) -> PrintJob | None:
    """One job."""
    query = text(f"SELECT {_COLUMNS} FROM print_job WHERE id = :id")  # noqa: S608 - own column names
    row = connection.execute(query, {"id": job_id}).fetchone()
    return _job(row) if row else None


def next_pending(connection: Connection, *, fresh_drawers_only: bool = False) -> PrintJob | None:
    """The job to do next: the drawer before paper, then the oldest; or only a drawer that was not tried yet."""
    only = "AND kind = 'drawer' AND tries = 0" if fresh_drawers_only else ""
    query = text(
        f"SELECT {_COLUMNS} FROM print_job WHERE state = 'pending' {only} "  # noqa: S608 - own words
        "ORDER BY kind <> 'drawer', id LIMIT 1"
    )
    row = connection.execute(query).fetchone()
    return _job(row) if row else None


def mark_printing(connection: Connection, job_id: int) -> bool:
    """Take a pending job; False where it is no longer pending. Commit before the first byte is sent."""
    update = text("UPDATE print_job SET state = 'printing', tries = tries + 1 WHERE id = :id AND state = 'pending'")
    return connection.execute(update, {"id": job_id}).rowcount == 1


def mark_printed(connection: Connection, job_id: int) -> None:
    """It is on paper, or the drawer was kicked."""
    _set_state(connection, job_id, state=JobState.PRINTED, error="")


def mark_failed(connection: Connection, job_id: int, *, error: str) -> None:
    """Nothing was sent, and nobody will try by himself."""
    _set_state(connection, job_id, state=JobState.FAILED, error=error)


def mark_uncertain(connection: Connection, job_id: int, *, error: str) -> None:
    """Something was sent and nobody knows how much of it came out."""
    _set_state(connection, job_id, state=JobState.UNCERTAIN, error=error)


def mark_pending(connection: Connection, job_id: int, *, error: str) -> None:
    """Nothing was sent: to be tried again."""
    _set_state(connection, job_id, state=JobState.PENDING, error=error)


def requeue(connection: Connection, job_id: int, *, at_ms: int) -> bool:
    """Give a failed job, of which nothing was sent, another life; False for any other job."""
    job = get(connection, job_id)
    if job is None or job.state is not JobState.FAILED:
        return False
    body = sealed(unsealed(job.body), job.kind.value, job.sale_id, at_ms)
    update = text("UPDATE print_job SET state = 'pending', body = :body, at_ms = :at_ms WHERE id = :id")
    return connection.execute(update, {"body": body, "at_ms": at_ms, "id": job_id}).rowcount == 1


def discard(connection: Connection, job_id: int) -> bool:
    """Forget a job that is not tried by itself any more; False for any other."""
    delete = text("DELETE FROM print_job WHERE id = :id AND state IN ('failed', 'uncertain')")
    return connection.execute(delete, {"id": job_id}).rowcount == 1


def mark_interrupted(connection: Connection, *, error: str) -> int:
    """After a restart: what was being printed is uncertain; gives how many."""
    update = text("UPDATE print_job SET state = 'uncertain', error = :error WHERE state = 'printing'")
    return connection.execute(update, {"error": error}).rowcount


def list_jobs(connection: Connection, states: tuple[JobState, ...] = (), *, limit: int = 100) -> list[PrintJob]:
    """The newest jobs, of the given states or of all."""
    wanted = ",".join(f"'{state.value}'" for state in states or tuple(JobState))
    query = text(
        f"SELECT {_COLUMNS} FROM print_job WHERE state IN ({wanted}) "  # noqa: S608 - own words
        "ORDER BY id DESC LIMIT :limit"
    )
    return [_job(row) for row in connection.execute(query, {"limit": limit})]


def count(connection: Connection, state: JobState) -> int:
    """How many jobs are in a state."""
    query = text("SELECT count(*) FROM print_job WHERE state = :state")
    return int(connection.execute(query, {"state": state.value}).scalar_one())


def forget(connection: Connection, *, before_ms: int) -> int:
    """Remove finished jobs that are older; open ones stay. Gives how many."""
    delete = text("DELETE FROM print_job WHERE at_ms < :before AND state NOT IN ('pending', 'printing')")
    return connection.execute(delete, {"before": before_ms}).rowcount


def _set_state(connection: Connection, job_id: int, *, state: JobState, error: str) -> None:
    update = text("UPDATE print_job SET state = :state, error = :error WHERE id = :id")
    changed = connection.execute(update, {"state": state.value, "error": error, "id": job_id}).rowcount
    assert changed == 1, f"print job {job_id} is gone"


def _job(row: Row[Any]) -> PrintJob:
    return PrintJob(
        row.id, JobKind(row.kind), row.sale_id, row.body, JobState(row.state), row.tries, row.error, row.at_ms
    )
