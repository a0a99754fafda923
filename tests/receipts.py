"""Sales, stores and papers for the tests of receipts, printers and the print queue."""

from zoneinfo import ZoneInfo

from domain.clock import BusinessDate
from domain.ids import ItemId, OperatorId, SaleId, StoreId, TerminalId
from domain.money import line_amount_minor
from domain.price_modifier import Cause, PriceModifier, Stage
from domain.receipt import WORD_KEYS, Mark, Paper, Proof, Receipt, ReceiptStore, build_receipt
from domain.sale import Sale, SaleLine
from domain.tender import Tender, TenderKind
from resources.texts import text

CHECK_CODE = "7F3A-91C2"
CODE = "R1" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 4
ZONE = ZoneInfo("Asia/Shanghai")
OCCURRED_AT_MS = 1_793_701_320_000
"""2026-11-03 18:22 in Shanghai."""

STORE = ReceiptStore("晨光便利 人民路店", "Morning Light, Renmin Road", ZONE)
FULL_STORE = ReceiptStore(
    "晨光便利 人民路店",
    "Morning Light, Renmin Road",
    ZONE,
    header_zh="全场满100元免费送货",
    header_en="Free delivery from 100.00",
    footer_zh="谢谢惠顾\n凭小票七日内退换",
    footer_en="Thank you\nReturns within 7 days with this receipt",
    address="南京市人民路18号 025-8888 6666",
)


def line(name_zh: str, name_en: str, *, price: int, quantity: int = 1000, unit: str = "个") -> SaleLine:
    """A sold line at its list price."""
    amount = line_amount_minor(price, quantity)
    return SaleLine(
        item_id=ItemId(1),
        sku="S1",
        name_zh=name_zh,
        name_en=name_en,
        unit=unit,
        scanned_code="",
        quantity_thousandths=quantity,
        unit_price_minor=price,
        list_minor=amount,
        amount_minor=amount,
        tax_code="std",
        tax_rate_bp=0,
        net_minor=amount,
        tax_minor=0,
    )


def reduced(of: SaleLine, *modifiers: PriceModifier) -> SaleLine:
    """The line with modifiers put on it."""
    amount = of.amount_minor + sum(modifier.amount_minor for modifier in modifiers)
    fields = {name: getattr(of, name) for name in SaleLine.__slots__}
    return SaleLine(**{**fields, "amount_minor": amount, "net_minor": amount, "modifiers": of.modifiers + modifiers})


def by_hand(amount_minor: int, stage: Stage = Stage.MANUAL_LINE) -> PriceModifier:
    """A manual discount."""
    return PriceModifier(stage, Cause.MANUAL_DISCOUNT, amount_minor, 0)


def sale(*lines: SaleLine, tenders: tuple[Tender, ...] = (), rounding: int = 0, currency: str = "CNY") -> Sale:
    """A completed sale of the lines; without tenders it is paid exactly in cash."""
    due = sum(line.amount_minor for line in lines)
    payable = due - rounding
    paid = tenders or (Tender(TenderKind.CASH, payable),)
    return Sale(
        sale_id=SaleId("0193f6c2-0000-7000-8000-000000000183"),
        receipt_no="0102-2A-000183",
        store_id=StoreId("0102"),
        terminal_id=TerminalId("0102-2"),
        operator_id=OperatorId("1007"),
        business_date=BusinessDate("2026-11-03"),
        occurred_at_ms=OCCURRED_AT_MS,
        currency=currency,
        rule_book_version=1,
        lines=lines,
        tenders=paid,
        due_minor=due,
        rounding_minor=rounding,
        paid_minor=sum(tender.amount_minor for tender in paid),
        change_minor=sum(tender.amount_minor for tender in paid) - payable,
    )


def morning_sale() -> Sale:
    """Water, crisps and apples with a discount, paid with a note of 50."""
    return sale(
        line("农夫山泉550ml", "Nongfu Spring 550ml", price=200, quantity=3000),
        line("乐事薯片原味75g", "Lay's Original 75g", price=790),
        reduced(line("散称苹果", "Loose apples", price=996, quantity=835, unit="kg"), by_hand(-120)),
        tenders=(Tender(TenderKind.CASH, 5000),),
        rounding=2,
    )


def paper(columns: int = 48, language: str = "zh") -> Paper:
    """A paper with the product's own words; ``zh``, ``en`` or ``both``."""
    languages = ("zh", "en") if language == "both" else (language,)
    return Paper(columns, {name: {key: text(f"receipt.{key}", name) for key in WORD_KEYS} for name in languages})


def receipt(
    of: Sale | None = None, columns: int = 48, *, language: str = "zh", marks: tuple[Mark, ...] = ()
) -> Receipt:
    """The laid-out receipt of a sale, by default of ``morning_sale``, with everything on it."""
    proof = Proof(CHECK_CODE, CODE, marks)
    return build_receipt(of or morning_sale(), FULL_STORE, paper=paper(columns, language), proof=proof)
