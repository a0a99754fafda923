"""Tax out of inclusive prices: net + tax = gross, and a split that does not sum dies at birth."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tax import TaxedAmount, TaxRate, split_inclusive


@given(st.integers(-(10**10), 10**10), st.integers(0, 10_000))
def test_net_and_tax_are_the_gross(gross: int, rate_bp: int) -> None:
    taxed = split_inclusive(gross, rate_bp)
    assert taxed.net_minor + taxed.tax_minor == gross
    assert abs(taxed.tax_minor - Fraction(gross * rate_bp, 10_000 + rate_bp)) <= Fraction(1, 2)


def test_thirteen_percent_of_a_bottle() -> None:
    assert split_inclusive(200, TaxRate("V13", 1300).rate_bp) == TaxedAmount(200, 177, 23)


def test_parts_that_do_not_sum_are_a_bug() -> None:
    with pytest.raises(AssertionError):
        TaxedAmount(100, 90, 9)
