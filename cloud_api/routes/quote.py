"""What a cart would cost: stateless, for HQ, the tills and, through them, everybody who shows prices."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from cloud_api.auth import asks, authorise, bearer_token
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.permissions import Permission
from cloud_api.problems import ApiProblem
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, ShortId, example
from cloud_api.routes.pricing_documents import (
    CART,
    CONTEXT,
    PRICED,
    RULE_BOOK,
    CartDocument,
    ContextDocument,
    RuleBookDocument,
)
from cloud_api.routes.sync_caller import the_background
from cloud_api.services import quotes
from cloud_api.services.background import Background
from cloud_api.services.terminals.directory import DOWN_STATES
from cloud_api.services.terminals.tokens import PREFIX

router = APIRouter(tags=["pricing"])


class QuoteBody(Body):
    """Cart, circumstances, and the rule book; without one the live one of ``zone`` or of the context's store."""

    model_config = example({"cart": CART, "context": CONTEXT, "rule_book": RULE_BOOK})
    cart: CartDocument
    context: ContextDocument | None = None
    rule_book: RuleBookDocument | None = None
    zone: ShortId | None = None


class Said(Answer):
    """A sentence of an explanation, by its key and in both languages."""

    key: str
    text_zh: str
    text_en: str


class QuotedLine(Answer):
    """A line: list + Σ modifiers = amount = net + tax."""

    line_id: str
    item_id: int
    sku: str
    name_zh: str
    name_en: str
    quantity: str
    unit_price_minor: int
    list_minor: int
    amount_minor: int
    net_minor: int
    tax_minor: int
    modifiers: list[dict[str, Any]]
    explanation: list[Said]


class Quote(Answer):
    """A priced cart; steps, rules, gifts and hints leave out fields that have their default."""

    model_config = example(PRICED)
    format: str
    format_version: int
    rule_book_version: int
    currency: str
    list_total_minor: int
    saved_minor: int
    due_minor: int
    tax_minor: int
    lines: list[QuotedLine]
    applied: list[dict[str, Any]]
    coupons_refused: list[dict[str, Any]]
    gifts: list[dict[str, Any]]
    hints: list[dict[str, Any]]
    points: dict[str, Any] | None = None
    points_earned: int
    explanation: list[Said]


def may_quote(
    request: Request,
    cloud: Annotated[Cloud, Depends(the_cloud)],
    background: Annotated[Background, Depends(the_background)],
    *,
    token: Annotated[str, Depends(bearer_token)],
) -> None:
    """An enrolled till that is in use, or a user of HQ whose role may."""
    if not token.startswith(PREFIX):
        authorise(request, cloud, token=token)
        return
    caller = background.tokens.looked_up(f"Bearer {token}", cloud.clock.now_ms())
    if caller.known.state not in DOWN_STATES:
        raise ApiProblem(403, "terminal.revoked")


@router.post(
    "/v1/quote",
    summary="试算购物车 Price a cart",
    openapi_extra=asks(Permission.QUOTE),
    dependencies=[Depends(may_quote)],
    responses=refusals(400, 404, 413),
)
def quote(body: QuoteBody, cloud: Annotated[Cloud, Depends(the_cloud)]) -> Quote:
    """Keeps nothing and changes nothing: the same question has the same answer, to the minor unit, as at the till."""
    cart, context = quotes.asked_cart(body.cart), quotes.asked_context(body.context)
    if body.rule_book is not None:
        book = quotes.asked_book(body.rule_book)
    else:
        with reading(cloud.engine) as connection:
            book = quotes.live_book(connection, zone=body.zone, store_id=context.store_id)
    return Quote.model_validate(quotes.quote(cart, book, context))
