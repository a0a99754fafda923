"""Rows that no journal entry vouches for carry a seal: a changed byte in a cart or a setting must not pass for true."""

import hashlib

import msgspec

_BEGIN, _END = b'{"seal":"', b'",'
_DIGITS = 32
_LENGTH = len(_BEGIN) + _DIGITS + len(_END)


def sealed(document: bytes, *others: object) -> bytes:
    """A JSON object with a seal over itself and the row's other columns as its first member."""
    return _BEGIN + _seal(document, others) + _END + document[1:]


def is_whole(document: bytes, *others: object) -> bool:
    """Whether a row is as it was sealed; one without a seal is of an older app."""
    if not document.startswith(_BEGIN):
        return True
    return document[:_LENGTH] == _BEGIN + _seal(b"{" + document[_LENGTH:], others) + _END


def _seal(document: bytes, others: tuple[object, ...]) -> bytes:
    return hashlib.sha256(msgspec.json.encode(others) + b"\n" + document).hexdigest()[:_DIGITS].encode()
