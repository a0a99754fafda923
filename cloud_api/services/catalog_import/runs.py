"""One import from beginning to end: chunks, progress, cancelling, and the report that stays."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from cloud_api.context import Cloud
from cloud_api.db.engine import writing
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import IMPORT_FINDING, IMPORT_RUN
from cloud_api.problems import ApiProblem
from cloud_api.services import stores
from cloud_api.services.act import Act
from cloud_api.services.catalog_import.by_code import ByCode
from cloud_api.services.catalog_import.columns import Columns, find_columns
from cloud_api.services.catalog_import.csv_source import CsvSource
from cloud_api.services.catalog_import.findings import Finding, Severity, shown, without_doubts_of_refused
from cloud_api.services.catalog_import.goods import Goods, RowJudge
from cloud_api.services.catalog_import.repeats import Repeats
from cloud_api.services.catalog_import.source import (
    OLD_EXCEL_MAGIC,
    ZIP_MAGIC,
    RawRow,
    RowSource,
    SourceOptions,
    magic,
)
from cloud_api.services.catalog_import.writing import ChunkWriter, Target
from cloud_api.services.catalog_import.xlsx_source import XlsxSource

CHUNK_ROWS = 500
"""Rows of one transaction: about 1,500 changes, below what one group of a feed holds."""
FINDINGS_MAX = 100_000
"""More are counted but not kept."""
TRIES = 3


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be taken."""

    target: Target
    mapping: dict[str, str] | None = None
    source: SourceOptions = field(default_factory=SourceOptions)
    dry_run: bool = False


@dataclass(slots=True)
class Progress:
    """How far an import is, and its counts; ``imported + unchanged + refused = rows``."""

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    doubted: int = 0
    refused: int = 0
    bytes_done: int = 0
    bytes_total: int = 0

    def count(self, findings: Iterable[Finding], *, changed: bool) -> None:
        """One more row."""
        severities = {finding.severity for finding in findings}
        self.rows += 1
        if Severity.REFUSED in severities:
            self.refused += 1
            return
        self.imported += changed
        self.unchanged += not changed
        self.doubted += Severity.DOUBTED in severities

    def as_row(self) -> Row:
        """The columns of the run."""
        return {name: getattr(self, name) for name in self.__slots__}


def open_source(path: Path, options: SourceOptions) -> RowSource:
    """The file as rows; 422 where it is neither CSV nor XLSX."""
    start = magic(path)
    if start.startswith(OLD_EXCEL_MAGIC):
        raise ApiProblem(422, "cloud.import_old_excel")
    return XlsxSource(path, options) if start.startswith(ZIP_MAGIC) else CsvSource(path, options)


