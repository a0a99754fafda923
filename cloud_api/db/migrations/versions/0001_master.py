"""What HQ maintains."""

import sqlalchemy as sa
from alembic import op

revision = "0001_master"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    _create_audit_log()
    _create_barcode()
    _create_department()
    _create_enrol_code()
    _create_hq_token()
    _create_hq_user()
    _create_hq_user_store()
    _create_idempotency()
    _create_item()
    _create_login_guard()
    _create_operator()
    _create_price()
    _create_price_zone()
    _create_quick_key()
    _create_store()
    _create_tax()
    _create_terminal()


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_log_at_ms"), "audit_log", ["at_ms"], unique=False)
    op.create_index(op.f("ix_audit_log_entity_key"), "audit_log", ["entity", "key"], unique=False)
    op.create_index(op.f("ix_audit_log_who"), "audit_log", ["who"], unique=False)


def _create_barcode() -> None:
    op.create_table(
        "barcode",
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("pack_thousandths", NUMBER, nullable=False),
        sa.Column("as_typed", sa.Text(), nullable=False),
        sa.Column("deleted", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("division", "code", name=op.f("pk_barcode")),
    )
    op.create_index(op.f("ix_barcode_item_id"), "barcode", ["item_id"], unique=False)


def _create_department() -> None:
    op.create_table(
        "department",
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("division", "department_id", name=op.f("pk_department")),
    )


def _create_enrol_code() -> None:
    op.create_table(
        "enrol_code",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at_ms", NUMBER, nullable=False),
        sa.Column("used_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrol_code")),
    )
    op.create_index(op.f("ix_enrol_code_terminal_id"), "enrol_code", ["terminal_id"], unique=False)


def _create_hq_token() -> None:
    op.create_table(
        "hq_token",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("last_used_ms", NUMBER, nullable=False),
        sa.Column("expires_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_hq_token")),
    )
    op.create_index(op.f("ix_hq_token_user_name"), "hq_token", ["user_name"], unique=False)


def _create_hq_user() -> None:
    op.create_table(
        "hq_user",
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", NUMBER, nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("password_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("user_name", name=op.f("pk_hq_user")),
    )


def _create_hq_user_store() -> None:
    op.create_table(
        "hq_user_store",
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_name", "store_id", name=op.f("pk_hq_user_store")),
    )


def _create_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", NUMBER, nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("who", "idempotency_key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_at_ms"), "idempotency", ["at_ms"], unique=False)


def _create_item() -> None:
    op.create_table(
        "item",
        sa.Column("item_id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=False),
        sa.Column("weighed", NUMBER, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("override_allowed", NUMBER, nullable=False),
        sa.Column("discount_allowed", NUMBER, nullable=False),
        sa.Column("min_price_minor", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.Column("changed_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item")),
        sa.UniqueConstraint("division", "sku", name=op.f("uq_item_division_sku")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_item_division_department_id"), "item", ["division", "department_id"], unique=False)
    op.create_index(op.f("ix_item_division_pinyin"), "item", ["division", "pinyin"], unique=False)


def _create_login_guard() -> None:
    op.create_table(
        "login_guard",
        sa.Column("guarded", sa.Text(), nullable=False),
        sa.Column("failed", NUMBER, nullable=False),
        sa.Column("locked_until_ms", NUMBER, nullable=False),
        sa.Column("last_failed_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("guarded", name=op.f("pk_login_guard")),
    )


def _create_operator() -> None:
    op.create_table(
        "operator",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("active", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "operator_id", name=op.f("pk_operator")),
    )


def _create_price() -> None:
    op.create_table(
        "price",
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("item_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from_ms", NUMBER, autoincrement=False, nullable=False),
        sa.Column("valid_until_ms", NUMBER, nullable=False),
        sa.Column("price_minor", NUMBER, nullable=False),
        sa.Column("deleted", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.Column("changed_at_ms", NUMBER, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("zone", "item_id", "channel", "kind", "valid_from_ms", name=op.f("pk_price")),
    )


def _create_price_zone() -> None:
    op.create_table(
        "price_zone",
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("zone", name=op.f("pk_price_zone")),
    )


def _create_quick_key() -> None:
    op.create_table(
        "quick_key",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("position", NUMBER, autoincrement=False, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("deleted", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "position", name=op.f("pk_quick_key")),
    )


def _create_store() -> None:
    op.create_table(
        "store",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("price_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("sub_ver", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_store")),
    )


def _create_tax() -> None:
    op.create_table(
        "tax",
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=False),
        sa.Column("rate_bp", NUMBER, nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("division", "tax_code", name=op.f("pk_tax")),
    )


def _create_terminal() -> None:
    op.create_table(
        "terminal",
        sa.Column("terminal_id", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pubkey", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("app_ver", sa.Text(), nullable=False),
        sa.Column("enrolled_at_ms", NUMBER, nullable=True),
        sa.Column("last_seen_ms", NUMBER, nullable=True),
        sa.Column("tip_inc", NUMBER, nullable=False),
        sa.Column("tip_seq", NUMBER, nullable=False),
        sa.Column("ver", NUMBER, nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_terminal")),
    )
    op.create_index(op.f("ix_terminal_store_id"), "terminal", ["store_id"], unique=False)
