"""Whom a sentence speaks to: language, currency, the names of what rules know by id, the store's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.ids import ItemId

LISTED_MAX = 4
"""So many names stand in a sentence; of more, the first three and how many others."""


class Text(Protocol):
    """The catalogue of words: the text of a key in a language, with its params filled in."""

    def __call__(self, key: str, language: str, **params: object) -> str: ...


Named = tuple[str, str]
"""A name in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names in both languages by id; what has none is called by its id."""

    items: Mapping[ItemId, Named] = field(default_factory=dict)
    categories: Mapping[str, Named] = field(default_factory=dict)
    tiers: Mapping[str, Named] = field(default_factory=dict)
    stores: Mapping[str, Named] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voice:
    """``text`` is the catalogue of words; ``utc_offset_min`` the store's."""

    language: str
    currency: str
    text: Text
    names: Names = field(default_factory=Names)
    utc_offset_min: int = 480

    def say(self, key: str, **params: object) -> str:
        """The words of a part of a sentence."""
        return self.text(f"promo.{key}", self.language, **params)

    def name(self, named: Named | None, otherwise: object) -> str:
        """The name in this language, the other one where it is missing, the id where there is none."""
        first, second = (named or ("", ""))[:: -1 if self.language == "en" else 1]
        return first or second or str(otherwise)

    def listed(self, parts: list[str], key: str = "and") -> str:
        """Some things after each other, a long list shortened; ``key`` is "and" or "or"."""
        if len(parts) > LISTED_MAX:
            shown = self.say("list.comma").join(parts[: LISTED_MAX - 1])
            return self.say("list.others", shown=shown, others=len(parts) - LISTED_MAX + 1)
        return self.all_of(parts, key)

    def all_of(self, parts: list[str], key: str = "and") -> str:
        """All of some things after each other."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say("list.comma").join(parts[:-1]) + self.say(f"list.{key}") + parts[-1]
