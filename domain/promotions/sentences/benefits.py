"""What each kind of benefit gives, in words."""

from collections.abc import Callable
from typing import Any

from domain.promotions import benefits
from domain.promotions.benefits import ALL_BP, By, GroupPick, Step
from domain.promotions.scope import Scope
from domain.promotions.sentences.figures import counted, decimal, money, off, ordinal, times
from domain.promotions.sentences.goods import some_goods, spaced
from domain.promotions.sentences.voice import Voice


def benefit_words(benefit: benefits.Benefit, voice: Voice) -> str:
    """What the benefit gives, without the goods of its rule."""
    said = _SAY[type(benefit)](benefit, voice)
    cap = getattr(benefit, "cap_minor", None)
    return said if cap is None else voice.say("benefit.cap", benefit=said, cap=money(voice, cap))


def _percent_off(benefit: benefits.PercentOff, voice: Voice) -> str:
    return off(voice, benefit.percent_bp)


def _amount_off(benefit: benefits.AmountOff, voice: Voice) -> str:
    return voice.say(f"benefit.amount_off.{benefit.per}", amount=money(voice, benefit.amount_minor))


def _unit_price(benefit: benefits.UnitPrice, voice: Voice) -> str:
    return voice.say("benefit.unit_price", price=money(voice, benefit.price_minor))


def _scope_price(benefit: benefits.ScopePrice, voice: Voice) -> str:
    return voice.say("benefit.scope_price", price=money(voice, benefit.price_minor))


def _n_for_price(benefit: benefits.NForPrice, voice: Voice) -> str:
    key = "benefit.n_for_price.one" if benefit.count == 1 else "benefit.n_for_price.many"
    return voice.say(key, count=benefit.count, price=money(voice, benefit.price_minor))


def _n_amount_off(benefit: benefits.NAmountOff, voice: Voice) -> str:
    key = "benefit.n_amount_off.one" if benefit.count == 1 else "benefit.n_amount_off.many"
    return voice.say(key, count=benefit.count, amount=money(voice, benefit.amount_minor))


def _n_percent_off(benefit: benefits.NPercentOff, voice: Voice) -> str:
    if benefit.count == 1:
        return voice.say("benefit.each", off=off(voice, benefit.percent_bp))
    return voice.say("benefit.n_percent_off", count=benefit.count, off=off(voice, benefit.percent_bp, "at"))


def _nth_percent_off(benefit: benefits.NthPercentOff, voice: Voice) -> str:
    reduced = off(voice, benefit.percent_bp)
    if benefit.nth == 1:
        return voice.say("benefit.each", off=reduced)
    said = voice.say("benefit.nth_percent_off", nth=ordinal(voice, benefit.nth), off=reduced)
    return said + _picked(benefit.pick, voice)


def _buy_get(benefit: benefits.BuyGet, voice: Voice) -> str:
    said = _of_other_goods(benefit, benefit.goods, voice) if benefit.goods else _of_same_goods(benefit, voice)
    return said + _picked(benefit.pick, voice)


def _of_same_goods(benefit: benefits.BuyGet, voice: Voice) -> str:
    if benefit.percent_bp == ALL_BP:
        buy, get = counted(voice, benefit.buy, benefit.get), counted(voice, benefit.get, benefit.buy)
        return voice.say("benefit.buy_get.free", buy=buy, get=get)
    reduced = off(voice, benefit.percent_bp, "at")
    return voice.say("benefit.buy_get.reduced", buy=benefit.buy, get=benefit.get, off=reduced)


def _of_other_goods(benefit: benefits.BuyGet, goods: Scope, voice: Voice) -> str:
    named = some_goods(voice, goods)
    if benefit.percent_bp == ALL_BP:
        return voice.say("benefit.buy_get.other_free", buy=benefit.buy, get=benefit.get, goods=named)
    reduced, named = off(voice, benefit.percent_bp, "at"), spaced(voice, named)
    return voice.say("benefit.buy_get.other_reduced", buy=benefit.buy, get=benefit.get, goods=named, off=reduced)


