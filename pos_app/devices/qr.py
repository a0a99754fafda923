"""The dark and light modules of a QR code."""


def qr_matrix(data: str) -> list[list[bool]]:
    """Rows of modules, True = dark, without the quiet zone; the smallest version at error correction M."""
    # start-up: a sale is sold without it
    from qrcode import QRCode
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.image.base import BaseImage

    code = QRCode[BaseImage](error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(data)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]
