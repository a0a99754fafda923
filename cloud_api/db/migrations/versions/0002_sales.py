"""What the tills sold, cases and imports."""

import sqlalchemy as sa
from alembic import op

revision = "0002_sales"
down_revision = "0001_master"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    _create_case_file()
    _create_import_finding()
    _create_import_run()
    _create_sale()
    _create_sale_line()
    _create_sale_tender()


def _create_case_file() -> None:
    op.create_table(
        "case_file",
        sa.Column("case_id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", NUMBER, nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at_ms", NUMBER, nullable=False),
        sa.Column("resolved_at_ms", NUMBER, nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_case_file_dedupe_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_case_file_event_id"), "case_file", ["event_id"], unique=False)
    op.create_index(op.f("ix_case_file_state_case_id"), "case_file", ["state", "case_id"], unique=False)


def _create_import_finding() -> None:
    op.create_table(
        "import_finding",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("row", NUMBER, nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_finding")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_finding_import_id"), "import_finding", ["import_id"], unique=False)


def _create_import_run() -> None:
    op.create_table(
        "import_run",
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("bytes_done", NUMBER, nullable=False),
        sa.Column("bytes_total", NUMBER, nullable=False),
        sa.Column("imported", NUMBER, nullable=False),
        sa.Column("unchanged", NUMBER, nullable=False),
        sa.Column("doubted", NUMBER, nullable=False),
        sa.Column("refused", NUMBER, nullable=False),
        sa.Column("cancel_wanted", NUMBER, nullable=False),
        sa.Column("started_at_ms", NUMBER, nullable=False),
        sa.Column("touched_at_ms", NUMBER, nullable=False),
        sa.Column("ended_at_ms", NUMBER, nullable=True),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_run")),
    )


def _create_sale() -> None:
    op.create_table(
        "sale",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("inc", NUMBER, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("occurred_at_ms", NUMBER, nullable=False),
        sa.Column("estimated_at_ms", NUMBER, nullable=False),
        sa.Column("received_at_ms", NUMBER, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rule_book_version", NUMBER, nullable=False),
        sa.Column("due_minor", NUMBER, nullable=False),
        sa.Column("rounding_minor", NUMBER, nullable=False),
        sa.Column("payable_minor", NUMBER, nullable=False),
        sa.Column("paid_minor", NUMBER, nullable=False),
        sa.Column("change_minor", NUMBER, nullable=False),
        sa.Column("tax_minor", NUMBER, nullable=False),
        sa.Column("line_count", NUMBER, nullable=False),
        sa.Column("voided", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_sale")),
    )
    op.create_index(op.f("ix_sale_receipt_no"), "sale", ["receipt_no"], unique=False)
    op.create_index(op.f("ix_sale_sale_id"), "sale", ["sale_id"], unique=False)
    op.create_index(
        op.f("ix_sale_store_id_business_date_event_id"), "sale", ["store_id", "business_date", "event_id"], unique=False
    )
    op.create_index(op.f("ix_sale_terminal_id_inc_seq"), "sale", ["terminal_id", "inc", "seq"], unique=False)


def _create_sale_line() -> None:
    op.create_table(
        "sale_line",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("line", NUMBER, autoincrement=False, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scanned_code", sa.Text(), nullable=False),
        sa.Column("quantity_thousandths", NUMBER, nullable=False),
        sa.Column("unit_price_minor", NUMBER, nullable=False),
        sa.Column("list_minor", NUMBER, nullable=False),
        sa.Column("amount_minor", NUMBER, nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=False),
        sa.Column("tax_rate_bp", NUMBER, nullable=False),
        sa.Column("net_minor", NUMBER, nullable=False),
        sa.Column("tax_minor", NUMBER, nullable=False),
        sa.Column("modifiers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "line", name=op.f("pk_sale_line")),
    )
    op.create_index(op.f("ix_sale_line_item_id"), "sale_line", ["item_id"], unique=False)


def _create_sale_tender() -> None:
    op.create_table(
        "sale_tender",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("line", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", NUMBER, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "line", name=op.f("pk_sale_tender")),
    )