def _cheapest_free(benefit: benefits.CheapestFree, voice: Voice) -> str:
    which = "dearest" if benefit.dearest else "cheapest"
    if benefit.free == benefit.count:
        return voice.say(f"benefit.cheapest_free.all_{which}", count=benefit.count)
    key = f"benefit.cheapest_free.{which}_{'one' if benefit.free == 1 else 'many'}"
    return voice.say(key, count=benefit.count, free=benefit.free)


def _bundle(benefit: benefits.Bundle, voice: Voice) -> str:
    parts = [
        voice.say("benefit.bundle.part", count=part.count, goods=some_goods(voice, part.goods))
        for part in benefit.parts
    ]
    together = voice.say("benefit.bundle.plus").join(parts)
    return voice.say("benefit.bundle.price", parts=together, price=money(voice, benefit.price_minor))


def _add_on(benefit: benefits.AddOn, voice: Voice) -> str:
    key = "benefit.add_on.one" if benefit.count == 1 else "benefit.add_on.many"
    price = money(voice, benefit.price_minor)
    return voice.say(key, count=benefit.count, goods=some_goods(voice, benefit.goods), price=price)


def _tiers(benefit: benefits.Tiers, voice: Voice) -> str:
    return voice.say("benefit.tiers.and").join(_step(step, benefit.by, voice) for step in benefit.steps)


def _step(step: Step, by: By, voice: Voice) -> str:
    at = money(voice, step.at) if by is By.SPEND else str(step.at)
    if step.percent_bp:
        return voice.say(f"benefit.tiers.{by}_percent", at=at, off=off(voice, step.percent_bp))
    return voice.say(f"benefit.tiers.{by}_amount", at=at, amount=money(voice, step.amount_minor))


def _every(benefit: benefits.Every, voice: Voice) -> str:
    step = money(voice, benefit.step) if benefit.by is By.SPEND else str(benefit.step)
    said = voice.say(f"benefit.every.{benefit.by}", step=step, amount=money(voice, benefit.amount_minor))
    if not benefit.max_times:
        return said
    return voice.say("benefit.every.most", benefit=said, times=times(voice, benefit.max_times))


def _gift(benefit: benefits.Gift, voice: Voice) -> str:
    return voice.say("benefit.gift", count=benefit.count, goods=some_goods(voice, benefit.goods))


def _points_times(benefit: benefits.PointsTimes, voice: Voice) -> str:
    return voice.say("benefit.points_times", times=decimal(benefit.times_thousandths, 3))


def _free_delivery(benefit: benefits.FreeDelivery, voice: Voice) -> str:
    if benefit.cap_minor is None:
        return voice.say("benefit.free_delivery")
    return voice.say("benefit.delivery_off")


def _picked(pick: GroupPick | None, voice: Voice) -> str:
    return voice.say(f"pick.{pick}") if pick else ""


_SAY: dict[type, Callable[[Any, Voice], str]] = {
    benefits.PercentOff: _percent_off,
    benefits.AmountOff: _amount_off,
    benefits.UnitPrice: _unit_price,
    benefits.ScopePrice: _scope_price,
    benefits.NForPrice: _n_for_price,
    benefits.NAmountOff: _n_amount_off,
    benefits.NPercentOff: _n_percent_off,
    benefits.NthPercentOff: _nth_percent_off,
    benefits.BuyGet: _buy_get,
    benefits.CheapestFree: _cheapest_free,
    benefits.Bundle: _bundle,
    benefits.AddOn: _add_on,
    benefits.Tiers: _tiers,
    benefits.Every: _every,
    benefits.Gift: _gift,
    benefits.PointsTimes: _points_times,
    benefits.FreeDelivery: _free_delivery,
}
