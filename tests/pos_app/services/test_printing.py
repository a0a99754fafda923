"""R20: a printer neither blocks nor repeats a sale, and the drawer opens at most once for it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import DomainError
from domain.ids import OperatorId, SaleId
from domain.permissions import Authority, Operator, Role
from domain.receipt_code import read_receipt_code, signed_bytes
from pos_app.db import print_jobs
from pos_app.db.print_jobs import JobKind, JobState, NewJob
from pos_app.devices.printers import NoPrinter
from pos_app.services.printing import DRAWER_AGE_MAX_MS, RECEIPT_AGE_MAX_MS, PrintQueue
from pos_app.settings import PrinterKind, PrinterSettings
from tests.escpos_emulator import EscPosPrinter
from tests.pos_app.devices.fake_printer import PAPER_OUT, FakePrinter, Manner
from tests.pos_app.services.printing_till import KEY, PrintingTill

MANAGER = Operator(OperatorId("1001"), "店长", Role.MANAGER)


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    with FakePrinter() as fake:
        yield fake


@pytest.fixture
def till(tmp_path: Path, printer: FakePrinter) -> Iterator[PrintingTill]:
    opened = PrintingTill(tmp_path, printer.address)
    yield opened
    opened.close()


def paper_of(printer: FakePrinter) -> EscPosPrinter:
    paper = EscPosPrinter()
    paper.print(printer.job)
    return paper


def receipts_on(printer: FakePrinter, number: int) -> int:
    return sum(f"0102-2A-{number:06d}" in line for line in paper_of(printer).text())


def test_drawer_first_then_the_receipt(till: PrintingTill, printer: FakePrinter) -> None:
    till.sell()
    assert till.run() == [("drawer", "printed", ""), ("receipt", "printed", "")]
    assert paper_of(printer).pulses == [1]
    assert receipts_on(printer, 1) == 1
    assert printer.job.index(b"\x1bp") < printer.job.index(b"\x1b@")
    assert till.queue.delay_ms() is None
    assert till.queue.status().waiting == 0


def test_code_on_the_receipt_is_the_tills_signed_word(till: PrintingTill) -> None:
    sale_id = till.sell()
    codes = [row.data for row in till.layout.of_sale(sale_id).rows if hasattr(row, "data")]
    reference, signature = read_receipt_code(codes[0])
    KEY.public_key().verify(signature, signed_bytes(reference))
    assert reference.receipt_no == "0102-2A-000001"
    assert reference.check_code == till.receipts.check_code(sale_id)


def test_out_of_paper_waits_and_prints_once(till: PrintingTill, printer: FakePrinter) -> None:
    printer.manner = Manner(paper=PAPER_OUT)
    till.sell()
    assert till.run() == [("drawer", "printed", ""), ("receipt", "pending", "printer.paper_out")]
    assert till.queue.run_once() is None
    assert till.queue.delay_ms() == 1000
    till.clock.pass_ms(1000)
    assert till.run() == [("receipt", "pending", "printer.paper_out")]
    assert till.queue.delay_ms() == 2000
    printer.manner = Manner()
    till.clock.pass_ms(2000)
    assert till.run() == [("receipt", "printed", "")]
    assert receipts_on(printer, 1) == 1
    assert paper_of(printer).pulses == [1]
    assert [job.tries for job in till.jobs()] == [1, 3]


def test_next_sale_opens_the_drawer_while_paper_waits(till: PrintingTill, printer: FakePrinter) -> None:
    printer.manner = Manner(paper=PAPER_OUT)
    till.sell(1)
    till.run()
    till.sell(2)
    assert till.queue.delay_ms() == 0
    assert till.run() == [("drawer", "printed", "")]
    printer.manner = Manner()
    till.queue.wake()
    assert till.run() == [("receipt", "printed", "")] * 2
    text = "\n".join(paper_of(printer).text())
    assert text.index("000001") < text.index("000002")


@pytest.mark.parametrize("manner", [Manner(close_after=300), Manner(stall_after=300), Manner(paper_out_after=300)])
def test_uncertain_receipt_is_never_sent_again_by_itself(
    till: PrintingTill, printer: FakePrinter, manner: Manner
) -> None:
    till.sell(drawer=False)
    printer.manner = manner
    [(kind, state, error)] = till.run()
    assert (kind, state) == ("receipt", "uncertain")
    assert error in {"printer.closed", "printer.stalled", "printer.paper_out"}
    before = printer.connections
    till.clock.pass_ms(60_000)
    assert till.run() == []
    assert till.run(till.new_queue()) == []
    assert printer.connections == before
    with pytest.raises(DomainError, match="not_retried"):
        till.queue.retry(till.jobs()[0].job_id)


def test_reprint_says_so(till: PrintingTill, printer: FakePrinter) -> None:
    sale_id = till.sell(drawer=False)
    till.run()
    till.receipts.reprint(sale_id, Authority(MANAGER))
    assert till.run() == [("receipt", "printed", "")]
    marks = [line for line in paper_of(printer).lines if "补打" in line.text]
    assert [mark.height for mark in marks] == [2, 2]
    assert receipts_on(printer, 1) == 2


def test_nothing_waits_for_a_stalled_printer(till: PrintingTill, printer: FakePrinter) -> None:
    """The sale's commit goes through while the queue hangs at the printer, and a second thread does nothing."""
    printer.manner = Manner(stall_after=100)
    till.sell(1, drawer=False)
    thread = threading.Thread(target=till.queue.run_once)
    thread.start()
    while printer.connections == 0:
        time.sleep(0.002)
    started = time.monotonic()
    till.sell(2, drawer=False)
    assert till.queue.run_once() is None
    took_s = time.monotonic() - started
    assert thread.is_alive()
    thread.join(10)
    assert took_s < 1
    assert [job.state for job in till.jobs()] == [JobState.UNCERTAIN, JobState.PENDING]


