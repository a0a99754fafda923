"""The sentence of a rule: goods, thresholds and benefit, then who, where, when and how often.

It is made from the rule and not from how the rule came about, so that it stays true after every edit.
"""

from dataclasses import replace

from domain.promotions import benefits
from domain.promotions.effects import conditions_without_effect
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import ALL_GOODS
from domain.promotions.sentences.benefits import benefit_words
from domain.promotions.sentences.conditions import Threshold, condition_words, is_of_other_goods, threshold_words
from domain.promotions.sentences.goods import goods, spaced
from domain.promotions.sentences.limits import limit_words, switch_words, time_words
from domain.promotions.sentences.voice import Voice

MAX_NAME = 120
"""A name stands on receipts and screens: goods with long names must not fill them."""
_RIGHT_AFTER_THRESHOLD = (
    benefits.PercentOff, benefits.AmountOff, benefits.Gift, benefits.AddOn, benefits.PointsTimes,
    benefits.FreeDelivery,
)  # fmt: skip
"""What follows a threshold without a pause: 满50元减10元."""
_NEVER_OF_EVERYTHING = (
    benefits.Tiers, benefits.Every, benefits.Gift, benefits.AddOn, benefits.Bundle, benefits.ScopePrice,
)  # fmt: skip
"""All others are said to hold for all goods (全场第二件半价) where neither goods nor a threshold are named."""


def sentence(rule: Rule, voice: Voice) -> str:
    """``满200元减50元，限会员`` or ``¥50 off when you spend ¥200, members only``."""
    circumstances = [
        part for one in rule.conditions if not isinstance(one, Threshold) for part in condition_words(one, voice)
    ]
    rest = [*limit_words(rule, voice), *switch_words(rule, voice), *time_words(rule, voice)]
    return _begun(voice.say("sentence.comma").join([_offer(rule, voice), *circumstances, *rest]), rule)


def with_names(rule: Rule, zh: Voice, en: Voice) -> Rule:
    """The rule, called by what it gives where it has no name: 满200元减50元, without who, when and how often."""
    named = replace(rule, name_zh=rule.name_zh or _begun(_offer(rule, zh), rule)[:MAX_NAME])
    return replace(named, name_en=rule.name_en or _begun(_offer(rule, en), rule)[:MAX_NAME])


def _begun(said: str, rule: Rule) -> str:
    return said if rule.scope.names_goods else said[:1].upper() + said[1:]


def _offer(rule: Rule, voice: Voice) -> str:
    silent = conditions_without_effect(rule)
    thresholds = [one for one in rule.conditions if isinstance(one, Threshold) and one not in silent]
    own, others = (
        [
            said
            for one in thresholds
            if is_of_other_goods(one, rule.scope) is other and (said := threshold_words(one, rule.scope, voice))
        ]
        for other in (False, True)
    )
    offer = voice.say(
        "sentence.offer",
        goods=_goods(rule, voice),
        own=_asked(own, _pause(rule.benefit), voice),
        others=_asked(others, "others_too" if own else "others", voice),
        benefit=_benefit(rule, voice, is_limited=bool(own or others)),
    )
    return voice.say("sentence.coupon", offer=offer) if rule.stage is RuleStage.COUPON else offer


def _goods(rule: Rule, voice: Voice) -> str:
    if rule.scope == ALL_GOODS or isinstance(rule.benefit, benefits.Bundle):
        return ""
    return voice.say("sentence.goods", goods=spaced(voice, goods(voice, rule.scope)))


def _benefit(rule: Rule, voice: Voice, *, is_limited: bool) -> str:
    said = benefit_words(rule.benefit, voice)
    if rule.scope != ALL_GOODS or is_limited or isinstance(rule.benefit, _NEVER_OF_EVERYTHING):
        return said
    return voice.say("sentence.of_everything", benefit=said)


def _pause(benefit: benefits.Benefit) -> str:
    if isinstance(benefit, benefits.Tiers):
        return "too"
    return "close" if isinstance(benefit, _RIGHT_AFTER_THRESHOLD) else "apart"


def _asked(thresholds: list[str], key: str, voice: Voice) -> str:
    if not thresholds:
        return ""
    asked = voice.say("sentence.asked").join(thresholds)
    return voice.say(f"sentence.{key}", asked=spaced(voice, asked) if key == "close" else asked)
