"""The numbered steps that make till.db what this version expects; a step never changes once it was shipped."""

from pos_app.db.print_jobs import SCHEMA_SQL as PRINT_QUEUE_SQL
from sync.journal_store import SCHEMA_SQL as JOURNAL_SQL

_FIRST = (
    JOURNAL_SQL
    + PRINT_QUEUE_SQL
    + """
CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sale (
    sale_id TEXT NOT NULL PRIMARY KEY, cart_id TEXT NOT NULL UNIQUE, receipt_no TEXT NOT NULL UNIQUE,
    inc INTEGER NOT NULL, number INTEGER NOT NULL, journal_inc INTEGER NOT NULL, seq INTEGER NOT NULL,
    event_id TEXT NOT NULL, business_date TEXT NOT NULL, occurred_at_ms INTEGER NOT NULL, operator_id TEXT NOT NULL,
    currency TEXT NOT NULL, due_minor INTEGER NOT NULL, payable_minor INTEGER NOT NULL, lines INTEGER NOT NULL,
    hash TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sale_place ON sale (journal_inc, seq);
CREATE TABLE cart (
    cart_id TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('open', 'suspended')), json BLOB NOT NULL,
    tenders BLOB NOT NULL, label TEXT NOT NULL, operator_id TEXT NOT NULL, updated_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sign_on_attempt (
    operator_id TEXT NOT NULL PRIMARY KEY, failed INTEGER NOT NULL, locked_until_ms INTEGER NOT NULL,
    locked_until_mono_ms INTEGER NOT NULL, boot_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE device (name TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
"""
)

STEPS: tuple[str, ...] = (_FIRST,)
"""Step n makes version n + 1 (``user_version``) out of version n; step 0 begins with an empty file."""
