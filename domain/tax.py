"""Value-added tax out of tax-inclusive prices: net + tax = gross, always."""

from dataclasses import dataclass

from domain.money import divide_half_up


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate by its code, in basis points (13 % = 1300)."""

    tax_code: str
    rate_bp: int
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """A gross amount split; refuses parts that do not sum."""

    gross_minor: int
    net_minor: int
    tax_minor: int

    def __post_init__(self) -> None:
        assert self.net_minor + self.tax_minor == self.gross_minor, "net + tax must be gross"


def split_inclusive(gross_minor: int, rate_bp: int) -> TaxedAmount:
    """Tax contained in a gross amount: gross × rate / (1 + rate), half up."""
    tax = divide_half_up(gross_minor * rate_bp, 10_000 + rate_bp)
    return TaxedAmount(gross_minor, gross_minor - tax, tax)
