"""Rules of groups of units, against a reckoning with every unit on its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import ItemId
from domain.promotions import benefits as b
from domain.promotions.rule import Limits
from domain.promotions.scope import Scope
from tests.domain.test_promotions import book, line, priced, rule

# Even prices: halves and thirds of them would be rounded by line here and by unit there.
prices = st.lists(st.tuples(st.integers(0, 50).map(lambda n: n * 100), st.integers(1, 7)), min_size=1, max_size=5)
Units = list[int]


def cheapest_of_groups(units: Units, size: int, free: int) -> int:
    return sum(sum(units[at : at + size][size - free :]) for at in range(0, len(units) - size + 1, size))


def dearest_of_groups(units: Units, size: int, free: int) -> int:
    return sum(sum(units[at : at + free]) for at in range(0, len(units) - size + 1, size))


def cheapest_of_all(units: Units, size: int, free: int) -> int:
    given_away = len(units) // size * free
    return sum(units[len(units) - given_away :])


def groups_for(price: int) -> Callable[[Units, int], int]:
    """The saving of groups for a price, as many from the dearest on as pay."""

    def saving(units: Units, size: int) -> int:
        sums = [sum(units[at : at + size]) - price for at in range(0, len(units) - size + 1, size)]
        return sum(one for one in sums if one > 0)

    return saving


def units_of(goods: list[tuple[int, int]]) -> Units:
    """Every unit's price, dear to cheap."""
    return sorted((price for price, count in goods for _ in range(count)), reverse=True)


def saved(benefit: b.Benefit, goods: list[tuple[int, int]], limits: Limits | None = None) -> int:
    lines = [line(number, price, count) for number, (price, count) in enumerate(goods, 10)]
    return priced(rule(benefit, limits=limits or Limits()), *lines).saved_minor


@settings(max_examples=60)
@given(prices, st.integers(1, 3), st.integers(1, 2))
def test_buy_and_get(goods: list[tuple[int, int]], buy: int, get: int) -> None:
    units = units_of(goods)
    ways = {
        b.GroupPick.GROUP_CHEAPEST: cheapest_of_groups,
        b.GroupPick.DEAREST: dearest_of_groups,
        b.GroupPick.BASKET_CHEAPEST: cheapest_of_all,
    }
    for pick, reckon in ways.items():
        assert saved(b.BuyGet(buy, get, pick=pick), goods) == reckon(units, buy + get, get)


@settings(max_examples=60)
@given(prices, st.integers(1, 4))
def test_every_nth_at_half_price(goods: list[tuple[int, int]], nth: int) -> None:
    assert saved(b.NthPercentOff(nth, 5_000), goods) == cheapest_of_groups(units_of(goods), nth, 1) // 2


@settings(max_examples=60)
@given(prices, st.integers(1, 4), st.integers(0, 60).map(lambda n: n * 100))
def test_any_n_for_a_price(goods: list[tuple[int, int]], count: int, price: int) -> None:
    assert saved(b.NForPrice(count, price), goods) == groups_for(price)(units_of(goods), count)


@settings(max_examples=60)
@given(prices, st.integers(1, 6), st.booleans())
def test_the_cheapest_or_dearest_once(goods: list[tuple[int, int]], count: int, dearest: bool) -> None:
    units = units_of(goods)
    wanted = (units[0] if dearest else units[-1]) if len(units) >= count else 0
    assert saved(b.CheapestFree(count, dearest=dearest), goods) == wanted


@settings(max_examples=60)
@given(prices, st.integers(1, 4), st.integers(1, 3))
def test_a_number_of_times_means_the_dear_groups_first(goods: list[tuple[int, int]], count: int, times: int) -> None:
    used = units_of(goods)[: count * times]
    limits = Limits(max_times=times)
    assert saved(b.NPercentOff(count, 5_000), goods, limits) == sum(used[: len(used) // count * count]) // 2


@pytest.mark.parametrize("pieces", [9_999, 9_998])
def test_a_whole_pallet_is_reckoned_at_once(pieces: int) -> None:
    pairs = pieces // 2
    assert saved(b.NForPrice(2, 150), [(100, pieces)]) == pairs * 50
    assert saved(b.BuyGet(1, 1), [(100, pieces)]) == pairs * 100


def test_of_other_goods_the_cheapest_are_given_or_the_dearest() -> None:
    bought, others = line(1, 1_000), [line(2, 300), line(3, 500)]
    goods = Scope(items=frozenset({ItemId(2), ItemId(3)}))
    scope = Scope(items=frozenset({ItemId(1)}))
    for pick, free in ((b.GroupPick.GROUP_CHEAPEST, 300), (b.GroupPick.DEAREST, 500)):
        found = priced(rule(b.BuyGet(1, 1, goods=goods, pick=pick), scope=scope), bought, *others)
        assert found.saved_minor == free


def test_a_group_that_saves_nothing_is_left_to_others() -> None:
    found = priced(rule(b.NForPrice(1, 500)), line(1, 1_000), line(2, 500))
    assert [one.times for one in found.applied] == [1]
    assert saved(b.NForPrice(2, 1_999), [(1_000, 2)]) == 1


def test_a_bundle_takes_what_each_part_asks_for() -> None:
    first, second = (Scope(items=frozenset({ItemId(number)})) for number in (1, 2))
    for count, wanted in ((2, [2_538, 1_062]), (4, [3_000, 1_200])):
        parts = (b.BundlePart(first, count), b.BundlePart(second))
        found = priced(rule(b.Bundle(parts, 2_000)), line(1, 1_000, 3), line(2, 600, 2))
        assert [one.amount_minor for one in found.lines] == wanted


def test_units_that_were_bought_for_the_cheapest_of_all_are_used_up() -> None:
    """Six units make three pairs, and with the cheapest three free no unit is left for the second rule."""
    free = rule(b.BuyGet(1, 1, pick=b.GroupPick.BASKET_CHEAPEST), rule_id="a", priority=1)
    other = rule(b.NAmountOff(1, 10), rule_id="b")
    found = priced(book(free, other), line(1, 1_000, 4), line(2, 600, 2))
    assert [(one.rule_id, one.saved_minor) for one in found.applied] == [("a", 2_200)]
    odd = priced(book(free, other), line(1, 1_000, 5), line(2, 600, 2))
    assert [(one.rule_id, one.saved_minor) for one in odd.applied] == [("a", 2_200), ("b", 10)]
