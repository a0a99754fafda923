"""The table of promises names tests that exist, and no proof stands outside of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.tidy_rules import ROOT, Source, read_sources

DOCUMENT = "docs/reliability.md"
PROMISE = re.compile(r"\| \*\*([A-Z]\d+)\*\* ")
SELF_TEST = re.compile(r"(seen|found|go_red|red|refused|let_in)(_|$)")


def rows(text: str) -> dict[str, list[str]]:
    """The cells behind each promise."""
    lines = [line for line in text.splitlines() if PROMISE.match(line)]
    return {
        found[1]: [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in lines
        if (found := PROMISE.match(line))
    }


def proofs(sources: list[Source]) -> set[str]:
    return {one.path for one in sources if re.fullmatch(r"tests/proof/.*test_\w+\.py", one.path)}


def faults(text: str, sources: list[Source]) -> Iterator[str]:
    """What the table and the tests say differently."""
    paths = {one.path for one in sources}
    named: set[str] = set()
    for promise, cells in rows(text).items():
        tests = re.findall(r"`(tests/[\w/.]+)`", cells[1])
        named |= set(tests)
        if len(cells) != 4 or not all(cells) or not tests:
            yield f"{promise}: a row has a promise, tests, a self-test and what was measured"
        yield from (f"{promise}: {path} is not there" for path in tests if path not in paths)
    yield from (f"{path} stands in no row" for path in sorted(proofs(sources) - named))


def test_every_test_that_is_named_exists_and_every_proof_is_named() -> None:
    text = (ROOT / DOCUMENT).read_text("utf-8")
    assert len(rows(text)) >= 12
    assert len(re.findall(r"^\| \*\*", text, re.MULTILINE)) == len(rows(text)), "each promise has one row"
    assert not list(faults(text, read_sources()))


def test_every_proof_can_go_red() -> None:
    sources = read_sources()
    wanted = proofs(sources)
    assert wanted
    for source in (one for one in sources if one.path in wanted):
        names = [function.name for function in source.functions() if function.name.startswith("test_")]
        assert any(SELF_TEST.search(name) for name in names), source.path


@pytest.mark.parametrize(
    "line",
    [
        "| **X1** told | `tests/proof/test_gone.py` | red | 1 |",
        "| **X1** told | by nobody | red | 1 |",
        "| **X1** told | `tests/test_docs.py` | red |",
    ],
)
def test_a_promise_without_a_proof_is_seen(line: str) -> None:
    assert [fault for fault in faults(line, read_sources()) if fault.startswith("X1")]


def test_a_proof_without_a_promise_is_seen() -> None:
    planted = Source("tests/proof/test_new.py", "")
    assert list(faults("", [planted])) == ["tests/proof/test_new.py stands in no row"]
