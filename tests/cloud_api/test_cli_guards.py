"""What the command line looks at before it begins: who may enter the data folder, and whether TLS can be served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cloud_api.cli import main

PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An initialised cloud whose server would end at once."""
    monkeypatch.setenv("EVERTILL_CLOUD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("uvicorn.Server.run", lambda _server, sockets: None)
    assert main(["init"]) == 0
    return tmp_path / "data"


def write_pair(folder: Path, name: str, *, days: int = 30, passphrase: bytes = b"") -> tuple[str, str]:
    """A certificate that ends in so many days, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cloud.test")])
    end = datetime.now(UTC) + timedelta(days=days)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(end - timedelta(days=400)).not_valid_after(end).sign(key, hashes.SHA256())
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    cert_path, key_path = folder / f"{name}.pem", folder / f"{name}.key"
    cert_path.write_bytes(made.public_bytes(PEM))
    key_path.write_bytes(key.private_bytes(PEM, PKCS8, locked))
    return str(cert_path), str(key_path)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_an_open_data_folder_is_closed_and_that_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mode(data) == 0o700
    assert "now this one alone can" not in capsys.readouterr().out
    (data / "feeds").mkdir(exist_ok=True)
    for words in (["serve", "--port", "0"], ["init"]):
        data.chmod(0o755)
        assert main(words) == 0
        assert mode(data) == 0o700
        told = capsys.readouterr().out
        assert f"数据目录 {data} 原来别的账户也能进" in told
        assert f"Other accounts could enter the data folder {data}" in told
    assert main(["init"]) == 0
    assert "Other accounts" not in capsys.readouterr().out


def test_an_open_folder_of_others_is_left_and_that_is_told(
    data: Path, tmp_path: Path, *, capsys: pytest.CaptureFixture[str]
) -> None:
    assert data.exists()
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    (shared / "letters.txt").write_text("of somebody else")
    assert main(["init", "--data", str(shared)]) == 0
    assert mode(shared) == 0o755
    told = capsys.readouterr().out
    assert f"别的账户能进数据目录 {shared}" in told
    assert f"other accounts can enter the data folder {shared}" in told
    assert {mode(shared / name) for name in ("master.key", "cloud.db")} == {0o600}


def test_a_backup_is_for_this_account_alone(data: Path, tmp_path: Path, *, capsys: pytest.CaptureFixture[str]) -> None:
    assert data.exists()
    assert main(["backup", str(tmp_path / "copy.db")]) == 0
    assert mode(tmp_path / "copy.db") == 0o600
    capsys.readouterr()
    assert main(["backup", str(tmp_path / "nowhere" / "copy.db")]) == 1
    said = capsys.readouterr().err
    assert "备份不能写到" in said
    assert "The backup cannot be written to" in said


def test_tls_that_cannot_be_served_is_told_before_anything_listens(
    data: Path, tmp_path: Path, *, capsys: pytest.CaptureFixture[str]
) -> None:
    assert data.exists()
    cert, key = write_pair(tmp_path, "good")
    other_cert, other_key = write_pair(tmp_path, "other")
    locked_cert, locked_key = write_pair(tmp_path, "locked", passphrase=b"canary-passphrase")
    rubbish, cut, none = tmp_path / "rubbish.pem", tmp_path / "cut.pem", str(tmp_path / "none.pem")
    rubbish.write_bytes(b"\xff\x00 no certificate")
    cut.write_text(Path(cert).read_text()[:200])
    for words, zh, en in (
        (["--tls-key", key], "没有给证书", "no certificate"),
        (["--tls-cert", none, "--tls-key", key], "读不到", "cannot be read"),
        (["--tls-cert", cert, "--tls-key", none], "读不到", "cannot be read"),
        (["--tls-cert", str(tmp_path)], "读不到", "cannot be read"),
        (["--tls-cert", str(rubbish), "--tls-key", key], "不能用", "is of no use"),
        (["--tls-cert", str(cut), "--tls-key", key], "不能用", "is of no use"),
        (["--tls-cert", cert, "--tls-key", str(rubbish)], "不能用", "is of no use"),
        (["--tls-cert", cert, "--tls-key", other_key], "不能用", "is of no use"),
        (["--tls-cert", other_cert], "不能用", "is of no use"),
        (["--tls-cert", locked_cert, "--tls-key", locked_key], "不能用", "is of no use"),
    ):
        capsys.readouterr()
        assert main(["serve", "--port", "0", *words]) == 1, words
        said = capsys.readouterr()
        assert zh in said.err, words
        assert en in said.err, words
        assert "Traceback" not in said.err
        assert "serving at" not in said.out, words


def test_good_tls_is_served_and_an_ended_certificate_is_told(
    data: Path, tmp_path: Path, *, capsys: pytest.CaptureFixture[str]
) -> None:
    assert data.exists()
    cert, key = write_pair(tmp_path, "good")
    both = tmp_path / "both.pem"
    both.write_bytes(Path(cert).read_bytes() + Path(key).read_bytes())
    for words in (["--tls-cert", cert, "--tls-key", key], ["--tls-cert", str(both)]):
        assert main(["serve", "--port", "0", *words]) == 0
        told = capsys.readouterr().out
        assert "serving at https://" in told
        assert "ended on" not in told
    cert, key = write_pair(tmp_path, "old", days=-1)
    assert main(["serve", "--port", "0", "--tls-cert", cert, "--tls-key", key]) == 0
    told = capsys.readouterr().out
    assert "过期" in told
    assert "ended on" in told
