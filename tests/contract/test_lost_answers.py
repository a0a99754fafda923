"""What took effect and was never answered: the second try gets the first answer, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.transport import Retryable
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, WATER, Office, Shop, wait_until
from tests.contract.proxy import Proxy


@pytest.fixture
def proxy(office: Office) -> Iterator[Proxy]:
    made = Proxy(office.port)
    yield made
    made.close()


@pytest.fixture
def till(shop: Shop, proxy: Proxy, tmp_path: Path) -> Iterator[Counter]:
    """A till behind the proxy, enrolled."""
    made = Counter(tmp_path / "till", shop.pins)
    made.enrol(proxy.url, shop.new_till()[1])
    yield made
    made.close()


def test_an_enrolment_whose_answer_was_lost_is_repeated_safely(
    office: Office, shop: Shop, proxy: Proxy, tmp_path: Path
) -> None:
    counter = Counter(tmp_path / "till", shop.pins)
    terminal, code = shop.new_till()
    proxy.lose(b"POST /v1/enrol")
    with pytest.raises(Retryable) as lost:
        counter.enrol(proxy.url, code)
    assert lost.value.code == "till.setup_unreachable"
    assert office.number("SELECT count(*) FROM enrol_code WHERE used_at_ms IS NOT NULL") == 1
    assert counter.enrol(proxy.url, code) == terminal
    assert office.rows("SELECT state FROM terminal") == [{"state": "active"}]
    counter.connect()
    counter.ready()
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    counter.close()


def test_uploads_whose_answers_were_lost_count_once(office: Office, proxy: Proxy, till: Counter) -> None:
    till.connect()
    till.ready()
    for _ in range(3):
        proxy.lose(b"POST /v1/up")
        till.sell(COLA, WATER, times=2)
        till.sent()
    assert proxy.lost == 3
    assert books_agree(office, till)
    assert till.tip.incarnation == 1
    assert office.number("SELECT count(*) FROM case_file") == 0


def test_every_first_answer_is_lost_and_the_till_still_gets_there(office: Office, proxy: Proxy, till: Counter) -> None:
    paths = (b"POST /v1/token", b"GET /v1/hello", b"GET /v1/b/", b"GET /v1/live", b"POST /v1/up")
    for path in paths:
        proxy.lose(path)
    till.connect()
    till.ready()
    till.sell(times=2)
    till.sent()
    wait_until(lambda: proxy.lost == len(paths), f"only {proxy.lost} were lost")
    assert books_agree(office, till)


@pytest.mark.parametrize("after_bytes", [1, 40, 150, 400])
def test_an_answer_cut_at_any_byte_is_no_answer(office: Office, proxy: Proxy, till: Counter, after_bytes: int) -> None:
    for path in (b"GET /v1/hello", b"GET /v1/b/", b"POST /v1/up"):
        proxy.lose(path, after_bytes=after_bytes)
    till.connect()
    till.ready()
    till.sell(times=2)
    till.sent()
    assert proxy.lost >= 2
    assert books_agree(office, till)
