"""Promotions as HQ writes them, and the rule books that were published of them, which never change again."""

import sqlalchemy as sa

from cloud_api.db.metadata import METADATA, NUMBER, number, words

PROMO_RULE = sa.Table(
    "promo_rule",
    METADATA,
    sa.Column("zone", sa.Text, primary_key=True),
    sa.Column("rule_id", sa.Text, primary_key=True),
    sa.Column("version", NUMBER, primary_key=True, autoincrement=False),
    words("state"),  # draft | published | replaced | stopped | discarded
    words("document"),  # JSON of one rule
    number("book_version", 0),  # in which it came to the tills
    number("created_at_ms"),
    words("created_by"),
    number("changed_at_ms"),
    words("changed_by"),
)
RULE_BOOK = sa.Table(
    "rule_book",
    METADATA,
    sa.Column("zone", sa.Text, primary_key=True),
    sa.Column("version", NUMBER, primary_key=True, autoincrement=False),
    words("document"),  # JSON of the whole book
    number("rules"),
    words("what"),  # the act that made it: publish second-half
    number("published_at_ms"),
    words("published_by"),
    number("deleted", 0),  # no longer at the tills, which keep the newest few
    number("ver", 1),
)
