"""Every code that sync can show has its words, in both languages and short enough for a line on the till."""

import re
from pathlib import Path

import pytest

import sync
from resources.texts import LANGUAGES, error_text, has_error, keys, text

SOURCES = sorted(Path(sync.__file__).parent.rglob("*.py"))
CODES = sorted(
    {code for path in SOURCES for code in re.findall(r'"((?:sync|feed)\.[a-z_]+)"', path.read_text("utf-8"))}
)
HANZI = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_three_parts_in_both_languages(code: str) -> None:
    for language in LANGUAGES:
        parts = error_text(code, language)
        assert all((parts.what, parts.safe, parts.do))
        assert bool(HANZI.search(parts.what)) == (language == "zh")
        assert all(len(HANZI.findall(part)) <= 24 for part in (parts.what, parts.safe, parts.do))


def test_no_words_are_left_over() -> None:
    assert {f"error.{code}" for code in CODES} == {key for key in keys() if re.match(r"error\.(sync|feed)\.", key)}


def test_the_clouds_words_for_a_till_are_there() -> None:
    assert all(
        has_error(code) for code in ("terminal.revoked", "terminal.drained", "enrol.code_wrong", "enrol.code_used")
    )


def test_each_finding_of_the_verifier_has_its_words() -> None:
    source = Path(sync.__file__).with_name("verify.py").read_text("utf-8")
    codes = set(re.findall(r'(?:found|_say)\(\s*"([a-z_]+)"', source)) | {"changed", "sound"}
    told = {key.removeprefix("verify.") for key in keys() if key.startswith("verify.")}
    assert codes == told - {"about", "help_export", "help_key"}
    assert text("verify.sound", "zh") == "日志完整，未被改动"
