"""Writing HQ's master rows: versions that only rise, and the changes that tell the tills, in one place."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cloud_api.db import master_tables as tables
from cloud_api.db import rule_tables
from cloud_api.db.changes import Change
from cloud_api.db.unit_of_work import UnitOfWork
from sync.replica import tables as replica
from sync.replica.tables import TableSpec

Row = dict[str, Any]

STORE_COLUMNS_IN_SETTINGS = ("currency", "timezone", "price_zone", "division")


def cat_bucket(division: str) -> str:
    """The bucket of a division's catalogue."""
    return f"cat:{division}"


def price_bucket(zone: str) -> str:
    """The bucket of a zone's prices."""
    return f"price:{zone}"


def promo_bucket(zone: str) -> str:
    """The bucket of a zone's promotions: their amounts are of the zone's currency, as its prices are."""
    return f"promo:{zone}"


def store_bucket(store_id: str) -> str:
    """The bucket of a store's settings, staff and quick keys."""
    return f"store:{store_id}"


@dataclass(frozen=True, slots=True)
class Master:
    """A replicated table and the master table behind it; ``match`` are the columns that identify a row to HQ."""

    table: sa.Table
    spec: TableSpec
    match: tuple[str, ...]
    scope: str
    bucket: Callable[[str], str]

    def put(self, row: Mapping[str, Any]) -> Change:
        """The change that brings a row to the tills."""
        names = [name for name, _ in self.spec.columns]
        return self._change(row, "put", {name: _published(self, row, name) for name in names})

    def delete(self, row: Mapping[str, Any]) -> Change:
        """The change that takes a row from the tills."""
        return self._change(row, "del", None)

    def _change(self, row: Mapping[str, Any], op: str, body: Row | None) -> Change:
        return Change(
            bucket=self.bucket(row[self.scope]),
            table=self.spec.name,
            op=op,
            pk=tuple(row[name] for name in self.spec.key_names),
            ver=row["ver"],
            row=body,
        )


ITEM = Master(tables.ITEM, replica.ITEM, ("division", "sku"), "division", cat_bucket)
BARCODE = Master(tables.BARCODE, replica.BARCODE, ("division", "code"), "division", cat_bucket)
DEPARTMENT = Master(tables.DEPARTMENT, replica.DEPARTMENT, ("division", "department_id"), "division", cat_bucket)
TAX = Master(tables.TAX, replica.TAX, ("division", "tax_code"), "division", cat_bucket)
PRICE = Master(
    tables.PRICE, replica.PRICE, ("zone", "item_id", "channel", "kind", "valid_from_ms"), "zone", price_bucket
)
STORE = Master(tables.STORE, replica.STORE, ("store_id",), "store_id", store_bucket)
OPERATOR = Master(tables.OPERATOR, replica.OPERATOR, ("store_id", "operator_id"), "store_id", store_bucket)
QUICK_KEY = Master(tables.QUICK_KEY, replica.QUICK_KEY, ("store_id", "position"), "store_id", store_bucket)
RULE_BOOK = Master(rule_tables.RULE_BOOK, replica.RULE_BOOK, ("zone", "version"), "zone", promo_bucket)

