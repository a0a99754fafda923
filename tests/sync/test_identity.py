"""A till's identity: kept where others cannot read it, complete or not at all, and silent about its secrets."""

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import DomainError
from domain.ids import StoreId, TerminalId
from sync import identity as identities
from sync.enrolment import Device, enrol, tidy_code
from sync.identity import Identity
from sync.transport import CloudError
from tests.sync.server import Reply, Request, as_json, problem, serving

PEPPER = b"p" * 32
DEVICE = Device("收银一号", "0.1.0")


def till(**changes: Any) -> Identity:
    facts: dict[str, Any] = {
        "terminal": TerminalId("0102-2"),
        "store": StoreId("0102"),
        "store_name_zh": "人民路店",
        "store_name_en": "Renmin Road",
        "cloud_url": "https://till.example.com",
        "ca_file": None,
        "inc": 1,
        "key": Ed25519PrivateKey.generate(),
        "pepper": PEPPER,
    }
    return Identity(**(facts | changes))


def test_what_was_saved_is_loaded_and_signs_the_same(tmp_path: Path) -> None:
    saved = till(ca_file="/etc/shop.pem")
    assert not identities.is_enrolled(tmp_path)
    identities.save(tmp_path, saved)
    loaded = identities.load(tmp_path)
    assert identities.is_enrolled(tmp_path) and loaded == saved
    assert (loaded.pepper, loaded.public_key) == (PEPPER, saved.public_key)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(loaded.public_key))
    key.verify(base64.b64decode(loaded.signature(b"word")), b"word")


def test_secrets_are_in_a_private_file_and_nowhere_else(tmp_path: Path) -> None:
    saved = till()
    identities.save(tmp_path, saved)
    secret = tmp_path / "secrets" / "till.json"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600 and stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
    hidden = [base64.b64encode(PEPPER).decode(), base64.b64encode(saved.key.private_bytes_raw()).decode()]
    readable = (tmp_path / "identity.json").read_text(encoding="utf-8") + repr(identities.load(tmp_path))
    assert all(word in secret.read_text() and word not in readable for word in hidden)


def failure(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value.code


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("identity.json", None, "sync.not_enrolled"),
        ("identity.json", b"{", "sync.identity_damaged"),
        ("identity.json", b"{}", "sync.identity_damaged"),
        ("secrets/till.json", None, "sync.key_missing"),
        ("secrets/till.json", b"", "sync.key_missing"),
        ("secrets/till.json", b"[]", "sync.key_missing"),
        ("secrets/till.json", b"\xff\xfe\x00", "sync.key_missing"),
        ("secrets/till.json", b'{"key":"AAAA","pepper":"AAAA"}', "sync.key_missing"),
        ("secrets/till.json", b'{"key":7,"pepper":7}', "sync.key_missing"),
    ],
)
def test_what_is_missing_or_damaged_is_told(tmp_path: Path, file: str, content: bytes | None, code: str) -> None:
    identities.save(tmp_path, till())
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    assert failure(lambda: identities.load(tmp_path)) == code


class SystemStore(keyring.backend.KeyringBackend):
    """A system key store in memory: the hardware-near port that tests cannot have."""

    priority = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))


@pytest.fixture
def system_store(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv(identities.KEY_STORE_CHOICE, raising=False)
    before, store = keyring.get_keyring(), SystemStore()
    keyring.set_keyring(store)
    yield store
    keyring.set_keyring(before)


def test_a_real_key_store_is_preferred_and_leaves_no_file(tmp_path: Path, system_store: SystemStore) -> None:
    saved = till()
    identities.save(tmp_path, saved)
    assert not (tmp_path / "secrets").exists() and len(system_store.kept) == 1
    assert identities.load(tmp_path).public_key == saved.public_key
    other = tmp_path / "copy"
    other.mkdir()
    (other / "identity.json").write_bytes((tmp_path / "identity.json").read_bytes())
    assert failure(lambda: identities.load(other)) == "sync.key_missing"


def test_the_key_store_can_be_declined(
    tmp_path: Path, system_store: SystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(identities.KEY_STORE_CHOICE, "file")
    identities.save(tmp_path, till())
    assert (tmp_path / "secrets" / "till.json").is_file() and system_store.kept == {}


def test_a_key_in_a_store_that_is_gone_is_missing(tmp_path: Path) -> None:
    identities.save(tmp_path, till())
    path = tmp_path / "identity.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"key_store": "system"}))
    assert failure(lambda: identities.load(tmp_path)) == "sync.key_missing"


# --- Enrolment ----------------------------------------------------------------------------------------

ENROLLED = {
    "terminal": "0102-2",
    "inc": 1,
    "store": "0102",
    "store_name_zh": "人民路店",
    "store_name_en": "Renmin Road",
    "sub_ver": 1,
    "pin_pepper": base64.b64encode(PEPPER).decode(),
    "server_time": 1,
}


def test_a_code_makes_an_identity_with_a_key_of_this_device(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []

    def answer(request: Request) -> Reply:
        seen.append(json.loads(request.body) | {"path": request.path})
        return as_json(ENROLLED)

    with serving(answer) as address:
        made = enrol(address + "/", " 7f3a9-1c2km ", directory=tmp_path, device=DEVICE)
    assert identities.load(tmp_path) == made and made.cloud_url == address
    assert (made.terminal, made.store, made.pepper) == ("0102-2", "0102", PEPPER)
    assert seen == [
        {"path": "/v1/enrol", "code": "7F3A91C2KM", "pubkey": made.public_key, "device": "收银一号", "app_ver": "0.1.0"}
    ]
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["till.json"]


def test_after_a_lost_answer_the_same_key_asks_again(tmp_path: Path) -> None:
    keys: list[str] = []

    def answer(request: Request) -> Reply:
        keys.append(json.loads(request.body)["pubkey"])
        return Reply(200, b"{" * 100, cut_after=10) if len(keys) == 1 else as_json(ENROLLED)

    with serving(answer) as address:
        assert failure(lambda: enrol(address, "7F3A91C2KM", directory=tmp_path, device=DEVICE)) == "sync.unreachable"
        assert not identities.is_enrolled(tmp_path)
        enrol(address, "7F3A91C2KM", directory=tmp_path, device=DEVICE)
    assert keys[0] == keys[1] == identities.load(tmp_path).public_key


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (problem(404, "enrol.code_wrong"), "enrol.code_wrong"),
        (problem(409, "enrol.code_used"), "enrol.code_used"),
        (problem(429, "enrol.too_many_tries"), "enrol.too_many_tries"),
        (as_json({"hello": "I am a router"}), "sync.not_evertill"),
        (Reply(200, b"<html>Sign in to the Wi-Fi"), "sync.not_evertill"),
        (Reply(404, b"<html>"), "sync.not_evertill"),
    ],
)
def test_a_refused_code_leaves_no_identity(tmp_path: Path, reply: Reply, code: str) -> None:
    with serving(lambda _: reply) as address, pytest.raises(CloudError) as caught:
        enrol(address, "7F3A91C2KM", directory=tmp_path, device=DEVICE)
    assert caught.value.code == code and not identities.is_enrolled(tmp_path)


def test_an_enrolled_device_keeps_its_identity(tmp_path: Path) -> None:
    identities.save(tmp_path, till())
    assert (
        failure(lambda: enrol("http://127.0.0.1:9", "X", directory=tmp_path, device=DEVICE)) == "sync.already_enrolled"
    )


def test_a_code_is_the_same_however_it_was_typed() -> None:
    assert tidy_code(" 7f3a9-1c2km\n") == "7F3A91C2KM"
