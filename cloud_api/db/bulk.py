"""Many rows at once, past SQLAlchemy's per-row work: COPY on PostgreSQL, plain tuples to the driver elsewhere."""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from cloud_api.db.engine import is_postgres

COPY_FROM_ROWS = 8
"""Fewer rows than this are sooner inserted."""
_POSTGRES_TYPES: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.BigInteger: "int8",
    sa.Text: "text",
    sa.LargeBinary: "bytea",
}
_encode = msgspec.json.encode


def insert_rows(
    connection: sa.Connection,
    table: sa.Table,
    *,
    rows: Sequence[Mapping[str, Any]],
    skip_existing: bool = False,
) -> None:
    """Insert rows that all have the keys of the first; ``skip_existing`` leaves rows alone whose key is taken."""
    if not rows:
        return
    names = tuple(rows[0])
    take = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    values = list(map(take, rows))
    if is_postgres(connection) and not skip_existing and len(rows) >= COPY_FROM_ROWS:
        _copy(connection, table, names=names, values=values)
    else:
        statement = _insert(table.name, names, skip_existing=skip_existing, style=connection.dialect.paramstyle)
        connection.exec_driver_sql(statement, values)


def among(connection: sa.Connection, column: sa.ColumnElement[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Whether a column has one of many values: one parameter, however many there are, so one statement for all."""
    if is_postgres(connection):
        return column == sa.any_(sa.bindparam(None, list(values), type_=ARRAY(column.type)))
    each = sa.func.json_each(_encode(values).decode()).table_valued("value")
    return column.in_(sa.select(each.c.value))


@cache
def _insert(table: str, names: tuple[str, ...], *, skip_existing: bool, style: str) -> str:
    mark = "?" if style == "qmark" else "%s"
    columns, marks = ", ".join(names), ", ".join([mark] * len(names))
    tail = " ON CONFLICT DO NOTHING" if skip_existing else ""
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}){tail}"  # noqa: S608 names of our own tables


def _copy(
    connection: sa.Connection, table: sa.Table, *, names: Sequence[str], values: Sequence[tuple[Any, ...]]
) -> None:
    """Errors leave as SQLAlchemy's, like those of any other statement."""
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    link = connection.connection.driver_connection
    assert isinstance(link, psycopg.Connection)
    try:
        with link.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            copy.set_types([_POSTGRES_TYPES[type(table.c[name].type)] for name in names])
            for row in values:
                copy.write_row(row)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(statement, None, error, psycopg.Error) from error
