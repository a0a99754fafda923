"""Bringing a database to this version's schema."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

from cloud_api.db.engine import is_postgres, writing

SCRIPTS = Path(__file__).resolve().parent / "migrations"
_LOCK = 0x45564552_54494C4C
"""Two processes that start at once migrate one after the other."""


def migrate(engine: sa.Engine) -> tuple[str | None, str]:
    """Run what is missing in one transaction; the revision before and after."""
    with writing(engine) as connection:
        if is_postgres(connection):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        before = revision_of(connection)
        command.upgrade(_config(connection), "head")
        after = revision_of(connection)
    assert after is not None
    return before, after


def revision_of(connection: sa.Connection) -> str | None:
    """The revision of a database, None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
