"""Network printers that work, and those that do not: what is told, and whether paper may have come out."""

import socket
from dataclasses import replace

import pytest

from pos_app.devices.escpos import encode_receipt
from pos_app.devices.network import split_address
from pos_app.devices.ports import Printer, PrinterError
from pos_app.devices.printers import answers_status, printer_for
from pos_app.devices.status import Patience
from pos_app.settings import PrinterKind, PrinterSettings
from tests.escpos_emulator import EscPosPrinter
from tests.pos_app.devices.fake_printer import COVER_OPEN, FAULT, OFFLINE, PAPER_OUT, FakePrinter, Manner
from tests.receipts import receipt

QUICK = Patience(answer_ms=500, finish_ms=1500, settle_ms=60)
"""Enough for a printer in a thread of a busy machine to answer."""
JOB = encode_receipt(receipt(), PrinterSettings())


def printer_at(fake: FakePrinter, answers: bool | None = None) -> Printer:
    return printer_for(network(fake.address, answers), QUICK)


def network(address: str, answers: bool | None = None) -> PrinterSettings:
    return PrinterSettings(PrinterKind.NETWORK, address, answers_status=answers)


def trouble(printer: Printer, data: bytes = JOB) -> tuple[str, bool]:
    with pytest.raises(PrinterError) as told:
        printer.send(data)
    return told.value.code, told.value.uncertain


@pytest.mark.parametrize("answers", [None, True, False])
def test_receipt_comes_out_whole(answers: bool | None) -> None:
    with FakePrinter() as fake:
        printer_at(fake, answers).send(JOB)
        paper = EscPosPrinter()
        paper.print(fake.wait_for_job(len(JOB)))
    assert [line for line in paper.text() if line] == receipt().lines()
    assert fake.connections == 1
    assert (fake.questions > 0) == (answers is not False)


def test_silent_printer_prints_unless_it_is_known_to_answer() -> None:
    with FakePrinter(Manner(answers=False)) as fake:
        printer_at(fake, None).send(JOB)
        assert fake.wait_for_job(len(JOB)) == JOB
        assert trouble(printer_at(fake, True)) == ("printer.silent", False)
        assert fake.job == JOB


def test_printer_that_answered_once_is_held_to_it() -> None:
    with FakePrinter() as fake:
        printer = printer_at(fake)
        printer.send(JOB)
        fake.manner = Manner(answers=False)
        assert trouble(printer) == ("printer.silent", False)
        assert fake.job == JOB


@pytest.mark.parametrize(
    ("manner", "code"),
    [
        (Manner(paper=PAPER_OUT), "printer.paper_out"),
        (Manner(offline_cause=0x32), "printer.paper_out"),
        (Manner(offline_cause=COVER_OPEN), "printer.cover_open"),
        (Manner(offline_cause=FAULT), "printer.fault"),
        (Manner(garbage=b"HTTP/1.1 400 Bad Request\r\n\r\n"), "printer.not_understood"),
        (Manner(garbage=b"\xff\xfe"), "printer.not_understood"),
    ],
)
def test_unready_printer_is_sent_nothing(manner: Manner, code: str) -> None:
    with FakePrinter(manner) as fake:
        assert trouble(printer_at(fake)) == (code, False)
        assert fake.job == b""


def test_it_prints_when_it_is_ready_again() -> None:
    with FakePrinter(Manner(paper=PAPER_OUT)) as fake:
        printer = printer_at(fake)
        assert trouble(printer) == ("printer.paper_out", False)
        fake.manner = Manner()
        printer.send(JOB)
        assert fake.job == JOB


def test_slow_printer_is_waited_for() -> None:
    with FakePrinter(Manner(answer_delay_s=0.1)) as fake:
        printer_at(fake).send(JOB)
        assert fake.job == JOB


@pytest.mark.parametrize("answers", [None, True, False])
def test_hang_up_in_the_middle_is_uncertain(answers: bool | None) -> None:
    with FakePrinter(Manner(close_after=200)) as fake:
        assert trouble(printer_at(fake, answers), JOB * 20) == ("printer.closed", True)
        assert 200 <= len(fake.job) < len(JOB) * 20


def test_stall_after_the_job_is_uncertain() -> None:
    with FakePrinter(Manner(stall_after=500)) as fake:
        assert trouble(printer_at(fake)) == ("printer.stalled", True)


def test_paper_that_ends_in_the_middle_is_told_and_uncertain() -> None:
    with FakePrinter(Manner(paper_out_after=500)) as fake:
        assert trouble(printer_at(fake)) == ("printer.paper_out", True)


def test_printer_that_never_reports_the_end_is_not_waited_for_twice() -> None:
    with FakePrinter(Manner(reports_end=False)) as fake:
        printer = printer_at(fake)
        printer.send(JOB)
        questions = fake.questions
        printer.send(JOB)
        assert fake.wait_for_job(2 * len(JOB)) == JOB * 2
        assert fake.questions - questions == 3


def test_full_buffers_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos_app.devices.network._WRITE_S", 0.2)
    with FakePrinter(Manner(stall_after=100)) as fake:
        assert trouble(printer_at(fake, False), JOB * 3000) == ("printer.stalled", True)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert trouble(printer_for(network(f"127.0.0.1:{port}"))) == ("printer.unreachable", False)
    assert trouble(printer_for(network("no such host..:1"))) == ("printer.address_wrong", False)


@pytest.mark.parametrize("answers", [None, True, False])
def test_kick_is_one_pulse_and_needs_no_paper(answers: bool | None) -> None:
    with FakePrinter(Manner(paper=PAPER_OUT, printer=OFFLINE)) as fake:
        printer_at(fake, answers).kick(1)
        pulses = EscPosPrinter()
        pulses.print(fake.wait_for_job(5))
    assert pulses.pulses == [1]
    # A printer that says it is offline gets the command that works then.
    assert fake.job.startswith(b"\x10\x14" if answers else b"\x1bp")


def test_wizard_learns_whether_it_answers() -> None:
    with FakePrinter() as fake:
        assert answers_status(network(fake.address), QUICK)
        fake.manner = Manner(answers=False)
        assert not answers_status(network(fake.address), QUICK)
        fake.manner = Manner(paper=PAPER_OUT)
        with pytest.raises(PrinterError, match="paper_out"):
            answers_status(network(fake.address), QUICK)
        assert fake.job == b""
    assert not answers_status(replace(network(""), kind=PrinterKind.NONE))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.168.1.50", ("192.168.1.50", 9100)),
        (" printer.local:9101 ", ("printer.local", 9101)),
        ("[fe80::1]:9100", ("fe80::1", 9100)),
        ("[::1]", ("::1", 9100)),
        ("::1", ("::1", 9100)),
    ],
)
def test_address(address: str, expected: tuple[str, int]) -> None:
    assert split_address(address) == expected


@pytest.mark.parametrize(
    "address", ["", ":9100", "host:", "host:0", "host:65536", "host:9x", "a b", "http://x", "h:１"]
)
def test_wrong_address(address: str) -> None:
    with pytest.raises(PrinterError, match="address_wrong"):
        split_address(address)
