"""Opening the cash drawer without a sale, with a reason, journaled."""

from domain.permissions import Act, Authority
from pos_app.clock import TillClock
from pos_app.db import print_jobs
from pos_app.db.print_jobs import JobKind, NewJob
from pos_app.db.unit_of_work import TillDatabase
from pos_app.services.journaling import Journal
from sync.journal import canonical


class Drawer:
    """The cash drawer; writes, so on the database worker."""

    def __init__(self, database: TillDatabase, journal: Journal, *, clock: TillClock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    def open(self, reason: str, authority: Authority) -> int:
        """Queue a kick of the drawer and journal who and why; gives the job's id; needs OPEN_DRAWER."""
        authority.require(Act.OPEN_DRAWER)
        who = {"operator_id": authority.operator.operator_id, "approved_by": authority.approved_by}
        with self._database.write() as uow:
            self._journal.record(uow, "drawer_open", body={**who, "reason": reason})
            job_id = print_jobs.add(uow.raw, NewJob(JobKind.DRAWER, canonical({}), self._clock.now_ms()))
            uow.commit()
        return job_id
