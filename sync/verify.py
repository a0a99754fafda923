"""``evertill-verify EXPORT KEY``: checks an exported journal on its own, with nothing but the till's public key.

It shares no code with the journal it checks: the rules are written here a second time, on purpose. Exit code 0:
sound; 1: something was changed, left out, put in or moved; 2: the file or the key cannot be read.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from resources.texts import text

SOUND, CHANGED, UNREADABLE = 0, 1, 2
_START = "0" * 64
_HEADER_FIELDS = ("event_id", "kind", "version", "at_ms", "est_ms", "off_ms", "boot", "mono_ms")
_TYPES: dict[str, type] = {
    "inc": int,
    "seq": int,
    "event_id": str,
    "kind": str,
    "version": int,
    "at_ms": int,
    "est_ms": int,
    "off_ms": int,
    "boot": str,
    "mono_ms": int,
    "prev": str,
    "hash": str,
    "body": str,
}


class Unreadable(Exception):
    """Not an export, or not a key."""


class _BadLine(Exception):
    """A line in the middle that is not what an export holds."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the till wrote it; ``code`` is the end of its key in the texts."""

    code: str
    params: dict[str, object]

    def lines(self) -> list[str]:
        """The finding in both languages."""
        return [text(f"verify.{self.code}", language, **self.params) for language in ("zh", "en")]


