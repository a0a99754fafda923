"""A till with a million goods, made by the product's own install code; kept under build/bench between runs.

``till_of(directory, items)`` gives an enrolled data directory whose replica is what a fresh till has after its
snapshots were installed and indexed. The names are those of the sample shop's real goods in flavours and sizes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import sync.replica
from cloud_api.services.pinyin import initials
from domain.gtin import normalise
from sync import feed, identity
from sync.identity import Identity
from sync.replica.files import ReplicaFiles
from sync.replica.install import assemble, connect
from sync.replica.store import create_schema, write_cursor
from sync.replica.tables import TABLES
from sync.replica.writer import Replica
from tests.bench.harness import RESULTS
from tests.builders import CASHIER, MANAGER, SETTINGS, STORE, SUPERVISOR, ean13, enrol
from tests.pos_app.ui.shop import PEPPER, SAMPLE, pin_hash

MILLION = 1_000_000
BUCKETS = CAT, PRICE, SHOP = "cat:main", "price:cn", f"store:{STORE}"
EPOCH = "1f00"
PIN = "246810"
CACHE = RESULTS.parent / "cache"
PRICE_MINOR = 100
FLAVOURS = [
    "原味",
    "草莓",
    "柠檬",
    "蜜桃",
    "葡萄",
    "香草",
    "抹茶",
    "芒果",
    "椰子",
    "海盐",
    "黑糖",
    "桂花",
    "薄荷",
    "荔枝",
]
SIZES = ["50g", "75g", "100g", "150g", "250g", "400g", "500g", "1kg", "200ml", "330ml", "500ml", "900ml", "1.5L", "5L"]
PACKS = ("", " 2连包", " 4连包", " 6罐装", " 12瓶箱装")
_STAFF = (CASHIER, SUPERVISOR, MANAGER)
_ROWS_AT_ONCE = 10_000


def till_of(directory: Path, items: int, *, cloud_url: str = "http://127.0.0.1:9") -> Identity:
    """Make ``directory`` that of an enrolled till with so many goods; ``cloud_url`` is whom its agent asks."""
    known = replace(enrol(directory), cloud_url=cloud_url, pepper=PEPPER)
    identity.save(directory, known)
    target = directory / "replica" / "replica-1.db"
    shutil.copyfile(cached(f"replica-{items}", lambda folder: _make_replica(folder, items), *_SOURCES), _made(target))
    ReplicaFiles(directory).flip(target)
    return known


def cached(name: str, make: Callable[[Path], Path], *sources: Path) -> Path:
    """The one file that ``make`` gives, made again when a line of the code it depends on has changed."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    kept = CACHE / f"{name}-{digest}.db"
    if not kept.exists():
        for outdated in CACHE.glob(f"{name}-*"):
            shutil.rmtree(outdated) if outdated.is_dir() else outdated.unlink()
        work = CACHE / f"{name}-being-made"
        work.mkdir(parents=True)
        make(work).replace(kept)
        shutil.rmtree(work)
    return kept


def code_of(number: int) -> str:
    """The EAN-13 of the goods of that number, 1 to ``items``."""
    return ean13(number)


def name_of(number: int) -> str:
    """Its Chinese name."""
    real, kind = number % len(real_names()), number // len(real_names())
    flavour, rest = FLAVOURS[kind % len(FLAVOURS)], kind // len(FLAVOURS)
    size, pack = SIZES[rest % len(SIZES)], PACKS[rest // len(SIZES) % len(PACKS)]
    return f"{real_names()[real]} {flavour} {size}{pack}"


@cache
def real_names() -> tuple[str, ...]:
    """The names of the sample shop's goods."""
    names: dict[str, None] = {}
    for file in ("goods_cn.csv", "goods_hk.csv"):
        with (SAMPLE / file).open(encoding="utf-8", newline="") as lines:
            names |= dict.fromkeys(row["name_zh"] for row in csv.DictReader(lines))
    return tuple(names)


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _make_replica(folder: Path, items: int) -> Path:
    """Snapshots of three buckets as a cloud hands them out, assembled, indexed and closed by the till's code."""
    snapshots = {bucket: _snapshot(folder / f"{number}.db", bucket, items) for number, bucket in enumerate(BUCKETS)}
    target = ReplicaFiles(folder).next_path()
    assemble(target, snapshots)
    ReplicaFiles(folder).flip(target)
    live = Replica.open(folder)
    while live.index_some():
        pass
    live.close()
    return target


def _snapshot(path: Path, bucket: str, items: int) -> Path:
    conn = connect(path)
    conn.execute("PRAGMA journal_mode = OFF")
    create_schema(conn)
    conn.execute("BEGIN")
    for table, rows in _TABLES[bucket](items).items():
        _insert(conn, table, rows)
    write_cursor(conn, bucket, cursor=feed.start(bucket, EPOCH))
    conn.execute("COMMIT")
    conn.close()
    return path


def _insert(conn: Any, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    names = TABLES[table].column_names
    sql = f"INSERT INTO {table} ({', '.join(names)}, ver) VALUES ({'?, ' * len(names)}1)"
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        conn.executemany(sql, some)


def _catalogue(items: int) -> dict[str, Iterator[tuple[Any, ...]]]:
    numbers = range(1, items + 1)
    return {
        "item": map(_item, numbers),
        "barcode": ((normalise(code_of(number)), number, 1000) for number in numbers),
        "department": iter([("d1", "食品", "Food", 1), ("d2", "百货", "Goods", 2)]),
        "tax": iter([("vat13", 1300, "13%", "13%")]),
    }


def _item(number: int) -> tuple[Any, ...]:
    name = name_of(number)
    head = (number, f"S{number:07d}", name, f"Goods {number}", initials_of(name), "件", "")
    return (*head, f"d{number % 2 + 1}", "vat13", 0, "active", 1, 1, 0)


def initials_of(name: str) -> str:
    """The pinyin initials of such a name, as the cloud sends them with the item."""
    return "".join(_initials_of_part(part) for part in name.split())[:40]


_initials_of_part = cache(initials)


def _prices(items: int) -> dict[str, Iterator[tuple[Any, ...]]]:
    numbers = range(1, items + 1)
    return {"price": ((number, "", "list", 0, 0, PRICE_MINOR + number % 9_000) for number in numbers)}


def _shop(items: int) -> dict[str, Iterator[tuple[Any, ...]]]:
    staff = ((one.operator_id, one.name, one.role.value, pin_hash(PIN), 1) for one in _STAFF)
    keys = ((position, position * (items // 20), "", "") for position in range(1, 19))
    settings = json.dumps(SETTINGS, ensure_ascii=False)
    return {
        "operator": staff,
        "quick_key": keys,
        "store": iter([(STORE, "人民路店", "Renmin Road", settings)]),
    }


_TABLES = {CAT: _catalogue, PRICE: _prices, SHOP: _shop}
_SOURCES = (Path(__file__), *sorted(Path(sync.replica.__path__[0]).glob("*.py")))
