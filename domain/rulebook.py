"""The versioned set of rules that a sale was priced with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Choices of the chain; each sale names the version. Promotions will be fields of it."""

    version: int = 1
    cash_rounding_unit_minor: int = 10
    """抹零: the cash part is rounded down to a multiple of this; 1 = no rounding."""
