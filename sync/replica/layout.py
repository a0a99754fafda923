"""Whether a replica file is as this release writes it, and what stands in for what an older one lacks."""

from pathlib import Path

import pysqlite3.dbapi2 as sqlite3

from sync.replica.apply import default_of
from sync.replica.store import Connection
from sync.replica.tables import SCHEMA, TABLES, TableSpec

_KEPT_WITH_EACH_ROW = (("ver", "INTEGER"), ("extra", "TEXT"))
Column = tuple[str, str, int]
"""Name, type, and place in the key from 1 (0: not of it)."""


class OtherLayout(Exception):
    """A file of another release, whose tables this one might misread."""


def is_own(conn: Connection) -> bool:
    """Whether this release may write into a file: its schema's number, and every table as it is made here."""
    return _number(conn) == SCHEMA and all(_there(conn, spec) == _own(spec) for spec in TABLES.values())


def is_own_file(path: Path) -> bool:
    """As ``is_own``, without the least change to the file; sqlite3.DatabaseError where it is none."""
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return is_own(conn)
    finally:
        conn.close()


def may_become_own(conn: Connection) -> bool:
    """Whether nothing but whole tables is missing, which are then made: a snapshot holds one bucket's."""
    return _number(conn) == SCHEMA and all(_there(conn, spec) in ([], _own(spec)) for spec in TABLES.values())


def stand_in(conn: Connection) -> None:
    """Lets a reader take a file for one of this release's, or raises OtherLayout.

    A newer file may have more tables and columns than this release knows. An older one may have fewer: a view, in
    this connection alone, gives those the values that they have where an older cloud does not send them.
    """
    is_newer = _number(conn) > SCHEMA
    for spec in TABLES.values():
        there, own = _there(conn, spec), _own(spec)
        if there == own:
            continue
        lacking = [name for name, _, _ in own if name not in {name for name, _, _ in there}]
        if _contradict(there, own) or (lacking and is_newer):
            raise OtherLayout
        if lacking:
            conn.execute(_view(spec, lacking, is_there=bool(there)))


def _contradict(there: list[Column], own: list[Column]) -> bool:
    """A column of another type, or another key: its figures may mean something else."""
    known = {name: (kind, place) for name, kind, place in own}
    shared = [(name, (kind, place)) for name, kind, place in there if name in known]
    keys = [name for name, _, place in own if place and there]
    return any(known[name] != what for name, what in shared) or keys != [name for name, _, place in there if place]


def _view(spec: TableSpec, lacking: list[str], *, is_there: bool) -> str:
    kinds = dict(spec.key + spec.columns + _KEPT_WITH_EACH_ROW)
    values = ", ".join(f"{'NULL' if name == 'extra' else repr(default_of(kinds[name]))} AS {name}" for name in lacking)
    source = f"SELECT *, {values} FROM main.{spec.name}" if is_there else f"SELECT {values} WHERE 0"  # noqa: S608 own
    return f"CREATE TEMP VIEW {spec.name} AS {source}"


def _number(conn: Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def _there(conn: Connection, spec: TableSpec) -> list[Column]:
    return [(row[1], row[2], row[5]) for row in conn.execute(f"PRAGMA main.table_info({spec.name})")]


def _own(spec: TableSpec) -> list[Column]:
    places = {name: place for place, name in enumerate(spec.key_names, 1)}
    pairs = (*spec.key, *spec.columns, *_KEPT_WITH_EACH_ROW)
    return [(name, kind.partition(" ")[0], places.get(name, 0)) for name, kind in pairs]
