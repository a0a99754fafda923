"""GS1 messages: what a till reads from them, and how little it trusts them."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digital_link import is_link
from domain.errors import DomainError
from domain.gs1 import MAX_CHARACTERS, SEPARATOR, Gs1Message, parse_bracketed, parse_link, parse_message
from domain.gtin import check_digit

GTIN = "(01)06901234567892"
TODAY = date(2026, 11, 3)

values = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20)
gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda body: body + check_digit(body))


@given(gtins, values, values, st.dates(date(1978, 1, 1), date(2076, 12, 31)))
def test_a_message_reads_the_same_however_it_is_written(gtin: str, batch: str, serial: str, day: date) -> None:
    expiry = day.strftime("%y%m%d")
    bracketed = parse_bracketed(f"(01){gtin}(17){expiry}(10){batch}(21){serial}")
    link = parse_link(f"https://id.example.com/p/01/{gtin}/10/{batch}/21/{serial}?17={expiry}&lang=zh")
    sent = parse_message(f"{SEPARATOR}01{gtin}17{expiry}10{batch}{SEPARATOR}21{serial}")
    assert bracketed == sent == parse_message(sent.element_string())
    assert dict(link.elements) == dict(sent.elements)
    assert (sent.gtin, sent.batch, sent.serial, sent.expires_on(TODAY)) == (gtin, batch, serial, day)


@pytest.mark.parametrize(
    ("extra", "grams"),
    [("(3103)000835", 835), ("(3100)000002", 2000), ("(3105)012345", 123), ("(3104)000015", 2), ("(3203)000835", None)],
)
def test_net_weight_is_grams(extra: str, grams: int | None) -> None:
    assert parse_bracketed(GTIN + extra).weight_grams == grams


@pytest.mark.parametrize(
    ("extra", "currency_digits", "minor"),
    [("(3922)3520", 2, 3520), ("(3920)35", 2, 3500), ("(3923)35205", 2, 3521), ("(3922)3520", 0, 35), ("", 2, None)],
)
def test_a_price_is_minor_units_of_the_shops_currency(extra: str, currency_digits: int, minor: int | None) -> None:
    assert parse_bracketed(GTIN + extra).price_minor(currency_digits) == minor


def test_what_is_not_said_is_none() -> None:
    message = parse_bracketed("(10)ABC")
    assert (message.gtin, message.serial, message.weight_grams, message.pieces) == (None, None, None, None)
    assert message.expires_on(TODAY) is None
    assert parse_bracketed(GTIN + "(30)12").pieces == 12
    assert parse_bracketed("(02)06901234567892(37)24").gtin is None, "a carton's content is not what was scanned"


@pytest.mark.parametrize(
    ("yymmdd", "day"),
    [
        ("261231", date(2026, 12, 31)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("280200", date(2028, 2, 29)),
        ("270200", date(2027, 2, 28)),
        ("000200", date(2000, 2, 29)),
        ("261100", date(2026, 11, 30)),
        ("270229", None),
    ],
)
def test_expiry_days(yymmdd: str, day: date | None) -> None:
    assert parse_bracketed(f"{GTIN}(17){yymmdd}").expires_on(TODAY) == day
    assert parse_bracketed(f"{GTIN}(15){yymmdd}").expires_on(TODAY) == day


def test_no_leap_day_in_2100() -> None:
    assert parse_bracketed(f"{GTIN}(17)000200").expires_on(date(2090, 1, 1)) == date(2100, 2, 28)


@pytest.mark.parametrize(
    "text",
    [
        "(01)06901234567890",
        "(17)261332",
        "(17)260001",
        "(17)260432",
        "(00)123456789012345678",
        "(01)06901234567892(10)A(10)B",
        "(3103)000835(3102)000835",
        "(01)06901234567892(02)06901234567892",
        "(01)٠٦٩٠١٢٣٤٥٦٧٨٩٢",
        "(10)A\x07",
        "(10)A\0" + "40;",
        "(10)AB" + SEPARATOR,
        "nothing",
    ],
)
def test_bracketed_text_that_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as error:
        parse_bracketed(text)
    assert error.value.code == "scan.gs1_invalid"


def test_escaped_brackets_belong_to_the_value() -> None:
    assert parse_bracketed(r"(10)A\(11\)B(21)C").elements == (("10", "A(11)B"), ("21", "C"))


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("https://example.com/", "scan.foreign_link"),
        ("https://example.com/01/%F0%9F%98%80", "scan.gs1_invalid"),
        ("https://example.com/01/%D9%A0%D9%A6901234567892", "scan.gs1_invalid"),
        ("https://example.com/01/6901234567892?3103=%D9%A0%D9%A0%D9%A0835", "scan.gs1_invalid"),
        ("https://example.com/01/6901234567892?10=%zz", "scan.foreign_link"),
        ("https://example.com/01/6901234567892/21/A/10/B", "scan.gs1_invalid"),
        ("https://例子.中国/01/6901234567892", "scan.gs1_invalid"),
        ("weixin://wxpay/bizpayurl?pr=abc", "scan.foreign_link"),
    ],
)
def test_links_that_are_refused(link: str, reason: str) -> None:
    with pytest.raises(DomainError) as error:
        parse_link(link)
    assert error.value.code == reason


def test_is_link() -> None:
    assert is_link("HtTp://example.com")
    assert not is_link("httpx")


@pytest.mark.parametrize("parse", [parse_message, parse_bracketed, parse_link])
def test_a_long_message_is_refused_before_it_is_read(parse: Callable[[str], Gs1Message]) -> None:
    with pytest.raises(DomainError) as error:
        parse("(90)A" * MAX_CHARACTERS)
    assert error.value.code == "scan.too_long"


@given(st.text("0123456789ABab()\\\x1d%/?=&#:.+", max_size=80))
@pytest.mark.parametrize("before", ["", "01069012345678923", "(01)06901234567892(", "https://a/01/6901234567892"])
def test_noise_is_read_or_refused(before: str, noise: str) -> None:
    for parse in (parse_message, parse_bracketed, parse_link):
        message = read(parse, before + noise)
        if isinstance(message, str):
            assert message in {"scan.gs1_invalid", "scan.foreign_link"}
        else:
            assert parse_message(message.element_string()) == message
            message.expires_on(TODAY)


def read(parse: Callable[[str], Gs1Message], text: str) -> Gs1Message | str:
    try:
        return parse(text)
    except DomainError as error:
        return error.code


def test_biip_is_loaded_by_the_first_message_and_not_by_the_import() -> None:
    script = (
        "import sys, domain.scan; a = 'biip' in sys.modules\n"
        "domain.scan.parse_scan('6901234567892'); b = 'biip' in sys.modules\n"
        "domain.gs1.preload(); print(a, b, 'biip' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]
