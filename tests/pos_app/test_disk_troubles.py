"""A disk that refuses while a till starts, logs or enrols: no trace for the cashier, clear words, nothing used up."""

from __future__ import annotations

import errno
import logging
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from domain.errors import DomainError
from pos_app.crash import LogFiles, guarded
from pos_app.db.faults import StorageError, storage_error, storage_faults
from pos_app.paths import TillPaths
from pos_app.wiring import Outside, open_till
from resources.texts import error_text
from tests.builders import WATER
from tests.pos_app.ui.shop import Shop
from tests.selling import sell

ROOT = Path(__file__).resolve().parents[2]
SHM_CANNOT_GROW = 10 | 19 << 8
IN_WORDS = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pos_app import bootstrap
from pos_app.ui.trouble import TroubleWindow

def say():
    windows = [window for window in QApplication.topLevelWidgets() if isinstance(window, TroubleWindow)]
    if windows:
        print("|".join(label.text() for label in windows[0].findChildren(QLabel)), flush=True)
        windows[0].close()

def shown(before=bootstrap.show_trouble):
    def show(look, error):
        QTimer.singleShot(50, say)
        return before(look, error)
    return show

bootstrap.show_trouble = shown()
sys.exit(bootstrap.run(["--data", sys.argv[1]]))
"""


def start(directory: Path) -> subprocess.CompletedProcess[str]:
    """The whole app on a directory that it cannot open; its trouble window is read and closed."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "EVERTILL_KEY_STORE": "file"}
    command = [sys.executable, "-c", IN_WORDS, str(directory)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def assert_told(done: subprocess.CompletedProcess[str], code: str) -> None:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    for language in ("zh", "en"):
        words = error_text(code, language)
        for part in (words.what, words.safe, words.do):
            assert part in done.stdout
    assert code in done.stdout


def test_a_directory_that_cannot_be_used_is_told_in_both_languages(tmp_path: Path) -> None:
    directory = Shop(tmp_path / "till").write()
    (directory / "logs").write_text("in the way")
    (directory / "lock").unlink(missing_ok=True)
    (directory / "lock").mkdir()
    assert_told(start(directory), "till.cannot_open")


def test_a_damaged_identity_is_told_in_both_languages(tmp_path: Path) -> None:
    directory = Shop(tmp_path / "till").write()
    (directory / "identity.json").write_bytes(b"\x00\xff{")
    assert_told(start(directory), "sync.identity_damaged")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "till.disk_full"),
        (errno.EDQUOT, "till.disk_full"),
        (errno.EROFS, "till.read_only"),
        (errno.EIO, "till.disk_failed"),
        (errno.EACCES, "till.cannot_open"),
        (errno.ENOTDIR, "till.cannot_open"),
    ],
)
def test_the_systems_word_is_a_storage_error(number: int, code: str) -> None:
    with pytest.raises(StorageError) as caught, storage_faults():
        raise OSError(number, "no matter")
    assert caught.value.code == code


def test_a_networks_error_is_none_of_the_disks() -> None:
    with pytest.raises(ConnectionResetError), storage_faults():
        raise ConnectionResetError(errno.ECONNRESET, "no matter")


def test_a_start_on_a_full_disk_is_told_as_full() -> None:
    error = sqlite.OperationalError("disk I/O error")
    error.sqlite_errorcode = SHM_CANNOT_GROW
    found = storage_error(error)
    assert found is not None
    assert found.code == "till.disk_full"


def test_whatever_ends_a_start_has_words() -> None:
    told: list[str] = []

    def tell(error: DomainError) -> int:
        told.append(error.code)
        return 7

    def fails(error: Exception) -> int:
        raise error

    assert guarded(lambda: 0, tell) == 0
    for error in (DomainError("till.already_open"), OSError(errno.ENOSPC, "x"), ZeroDivisionError("4111")):
        assert guarded(lambda error=error: fails(error), tell) == 7  # type: ignore[misc]
    assert told == ["till.already_open", "till.disk_full", "till.unexpected"]
    assert error_text("till.unexpected", "en").do


def test_what_ended_a_start_is_in_the_log_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> int:
        raise ValueError("13800138000")

    guarded(fails, lambda _error: 1)
    assert "ValueError" in caplog.text
    assert "fails" in caplog.text
    assert "13800138000" not in caplog.text


def test_logs_keep_still_where_the_disk_refuses_and_go_on_later(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    level = logging.getLogger().level
    in_the_way = tmp_path / "logs"
    in_the_way.write_text("a file where the folder should be")
    logs = LogFiles(in_the_way)
    logs.start()
    try:
        logging.getLogger("till").warning("lost")
        in_the_way.unlink()
        logging.getLogger("till").warning("kept")
    finally:
        logs.close()
        logging.getLogger().setLevel(level)
    assert "Logging error" not in capfd.readouterr().err
    assert "kept" in (tmp_path / "logs" / "till.log").read_text("utf-8")


def test_a_log_on_a_full_disk_hurts_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The real thing: a file that the system lets grow no further."""
    level, limits = logging.getLogger().level, resource.getrlimit(resource.RLIMIT_FSIZE)
    logs = LogFiles(tmp_path / "logs")
    logs.start()
    try:
        logging.getLogger("till").warning("before")
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        for _ in range(20):
            logging.getLogger("till").warning("too much")
        logs.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        logging.getLogger().setLevel(level)
    assert "Logging error" not in capfd.readouterr().err
    assert "before" in (tmp_path / "logs" / "till.log").read_text("utf-8")


def mode_of(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_the_data_directory_is_the_tills_alone_whoever_makes_it_first(tmp_path: Path) -> None:
    level = logging.getLogger().level
    directory = tmp_path / "till"
    logs = LogFiles(TillPaths(directory).logs)
    logs.start()
    logging.getLogger("till").warning("first")
    logs.close()
    logging.getLogger().setLevel(level)
    assert mode_of(directory) == mode_of(directory / "logs") == 0o700


def test_a_directory_that_stood_open_is_closed_but_for_one_with_other_things_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own, shared = tmp_path / "own", tmp_path / "shared"
    for folder in (own, shared):
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        (folder / "identity.json").touch()
    (shared / "holiday.jpg").touch()
    TillPaths(own).create()
    TillPaths(shared).create()
    assert mode_of(own) == 0o700
    assert mode_of(shared) == 0o755
    assert str(shared) in caplog.text
    assert str(own) not in caplog.text
    assert mode_of(shared / "replica") == 0o700


@pytest.mark.usefixtures("replica")
def test_a_till_still_sells_in_a_directory_that_was_closed(directory: Path, outside: Outside) -> None:
    directory.chmod(0o755)
    till = open_till(directory, outside=outside)
    try:
        assert mode_of(directory) == 0o700
        assert sell(till, WATER.code).sale.due_minor
    finally:
        till.close()
