"""Promotions: drafts, trials on sample carts, publishing and stopping; and the rule books that come of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field, StringConstraints

from cloud_api.auth import asks
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import SAFE_INTEGER, Answer, Body, Millis, Paging, ShortId, example
from cloud_api.routes.pricing_documents import (
    CART,
    CONTEXT,
    FRAME,
    PRICED,
    RULE,
    RULE_BOOK,
    CartDocument,
    ContextDocument,
    RuleBookDocument,
    RuleDocument,
)
from cloud_api.routes.quote import Quote
from cloud_api.services import quotes, rule_books, rule_templates, rule_trials, rules

router = APIRouter(tags=["rules"])
OfZone = Annotated[ShortId, Path()]
RuleId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.-]{1,40}$")]
OfRule = Annotated[RuleId, Path()]
OfTemplate = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]
OfVersion = Annotated[int, Path(ge=1, le=SAFE_INTEGER)]
_RULE_ROW: dict[str, Any] = {
    "zone": "cn",
    "rule_id": "second-half",
    "version": 1,
    "state": "published",
    "phase": "live",
    "book_version": 2,
    "rule": RULE_BOOK["rules"][0],
    "sentence_zh": "饮料第二件半价",
    "sentence_en": "Drinks: 2nd item half price",
    "created_at_ms": 1780000000000,
    "created_by": "hq.buyer",
    "changed_at_ms": 1780000000000,
    "changed_by": "hq.buyer",
}
_BOOK_ROW: dict[str, Any] = {
    "zone": "cn",
    "version": 2,
    "rules": 1,
    "what": "publish second-half",
    "published_at_ms": 1780000000000,
    "published_by": "hq.buyer",
}
_TEMPLATE: dict[str, Any] = {
    "template_id": "spend_save",
    "name_zh": "满减",
    "name_en": "Spend and save",
    "parameters": [
        {
            "name": "spend_minor",
            "name_zh": "消费满",
            "name_en": "Spend at least",
            "unit": "money",
            "least": 1,
            "most": 1000000000,
            "required": True,
        }
    ],
}
_PROBLEM = {"code": "rules.group_unknown", "text_zh": "没有互斥组 a", "text_en": "There is no group a"}


class DraftBody(Body):
    """A rule; ``rule_id`` and ``version`` are given by the cloud, whatever stands there, and so are missing names."""

    model_config = example({"rule": RULE})
    rule: RuleDocument


class TemplateBody(Body):
    """What a template asks for."""

    model_config = example({"parameters": {"spend_minor": 20000, "amount_minor": 5000}})
    parameters: RuleDocument


class TemplateParameter(Answer):
    """A parameter with its unit; where ``most`` is 0 there are no bounds."""

    name: str
    name_zh: str
    name_en: str
    unit: str
    least: int
    most: int
    required: bool


class Template(Answer):
    """A kind of promotion and what it asks for."""

    template_id: str
    name_zh: str
    name_en: str
    parameters: list[TemplateParameter]


class Templates(Answer):
    """All templates."""

    model_config = example({"templates": [_TEMPLATE]})
    templates: list[Template]


class ScheduleBody(Body):
    """When the rule is to hold, from at least 24 hours ahead; ``valid_until_ms`` 0: until it is stopped."""

    model_config = example({"valid_from_ms": 1780100000000, "valid_until_ms": 1780600000000})
    valid_from_ms: Millis
    valid_until_ms: Millis = 0


class FrameBody(Body):
    """Choices, groups, tiers, member prices, points and charges for delivery: a rule book without rules."""

    model_config = example({"frame": FRAME})
    frame: RuleBookDocument


class TrialBody(Body):
    """Sample carts, and the drafts to try on them (without: all of the zone)."""

    model_config = example({"carts": [CART], "context": CONTEXT, "rule_ids": ["second-half"]})
    carts: Annotated[list[CartDocument], Field(min_length=1, max_length=rule_trials.CARTS_MAX)]
    context: ContextDocument | None = None
    rule_ids: Annotated[list[RuleId], Field(max_length=500)] | None = None


class Rule(Answer):
    """A version of a rule: its state, and where a published one stands in its own time."""

    model_config = example(_RULE_ROW)
    zone: str
    rule_id: str
    version: int
    state: Literal["draft", "published", "replaced", "stopped", "discarded"]
    phase: Literal["draft", "scheduled", "live", "ended", "replaced", "stopped", "discarded"]
    book_version: int
    rule: dict[str, Any]
    sentence_zh: str
    sentence_en: str
    created_at_ms: int
    created_by: str
    changed_at_ms: int
    changed_by: str


class Rules(Answer):
    """The rules of a zone by id and version."""

    model_config = example({"rules": [_RULE_ROW]})
    rules: list[Rule]


class RuleBook(Answer):
    """A published rule book; it never changes."""

    model_config = example(_BOOK_ROW)
    zone: str
    version: int
    rules: int
    what: str
    published_at_ms: int
    published_by: str


class WholeRuleBook(RuleBook):
    """A published rule book with its document."""

    model_config = example(_BOOK_ROW | {"document": RULE_BOOK})
    document: dict[str, Any]


class RuleBooks(Answer):
    """Published rule books, newest first; ``next`` goes on behind the last."""

    model_config = example({"rule_books": [_BOOK_ROW], "next": None})
    rule_books: list[RuleBook]
    next: int | None = None


class RuleProblem(Answer):
    """What forbids publishing, in both languages."""

    model_config = example(_PROBLEM)
    code: str
    text_zh: str
    text_en: str


class TriedCart(Answer):
    """A cart at what it costs now and would cost with the drafts."""

    now: Quote
    then: Quote


class Trial(Answer):
    """What the drafts would do, and what forbids publishing them."""

    model_config = example({"problems": [_PROBLEM], "carts": [{"now": PRICED, "then": PRICED}]})
    problems: list[RuleProblem]
    carts: list[TriedCart]


@router.get(
    "/rules/{zone}",
    summary="规则列表 List rules",
    openapi_extra=asks(Permission.RULE_READ),
    responses=refusals(404),
)
def list_rules(zone: OfZone, cloud: Annotated[Cloud, Depends(the_cloud)]) -> Rules:
    """Drafts, published rules and stopped ones; a replaced version is in the books that it was in."""
    with reading(cloud.engine) as connection:
        found = rules.list_rules(connection, zone, now_ms=cloud.clock.now_ms())
    return Rules.model_validate({"rules": found})


@router.put(
    "/rules/{zone}/{rule_id}/draft",
    summary="保存规则草稿 Save a draft of a rule",
    openapi_extra=asks(Permission.RULE_WRITE),
    response_model=Rule,
    responses=refusals(404, 409),
)
def save_draft(
    zone: OfZone, rule_id: OfRule, *, body: DraftBody, call: Annotated[WriteCall, Depends(write_call)]
) -> Response:
    """In the place of an earlier draft of the rule; tills hear nothing of it."""
    return call.run(lambda act: rules.save_draft(act, zone, rule_id, data=body.rule), Rule)


@router.put(
    "/rules/{zone}/{rule_id}/draft/{template_id}",
    summary="用模板写规则草稿 Save a draft by a template",
    openapi_extra=asks(Permission.RULE_WRITE),
    response_model=Rule,
    responses=refusals(404, 409),
)
def save_draft_of_template(
    zone: OfZone,
    rule_id: OfRule,
    *,
    template_id: OfTemplate,
    body: TemplateBody,
    call: Annotated[WriteCall, Depends(write_call)],
) -> Response:
    """A few figures make the rule, which may then be changed like any other draft."""
    data = rule_templates.rule_data(template_id, body.parameters, rule_id=rule_id)
    return call.run(lambda act: rules.save_draft(act, zone, rule_id, data=data), Rule)


@router.get(
    "/rule-templates",
    summary="规则模板 List templates of rules",
    openapi_extra=asks(Permission.RULE_READ),
    responses=refusals(),
)
def list_templates() -> Templates:
    """Kinds of promotions that shops run, each with what it asks for."""
    return Templates.model_validate({"templates": rule_templates.list_templates()})


@router.delete(
    "/rules/{zone}/{rule_id}/draft",
    summary="丢弃规则草稿 Discard a draft",
    openapi_extra=asks(Permission.RULE_WRITE),
    response_model=Rule,
    responses=refusals(404),
)
def discard_draft(zone: OfZone, rule_id: OfRule, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """What is published stays."""
    return call.run(lambda act: rules.discard_draft(act, zone, rule_id), Rule)


@router.post(
    "/rules/{zone}/{rule_id}/schedule",
    summary="定时发布规则 Schedule a rule",
    openapi_extra=asks(Permission.RULE_PUBLISH),
    response_model=Rule,
    responses=refusals(404, 409),
)
def schedule_rule(
    zone: OfZone, rule_id: OfRule, *, body: ScheduleBody, call: Annotated[WriteCall, Depends(write_call)]
) -> Response:
    """Sends the draft to the tills now; it begins and ends by itself, also at a till that is cut off."""
    window = rules.Window(body.valid_from_ms, body.valid_until_ms)
    return call.run(lambda act: rules.publish_rule(act, zone, rule_id, window=window), Rule)


@router.post(
    "/rules/{zone}/{rule_id}/publish",
    summary="立即发布规则 Publish a rule at once",
    openapi_extra=asks(Permission.RULE_PUBLISH),
    response_model=Rule,
    responses=refusals(404, 409),
)
def publish_rule(zone: OfZone, rule_id: OfRule, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Open tills price by it within a second, others as soon as they hear of it; its own window counts."""
    return call.run(lambda act: rules.publish_rule(act, zone, rule_id), Rule)


