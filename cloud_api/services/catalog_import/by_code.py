"""Files without a SKU column: an item is found by its code, takes what the file says, and keeps its name."""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from cloud_api.db.master_rows import Row
from cloud_api.services.catalog_import.findings import Finding, Severity, shown
from cloud_api.services.catalog_import.goods import Goods
from domain.quantity import THOUSAND


class ByCode:
    """Settles the rows of one such file; remembers which row spoke of which item."""

    def __init__(self) -> None:
        self._first: dict[int, tuple[int, tuple[object, ...]]] = {}

    def settle(self, goods: Goods, item: Row, barcode: Row | None) -> tuple[Goods, list[Finding]]:
        """The row as it is to be written to the item that its code means, and what has to be said of it.

        Lists of prices name things in their own way, so names never change here; it is said where they differ.
        """
        said = goods.article[len(goods.names) :]
        first, what = self._first.setdefault(item["item_id"], (goods.row, said))
        if what != said:
            return goods, [_finding(goods, Severity.REFUSED, "item_repeated", first=first, sku=item["sku"])]
        pack = THOUSAND if barcode is None else barcode["pack_thousandths"]
        if pack != THOUSAND and goods.pack_thousandths is None and goods.price_minor is not None:
            shown_pack = f"{(Decimal(pack) / THOUSAND).normalize():f}"
            return goods, [_finding(goods, Severity.REFUSED, "code_of_pack", pack=shown_pack, sku=item["sku"])]
        kept = replace(goods, names=(None, None))
        code = _disagreement([name for name in goods.names if name], [item["name_zh"], item["name_en"]])
        if code is None:
            return kept, []
        stored = shown(item["name_zh"] or item["name_en"])
        return kept, [_finding(goods, Severity.DOUBTED, code, sku=item["sku"], name=stored)]


def _disagreement(given: Iterable[str], stored: Iterable[str]) -> str | None:
    """The finding for names that differ in more than spaces, marks, width and case."""
    known = [_plain(name) for name in stored if name]
    strange = [name for name in map(_plain, given) if name not in known]
    if not strange:
        return None
    return "name_kept" if any(_alike(one, other) for one in strange for other in known) else "other_name"


def _alike(one: str, other: str) -> bool:
    """Whether half of the shorter name's characters are in the other: brands and sizes come and go."""
    shorter, longer = sorted((set(one), set(other)), key=len)
    return 2 * len(shorter & longer) >= len(shorter) > 0


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def _finding(goods: Goods, severity: Severity, code: str, **params: object) -> Finding:
    of_name = severity is Severity.DOUBTED
    value = shown(next((name for name in goods.names if name), "")) if of_name else goods.code
    return Finding(goods.row, "name" if of_name else "code", severity, code, value, params)
