"""The app as a process of its own: it opens, it ends in order, and a second one does not hurt the first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pos_app.ui.shop import Shop

ROOT = Path(__file__).resolve().parents[3]
STARTS_WITHIN_S = 30


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Shop(tmp_path / "till").write()


@pytest.fixture
def start(directory: Path) -> Iterator[object]:
    running: list[subprocess.Popen[str]] = []

    def begin(*more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pos_app", "--data", str(directory), *more]
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def said(directory: Path) -> str:
    log = directory / "logs" / "till.log"
    return log.read_text("utf-8") if log.exists() else ""


def wait_for(directory: Path, words: str) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while words not in said(directory):
        assert time.monotonic() < end, said(directory)
        time.sleep(0.05)


def test_it_opens_and_ends_in_order(directory: Path, start) -> None:  # type: ignore[no-untyped-def]
    """The interpreter must not die on its way out, as it can with an event filter left in place."""
    process = start("--window", "1024x768", "--language", "en")
    wait_for(directory, "the till is open")
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert "Fatal" not in errors
    assert "Traceback" not in errors
    assert "CRITICAL" not in said(directory)


def test_a_second_app_on_the_same_data_is_refused(directory: Path, start) -> None:  # type: ignore[no-untyped-def]
    first = start()
    wait_for(directory, "the till is open")
    second = start()
    wait_for(directory, "till.already_open")
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=20) == 1
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=20) == 0


def test_the_first_run_ends_when_the_system_asks(tmp_path: Path, start) -> None:  # type: ignore[no-untyped-def]
    process = start("--data", str(tmp_path / "new"))
    wait_for(tmp_path / "new", "the first run is open")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def test_a_second_first_run_on_the_same_folder_is_refused(tmp_path: Path, start) -> None:  # type: ignore[no-untyped-def]
    """Two would enrol one folder as two tills."""
    new = tmp_path / "new"
    first = start("--data", str(new))
    wait_for(new, "the first run is open")
    second = start("--data", str(new))
    wait_for(new, "till.already_open")
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=20) == 1
    assert said(new).count("the first run is open") == 1
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=20) == 0
