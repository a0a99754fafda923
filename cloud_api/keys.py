"""The master key, kept in a file outside the database, and the keys that are derived from it."""

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12


class MasterKeyUnreadable(RuntimeError):
    """The key file is missing or is no key; the message names the file, never its content."""


class Keys:
    """Keys for one purpose each, derived from the master key by HKDF-SHA256."""

    def __init__(self, master: bytes) -> None:
        assert len(master) == KEY_BYTES
        self._master = master

    def store_pepper(self, store_id: str) -> bytes:
        """The key of a store's PIN hashes; its tills get it once, at enrolment."""
        return self._derive(f"store-pepper/{store_id}")

    def till_token_key(self) -> bytes:
        """The key that signs the access tokens of tills."""
        return self._derive("till-token")

    def seal(self, data: bytes, context: bytes) -> bytes:
        """Encrypt what the database must not show; ``context`` binds it to its place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + ChaCha20Poly1305(self._derive("sealed-answers")).encrypt(nonce, data, context)

    def unseal(self, sealed: bytes, context: bytes) -> bytes | None:
        """What ``seal`` took, or None where another key or context made it."""
        cipher = ChaCha20Poly1305(self._derive("sealed-answers"))
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
        except InvalidTag:
            return None

    def _derive(self, purpose: str) -> bytes:
        info = f"evertill/1 {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._master)


def create_master_key(path: Path) -> None:
    """Write a new key file for this account only; one that exists is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def load_keys(path: Path) -> Keys:
    """The keys of a key file; MasterKeyUnreadable says which file is wrong."""
    try:
        master = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise MasterKeyUnreadable(f"{path}: {type(error).__name__}") from error
    if len(master) != KEY_BYTES:
        raise MasterKeyUnreadable(f"{path}: {len(master)} bytes, {KEY_BYTES} expected")
    return Keys(master)
