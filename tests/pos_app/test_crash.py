"""What nobody expected: noted without secrets, told, survived."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_app.crash import CrashHook, LogFiles

SECRET = "13800138000"


@pytest.fixture
def told() -> Iterator[list[BaseException]]:
    errors: list[BaseException] = []
    hook = CrashHook(errors.append)
    hook.install()
    yield errors
    hook.remove()


def break_down(text: str) -> None:
    raise ValueError(f"cannot read {text}")


def test_a_crash_is_told_and_its_message_stays_out_of_the_log(
    told: list[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    try:
        break_down(SECRET)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert len(told) == 1
    assert "ValueError" in caplog.text
    assert "break_down" in caplog.text
    assert SECRET not in caplog.text


def test_a_crash_of_a_thread_is_told(told: list[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    thread = threading.Thread(target=break_down, args=("x",))
    thread.start()
    thread.join()
    assert [type(error) for error in told] == [ValueError]
    assert "ValueError" in caplog.text


def test_telling_may_fail_too(caplog: pytest.LogCaptureFixture) -> None:
    def fails(error: BaseException) -> None:
        raise RuntimeError from error

    hook = CrashHook(fails)
    hook.report(ValueError("x"))
    assert "telling of a crash failed" in caplog.text


def test_hooks_are_given_back() -> None:
    before = sys.excepthook, threading.excepthook
    hook = CrashHook(lambda error: None)
    hook.install()
    hook.remove()
    assert (sys.excepthook, threading.excepthook) == before


def test_logs_go_to_the_folder(tmp_path: Path) -> None:
    had_stacks, level = faulthandler.is_enabled(), logging.getLogger().level
    logs = LogFiles(tmp_path / "logs")
    logs.start()
    try:
        logging.getLogger("till").info("opened")
        assert "opened" in (tmp_path / "logs" / "till.log").read_text("utf-8")
        assert faulthandler.is_enabled()
    finally:
        logs.close()
        logging.getLogger().setLevel(level)
        if had_stacks:
            faulthandler.enable()
