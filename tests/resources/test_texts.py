"""Every word in both languages with the same gaps, every error with its three parts, none raised without words."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resources import texts

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "texts"
PACKAGES = ("domain", "sync", "pos_app", "cloud_api")
HAN_MAX = 24
"""Chinese characters in the first line of an error: more is not read at a till."""
RAISERS = frozenset(
    {
        "ApiProblem", "CloudError", "DomainError", "NotFound", "NotPermitted", "PrinterError", "Retryable", "Revoked",
        "StorageError", "Terminal", "Unreadable",
    }
)  # fmt: skip
COUNTS = (
    "count", "entries", "feeds", "held", "incarnations", "left", "lines", "minutes", "pieces", "rows", "seconds",
    "unsent",
)  # fmt: skip
PARTS = ("what", "safe", "do")


def entries() -> Iterator[tuple[str, dict[str, str]]]:
    """Every key with its words by language; the parts of an error count as keys of their own."""
    for path in sorted(FOLDER.glob("*.toml")):
        yield from _flat(f"{path.name}: ", tomllib.loads(path.read_text("utf-8")))


def _flat(prefix: str, table: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in table.items():
        where = f"{prefix}{name}"
        if isinstance(value, dict) and "zh" in value:
            yield where, value
        else:
            assert isinstance(value, dict), f"{where} is neither a table nor words"
            yield from _flat(f"{where}.", value)


def gaps(words: str) -> set[str]:
    """The names in braces; a name that is itself in two languages counts as one."""
    return {
        name.removesuffix("_zh").removesuffix("_en")
        for _, name, _, _ in string.Formatter().parse(words)
        if name is not None
    }


class Blank(dict[str, str]):
    """Fills every gap with nothing."""

    def __missing__(self, name: str) -> str:
        return ""


def raised_codes() -> Iterator[tuple[str, str]]:
    """Every code that the source hands to an error class as a literal, with its place."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or _name(node.func) not in RAISERS:
                    continue
                for literal in _literals(node.args[1] if _name(node.func) == "ApiProblem" else node.args[0], node):
                    yield literal, f"{path.relative_to(ROOT)}:{node.lineno}"


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _literals(argument: ast.expr, call: ast.Call) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "." in argument.value:
        yield argument.value
    elif isinstance(argument, ast.IfExp | ast.BoolOp):
        for part in ast.walk(argument):
            if part is not argument and isinstance(part, ast.Constant):
                yield from _literals(part, call)


def test_every_word_is_there_in_both_languages_and_no_other() -> None:
    wrong = [where for where, words in entries() if set(words) != {"zh", "en"}]
    assert not wrong


def test_nothing_is_said_in_one_language_only() -> None:
    assert [where for where, words in entries() if bool(words["zh"].strip()) != bool(words["en"].strip())] == []


def test_both_languages_have_the_same_gaps() -> None:
    assert [where for where, words in entries() if gaps(words["zh"]) != gaps(words["en"])] == []


def test_no_key_stands_in_two_files() -> None:
    keys = [where.partition(": ")[2] for where, _ in entries()]
    assert len(keys) == len(set(keys))


def test_every_error_says_what_whether_it_is_safe_and_what_to_do() -> None:
    by_code: dict[str, set[str]] = {}
    for where, _ in entries():
        key = where.partition(": ")[2]
        if key.startswith("error."):
            code, _, part = key.rpartition(".")
            by_code.setdefault(code, set()).add(part)
    assert {code: parts for code, parts in by_code.items() if parts != set(PARTS)} == {}


def test_the_first_line_of_an_error_is_short() -> None:
    too_long = []
    for where, words in entries():
        key = where.partition(": ")[2]
        if key.startswith("error.") and key.endswith(".what"):
            plain = words["zh"].format_map(Blank())
            if sum("\u4e00" <= char <= "\u9fff" for char in plain) > HAN_MAX:
                too_long.append(where)
    assert too_long == []


def test_no_error_is_raised_without_words() -> None:
    found = list(raised_codes())
    assert len(found) > 100, "the source was not read"
    assert sorted({f"{code} ({place})" for code, place in found if not texts.has_error(code)}) == []


def test_an_error_is_formatted_with_its_params() -> None:
    said = texts.error_text("scale.formats_overlap", "zh", {"pattern": "FFW", "other": "FFE"})
    assert said.what == "称重码格式 FFW 与 FFE 冲突"
    assert str(said).count(" ") >= 2


def test_an_unknown_key_is_a_bug() -> None:
    with pytest.raises(KeyError):
        texts.text("no.such.key", "zh")


def test_an_error_in_one_line_is_three_sentences() -> None:
    chinese, english = (
        str(texts.error_text("cloud.bad_option", language, {"option": "x"})) for language in ("zh", "en")
    )
    assert chinese == "参数不对：x。没有任何更改。用 --help 查看用法。"
    assert english == "An option does not fit: x. Nothing was changed. See --help."
    assert str(texts.ErrorText("What?", "Safe.", "", "en")) == "What? Safe."
    assert str(texts.ErrorText("怎么了？", "安全。", "再试", "zh")) == "怎么了？安全。再试。"


def test_one_and_many() -> None:
    assert texts.text("sale.counts", "en", lines=1, pieces=2) == "1 line, 2 pieces"
    assert texts.text("status.held", "en", held="1") == "1 order needs a manager"
    assert texts.text("sale.counts", "zh", lines=1, pieces=2) == "1 种 2 件"


def test_a_counted_word_is_chosen_by_its_number() -> None:
    """``{lines} lines`` would say "1 lines"."""
    bare = re.compile(rf"\{{({'|'.join(COUNTS)})\}} [a-z]\w+s\b")
    assert [where for where, words in entries() if bare.search(words["en"])] == []
