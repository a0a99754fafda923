"""Promotions, and the rule books published of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005_rules"
down_revision = "0004_entries_by_lz4"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "promo_rule",
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("book_version", NUMBER, nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at_ms", NUMBER, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("zone", "rule_id", "version", name=op.f("pk_promo_rule")),
    )
    op.create_table(
        "rule_book",
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("rules", NUMBER, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("published_at_ms", NUMBER, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("deleted", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("zone", "version", name=op.f("pk_rule_book")),
    )
