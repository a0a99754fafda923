"""Every code that the cloud may answer with has words in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from cloud_api.problems import ApiProblem, problem_body
from cloud_api.services.catalog_import.findings import Finding, Severity
from resources.texts import LANGUAGES, error_text, keys, text

CLOUD = Path(__file__).resolve().parents[2] / "cloud_api"
SOURCES = {path: path.read_text("utf-8") for path in CLOUD.rglob("*.py")}
HQ_CODE = re.compile(r'"(cloud\.[a-z_]+)"')
FINDING_CODE = re.compile(r'(?:(?:_refuse|_doubt|refuse)\([^,]+|Severity\.[A-Z]+), "([a-z_]+)"')


def codes() -> set[str]:
    return {code for source in SOURCES.values() for code in HQ_CODE.findall(source)}


def test_every_code_in_the_sources_has_words() -> None:
    found = codes()
    assert len(found) > 30
    assert {code for code in found if f"error.{code}" not in keys()} == set()


def test_no_words_are_left_over() -> None:
    known = {key.removeprefix("error.") for key in keys() if key.startswith("error.cloud.")}
    assert known - codes() == set()


def test_every_finding_has_words() -> None:
    package = [source for path, source in SOURCES.items() if path.parent.name == "catalog_import"]
    found = {code for source in package for code in FINDING_CODE.findall(source)}
    assert len(found) > 15
    assert {code for code in found if f"finding.{code}" not in keys()} == set()


def test_no_words_of_findings_are_left_over() -> None:
    package = " ".join(source for path, source in SOURCES.items() if path.parent.name == "catalog_import")
    known = {key.removeprefix("finding.") for key in keys() if key.startswith("finding.")}
    assert {code for code in known if f'"{code}"' not in package} == set()


@pytest.mark.parametrize("key", [key for key in keys() if key.split(".")[0] in ("cli", "case", "finding")])
def test_both_languages_name_the_same_things(key: str) -> None:
    chinese, english = (
        {name for _, name, _, _ in Formatter().parse(_raw(key, language)) if name} for language in LANGUAGES
    )
    assert chinese == english
    assert re.search(r"[一-鿿]", _raw(key, "zh"))


def _raw(key: str, language: str) -> str:
    class Names(dict[str, str]):
        def __missing__(self, name: str) -> str:
            return "{" + name + "}"

    try:
        return text(key, language)
    except KeyError as missing:
        names = {str(missing.args[0])}
        while True:
            try:
                return text(key, language, **{name: "{" + name + "}" for name in names})
            except KeyError as another:
                names.add(str(another.args[0]))


def test_a_problem_says_what_happened_whether_all_is_safe_and_what_to_do() -> None:
    body = problem_body(ApiProblem(409, "cloud.key_reused"))
    for language in LANGUAGES:
        words = error_text("cloud.key_reused", language)
        for part in (words.what, words.safe, words.do):
            assert part in body[f"text_{language}"]


def test_findings_speak_both_languages() -> None:
    finding = Finding(2, "code", Severity.REFUSED, "duplicate_code", "1", {"first": 7})
    assert finding.words("zh") == "条码与第 7 行重复，未导入"
    assert finding.words("en") == "Row 7 has the same code; not imported"
