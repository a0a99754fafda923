"""The code on a receipt: what goes in comes out, it fits a small QR, and nothing else is read."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from domain.errors import DomainError
from domain.receipt_code import (
    RECEIPT_NO_CHARS_MAX,
    ReceiptReference,
    fits,
    read_receipt_code,
    receipt_code,
    signed_bytes,
)
from domain.scan import ReceiptCode, parse_scan

REFERENCE = ReceiptReference("0102-2A-000183", "7F3A-91C2")
numbers = st.text(st.sampled_from("0123456789-ABCxyz"), min_size=1, max_size=RECEIPT_NO_CHARS_MAX)
checks = st.integers(0, 2**32 - 1).map(lambda n: f"{n:08X}").map(lambda digits: f"{digits[:4]}-{digits[4:]}")
references = st.builds(ReceiptReference, numbers, checks)


@given(references, st.binary(min_size=64, max_size=64))
def test_reference_and_signature_come_back(reference: ReceiptReference, signature: bytes) -> None:
    assert read_receipt_code(receipt_code(reference, signature)) == (reference, signature)


def test_longest_code_fits_a_qr_of_version_6() -> None:
    code = receipt_code(ReceiptReference("A" * RECEIPT_NO_CHARS_MAX, "7F3A-91C2"), b"\xff" * 64)
    assert len(code) == 154
    qr = QRCode(error_correction=ERROR_CORRECT_M)
    qr.add_data(code)
    assert qr.best_fit() <= 6


def test_a_number_that_is_too_long_gets_no_code() -> None:
    assert fits("0102-2A-000183")
    assert not fits("A-STORE-OF-A-LONG-NAME-2A-000183")
    assert not fits("")


def test_signature_is_the_tills_word() -> None:
    key = Ed25519PrivateKey.generate()
    reference, signature = read_receipt_code(receipt_code(REFERENCE, key.sign(signed_bytes(REFERENCE))))
    key.public_key().verify(signature, signed_bytes(reference))
    assert signed_bytes(reference).startswith(b"evertill/1 receipt\n")


def test_scan_grammar_knows_it() -> None:
    code = receipt_code(REFERENCE, bytes(64))
    assert parse_scan(code) == ReceiptCode(code)


@pytest.mark.parametrize("length", [0, 2, 10, 60, 129, 131])
def test_cut_code_is_refused(length: int) -> None:
    code = receipt_code(REFERENCE, bytes(range(64)))
    assert len(code) == 2 + 133
    with pytest.raises(DomainError, match=r"receipt\.code_unreadable"):
        read_receipt_code(code[:length])


@given(st.text() | st.text(st.sampled_from("R1ABC234567"), max_size=200))
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(DomainError, match=r"receipt\.code_unreadable"):
        read_receipt_code("R1" + text)


def test_lower_case_and_padding_are_refused() -> None:
    code = receipt_code(REFERENCE, bytes(64))
    for other in (code.lower(), code + "=", code + "A", "R1" + code):
        with pytest.raises(DomainError, match=r"receipt\.code_unreadable"):
            read_receipt_code(other)
