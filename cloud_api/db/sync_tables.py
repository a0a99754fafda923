"""The tables of sync: what waits for the feeds, the feeds, and the journals that came up."""

import sqlalchemy as sa

from cloud_api.db.metadata import METADATA, maybe_words, number, serial, words

CHANGE_PENDING = sa.Table(
    "change_pending",
    METADATA,
    serial("id"),
    words("txid"),
    words("bucket", index=True),
    words("tbl"),
    words("pk"),  # JSON
    words("op"),
    number("ver"),
    maybe_words("row"),  # JSON
    number("at"),
    sqlite_autoincrement=True,
)
