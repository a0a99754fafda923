"""Weighed-goods labels read by a store's own formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.gtin import check_digit
from domain.scale import ScaleFormat, ScaleLabel, check_formats, find_format, parse_label

# The layouts that a common make of label scales offers.
PATTERNS = [
    "FWWWWWWC",
    "FWWWWWWEEEEEC",
    "FWWWWWWNNNNNC",
    "FWWWWWWEEEEENNNNNC",
    "FWWWWWWNNNNNEEEEEC",
    "FWWWWWWEEEEENNNNNO",
    "FWWWWWWNNNNNEEEEEO",
    "FFWWWWWEEEEEC",
    "FFWWWWWNNNNNC",
    "FFWWWWWEEEEENNNNNC",
    "FFWWWWWNNNNNEEEEEC",
    "FFWWWWWEEEEENNNNNO",
    "FFWWWWWNNNNNEEEEEO",
    "FWWWWWWEEEEEC+NNNNN",
]


def flag_for(pattern: str) -> str:
    return "21" if pattern.startswith("FF") else "2"


def label_of(pattern: str, plu: int, *, amount: int, weight: int) -> str:
    """What a scale prints, written down independently of the reader: field by field from the left."""
    code = flag_for(pattern)
    rest = pattern.replace("+", "")[len(code) :]
    while rest:
        letter = rest[0]
        width = len(rest) - len(rest.lstrip(letter))
        value = {"W": plu, "E": amount, "N": weight, "O": 7}.get(letter)
        code += check_digit(code) if value is None else str(value).zfill(width)
        rest = rest[width:]
    return code


@given(st.sampled_from(PATTERNS), st.integers(0, 99_999), st.integers(0, 99_999), st.integers(0, 99_999))
def test_what_a_scale_prints_is_read_back(pattern: str, plu: int, amount: int, weight: int) -> None:
    form = ScaleFormat(pattern, (flag_for(pattern),))
    label = parse_label(label_of(pattern, plu, amount=amount, weight=weight), [form])
    assert label == ScaleLabel(
        plu=str(plu).zfill(pattern.count("W")),
        amount_minor=amount if "E" in pattern else None,
        weight_grams=weight if "N" in pattern else None,
    )


@given(st.sampled_from([p for p in PATTERNS if "C" in p]), st.integers(0, 99_999), st.integers(1, 9), st.data())
def test_a_wrong_digit_before_the_check_digit_is_refused(
    pattern: str, value: int, shift: int, data: st.DataObject
) -> None:
    form = ScaleFormat(pattern, (flag_for(pattern),))
    code = label_of(pattern, value, amount=value, weight=value)
    at = data.draw(st.integers(len(form.flags[0]), form.letters.index("C")))
    wrong = code[:at] + str((int(code[at]) + shift) % 10) + code[at + 1 :]
    assert find_format(wrong, [form]) is form
    assert parse_label(wrong, [form]) is None


def test_a_real_label_of_a_chinese_scale() -> None:
    assert parse_label("2110007035207", [ScaleFormat("FFWWWWWEEEEEC", ("20", "21"))]) == ScaleLabel("10007", 3520)


@pytest.mark.parametrize(
    "code", ["6901234567892", "2010007035200", "211000703520", "211000703520x", "", "２１10007035207"]
)
def test_a_code_that_no_format_claims(code: str) -> None:
    form = ScaleFormat("FFWWWWWEEEEEC", ("21",))
    assert find_format(code, [form]) is None
    assert parse_label(code, [form]) is None


def test_the_first_format_that_claims_a_code_reads_it() -> None:
    by_amount, by_weight = ScaleFormat("FFWWWWWEEEEEC", ("21",)), ScaleFormat("FFWWWWWNNNNNC", ("22",))
    assert parse_label("2210007008352", [by_amount, by_weight]) == ScaleLabel("10007", weight_grams=835)


def test_units_of_the_last_digit() -> None:
    label = parse_label("2110007035207", [ScaleFormat("FFWWWWWEEEEEC", ("21",), minor_per_unit=10)])
    assert label == ScaleLabel("10007", 35_200)
    label = parse_label("2110007035207", [ScaleFormat("FFWWWWWNNNNNC", ("21",), grams_per_unit=5)])
    assert label == ScaleLabel("10007", weight_grams=17_600)


def test_quantity_is_thousandths_of_the_unit() -> None:
    assert ScaleLabel("10007", 3520).quantity_thousandths is None
    assert ScaleLabel("10007", 3520, 220).quantity_thousandths == 220
    assert ScaleLabel("10007", pieces=12).quantity_thousandths == 12_000
    assert parse_label("2110007000120", [ScaleFormat("FFWWWWWQQQQQC", ("21",))]) == ScaleLabel("10007", pieces=12)


def test_settings_survive_json() -> None:
    form = ScaleFormat("FFWWWWWEEEEENNNNNC", ("21", "22"), minor_per_unit=10)
    data = form.as_data()
    assert data["flags"] == ["21", "22"]
    assert ScaleFormat.from_data(data) == form
    assert ScaleFormat.from_data({"pattern": "FWWWWWWC", "flags": ["2"]}) == ScaleFormat("FWWWWWWC", ("2",))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "types"),
        ({"pattern": "FFWWWWWEEEEEC", "flags": "21"}, "types"),
        ({"pattern": "FFWWWWWEEEEEC", "flags": ["21"], "minor_per_unit": 0.5}, "types"),
        ({"pattern": "FFWWWWWEEEEEC", "flags": ["21"], "grams_per_unit": True}, "types"),
        ({"pattern": "FFWWWWWEEEEEC", "flags": ["21"], "grams_per_unit": 0}, "units"),
        ({"pattern": "FFWWWWWEEEEE", "flags": ["21"]}, "letters"),
        ({"pattern": "DDDDDDDDDDDDC", "flags": ["2"]}, "letters"),
        ({"pattern": "", "flags": ["2"]}, "letters"),
        ({"pattern": "FWWEEEEEWWWWC", "flags": ["2"]}, "field_in_two_parts"),
        ({"pattern": "FEEEEEEEEEEEC", "flags": ["2"]}, "fields"),
        ({"pattern": "WWWWWFFEEEEEC", "flags": ["21"]}, "fields"),
        ({"pattern": "FFWWWWWEEEECC", "flags": ["21"]}, "fields"),
        ({"pattern": "FFWWWWWEEEEEC", "flags": []}, "flags"),
        ({"pattern": "FFWWWWWEEEEEC", "flags": ["2"]}, "flags"),
        ({"pattern": "FFWWWWWEEEEEC", "flags": ["2x"]}, "flags"),
    ],
)
def test_settings_that_are_no_format_say_why(data: dict[str, object], reason: str) -> None:
    with pytest.raises(DomainError) as error:
        ScaleFormat.from_data(data)
    assert error.value.code == "scale.bad_format"
    assert error.value.params["reason"] == reason


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (("FFWWWWWEEEEEC", "21"), ("FFWWWWWNNNNNC", "21"), True),
        (("FWWWWWWEEEEEC", "2"), ("FFWWWWWNNNNNC", "21"), True),
        (("FFWWWWWNNNNNC", "21"), ("FWWWWWWEEEEEC", "2"), True),
        (("FFWWWWWEEEEEC", "21"), ("FFWWWWWNNNNNC", "22"), False),
        (("FFWWWWWEEEEEC", "21"), ("FFWWWWWEEEEENNNNNC", "21"), False),
    ],
)
def test_settings_that_read_one_label_in_two_ways(one: tuple[str, str], other: tuple[str, str], clash: bool) -> None:
    formats = [ScaleFormat(pattern, (flag,)) for pattern, flag in (one, other)]
    if not clash:
        check_formats(formats)
        assert len({form.claims("21" + "0" * 11) for form in formats}) == 2
        return
    with pytest.raises(DomainError) as error:
        check_formats(formats)
    assert error.value.code == "scale.formats_overlap"
