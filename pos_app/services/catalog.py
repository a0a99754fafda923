"""What can be sold here: look-ups, search and the store's own settings, read from the replica."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.catalog import CurrentPrice, Department, Item
from domain.ids import ItemId, StoreId
from domain.scale import ScaleFormat
from domain.scan import Found, Scan


@dataclass(frozen=True, slots=True)
class Sellable:
    """An item as it can be sold now; ``pack_thousandths`` is what one scan of the code sells of it."""

    item: Item
    pack_thousandths: int
    price: CurrentPrice | None
    tax_rate_bp: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class QuickKey:
    """A tile of the sale screen; an empty label means the item's own name."""

    position: int
    sellable: Sellable
    label_zh: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The store as HQ has set it."""

    store_id: StoreId
    name_zh: str
    name_en: str
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    price_zone: str = ""
    cash_rounding_unit_minor: int = 10
    day_start_hour: int = 0
    scale_formats: tuple[ScaleFormat, ...] = ()
    receipt_header_zh: str = ""
    receipt_header_en: str = ""
    receipt_footer_zh: str = ""
    receipt_footer_en: str = ""
    address: str = ""
    rule_book_version: int = 1
    auto_lock_s: int = 180

    def name(self, language: str) -> str:
        """The store's name in ``zh`` or ``en``, the other one where it is missing."""
        raise NotImplementedError


class Catalog:
    """Reads of the replica, for the UI thread; each is a few key look-ups.

    Where no replica is installed yet every method raises NotFound ``till.no_catalogue`` but ``is_ready``.
    """

    @property
    def is_ready(self) -> bool:
        """Whether a replica with this store's goods is installed."""
        raise NotImplementedError

    def reopen(self) -> None:
        """Read from the file that ``replica/current`` names now; call after the agent's "replica" event."""
        raise NotImplementedError

    def find(self, code_key: str) -> Sellable | None:
        """The item of a code in its key form (``gtin.normalise``), whatever its status."""
        raise NotImplementedError

    def get(self, item_id: ItemId) -> Sellable:
        """The item by its id; NotFound ``catalog.unknown_item``."""
        raise NotImplementedError

    def resolve(self, scan: Scan) -> Found[Sellable]:
        """What a scan sells: the exact code before the scale label.

        NotFound ``catalog.unknown_code`` (or the code's own doubt, ``scan.check_digit`` …); DomainError
        ``catalog.item_not_sold`` for blocked and retired items, ``scan.*`` for what is no goods code.
        """
        raise NotImplementedError

    def search(self, text: str, limit: int = 50, *, offset: int = 0) -> list[Sellable]:
        """Items that may be sold, by the beginning of a code or SKU, a piece of a name, or pinyin initials."""
        raise NotImplementedError

    def departments(self) -> list[Department]:
        """All departments in the order of their positions."""
        raise NotImplementedError

    def items_of(self, department_id: str, limit: int = 50, *, offset: int = 0) -> list[Sellable]:
        """The items of a department that may be sold, by SKU."""
        raise NotImplementedError

    def quick_keys(self) -> list[QuickKey]:
        """The store's tiles whose items may be sold, by position."""
        raise NotImplementedError

    def price_of(self, item_id: ItemId) -> CurrentPrice | None:
        """The price that applies now, or None."""
        raise NotImplementedError

    def prices_of(self, item_ids: Sequence[ItemId]) -> dict[ItemId, CurrentPrice | None]:
        """The prices that apply now."""
        raise NotImplementedError

    def store(self) -> StoreSettings:
        """This till's store."""
        raise NotImplementedError

    def price_age_ms(self) -> int | None:
        """How long ago the cloud was last heard, or None where it never was."""
        raise NotImplementedError
