"""One parser from text to what it means: the classes, their order, and what the catalogue decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.gtin import GtinKind, check_digit, normalise
from domain.scale import ScaleFormat, ScaleLabel
from domain.scan import (
    CouponCode,
    Found,
    GoodsCode,
    MemberCode,
    NameText,
    OperatorBadge,
    PickupCode,
    PinyinText,
    ReceiptCode,
    ScaleCandidate,
    TypedCode,
    Unreadable,
    WalletCode,
    WalletKind,
    mask,
    parse_scan,
    resolve,
)

EAN = "6901234567892"
KEY = "06901234567892"
LABEL = "2110007035207"
BY_AMOUNT = ScaleFormat("FFWWWWWEEEEEC", ("20", "21", "28"))
BOTH = ScaleFormat("FFWWWWWEEEEENNNNNC", ("26",))
PICKUP = "P1" + "ABCDEFGH234567XY" * 8
RECEIPT = "R1" + "QRSTUVWXYZ234567"

base32 = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=100, max_size=300)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (EAN, GtinKind.EAN_13),
        ("96385074", GtinKind.EAN_8),
        ("01234565", GtinKind.UPC_E),
        ("012345000065", GtinKind.UPC_A),
        ("16901234567899", GtinKind.GTIN_14),
    ],
)
def test_goods(text: str, kind: GtinKind) -> None:
    assert parse_scan(text) == GoodsCode(text, normalise(text), kind)


@pytest.mark.parametrize(
    "text",
    [
        EAN + "\r",
        EAN + "\n",
        EAN + "\r\n",
        EAN + "\t",
        "]E0" + EAN,
        "]C0" + EAN + "\r",
        "６９０１２３４５６７８９２",
        f" {EAN} ",
    ],
)
def test_the_ways_in_which_scanners_send_one_code(text: str) -> None:
    assert parse_scan(text) == GoodsCode(EAN, KEY, GtinKind.EAN_13)


@pytest.mark.parametrize(
    "text",
    [
        "(01)06901234567892(3103)000835(10)A1",
        "]C101069012345678923103000835" + "10A1",
        "\x1d01069012345678923103000835" + "10A1",
        "]d201069012345678923103000835" + "10A1\x1d\r",
        "01069012345678923103000835" + "10" + "1234",
        "https://shop.example.com/01/6901234567892/10/A1?3103=000835",
        "]Q1https://shop.example.com/01/6901234567892/10/A1?3103=000835",
    ],
)
def test_gs1_goods_meet_the_plain_code(text: str) -> None:
    scan = parse_scan(text)
    assert isinstance(scan, GoodsCode)
    assert scan.key == KEY
    assert scan.gs1 is not None
    assert scan.gs1.weight_grams == 835
    assert scan.gs1.batch in {"A1", "1234"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "scan.empty"),
        ("\r", "scan.empty"),
        ("]Q1", "scan.empty"),
        ("]", "scan.unknown_symbology"),
        ("]XX", "scan.unknown_symbology"),
        ("]B0123", "scan.unknown_symbology"),
        ("]E0" + EAN[:-1], "scan.wrong_length"),
        ("]E0" + EAN[:-1] + "3", "scan.check_digit"),
        ("]E0" + EAN + "|]e0" + "89X", "scan.gs1_invalid"),
        ("]C1", "scan.gs1_invalid"),
        ("(01)06901234567893", "scan.gs1_invalid"),
        ("(10)ABC", "scan.gs1_no_goods"),
        ("https://u.example.com/some/profile", "scan.foreign_link"),
        ("ABC|]e0\x1dX", "scan.control_character"),
        ("690\r690", "scan.control_character"),
        (EAN + "\r\r", "scan.control_character"),
        ("\x1b[2J", "scan.control_character"),
        ("\ud800", "scan.control_character"),
        ("6901\u2028", "scan.control_character"),
        ("690\0", "scan.nul"),
        ("\u202e6901234567892", "scan.direction_control"),
        ("9" * 65, "scan.unknown"),
        ("名" * 129, "scan.unknown"),
        ("9" * 4097, "scan.too_long"),
        ("\0" * 100_000, "scan.too_long"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, reason: str) -> None:
    assert parse_scan(text) == Unreadable(reason)


@pytest.mark.parametrize("sign", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
def test_no_sign_may_turn_the_direction_of_text(sign: int) -> None:
    assert parse_scan(f"6901{chr(sign)}2") == Unreadable("scan.direction_control")


@pytest.mark.parametrize("sign", [*range(0x01, 0x1D), 0x1E, 0x1F, *range(0x7F, 0xA0), 0x2028, 0x2029, 0xDFFF])
def test_no_control_character_is_data(sign: int) -> None:
    assert parse_scan(f"6901{chr(sign)}2") == Unreadable("scan.control_character")


def test_a_gtin_alone_as_gs1_message_without_its_mark() -> None:
    scan = parse_scan("0106901234567892")
    assert isinstance(scan, GoodsCode)
    assert scan.key == KEY
    assert isinstance(parse_scan("010690123456789"), TypedCode)


@pytest.mark.parametrize(
    ("prefix", "rest", "kind"),
    [
        ("10", 16, WalletKind.WECHAT),
        ("15", 16, WalletKind.WECHAT),
        ("25", 14, WalletKind.ALIPAY),
        ("28", 16, WalletKind.ALIPAY),
        ("30", 22, WalletKind.ALIPAY),
        ("62", 17, WalletKind.UNIONPAY),
        ("01", 17, WalletKind.ECNY),
    ],
)
@given(data=st.data())
def test_wallets(prefix: str, rest: int, kind: WalletKind, data: st.DataObject) -> None:
    code = prefix + data.draw(digits(rest))
    assert parse_scan(code) == parse_scan("]C0" + code + "\r") == WalletCode(code, kind)
    assert not isinstance(parse_scan(code + "00000000000"), WalletCode)


@pytest.mark.parametrize(
    "code", ["161234567890123456", "10123456789012345", "240123456789012345", "6212345678901234567890", "28" + "1" * 23]
)
def test_what_is_no_payment_code(code: str) -> None:
    assert isinstance(parse_scan(code), TypedCode)


@given(digits(18))
def test_member(rest: str) -> None:
    assert parse_scan("88" + rest) == MemberCode("88" + rest)


@given(base32)
def test_own_codes_also_with_caps_lock_and_in_a_link(body: str) -> None:
    for make, prefix in ((PickupCode, "P1"), (ReceiptCode, "R1"), (CouponCode, "C1")):
        code = prefix + body
        wanted = make(code)
        assert parse_scan(code) == parse_scan(code.lower() + "\r") == wanted
        assert parse_scan(f"https://shop.example.com/r/{code}") == wanted
    assert parse_scan("S1" + body[:26]) == OperatorBadge("S1" + body[:26])


@pytest.mark.parametrize(
    "text", ["S1234567", "R1A", "C1" + "A" * 15, "P1" + "A" * 99, "R1" + "a" * 8 + "A" * 8, "P1" + "1" * 30]
)
def test_own_goods_codes_are_not_taken_for_signed_ones(text: str) -> None:
    assert parse_scan(text) == (TypedCode(text, text) if len(text) <= 64 else NameText(text))


@pytest.mark.parametrize(
    ("text", "scan"),
    [
        ("10007", TypedCode("10007", "10007")),
        ("LB000001", TypedCode("LB000001", "LB000001")),
        ("33699993-8", TypedCode("33699993-8", "33699993-8")),
        ("-", TypedCode("-", "-")),
        ("6901234567893", TypedCode("6901234567893", "6901234567893", "scan.check_digit")),
        ("690123456789", TypedCode("690123456789", "690123456789", "scan.check_digit")),
        (EAN + EAN, TypedCode(EAN + EAN, EAN + EAN, "scan.run_together")),
        (EAN + "6901234", TypedCode(EAN + "6901234", EAN + "6901234", "scan.run_together")),
        ("01069012345678993103000835", TypedCode("01069012345678993103000835", "01069012345678993103000835")),
        ("010690123456789289", TypedCode("010690123456789289", "010690123456789289")),
        ("nfsq", PinyinText("nfsq", "nfsq")),
        ("NFSQ", PinyinText("nfsq", "NFSQ")),
        ("农夫山泉", NameText("农夫山泉")),
        ("cola 330", NameText("cola 330")),
        ("(250)毫升", NameText("(250)毫升")),
        ("A1" * 33, NameText("A1" * 33)),
    ],
)
def test_typed(text: str, scan: object) -> None:
    assert parse_scan(text) == scan


def test_a_scale_label() -> None:
    wanted = ScaleCandidate(LABEL, "0" + LABEL, ScaleLabel("10007", 3520))
    assert parse_scan(LABEL, formats=[BY_AMOUNT]) == wanted
    assert parse_scan("]E0" + LABEL, formats=[BY_AMOUNT]) == wanted
    assert parse_scan(LABEL) == GoodsCode(LABEL, "0" + LABEL, GtinKind.EAN_13), "no format, no label"
    written_as_gtin_14 = parse_scan("0" + LABEL, formats=[BY_AMOUNT])
    assert isinstance(written_as_gtin_14, ScaleCandidate)
    assert (written_as_gtin_14.key, written_as_gtin_14.label) == (wanted.key, wanted.label)


def test_a_scale_label_with_a_bad_check_digit_is_not_sold() -> None:
    bad = LABEL[:-1] + "8"
    assert parse_scan(bad, formats=[BY_AMOUNT]) == TypedCode(bad, bad, "scan.check_digit")
    long = "26" + "10007" + "03520" + "00220"
    wrong = str((int(check_digit(long)) + 1) % 10)
    assert isinstance(parse_scan(long + wrong, formats=[BOTH]), WalletCode)


# --- What the catalogue decides -----------------------------------------------------------------------


@pytest.mark.parametrize("text", [EAN, "(01)06901234567892", "06901234567892"])
def test_goods_are_found_by_key(text: str) -> None:
    assert resolve(parse_scan(text), {KEY: "cola"}.get) == Found("cola")
    assert resolve(parse_scan(text), {EAN: "cola"}.get) is None


def test_an_exact_match_wins_over_the_scale_rule() -> None:
    code = "201601260021"
    code += check_digit(code)  # an ordinary article whose own code looks like a label for 600.21
    scan = parse_scan(code, formats=[BY_AMOUNT])
    assert isinstance(scan, ScaleCandidate)
    assert resolve(scan, {normalise(code): "mug", "16012": "apples"}.get) == Found("mug")
    assert resolve(scan, {"16012": "apples"}.get) == Found("apples", ScaleLabel("16012", 60_021))
    assert resolve(scan, {"other": "pears"}.get) is None


def test_a_plu_is_found_without_its_leading_zeros() -> None:
    body = "210000703520"
    scan = parse_scan(body + check_digit(body), formats=[BY_AMOUNT])
    assert resolve(scan, {"7": "apples"}.get) == Found("apples", ScaleLabel("00007", 3520))
    assert resolve(scan, {"00007": "pears", "7": "apples"}.get) == Found("pears", ScaleLabel("00007", 3520))
    zero = "210000003520"
    assert resolve(parse_scan(zero + check_digit(zero), formats=[BY_AMOUNT]), {"": "nothing"}.get) is None


def test_a_long_label_that_looks_like_a_payment_code_is_goods_only_if_its_plu_is() -> None:
    body = "26" + "10007" + "03520" + "00220"
    code = body + check_digit(body)
    scan = parse_scan(code, formats=[BOTH])
    assert isinstance(scan, ScaleCandidate)
    assert scan.wallet == WalletCode(code, WalletKind.ALIPAY)
    assert resolve(scan, {"10007": "apples"}.get) == Found("apples", ScaleLabel("10007", 3520, 220))
    asked: list[str] = []
    assert resolve(scan, asked.append) is None
    assert code not in asked, "a payment code is not looked up, so it reaches no query log"


def test_own_codes_are_found_as_typed_and_as_caps_lock_inverts_them() -> None:
    catalogue = {"LB000001": "gift", "ABC": "set"}
    assert resolve(parse_scan("LB000001"), catalogue.get) == Found("gift")
    assert resolve(parse_scan("lb000001"), catalogue.get) == Found("gift")
    assert resolve(parse_scan("abc"), catalogue.get) == Found("set")
    assert resolve(parse_scan("lb000002"), catalogue.get) is None


@pytest.mark.parametrize("text", ["281234567890123456", "88" + "1" * 18, PICKUP, RECEIPT, "农夫山泉", ""])
def test_what_is_no_goods_is_never_looked_up(text: str) -> None:
    asked: list[str] = []
    assert resolve(parse_scan(text), asked.append) is None
    assert asked == []


# --- Secrets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "281234567890123456",
        "88" + "123456789" * 2,
        PICKUP,
        RECEIPT,
        "C1" + "A" * 20,
        "S1" + "A" * 20,
        "13800138000",
        "1380 0138 000",
        "26" + "10007" + "03520" + "00220" + check_digit("26100070352000220"),
        "2812345678901234567890123",
    ],
)
def test_secret_codes_show_themselves_masked(text: str) -> None:
    scan = parse_scan(text, formats=[BOTH])
    assert not isinstance(scan, Unreadable)
    shown = f"{scan} {scan!r} {scan!s} {[scan]} {Found(scan)}"
    assert text not in shown
    assert text[4:12] not in shown


def test_mask_keeps_the_kind_and_the_length() -> None:
    assert mask("281234567890123456") == "28…(18)"
    assert repr(parse_scan("281234567890123456")) == "WalletCode(alipay, 28…(18))"
    assert str(parse_scan("88" + "1" * 18)) == "MemberCode(88…(20))"
