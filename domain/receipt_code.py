"""The code on a receipt (R1…): a signed reference to the sale, without personal data, short enough for a small QR."""

import base64
import binascii
import re
import struct
from dataclasses import dataclass

from domain.errors import DomainError
from domain.ids import TerminalId

PREFIX = "R1"
SIGNATURE_BYTES = 64
TERMINAL_CHARS_MAX = 19
"""With it the whole code has 154 characters, what a QR of version 6 holds at error correction M."""

_VERSION = 1
_DOMAIN = b"evertill/1 receipt\n"
_HEAD = struct.Struct(">BHI4sB")
_CHECK = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")


@dataclass(frozen=True, slots=True)
class ReceiptReference:
    """Which journal entry a receipt stands for; ``check_code`` (``7F3A-91C2``) ties it to the entry's content."""

    terminal_id: TerminalId
    incarnation: int
    seq: int
    check_code: str

    def __post_init__(self) -> None:
        assert self.terminal_id.isascii()
        assert 0 < len(self.terminal_id) <= TERMINAL_CHARS_MAX
        assert 0 < self.incarnation < 1 << 16
        assert 0 < self.seq < 1 << 32
        assert _CHECK.fullmatch(self.check_code)


def signed_bytes(reference: ReceiptReference) -> bytes:
    """What the till signs with its Ed25519 key."""
    return _DOMAIN + _packed(reference)


def receipt_code(reference: ReceiptReference, signature: bytes) -> str:
    """``R1`` and the Base32 of reference and signature: upper case letters and digits only, ≤ 154 characters."""
    assert len(signature) == SIGNATURE_BYTES
    return PREFIX + base64.b32encode(_packed(reference) + signature).decode().rstrip("=")


def read_receipt_code(code: str) -> tuple[ReceiptReference, bytes]:
    """Reference and signature of a scanned code; ``receipt.code_unreadable``. The signature is not checked here."""
    text = code.removeprefix(PREFIX)
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
        version, incarnation, seq, check, length = _HEAD.unpack_from(data)
        terminal = data[_HEAD.size : -SIGNATURE_BYTES].decode("ascii")
    except (binascii.Error, struct.error, UnicodeDecodeError, ValueError):
        raise DomainError("receipt.code_unreadable") from None
    sound = incarnation and seq and 0 < length <= TERMINAL_CHARS_MAX and len(terminal) == length
    reread = sound and code == PREFIX + base64.b32encode(data).decode().rstrip("=")
    if version != _VERSION or not reread:
        raise DomainError("receipt.code_unreadable")
    digits = check.hex().upper()
    reference = ReceiptReference(TerminalId(terminal), incarnation, seq, f"{digits[:4]}-{digits[4:]}")
    return reference, data[-SIGNATURE_BYTES:]


def _packed(reference: ReceiptReference) -> bytes:
    terminal = reference.terminal_id.encode("ascii")
    check = bytes.fromhex(reference.check_code.replace("-", ""))
    return _HEAD.pack(_VERSION, reference.incarnation, reference.seq, check, len(terminal)) + terminal
