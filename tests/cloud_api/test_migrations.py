"""The migrated schema is the one the code describes, on both databases, and migrating twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cloud_api.db.engine import make_engine
from cloud_api.db.migrate import SCRIPTS, migrate
from cloud_api.db.revision import NEWEST, is_current
from cloud_api.db.schema import METADATA


@pytest.fixture
def engine(cloud_database_url: str) -> Iterator[sa.Engine]:
    made = make_engine(cloud_database_url)
    yield made
    made.dispose()


def test_the_migrated_schema_is_the_described_one(engine: sa.Engine) -> None:
    assert migrate(engine) == (None, NEWEST)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_missing_column_would_be_seen(engine: sa.Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE item DROP COLUMN spec"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) != []


def test_the_program_knows_its_newest_schema(engine: sa.Engine) -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == NEWEST
    assert not is_current(engine)


def test_migrating_again_changes_nothing(engine: sa.Engine) -> None:
    migrate(engine)
    assert is_current(engine)
    assert migrate(engine) == (NEWEST, NEWEST)


def test_entries_are_packed_by_lz4_where_it_is_offered(engine: sa.Engine) -> None:
    migrate(engine)
    if engine.dialect.name == "sqlite":
        return
    query = "SELECT attcompression FROM pg_attribute WHERE attrelid = 'event_raw'::regclass AND attname = 'body'"
    offered = "SELECT count(*) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
    with engine.connect() as connection:
        is_offered = connection.execute(sa.text(offered)).scalar_one()
        assert connection.execute(sa.text(query)).scalar_one() == ("l" if is_offered else "")


def test_a_failed_migration_leaves_nothing(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE sale_tender (something INTEGER)"))
    with pytest.raises(sa.exc.DBAPIError):
        migrate(engine)
    assert sa.inspect(engine).get_table_names() == ["sale_tender"]
