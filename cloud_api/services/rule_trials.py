"""Drafts tried on sample carts: what each costs now and would cost, and what forbids publishing them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.services import quotes, rule_books, rules
from domain.cart import Cart
from domain.errors import DomainError
from domain.pricing_context import PricingContext
from resources.texts import LANGUAGES, error_text

CARTS_MAX = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The sample carts, their circumstances, and which drafts are meant (None: all)."""

    carts: Sequence[Cart]
    context: PricingContext
    rule_ids: frozenset[str] | None


def try_drafts(connection: sa.Connection, zone: str, asked: Asked) -> Row:
    """Each cart by the live book and by the book with the drafts; a book with problems prices nothing."""
    live = rule_books.live_book(connection, zone)
    drafted = rules.book_with_drafts(connection, zone, asked.rule_ids)
    problems = rule_books.problems_of(connection, zone, drafted)
    carts = (
        []
        if problems
        else [
            {"now": quotes.quote(cart, live, asked.context), "then": quotes.quote(cart, drafted, asked.context)}
            for cart in asked.carts
        ]
    )
    return {"problems": [_told(problem) for problem in problems], "carts": carts}


def _told(problem: DomainError) -> Row:
    texts = {f"text_{language}": str(error_text(problem.code, language, problem.params)) for language in LANGUAGES}
    return {"code": problem.code} | texts
