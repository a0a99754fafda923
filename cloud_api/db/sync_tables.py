"""The tables between the cloud and its tills: feeds on their way down, journals as they came up."""

import sqlalchemy as sa

from cloud_api.db.metadata import METADATA, NUMBER, maybe_number, number, serial, words


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _key_number(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, primary_key=True, autoincrement=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


# --- Down -----------------------------------------------------------------------------------------------

CHANGE_PENDING = sa.Table(
    "change_pending",
    METADATA,
    serial("id"),
    words("bucket"),
    number("at_ms"),
    number("changes"),
    _bytes("body"),  # the changes of one transaction in one bucket, as the JSON array that the wire carries
    sa.Index(None, "bucket", "id"),
    sqlite_autoincrement=True,
)
SYNC_BUCKET = sa.Table(
    "sync_bucket",
    METADATA,
    _key("bucket"),
    words("epoch"),
    number("epoch_no"),
    number("head_seq"),
    words("head_hash"),
    number("low_seq"),  # the first seq that pages still hold
    number("tail_from"),
    words("tail_prev"),  # the hash before tail_from
    number("tail_bytes"),
    number("total_bytes"),  # of all groups of this epoch: tells when a new snapshot is worth its while
    number("changed_at_ms", index=True),
)
FEED_GROUP = sa.Table(
    "feed_group",
    METADATA,
    _key("bucket"),
    _key("epoch"),
    _key_number("seq"),
    words("hash"),
    _bytes("body"),
)
FEED_PAGE = sa.Table(
    "feed_page",
    METADATA,
    _key("bucket"),
    _key("epoch"),
    _key_number("from_seq"),
    number("to_seq"),
    words("prev_hash"),
    words("hash"),
    number("bytes"),
    number("sealed_at_ms"),
    _bytes("body"),  # the page's JSON, zstd
)
FEED_SNAP = sa.Table(
    "feed_snap",
    METADATA,
    _key("bucket"),
    _key("epoch"),
    _key_number("schema"),
    _key_number("seq"),
    number("page_from"),
    words("hash"),
    number("bytes"),
    words("sha256"),
    number("feed_bytes"),  # sync_bucket.total_bytes at ``seq``
    words("audit"),  # JSON: {table: figures}
    number("made_at_ms"),
)
SYNC_STATE = sa.Table("sync_state", METADATA, _key("key"), words("value"))

# --- Up -------------------------------------------------------------------------------------------------

TERMINAL_INC = sa.Table("terminal_inc", METADATA, _key("terminal_id"), number("last_inc"))
TERMINAL_STREAM = sa.Table(
    "terminal_stream",
    METADATA,
    _key("terminal_id"),
    _key_number("inc"),
    number("last_seq", 0),
    words("last_hash"),
    number("durable_seq", 0),  # what a restored backup would still hold
    number("applied_seq", 0),  # up to here every entry has taken effect or is held
    number("updated_at_ms", index=True),
)
EVENT_RAW = sa.Table(
    "event_raw",
    METADATA,
    _key("terminal_id"),
    _key_number("inc"),
    _key_number("seq"),
    words("event_id", index=True),
    words("kind"),
    number("version"),
    number("at_ms"),
    number("estimated_at_ms"),
    number("offset_age_ms"),
    words("boot_id"),
    number("mono_ms"),
    number("received_at_ms"),
    words("prev_hash"),
    words("hash"),
    _bytes("body"),
)
EVENT = sa.Table(
    "event",
    METADATA,
    serial("n"),  # the order of arrival
    words("event_id", unique=True),
    words("terminal_id"),
    number("inc"),
    number("seq"),
    words("state"),  # new | applied | held
    words("reason", ""),
    number("tries", 0),
    maybe_number("held_at_ms"),
    sa.Index("ix_event_new", "n", sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'")),
    sa.Index(
        "ix_event_held",
        "terminal_id",
        "inc",
        "seq",
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    ),
    sqlite_autoincrement=True,
)
EVENT_BATCH = sa.Table(
    "event_batch",
    METADATA,
    _key("terminal_id"),
    _key_number("inc"),
    _key_number("last_seq"),
    words("hash"),
    words("signature"),  # Ed25519 over the anchor of (inc, last_seq, hash), base64
    words("pubkey"),
    number("received_at_ms"),
)
ACTIVITY = sa.Table(
    "activity",
    METADATA,
    _key("event_id"),
    words("store_id"),
    words("terminal_id"),
    words("kind"),
    words("operator_id", ""),
    words("approved_by", ""),
    number("at_ms"),
    number("received_at_ms"),
    words("detail"),  # JSON as in the journal
    sa.Index(None, "store_id", "at_ms"),
    sa.Index(None, "kind", "at_ms"),
)
