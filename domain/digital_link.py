"""GS1 Digital Link: the web address in a product's QR code, taken apart into its element strings.

Follows GS1 Digital Link URI syntax 1.4: the rightmost primary key of the path counts, its qualifiers come in
order, further attributes stand in the query. The words once allowed for numbers (``/gtin/``) left the standard.
"""

import re
from urllib.parse import unquote

from domain.errors import DomainError
from domain.gtin import KEY_DIGITS, is_digits

Element = tuple[str, str]

_SCHEMES = ("http://", "https://", "HTTP://", "HTTPS://")
_ALLOWED = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_GTIN_LENGTHS = (8, 12, 13)
_QUALIFIERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "00": (),
    "01": (("22", "10", "21"), ("235",)),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8003": (),
    "8004": (("7040",),),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "8013": (),
    "8017": (("8019",),),
    "8018": (("8019",),),
}


def is_link(text: str) -> bool:
    """Whether it is a web address at all, product or not."""
    return text[:8].lower().startswith(("http://", "https://"))


def split_link(text: str) -> tuple[Element, ...]:
    """The (AI, value) pairs of a link; DomainError ``scan.foreign_link`` where it names no goods."""
    if not text.startswith(_SCHEMES) or not _ALLOWED.fullmatch(text) or _BAD_ESCAPE.search(text):
        raise DomainError("scan.foreign_link")
    address, _, query = text.partition("#")[0].partition("?")
    host, *segments = address.split("/")[2:]
    if not _HOST.fullmatch(host):
        raise DomainError("scan.foreign_link")
    path = _path_elements(segments)
    return path + _query_elements(query, [ai for ai, _ in path])


def _path_elements(segments: list[str]) -> tuple[Element, ...]:
    """The rightmost primary key and what follows it."""
    pairs: list[Element] = []
    while len(segments) >= 2:
        ai, value = segments[-2], unquote(segments[-1])
        segments = segments[:-2]
        if not is_digits(ai) or not value:
            break
        pairs.insert(0, (ai, _full_length(ai, value)))
        if ai in _QUALIFIERS:
            _check_qualifiers(ai, [name for name, _ in pairs[1:]])
            return tuple(pairs)
    raise DomainError("scan.foreign_link")


def _check_qualifiers(key: str, names: list[str]) -> None:
    if names and not any(_in_order(names, allowed) for allowed in _QUALIFIERS[key]):
        raise DomainError("scan.gs1_invalid")


def _in_order(names: list[str], allowed: tuple[str, ...]) -> bool:
    return names == [name for name in allowed if name in names]


def _query_elements(query: str, path_names: list[str]) -> tuple[Element, ...]:
    key, *qualifiers = path_names
    elements: list[Element] = []
    seen = set(path_names)
    for part in query.split("&"):
        name, equals, raw = part.partition("=")
        if not equals or not is_digits(name):
            continue  # other people's parameters mean nothing to a till
        belongs_in_path = any({*qualifiers, name} <= set(allowed) for allowed in _QUALIFIERS[key])
        if name in seen or not raw or belongs_in_path:
            raise DomainError("scan.gs1_invalid")
        seen.add(name)
        elements.append((name, _full_length(name, unquote(raw.replace("+", " ")))))
    return tuple(elements)


def _full_length(ai: str, value: str) -> str:
    return value.zfill(KEY_DIGITS) if ai == "01" and len(value) in _GTIN_LENGTHS else value
