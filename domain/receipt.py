"""The receipt of a sale as data: rows that are already laid out in the printer's columns.

The rows are what is printed, shown and stored as a picture; only sizes and codes are left to the device.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from domain.columns import center, pair, printable, width, wrap
from domain.money import Money, format_minor, line_amount_minor
from domain.price_modifier import Cause, PriceModifier, Stage
from domain.quantity import ONE, format_quantity
from domain.sale import Sale, SaleLine
from domain.tender import Tender, TenderKind

COLUMNS = (32, 42, 44, 48)
"""What printers have: 58 mm 32; 80 mm 42, 44 or 48."""
WIDE_COLUMNS = 42
"""From here on a line's name, quantity and amount stand in one row."""
MEASURED_UNITS = frozenset(
    {"kg", "g", "l", "ml", "m", "cm", "lb", "oz", "千克", "公斤", "克", "斤", "升", "毫升", "米"}
)
"""Units that are measured, not counted: they are printed with the quantity and count as one piece."""

Words = Mapping[str, str]
"""The receipt's words in one language by key (WORD_KEYS)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REDUCTIONS = tuple(stage for stage in Stage if stage is not Stage.ITEM_PRICE)
WORD_KEYS = frozenset(
    {"number", "cashier", "pieces", "total", "rounding", "due", "change", "slip", "saved", "check"}
    | {f"tender.{kind.value}" for kind in TenderKind}
    | {f"tag.{cause.value}" for cause in Cause}
    | {f"reduction.{stage.value}" for stage in _REDUCTIONS}
    | {"mark.reprint", "mark.training"}
)


class RowKind(StrEnum):
    """How a row is to look; its text is the same at every size, as only heights differ."""

    TITLE = "title"
    """Bold."""
    TEXT = "text"
    RULE = "rule"
    TOTAL = "total"
    """Bold, double height."""
    MARK = "mark"
    """Bold, double height: what nobody may overlook."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed row, not wider than the receipt."""

    kind: RowKind
    text: str


@dataclass(frozen=True, slots=True)
class QrRow:
    """A QR code in the middle, of upper-case letters and digits."""

    data: str


Row = TextRow | QrRow


@dataclass(frozen=True, slots=True)
class Receipt:
    """Rows in ``columns`` columns."""

    columns: int
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        assert all(width(row.text) <= self.columns for row in self.rows if isinstance(row, TextRow))

    def lines(self) -> list[str]:
        """The texts alone."""
        return [row.text for row in self.rows if isinstance(row, TextRow)]


class Mark(StrEnum):
    """What a receipt says of itself."""

    REPRINT = "reprint"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class ReceiptStore:
    """What HQ has set for the store's receipts; header and footer may have several lines."""

    name_zh: str
    name_en: str
    zone: tzinfo
    header_zh: str = ""
    header_en: str = ""
    footer_zh: str = ""
    footer_en: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """How wide the paper is and what it speaks: one language or both, the first one leading."""

    columns: int
    words: Mapping[str, Words]
    """``{"zh": …}``, ``{"en": …}`` or both."""

    def __post_init__(self) -> None:
        assert self.columns in COLUMNS
        assert self.words
        assert all(words.keys() >= WORD_KEYS for words in self.words.values())

    @property
    def is_wide(self) -> bool:
        """Whether a line of the sale goes into one row."""
        return self.columns >= WIDE_COLUMNS

    def say(self, key: str, figure: str = "") -> str:
        """The words of a key in the paper's languages, and a figure behind them: ``现金50.00``, ``Cash 50.00``."""
        said = " ".join(dict.fromkeys(words[key] for words in self.words.values()))
        return f"{said} {figure}" if figure and said[-1].isascii() else said + figure

    def pick(self, zh: str, en: str) -> list[str]:
        """Of a text that is kept in both languages those that the paper speaks, without empty or equal ones."""
        wanted = [zh if language == "zh" else en for language in self.words]
        return list(dict.fromkeys(text for text in wanted if text)) or [text for text in (zh or en,) if text]


@dataclass(frozen=True, slots=True)
class Proof:
    """What ties the paper to the journal: check code, the scannable reference (may be empty), and marks."""

    check_code: str
    code: str = ""
    marks: tuple[Mark, ...] = ()


