"""The transport against a real server: what comes back whole, and each way it may fail by its own code."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard

from sync import transport
from sync.transport import Call, CloudError, Retryable, Revoked, Terminal, Transport
from tests.sync.server import Answerer, Reply, Request, as_json, certificate, problem, serving


@contextmanager
def talking(answer: Answerer, *, tls: ssl.SSLContext | None = None, ca_file: str | None = None) -> Iterator[Transport]:
    with serving(answer, tls=tls) as address:
        made = Transport(address, ca_file=ca_file)
        try:
            yield made
        finally:
            made.close()


def failure(answer: Answerer, call: Call | None = None) -> CloudError:
    with talking(answer) as made, pytest.raises(CloudError) as caught:
        made.call(call or Call("GET", "/v1/hello"))
    return caught.value


def test_a_body_goes_there_and_an_answer_comes_back() -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        return as_json({"ok": 1})

    with talking(answer) as made:
        small = made.call(Call("POST", "/v1/up", body=b"{}", token="secret"))
        made.call(Call("POST", "/v1/up", body=b"[" + b"1," * 2000 + b"1]"))
    assert (small.status, small.body) == (200, b'{"ok": 1}')
    assert seen[0].headers["Authorization"] == "Bearer secret" and "Content-Encoding" not in seen[0].headers
    assert seen[1].headers["Content-Encoding"] == "zstd" and "Authorization" not in seen[1].headers
    assert seen[1].body == b"[" + b"1," * 2000 + b"1]"


@pytest.mark.parametrize(("encoding", "pack"), [("zstd", zstandard.compress), ("gzip", gzip.compress)])
def test_packed_answers_are_unpacked(encoding: str, pack: object) -> None:
    assert callable(pack)
    with talking(lambda _: Reply(200, pack(b"x" * 5000), {"Content-Encoding": encoding})) as made:
        assert made.call(Call("GET", "/")).body == b"x" * 5000


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_a_damaged_answer_is_asked_for_again(encoding: str) -> None:
    error = failure(lambda _: Reply(200, b"nothing packed", {"Content-Encoding": encoding}))
    assert isinstance(error, Retryable) and error.code == "sync.answer_damaged"


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_answer_beyond_reason_is_not_read(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_BYTES_MAX", 1000)
    body = gzip.compress(b"x" * 5000) if encoding else b"x" * 5000
    error = failure(lambda _: Reply(200, body, {"Content-Encoding": encoding} if encoding else {}))
    assert isinstance(error, Terminal) and error.code == "sync.not_evertill"


def test_a_server_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TOTAL_S", 0.1)

    def dripping() -> Iterator[bytes]:
        for _ in range(20):
            time.sleep(0.03)
            yield b"x"

    assert failure(lambda _: Reply(chunks=dripping())).code == "sync.timeout"


def test_a_silent_server_is_a_timeout() -> None:
    release = threading.Event()

    def answer(_: Request) -> Reply:
        release.wait(5)
        return Reply()

    error = failure(answer, Call("GET", "/", read_s=0.1))
    release.set()
    assert isinstance(error, Retryable) and error.code == "sync.timeout"


def test_a_cut_answer_is_no_answer() -> None:
    error = failure(lambda _: Reply(200, b"x" * 1000, cut_after=500))
    assert isinstance(error, Retryable) and error.code == "sync.unreachable"


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(Retryable) as caught:
        Transport(address).call(Call("GET", "/v1/hello"))
    assert caught.value.code == "sync.unreachable"


@pytest.mark.parametrize("address", ["", "till.example.com", "ftp://till.example.com", "https://", "http://[bad"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(Terminal) as caught:
        Transport(address)
    assert caught.value.code == "sync.url_wrong"


def test_an_address_that_no_name_can_have_is_refused() -> None:
    with pytest.raises(CloudError) as caught:
        Transport("http://a..b").call(Call("GET", "/"))
    assert caught.value.code == "sync.url_wrong"


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (problem(503, "cloud.busy"), Retryable, "cloud.busy"),
        (problem(429, "enrol.too_many_tries"), Retryable, "enrol.too_many_tries"),
        (problem(403, "terminal.revoked"), Revoked, "terminal.revoked"),
        (problem(404, "enrol.code_wrong"), Terminal, "enrol.code_wrong"),
        (problem(400, "request.malformed"), Terminal, "request.malformed"),
        (problem(409, "weather.bad"), Terminal, "sync.refused"),
        (problem(500, "weather.bad"), Retryable, "sync.cloud_failing"),
        (Reply(502, b"<html>Bad gateway"), Retryable, "sync.cloud_failing"),
        (Reply(404, b"<html>Not here"), Terminal, "sync.not_evertill"),
        (Reply(302, b"", {"Location": "http://login.example"}), Terminal, "sync.not_evertill"),
    ],
)
def test_errors_are_sorted_by_what_helps(reply: Reply, kind: type[CloudError], code: str) -> None:
    error = failure(lambda _: reply)
    assert type(error) is kind and error.code == code


@pytest.mark.parametrize(
    ("reply", "wait_ms"),
    [
        (Reply(503, b"", {"Retry-After": "7"}), 7000),
        (Reply(503, b"", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 0),
        (problem(503, "cloud.busy", retry_after_ms=1500), 1500),
        (problem(429, "cloud.busy"), 0),
    ],
)
def test_the_clouds_word_on_when_to_come_back_is_kept(reply: Reply, wait_ms: int) -> None:
    error = failure(lambda _: reply)
    assert isinstance(error, Retryable) and error.retry_after_ms == wait_ms


def test_a_refusal_brings_its_status_and_the_clouds_time() -> None:
    error = failure(lambda _: problem(401, "token.clock", server_time=123))
    assert isinstance(error, Terminal) and (error.status, error.server_time_ms) == (401, 123)


def test_an_error_status_may_be_an_answer() -> None:
    with talking(lambda _: as_json({"fork": True}, status=409)) as made:
        assert made.call(Call("POST", "/v1/up", body=b"{}", accept=(409,))).status == 409


def test_the_token_stays_with_its_own_cloud() -> None:
    seen: list[Request] = []

    def elsewhere(request: Request) -> Reply:
        seen.append(request)
        return as_json({})

    with serving(elsewhere) as other, talking(lambda _: as_json({})) as made:
        made.call(Call("GET", f"{other}/snapshot.zst", token="secret"))
    assert "Authorization" not in seen[0].headers and seen[0].path == "/snapshot.zst"


def test_a_cloud_below_a_path_is_asked_there() -> None:
    seen: list[str] = []

    def answer(request: Request) -> Reply:
        seen.append(request.path)
        return as_json({})

    with serving(answer) as address:
        Transport(f"{address}/evertill/").call(Call("GET", "/v1/hello"))
    assert seen == ["/evertill/v1/hello"]


def test_chunks_come_one_by_one_and_another_thread_can_end_them() -> None:
    release = threading.Event()
    got: list[bytes] = []

    def dripping() -> Iterator[bytes]:
        yield b"one"
        release.wait(5)

    with talking(lambda _: Reply(chunks=dripping())) as made, made.open(Call("GET", "/v1/live")) as response:
        threading.Timer(0.1, response.shut_down).start()
        with pytest.raises(Retryable):
            got.extend(response.chunks())
    release.set()
    assert got == [b"one"]


def reached(tmp_path: Path, *, trust: bool = True, **how: int | str) -> str:
    """The code that a TLS connection ends with, empty where it works."""
    context, ca_file = certificate(tmp_path, **how)  # type: ignore[arg-type]
    with talking(lambda _: as_json({}), tls=context, ca_file=ca_file if trust else None) as made:
        try:
            made.call(Call("GET", "/v1/hello"))
        except Retryable as error:
            return error.code
    return ""


def test_a_pinned_authority_is_trusted_and_nobody_else(tmp_path: Path) -> None:
    assert reached(tmp_path) == ""
    assert reached(tmp_path, trust=False) == "sync.certificate_untrusted"


def test_wrong_expired_and_future_certificates_have_their_own_words(tmp_path: Path) -> None:
    assert reached(tmp_path, host="127.0.0.9") == "sync.wrong_server"
    assert reached(tmp_path, days_from=-3, days_until=-1) == "sync.certificate_expired"
    assert reached(tmp_path, days_from=1, days_until=3) == "sync.certificate_not_yet_valid"


def test_a_server_without_encryption_is_told_apart() -> None:
    with serving(lambda _: as_json({})) as address, pytest.raises(Retryable) as caught:
        Transport(address.replace("http:", "https:")).call(Call("GET", "/"))
    assert caught.value.code == "sync.tls_failed"


def test_a_missing_certificate_file_is_told(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    with (
        talking(lambda _: as_json({}), tls=context, ca_file=str(tmp_path / "no.pem")) as made,
        pytest.raises(Terminal) as caught,
    ):
        made.call(Call("GET", "/"))
    assert caught.value.code == "sync.ca_file_missing"


@pytest.mark.parametrize("content", [b"", b"\x00\xffnot a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_certificate_file_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    context, _ = certificate(tmp_path)
    (tmp_path / "own.pem").write_bytes(content)
    with (
        talking(lambda _: as_json({}), tls=context, ca_file=str(tmp_path / "own.pem")) as made,
        pytest.raises(Terminal) as caught,
    ):
        made.call(Call("GET", "/"))
    assert caught.value.code == "sync.ca_file_unreadable"
