"""Journal entries are packed by LZ4 where PostgreSQL offers it, which takes less than half as long as its own way."""

import sqlalchemy as sa
from alembic import op

revision = "0004_entries_by_lz4"
down_revision = "0003_sync"
branch_labels = None
depends_on = None

_OFFERS_LZ4 = sa.text(
    "SELECT count(*) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
)


def upgrade() -> None:
    """Bring the schema forward."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql" and connection.execute(_OFFERS_LZ4).scalar_one():
        op.execute("ALTER TABLE event_raw ALTER COLUMN body SET COMPRESSION lz4")