class Crash(BaseException):
    """The process dies."""


class DyingPrinter(NoPrinter):
    """Passes on what it gets, then the process dies before anybody notes it."""

    def __init__(self) -> None:
        self.kicks = 0
        self.jobs = 0

    def send(self, data: bytes) -> None:
        self.jobs += 1
        raise Crash

    def kick(self, pin: int) -> None:
        self.kicks += 1
        raise Crash


def test_crash_after_the_pulse_gives_no_second_one(till: PrintingTill) -> None:
    till.sell()
    dying = DyingPrinter()
    queue = till.new_queue(lambda _: dying)
    for _ in range(2):
        with pytest.raises(Crash):
            queue.run_once()
    assert [job.state for job in till.jobs()] == [JobState.PRINTING] * 2
    assert till.run(till.new_queue(lambda _: dying)) == []
    assert (dying.kicks, dying.jobs) == (1, 1)
    assert [(job.state, job.error) for job in till.jobs()] == [(JobState.UNCERTAIN, "printer.interrupted")] * 2


def test_without_the_rule_the_crash_would_open_it_twice(till: PrintingTill) -> None:
    """The proof above can go red: a queue that tried interrupted jobs again is caught by it."""
    till.sell(receipt=False)
    dying = DyingPrinter()
    for queue in (till.new_queue(lambda _: dying), till.new_queue(lambda _: dying)):
        with till.database.write() as uow:
            uow.connection.exec_driver_sql("UPDATE print_job SET state = 'pending' WHERE state = 'printing'")
            uow.commit()
        with pytest.raises(Crash):
            queue.run_once()
    assert dying.kicks == 2


def test_job_that_breaks_the_program_does_not_block_the_others(till: PrintingTill, printer: FakePrinter) -> None:
    with till.database.write() as uow:
        print_jobs.add(uow.raw, NewJob(JobKind.RECEIPT, b"{broken", till.clock.now_ms(), SaleId("sale-1")))
        uow.commit()
    till.sell(drawer=False)
    with pytest.raises(ValueError, match="Expecting"):
        till.queue.run_once()
    assert till.run() == [("receipt", "printed", "")]
    assert receipts_on(printer, 1) == 1


def test_receipt_of_an_unknown_sale_fails_alone(till: PrintingTill) -> None:
    with till.database.write() as uow:
        print_jobs.add(uow.raw, NewJob(JobKind.RECEIPT, b'{"copy":true}', till.clock.now_ms(), SaleId("pruned")))
        uow.commit()
    assert till.run() == [("receipt", "failed", "receipts.unknown")]