MASTERS = (ITEM, BARCODE, DEPARTMENT, TAX, PRICE, STORE, OPERATOR, QUICK_KEY, RULE_BOOK)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did to one row; ``before`` is None for a new or returning one."""

    before: Row | None
    after: Row

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.before is not self.after


def write_rows(
    uow: UnitOfWork, master: Master, rows: Sequence[Mapping[str, Any]], *, stamp: Mapping[str, Any] | None = None
) -> list[Written]:
    """Insert or update rows by their match columns, publish what changed, leave alone what is equal.

    A new row must have all columns without default; an existing one only those that may change. ``stamp`` is
    written with what changed and is no change by itself. Rows are locked before they are compared. Two
    writers of one new row: the second gets IntegrityError.
    """
    found = find_rows(uow.connection, master, rows, lock=True)
    inserts: list[Row] = []
    updates: list[Row] = []
    results: list[Written | None] = []
    for row in rows:
        before = found.get(_match_key(master, row))
        if before is None:
            inserts.append({**row, **(stamp or {})})
            results.append(None)
            continue
        after = {**before, **row} | ({"deleted": 0} if "deleted" in before else {})
        if after == before:
            results.append(Written(before, before))
            continue
        after |= {**(stamp or {}), "ver": before["ver"] + 1}
        updates.append(after)
        results.append(Written(None if before.get("deleted") else before, after))
    _update(uow.connection, master, updates)
    inserted = iter(_insert(uow.connection, master, inserts))
    written = [result or Written(None, next(inserted)) for result in results]
    for change in written:
        if change.changed:
            uow.publish(master.put(change.after))
    return written


def write_row(
    uow: UnitOfWork, master: Master, row: Mapping[str, Any], *, stamp: Mapping[str, Any] | None = None
) -> Written:
    """``write_rows`` of one."""
    return write_rows(uow, master, [row], stamp=stamp)[0]


def delete_row(uow: UnitOfWork, master: Master, match: Mapping[str, Any]) -> Row | None:
    """Take a row from the tills and keep its tombstone; the row as it was, or None where there is none."""
    before = find_rows(uow.connection, master, [match], lock=True).get(_match_key(master, match))
    if before is None or before["deleted"]:
        return None
    after = {**before, "deleted": 1, "ver": before["ver"] + 1}
    _update(uow.connection, master, [after])
    uow.publish(master.delete(after))
    return before


def find_rows(
    connection: sa.Connection, master: Master, rows: Iterable[Mapping[str, Any]], *, lock: bool = False
) -> dict[tuple[Any, ...], Row]:
    """The stored rows that match, tombstones too, by their match columns."""
    wanted = {_match_key(master, row) for row in rows}
    if not wanted:
        return {}
    query = sa.select(master.table)
    for position, name in enumerate(master.match):
        values = sorted({key[position] for key in wanted})
        column = master.table.c[name]
        query = query.where(column == values[0] if len(values) == 1 else column.in_(values))
    query = query.order_by(*(master.table.c[name] for name in master.match))  # one order of locks for all writers
    found = connection.execute(query.with_for_update() if lock else query).mappings()
    by_key = {_match_key(master, row): row for row in map(_plain, found)}
    return {key: row for key, row in by_key.items() if key in wanted}


def rows_of_bucket(connection: sa.Connection, bucket: str) -> Iterator[Change]:
    """Every published row of a bucket as a put, from the master tables: what a new epoch begins with."""
    kind, _, scope = bucket.partition(":")
    for master in MASTERS:
        if master.spec.bucket_kind != kind:
            continue
        query = sa.select(master.table).where(master.table.c[master.scope] == scope)
        if "deleted" in master.table.c:
            query = query.where(master.table.c.deleted == 0)
        query = query.order_by(*master.table.primary_key.columns)
        for row in connection.execute(query).mappings():
            yield master.put(_plain(row))


def _insert(connection: sa.Connection, master: Master, rows: list[Row]) -> list[Row]:
    if not rows:
        return []
    full = [_with_defaults(master.table, row) for row in rows]
    serials = [c for c in master.table.primary_key.columns if c.autoincrement is True]
    if not serials:
        connection.execute(sa.insert(master.table), full)
        return full
    statement = sa.insert(master.table).returning(*serials, sort_by_parameter_order=True)
    ids = connection.execute(statement, full).scalars().all()
    return [{serials[0].name: new_id, **row} for new_id, row in zip(ids, full, strict=True)]


def _with_defaults(table: sa.Table, row: Row) -> Row:
    defaults = {c.name: c.default.arg for c in table.columns if isinstance(c.default, sa.ColumnDefault)}
    return {**defaults, **row}


def _update(connection: sa.Connection, master: Master, rows: list[Row]) -> None:
    if not rows:
        return
    keys = [column.name for column in master.table.primary_key.columns]
    changing = [column.name for column in master.table.columns if column.name not in keys]
    statement = (
        sa.update(master.table)
        .where(*(master.table.c[name] == sa.bindparam(f"key_{name}") for name in keys))
        .values({name: sa.bindparam(f"new_{name}") for name in changing})
    )
    parameters = [
        {f"key_{name}": row[name] for name in keys} | {f"new_{name}": row[name] for name in changing} for row in rows
    ]
    connection.execute(statement, parameters)


def _match_key(master: Master, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in master.match)


def _published(master: Master, row: Mapping[str, Any], name: str) -> Any:
    if master is STORE and name == "settings":
        settings = json.loads(row["settings"]) | {column: row[column] for column in STORE_COLUMNS_IN_SETTINGS}
        return json.dumps(settings, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return row[name]


def _plain(row: sa.RowMapping) -> Row:
    return {str(name): value for name, value in row.items()}
