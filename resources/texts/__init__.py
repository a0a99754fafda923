"""Every word the product says, in Chinese and English side by side, by key.

The catalogue is the ``*.toml`` files of this folder: a table a key, ``zh`` and ``en`` in it. Keys that begin
with ``error.`` are errors and have ``what``, ``safe`` and ``do``, each with ``zh`` and ``en``.

In a text ``{name}`` is the param ``name_zh`` or ``name_en`` where there are such, and ``{lines:line|lines}`` the
first word for one and the second for any other number.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("zh", "en")
_STOPS = ("。", "！", "？", ".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class ErrorText:
    """An error in one language: what happened, whether money and data are safe, what to do."""

    what: str
    safe: str
    do: str
    language: str

    def __str__(self) -> str:
        stop, gap = ("。", "") if self.language == "zh" else (".", " ")
        parts = (self.what, self.safe, self.do)
        return gap.join(part if part.endswith(_STOPS) else part + stop for part in parts if part)


def text(key: str, language: str, **params: object) -> str:
    """The words of a key; a key that is not in the catalogue is a bug and raises KeyError."""
    return _filled(_catalogue()[key][language], language, params)


def error_text(code: str, language: str, params: Mapping[str, object] | None = None) -> ErrorText:
    """The three parts of an error by its code (``cart.price_missing``)."""
    entry, values = _catalogue()[f"error.{code}"], params or {}
    what, safe, do = (_filled(entry[part][language], language, values) for part in ("what", "safe", "do"))
    return ErrorText(what, safe, do, language)


def has_error(code: str) -> bool:
    """Whether the catalogue knows an error code."""
    return f"error.{code}" in _catalogue()


def keys() -> tuple[str, ...]:
    """All keys, for tests of completeness."""
    return tuple(_catalogue())


class _Filler(string.Formatter):
    """``str.format`` that knows one from many."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """``line|lines`` is no format but two words to choose from."""
        one, bar, many = format_spec.partition("|")
        if not bar:
            return format(value, format_spec)
        return one if str(value) == "1" else many


_FILLER = _Filler()


def _filled(words: str, language: str, params: Mapping[str, object]) -> str:
    named = f"name_{language}"
    values = {**params, "name": params[named]} if named in params else params
    return _FILLER.vformat(words, (), values)


@cache
def _catalogue() -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for path in sorted(files(__name__).iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            for key, entry in _flat("", tomllib.loads(path.read_text(encoding="utf-8"))):
                if key in entries:
                    raise ValueError(f"{path.name}: {key} stands twice in the catalogue")
                entries[key] = entry
    return entries


def _flat(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    if prefix and ("zh" in table or "what" in table):
        return [(prefix, table)]
    found: list[tuple[str, Any]] = []
    for name, value in table.items():
        found += _flat(f"{prefix}.{name}" if prefix else name, value)
    return found
