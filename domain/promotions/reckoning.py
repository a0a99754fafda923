"""From what goods cost to what is due: rules in turn, the manual discount in its place, and points at the end."""

from dataclasses import dataclass

from domain.cart import DiscountKind, ManualDiscount
from domain.money import allocate, percent_minor
from domain.points import PointsUsed
from domain.price_modifier import Stage
from domain.pricing_context import PricingContext
from domain.promotions.applying import apply
from domain.promotions.basket import Basket, positions
from domain.promotions.offers import Offer
from domain.promotions.rule import RuleStage
from domain.promotions.running import Applied, Cut, Given, Running
from domain.promotions.spread import spread
from domain.rulebook import RuleBook

SentinelKey = tuple[tuple[int, int, str, str], ...]
_END = (1 << 62, 0, "", "")
"""Behind every real rank: of two equal results the one with another rule in it comes first."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One basket in its circumstances."""

    basket: Basket
    book: RuleBook
    context: PricingContext
    discount: ManualDiscount | None

    @property
    def couples_all(self) -> bool:
        """Whether something looks at the whole, so that parts of the basket cannot be judged apart."""
        return self.discount is not None or self.context.points_wanted > 0

    @property
    def items_come_first(self) -> bool:
        """Whether item promotions come before everything that looks at more goods."""
        return self.book.choices.stages[2] is Stage.ITEM_PROMOTION

    @property
    def coupons_come_last(self) -> bool:
        """Whether coupons come after all other rules."""
        return self.book.choices.stages[-2] is Stage.COUPON

    def start(self) -> Running:
        """Before any rule."""
        return Running(self.basket.amounts, sum(self.basket.amounts))

    def after(self, now: Running, offer: Offer) -> Running | None:
        """After a rule; None where it does nothing."""
        if self.discount and not now.by_hand and self._comes_after_hand(offer.rule.stage):
            now = self._by_hand(now, self.discount)
        return apply(offer, now, self.basket, choices=self.book.choices)

    def complete(self, now: Running) -> Running:
        """With the manual discount of the cart, whether or not a rule came after it."""
        return self._by_hand(now, self.discount) if self.discount and not now.by_hand else now

    def due(self, now: Running) -> int:
        """What is due after points."""
        if not self.couples_all:
            return now.total
        now = self.complete(now)
        return now.total - self.points(now)[0].amount_minor

    def key(self, now: Running) -> SentinelKey:
        """The order of equal results: higher priority, larger saving, smaller id."""
        done = [one for one in now.applied() if one.offer]
        ranks = [
            (-one.offer.rule.priority, -one.given.amount_minor, one.offer.rule.rule_id, one.offer.coupon_id)
            for one in done
            if one.offer
        ]
        return (*sorted(ranks), _END)

    def points(self, now: Running) -> tuple[PointsUsed, list[Cut]]:
        """How many points are used after the cap, and where their value comes off."""
        rules, wanted = self.book.points, self.context.points_wanted
        nothing = PointsUsed(wanted, 0, 0)
        shopper = self.context.shopper
        if not (wanted and shopper and rules.redeem_step_points) or now.total < rules.redeem_min_due_minor:
            return nothing, []
        if not self.book.choices.points_with_coupons and _has_coupon(now):
            return nothing, []
        lines = positions(self.basket.mask(rules.redeem_scope))
        rooms = [max(0, now.amounts[at] - self.basket.floors[at]) for at in lines]
        cap = min(now.total * rules.redeem_max_bp // 10_000, sum(rooms))
        if rules.redeem_max_minor is not None:
            cap = min(cap, rules.redeem_max_minor)
        steps = min(min(wanted, shopper.points) // rules.redeem_step_points, cap // rules.redeem_step_minor)
        if steps <= 0:
            return nothing, []
        amount = steps * rules.redeem_step_minor
        parts, _ = spread(amount, [now.amounts[at] for at in lines], rooms)
        cuts = [(at, part) for at, part in zip(lines, parts, strict=True) if part]
        return PointsUsed(wanted, steps * rules.redeem_step_points, amount), cuts

    def _comes_after_hand(self, stage: RuleStage) -> bool:
        stages = self.book.choices.stages
        return stages.index(Stage(stage.value)) > stages.index(Stage.MANUAL_CART)

    def _by_hand(self, now: Running, discount: ManualDiscount) -> Running:
        weights = [
            amount if one.item.discount_allowed else 0
            for one, amount in zip(self.basket.goods, now.amounts, strict=True)
        ]
        scope = sum(weights)
        is_percent = discount.kind is DiscountKind.PERCENT
        wanted = percent_minor(scope, discount.value) if is_percent else min(discount.value, scope)
        parts = allocate(wanted, weights) if scope else []
        cuts = [(at, part) for at, part in enumerate(parts) if part]
        amounts = now.amounts.copy()
        bases = tuple(amounts[at] for at, _ in cuts)
        for at, cut in cuts:
            amounts[at] -= cut
        last = Applied(None, Given(cuts), bases, now.last) if cuts else now.last
        total = now.total - sum(cut for _, cut in cuts)
        return Running(amounts, total, now.stage, now.at_stage, now.free, last, by_hand=True, beside=now.beside)


def _has_coupon(now: Running) -> bool:
    return any(one.offer and one.offer.rule.stage is RuleStage.COUPON for one in now.applied())
