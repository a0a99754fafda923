"""``evertill-price CART``: what a cart costs by a rule book, from files alone, as JSON or as a table.

Exit code 0: priced; 1: a document was refused, with its code and the reason in both languages; 2: a file cannot be
opened or the command was not understood.
"""

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from domain.errors import DomainError
from domain.explanation import explain, explain_line
from domain.item_price import PricedLine
from domain.money import Money
from domain.priced_json import priced_to_data
from domain.pricing import PricedCart, price_cart
from domain.quantity import format_quantity
from domain.quoting import cart_asked, context_asked, rule_book_asked
from domain.rulebook import RuleBook
from domain.strict_json import parse_json
from resources.texts import LANGUAGES, error_text, text

PRICED, REFUSED, UNREADABLE = 0, 1, 2
_STANDARD_INPUT = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    options = _parser().parse_args(arguments)
    try:
        priced = _priced(options)
    except DomainError as error:
        _complain(error)
        return UNREADABLE if error.code == "price.no_file" else REFUSED
    if options.json:
        print(json.dumps(priced_to_data(priced, text), ensure_ascii=False, indent=2))
    else:
        print("\n".join(table(priced, options.language)))
    return PRICED


def table(priced: PricedCart, language: str) -> Iterator[str]:
    """The lines with their steps, the total and how it came about, in one language."""
    headings = [text(f"price.heading_{name}", language) for name in ("item", "quantity", "list", "amount")]
    currency = priced.cart.currency
    rows = [_cells(line, currency, language) for line in priced.lines]
    widths = [max(map(_width, column)) for column in zip(headings, *rows, strict=True)]
    yield _row(headings, widths)
    for line, cells in zip(priced.lines, rows, strict=True):
        yield _row(cells, widths)
        for said in explain_line(line, currency):
            yield "    " + text(said.key, language, **said.params)
    yield ""
    for said in explain(priced):
        yield text(said.key, language, **said.params)
    yield text("price.tax", language, amount=Money(priced.tax_minor, currency))
    yield text("price.points_earned", language, points=priced.points_earned)
    yield text("price.book", language, version=priced.rule_book_version)


def _parser() -> argparse.ArgumentParser:
    about, cart, context, rules, as_json, language = (
        " ".join(text(f"price.{key}", one) for one in LANGUAGES)
        for key in ("about", "help_cart", "help_context", "help_rules", "help_json", "help_language")
    )
    parser = argparse.ArgumentParser(prog="evertill-price", description=about)
    parser.add_argument("cart", help=cart)
    parser.add_argument("--context", help=context)
    parser.add_argument("--rules", help=rules)
    parser.add_argument("--json", action="store_true", help=as_json)
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help=language)
    return parser


def _priced(options: argparse.Namespace) -> PricedCart:
    cart = cart_asked(_document(options.cart))
    context = context_asked(_document(options.context) if options.context else None)
    book = rule_book_asked(_document(options.rules)) if options.rules else RuleBook()
    return price_cart(cart, book, context=context)


def _document(name: str) -> Any:
    if name == _STANDARD_INPUT:
        return parse_json(sys.stdin.buffer.read())
    try:
        return parse_json(Path(name).read_bytes())
    except OSError as error:
        raise DomainError("price.no_file", file=name) from error


def _complain(error: DomainError) -> None:
    for language in LANGUAGES:
        print(f"{error.code}: {error_text(error.code, language, error.params)}", file=sys.stderr)


def _cells(line: PricedLine, currency: str, language: str) -> list[str]:
    item = line.line.item
    quantity = f"{format_quantity(line.line.quantity_thousandths)} {item.unit}".rstrip()
    amounts = [str(Money(minor, currency)) for minor in (line.list_minor, line.amount_minor)]
    return [item.name(language), quantity, *amounts]


def _row(cells: Iterable[str], widths: Iterable[int]) -> str:
    first, *rest = [(cell, " " * (wide - _width(cell))) for cell, wide in zip(cells, widths, strict=True)]
    return "  ".join([first[0] + first[1], *(gap + cell for cell, gap in rest)])


def _width(cell: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in cell)


if __name__ == "__main__":
    sys.exit(main())
