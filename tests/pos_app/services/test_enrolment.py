"""What a first run meets at a wrong address: said for somebody who has no till yet, and nothing is kept of it."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import DomainError
from pos_app.services.enrolment import Enrolment
from resources.texts import error_text

CODE = "AAAAA-BBBBB"


class SomebodyElse(http.server.BaseHTTPRequestHandler):
    """A web server that knows no POST, as most know none."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base says so
        """Keep still."""


@pytest.fixture
def somebody_else() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SomebodyElse)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def refusal(directory: Path, address: str) -> str:
    with pytest.raises(DomainError) as caught:
        Enrolment(directory).enrol(address, CODE)
    assert not Enrolment(directory).is_enrolled
    for language in ("zh", "en"):
        words = error_text(caught.value.code, language)
        assert all((words.what, words.safe, words.do))
        assert "照常收银" not in words.safe and "Sales go on" not in words.safe, "there is no till yet"
    return caught.value.code


def test_a_server_that_is_something_else_is_not_said_to_be_retried(tmp_path: Path, somebody_else: str) -> None:
    assert refusal(tmp_path / "till", somebody_else) == "till.setup_failing"


def test_a_port_where_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert refusal(tmp_path / "till", f"http://127.0.0.1:{port}") == "till.setup_unreachable"


@pytest.mark.parametrize(
    "code",
    [
        "certificate_expired",
        "certificate_not_yet_valid",
        "certificate_untrusted",
        "tls_failed",
        "wrong_server",
        "ca_file_missing",
        "ca_file_unreadable",
    ],
)
def test_no_word_about_certificates_speaks_of_a_till_that_is_not_there(code: str) -> None:
    """The same words are shown at the first run and on a till that sells on."""
    assert "照常收银" not in error_text(f"sync.{code}", "zh").safe
    assert "Sales go on" not in error_text(f"sync.{code}", "en").safe


def test_a_disk_in_the_way_is_told_before_the_code_is_used(tmp_path: Path, somebody_else: str) -> None:
    (tmp_path / "till").write_text("a file where the folder should be")
    assert refusal(tmp_path / "till", somebody_else) == "till.cannot_open"
