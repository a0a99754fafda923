"""One parser from scanned or typed text to what it means.

``parse_scan`` never raises and never guesses twice: the classes are tried in a fixed order, the first that fits
the whole text wins, and what cannot be anything is ``Unreadable`` with a code. Codes that open a purse, an
account or an order show themselves masked in ``repr`` and ``str``.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from domain import digital_link, gs1
from domain.aim import Symbology, split_aim
from domain.errors import DomainError
from domain.gs1 import Gs1Message
from domain.gtin import GtinKind, has_check_digit, is_digits, kind_of, normalise
from domain.scale import ScaleFormat, ScaleLabel, find_format

T = TypeVar("T")

MAX_CHARACTERS = 4096
MAX_CODE_CHARACTERS = 64
MAX_NAME_CHARACTERS = 128


class WalletKind(StrEnum):
    """Whose payment code it is."""

    WECHAT = "wechat"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"
    ECNY = "ecny"


def mask(code: str) -> str:
    """A secret code as logs and screens may show it: its first two characters and its length."""
    return f"{code[:2]}…({len(code)})"


@dataclass(frozen=True, slots=True, repr=False)
class _SecretCode:
    code: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({mask(self.code)})"


@dataclass(frozen=True, slots=True, repr=False)
class WalletCode(_SecretCode):
    """A customer's payment code: good for one payment of up to hundreds of yuan, so never logged or stored."""

    kind: WalletKind

    def __repr__(self) -> str:
        return f"WalletCode({self.kind}, {mask(self.code)})"


@dataclass(frozen=True, slots=True, repr=False)
class MemberCode(_SecretCode):
    """The rotating 20-digit code of a member's phone."""


@dataclass(frozen=True, slots=True, repr=False)
class PickupCode(_SecretCode):
    """A signed order pickup code (P1…), in upper case."""


@dataclass(frozen=True, slots=True, repr=False)
class CouponCode(_SecretCode):
    """A coupon (C1…), in upper case."""


@dataclass(frozen=True, slots=True, repr=False)
class ReceiptCode(_SecretCode):
    """The reference on a receipt (R1…), in upper case."""


@dataclass(frozen=True, slots=True, repr=False)
class OperatorBadge(_SecretCode):
    """A member of staff's badge (S1…), in upper case."""


@dataclass(frozen=True, slots=True)
class GoodsCode:
    """A GTIN with a right check digit; ``key`` finds it in the catalogue, ``gs1`` is what else the code said."""

    code: str
    key: str
    kind: GtinKind
    gs1: Gs1Message | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ScaleCandidate(_SecretCode):
    """A code that a scale format of the store claims: an own article's code, or a label.

    ``resolve`` decides by the catalogue. Where ``wallet`` is set the digits are a payment code unless the
    catalogue knows the label's PLU (18-digit labels and Alipay codes share the flags 25-30).
    """

    key: str
    label: ScaleLabel
    wallet: WalletCode | None = None


@dataclass(frozen=True, slots=True)
class TypedCode:
    """An own code, a PLU or a code of another kind, to be found as typed.

    ``doubt`` says why it may be a misreading, to tell where nothing is found: ``scan.check_digit``,
    ``scan.run_together`` (two scans in one) or empty.
    """

    code: str = field(repr=False)
    key: str = field(repr=False)
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class PinyinText:
    """Letters alone: pinyin initials (lower case) to search by, unless an own code is spelled so."""

    text: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NameText:
    """Words of a name to search by."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Text that means nothing here; ``code`` names the reason."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict, compare=False)
    """What the reason's text names."""


Scan = (
    GoodsCode
    | ScaleCandidate
    | WalletCode
    | MemberCode
    | PickupCode
    | CouponCode
    | ReceiptCode
    | OperatorBadge
    | TypedCode
    | PinyinText
    | NameText
    | Unreadable
)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What the catalogue has for a scan; ``label`` where it was found by the PLU of a scale label."""

    item: T
    label: ScaleLabel | None = None


_FORBIDDEN = (
    ("scan.nul", re.compile("\0")),
    ("scan.direction_control", re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")),
    ("scan.control_character", re.compile("[\x01-\x1c\x1e\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")),
)
_WALLETS = (
    (WalletKind.WECHAT, re.compile(r"1[0-5][0-9]{16}")),
    (WalletKind.ALIPAY, re.compile(r"(?:2[5-9]|30)[0-9]{14,22}")),
    (WalletKind.UNIONPAY, re.compile(r"62[0-9]{17}")),
    (WalletKind.ECNY, re.compile(r"01[0-9]{17}")),
)
_MEMBER = re.compile(r"88[0-9]{18}")
# A signature or a random secret is long; the lower limits keep own goods codes such as S1234567 what they are.
_OWN_CODES = (
    (PickupCode, re.compile(r"P1[A-Z2-7]{100,400}")),
    (ReceiptCode, re.compile(r"R1[A-Z2-7]{16,400}")),
    (CouponCode, re.compile(r"C1[A-Z2-7]{16,400}")),
    (OperatorBadge, re.compile(r"S1[A-Z2-7]{16,64}")),
)
_BRACKETED = re.compile(r"\([0-9]{2,4}\)")
_LINE_ENDS = ("\r\n", "\r", "\n", "\t")
_COMPOSITE = "|]e"
_GTIN_LENGTHS = (8, 12, 13, 14)


def parse_scan(text: str, *, formats: Sequence[ScaleFormat] = ()) -> Scan:
    """What a scan or a typed code means, by a store's scale formats. Total: any text gives a Scan, in linear time."""
    if len(text) > MAX_CHARACTERS:
        return Unreadable("scan.too_long")
    clean = unicodedata.normalize("NFKC", _without_line_end(text)).strip(" ")
    for code, pattern in _FORBIDDEN:
        if pattern.search(clean):
            return Unreadable(code)
    try:
        symbology, data = split_aim(clean)
        return _classify(symbology, data, formats=formats)
    except DomainError as error:
        return Unreadable(error.code)


