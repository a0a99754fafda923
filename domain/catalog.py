"""What can be sold: items, their codes, departments and the price that applies at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import ItemId
from domain.quantity import ONE

TILL_CHANNEL = "till"
ANY_CHANNEL = ""


class ItemStatus(StrEnum):
    """Whether an item may be sold."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Department:
    """A group of goods (饮料, 零食 …) as the tiles show them."""

    department_id: str
    name_zh: str
    name_en: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One article of the catalogue; ``unit`` is what one ``ONE`` of it is (个, kg …)."""

    item_id: ItemId
    sku: str
    name_zh: str
    name_en: str
    unit: str
    department_id: str
    tax_code: str
    weighed: bool = False
    status: ItemStatus = ItemStatus.ACTIVE
    spec: str = ""
    pinyin: str = ""
    override_allowed: bool = True
    discount_allowed: bool = True
    min_price_minor: int = 0
    brand: str = ""
    tags: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """The name in ``zh`` or ``en``, the other one where it is missing."""
        first, second = (self.name_en, self.name_zh) if language == "en" else (self.name_zh, self.name_en)
        return first or second or self.sku

    @property
    def names(self) -> dict[str, str]:
        """The names as params of a message, which takes the one of its language for ``{name}``."""
        return {"name_zh": self.name("zh"), "name_en": self.name("en")}


@dataclass(frozen=True, slots=True)
class Barcode:
    """A code that sells ``pack_thousandths`` of an item (a carton's GTIN sells 24); ``code`` by gtin.normalise."""

    code: str
    item_id: ItemId
    pack_thousandths: int = ONE


class PriceKind(StrEnum):
    """The list price of a zone, or a scheduled special (特价)."""

    LIST = "list"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Price:
    """A unit price from ``valid_from_ms`` until ``valid_until_ms`` (0 = open end), for one channel or any ("")."""

    item_id: ItemId
    kind: PriceKind
    channel: str
    valid_from_ms: int
    valid_until_ms: int
    price_minor: int

    def is_live(self, channel: str, at_ms: int) -> bool:
        """Whether it counts for that channel at that moment."""
        ends = self.valid_until_ms or at_ms + 1
        return self.channel in (ANY_CHANNEL, channel) and self.valid_from_ms <= at_ms < ends


@dataclass(frozen=True, slots=True)
class CurrentPrice:
    """List price and the price that applies, which a special may have lowered."""

    list_price_minor: int
    price_minor: int
    valid_from_ms: int


def price_at(prices: Iterable[Price], channel: str, at_ms: int) -> CurrentPrice | None:
    """The price of one item's rows at a moment, or None where it has none.

    The latest list price wins, the channel's own before the general one; of live specials the lowest;
    the lower of list and special applies. Rows with equal start are ordered by price, lowest first.
    """
    live = [price for price in prices if price.is_live(channel, at_ms)]
    lists = [p for p in live if p.kind is PriceKind.LIST]
    if not lists:
        return None
    base = max(lists, key=lambda p: (p.channel == channel, p.valid_from_ms, -p.price_minor))
    best = min([base, *(p for p in live if p.kind is PriceKind.SPECIAL)], key=lambda p: p.price_minor)
    return CurrentPrice(base.price_minor, best.price_minor, best.valid_from_ms)
