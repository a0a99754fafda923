"""The cloud's own tables: what HQ maintains, who may do it, what the tills sold, and what needs a look."""

import sqlalchemy as sa

from cloud_api.db.metadata import METADATA, NUMBER, maybe_number, maybe_words, number, serial, words


def _key(name: str, kind: type[sa.Text] = sa.Text) -> sa.Column[str]:
    return sa.Column(name, kind, primary_key=True)


def _key_number(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, primary_key=True, autoincrement=False)


# --- Stores, tills, staff -----------------------------------------------------------------------------

STORE = sa.Table(
    "store",
    METADATA,
    _key("store_id"),
    words("name_zh"),
    words("name_en"),
    words("division"),
    words("price_zone"),
    words("currency"),
    words("timezone"),
    words("settings"),  # JSON: the settings that have no column of their own
    number("sub_ver", 1),
    number("ver", 1),
    number("created_at_ms"),
)
PRICE_ZONE = sa.Table("price_zone", METADATA, _key("zone"), words("currency"))
TERMINAL = sa.Table(
    "terminal",
    METADATA,
    _key("terminal_id"),
    words("store_id", index=True),
    number("number"),
    words("label", ""),
    words("state", "new"),  # new | active | drain | revoked | lost
    maybe_words("pubkey"),
    words("device", ""),
    words("app_ver", ""),
    maybe_number("enrolled_at_ms"),
    maybe_number("last_seen_ms"),
    number("tip_inc", 0),
    number("tip_seq", 0),
    number("ver", 1),
    number("created_at_ms"),
)
ENROL_CODE = sa.Table(
    "enrol_code",
    METADATA,
    _key("code_hash"),
    words("terminal_id", index=True),
    number("created_at_ms"),
    words("created_by"),
    number("expires_at_ms"),
    maybe_number("used_at_ms"),
)
OPERATOR = sa.Table(
    "operator",
    METADATA,
    _key("store_id"),
    _key("operator_id"),
    words("name"),
    words("role"),
    words("pin_hash"),
    number("active", 1),
    number("ver", 1),
    number("created_at_ms"),
)

# --- Catalogue and prices -----------------------------------------------------------------------------
# ``deleted`` rows stay as tombstones: the version of a key must go on rising when the key comes back.

ITEM = sa.Table(
    "item",
    METADATA,
    serial("item_id"),
    words("division"),
    words("sku"),
    words("name_zh"),
    words("name_en"),
    words("pinyin"),
    words("unit"),
    words("spec"),
    words("department_id"),
    words("tax_code"),
    number("weighed", 0),
    words("status", "active"),
    number("override_allowed", 1),
    number("discount_allowed", 1),
    number("min_price_minor", 0),
    number("ver", 1),
    number("changed_at_ms"),
    sa.UniqueConstraint("division", "sku"),
    sa.Index(None, "division", "department_id"),
    sa.Index(None, "division", "pinyin"),
    sqlite_autoincrement=True,
)
BARCODE = sa.Table(
    "barcode",
    METADATA,
    _key("division"),
    _key("code"),
    number("item_id", index=True),
    number("pack_thousandths", 1000),
    words("as_typed"),
    number("deleted", 0),
    number("ver", 1),
)
DEPARTMENT = sa.Table(
    "department",
    METADATA,
    _key("division"),
    _key("department_id"),
    words("name_zh"),
    words("name_en"),
    number("position", 0),
    number("ver", 1),
)
TAX = sa.Table(
    "tax",
    METADATA,
    _key("division"),
    _key("tax_code"),
    number("rate_bp"),
    words("name_zh"),
    words("name_en"),
    number("ver", 1),
)
PRICE = sa.Table(
    "price",
    METADATA,
    _key("zone"),
    _key_number("item_id"),
    _key("channel"),
    _key("kind"),
    _key_number("valid_from_ms"),
    number("valid_until_ms", 0),
    number("price_minor"),
    number("deleted", 0),
    number("ver", 1),
    number("changed_at_ms"),
    words("changed_by"),
)
QUICK_KEY = sa.Table(
    "quick_key",
    METADATA,
    _key("store_id"),
    _key_number("position"),
    number("item_id"),
    words("label_zh"),
    words("label_en"),
    number("deleted", 0),
    number("ver", 1),
)

# --- Who works at HQ ----------------------------------------------------------------------------------

