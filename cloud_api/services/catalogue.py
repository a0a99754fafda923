"""Departments and taxes of a division."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Master, Row
from cloud_api.problems import ApiProblem
from cloud_api.services.act import Act

DIVISION = "main"
"""The division of a chain that has only one catalogue."""


def list_departments(connection: sa.Connection, division: str) -> list[Row]:
    """All departments in the order of the tiles."""
    table = master_rows.DEPARTMENT.table
    query = sa.select(table).where(table.c.division == division).order_by(table.c.position, table.c.department_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def list_taxes(connection: sa.Connection, division: str) -> list[Row]:
    """All taxes by code."""
    table = master_rows.TAX.table
    query = sa.select(table).where(table.c.division == division).order_by(table.c.tax_code)
    return [dict(row) for row in connection.execute(query).mappings()]


def put_department(act: Act, division: str, values: Mapping[str, Any]) -> Row:
    """Create or change a department (``department_id``, names, position)."""
    return _put(act, master_rows.DEPARTMENT, {"division": division, **values}, key="department_id")


def put_tax(act: Act, division: str, values: Mapping[str, Any]) -> Row:
    """Create or change a tax (``tax_code``, ``rate_bp``, names)."""
    return _put(act, master_rows.TAX, {"division": division, **values}, key="tax_code")


def require_partners(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """404 where an item names a department or a tax that does not exist; an empty department is none."""
    for master, name, what in (
        (master_rows.DEPARTMENT, "department_id", "部门 department"),
        (master_rows.TAX, "tax_code", "税率 tax"),
    ):
        if row[name] and not master_rows.find_rows(connection, master, [row]):
            raise ApiProblem(404, "cloud.not_found", what=what, key=row[name])


def _put(act: Act, master: Master, row: Row, *, key: str) -> Row:
    written = master_rows.write_row(act.uow, master, row)
    if written.changed:
        action = "update" if written.before else "create"
        act.note(action, master.spec.name, key=str(row[key]), before=written.before, after=written.after)
    return written.after
