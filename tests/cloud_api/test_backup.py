"""Backups that are checked before tills may forget, and what a restore begins anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import make_engine, reading, writing
from cloud_api.db.master_tables import ENROL_CODE, HQ_TOKEN, STORE
from cloud_api.db.sync_tables import EVENT, TERMINAL_STREAM
from cloud_api.problems import ApiProblem
from cloud_api.services.backup import after_restore, back_up
from cloud_api.services.feeds.restore import epoch_up
from tests.cloud_api.facts import add_case
from tests.cloud_api.hq import Hq, made


def add_stream(cloud: Cloud) -> None:
    row = {"terminal_id": "0101-1", "inc": 1, "last_seq": 9, "last_hash": "0" * 64, "updated_at_ms": 0}
    with writing(cloud.engine) as connection:
        connection.execute(sa.insert(TERMINAL_STREAM), row)


def durable(cloud: Cloud) -> int:
    with reading(cloud.engine) as connection:
        return int(connection.execute(sa.select(TERMINAL_STREAM.c.durable_seq)).scalar_one())


def test_a_checked_backup_lets_tills_forget(shop: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del shop
    add_stream(cloud)
    path = tmp_path / "backup"
    back_up(cloud, path)
    assert durable(cloud) == 9
    assert path.stat().st_size > 1000
    assert path.stat().st_mode & 0o777 == 0o600
    assert [left.name for left in tmp_path.iterdir() if left.name.endswith(".part")] == []
    if cloud.engine.dialect.name == "sqlite":
        copy = make_engine(f"sqlite:///{path}")
        with reading(copy) as connection:
            assert connection.execute(sa.select(STORE.c.store_id)).scalars().all() == ["0101", "0201"]
        copy.dispose()


def test_a_backup_overwrites_nothing_and_a_failed_one_promises_nothing(cloud: Cloud, tmp_path: Path) -> None:
    add_stream(cloud)
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(ApiProblem) as refused:
        back_up(cloud, taken)
    assert (refused.value.code, taken.read_text()) == ("cloud.backup_exists", "mine")
    with pytest.raises(ApiProblem, match=r"cloud\.backup_unwritable"):
        back_up(cloud, tmp_path / "no such folder" / "backup")
    assert durable(cloud) == 0


def test_after_a_restore_sessions_codes_and_feeds_begin_anew(shop: Hq, cloud: Cloud) -> None:
    made(shop.post("/stores/0101/tills", {}))
    with writing(cloud.engine) as connection:
        before = epoch_up(connection)
    assert after_restore(cloud) >= 0
    assert shop.get("/me").status_code == 401
    with reading(cloud.engine) as connection:
        assert connection.execute(sa.select(HQ_TOKEN)).all() == []
        assert connection.execute(sa.select(ENROL_CODE)).all() == []
        assert epoch_up(connection) != before


def test_accepting_a_case_lets_what_it_holds_take_effect(shop: Hq, cloud: Cloud) -> None:
    rows = [
        {"event_id": name, "terminal_id": terminal, "inc": inc, "seq": 1, "state": "held"}
        for name, terminal, inc in (("a", "0101-1", 1), ("b", "0101-1", 2), ("c", "0101-2", 1))
    ]
    with writing(cloud.engine) as connection:
        connection.execute(sa.insert(EVENT), rows)

    def held() -> list[str]:
        with reading(cloud.engine) as connection:
            query = sa.select(EVENT.c.event_id).where(EVENT.c.state == "held").order_by(EVENT.c.event_id)
            return list(connection.execute(query).scalars())

    one = add_case(cloud, "1", kind="event_held", event_id="c")
    all_of = add_case(cloud, "2", kind="terminal_not_active", terminal_id="0101-1", params='{"inc": 2}')
    left = add_case(cloud, "3", kind="event_held", event_id="a")
    for case_id, outcome in ((one, "accepted"), (all_of, "accepted"), (left, "rejected")):
        case = made(shop.post(f"/cases/{case_id}/resolve", {"outcome": outcome, "note": "看过"}), 200)
    assert held() == ["a"]
    assert case["title_zh"] == "一条流水暂存，等待处理"
    strange = add_case(cloud, "4", kind="never_heard_of")
    assert shop.get(f"/cases/{strange}").json()["title_en"] == "Wants a look"
