"""Why a cart costs what it costs, as sentences' keys and figures; the words are in ``resources/texts/pricing.toml``."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.item_price import PricedLine
from domain.money import Money
from domain.price_modifier import PriceModifier, Stage
from domain.pricing import PricedCart
from domain.promotions.outcome import Hint


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: text key and what fills its gaps; ``name_zh`` and ``name_en`` stand for ``{name}``."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)


def explain(priced: PricedCart) -> tuple[Said, ...]:
    """From list total to what is due, step by step: the figures sum."""
    currency = priced.cart.currency
    said = [Said("pricing.list_total", {"amount": _money(priced.list_total_minor, currency)})]
    for stage in Stage:
        said += _of_stage(priced, stage)
    said.append(Said("pricing.due", {"amount": _money(priced.due_minor, currency)}))
    return (*said, *_besides(priced))


def explain_line(line: PricedLine, currency: str) -> tuple[Said, ...]:
    """The steps of one line, each with the amount that it was computed on."""
    return tuple(
        Said(
            f"pricing.step.{step.cause.value}",
            {"amount": _money(step.amount_minor, currency), "base": _money(step.base_minor, currency)}
            | {"rule_id": step.rule_id},
        )
        for step in line.modifiers
    )


def say_hint(hint: Hint, currency: str) -> Said:
    """再买 ¥12.00 享满200减50."""
    names = {"name_zh": hint.name_zh, "name_en": hint.name_en}
    if hint.missing_pieces:
        return Said("pricing.hint.pieces", {"pieces": hint.missing_pieces, **names})
    return Said("pricing.hint.spend", {"amount": _money(hint.missing_minor, currency), **names})


def _of_stage(priced: PricedCart, stage: Stage) -> Iterator[Said]:
    currency = priced.cart.currency
    steps = [step for line in priced.lines for step in line.modifiers if step.stage is stage]
    for rule in priced.applied:
        if rule.stage is stage:
            names = {"name_zh": rule.name_zh or rule.rule_id, "name_en": rule.name_en or rule.rule_id}
            amount = _money(-rule.saved_minor, currency)
            yield Said("pricing.rule", {"amount": amount, **names, "rule_id": rule.rule_id})
            if rule.dropped_minor:
                yield Said("pricing.dropped", {"amount": _money(rule.dropped_minor, currency), **names})
            if rule.limited:
                yield Said("pricing.limited", names)
    known = {rule.rule_id for rule in priced.applied if rule.stage is stage}
    rest = _sum(step for step in steps if step.rule_id not in known)
    if rest:
        yield Said(f"pricing.stage.{stage.value}", {"amount": _money(rest, currency)})


def _besides(priced: PricedCart) -> Iterator[Said]:
    currency = priced.cart.currency
    if priced.points and priced.points.used < priced.points.wanted:
        yield Said("pricing.points_trimmed", {"wanted": priced.points.wanted, "used": priced.points.used})
    for gift in priced.gifts:
        if gift.claimed < gift.pieces:
            rule = next(rule for rule in priced.applied if rule.rule_id == gift.rule_id)
            names = {"name_zh": rule.name_zh or rule.rule_id, "name_en": rule.name_en or rule.rule_id}
            yield Said("pricing.gift", {"pieces": gift.pieces, **names})
    for refused in priced.coupons_refused:
        yield Said(f"pricing.coupon.{refused.reason}", {"coupon_id": refused.coupon_id})
    for hint in priced.hints:
        yield say_hint(hint, currency)


def _sum(steps: Iterator[PriceModifier]) -> int:
    return sum(step.amount_minor for step in steps)


def _money(minor: int, currency: str) -> str:
    return str(Money(minor, currency))
