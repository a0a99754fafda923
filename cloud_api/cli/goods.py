"""``import``: goods from a CSV or XLSX file, with progress and a report of every odd row."""

import argparse
import csv
import hashlib
from pathlib import Path

from cloud_api.cli.speech import say, say_line, show_progress
from cloud_api.cli.wiring import WHO, open_cloud
from cloud_api.context import Cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_rows import Row
from cloud_api.services.act import Act
from cloud_api.services.catalog_import import registry
from cloud_api.services.catalog_import.findings import as_cell
from cloud_api.services.catalog_import.runs import ImportOptions, ImportRun, Progress
from cloud_api.services.catalog_import.source import SourceOptions
from cloud_api.services.catalog_import.writing import Target
from cloud_api.services.paging import LIMIT_MAX
from cloud_api.settings import Settings
from resources.texts import text

REPORT_COLUMNS = ("row", "column", "severity", "code", "value", "text_zh", "text_en")
_BLOCK_BYTES = 1 << 20


def import_goods(settings: Settings, options: argparse.Namespace) -> int:
    """Import a file; 1 where it could not be read, else 0 however many rows were refused."""
    how = _import_options(options)
    with open_cloud(settings) as cloud:
        with options.file.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with cloud.unit_of_work() as uow:
            act = Act(uow, WHO, cloud.keys, cloud.settings)
            size = options.file.stat().st_size
            run = registry.register(act, file_name=options.file.name, file_sha256=digest, bytes_total=size, options=how)
            uow.commit()
        ImportRun(cloud, run["import_id"], options=how, who=WHO).perform(options.file, _show)
        show_progress("")
        with reading(cloud.engine) as connection:
            run = registry.get_import(connection, run["import_id"], now_ms=cloud.clock.now_ms())
        _tell(run)
        if options.report:
            _write_report(cloud, run["import_id"], options.report)
            say("cli.report_written", file=options.report)
    return 0 if run["state"] == "done" else 1


def _import_options(options: argparse.Namespace) -> ImportOptions:
    mapping: dict[str, str] = {}
    for pair in options.map or ():
        name, equals, column = pair.partition("=")
        if not equals:
            raise ValueError(f"--map {pair}: FIELD=COLUMN")
        mapping[name] = column
    return ImportOptions(
        target=Target(options.division, options.zone, options.valid_from_ms),
        mapping=mapping or None,
        source=SourceOptions(options.encoding, options.delimiter, options.sheet),
        dry_run=options.dry_run,
    )


def _show(progress: Progress) -> None:
    percent = 100 * progress.bytes_done // max(1, progress.bytes_total)
    show_progress(text("cli.importing", "zh", percent=min(100, percent), rows=progress.rows))


def _tell(run: Row) -> None:
    if run["error"]:
        say("cli.import_failed")
        say_line(run["error"]["text_zh"])
        say_line(run["error"]["text_en"])
        return
    mapping = "  ".join(f"{field}←{column}" for field, column in run["options"]["mapping"].items())
    say("cli.import_columns", read_as=run["options"]["read_as"], mapping=mapping)
    if run["options"]["unread"]:
        say("cli.import_unread", columns="、".join(run["options"]["unread"]))
    counts = {name: run[name] for name in ("rows", "imported", "unchanged", "doubted", "refused")}
    say("cli.import_checked" if run["dry_run"] else "cli.import_done", **counts)
    for found in run["findings"]:
        say_line(f"  {found['severity']:8}  {found['rows']:6}  {found['code']}")


def _write_report(cloud: Cloud, import_id: str, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file, reading(cloud.engine) as connection:
        writer = csv.writer(file)
        writer.writerow(REPORT_COLUMNS)
        after: int | None = None
        while True:
            rows, after = registry.list_findings(connection, import_id, filters={"after": after}, limit=LIMIT_MAX)
            writer.writerows([as_cell(str(row[name])) for name in REPORT_COLUMNS] for row in rows)
            if after is None:
                return
