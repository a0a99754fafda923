"""The list of imports: beginning one, looking at it, stopping it, reading what it found."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cloud_api.clock import new_id
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import IMPORT_FINDING, IMPORT_RUN
from cloud_api.problems import ApiProblem
from cloud_api.services import stores
from cloud_api.services.act import Act
from cloud_api.services.catalog_import.findings import Finding, Severity
from cloud_api.services.catalog_import.runs import ImportOptions
from cloud_api.services.paging import page
from resources.texts import error_text

SILENT_MS = 120_000
"""A running import that says nothing for so long was broken off; sending the file again goes on."""


def register(act: Act, *, file_name: str, file_sha256: str, bytes_total: int, options: ImportOptions) -> Row:
    """A new import in state ``running``; 404 for a price zone that no store has."""
    stores.zone_currency(act.connection, options.target.zone)
    row = {
        "import_id": new_id(),
        "file_name": file_name,
        "file_sha256": file_sha256,
        "division": options.target.division,
        "zone": options.target.zone,
        "options": json.dumps({"dry_run": options.dry_run}),
        "state": "running",
        "bytes_total": bytes_total,
        "started_at_ms": act.now_ms,
        "touched_at_ms": act.now_ms,
        "started_by": act.who,
    }
    act.connection.execute(sa.insert(IMPORT_RUN).values(**row))
    return get_import(act.connection, str(row["import_id"]), now_ms=act.now_ms)


def list_imports(
    connection: sa.Connection, *, after: str | None, limit: int, now_ms: int
) -> tuple[list[Row], str | None]:
    """Imports, newest first."""
    query = sa.select(IMPORT_RUN).order_by(IMPORT_RUN.c.import_id.desc())
    if after is not None:
        query = query.where(IMPORT_RUN.c.import_id < after)
    rows, following = page(connection, query, key=IMPORT_RUN.c.import_id, limit=limit)
    return [_shown(row, now_ms) for row in rows], following


def get_import(connection: sa.Connection, import_id: str, *, now_ms: int) -> Row:
    """One import with its counts, and how often each finding was made; 404 where there is none."""
    row = connection.execute(sa.select(IMPORT_RUN).where(IMPORT_RUN.c.import_id == import_id)).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="导入 import", key=import_id)
    group = (IMPORT_FINDING.c.severity, IMPORT_FINDING.c.code)
    query = sa.select(*group, sa.func.count()).where(IMPORT_FINDING.c.import_id == import_id).group_by(*group)
    counts = [{"severity": s, "code": c, "rows": n} for s, c, n in connection.execute(query.order_by(*group))]
    return _shown(dict(row), now_ms) | {"findings": counts}


def list_findings(
    connection: sa.Connection, import_id: str, *, filters: Mapping[str, Any], limit: int
) -> tuple[list[Row], int | None]:
    """What an import found, in the order of the file, with words in both languages."""
    query = sa.select(IMPORT_FINDING).where(IMPORT_FINDING.c.import_id == import_id).order_by(IMPORT_FINDING.c.id)
    for name in ("severity", "code"):
        if filters.get(name) is not None:
            query = query.where(IMPORT_FINDING.c[name] == filters[name])
    if filters.get("after") is not None:
        query = query.where(IMPORT_FINDING.c.id > filters["after"])
    rows, following = page(connection, query, key=IMPORT_FINDING.c.id, limit=limit)
    return [_with_words(row) for row in rows], following


def cancel(act: Act, import_id: str) -> Row:
    """Ask an import to stop behind the chunk it is at; what is in stays in."""
    run = get_import(act.connection, import_id, now_ms=act.now_ms)
    if run["state"] == "running":
        act.connection.execute(sa.update(IMPORT_RUN).where(IMPORT_RUN.c.import_id == import_id).values(cancel_wanted=1))
        act.note("cancel", "catalogue", key=import_id)
    return run


def _shown(row: Row, now_ms: int) -> Row:
    options, error = json.loads(row["options"]), None
    if row["state"] == "running" and now_ms - row["touched_at_ms"] > SILENT_MS:
        row["state"] = "interrupted"
    if row["error"]:
        found = json.loads(row["error"])
        words = (error_text(found["code"], language, found["params"]) for language in ("zh", "en"))
        error = dict(zip(("text_zh", "text_en"), map(str, words), strict=True)) | {"code": found["code"]}
    return row | {"options": options, "dry_run": options.get("dry_run", False), "error": error, "findings": []}


def _with_words(row: Row) -> Row:
    params = json.loads(row["params"])
    finding = Finding(row["row"], row["column"], Severity(row["severity"]), row["code"], row["value"], params)
    return row | {"params": params, "text_zh": finding.words("zh"), "text_en": finding.words("en")}
