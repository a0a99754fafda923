"""Who this till is: its name and cloud in a readable file, its key and the PIN pepper in the safest place there is.

The safest place is the system's key store (Credential Manager, Keychain, Secret Service); where there is none, as on
a machine without a desktop session, a file that only this user may read.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.errors import DomainError
from domain.ids import StoreId, TerminalId
from sync.atomic_file import write_atomically

IDENTITY_FILE = "identity.json"
SECRETS_FOLDER = "secrets"
KEY_STORE_CHOICE = "EVERTILL_KEY_STORE"
"""Environment variable: ``file`` keeps secrets out of the system's key store."""
_SECRETS_FILE = "till.json"
_SERVICE = "Evertill"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """A till's identity; its secrets never show in a repr, a log or a traceback."""

    terminal: TerminalId
    store: StoreId
    store_name_zh: str
    store_name_en: str
    cloud_url: str
    ca_file: str | None
    inc: int
    """The incarnation given at enrolment; the journal knows the present one."""
    key: Ed25519PrivateKey = field(repr=False, compare=False)
    pepper: bytes = field(repr=False, compare=False)

    def sign(self, data: bytes) -> bytes:
        """Ed25519 over ``data``."""
        return self.key.sign(data)

    def signature(self, data: bytes) -> str:
        """The same as base64, as the wire has it."""
        return base64.b64encode(self.sign(data)).decode()

    @property
    def public_key(self) -> str:
        """The public half, base64."""
        return public_key_text(self.key)


class _Public(msgspec.Struct, frozen=True):
    """``identity.json``: nothing in it is secret."""

    terminal: str
    store: str
    store_name_zh: str
    store_name_en: str
    cloud_url: str
    inc: int
    ca_file: str | None = None
    key_store: str = "file"


def public_key_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key as base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def is_enrolled(directory: Path) -> bool:
    """Whether a data directory belongs to an enrolled till."""
    return (directory / IDENTITY_FILE).is_file()


def load(directory: Path) -> Identity:
    """The identity of a data directory.

    DomainError ``sync.not_enrolled``, ``sync.identity_damaged``, or ``sync.key_missing`` where the files were copied
    without the key.
    """
    try:
        public = msgspec.json.decode((directory / IDENTITY_FILE).read_bytes(), type=_Public)
    except FileNotFoundError:
        raise DomainError("sync.not_enrolled") from None
    except msgspec.DecodeError:
        raise DomainError("sync.identity_damaged") from None
    key, pepper = _secrets(directory, public)
    return Identity(
        terminal=TerminalId(public.terminal),
        store=StoreId(public.store),
        store_name_zh=public.store_name_zh,
        store_name_en=public.store_name_en,
        cloud_url=public.cloud_url,
        ca_file=public.ca_file,
        inc=public.inc,
        key=Ed25519PrivateKey.from_private_bytes(key),
        pepper=pepper,
    )


def save(directory: Path, identity: Identity) -> None:
    """Stores the secrets first and the readable file last: with it the till is enrolled."""
    secrets = json.dumps({"key": _text(identity.key.private_bytes_raw()), "pepper": _text(identity.pepper)})
    store = system_key_store()
    if store is None:
        _write_secret(directory, _SECRETS_FILE, secrets.encode())
    else:
        store.set_password(_SERVICE, _account(directory, identity.terminal), secrets)
    public = _Public(
        terminal=identity.terminal,
        store=identity.store,
        store_name_zh=identity.store_name_zh,
        store_name_en=identity.store_name_en,
        cloud_url=identity.cloud_url,
        ca_file=identity.ca_file,
        inc=identity.inc,
        key_store="file" if store is None else "system",
    )
    write_atomically(directory / IDENTITY_FILE, msgspec.json.format(msgspec.json.encode(public), indent=2))


def pending_key(directory: Path) -> Ed25519PrivateKey:
    """The key for an enrolment under way: kept before it is sent, so that a lost answer can be asked for again."""
    path = directory / SECRETS_FOLDER / "pending.key"
    if not path.is_file():
        _write_secret(directory, path.name, Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def forget_pending_key(directory: Path) -> None:
    """After the enrolment: the key lives in the identity now."""
    (directory / SECRETS_FOLDER / "pending.key").unlink(missing_ok=True)


def system_key_store() -> Any:
    """The system's key store (keyring's backend), or None where there is no real one."""
    if os.environ.get(KEY_STORE_CHOICE) == "file" or find_spec("keyring") is None:
        return None
    backend = import_module("keyring").get_keyring()
    return backend if backend.priority >= 1 else None


def _secrets(directory: Path, public: _Public) -> tuple[bytes, bytes]:
    try:
        text = _stored_secrets(directory, public)
        secrets = json.loads(text) if text else {}
        key, pepper = base64.b64decode(secrets["key"]), base64.b64decode(secrets["pepper"])
    except (ValueError, KeyError, TypeError):
        raise DomainError("sync.key_missing") from None
    if len(key) != _KEY_BYTES:
        raise DomainError("sync.key_missing")
    return key, pepper


def _stored_secrets(directory: Path, public: _Public) -> str | None:
    if public.key_store == "system":
        store = system_key_store()
        return store.get_password(_SERVICE, _account(directory, public.terminal)) if store else None
    path = directory / SECRETS_FOLDER / _SECRETS_FILE
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _account(directory: Path, terminal: str) -> str:
    """Two data directories of one user are two accounts, also for the same till name on two clouds."""
    return f"{terminal} {hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:12]}"


def _write_secret(directory: Path, name: str, data: bytes) -> None:
    folder = directory / SECRETS_FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(folder / name, data, mode=0o600)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
