"""A receipt as a picture or a PDF: what is shown on screen, mailed or kept where no printer is."""

from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from domain.receipt import Receipt, Row
from pos_app.devices.raster import CELL_DOTS, paint_rows, to_ink

_CELL_PX = 12
_PDF_CELL_PX = 2 * CELL_DOTS
_PDF_DPI = 2 * 203.2
_PAGE_ROWS_MAX = 200
"""About 85 cm: a longer receipt goes on on another page, as PDF pages have an end."""
_MARGIN_COLUMNS = 3
_WHITE = 255


def to_png(receipt: Receipt, cell_px: int = _CELL_PX) -> bytes:
    """The receipt on white paper with a margin; ``printer.font_missing`` where no font has Chinese."""
    out = BytesIO()
    _on_paper(receipt.rows, receipt.columns, cell_px).save(out, "PNG")
    return out.getvalue()


def to_pdf(receipt: Receipt) -> bytes:
    """Pages as wide as the paper roll and as long as the receipt, sharp when printed."""
    first, *others = [to_ink(_on_paper(rows, receipt.columns, _PDF_CELL_PX)) for rows in _pages(receipt.rows)]
    out = BytesIO()
    first.save(out, "PDF", resolution=_PDF_DPI, save_all=True, append_images=others)
    return out.getvalue()


def _on_paper(rows: tuple[Row, ...], columns: int, cell_px: int) -> Image.Image:
    drawn, margin = paint_rows(rows, columns, cell=cell_px), _MARGIN_COLUMNS * cell_px
    paper = Image.new("L", (drawn.width + 2 * margin, drawn.height + 2 * margin), _WHITE)
    paper.paste(drawn, (margin, margin))
    return paper


def _pages(rows: tuple[Row, ...]) -> Iterator[tuple[Row, ...]]:
    for start in range(0, len(rows), _PAGE_ROWS_MAX):
        yield rows[start : start + _PAGE_ROWS_MAX]