class ImportRun:
    """An import that was registered (``registry.register``) and is now performed."""

    def __init__(self, cloud: Cloud, import_id: str, *, options: ImportOptions, who: str) -> None:
        self._cloud = cloud
        self._import_id = import_id
        self._options = options
        self._who = who
        self.progress = Progress()
        self._repeats = Repeats()
        self._by_code = ByCode()
        self._kept = 0

    def perform(self, path: Path, on_progress: Callable[[Progress], None] = lambda _: None) -> str:
        """Import the file; the state in which it ended: ``done``, ``cancelled`` or ``failed``."""
        state, error = "failed", ""
        try:
            state = self._through(path, on_progress)
        except ApiProblem as problem:
            error = json.dumps({"code": problem.code, "params": problem.params}, ensure_ascii=False, default=str)
        except BaseException:
            self._end("failed", json.dumps({"code": "cloud.bug", "params": {}}))
            raise
        self._end(state, error)
        return state

    def _through(self, path: Path, on_progress: Callable[[Progress], None]) -> str:
        source = open_source(path, self._options.source)
        columns = find_columns(source.headers, self._options.mapping)
        self._describe(source, columns)
        with writing(self._cloud.engine) as connection:
            currency = stores.zone_currency(connection, self._options.target.zone)
        judge = RowJudge(columns, currency)
        for chunk in _chunks(source.rows()):
            judged = [self._judged(row, judge) for row in chunk]
            self.progress.bytes_done, self.progress.bytes_total = source.done()
            if self._chunk(judged):
                return "cancelled"
            on_progress(self.progress)
        return "done"

    def _judged(self, row: RawRow, judge: RowJudge) -> tuple[Goods | None, list[Finding]]:
        if row.cells is None:
            return None, [Finding(row.number, "", Severity.REFUSED, row.fault, shown(row.text.strip()))]
        goods, findings = judge.judge(row.number, row.cells)
        if goods is None:
            return None, findings
        settled, more = self._repeats.settle(goods)
        return settled, findings + more

    def _chunk(self, judged: list[tuple[Goods | None, list[Finding]]]) -> bool:
        """Write a chunk, tried again where another writer was quicker; whether to stop behind it."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._write(judged)
            except sqlalchemy.exc.IntegrityError:
                if attempt == TRIES:
                    raise ApiProblem(409, "cloud.conflict") from None
        raise AssertionError("unreachable")

    def _write(self, judged: list[tuple[Goods | None, list[Finding]]]) -> bool:
        counted = Progress(**self.progress.as_row())
        found: list[Finding] = []
        with self._cloud.unit_of_work() as uow:
            act = Act(uow, self._who, self._cloud.keys, self._cloud.settings)
            writer = ChunkWriter(act, self._options.target, self._by_code)
            outcomes = iter(writer.write([goods for goods, _ in judged if goods is not None]))
            for goods, findings in judged:
                outcome = None if goods is None else next(outcomes)
                said = without_doubts_of_refused(findings + (outcome.findings if outcome else []))
                counted.count(said, changed=outcome is not None and outcome.changed)
                found += said
            if not self._options.dry_run:
                cancel = self._report(uow.connection, counted, found)
                uow.commit()
        if self._options.dry_run:
            with writing(self._cloud.engine) as connection:
                cancel = self._report(connection, counted, found)
        self.progress = counted
        self._kept += len(found)
        return cancel

    def _report(self, connection: sa.Connection, progress: Progress, found: list[Finding]) -> bool:
        """Keep findings and counts; whether somebody wants the import to stop."""
        rows = [_finding_row(self._import_id, finding) for finding in found[: max(0, FINDINGS_MAX - self._kept)]]
        if rows:
            connection.execute(sa.insert(IMPORT_FINDING), rows)
        mine = IMPORT_RUN.c.import_id == self._import_id
        now_ms = self._cloud.clock.now_ms()
        connection.execute(sa.update(IMPORT_RUN).where(mine).values(**progress.as_row(), touched_at_ms=now_ms))
        return bool(connection.execute(sa.select(IMPORT_RUN.c.cancel_wanted).where(mine)).scalar_one())

    def _describe(self, source: RowSource, columns: Columns) -> None:
        """Keep how the file is read, and name the columns that are not."""
        self._set(options=json.dumps(self._options_shown(source, columns), ensure_ascii=False))
        found = [Finding(source.header_row, name, Severity.NOTED, "column_unread") for name in columns.unread]
        if found:
            with writing(self._cloud.engine) as connection:
                connection.execute(
                    sa.insert(IMPORT_FINDING), [_finding_row(self._import_id, finding) for finding in found]
                )
        self._kept += len(found)

    def _options_shown(self, source: RowSource, columns: Columns) -> Row:
        return {
            "read_as": source.described,
            "headers": source.headers,
            "mapping": columns.mapping,
            "unread": columns.unread,
            "guessed": not self._options.mapping,
            "dry_run": self._options.dry_run,
            "valid_from_ms": self._options.target.valid_from_ms,
        }

    def _end(self, state: str, error: str) -> None:
        self._set(state=state, error=error, ended_at_ms=self._cloud.clock.now_ms())
        with self._cloud.unit_of_work() as uow:
            act = Act(uow, self._who, self._cloud.keys, self._cloud.settings)
            counts = self.progress.as_row() | {"state": state, "dry_run": self._options.dry_run}
            act.note("import", "catalogue", key=self._import_id, after=counts)
            uow.commit()

    def _set(self, **values: Any) -> None:
        with writing(self._cloud.engine) as connection:
            connection.execute(sa.update(IMPORT_RUN).where(IMPORT_RUN.c.import_id == self._import_id).values(**values))


def _chunks(rows: Iterator[RawRow]) -> Iterator[list[RawRow]]:
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


def _finding_row(import_id: str, finding: Finding) -> Row:
    return {
        "import_id": import_id,
        "row": finding.row,
        "column": finding.column,
        "severity": finding.severity.value,
        "code": finding.code,
        "value": finding.value.replace("\0", "�"),
        "params": json.dumps(dict(finding.params), ensure_ascii=False),
    }