@pytest.mark.parametrize("moved_ms", [DRAWER_AGE_MAX_MS + 1, -DRAWER_AGE_MAX_MS - 1])
def test_late_drawer_stays_shut(till: PrintingTill, printer: FakePrinter, moved_ms: int) -> None:
    till.sell(receipt=False)
    till.clock.wall_ms += moved_ms
    assert till.run() == [("drawer", "failed", "printer.expired")]
    assert printer.connections == 0


def test_late_receipt_is_left_to_the_cashier(till: PrintingTill, printer: FakePrinter) -> None:
    printer.manner = Manner(paper=PAPER_OUT)
    till.sell(drawer=False)
    till.run()
    printer.manner = Manner()
    till.clock.pass_ms(RECEIPT_AGE_MAX_MS + 1)
    assert till.run() == [("receipt", "failed", "printer.paper_out")]
    till.queue.retry(till.jobs()[0].job_id)
    assert till.run() == [("receipt", "printed", "")]
    assert not [line for line in paper_of(printer).text() if "补打" in line]


def test_second_drawer_job_of_a_sale_is_the_first(till: PrintingTill, printer: FakePrinter) -> None:
    sale_id = till.sell(receipt=False)
    with till.database.write() as uow:
        again = print_jobs.add(uow.raw, NewJob(JobKind.DRAWER, b"{}", till.clock.now_ms(), sale_id))
        uow.commit()
    assert [job.job_id for job in till.jobs()] == [again]
    till.run()
    assert paper_of(printer).pulses == [1]


def test_kicks_without_a_sale_are_each_their_own(till: PrintingTill, printer: FakePrinter) -> None:
    assert till.queue.queue_kick() != till.queue.queue_kick()
    till.run()
    assert paper_of(printer).pulses == [1, 1]


def test_unreachable_printer_is_retried_then_told(till: PrintingTill) -> None:
    till.settings = replace(till.settings, printer=PrinterSettings(PrinterKind.NETWORK, "127.0.0.1:1"))
    till.sell()
    assert till.run() == [("drawer", "pending", "printer.unreachable")]
    till.clock.pass_ms(1000)
    assert till.run() == [("drawer", "pending", "printer.unreachable")]
    till.clock.pass_ms(DRAWER_AGE_MAX_MS)
    assert till.run() == [("drawer", "failed", "printer.unreachable"), ("receipt", "pending", "printer.unreachable")]
    status = till.queue.status()
    assert (status.waiting, status.failed, status.uncertain) == (1, 1, 0)
    assert status.last
    assert status.last.error == "printer.unreachable"


def test_wrong_address_is_not_retried_until_it_is_mended(till: PrintingTill, printer: FakePrinter) -> None:
    good = till.settings
    till.settings = replace(good, printer=PrinterSettings(PrinterKind.NETWORK, "not an address"))
    till.sell(drawer=False)
    assert till.run() == [("receipt", "failed", "printer.address_wrong")]
    till.settings = good
    till.queue.retry(till.jobs()[0].job_id)
    assert till.run() == [("receipt", "printed", "")]
    assert receipts_on(printer, 1) == 1


@pytest.mark.parametrize("language", ["zh", "en", "both", "klingon"])
@pytest.mark.parametrize("columns", [32, 48])
def test_sample_page_fits_every_paper(till: PrintingTill, printer: FakePrinter, language: str, columns: int) -> None:
    settings = replace(till.settings.printer, columns=columns, receipt_language=language)
    till.settings = replace(till.settings, printer=settings)
    till.queue.queue_test()
    assert till.run() == [("test", "printed", "")]
    paper = EscPosPrinter(columns, 384 if columns == 32 else 576)
    paper.print(printer.job)
    assert not any(line.wrapped for line in paper.lines)
    assert any("￥1234.56" in line.text for line in paper.lines)


def test_old_jobs_are_forgotten_but_open_ones_stay(till: PrintingTill) -> None:
    till.sell(1, drawer=False)
    till.run()
    till.sell(2, drawer=False)
    with till.database.write() as uow:
        assert print_jobs.forget(uow.connection, before_ms=till.clock.now_ms() + 1) == 1
        uow.commit()
    assert [job.state for job in till.jobs()] == [JobState.PENDING]


def test_delay_asks_for_a_first_run_after_a_restart(till: PrintingTill) -> None:
    fresh: PrintQueue = till.new_queue()
    assert fresh.delay_ms() == 0
    assert fresh.run_once() is None
    assert fresh.delay_ms() is None