@dataclass(slots=True)
class Report:
    """What was read and what was found."""

    terminal: str = ""
    entries: int = 0
    ends: dict[int, tuple[int, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def found(self, code: str, **params: object) -> None:
        """Notes a finding."""
        self.findings.append(Finding(code, params))


@dataclass(slots=True)
class _Walk:
    """Where the check stands in the file."""

    report: Report
    key: Ed25519PublicKey
    inc: int = 0
    seq: int = 0
    digest: str = _START
    open_inc: bool = False
    sealed: bool = False
    ids: set[str] = field(default_factory=set)
    bodies: dict[str, str] = field(default_factory=dict)
    confirmed: dict[tuple[int, int], str] = field(default_factory=dict)
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)


def verify(lines: Iterable[bytes], key: Ed25519PublicKey, confirmed: Sequence[tuple[int, int, str]] = ()) -> Report:
    """Checks an export line by line; ``confirmed`` are places (inc, seq, hash) that the cloud vouches for."""
    walk = _Walk(Report(), key, confirmed={(inc, seq): digest for inc, seq, digest in confirmed})
    whole = hashlib.sha256()
    for number, line in enumerate(lines, 1):
        try:
            _check_line(walk, line, whole.hexdigest())
        except _BadLine:
            if number == 1:
                raise Unreadable from None
            walk.report.found("line_unreadable", line=number)
        whole.update(line)
    if not walk.report.terminal:
        raise Unreadable
    _check_ends(walk)
    return walk.report


def _check_line(walk: _Walk, line: bytes, sha256_before: str) -> None:
    kind, content = _parsed(line)
    if walk.sealed or (kind == "evertill_export") == bool(walk.report.terminal):
        raise _BadLine
    if kind == "seal":
        _check_seal(walk, content, sha256_before)
    else:
        _HANDLERS[kind](walk, content)


def _parsed(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        ((kind, content),) = json.loads(line).items()
    except (ValueError, AttributeError, RecursionError):
        raise _BadLine from None
    if not isinstance(content, dict) or (kind != "seal" and kind not in _HANDLERS):
        raise _BadLine
    return kind, content


def _header(walk: _Walk, content: dict[str, Any]) -> None:
    if content.get("format") != 1 or not isinstance(content.get("terminal"), str) or not content["terminal"]:
        raise _BadLine
    walk.report.terminal = content["terminal"]


def _base(walk: _Walk, content: dict[str, Any]) -> None:
    """An incarnation begins; the one before must have been closed by its anchor, and numbers only rise."""
    inc, seq, digest = _place(content)
    if walk.open_inc:
        walk.report.found("no_anchor", inc=walk.inc)
    if inc <= walk.inc:
        walk.report.found("incarnation_order", inc=inc)
    if (seq == 0) != (digest == _START):
        walk.report.found("base_wrong", inc=inc)
    walk.inc, walk.seq, walk.digest, walk.open_inc, walk.ids = inc, seq, digest, True, set()
    walk.hashes[inc, seq] = digest


def _entry(walk: _Walk, content: dict[str, Any]) -> None:
    """An entry must follow the one before by number and hash, and its own hash must be true."""
    if any(type(content.get(name)) is not kind for name, kind in _TYPES.items()) or len(content) != len(_TYPES):
        walk.report.found("entry_unreadable", inc=walk.inc, seq=walk.seq + 1)
        return
    inc, seq = content["inc"], content["seq"]
    if not walk.open_inc or inc != walk.inc or seq != walk.seq + 1:
        walk.report.found("not_in_order", inc=inc, seq=seq, expected=walk.seq + 1)
    if content["prev"] != walk.digest:
        walk.report.found("not_linked", inc=inc, seq=seq)
    if _hash(walk.report.terminal, content) != content["hash"]:
        walk.report.found("hash_wrong", inc=inc, seq=seq)
    _check_identity(walk, content)
    walk.seq, walk.digest = seq, content["hash"]
    walk.hashes[inc, seq] = content["hash"]
    walk.report.entries += 1


def _check_identity(walk: _Walk, content: dict[str, Any]) -> None:
    """One event id stands for one act: once in an incarnation, and with the same body in another one."""
    event_id, body = content["event_id"], content["body"]
    if event_id in walk.ids or walk.bodies.setdefault(event_id, body) != body:
        walk.report.found("id_twice", inc=content["inc"], seq=content["seq"])
    walk.ids.add(event_id)


def _anchor(walk: _Walk, content: dict[str, Any]) -> None:
    inc, seq, digest = _place(content)
    if (inc, seq, digest) != (walk.inc, walk.seq, walk.digest) or not walk.open_inc:
        walk.report.found("anchor_elsewhere", inc=inc, seq=seq, last=walk.seq)
    signed = f"evertill/1 anchor\n{walk.report.terminal}\n{inc}\n{seq}\n{digest}".encode()
    if not _is_signed(walk.key, content.get("sig"), signed):
        walk.report.found("anchor_signature", inc=inc, seq=seq)
    walk.open_inc = False
    walk.report.ends[inc] = (seq, digest)


def _check_seal(walk: _Walk, content: dict[str, Any], sha256: str) -> None:
    walk.sealed = True
    if content.get("sha256") != sha256:
        walk.report.found("seal_content")
    if not _is_signed(walk.key, content.get("sig"), f"evertill/1 export\n{content.get('sha256')}".encode()):
        walk.report.found("seal_signature")


def _check_ends(walk: _Walk) -> None:
    if walk.open_inc:
        walk.report.found("no_anchor", inc=walk.inc)
    if not walk.sealed:
        walk.report.found("no_seal")
    for (inc, seq), digest in walk.confirmed.items():
        if walk.hashes.get((inc, seq)) != digest:
            walk.report.found("not_confirmed", inc=inc, seq=seq)


_HANDLERS: dict[str, Callable[[_Walk, dict[str, Any]], None]] = {
    "evertill_export": _header,
    "base": _base,
    "entry": _entry,
    "anchor": _anchor,
}


def _place(content: dict[str, Any]) -> tuple[int, int, str]:
    inc, seq, digest = content.get("inc"), content.get("seq"), content.get("hash")
    if type(inc) is not int or type(seq) is not int or not isinstance(digest, str):
        raise _BadLine
    return inc, seq, digest


def _hash(terminal: str, content: dict[str, Any]) -> str:
    header = [terminal, content["inc"], content["seq"], *(content[name] for name in _HEADER_FIELDS)]
    line = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    try:
        before = bytes.fromhex(content["prev"])
    except ValueError:
        before = b""
    return hashlib.sha256(before + line + b"\n" + content["body"].encode("utf-8", "surrogatepass")).hexdigest()


def _is_signed(key: Ed25519PublicKey, signature: object, data: bytes) -> bool:
    try:
        key.verify(base64.b64decode(str(signature), validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_key(word: str) -> Ed25519PublicKey:
    """A public key given as base64 or as the name of a file that holds it."""
    try:
        encoded = Path(word).read_text(encoding="ascii") if Path(word).is_file() else word
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded.strip(), validate=True))
    except (ValueError, OSError):
        raise Unreadable from None


def read_place(word: str) -> tuple[int, int, str]:
    """``INC:SEQ:HASH`` as HQ shows what it holds of a till."""
    inc, seq, digest = word.split(":")
    return int(inc), int(seq), digest


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: a report in Chinese and English, and the exit code."""
    parser = argparse.ArgumentParser(prog="evertill-verify", description=text("verify.about", "en"))
    parser.add_argument("export", help=text("verify.help_export", "en"))
    parser.add_argument("key", help=text("verify.help_key", "en"))
    parser.add_argument("--confirmed", type=read_place, action="append", default=[], metavar="INC:SEQ:HASH")
    options = parser.parse_args(arguments)
    try:
        with Path(options.export).open("rb") as lines:
            report = verify(lines, read_key(options.key), options.confirmed)
    except (Unreadable, OSError):
        _say("unreadable")
        return UNREADABLE
    _print_report(report)
    return CHANGED if report.findings else SOUND


def _print_report(report: Report) -> None:
    _say("read", terminal=report.terminal, entries=report.entries, incarnations=len(report.ends))
    for finding in report.findings:
        print("\n".join(f"  ! {line}" for line in finding.lines()))
    _say("changed" if report.findings else "sound", count=len(report.findings))


def _say(code: str, **params: object) -> None:
    for line in Finding(code, params).lines():
        print(line)


if __name__ == "__main__":
    sys.exit(main())
