"""The truth in both databases, side by side: what the till did, what the cloud knows."""

import json
from dataclasses import dataclass
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3
import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Sold:
    """The sales of one side: how many, their sum, and each by receipt number with its journal hash."""

    payable_minor: int
    lines_minor: int
    hashes: dict[str, str]

    @property
    def count(self) -> int:
        """How many sales."""
        return len(self.hashes)


def sold_at_till(till_db: Path) -> Sold:
    """Every sale of a till's journal, read from the entries themselves."""
    connection = sqlite3.connect(f"file:{till_db}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT body, hash FROM journal WHERE kind = 'sale' ORDER BY inc, seq").fetchall()
    finally:
        connection.close()
    sales = [(json.loads(body)["sale"], digest) for body, digest in rows]
    return Sold(
        sum(sale["due_minor"] - sale["rounding_minor"] for sale, _ in sales),
        sum(line["amount_minor"] for sale, _ in sales for line in sale["lines"]),
        {sale["receipt_no"]: digest for sale, digest in sales},
    )


def sold_in_cloud(engine: sa.Engine, terminal_id: str) -> Sold:
    """Every applied sale of a till in the cloud; a sale that is there twice raises."""
    with engine.connect() as connection:
        query = "SELECT receipt_no, hash, payable_minor FROM sale WHERE terminal_id = :terminal"
        rows = connection.execute(sa.text(query), {"terminal": terminal_id}).all()
        query = (
            "SELECT coalesce(sum(l.amount_minor), 0) FROM sale_line l JOIN sale s ON s.event_id = l.event_id "
            "WHERE s.terminal_id = :terminal"
        )
        lines_minor = connection.execute(sa.text(query), {"terminal": terminal_id}).scalar_one()
    hashes = {row.receipt_no: row.hash for row in rows}
    if len(hashes) != len(rows):
        raise RuntimeError(f"{len(rows) - len(hashes)} receipt numbers are in the cloud twice")
    return Sold(sum(row.payable_minor for row in rows), int(lines_minor), hashes)


def price_in_replica(replica_folder: Path, item_id: int) -> int:
    """The latest list price of an item in the live replica."""
    name = (replica_folder / "current").read_text(encoding="utf-8").strip()
    connection = sqlite3.connect(f"file:{replica_folder / name}?mode=ro", uri=True)
    try:
        query = "SELECT price_minor FROM price WHERE item_id = ? AND kind = 'list' ORDER BY valid_from_ms DESC LIMIT 1"
        return int(connection.execute(query, (item_id,)).fetchone()[0])
    finally:
        connection.close()
