"""Many rows at once, past SQLAlchemy's per-row work: the statement is made once, the driver gets plain tuples."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa


def insert_rows(
    connection: sa.Connection, table: sa.Table, *, rows: Sequence[Mapping[str, Any]], skip_existing: bool = False
) -> None:
    """Insert rows that all have the keys of the first; ``skip_existing`` leaves rows alone whose key is taken."""
    if rows:
        names = tuple(rows[0])
        statement = _insert(table.name, names, skip_existing=skip_existing, paramstyle=connection.dialect.paramstyle)
        connection.exec_driver_sql(statement, [tuple(row[name] for name in names) for row in rows])


@cache
def _insert(table: str, names: tuple[str, ...], *, skip_existing: bool, paramstyle: str) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    columns, marks = ", ".join(names), ", ".join([mark] * len(names))
    tail = " ON CONFLICT DO NOTHING" if skip_existing else ""
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}){tail}"  # noqa: S608 names of our own tables
