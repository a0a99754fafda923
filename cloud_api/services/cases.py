"""The exceptions inbox: facts that were kept and want a look."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import CASE_FILE
from cloud_api.db.sync_tables import EVENT
from cloud_api.problems import ApiProblem
from cloud_api.services.act import Act
from cloud_api.services.paging import page
from resources.texts import LANGUAGES, keys, text

ACCEPTED = "accepted"


def list_cases(
    connection: sa.Connection, only_stores: list[str] | None, *, filters: Mapping[str, Any], limit: int
) -> tuple[list[Row], int | None]:
    """Cases, newest first, by state and kind; ``after`` goes on behind a case."""
    query = sa.select(CASE_FILE).order_by(CASE_FILE.c.case_id.desc())
    if only_stores is not None:
        query = query.where(CASE_FILE.c.store_id.in_(only_stores))
    for name in ("state", "kind"):
        if filters.get(name) is not None:
            query = query.where(CASE_FILE.c[name] == filters[name])
    if filters.get("after") is not None:
        query = query.where(CASE_FILE.c.case_id < filters["after"])
    rows, following = page(connection, query, key=CASE_FILE.c.case_id, limit=limit)
    return [_shown(row) for row in rows], following


def get_case(connection: sa.Connection, case_id: int, *, lock: bool = False) -> Row:
    """One case; 404 where there is none."""
    query = sa.select(CASE_FILE).where(CASE_FILE.c.case_id == case_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="待办 case", key=case_id)
    return _shown(dict(row))


def resolve_case(act: Act, case_id: int, *, outcome: str, note: str) -> Row:
    """Close a case with what was found; 409 where it is closed already. The facts stay as they are.

    Accepting entries that are held lets them take effect now.
    """
    before = get_case(act.connection, case_id, lock=True)
    if before["state"] != "open":
        raise ApiProblem(409, "cloud.case_resolved", who=before["resolved_by"])
    values = {"state": "resolved", "outcome": outcome, "note": note}
    act.connection.execute(
        sa.update(CASE_FILE)
        .where(CASE_FILE.c.case_id == case_id)
        .values(**values, resolved_at_ms=act.now_ms, resolved_by=act.who)
    )
    if outcome == ACCEPTED:
        _release(act, before)
    after = get_case(act.connection, case_id)
    act.note("resolve", "case", key=str(case_id), before=before, after=after)
    return after


def _release(act: Act, case: Row) -> None:
    """Give what a case holds back to the applier."""
    held = sa.update(EVENT).where(EVENT.c.state == "held").values(state="new")
    if case["kind"] == "event_held":
        act.connection.execute(held.where(EVENT.c.event_id == case["event_id"]))
    elif case["kind"] == "terminal_not_active":
        inc = case["params"]["inc"]
        act.connection.execute(held.where(EVENT.c.terminal_id == case["terminal_id"], EVENT.c.inc == inc))


def _shown(row: Row) -> Row:
    kind = row["kind"] if f"case.{row['kind']}" in keys() else "other"
    titles = {f"title_{language}": text(f"case.{kind}", language) for language in LANGUAGES}
    shown = {name: value for name, value in row.items() if name != "dedupe_key"}
    return shown | titles | {"params": json.loads(row["params"])}