def build_receipt(sale: Sale, store: ReceiptStore, *, paper: Paper, proof: Proof) -> Receipt:
    """Lay out the receipt of a sale; long names wrap, amounts are never cut, figures are the sale's own."""
    rule = TextRow(RowKind.RULE, "-" * paper.columns)
    marks = [_mark(mark, paper) for mark in proof.marks]
    rows: list[Row] = [
        *_flat(marks),
        *_head(sale, store, paper),
        rule,
        *_flat(_line_rows(line, sale.currency, paper) for line in sale.lines),
        rule,
        *_totals(sale, paper),
        *_payment(sale, paper),
        *_saved(sale, paper),
        *([rule] if paper.is_wide else []),
        *_foot(store, paper, proof=proof),
        *_flat(marks),
    ]
    return Receipt(paper.columns, tuple(rows))


def pieces(lines: Iterable[SaleLine]) -> int:
    """How many things were bought; what is weighed or measured counts as one."""
    return sum(1 if _is_measured(line) else line.quantity_thousandths // ONE for line in lines)


def _head(sale: Sale, store: ReceiptStore, paper: Paper) -> list[Row]:
    local = (_EPOCH + timedelta(milliseconds=sale.occurred_at_ms)).astimezone(store.zone)
    cashier = paper.say("cashier", sale.operator_id)
    return [
        *_flat(_centered(name, paper, RowKind.TITLE) for name in paper.pick(store.name_zh, store.name_en)),
        *_flat(_centered(text, paper) for text in paper.pick(store.header_zh, store.header_en)),
        *_centered(store.address, paper),
        *_pair(paper.say("number"), sale.receipt_no, paper=paper),
        *_pair(f"{local:%Y-%m-%d %H:%M}", cashier, paper=paper),
    ]


def _line_rows(line: SaleLine, currency: str, paper: Paper) -> list[Row]:
    first, *others = [printable(name) for name in _names(line, paper)]
    unit = printable(line.unit) if _is_measured(line) else ""
    times = f"{format_quantity(line.quantity_thousandths)}{unit}x{format_minor(line.unit_price_minor, currency)}"
    amount = format_minor(line.amount_minor - _reduced_minor(line.modifiers), currency)
    if paper.is_wide:
        rows = _beside(first, times, amount=amount, columns=paper.columns)
        return _texts(rows + [row for name in others for row in wrap(name, paper.columns, indent=2)])
    names = [row for name in (first, *others) for row in wrap(name, paper.columns)]
    return _texts(names + pair(times, amount, columns=paper.columns, indent=2))


def _beside(name: str, times: str, *, amount: str, columns: int) -> list[str]:
    """Name, quantity from the middle on, amount at the right edge; below the name what does not fit beside it."""
    *above, last = wrap(name, columns)
    half = columns // 2
    if width(last) < half:
        last += " " * (half - width(last) - 1)
    if width(f"{last} {times} {amount}") <= columns:
        return above + pair(f"{last} {times}", amount, columns=columns)
    indent = max(0, min(half, columns - width(f"{times} {amount}")))
    return [*above, last.rstrip(), *pair(times, amount, columns=columns, indent=indent)]


def _names(line: SaleLine, paper: Paper) -> list[str]:
    """The item's name in each language, with the tags that tell why its price is not the usual one."""
    known = dict(zip(("zh", "en"), (line.name_zh, line.name_en), strict=True))
    names = {language: known[language] for language in paper.words if known[language].strip()}
    if not names:
        names = {next(iter(paper.words)): line.name_zh.strip() or line.name_en.strip() or line.sku}
    tags = [f"tag.{cause.value}" for cause in dict.fromkeys(_tagged_causes(line))]
    return [name + "".join(paper.words[language][tag] for tag in tags) for language, name in names.items()]


def _tagged_causes(line: SaleLine) -> Iterable[Cause]:
    for modifier in line.modifiers:
        is_by_hand = modifier.stage is Stage.MANUAL_LINE
        is_label = modifier.cause is Cause.LABEL_AMOUNT and _label_differs(line)
        if is_by_hand or is_label or modifier.cause in (Cause.SPECIAL_PRICE, Cause.PRICE_OVERRIDE):
            yield modifier.cause


def _label_differs(line: SaleLine) -> bool:
    computed = line_amount_minor(line.unit_price_minor, line.quantity_thousandths)
    return line.amount_minor - _reduced_minor(line.modifiers) != computed


def _reduced_minor(modifiers: Iterable[PriceModifier]) -> int:
    """What came off after the item's price: told below the total, by kind."""
    return sum(modifier.amount_minor for modifier in modifiers if modifier.stage in _REDUCTIONS)


def _totals(sale: Sale, paper: Paper) -> list[Row]:
    modifiers = [modifier for line in sale.lines for modifier in line.modifiers]
    before = sale.due_minor - _reduced_minor(modifiers)
    total = f"{paper.say('pieces', str(pieces(sale.lines)))} {paper.say('total')}"
    amounts = [(total, format_minor(before, sale.currency))]
    for stage in _REDUCTIONS:
        reduced = sum(modifier.amount_minor for modifier in modifiers if modifier.stage is stage)
        if reduced:
            amounts.append((paper.say(f"reduction.{stage.value}"), format_minor(reduced, sale.currency)))
    if sale.rounding_minor:
        amounts.append((paper.say("rounding"), format_minor(-sale.rounding_minor, sale.currency)))
    due = str(Money(sale.payable_minor, sale.currency))
    return [
        *_flat(_pair(words, amount, paper=paper) for words, amount in amounts),
        *_pair(paper.say("due"), due, paper=paper, kind=RowKind.TOTAL),
    ]


def _payment(sale: Sale, paper: Paper) -> list[Row]:
    change = format_minor(sale.change_minor, sale.currency)
    has_cash = any(tender.kind is TenderKind.CASH for tender in sale.tenders)
    if len(sale.tenders) == 1 and has_cash and len(paper.words) == 1:
        cash = paper.say("tender.cash", format_minor(sale.paid_minor, sale.currency))
        return _pair(cash, paper.say("change", change), paper=paper)
    rows = [row for tender in sale.tenders for row in _tender_rows(tender, sale.currency, paper)]
    return rows + _pair(paper.say("change"), change, paper=paper) if has_cash else rows


def _tender_rows(tender: Tender, currency: str, paper: Paper) -> list[Row]:
    amount = format_minor(tender.amount_minor, currency)
    rows = _pair(paper.say(f"tender.{tender.kind.value}"), amount, paper=paper)
    slip = printable(paper.say("slip", tender.reference)) if tender.reference else ""
    return rows + _texts(wrap(slip, paper.columns, indent=2) if slip else [])


def _saved(sale: Sale, paper: Paper) -> list[Row]:
    saved = sale.list_total_minor - sale.due_minor
    return _pair(paper.say("saved"), format_minor(saved, sale.currency), paper=paper) if saved > 0 else []


def _foot(store: ReceiptStore, paper: Paper, *, proof: Proof) -> list[Row]:
    rows: list[Row] = [QrRow(proof.code)] if proof.code else []
    rows += _centered(paper.say("check", proof.check_code), paper)
    return [*rows, *_flat(_centered(text, paper) for text in paper.pick(store.footer_zh, store.footer_en))]


def _mark(mark: Mark, paper: Paper) -> list[Row]:
    return _centered(paper.say(f"mark.{mark.value}"), paper, RowKind.MARK)


def _is_measured(line: SaleLine) -> bool:
    return line.unit.strip().lower() in MEASURED_UNITS or line.quantity_thousandths % ONE != 0


def _pair(left: str, right: str, *, paper: Paper, kind: RowKind = RowKind.TEXT) -> list[Row]:
    return [TextRow(kind, row) for row in pair(printable(left), printable(right), columns=paper.columns)]


def _centered(text: str, paper: Paper, kind: RowKind = RowKind.TEXT) -> list[Row]:
    lines = (printable(line).strip() for line in text.splitlines())
    return [TextRow(kind, row) for line in lines if line for row in center(line, paper.columns)]


def _texts(rows: Iterable[str]) -> list[Row]:
    return [TextRow(RowKind.TEXT, row) for row in rows]


def _flat(groups: Iterable[list[Row]]) -> list[Row]:
    return [row for group in groups for row in group]
