"""Files as released versions left them: ``python -m tests.proof.network.released`` keeps those of this one."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

from pos_app.db.migrate import remove_database
from pos_app.db.schema import STEPS
from sync.replica.files import current_replica
from sync.replica.tables import SCHEMA
from tests.contract.counter import Counter
from tests.contract.office import COLA, NOODLES, WATER, Office, make_settings, open_shop

FOLDER = Path(__file__).parent / "schemas"
SALES = ((COLA, WATER), (NOODLES,), (COLA, COLA, NOODLES))
TERMINAL = "0101-1"


def stored(kind: str, version: int) -> Path:
    """Where the file of a schema is kept; kind is till or replica."""
    return FOLDER / f"{kind}-{version}.db.gz"


def unpack(kind: str, version: int, path: Path) -> None:
    """Put a released file where a till has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_database(path)
    path.write_bytes(gzip.decompress(stored(kind, version).read_bytes()))


def keep(source: Path, kind: str, version: int) -> None:
    """Store a database as this version writes it."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.db"
        connection = sqlite.connect(source)
        connection.execute("VACUUM INTO ?", (str(whole),))
        connection.close()
        FOLDER.mkdir(exist_ok=True)
        stored(kind, version).write_bytes(gzip.compress(whole.read_bytes(), mtime=0))


def make(folder: Path) -> None:
    """Sell a little with this version and keep its files."""
    office = Office(make_settings(folder / "cloud", f"sqlite:///{folder / 'cloud.db'}"))
    office.start()
    shop = open_shop(office)
    counter = Counter(folder / "till", shop.pins)
    assert counter.enrol(office.url, shop.new_till()[1]) == TERMINAL
    counter.connect()
    counter.ready()
    for codes in SALES:
        counter.sell(*codes)
    counter.sent()
    counter.disconnect()
    replica = current_replica(counter.directory)
    assert replica is not None
    keep(replica, "replica", SCHEMA)
    counter.close()
    keep(counter.directory / "till.db", "till", len(STEPS))
    office.stop()


if __name__ == "__main__":
    made = Path(tempfile.mkdtemp())
    make(made)
    shutil.rmtree(made)
