"""The checker can go red: every single thing that may be wrong in either book is found."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from cloud_api.db.engine import make_engine
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, NOODLES, WATER, Office, make_settings, open_shop
from tests.e2e.books import compare

OF_ONE_SALE = "(SELECT event_id FROM sale ORDER BY seq LIMIT 1)"
SPOILT_CLOUD = {
    "a sale is missing": f"DELETE FROM sale WHERE event_id = {OF_ONE_SALE}",
    "the last sale is missing": "DELETE FROM sale WHERE seq = (SELECT max(seq) FROM sale)",
    "a line is missing": f"DELETE FROM sale_line WHERE line = 1 AND event_id = {OF_ONE_SALE}",
    "a tender is missing": f"DELETE FROM sale_tender WHERE event_id = {OF_ONE_SALE}",
    "a fen too much in a line": f"UPDATE sale_line SET amount_minor = amount_minor + 1 WHERE event_id = {OF_ONE_SALE}",
    "a fen too little due": f"UPDATE sale SET due_minor = due_minor - 1 WHERE event_id = {OF_ONE_SALE}",
    "a fen of tax": f"UPDATE sale_line SET tax_minor = tax_minor + 1 WHERE line = 1 AND event_id = {OF_ONE_SALE}",
    "another quantity": "UPDATE sale_line SET quantity_thousandths = 1001 WHERE line = 1",
    "another tender": f"UPDATE sale_tender SET kind = 'card_external' WHERE event_id = {OF_ONE_SALE}",
    "another cashier": "UPDATE sale SET operator_id = '1002'",
    "a sale is there twice": (
        "INSERT INTO sale SELECT 'copy', sale_id, receipt_no, store_id, terminal_id, inc, seq + 100, hash, "
        "operator_id, business_date, occurred_at_ms, estimated_at_ms, received_at_ms, currency, rule_book_version, "
        f"due_minor, rounding_minor, payable_minor, paid_minor, change_minor, tax_minor, line_count, voided FROM sale "
        f"WHERE event_id = {OF_ONE_SALE}"
    ),
    "two sales swapped their numbers": (
        "UPDATE sale SET receipt_no = CASE receipt_no WHEN '0101-1A-000001' THEN '0101-1A-000002' "
        "WHEN '0101-1A-000002' THEN '0101-1A-000001' ELSE receipt_no END"
    ),
    "an entry is missing": "DELETE FROM event_raw WHERE seq = 3",
    "the last entry is missing": "DELETE FROM event_raw WHERE seq = (SELECT max(seq) FROM event_raw)",
    "a byte of an entry": "UPDATE event_raw SET body = CAST(replace(CAST(body AS TEXT), '350', '351') AS BLOB)",
    "a hash": "UPDATE event_raw SET hash = prev_hash WHERE seq = 3",
    "an entry is held": "UPDATE event SET state = 'held', reason = 'entry.unreadable' WHERE seq = 3",
    "an entry waits": "UPDATE event SET state = 'new' WHERE seq = 3",
}
SPOILT_TILL = {
    "the till lost a sale": "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
    "the till lost a sale in the middle": "DELETE FROM journal WHERE kind = 'sale' AND seq = 4",
    "a fen at the till": "UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), '350', '351') AS BLOB)",
    "a row without its entry": "UPDATE sale SET seq = seq + 1000",
    "a row tells another sum": "UPDATE sale SET payable_minor = payable_minor + 1",
}


@dataclass(frozen=True)
class Evidence:
    """A till and a cloud that agree, put aside."""

    till_db: Path
    cloud_db: Path
    confirmed: list[tuple[str, int]]

    def findings(
        self, folder: Path, *, till: str = "", cloud: str = "", confirmed: tuple[str, int] | None = None
    ) -> int:
        """How much is wrong after one statement on a copy of either."""
        paths = [shutil.copy(path, folder / path.name) for path in (self.till_db, self.cloud_db)]
        for path, statement in zip(paths, (till, cloud), strict=True):
            if statement:
                connection = sqlite.connect(path)
                assert connection.execute(statement).rowcount > 0, statement
                connection.commit()
                connection.close()
        engine = make_engine(f"sqlite:///{paths[1]}")
        try:
            told = self.confirmed + ([confirmed] if confirmed else [])
            return len(compare([Path(paths[0])], engine, "0101-1", confirmed=told))
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("agreed")
    office = Office(make_settings(folder / "cloud", f"sqlite:///{folder / 'live.db'}"))
    office.start()
    shop = open_shop(office)
    counter = Counter(folder / "till", shop.pins)
    counter.enrol(office.url, shop.new_till()[1])
    counter.connect()
    counter.ready()
    for codes in ((COLA,), (COLA, WATER), (NOODLES, WATER), (COLA, COLA, NOODLES)):
        counter.sell(*codes)
    counter.sent()
    assert books_agree(office, counter)
    counter.close()
    office.stop()
    for source, name in ((folder / "till" / "till.db", "till.db"), (folder / "live.db", "cloud.db")):
        copy = sqlite.connect(folder / name)
        original = sqlite.connect(source)
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.close()
        original.close()
    return Evidence(folder / "till.db", folder / "cloud.db", counter.confirmed)


def test_it_is_green_where_both_agree(evidence: Evidence, tmp_path: Path) -> None:
    assert evidence.findings(tmp_path) == 0


@pytest.mark.parametrize("what", SPOILT_CLOUD)
def test_it_goes_red_for_the_cloud(evidence: Evidence, tmp_path: Path, what: str) -> None:
    assert evidence.findings(tmp_path, cloud=SPOILT_CLOUD[what]) > 0


@pytest.mark.parametrize("what", SPOILT_TILL)
def test_it_goes_red_for_the_till(evidence: Evidence, tmp_path: Path, what: str) -> None:
    assert evidence.findings(tmp_path, till=SPOILT_TILL[what]) > 0


@pytest.mark.parametrize("told", [("0101-1A-000005", 350), ("0101-1A-000001", 350)], ids=["lost", "twice"])
def test_it_goes_red_for_what_was_confirmed(evidence: Evidence, tmp_path: Path, told: tuple[str, int]) -> None:
    assert evidence.findings(tmp_path, confirmed=told) > 0


def test_it_goes_red_for_another_sum_than_confirmed(evidence: Evidence, tmp_path: Path) -> None:
    receipt_no, payable_minor = evidence.confirmed[0]
    wrong = Evidence(evidence.till_db, evidence.cloud_db, [(receipt_no, payable_minor + 1)])
    assert wrong.findings(tmp_path) > 0
