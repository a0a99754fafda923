"""The tables of till.db beside journal and print queue, as SQLAlchemy Core sees them; ``schema`` makes them."""

import sqlalchemy as sa

METADATA = sa.MetaData()

META = sa.Table(
    "meta",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
SALE = sa.Table(
    "sale",
    METADATA,
    sa.Column("sale_id", sa.Text, primary_key=True),
    sa.Column("cart_id", sa.Text, nullable=False, unique=True),
    sa.Column("receipt_no", sa.Text, nullable=False, unique=True),
    sa.Column("inc", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("journal_inc", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("business_date", sa.Text, nullable=False),
    sa.Column("occurred_at_ms", sa.Integer, nullable=False),
    sa.Column("operator_id", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("due_minor", sa.Integer, nullable=False),
    sa.Column("payable_minor", sa.Integer, nullable=False),
    sa.Column("lines", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
CART = sa.Table(
    "cart",
    METADATA,
    sa.Column("cart_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("json", sa.LargeBinary, nullable=False),
    sa.Column("tenders", sa.LargeBinary, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("operator_id", sa.Text, nullable=False),
    sa.Column("updated_at_ms", sa.Integer, nullable=False),
)
SIGN_ON_ATTEMPT = sa.Table(
    "sign_on_attempt",
    METADATA,
    sa.Column("operator_id", sa.Text, primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("locked_until_ms", sa.Integer, nullable=False),
    sa.Column("locked_until_mono_ms", sa.Integer, nullable=False),
    sa.Column("boot_id", sa.Text, nullable=False),
)
DEVICE = sa.Table(
    "device",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("json", sa.Text, nullable=False),
)
