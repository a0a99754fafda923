"""Rules made of real promotion texts, from their parsed meaning or, where that is missing, from the English words."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from domain.ids import ItemId
from domain.promotions import benefits as b
from domain.promotions.groups import RuleGroup
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import Scope
from domain.rulebook import RuleBook

FILE = Path(__file__).parent / "data" / "hk_promo_texts.csv"
LEFT_OUT_TAG = "left-out"
"""The tag of goods that a text leaves out by name (Panadol)."""


@dataclass(frozen=True)
class Offer:
    """One row: the words, their parsed meaning as the source has it, and goods that it was given on with prices."""

    en: str
    zh: str
    parsed: tuple[tuple[str, ...], ...]
    prices_minor: tuple[int, ...]


def offers() -> list[Offer]:
    """All rows; goods come dear to cheap, each with another price."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [_offer(row) for row in csv.DictReader(file)]


def _offer(row: dict[str, str]) -> Offer:
    parsed = tuple(tuple(part) for part in json.loads(row["parsed"]))
    prices = tuple(int(goods.split(":")[1]) for goods in row["goods"].split())
    return Offer(row["offer_en"], row["offer_zh"], parsed, prices)


def book_of(*some: Offer) -> RuleBook:
    """The texts as rules, the goods of the first numbered from 1, of the second from 11 and so on.

    What stands on both sides of a slash is a choice, the better one counts.
    """
    rules = [rule for place, offer in enumerate(some) for rule in _rules_of(offer, place)]
    groups = tuple(RuleGroup(f"text-{place}") for place in range(len(some)))
    return RuleBook(1, groups=groups, rules=tuple(rules))


def first_item(place: int) -> int:
    """The number of the first of the goods of a text."""
    return 10 * place + 1


def _rules_of(offer: Offer, place: int) -> Iterator[Rule]:
    for number, part in enumerate(offer.parsed):
        for rule in _rules(offer, part, place):
            yield replace(rule, rule_id=f"{place}-{number}-{rule.rule_id}")


def _rules(offer: Offer, part: tuple[str, ...], place: int) -> Iterator[Rule]:
    kind, *words = part
    first = first_item(place)
    goods = frozenset(ItemId(first + at) for at in range(len(offer.prices_minor)))
    left_out = frozenset({LEFT_OUT_TAG}) if "Exclude" in offer.en else frozenset[str]()
    if second := re.fullmatch(r"Buy Second for \$([\d.]+)", words[-1]):
        # The model has no price for the second piece: both together cost that much more than one.
        for at, price_minor in enumerate(offer.prices_minor, start=first):
            benefit = b.NForPrice(2, price_minor + _minor(second[1]))
            yield Rule(str(at), 1, RuleStage.ITEM, benefit, scope=Scope(frozenset({ItemId(at)})))
        return
    benefit_made = _BENEFITS[kind](words, offer) if kind in _BENEFITS else _of_words(words[0])
    scope = Scope(goods, not_tags=left_out)
    yield Rule("all", 1, RuleStage.ITEM, benefit_made, scope=scope, group_id=f"text-{place}")


def _minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def _n_percent(words: list[str], offer: Offer) -> b.Benefit:
    count, percent_bp = int(words[-2]), _minor(words[-1])
    if "or more" in offer.en.lower() or "或以上" in offer.zh:
        return b.Tiers(b.By.PIECES, (b.Step(count, percent_bp=percent_bp),))
    return b.NPercentOff(count, percent_bp)


def _of_words(words: str) -> b.Benefit:
    """What the source's own parser left open."""
    if found := re.match(r"Add (\d+) item\(s\) to cart and get 1 free\(free the most expensive one\)", words):
        return b.BuyGet(int(found[1]) - 1, 1, pick=b.GroupPick.DEAREST)
    if found := re.fullmatch(r"(\d+)% for 2nd", words):
        return b.NthPercentOff(2, _minor(found[1]))
    if found := re.fullmatch(r"Natural Diaper full range (\d) For (\d+)%Off", words):
        return b.Tiers(b.By.PIECES, (b.Step(int(found[1]), percent_bp=_minor(found[2])),))
    found = re.fullmatch(r"Purchase (\d+) pcs? of .*?, (?:can )?enjoy (\d+)% off\.", words)
    assert found, words
    return b.NPercentOff(int(found[1]), _minor(found[2]))


_BENEFITS: dict[str, Callable[[list[str], Offer], b.Benefit]] = {
    "buy_n_for_price": lambda words, _: b.NForPrice(int(words[0]), _minor(words[1])),
    "buy_n_save_amount": lambda words, _: b.NAmountOff(int(words[0]), _minor(words[1])),
    "buy_n_get_m_free": lambda words, _: b.BuyGet(int(words[0]), int(words[1])),
    "buy_n_percent_off": _n_percent,
    "selected_range_n_percent_off": _n_percent,
    "nth_item_percent_off": lambda words, _: b.NthPercentOff(int(words[0]), _minor(words[1])),
    "percent_off": lambda words, _: b.PercentOff(_minor(words[0])),
}
