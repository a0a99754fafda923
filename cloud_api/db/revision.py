"""Which schema this version of the program works with, and which a database has."""

import sqlalchemy as sa

from cloud_api.db.engine import reading

NEWEST = "0005_rules"
"""The last of the scripts in ``migrations``."""

_TABLE = "alembic_version"


def is_current(engine: sa.Engine) -> bool:
    """Whether a database has this version's schema."""
    with reading(engine) as connection:
        if not sa.inspect(connection).has_table(_TABLE):
            return False
        found = connection.execute(sa.text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608 - a constant
        return found.scalars().all() == [NEWEST]
