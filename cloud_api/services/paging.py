"""Lists in pages by key: the next page begins behind the last key, whatever was inserted meanwhile."""

from typing import Any

import sqlalchemy as sa

from cloud_api.db.master_rows import Row

LIMIT_DEFAULT, LIMIT_MAX = 50, 500


def page(connection: sa.Connection, query: sa.Select[Any], *, key: sa.Column[Any], limit: int) -> tuple[list[Row], Any]:
    """At most ``limit`` rows of an ordered query, and the key to go on after (None at the end)."""
    assert 1 <= limit <= LIMIT_MAX
    rows = [dict(row) for row in connection.execute(query.limit(limit + 1)).mappings()]
    more = len(rows) > limit
    return rows[:limit], rows[limit - 1][key.name] if more else None
