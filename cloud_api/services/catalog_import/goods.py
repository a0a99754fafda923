"""One row of a goods file turned into what it asks for, with everything that is wrong or odd about it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from cloud_api.services.catalog_import.codes import has_code, judge
from cloud_api.services.catalog_import.columns import Columns
from cloud_api.services.catalog_import.findings import Finding, Severity, shown
from domain import gtin
from domain.money import CURRENCY_DIGITS, MAX_MINOR
from domain.quantity import THOUSAND

LENGTHS = {"sku": 64, "name_zh": 200, "name_en": 200, "unit": 16, "spec": 80, "department_name": 80}
_YES = {"1", "true", "yes", "y", "是", "√", "称重", "weight", "weighed", "称重商品", "允许", "可"}
_NO = {"0", "false", "no", "n", "否", "×", "计件", "each", "piece", "普通", "不允许", "不可", ""}
_THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+(\.\d+)?$")
_ID = re.compile(r"^[0-9A-Za-z_.-]{1,32}$")
PACK_MAX = 10**9
NO_TAX = frozenset({"none", "无", "免税", "exempt"})


@dataclass(frozen=True, slots=True)
class Goods:
    """What a row asks for; None = the file does not speak of it."""

    row: int
    sku: str
    code: str
    """As typed, empty where the row has none."""
    names: tuple[str | None, str | None]
    unit: str | None = None
    spec: str | None = None
    department: tuple[str, str] | None = None
    """Id and name; either may be empty."""
    tax: tuple[str, int | None] | None = None
    """Code, and the rate in basis points where the cell was a rate."""
    price_minor: int | None = None
    flags: dict[str, int] = field(default_factory=dict)
    pack_thousandths: int | None = None
    """None = the file does not speak of it."""
    by_code: bool = False
    """Whether the file knows no SKUs: the item is the one that has the code."""

    @property
    def key(self) -> str:
        """The key of the code, as barcodes are stored."""
        return gtin.normalise(self.code) if self.code else ""

    @property
    def article(self) -> tuple[object, ...]:
        """All but row and code: two rows with equal ones are one article with two codes."""
        flags = tuple(sorted(self.flags.items()))
        return (*self.names, self.unit, self.spec, self.department, self.tax, self.price_minor, flags)


class RowJudge:
    """Reads rows by their columns; collects the findings of each."""

    def __init__(self, columns: Columns, currency: str) -> None:
        self._columns = columns
        self._currency = currency
        self._found: list[Finding] = []
        self._row = 0
        self._cells: Sequence[str] = ()

    def judge(self, row: int, cells: Sequence[str]) -> tuple[Goods | None, list[Finding]]:
        """What the row asks for, None where it is refused, and its findings."""
        self._found, self._row, self._cells = [], row, cells
        code = self._code()
        sku = self._text("sku") or unicodedata.normalize("NFKC", code)
        if not sku:
            self._refuse("sku", "sku_missing")
        goods = Goods(row, sku, code, self._names(code), by_code=not self._columns.has("sku"))
        goods = replace(
            goods,
            unit=self._text("unit"),
            spec=self._text("spec"),
            department=self._department(),
            tax=self._tax(),
            price_minor=self._price(),
            flags=self._flags(),
            pack_thousandths=self._pack(),
        )
        refused = any(finding.severity is Severity.REFUSED for finding in self._found)
        return None if refused else goods, self._found

    def _cell(self, name: str) -> str:
        return self._columns.cell(self._cells, name)

    def _text(self, name: str) -> str | None:
        if not self._columns.has(name):
            return None
        value = self._cell(name)
        if len(value) > LENGTHS[name]:
            self._refuse(name, "name_too_long" if "name" in name else "text_too_long", most=LENGTHS[name])
        if any(unicodedata.category(character) == "Cc" for character in value):
            self._refuse(name, "control_characters")
        return value

    def _code(self) -> str:
        typed = self._cell("code")
        if not self._columns.has("code"):
            return ""
        if not has_code(typed):
            self._doubt("code", "code_missing")
            return ""
        verdict = judge(typed)
        if verdict is not None:
            severity, code = verdict
            self._found.append(self._finding("code", severity, code))
        if any(unicodedata.category(character) == "Cc" for character in typed):
            self._refuse("code", "control_characters")
        return typed

    def _names(self, code: str) -> tuple[str | None, str | None]:
        names = (self._text("name_zh"), self._text("name_en"))
        if not any(names):
            self._refuse("name_zh" if names[0] is not None else "name_en", "name_missing")
        elif code and code in names:
            self._doubt("name_zh" if names[0] == code else "name_en", "name_is_code")
        return names

    def _department(self) -> tuple[str, str] | None:
        if not self._columns.has("department") and not self._columns.has("department_name"):
            return None
        typed, name = self._cell("department"), self._text("department_name") or ""
        if typed and not _ID.match(typed):
            typed, name = "", name or typed  # a name stands where the id was expected
        return typed, name

    def _tax(self) -> tuple[str, int | None] | None:
        if not self._columns.has("tax"):
            return None
        typed = self._cell("tax")
        rate = _rate_bp(typed)
        if typed and rate is None and not _ID.match(typed):
            self._refuse("tax", "tax_unreadable")
        return typed, rate

    def _price(self) -> int | None:
        name = "price_minor" if self._columns.has("price_minor") else "price"
        if not self._columns.has(name):
            return None
        price = self._amount(name)
        if price == 0:
            self._doubt(name, "no_price")
            return None
        cost_name = "cost_minor" if self._columns.has("cost_minor") else "cost"
        cost = _minor(self._cell(cost_name), 0 if cost_name == "cost_minor" else CURRENCY_DIGITS[self._currency])
        if price is not None and cost is not None and cost > price:
            self._doubt(name, "price_below_cost", cost=self._cell(cost_name))
        return price

    def _amount(self, name: str) -> int | None:
        """The price in minor units, 0 where the cell is empty, None (refused) where it is no price."""
        typed = self._cell(name)
        minor = _minor(typed, 0 if name == "price_minor" else CURRENCY_DIGITS[self._currency]) if typed else 0
        if minor is None:
            self._refuse(name, "price_unreadable", currency=self._currency)
        return minor

    def _flags(self) -> dict[str, int]:
        flags: dict[str, int] = {}
        for name in ("weighed", "discount_allowed", "override_allowed"):
            if not self._columns.has(name):
                continue
            typed = self._cell(name).casefold()
            if typed not in _YES | _NO:
                self._refuse(name, "flag_unreadable")
            elif typed or name == "weighed":
                flags[name] = int(typed in _YES)
        return flags

    def _pack(self) -> int | None:
        if not self._columns.has("pack"):
            return None
        typed = self._cell("pack")
        pack = _minor(typed, 3) if typed else THOUSAND
        if pack is None or not 0 < pack <= PACK_MAX:
            self._refuse("pack", "pack_unreadable")
            return THOUSAND
        return pack

    def _finding(self, name: str, severity: Severity, code: str, **params: object) -> Finding:
        header = self._columns.header(name) or name
        return Finding(self._row, header, severity, code, shown(self._cell(name)), params)

    def _refuse(self, name: str, code: str, **params: object) -> None:
        self._found.append(self._finding(name, Severity.REFUSED, code, **params))

    def _doubt(self, name: str, code: str, **params: object) -> None:
        self._found.append(self._finding(name, Severity.DOUBTED, code, **params))


def _minor(typed: str, digits: int) -> int | None:
    """Decimal text in units of ``10**-digits``, None where it is not an exact, believable number."""
    text = unicodedata.normalize("NFKC", typed).lstrip("¥$").strip()
    text = text.replace(",", "") if _THOUSANDS.match(text) else text
    if not re.fullmatch(r"\d{1,15}(\.\d{1,15})?", text):
        return None
    scaled = Decimal(text).scaleb(digits)
    return int(scaled) if scaled == scaled.to_integral_value() and scaled <= MAX_MINOR else None


def _rate_bp(typed: str) -> int | None:
    """``13%``, ``13``, ``0.13``, ``vat13`` as 1300 basis points, ``none`` and 免税 as 0; None where it is no rate."""
    if typed.casefold() in NO_TAX:
        return 0
    text = typed.casefold().removeprefix("vat")
    if not re.fullmatch(r"\d{1,3}(\.\d{1,6})?[%％]?", text):
        return None
    rate = Decimal(text.rstrip("%％"))
    percent = rate if text != typed or text.endswith(("%", "％")) or rate >= 1 else rate * 100
    bp = percent * 100
    return int(bp) if bp == bp.to_integral_value() and 0 <= bp <= 10_000 else None
