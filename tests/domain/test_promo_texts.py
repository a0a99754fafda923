"""976 real promotion texts of nine chains as rules, priced just below, at, above and at twice what they ask for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from domain.cart import Cart, CartLine
from domain.ids import CartId
from domain.pricing import price_cart
from domain.promotions.benefits import By, Step, Tiers
from domain.promotions.checks import rule_book_problems
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import ALL_GOODS
from domain.quantity import ONE
from domain.rulebook import RuleBook
from tests.builders import line
from tests.domain.promo_rules import LEFT_OUT_TAG, Offer, book_of, first_item, offers
from tests.domain.promo_sums import Pieces, readings
from tests.domain.promo_voices import said

OFFERS = offers()
STRANGER = line(99_999, 777)
"""Goods that no text is about: they cost what they cost."""
README = (Path(__file__).parent / "data" / "README.md").read_text("utf-8")


def baskets(offer: Offer) -> Iterator[Pieces]:
    """Of the first goods alone and of all goods in turn: one piece fewer than asked for, as many, one more, twice."""
    asked = {reading.count for reading in readings(offer.zh)}
    counts = sorted({count for size in asked for count in (size - 1, size, size + 1, 2 * size)} - {0})
    for sorts in {1, len(offer.prices_minor)}:
        for count in counts:
            pieces = [(at % sorts, offer.prices_minor[at % sorts]) for at in range(count)]
            yield sorted(pieces, key=lambda piece: -piece[1])


def cart_of(pieces: Pieces) -> Cart:
    return Cart(CartId("c"), "HKD", 0, (*lines_of(pieces, 0), STRANGER))


def lines_of(pieces: Pieces, place: int) -> Iterator[CartLine]:
    for (sort, price), count in sorted(Counter(pieces).items()):
        yield line(first_item(place) + sort, price, quantity=count * ONE)


def due(offer: Offer, pieces: Pieces) -> int:
    """What pieces cost by the words; nothing is dearer than it was."""
    return min(sum(price for _, price in pieces), *(reading.due(pieces) for reading in readings(offer.zh)))


def faults(offer: Offer, book: RuleBook) -> Iterator[str]:
    """Where the engine and the words differ."""
    for pieces in baskets(offer):
        expected = due(offer, pieces)
        found = price_cart(cart_of(pieces), book).due_minor - 777
        if found != expected:
            yield f"{offer.en}: {pieces} costs {expected}, not {found}"


def test_every_text_is_a_rule_and_costs_what_its_words_say() -> None:
    books = [(offer, book_of(offer)) for offer in OFFERS]
    assert [fault for offer, book in books for fault in faults(offer, book)] == []
    assert [offer.en for offer, book in books if rule_book_problems(book)] == []
    assert f"{len(books)} of {len(books)} texts" in README


def test_a_book_of_all_texts_prices_a_trolley_of_many_offers() -> None:
    """Offers on different goods do not touch each other: the best total of all is the sum of the best of each."""
    book, random = book_of(*OFFERS), Random(2026)
    assert rule_book_problems(book) == []
    for _ in range(40):
        lines: list[CartLine] = []
        expected = 0
        for place in random.sample(range(len(OFFERS)), 12):
            pieces = random.choice(list(baskets(OFFERS[place])))
            lines += lines_of(pieces, place)
            expected += due(OFFERS[place], pieces)
        random.shuffle(lines)
        assert price_cart(Cart(CartId("c"), "HKD", 0, tuple(lines)), book).due_minor == expected


def test_with_a_spend_and_save_over_all_the_best_total_may_leave_an_offer_out() -> None:
    """An offer may undercut a threshold: exact up to 8 rules and 12 lines, else never worse than taking each."""
    random, exact, left_out = Random(2027), 0, 0
    for _ in range(120):
        some = random.sample(OFFERS, random.randint(1, 7))
        chosen = [random.choice(list(baskets(offer))) for offer in some]
        ways = {0}
        for offer, pieces in zip(some, chosen, strict=True):
            ways = {way + total for way in ways for total in totals(offer, pieces)}
        spend = max(1, min(ways) + random.randint(-1500, 1500))
        save = Rule("save", 1, RuleStage.ORDER, Tiers(By.SPEND, (Step(spend, 3000),)))
        book = book_of(*some)
        book = replace(book, rules=(*book.rules, save))
        lines = [one for place, pieces in enumerate(chosen) for one in lines_of(pieces, place)]
        found = price_cart(Cart(CartId("c"), "HKD", 0, tuple(lines)), book).due_minor
        best, plain = (min(after(way, spend) for way in some_ways) for some_ways in (ways, {min(ways)}))
        assert best <= found <= plain
        if len(book.rules) <= 8 and len(lines) <= 12:
            assert found == best
            exact, left_out = exact + 1, left_out + (best < plain)
    assert exact > 60 and left_out > 5


def totals(offer: Offer, pieces: Pieces) -> set[int]:
    """What pieces may cost: at list price or by any choice of the text."""
    return {sum(price for _, price in pieces), due(offer, pieces), *(one.due(pieces) for one in readings(offer.zh))}


def after(total_minor: int, spend_minor: int) -> int:
    """30 dollars off from a spend on."""
    return total_minor - min(total_minor, 3000) if total_minor >= spend_minor else total_minor


def test_both_languages_say_the_same() -> None:
    """Amounts and counts of the English words are those of the Chinese, 折 turned round."""
    for offer in OFFERS:
        zh, en = said(book_of(offer).rules[0], "HKD")
        assert zh and en and not re.search(r"[{}]|None", zh + en)
    told = {offer.en: said(replace(book_of(offer).rules[0], scope=ALL_GOODS), "HKD") for offer in OFFERS}
    assert told["10.00% OFF"] == ("全场9折", "10% off")
    assert told["Buy 2 to get 10% off"] == ("全场任选2件9折", "Any 2 at 10% off")
    assert told["2 Or More 15%Off"] == ("满2件85折", "15% off when you buy 2 or more")
    assert told["2nd pc 50% Off"] == ("全场第二件半价", "2nd item half price")
    assert told["Buy 9 to save $12.10"] == ("全场每9件减HK$12.10", "HK$12.10 off every 9")


def test_goods_that_a_text_leaves_out_cost_what_they_cost() -> None:
    (offer,) = [offer for offer in OFFERS if "Exclude Panadol" in offer.en]
    basket = cart_of([(0, offer.prices_minor[0])])
    plain = basket.lines[0]
    panadol: CartLine = replace(plain, item=replace(plain.item, tags=(LEFT_OUT_TAG,)))
    due = [price_cart(replace(basket, lines=(one,)), book_of(offer)).due_minor for one in (plain, panadol)]
    assert due[0] < due[1] == offer.prices_minor[0]


@pytest.mark.parametrize(
    ("zh", "due_minor"),
    [
        ("9.00折", 2700),
        ("买2件享10%折扣", 2800),
        ("买2件或以上85折", 2550),
        ("第2件半价", 2500),
        ("$15任拣2件", 2500),
        ("买2件悭$4.50", 2550),
        ("买2件送1件", 2000),
        ("买第2件$1", 2100),
        ("$10任拣2件 / 买3件享50%折扣", 1500),
    ],
)
def test_three_pieces_at_ten_cost_what_was_worked_out_by_hand(zh: str, due_minor: int) -> None:
    pieces = [(0, 1000)] * 3
    assert min(reading.due(pieces) for reading in readings(zh)) == due_minor


def test_a_wrong_reading_is_found() -> None:
    (offer,) = [offer for offer in OFFERS if offer.en == "Buy 2 to get 15% off"]
    turned_round = replace(offer, parsed=(("buy_n_percent_off", "2", "85"),))
    assert list(faults(offer, book_of(turned_round)))
    assert not list(faults(offer, book_of(offer)))
