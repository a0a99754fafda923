"""What a scanner, a keyboard or a hostile QR code may send, and what must come of it within 50 ms (S3)."""

from __future__ import annotations

import time
from collections.abc import Callable

from hypothesis import strategies as st

from domain import scan
from domain.entry import CodeEntry, EmptyEntry, QuantityEntry, parse_entry
from domain.scale import ScaleFormat
from domain.scan import Unreadable, parse_scan, resolve

HANG_MS = 50
FORMATS = [ScaleFormat("FFWWWWWEEEEEC", ("21",)), ScaleFormat("FWWWWWWEEEEENNNNNO", ("2",))]
SCANS = tuple(scan.Scan.__args__)
ENTRIES = (EmptyEntry, CodeEntry, QuantityEntry, Unreadable)
CONTROLS = set("\0\r\n\t\x1b\x1d\x7f\u202e\u2066")

_SEEDS = (
    "6901234567892",
    "0106901234567892",
    "]C1010690123456789210ABC\x1d17261231",
    "]d2010690123456789221SERIAL\x1d3103001250",
    "]Q3https://id.gs1.org/01/06901234567892/10/ABC?17=261231",
    "https://shop.example/r/R1ABCDEFGHIJKLMNOPQRSTUVWX",
    "(01)06901234567892(17)261231(10)LOT(7)",
    "2112345006501",
    "281234567890123456",
    "130123456789012345",
    "6212345678901234567",
    "88012345678901234567",
    "P1" + "A" * 144,
    "S1ABCDEFGHIJKLMNOPQR",
    "3*6901234567892",
    "0.125*10007",
    "-1×nfsq",
    "nfsq",
    "农夫山泉 550ml",
    "'; DROP TABLE barcode; --",
    "%s%n${jndi:ldap://x}",
    "=cmd|'/c calc'!A1",
    "\x1b[2J\x1b]0;x\x07",
    "https://a/01/%00%2e%2e%5c",
)
_SIGNS = "\0\x01\x07\x08\t\n\r\x1b\x1c\x1d\x7f\x85\u200b\u200f\u202e\u2066\ufeff\ud800\u0301😀ﷺ①*×＊%?&"
_PIECES = st.sampled_from([*_SIGNS, "０１", "👩‍👩", "3*", "(01)", "(10)", "]C1", "]Q3", "]E4", "%1d", "/01/", "|]e0"])


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    """A good code with pieces put in, cut out, doubled or blown up."""
    text = draw(st.sampled_from(_SEEDS))
    for _ in range(draw(st.integers(0, 4))):
        at, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        piece = draw(_PIECES | st.text(max_size=8)) * draw(st.sampled_from([1, 1, 1, 2, 40]))
        text = draw(st.sampled_from([text[:at] + piece + text[at:], text[:at] + text[end:], text[:end] + text[at:]]))
    return text


long_texts = st.builds(
    lambda piece, start: start + piece * (10_240 // len(piece)), _PIECES, st.sampled_from(["", *_SEEDS])
)
texts = _mutated() | st.text(st.characters(), max_size=60) | long_texts


def meanings(text: str) -> None:
    """Read a text in every way that the till does; it means something, and nothing that steers a terminal."""
    found = parse_scan(text, formats=FORMATS)
    assert isinstance(found, SCANS)
    for name in ("code", "key", "text"):
        assert not CONTROLS & set(getattr(found, name, ""))
    resolve(found, {"1": "one"}.get)
    assert repr(found)
    entry = parse_entry(text)
    assert isinstance(entry, ENTRIES)
    if isinstance(entry, CodeEntry):
        assert isinstance(parse_scan(entry.text, formats=FORMATS), SCANS)


def cpu_ms(act: Callable[[], object]) -> float:
    """The processor time of an act; the least of three where it looks long, so that a busy machine does not matter."""
    least = _cpu_ms(act)
    return least if least < HANG_MS else min(least, _cpu_ms(act), _cpu_ms(act))


def _cpu_ms(act: Callable[[], object]) -> float:
    began = time.thread_time_ns()
    act()
    return (time.thread_time_ns() - began) / 1_000_000
