"""The agent keeps a replica level with its cloud: news, gaps, new epochs, damage, and streams that do not hold."""

import time

import pytest

from sync import downloader
from sync.replica.files import current_replica
from tests.sync.builders import CAT, PRICE, Change, append, put_price, raw_group
from tests.sync.server import Reply, problem
from tests.sync.small_cloud import PAGE_GROUPS, SmallCloud
from tests.sync.till import Till, wait_until


def test_a_fresh_till_gets_everything_and_sends_everything(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(CAT)
    append(till.journal, 3)
    with till.agent():
        wait_until(lambda: till.price(1) == 100 and cloud.seqs() == [1, 2, 3])
        wait_until(lambda: till.status().get("state") == "online" and till.status()["unsent"] == 0)
        wait_until(lambda: till.read("SELECT rowid FROM search_fts WHERE search_fts MATCH '\"可乐\"'") != [])
    assert till.read("SELECT count(*) FROM item") == [(3,)]
    assert {event["step"] for event in till.told("progress")} == {"download", "install", "index"}
    assert till.told("replica")[0]["file"] == till.directory.joinpath("replica/current").read_text()
    assert till.status()["state"] == "stopped" and till.status()["error"] is None


def test_a_price_change_arrives_on_the_open_stream_and_is_told(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.status().get("synced_at_ms"))
        pages = cloud.count("/p/")
        cloud.publish(PRICE, put_price(1, 250, 2))
        wait_until(lambda: till.price(1) == 250)
        wait_until(lambda: {"ev": "changed", "tables": {"price": [1]}} in till.told("changed"))
    assert cloud.count("/p/") == pages


def test_news_that_are_only_announced_are_fetched(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.status().get("synced_at_ms") and cloud.listeners)
        cloud.close_streams()
        for ver in range(2, 12):
            cloud.publish(PRICE, put_price(1, ver, ver))
        cloud.tell_head(PRICE)
        wait_until(lambda: till.price(1) == 11)


def test_after_days_on_the_stream_the_page_that_is_missing_is_asked_for(cloud: SmallCloud, till: Till) -> None:
    """News that came one by one never said where their pages begin."""
    with till.agent():
        wait_until(lambda: till.price(1) == 100 and cloud.listeners)
        for ver in range(2, 2 * PAGE_GROUPS):
            cloud.publish(PRICE, put_price(1, ver, ver))
        wait_until(lambda: till.price(1) == 2 * PAGE_GROUPS - 1)
        cloud.buckets[PRICE].groups.append(raw_group(2 * PAGE_GROUPS, [put_price(1, 900, 900)]))
        pages = cloud.count("/p/")
        cloud.tell_head(PRICE)
        wait_until(lambda: till.price(1) == 900)
    assert cloud.count("/p/") - pages == 2


def test_a_hole_in_the_stream_is_filled_from_pages(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.status().get("synced_at_ms"))
        bucket = cloud.buckets[PRICE]
        streams, cloud._streams = cloud._streams, []
        cloud.publish(PRICE, put_price(1, 7, 2))
        cloud._streams = streams
        cloud.publish(PRICE, put_price(2, 8, 1))
        wait_until(lambda: till.price(2) == 8)
    assert till.price(1) == 7 and len(bucket.groups) == 3


def test_a_new_epoch_is_installed_beside_the_old_file(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.price(1) == 100)
        first = current_replica(till.directory)
        bucket = cloud.buckets[PRICE]
        bucket.epoch, bucket.groups = "e2", []
        cloud.publish(PRICE, put_price(1, 777, 1))
        wait_until(lambda: till.price(1) == 777)
    assert current_replica(till.directory) != first
    assert till.read("SELECT count(*) FROM item") == [(3,)]


def test_pages_that_no_longer_reach_back_make_a_snapshot_due(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.price(1) == 100)
    for ver in range(2, 10):
        cloud.publish(PRICE, put_price(1, ver, ver))
    cloud.take_snapshot(PRICE)
    cloud.buckets[PRICE].low = 9
    cloud.publish(PRICE, put_price(2, 22, 1))
    with till.agent():
        wait_until(lambda: till.price(1) == 9 and till.price(2) == 22)
    assert cloud.count("/v1/snap") == 1


def test_after_days_the_cheaper_way_is_taken(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.price(1) == 100)
    for ver in range(2, 102):
        cloud.publish(PRICE, put_price(1, ver, ver))
    cloud.take_snapshot(PRICE)
    pages = cloud.count("/p/")
    with till.agent():
        wait_until(lambda: till.price(1) == 101)
    assert cloud.count("/v1/snap") == 1 and cloud.count("/p/") == pages


def test_a_bucket_that_leaves_the_subscription_takes_its_rows_along(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.price(1) == 100)
        del cloud.buckets[PRICE]
        cloud.sub_ver = 2
        cloud.tell_ctl("sub")
        wait_until(lambda: till.read("SELECT count(*) FROM price") == [(0,)])
    assert till.read("SELECT count(*) FROM item") == [(3,)]
    assert till.read("SELECT value FROM sync_state WHERE key = 'sub_ver'") == [(2,)]


def test_a_page_damaged_by_a_cache_is_fetched_past_it(cloud: SmallCloud, till: Till) -> None:
    cloud.bad_pages = 1
    with till.agent():
        wait_until(lambda: till.price(1) == 100 and till.read("SELECT count(*) FROM item") == [(3,)])
    assert till.status()["error"] is None


def test_a_page_that_stays_bad_stops_its_bucket_alone(cloud: SmallCloud, till: Till) -> None:
    first = cloud.buckets[CAT].groups[0]
    cloud.buckets[CAT].groups[0] = first.replace(b'"at":1', b'"at":"yesterday"')
    with till.agent():
        wait_until(lambda: till.price(1) == 100)
        wait_until(lambda: till.status().get("error") == "feed.unreadable")
        cloud.publish(PRICE, put_price(1, 150, 2))
        wait_until(lambda: till.price(1) == 150)
        alarm = till.read("SELECT value FROM sync_state WHERE key = 'feed_alarm'")
    assert alarm == [("cat:main feed.unreadable",)] and till.read("SELECT count(*) FROM item") == [(0,)]


def test_a_damaged_download_is_fetched_again(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(CAT)
    held = cloud.buckets[CAT].snapshot
    assert held is not None
    cloud.buckets[CAT].snapshot = (held[0], b"\x00" * len(held[1]))
    with till.agent():
        wait_until(lambda: till.status().get("error") == "sync.snapshot_damaged")
        cloud.buckets[CAT].snapshot = held
        wait_until(lambda: till.read("SELECT count(*) FROM item") == [(3,)])


def test_a_cut_download_goes_on_where_it_was(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(CAT)
    held = cloud.buckets[CAT].snapshot
    assert held is not None
    folder = till.directory / "replica" / "download"
    folder.mkdir(parents=True)
    (folder / f"{held[0]['sha256'][:32]}.zst").write_bytes(held[1][:100])
    with till.agent():
        wait_until(lambda: till.read("SELECT count(*) FROM item") == [(3,)])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("state", ["revoked", "lost"])
def test_a_revoked_till_forgets_what_the_cloud_said_and_still_sends(cloud: SmallCloud, till: Till, state: str) -> None:
    with till.agent() as agent:
        wait_until(lambda: till.price(1) == 100)
        cloud.state = state
        cloud.tell_ctl("wipe")
        wait_until(lambda: till.status()["state"] == "revoked")
        wait_until(lambda: till.read("SELECT count(*) FROM item") == [(0,)] and till.price(1) is None)
        till.sell(agent, 2)
        wait_until(lambda: cloud.seqs() == [1, 2])
        cloud.state = "active"
        wait_until(lambda: till.price(1) == 100 and till.status()["state"] == "online")


def test_a_revoked_till_lets_go_of_a_damaged_file_too(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.price(1) == 100)
    damaged = current_replica(till.directory)
    assert damaged is not None
    damaged.with_name(damaged.name + "-wal").unlink(missing_ok=True)
    damaged.write_bytes(bytes(4096) + damaged.read_bytes()[4096:])
    cloud.state = "revoked"
    with till.agent():
        wait_until(lambda: current_replica(till.directory) != damaged)
    assert till.read("SELECT count(*) FROM price") == [(0,)]


def test_a_bucket_that_failed_its_audit_is_built_anew_once(cloud: SmallCloud, till: Till) -> None:
    """Also where there is no snapshot and it is read from its first page."""
    with till.agent() as agent:
        wait_until(lambda: till.price(1) == 100 and cloud.listeners)
        before = current_replica(till.directory)
        agent.downloader.damaged.add(PRICE)
        agent.downloader.interrupt()
        wait_until(lambda: current_replica(till.directory) != before and till.price(1) == 100)
        wait_until(lambda: not agent.downloader.damaged)


def test_a_draining_till_keeps_what_it_has_and_sends_to_the_end(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        wait_until(lambda: till.price(1) == 100)
        cloud.state = "drain"
        cloud.tell_ctl("state")
        wait_until(lambda: till.status()["error"] == "sync.draining")
        till.sell(agent, 2)
        wait_until(lambda: cloud.seqs() == [1, 2])
    assert till.price(1) == 100


def test_where_streams_do_not_hold_long_polls_bring_the_news(cloud: SmallCloud, till: Till) -> None:
    cloud.serve_stream = False
    with till.agent() as agent:
        wait_until(lambda: agent.downloader.choice.now(agent._clock.monotonic_ms()) != "stream")
        cloud.publish(PRICE, put_price(1, 321, 2))
        wait_until(lambda: till.price(1) == 321)


def test_a_stream_of_nonsense_is_left_and_opened_anew(cloud: SmallCloud, till: Till) -> None:
    cloud.live_failures.append(Reply(chunks=iter([b"event: page\ndata: {}\n\n"])))
    with till.agent():
        wait_until(lambda: cloud.count("/v1/live") >= 2)
        cloud.publish(PRICE, put_price(1, 321, 2))
        wait_until(lambda: till.price(1) == 321)


def test_an_event_of_a_newer_cloud_is_passed_over(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.status().get("synced_at_ms"))
        wait_until(lambda: cloud.count("/v1/live"))
        lives = cloud.count("/v1/live")
        cloud._tell(b"weather", b'{"sun":1}')
        cloud.tell_ctl("upload_now")
        cloud.publish(PRICE, put_price(1, 321, 2))
        wait_until(lambda: till.price(1) == 321)
    assert cloud.count("/v1/live") == lives


def test_the_clock_is_measured_and_kept_for_the_till(cloud: SmallCloud, till: Till) -> None:
    cloud._clock.now_ms = lambda: int(time.time() * 1000) + 3_600_000  # type: ignore[method-assign]
    with till.agent():
        wait_until(lambda: till.status().get("clock_offset_ms"))
        wait_until(lambda: till.read("SELECT value FROM sync_state WHERE key = 'clock_offset_ms'"))
        wait_until(lambda: till.price(1) == 100)
    assert abs(till.status()["clock_offset_ms"] - 3_600_000) < 1000


def test_a_token_refused_for_the_clock_is_asked_again_with_the_clouds_time(cloud: SmallCloud, till: Till) -> None:
    cloud.failures.append(problem(401, "token.clock", server_time=int(time.time() * 1000) + 86_400_000))
    with till.agent():
        wait_until(lambda: till.price(1) == 100)


def test_what_this_release_does_not_know_is_passed_over_and_recorded(cloud: SmallCloud, till: Till) -> None:
    strange: Change = ("put", "weather", [1], 1, {"sun": 1})
    cloud.publish(PRICE, strange, put_price(1, 55, 2))
    with till.agent():
        wait_until(lambda: till.price(1) == 55)
        notice = till.read("SELECT value FROM sync_state WHERE key = 'feed_notice'")
    assert notice == [("price:cn stale=0 unknown={'weather.put': 1}",)]


def test_where_nothing_holds_hello_brings_the_news(
    cloud: SmallCloud, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloader, "HELLO_EACH_MS", 50)
    with till.agent() as agent:
        wait_until(lambda: till.price(1) == 100 and cloud.listeners)
        for _ in range(6):
            agent.downloader.choice.ended(agent._clock.monotonic_ms(), lived_ms=1, brought_bytes=False)
        cloud.close_streams()
        lives = cloud.count("/v1/live")
        cloud.publish(PRICE, put_price(1, 66, 2))
        wait_until(lambda: till.price(1) == 66)
    assert cloud.count("/v1/live") - lives <= 1


def test_a_page_that_never_moves_the_cursor_is_no_loop(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        wait_until(lambda: till.price(1) == 100 and cloud.listeners)
        bucket = cloud.buckets[PRICE]
        bucket.head = lambda: {"b": PRICE, "epoch": "e1", "head": 9, "low": 1, "snap": None}  # type: ignore[method-assign]
        cloud.close_streams()
        wait_until(lambda: any(one.get("error") == "sync.feed_stalled" for one in till.told("status")))
        pages = cloud.count("/p/")
        time.sleep(0.3)
        assert cloud.count("/p/") - pages < 10
