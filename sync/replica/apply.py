"""Writing the groups of a feed into a replica: one statement a table, whole groups, versions that only rise.

The till and the cloud's shadow till run this same code, so that a snapshot is what a till would hold.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any

import pysqlite3.dbapi2 as sqlite3

from sync.feed import BadPage
from sync.messages import Change, Group
from sync.replica.store import Connection
from sync.replica.tables import TABLES, TableSpec

_PUT, _DEL = "put", "del"
_Key = tuple[Any, ...]
_KEY_TYPES = frozenset((str, int))
_BAD_VALUES = (sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.IntegrityError, OverflowError)


@dataclass(slots=True)
class Applied:
    """What a transaction did: first key columns of the rows it touched, by table, and what it passed over."""

    tables: dict[str, list[Any]] = field(default_factory=dict)
    changes: int = 0
    stale: int = 0
    """Changes whose version did not rise: the cloud's mistake, reported and left out."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Changes of tables or ops that this release does not know, counted by name."""


def apply_groups(conn: Connection, bucket: str, *, groups: Iterable[Group]) -> Applied:
    """Applies whole groups in order inside the caller's transaction; the cursor is the caller's to write.

    Within the transaction only the last change of a row is written. BadPage ("feed.bad_change") where a value
    cannot be stored: the caller rolls back and nothing of it stays.
    """
    applied = Applied()
    kind = bucket.partition(":")[0]
    for name, changes in _last_by_table(kind, groups, applied=applied).items():
        _write(conn, TABLES[name], changes=changes, applied=applied)
        applied.tables[name] = list(dict.fromkeys(key[0] for key in changes))
    return applied


def _last_by_table(kind: str, groups: Iterable[Group], *, applied: Applied) -> dict[str, dict[_Key, Change]]:
    tables: dict[str, dict[_Key, Change]] = {}
    for group in groups:
        for change in group.c:
            op, name, pk, ver, _ = change
            applied.changes += 1
            if not _known(kind, change):
                what = f"{name}.{op}"
                applied.unknown[what] = applied.unknown.get(what, 0) + 1
                continue
            last = tables.setdefault(name, {})
            key = _key(TABLES[name], pk)
            before = last.get(key)
            if before is not None and before[3] >= ver:
                applied.stale += 1
            else:
                last[key] = change
    return tables


def _known(kind: str, change: Change) -> bool:
    op, name, _, _, row = change
    spec = TABLES.get(name)
    return spec is not None and spec.bucket_kind == kind and (op == _DEL or (op == _PUT and row is not None))


def _key(spec: TableSpec, pk: list[Any]) -> _Key:
    key = tuple(pk)
    if len(key) != len(spec.key) or not _KEY_TYPES.issuperset(map(type, key)):
        raise BadPage("feed.bad_change")
    return key


def _write(conn: Connection, spec: TableSpec, *, changes: Mapping[_Key, Change], applied: Applied) -> None:
    writer = _writer(spec.name)
    puts = [writer.values(change) for change in changes.values() if change[0] == _PUT]
    dels = [(*key, change[3]) for key, change in changes.items() if change[0] == _DEL]
    try:
        if dels:
            conn.executemany(writer.delete_sql, dels)
        if puts:
            applied.stale += len(puts) - conn.executemany(writer.put_sql, puts).rowcount
    except _BAD_VALUES as error:
        raise BadPage("feed.bad_change") from error


@dataclass(frozen=True, slots=True)
class _Writer:
    """The statements of one table and how a change becomes their parameters."""

    spec: TableSpec
    put_sql: str
    delete_sql: str
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]

    def values(self, change: Change) -> tuple[Any, ...]:
        _, _, pk, ver, row = change
        assert row is not None
        try:
            values = self.pick(row)
        except KeyError:
            values = tuple(row.get(name, default_of(sql_type)) for name, sql_type in self.spec.columns)
        extra = None if len(row) == len(values) else self._extra(row)
        return (*pk, *values, ver, extra)

    def _extra(self, row: Mapping[str, Any]) -> str | None:
        known = self.spec.column_names
        extra = {name: value for name, value in row.items() if name not in known}
        return json.dumps(extra, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if extra else None


@cache
def _writer(table: str) -> _Writer:
    spec = TABLES[table]
    names = (*spec.column_names, "ver", "extra")
    keys, others = spec.key_names, names[len(spec.key) :]
    put_sql = (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608 own names
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)} "
        f"WHERE excluded.ver > {table}.ver"
    )
    where = " AND ".join(f"{key} = ?" for key in keys)
    delete_sql = f"DELETE FROM {table} WHERE {where} AND ver < ?"  # noqa: S608 own names
    assert len(spec.columns) > 1, "itemgetter gives a tuple for two names or more"
    return _Writer(spec, put_sql, delete_sql, itemgetter(*(name for name, _ in spec.columns)))


def default_of(sql_type: str) -> str | int:
    """What stands for a column that an older cloud does not send."""
    return "" if sql_type.startswith("TEXT") else 0