@router.post(
    "/rules/{zone}/{rule_id}/stop",
    summary="停用规则 Stop a rule",
    openapi_extra=asks(Permission.RULE_PUBLISH),
    response_model=Rule,
    responses=refusals(404, 409),
)
def stop_rule(zone: OfZone, rule_id: OfRule, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """At once, by a new rule book without it; what was sold by it stays as it was sold."""
    return call.run(lambda act: rules.stop_rule(act, zone, rule_id), Rule)


@router.post(
    "/rules/{zone}/test",
    summary="用样例购物车试规则 Try drafts on sample carts",
    openapi_extra=asks(Permission.RULE_WRITE),
    responses=refusals(404, 409),
)
def try_rules(zone: OfZone, body: TrialBody, *, call: Annotated[WriteCall, Depends(write_call)]) -> Trial:
    """What each cart costs now and would cost with the drafts, and what forbids publishing; changes nothing."""
    carts = [quotes.asked_cart(cart) for cart in body.carts]
    context = quotes.asked_context(body.context)
    trial = rule_trials.Asked(carts, context, None if body.rule_ids is None else frozenset(body.rule_ids))
    with reading(call.cloud.engine) as connection:
        return Trial.model_validate(rule_trials.try_drafts(connection, zone, trial))


@router.get(
    "/rule-books/{zone}",
    summary="规则书列表 List rule books",
    openapi_extra=asks(Permission.RULE_READ),
    responses=refusals(404),
)
def list_rule_books(
    zone: OfZone, query: Annotated[Paging, Query()], *, cloud: Annotated[Cloud, Depends(the_cloud)]
) -> RuleBooks:
    """Every version that was published, newest first: who, when, and by which act."""
    with reading(cloud.engine) as connection:
        rows, following = rule_books.list_books(connection, zone, after=query.after, limit=query.limit)
    return RuleBooks.model_validate({"rule_books": rows, "next": following})


@router.get(
    "/rule-books/{zone}/{version}",
    summary="规则书 Get a rule book",
    openapi_extra=asks(Permission.RULE_READ),
    responses=refusals(404),
)
def get_rule_book(zone: OfZone, version: OfVersion, *, cloud: Annotated[Cloud, Depends(the_cloud)]) -> WholeRuleBook:
    """The book that sales of this version were priced by."""
    with reading(cloud.engine) as connection:
        return WholeRuleBook.model_validate(rule_books.get_book(connection, zone, version))


@router.put(
    "/rule-books/{zone}/frame",
    summary="设定规则书框架 Set choices, groups, tiers and points",
    openapi_extra=asks(Permission.RULE_PUBLISH),
    response_model=RuleBook,
    responses=refusals(404, 409),
)
def replace_frame(zone: OfZone, body: FrameBody, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Everything of the rule book but its rules, which stay; published at once as its next version."""
    frame = quotes.asked_frame(body.frame)
    return call.run(lambda act: rules.replace_frame(act, zone, frame), RuleBook)
