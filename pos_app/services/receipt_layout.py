"""The receipt of a sale, and the printer's test page, laid out for this till's paper and in its language."""

from collections.abc import Callable
from functools import cache

from domain.columns import center, pair
from domain.ids import SaleId
from domain.money import Money
from domain.receipt import WORD_KEYS, Mark, Paper, Proof, QrRow, Receipt, ReceiptStore, RowKind, TextRow, Words
from domain.receipt import build_receipt as build
from domain.receipt_code import ReceiptReference, fits, receipt_code, signed_bytes
from pos_app.services.checkout import zone_of
from pos_app.services.receipts import Receipts
from pos_app.services.store_settings import StoreSettings
from pos_app.settings import DeviceSettings, PrinterSettings
from resources.texts import LANGUAGES, text

Sign = Callable[[bytes], bytes]
"""The till's Ed25519 signature."""

BOTH = "both"
_SAMPLE_MINOR = 123456


class ReceiptLayout:
    """Reads sale and settings; any thread, a few milliseconds."""

    def __init__(
        self,
        receipts: Receipts,
        *,
        store: Callable[[], StoreSettings],
        settings: Callable[[], DeviceSettings],
        sign: Sign,
    ) -> None:
        self._receipts = receipts
        self._store = store
        self._settings = settings
        self._sign = sign

    def of_sale(self, sale_id: SaleId, *, copy: bool = False) -> Receipt:
        """The receipt of a sale, marked 补打 where it is a copy; NotFound ``receipts.unknown``."""
        sale, check_code = self._receipts.get(sale_id), self._receipts.check_code(sale_id)
        marks = (Mark.REPRINT,) if copy else ()
        proof = Proof(check_code, self._code(sale.receipt_no, check_code), marks)
        return build(sale, receipt_store(self._store()), paper=paper_of(self._settings().printer), proof=proof)

    def sample_page(self) -> Receipt:
        """What shows whether columns, Chinese, large type and codes come out right."""
        return sample_page(self._settings().printer, self._store().currency)

    def _code(self, receipt_no: str, check_code: str) -> str:
        if not fits(receipt_no):
            return ""
        reference = ReceiptReference(receipt_no, check_code)
        return receipt_code(reference, self._sign(signed_bytes(reference)))


def paper_of(printer: PrinterSettings) -> Paper:
    """Width and language of a printer's paper."""
    return Paper(printer.columns, {language: _words(language) for language in _languages(printer)})


def receipt_store(store: StoreSettings) -> ReceiptStore:
    """What the receipt takes from the store's settings."""
    return ReceiptStore(
        name_zh=store.name_zh,
        name_en=store.name_en,
        zone=zone_of(store.timezone),
        header_zh=store.receipt_header_zh,
        header_en=store.receipt_header_en,
        footer_zh=store.receipt_footer_zh,
        footer_en=store.receipt_footer_en,
        address=store.address,
    )


def sample_page(printer: PrinterSettings, currency: str) -> Receipt:
    """A page with both edges, a ruler, Chinese, the large amount and a code to scan."""
    columns = printer.columns

    def say(key: str) -> str:
        return " ".join(text(f"receipt.test.{key}", language) for language in _languages(printer))

    def both_ends(left: str, right: str, kind: RowKind = RowKind.TEXT) -> list[TextRow]:
        return [TextRow(kind, row) for row in pair(left, right, columns=columns)]

    ruler = "".join(str(n % 10) for n in range(1, columns + 1))
    return Receipt(
        columns,
        (
            *(TextRow(RowKind.TITLE, row) for row in center(say("title"), columns)),
            TextRow(RowKind.RULE, "-" * columns),
            *both_ends(say("columns"), str(columns)),
            *both_ends(say("mode"), say(f"mode_{printer.mode.value}")),
            TextRow(RowKind.TEXT, ruler),
            *both_ends(say("left"), say("right")),
            *both_ends(say("total"), str(Money(_SAMPLE_MINOR, currency)), RowKind.TOTAL),
            QrRow("EVERTILL"),
            *(TextRow(RowKind.TEXT, row) for row in center(say("scan"), columns)),
            *(TextRow(RowKind.TEXT, row) for row in center(say("good"), columns)),
        ),
    )


def _languages(printer: PrinterSettings) -> tuple[str, ...]:
    known = [language for language in LANGUAGES if printer.receipt_language in (language, BOTH)]
    return tuple(known) or LANGUAGES[:1]


@cache
def _words(language: str) -> Words:
    return {key: text(f"receipt.{key}", language) for key in WORD_KEYS}
