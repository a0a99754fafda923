"""The main job: sell online, cut, sell on, kill everything, reconnect: nothing lost or twice, equal to the fen."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
import sqlalchemy as sa

from cloud_api.db.engine import make_engine
from scripts.demo.cloud import Cloud, Headquarters
from scripts.demo.shop import open_shop
from sync.verify import SOUND
from sync.verify import main as verify_main
from tests.e2e.books import compare, read_till
from tests.e2e.shopfloor import Floor, TapedWire, TillProcess

CASHIER = "1001"
WALLET_CODE = "134567890123456789"
SETTLE_S = 30.0


@contextmanager
def shop_floor(folder: Path, database_url: str) -> Iterator[Floor]:
    """A cloud with the sample shop and a till that is enrolled and open, the cable plugged in."""
    cloud = Cloud(folder / "cloud", database_url=database_url)
    wire = TapedWire(("127.0.0.1", cloud.port))
    till = TillProcess(folder / "till")
    try:
        cloud.prepare()
        cloud.start()
        hq = Headquarters(cloud.url, "hq", cloud.password)
        shop = open_shop(hq)
        till.operator = (CASHIER, shop.pins[CASHIER])
        till.start()
        till.tell("enrol", wire.url, shop.enrolment_code)
        till.expect("enrolled")
        till.open()
        token = str(hq._session.headers["Authorization"]).removeprefix("Bearer ")
        yield Floor(cloud, wire, till, shop.enrolment_code, shop.pins, token)
    finally:
        till.kill()
        cloud.stop()
        wire.close()


@contextmanager
def looking_into(floor: Floor, database_url: str) -> Iterator[sa.Engine]:
    """The cloud's database, read from outside."""
    engine = make_engine(database_url or f"sqlite:///{floor.cloud.folder / 'cloud.db'}")
    try:
        yield engine
    finally:
        engine.dispose()


def assert_settled(floor: Floor, engine: sa.Engine, *, within_s: float = SETTLE_S) -> None:
    """Both books agree before long, on every sale that was confirmed, byte for byte and fen by fen."""
    end = time.monotonic() + within_s
    while True:
        found = compare([floor.till.directory / "till.db"], engine, "0101-1", confirmed=floor.till.confirmed)
        if not found or time.monotonic() > end:
            break
        time.sleep(0.1)
    assert not found, "\n".join(found[:20])
    assert floor.till.forks == 0, "a kill is no fork"
    with engine.connect() as connection:
        cases = connection.execute(sa.text("SELECT kind, params FROM case_file")).all()
    assert not cases, cases


def assert_verified(floor: Floor, folder: Path) -> None:
    """An export of the journal is sound by the independent verifier, up to the place that the cloud confirms."""
    path = folder / "journal.jsonl"
    key = floor.till.open()["public_key"]
    floor.till.tell("export", path)
    assert floor.till.expect("exported")["entries"] == len(read_till(floor.till.directory / "till.db").entries)
    assert verify_main([str(path), key]) == SOUND


