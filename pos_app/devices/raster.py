"""Drawing a receipt as the printer would: the same cells, sizes and codes, in dots or in finer pixels."""

from collections.abc import Iterator

from PIL import Image, ImageDraw

from domain.columns import width
from domain.receipt import QrRow, Receipt, Row, RowKind, TextRow
from pos_app.devices.escpos import QR_MODULE_DOTS, QR_QUIET_MODULES
from pos_app.devices.fonts import chinese_font
from pos_app.devices.qr import qr_matrix

CELL_DOTS = 12
"""The width of an ASCII character on paper; a Chinese one is twice as wide."""
_WHITE, _BLACK = 255, 0
_INK_FROM = 150
"""Greys darker than this become ink: a little more than half, as thermal paper prints thin strokes thinner."""
_TALL = {RowKind.TOTAL, RowKind.MARK}
_BOLD = {RowKind.TITLE, RowKind.TOTAL, RowKind.MARK}


def dots_of_receipt(receipt: Receipt, width_dots: int) -> Iterator[bytes]:
    """The receipt as rows of packed dots (1 = black) for a printer of that width."""
    drawn = paint_rows(receipt.rows, receipt.columns, cell=width_dots // receipt.columns)
    paper = Image.new("L", (width_dots, drawn.height), _WHITE)
    paper.paste(drawn, ((width_dots - drawn.width) // 2, 0))
    ink = to_ink(paper)
    line_bytes = (width_dots + 7) // 8
    # Pillow packs white as 1, the printer wants black as 1.
    packed = bytes(byte ^ 0xFF for byte in ink.tobytes())
    yield from (packed[start : start + line_bytes] for start in range(0, len(packed), line_bytes))


def to_ink(image: Image.Image) -> Image.Image:
    """Black and white only, as on paper."""
    return image.point(lambda grey: _WHITE if grey >= _INK_FROM else _BLACK, mode="1")


def paint_rows(rows: tuple[Row, ...], columns: int, *, cell: int) -> Image.Image:
    """Rows in grey on white, ``cell`` pixels a column; PrinterError where no font has Chinese."""
    pieces = [_paint(row, columns, cell) for row in rows]
    height = sum(piece.height for piece in pieces)
    drawn = Image.new("L", (columns * cell, max(1, height)), _WHITE)
    top = 0
    for piece in pieces:
        drawn.paste(piece, ((drawn.width - piece.width) // 2 if piece.width < drawn.width else 0, top))
        top += piece.height
    return drawn


def _paint(row: Row, columns: int, cell: int) -> Image.Image:
    if isinstance(row, QrRow):
        return _paint_code(row.data, cell)
    size = columns * cell, _line_height(cell)
    if row.kind is RowKind.RULE:
        return _paint_rule(size, cell)
    if row.kind not in _TALL:
        return _paint_text(row, size, cell=cell)
    twice = _paint_text(row, (2 * size[0], 2 * size[1]), cell=2 * cell)
    return twice.resize((size[0], 2 * size[1]), Image.Resampling.LANCZOS)


def _paint_text(row: TextRow, size: tuple[int, int], *, cell: int) -> Image.Image:
    drawn = Image.new("L", size, _WHITE)
    draw, font = ImageDraw.Draw(drawn), chinese_font(2 * cell)
    baseline = round(size[1] / 2 + cell * 0.75)
    column = 0
    for char in row.text:
        middle = (column + width(char) / 2) * cell
        for shift in (0, max(1, cell // 12)) if row.kind in _BOLD else (0,):
            draw.text((middle + shift, baseline), char, font=font, fill=_BLACK, anchor="ms")
        column += width(char)
    return drawn


def _paint_rule(size: tuple[int, int], cell: int) -> Image.Image:
    """Dashes, as the hyphens of a printer make them."""
    drawn = Image.new("L", size, _WHITE)
    draw, middle, thick = ImageDraw.Draw(drawn), size[1] // 2, max(1, cell // 8)
    for left in range(0, size[0], cell):
        draw.rectangle((left + cell // 6, middle, left + cell - cell // 6 - 1, middle + thick - 1), fill=_BLACK)
    return drawn


def _paint_code(data: str, cell: int) -> Image.Image:
    matrix = qr_matrix(data)
    module = max(1, round(QR_MODULE_DOTS * cell / CELL_DOTS))
    quiet = QR_QUIET_MODULES * module
    drawn = Image.new("L", (len(matrix) * module + 2 * quiet,) * 2, _WHITE)
    draw = ImageDraw.Draw(drawn)
    for top, modules in enumerate(matrix):
        for left, dark in enumerate(modules):
            if dark:
                x, y = quiet + left * module, quiet + top * module
                draw.rectangle((x, y, x + module - 1, y + module - 1), fill=_BLACK)
    return drawn


def _line_height(cell: int) -> int:
    """1/6 inch at 203 dpi is 34 dots for a cell of 12."""
    return round(cell * 34 / CELL_DOTS)
