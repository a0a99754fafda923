"""Feeds and journals."""

import sqlalchemy as sa
from alembic import op

revision = "0003_sync"
down_revision = "0002_sales"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    _create_activity()
    _create_change_pending()
    _create_event()
    _create_event_batch()
    _create_event_raw()
    _create_feed_group()
    _create_feed_page()
    _create_feed_snap()
    _create_sync_bucket()
    _create_sync_state()
    _create_terminal_inc()
    _create_terminal_stream()


def _create_activity() -> None:
    op.create_table(
        "activity",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("received_at_ms", NUMBER, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_activity")),
    )
    op.create_index(op.f("ix_activity_kind_at_ms"), "activity", ["kind", "at_ms"], unique=False)
    op.create_index(op.f("ix_activity_store_id_at_ms"), "activity", ["store_id", "at_ms"], unique=False)


def _create_change_pending() -> None:
    op.create_table(
        "change_pending",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("changes", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_pending")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_change_pending_bucket_id"), "change_pending", ["bucket", "id"], unique=False)


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("n", NUMBER, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("inc", NUMBER, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("held_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_event_held",
        "event",
        ["terminal_id", "inc", "seq"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_event_new",
        "event",
        ["n"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )


def _create_event_batch() -> None:
    op.create_table(
        "event_batch",
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("inc", NUMBER, autoincrement=False, nullable=False),
        sa.Column("last_seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("pubkey", sa.Text(), nullable=False),
        sa.Column("received_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", "inc", "last_seq", name=op.f("pk_event_batch")),
    )


def _create_event_raw() -> None:
    op.create_table(
        "event_raw",
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("inc", NUMBER, autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("estimated_at_ms", NUMBER, nullable=False),
        sa.Column("offset_age_ms", NUMBER, nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=False),
        sa.Column("mono_ms", NUMBER, nullable=False),
        sa.Column("received_at_ms", NUMBER, nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", "inc", "seq", name=op.f("pk_event_raw")),
    )
    op.create_index(op.f("ix_event_raw_event_id"), "event_raw", ["event_id"], unique=False)


def _create_feed_group() -> None:
    op.create_table(
        "feed_group",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "epoch", "seq", name=op.f("pk_feed_group")),
    )


def _create_feed_page() -> None:
    op.create_table(
        "feed_page",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("from_seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("to_seq", NUMBER, nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("bytes", NUMBER, nullable=False),
        sa.Column("sealed_at_ms", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "epoch", "from_seq", name=op.f("pk_feed_page")),
    )


def _create_feed_snap() -> None:
    op.create_table(
        "feed_snap",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("schema", NUMBER, autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("page_from", NUMBER, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("bytes", NUMBER, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("feed_bytes", NUMBER, nullable=False),
        sa.Column("audit", sa.Text(), nullable=False),
        sa.Column("made_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "epoch", "schema", "seq", name=op.f("pk_feed_snap")),
    )


def _create_sync_bucket() -> None:
    op.create_table(
        "sync_bucket",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("epoch_no", NUMBER, nullable=False),
        sa.Column("head_seq", NUMBER, nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("low_seq", NUMBER, nullable=False),
        sa.Column("tail_from", NUMBER, nullable=False),
        sa.Column("tail_prev", sa.Text(), nullable=False),
        sa.Column("tail_bytes", NUMBER, nullable=False),
        sa.Column("total_bytes", NUMBER, nullable=False),
        sa.Column("changed_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_sync_bucket")),
    )
    op.create_index(op.f("ix_sync_bucket_changed_at_ms"), "sync_bucket", ["changed_at_ms"], unique=False)


def _create_sync_state() -> None:
    op.create_table(
        "sync_state",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sync_state")),
    )


def _create_terminal_inc() -> None:
    op.create_table(
        "terminal_inc",
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("last_inc", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_terminal_inc")),
    )


def _create_terminal_stream() -> None:
    op.create_table(
        "terminal_stream",
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("inc", NUMBER, autoincrement=False, nullable=False),
        sa.Column("last_seq", NUMBER, nullable=False),
        sa.Column("last_hash", sa.Text(), nullable=False),
        sa.Column("durable_seq", NUMBER, nullable=False),
        sa.Column("applied_seq", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", "inc", name=op.f("pk_terminal_stream")),
    )
    op.create_index(op.f("ix_terminal_stream_updated_at_ms"), "terminal_stream", ["updated_at_ms"], unique=False)
