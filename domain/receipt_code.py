"""The code on a receipt (R1…): a signed reference to the sale, without personal data, short enough for a small QR.

It names the receipt by its number, which never changes, and not by the place in a journal, which a fork moves.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from domain.errors import DomainError

PREFIX = "R1"
SIGNATURE_BYTES = 64
RECEIPT_NO_CHARS_MAX = 26
"""With it the whole code has 154 characters, what a QR of version 6 holds at error correction M."""

_VERSION = 1
_DOMAIN = b"evertill/1 receipt\n"
_HEAD_BYTES = 5
_RECEIPT_NO = re.compile(rf"[0-9A-Za-z-]{{1,{RECEIPT_NO_CHARS_MAX}}}")
_CHECK = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")


@dataclass(frozen=True, slots=True)
class ReceiptReference:
    """Which receipt; ``check_code`` (``7F3A-91C2``) ties it to the content of the sale's journal entry."""

    receipt_no: str
    check_code: str

    def __post_init__(self) -> None:
        assert fits(self.receipt_no)
        assert _CHECK.fullmatch(self.check_code)


def fits(receipt_no: str) -> bool:
    """Whether a receipt of that number can carry a code; numbers of very long store ids cannot."""
    return _RECEIPT_NO.fullmatch(receipt_no) is not None


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
        receipt_no = data[_HEAD_BYTES:-SIGNATURE_BYTES].decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise DomainError("receipt.code_unreadable") from None
    written = PREFIX + base64.b32encode(data).decode().rstrip("=")
    if data[:1] != bytes([_VERSION]) or not fits(receipt_no) or code != written:
        raise DomainError("receipt.code_unreadable")
    digits = data[1:_HEAD_BYTES].hex().upper()
    return ReceiptReference(receipt_no, f"{digits[:4]}-{digits[4:]}"), data[-SIGNATURE_BYTES:]


def _packed(reference: ReceiptReference) -> bytes:
    check = bytes.fromhex(reference.check_code.replace("-", ""))
    return bytes([_VERSION]) + check + reference.receipt_no.encode("ascii")
