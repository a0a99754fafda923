"""R20 with a real process: killed at any moment, it opens no drawer twice and prints no receipt twice."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pos_app.db.print_jobs import JobKind, JobState
from tests.pos_app.devices.fake_printer import FakePrinter
from tests.pos_app.services.printing_till import PrintingTill

ROOT = Path(__file__).parents[3]
SALES = 40


def killed_run(directory: Path, address: str, after_s: float) -> None:
    """One life of the process, from ready to SIGKILL."""
    command = [sys.executable, "-m", "tests.pos_app.services.printing_process", str(directory), address]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after_s)
        process.kill()


@pytest.mark.parametrize("seed", [1])
def test_kills_at_random_moments(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    with FakePrinter() as printer:
        till = PrintingTill(tmp_path, printer.address)
        for number in range(1, SALES + 1):
            till.sell(number)
        for _ in range(4):
            killed_run(tmp_path, printer.address, moments.uniform(0, 0.12))
        interrupted = sum(job.state is JobState.PRINTING for job in till.jobs())
        till.run()
        jobs = till.jobs()
        till.close()
        paper = printer.job
    # A kill in the middle of a receipt leaves half of one; pulses and numbers are counted in the raw bytes.
    pulses = paper.count(b"\x1bp\x01")
    printed = [paper.count(f"0102-2A-{number:06d}".encode()) for number in range(1, SALES + 1)]
    drawers = [job for job in jobs if job.kind is JobKind.DRAWER]
    sure = sum(job.state is JobState.PRINTED for job in drawers)
    assert sure <= pulses <= SALES
    assert max(printed) == 1
    ended = {JobKind.DRAWER: (JobState.PRINTED, JobState.UNCERTAIN, JobState.FAILED)}  # too late is not opened
    assert all(job.state in ended.get(job.kind, (JobState.PRINTED, JobState.UNCERTAIN)) for job in jobs)
    assert sum(job.state is JobState.UNCERTAIN for job in jobs) >= interrupted
    for number, receipt in enumerate((job for job in jobs if job.kind is JobKind.RECEIPT), start=1):
        assert receipt.state is JobState.UNCERTAIN or printed[number - 1] == 1