def resolve(scan: Scan, find: Callable[[str], T | None]) -> Found[T] | None:
    """What the catalogue has for a scan, or None; ``find`` looks a key up among the exact codes.

    An exact match wins over the scale rule, since real goods carry codes that look like labels. A PLU is
    tried as the label prints it and without its leading zeros; an own code also as CapsLock inverts it.
    """
    match scan:
        case GoodsCode():
            return _first(find, scan.key)
        case TypedCode() | PinyinText():
            return _first(find, scan.key, scan.key.swapcase())
        case ScaleCandidate():
            exact = None if scan.wallet else _first(find, scan.key)
            return exact or _first(find, scan.label.plu, scan.label.plu.lstrip("0"), label=scan.label)
        case _:
            return None


def _first(find: Callable[[str], T | None], *keys: str, label: ScaleLabel | None = None) -> Found[T] | None:
    for key in dict.fromkeys(keys):
        item = find(key) if key else None
        if item is not None:
            return Found(item, label)
    return None


def _without_line_end(text: str) -> str:
    """The text without the one Enter or Tab that a scanner types behind it."""
    return next((text.removesuffix(end) for end in _LINE_ENDS if text.endswith(end)), text)


def _classify(symbology: Symbology, data: str, *, formats: Sequence[ScaleFormat]) -> Scan:
    if symbology.is_gs1 or gs1.SEPARATOR in data.partition(_COMPOSITE)[0]:
        return _goods(gs1.parse_message(data))
    if symbology.ean_digits:
        data = _ean_data(symbology, data)
    if not data:
        return Unreadable("scan.empty")
    if digital_link.is_link(data):
        return _link(data)
    if data.isascii() and _BRACKETED.match(data):
        return _goods(gs1.parse_bracketed(data))
    return _digits(data, formats) if is_digits(data) else _own_code(data) or _text(data)


def _goods(message: Gs1Message) -> Scan:
    if message.gtin is None:
        return Unreadable("scan.gs1_no_goods")
    return GoodsCode(message.gtin, normalise(message.gtin), GtinKind.GTIN_14, message)


def _ean_data(symbology: Symbology, data: str) -> str:
    """The digits of an EAN symbol, without the composite component that may stand above it."""
    code, mark, component = data.partition(_COMPOSITE)
    if mark:
        gs1.parse_message(component[1:])
    if len(code) != symbology.ean_digits:
        raise DomainError("scan.wrong_length")
    if not has_check_digit(code):
        raise DomainError("scan.check_digit")
    return code


def _link(text: str) -> Scan:
    """Goods by a digital link, or the own code that ends one of our links."""
    try:
        return _goods(gs1.parse_link(text))
    except DomainError:
        own = _own_code(text.rpartition("/")[2])
        if own is None:
            raise
        return own


def _digits(code: str, formats: Sequence[ScaleFormat]) -> Scan:
    wallet = next((WalletCode(code, kind) for kind, form in _WALLETS if form.fullmatch(code)), None)
    label, claimed = _label(code, formats)
    if label:
        return ScaleCandidate(code, normalise(code), label, wallet)
    if wallet:
        return wallet
    if _MEMBER.fullmatch(code):
        return MemberCode(code)
    kind = kind_of(code)
    if kind:
        return GoodsCode(code, normalise(code), kind)
    return _element_string(code) or _text(code, doubt=_doubt(code, claimed))


def _label(code: str, formats: Sequence[ScaleFormat]) -> tuple[ScaleLabel | None, bool]:
    """The scale label in a code, and whether a format claims the code even if its check digit is wrong."""
    plain = code[1:] if len(code) == 14 and code[0] == "0" else code  # an EAN-13 written as GTIN-14
    found = find_format(plain, formats)
    return (found.read(plain), True) if found else (None, False)


def _element_string(code: str) -> GoodsCode | None:
    """A GS1 message without any FNC1, as scanners send it that are set to: it must begin with a right GTIN."""
    if not code.startswith("01") or not has_check_digit(code[2:16]):
        return None
    try:
        message = gs1.parse_message(code)
    except DomainError:
        return None
    return GoodsCode(code, normalise(code[2:16]), GtinKind.GTIN_14, message)


def _doubt(code: str, claimed: bool) -> str:
    if claimed or len(code) in _GTIN_LENGTHS:
        return "scan.check_digit"
    return "scan.run_together" if len(code) > 14 and has_check_digit(code[:13]) else ""


def _own_code(text: str) -> PickupCode | ReceiptCode | CouponCode | OperatorBadge | None:
    """One of our Base32 codes, also as a keyboard scanner types it while CapsLock is on."""
    for spelling in (text, text.swapcase()):
        for make, form in _OWN_CODES:
            if form.fullmatch(spelling):
                return make(spelling)
    return None


def _text(text: str, doubt: str = "") -> Scan:
    if gs1.SEPARATOR in text:
        return Unreadable("scan.control_character")
    if text.isascii() and " " not in text and len(text) <= MAX_CODE_CHARACTERS:
        return PinyinText(text.lower(), text) if text.isalpha() else TypedCode(text, text, doubt)
    return Unreadable("scan.unknown") if len(text) > MAX_NAME_CHARACTERS or is_digits(text) else NameText(text)