def one_round(floor: Floor, rng: random.Random, *, sales: int) -> None:
    """Cut, sell, kill the app and the agent amid it; plug in, sell on, kill the cloud, the agent and the app."""
    till, goal = floor.till, len(floor.till.confirmed) + sales
    floor.wire.pull()
    while len(till.confirmed) < goal:
        till.tell("sell", sales, rng.randrange(1 << 30))
        till.wait_for_sales(min(goal, len(till.confirmed) + rng.randint(sales // 3, sales // 2)))
        if rng.random() < 0.3:
            till.kill_agent()
        time.sleep(rng.uniform(0, 0.05))
        till.kill()
        till.open()
    till.tell("sell", sales, rng.randrange(1 << 30))
    floor.wire.plug()
    time.sleep(rng.uniform(0, 0.4))
    floor.cloud.kill()
    till.kill_agent()
    time.sleep(rng.uniform(0, 0.1))
    till.kill()
    floor.cloud.start()
    till.open()
    till.tell("sell", sales // 4, rng.randrange(1 << 30))
    time.sleep(rng.uniform(0, 0.3))
    till.kill_agent()
    till.expect("done")


def test_nothing_is_lost_and_nothing_is_twice(tmp_path: Path) -> None:
    with shop_floor(tmp_path, "") as floor, looking_into(floor, "") as engine:
        floor.till.sell(10, seed=1)
        assert_settled(floor, engine)
        floor.till.tell("scan", WALLET_CODE)
        assert floor.till.expect("refused", "scanned")["ev"] == "refused"
        floor.till.note_command_lines()
        one_round(floor, random.Random(2), sales=200)
        assert len(floor.till.confirmed) >= 260
        assert_settled(floor, engine)
        floor.till.quit()
        assert_verified(floor, tmp_path)
        assert_nothing_shows(floor, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(3))
def test_round_after_round(tmp_path: Path, cloud_database_url: str, seed: int) -> None:
    url = "" if cloud_database_url.startswith("sqlite") else cloud_database_url
    rng = random.Random(seed)
    with shop_floor(tmp_path, url) as floor, looking_into(floor, url) as engine:
        for _ in range(6):
            one_round(floor, rng, sales=rng.randint(60, 250))
            assert_settled(floor, engine)
        floor.till.quit()
        assert_verified(floor, tmp_path)
        assert_nothing_shows(floor, tmp_path)


# What nobody may find anywhere ------------------------------------------------------------------------------

SECRET_FILES = ("master.key", "till.json")
"""The keys themselves, readable by nobody else; the test sees to that."""


def canaries(floor: Floor) -> dict[str, re.Pattern[bytes]]:
    """What must not be found, by what it is; digits alone count only where they stand for themselves."""
    exact = {
        "enrolment code": floor.code,
        "enrolment code, tidied": floor.code.replace("-", ""),
        "HQ's password": floor.cloud.password,
        "HQ's token": floor.hq_token,
        "wallet code": WALLET_CODE,
    }
    found = {what: re.compile(re.escape(text.encode())) for what, text in exact.items()}
    found["a till's token"] = re.compile(rb"evt_[A-Za-z0-9_-]{20}")
    for operator, pin in floor.pins.items():
        found[f"PIN of {operator}"] = re.compile(rb"(?<![0-9A-Za-z_+/-])%b(?![0-9A-Za-z_+/=-])" % pin.encode())
    return found


def leaks(floor: Floor, folder: Path) -> list[str]:
    """Where a canary was found: in files of either side, in addresses, in command lines."""
    places: dict[str, bytes] = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in SECRET_FILES
    }
    places["addresses"] = b"\n".join(floor.wire.requests)
    places["command lines"] = b"\n".join(floor.till.command_lines)
    patterns = canaries(floor)
    return [
        f"{what} in {place}" for place, data in places.items() for what, one in patterns.items() if one.search(data)
    ]


def assert_nothing_shows(floor: Floor, folder: Path) -> None:
    """No secret in any log, database, address or command line; the key files are for their owner alone."""
    kept = [path for path in folder.rglob("*") if path.name in SECRET_FILES]
    assert len(kept) == len(SECRET_FILES)
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    assert len(floor.wire.requests) > 10 and floor.till.command_lines is not None
    assert leaks(floor, folder) == []
    planted = folder / "planted.log"
    for text in (WALLET_CODE, floor.code, f"pin={floor.pins[CASHIER]} ", floor.hq_token):
        planted.write_text(f"somebody wrote {text}\n", encoding="utf-8")
        assert leaks(floor, folder), f"the search does not see {text!r}"
    planted.unlink()
    connection = sqlite.connect(f"file:{floor.till.directory / 'till.db'}?mode=ro", uri=True)
    try:
        assert connection.execute("SELECT count(*) FROM journal").fetchone()[0] > 0, "the right file was searched"
    finally:
        connection.close()
