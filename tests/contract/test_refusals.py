"""Every refusal on the way to a cloud: its code, its words in both languages, nothing lost, and then it works."""

from __future__ import annotations

import datetime
import gc
import http.server
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from cloud_api.db.engine import writing
from resources.texts import LANGUAGES, error_text, has_error
from sync.transport import CloudError
from tests.contract.counter import Counter, books_agree
from tests.contract.office import Office, Shop, make_settings, open_shop


def refused(counter: Counter, url: str, code: str = "AAAAA-AAAAA", *, ca_file: str = "") -> str:
    """The code of the refusal; it says all three things in both languages, and nothing is kept of the try."""
    with pytest.raises(CloudError) as refusal:
        counter.enrol(url, code, ca_file=ca_file)
    error = refusal.value
    assert has_error(error.code), error.code
    for language in LANGUAGES:
        words = error_text(error.code, language, error.params)
        assert words.what and words.safe and words.do
    assert code not in str(error) and code not in repr(error.params)
    assert not (counter.directory / "identity.json").exists()
    return error.code


@pytest.fixture
def blank(tmp_path: Path) -> Iterator[Counter]:
    """A device that is not enrolled."""
    made = Counter(tmp_path / "blank", {})
    yield made
    made.close()


def test_wrong_used_and_expired_codes(office: Office, shop: Shop, blank: Counter, tmp_path: Path) -> None:
    assert refused(blank, office.url) == "enrol.code_wrong"
    terminal, code = shop.new_till()
    other = Counter(tmp_path / "other", shop.pins)
    other.enrol(office.url, code.lower().replace("-", " "))
    assert refused(blank, office.url, code) == "enrol.code_used"
    expired = shop.hq.call("POST", f"/tills/{terminal}/code", {})["code"]
    with writing(office.cloud.engine) as connection:
        connection.exec_driver_sql("UPDATE enrol_code SET expires_at_ms = 1 WHERE used_at_ms IS NULL")
    assert refused(blank, office.url, expired) == "enrol.code_expired"
    for _ in range(9):
        assert refused(blank, office.url) == "enrol.code_wrong"
    assert refused(blank, office.url) == "enrol.too_many_tries"
    assert other.app.identity.terminal == terminal
    other.close()


def test_the_right_code_works_after_wrong_ones(office: Office, shop: Shop, tmp_path: Path) -> None:
    counter = Counter(tmp_path / "till", shop.pins)
    assert refused(counter, office.url) == "enrol.code_wrong"
    counter.enrol(office.url, shop.new_till()[1])
    counter.connect()
    counter.ready()
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    counter.close()


class Portal(http.server.BaseHTTPRequestHandler):
    """A web page, a log-in portal or a machine with problems of its own."""

    def do_POST(self) -> None:
        status = int(self.path.split("/")[1])
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<html>Welcome to the Wi-Fi</html>"
        self.send_response(status)
        self.send_header("Location", "http://portal.invalid/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def portal() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, "sync.not_evertill"),
        (302, "sync.not_evertill"),
        (404, "sync.not_evertill"),
        (403, "sync.not_evertill"),
        (502, "till.setup_failing"),
    ],
)
def test_another_server(blank: Counter, portal: str, status: int, code: str) -> None:
    assert refused(blank, f"{portal}/{status}") == code


@pytest.mark.parametrize("url", ["", "till.example.com", "ftp://127.0.0.1", "http://", "http://[::1", "https://\x00"])
def test_what_is_no_address(blank: Counter, url: str) -> None:
    assert refused(blank, url) == "sync.url_wrong"


def test_nobody_there(blank: Counter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refused(blank, f"http://127.0.0.1:{port}") == "till.setup_unreachable"
    assert refused(blank, "http://no-such-host.invalid") == "till.setup_unreachable"


def certificate(folder: Path, *, days: tuple[int, int] = (-1, 1), name: str = "127.0.0.1") -> tuple[Path, Path]:
    """A certificate that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Evertill test")])
    now = datetime.datetime.now(datetime.UTC)
    begin, end = (now + datetime.timedelta(days=day) for day in days)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
    built = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), begin, end)
    signed = built.add_extension(names, False).add_extension(x509.BasicConstraints(True, None), True)
    folder.mkdir()
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(signed.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def https_office(folder: Path, tls: tuple[Path, Path]) -> Office:
    office = Office(make_settings(folder / "cloud", f"sqlite:///{folder / 'cloud.db'}"), tls=tls)
    office.start()
    return office


def stop(office: Office) -> None:
    """The failed try keeps its half-open connection until its error is forgotten; the server waits for neither."""
    gc.collect()
    time.sleep(0.05)
    office.stop()


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ({"days": (-9, -2)}, "sync.certificate_expired"),
        ({"days": (2, 9)}, "sync.certificate_not_yet_valid"),
        ({"name": "127.0.0.2"}, "sync.wrong_server"),
    ],
)
def test_a_certificate_that_does_not_hold(tmp_path: Path, blank: Counter, made: dict[str, object], code: str) -> None:
    tls = certificate(tmp_path / "tls", **made)  # type: ignore[arg-type]
    office = https_office(tmp_path, tls)
    try:
        assert refused(blank, office.url, ca_file=str(tls[0])) == code
    finally:
        stop(office)


def speak_plainly(listener: socket.socket) -> None:
    """One answer without TLS."""
    with listener.accept()[0] as near:
        near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


def test_a_certificate_that_nobody_vouches_for_and_then_one_that_is_pinned(tmp_path: Path) -> None:
    tls = certificate(tmp_path / "tls")
    office = https_office(tmp_path, tls)
    counter = Counter(tmp_path / "till", {})
    try:
        assert refused(counter, office.url) == "sync.certificate_untrusted"
        assert refused(counter, office.url, ca_file=str(tmp_path / "none.pem")) == "sync.ca_file_missing"
        with socket.create_server(("127.0.0.1", 0)) as plain:
            speaker = threading.Thread(target=speak_plainly, args=(plain,))
            speaker.start()
            assert refused(counter, f"https://127.0.0.1:{plain.getsockname()[1]}") == "sync.tls_failed"
            speaker.join()
    finally:
        counter.close()
        stop(office)


def test_a_till_over_tls_with_a_pinned_certificate(tmp_path: Path) -> None:
    tls = certificate(tmp_path / "tls")
    office = Office(make_settings(tmp_path / "cloud", f"sqlite:///{tmp_path / 'cloud.db'}"))
    office.start()
    shop = open_shop(office)
    code = shop.new_till()[1]
    office.stop()
    office.tls = tls
    office.start()
    counter = Counter(tmp_path / "till", shop.pins)
    try:
        counter.enrol(office.url, code, ca_file=str(tls[0]))
        counter.connect()
        counter.ready()
        counter.sell()
        counter.sent()
        assert books_agree(office, counter)
    finally:
        counter.close()
        stop(office)
