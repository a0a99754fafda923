"""What a file says twice: codes, SKUs and whole rows, settled in the order of the file."""

import hashlib
import unicodedata
from dataclasses import dataclass, replace

from cloud_api.services.catalog_import.findings import Finding, Severity
from cloud_api.services.catalog_import.goods import Goods


@dataclass(frozen=True, slots=True)
class _Seen:
    row: int
    sku: str
    article: bytes


class Repeats:
    """Remembers the SKUs and codes of the rows before; a million rows take some 200 MB."""

    def __init__(self) -> None:
        self._skus: dict[str, _Seen] = {}
        self._codes: dict[str, _Seen] = {}

    def settle(self, goods: Goods) -> tuple[Goods | None, list[Finding]]:
        """The goods to write, None where nothing is, and what has to be said.

        One article with several codes may have a row for each. A SKU that another article of the file has
        already cannot stand twice: the row goes in under its code as SKU, and that is said.
        """
        seen = _Seen(goods.row, goods.sku, _digest(goods))
        first = self._codes.get(goods.key) if goods.key else None
        namesake = self._skus.get(goods.sku)
        if namesake and namesake.article == seen.article and (first or not goods.key):
            return None, [_finding(goods, Severity.DOUBTED, "repeated_row", first=namesake.row)]
        if first:
            return None, [_finding(goods, Severity.REFUSED, "duplicate_code", first=first.row)]
        found: list[Finding] = []
        if namesake and namesake.article != seen.article:
            instead = unicodedata.normalize("NFKC", goods.code)
            if not instead or instead in self._skus:
                return None, [_finding(goods, Severity.REFUSED, "sku_repeated", first=namesake.row)]
            found = [_finding(goods, Severity.DOUBTED, "sku_replaced", first=namesake.row, instead=instead)]
            goods = replace(goods, sku=instead)
        self._skus.setdefault(goods.sku, seen)
        if goods.key:
            self._codes[goods.key] = seen
        return goods, found


def _finding(goods: Goods, severity: Severity, code: str, **params: object) -> Finding:
    of_code = code in ("duplicate_code", "repeated_row")
    value = goods.code if of_code and goods.code else goods.sku
    return Finding(goods.row, "code" if of_code else "sku", severity, code, value, params)


def _digest(goods: Goods) -> bytes:
    return hashlib.blake2b(repr(goods.article).encode("utf-8", "surrogatepass"), digest_size=12).digest()