HQ_USER = sa.Table(
    "hq_user",
    METADATA,
    _key("user_name"),
    words("role"),
    words("password_hash"),
    number("active", 1),
    number("created_at_ms"),
    number("password_at_ms"),
)
HQ_USER_STORE = sa.Table("hq_user_store", METADATA, _key("user_name"), _key("store_id"))
HQ_TOKEN = sa.Table(
    "hq_token",
    METADATA,
    _key("token_hash"),
    words("user_name", index=True),
    number("created_at_ms"),
    number("last_used_ms"),
    number("expires_at_ms"),
)
LOGIN_GUARD = sa.Table(
    "login_guard",
    METADATA,
    _key("guarded"),  # "user:<name>" or "address:<ip>"
    number("failed"),
    number("locked_until_ms"),
    number("last_failed_ms"),
)
AUDIT_LOG = sa.Table(
    "audit_log",
    METADATA,
    serial("id"),
    number("at_ms", index=True),
    words("who", index=True),
    words("action"),
    words("entity"),
    words("key"),
    words("store_id", ""),
    maybe_words("before"),  # JSON
    maybe_words("after"),  # JSON
    sa.Index(None, "entity", "key"),
    sqlite_autoincrement=True,
)
IDEMPOTENCY = sa.Table(
    "idempotency",
    METADATA,
    _key("who"),
    _key("idempotency_key"),
    words("request_hash"),
    number("status"),
    sa.Column("answer", sa.LargeBinary, nullable=False),  # sealed: it may hold a PIN that is shown once
    number("at_ms", index=True),
)

# --- Import -------------------------------------------------------------------------------------------

IMPORT_RUN = sa.Table(
    "import_run",
    METADATA,
    _key("import_id"),
    words("file_name"),
    words("file_sha256"),
    words("division"),
    words("zone"),
    words("options"),  # JSON: mapping, encoding, delimiter, dry run …
    words("state"),  # running | done | cancelled | failed
    words("error", ""),
    number("rows", 0),
    number("bytes_done", 0),
    number("bytes_total", 0),
    number("imported", 0),
    number("unchanged", 0),
    number("doubted", 0),
    number("refused", 0),
    number("cancel_wanted", 0),
    number("started_at_ms"),
    number("touched_at_ms"),
    maybe_number("ended_at_ms"),
    words("started_by"),
)
IMPORT_FINDING = sa.Table(
    "import_finding",
    METADATA,
    serial("id"),
    words("import_id", index=True),
    number("row"),
    words("column"),
    words("severity"),  # refused | doubted | noted
    words("code"),
    words("value"),
    words("params"),  # JSON
    sqlite_autoincrement=True,
)

# --- What the tills sold: insert-only -------------------------------------------------------------------

SALE = sa.Table(
    "sale",
    METADATA,
    _key("event_id"),
    words("sale_id", index=True),
    words("receipt_no", index=True),
    words("store_id"),
    words("terminal_id"),
    number("inc"),
    number("seq"),
    words("hash"),
    words("operator_id"),
    words("business_date"),
    number("occurred_at_ms"),
    number("estimated_at_ms"),
    number("received_at_ms"),
    words("currency"),
    number("rule_book_version"),
    number("due_minor"),
    number("rounding_minor"),
    number("payable_minor"),
    number("paid_minor"),
    number("change_minor"),
    number("tax_minor"),
    number("line_count"),
    words("voided", "[]"),  # JSON as in the journal
    sa.Index(None, "store_id", "business_date", "event_id"),
    sa.Index(None, "terminal_id", "inc", "seq"),
)
SALE_LINE = sa.Table(
    "sale_line",
    METADATA,
    _key("event_id"),
    _key_number("line"),
    number("item_id", index=True),
    words("sku"),
    words("name_zh"),
    words("name_en"),
    words("unit"),
    words("scanned_code"),
    number("quantity_thousandths"),
    number("unit_price_minor"),
    number("list_minor"),
    number("amount_minor"),
    words("tax_code"),
    number("tax_rate_bp"),
    number("net_minor"),
    number("tax_minor"),
    words("modifiers", "[]"),  # JSON as in the journal
)
SALE_TENDER = sa.Table(
    "sale_tender",
    METADATA,
    _key("event_id"),
    _key_number("line"),
    words("kind"),
    number("amount_minor"),
    words("reference", ""),
)
CASE_FILE = sa.Table(
    "case_file",
    METADATA,
    serial("case_id"),
    words("dedupe_key", unique=True),
    words("kind"),
    words("store_id", ""),
    words("terminal_id", ""),
    words("event_id", "", index=True),
    words("sale_id", ""),
    number("amount_minor", 0),
    words("params", "{}"),  # JSON: what the case's text names
    words("state", "open"),  # open | resolved
    number("opened_at_ms"),
    maybe_number("resolved_at_ms"),
    words("resolved_by", ""),
    words("outcome", ""),
    words("note", ""),
    sa.Index(None, "state", "case_id"),
    sqlite_autoincrement=True,
)
