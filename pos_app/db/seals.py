"""Rows that no journal entry vouches for carry a seal: a changed byte in a cart or a setting must not pass for true."""

import hashlib

import msgspec

_BEGIN = b'{"seal":"'
_DIGITS = 32
_LENGTH = len(_BEGIN) + _DIGITS + 1


def sealed(document: bytes, *others: object) -> bytes:
    """A JSON object with a seal over itself and the row's other columns as its first member."""
    rest = document[1:]
    return _BEGIN + _seal(rest, others) + (b'"' if rest == b"}" else b'",') + rest


def is_whole(document: bytes, *others: object) -> bool:
    """Whether a row is as it was sealed; one without a seal is not."""
    return document.startswith(_BEGIN) and document == sealed(unsealed(document), *others)


def unsealed(document: bytes) -> bytes:
    """The JSON object that was sealed."""
    rest = document[_LENGTH:]
    return b"{" + (rest if rest == b"}" else rest[1:])


def _seal(rest: bytes, others: tuple[object, ...]) -> bytes:
    return hashlib.sha256(msgspec.json.encode(others) + b"\n{" + rest).hexdigest()[:_DIGITS].encode()
