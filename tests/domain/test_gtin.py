"""Check digits, UPC-E and the key under which every spelling of a GTIN meets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import gtin
from domain.errors import DomainError
from domain.gtin import GtinKind, check_digit, is_gtin, kind_of, normalise

digits = st.text("0123456789", min_size=1, max_size=40)
bodies = st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))
codes = bodies.map(lambda body: body + check_digit(body))
upce_shorts = st.tuples(st.sampled_from("01"), st.text("0123456789", min_size=6, max_size=6)).map("".join)


def code_of(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


@given(digits, st.integers(0, 39), st.integers(1, 9))
def test_a_check_digit_finds_every_single_wrong_digit(body: str, at: int, shift: int) -> None:
    at %= len(body)
    wrong = body[:at] + str((int(body[at]) + shift) % 10) + body[at + 1 :]
    assert check_digit(wrong) != check_digit(body)


@given(digits)
def test_leading_zeros_do_not_change_a_check_digit(body: str) -> None:
    assert check_digit("0" + body) == check_digit(body)


@given(codes)
def test_a_code_with_its_check_digit_is_a_gtin_and_with_another_is_not(code: str) -> None:
    assert is_gtin(code)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert not is_gtin(wrong)
    assert kind_of(wrong) in (None, GtinKind.UPC_E)
    assert normalise(wrong) == wrong or kind_of(wrong) is GtinKind.UPC_E


@pytest.mark.parametrize(
    "text", ["", "7", "690123456789", "69012345678923", "６９０１２３４５６７８９２", "69012345678x2", "٣" * 13]
)
def test_what_is_no_gtin(text: str) -> None:
    assert not is_gtin(text)


@given(st.text("0123456789", min_size=11, max_size=11))
def test_upc_a_its_ean_13_and_its_gtin_14_meet(body: str) -> None:
    upca = body + check_digit(body)
    assert normalise(upca) == normalise("0" + upca) == normalise("00" + upca) == "00" + upca


@given(upce_shorts)
def test_a_upc_e_meets_its_upc_a(short: str) -> None:
    upca = gtin.upce_to_upca(short)
    upce = gtin.upca_to_upce(upca)
    assert is_gtin(upca)
    assert upce is not None
    assert gtin.upce_to_upca(upce) == upca
    assert len(upce) == 8
    if short[0] == "0" and not upca.startswith("0000"):
        assert kind_of(upce) is GtinKind.UPC_E
        assert normalise(upce) == normalise(upca)


@given(st.text("0123456789", min_size=11, max_size=11))
def test_a_upc_a_either_has_a_upc_e_that_leads_back_or_none(body: str) -> None:
    upca = body + check_digit(body)
    upce = gtin.upca_to_upce(upca)
    assert upce is None or gtin.upce_to_upca(upce) == upca


@pytest.mark.parametrize("body", ["69012345678", "21200000001", "01234567890"])
def test_a_upc_a_of_another_system_or_without_zeros_to_leave_out_has_no_upc_e(body: str) -> None:
    assert gtin.upca_to_upce(body + check_digit(body)) is None


@given(st.text(max_size=60))
def test_normalise_settles_at_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(codes)
def test_two_different_gtins_never_share_a_key(code: str) -> None:
    key = normalise(code)
    assert len(key) == 14
    assert is_gtin(key)
    if kind_of(code) is not GtinKind.UPC_E:
        assert int(key) == int(code)


@given(st.text("0123456789", min_size=7, max_size=7) | st.text("01234", min_size=3, max_size=3).map("0000".__add__))
def test_two_different_codes_of_8_digits_never_share_a_key(short: str) -> None:
    code = "0" + short
    if kind_of(code) is GtinKind.UPC_E:
        assert gtin.upca_to_upce(normalise(code)[2:]) == code
        assert int(normalise(code)) > 99_999_999, "no key of a GTIN-8"
    else:
        assert int(normalise(code)) == int(code)


def test_own_numbers_of_a_shop_that_expand_to_one_upc_a_stay_apart() -> None:
    own = ["03000007", "03000037", "03000047"]
    assert len({gtin.upce_to_upca(code) for code in own}) == 1
    assert len({normalise(code) for code in own}) == len(own)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("6901234567892", "06901234567892"),
        ("６９０１２３４５６７８９２", "06901234567892"),
        (" 6901234567892 ", "06901234567892"),
        ("16901234567899", "16901234567899"),
        ("96385074", "00000096385074"),
        ("6901234567890", "6901234567890"),
        ("690123456789", "690123456789"),
        ("69012345678925", "69012345678925"),
        ("96385075", "96385075"),
        ("LB000001", "LB000001"),
        ("lb000001", "lb000001"),
        ("33699993-8", "33699993-8"),
        ("6901234567892a", "6901234567892a"),
        ("10007", "10007"),
        ("-", "-"),
        ("69012345678926901234", "69012345678926901234"),
    ],
)
def test_keys_of_codes_as_shops_have_them(typed: str, key: str) -> None:
    assert normalise(typed) == key


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("96385074", GtinKind.EAN_8),
        ("01234565", GtinKind.UPC_E),
        ("123456789012", GtinKind.UPC_A),
        ("6901234567892", GtinKind.EAN_13),
        ("16901234567899", GtinKind.GTIN_14),
        ("0123456x", None),
        ("00000018", None),
    ],
)
def test_kinds(code: str, kind: GtinKind | None) -> None:
    assert kind_of(code) == kind


@given(codes, st.sampled_from([8, 12, 13, 14]))
def test_as_gtin_keeps_the_number(code: str, length: int) -> None:
    if int(code) < 10**length:
        written = gtin.as_gtin(code, length)
        assert len(written) == length
        assert int(written) == int(code)
        return
    with pytest.raises(DomainError) as error:
        gtin.as_gtin(code, length)
    assert code_of(error) == "gtin.too_long"


@pytest.mark.parametrize(("code", "length"), [("6901234567890", 13), ("6901234567892", 9)])
def test_as_gtin_refuses_what_is_none(code: str, length: int) -> None:
    with pytest.raises(DomainError) as error:
        gtin.as_gtin(code, length)
    assert code_of(error) == "gtin.not_a_gtin"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("25000001", "gtin.not_upce"),
        ("12345", "gtin.not_upce"),
        ("01234x", "gtin.not_upce"),
        ("123456789013", "gtin.not_upce"),
        ("01234566", "gtin.check_digit"),
    ],
)
def test_what_is_no_upc_e_is_refused(code: str, reason: str) -> None:
    with pytest.raises(DomainError) as error:
        gtin.upce_to_upca(code)
    assert code_of(error) == reason
