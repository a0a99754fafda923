"""What the documents say is true of the code: paths, links, words, commands, layers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tidy_rules import PACKAGES, QT_DOORS, ROOT, files, read_sources

DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in files(".md"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCRIPTS: dict[str, str] = PROJECT["project"]["scripts"]


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def slug(heading: str) -> str:
    """The anchor of a heading as code hosts make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(document: str) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)}


def broken_links(document: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(document)):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        place = ((ROOT / document).parent / path).resolve() if path else ROOT / document
        inside = place.relative_to(ROOT).as_posix()
        if not place.exists() or (anchor and anchor not in anchors(inside)):
            yield target


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    assert not list(broken_links(document))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_that_are_named_exist(document: str) -> None:
    tops = (*PACKAGES, "tests", "docs", "scripts")
    quoted = re.findall(r"`([\w./*-]+/[\w./*-]*)`", text_of(document))
    named = {path for path in quoted if path.split("/")[0] in tops}
    assert not [path for path in named if not list(ROOT.glob(path.rstrip("/")))]


def test_words_of_the_glossary_are_in_the_code() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.*?) ?\|$", text_of("docs/glossary.md"), re.MULTILINE)
    told = {name for *_, code in rows for name in re.findall(r"`(\w+)`", code)}
    known: set[str] = set()
    for source in read_sources():
        for node in source.tree.body if source.is_product else []:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                known.add(node.name)
            elif isinstance(node, ast.Assign):
                known |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    assert len(told) > 10
    assert not told - known


def test_words_of_the_glossary_come_in_both_languages_and_in_order() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|", text_of("docs/glossary.md"), re.MULTILINE)[1:]
    words = [word for word, _, _ in rows]
    assert len(words) > 40
    assert not [word for word, chinese, _ in rows if not re.search(r"[\u4e00-\u9fff]", chinese)]
    assert words == sorted(words, key=str.casefold)


def test_make_targets_that_are_named_exist_and_all_are_told() -> None:
    makefile = text_of("Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = {name for document in DOCUMENTS for name in re.findall(r"(?:^|`)make ([a-z]+)", text_of(document), re.M)}
    assert {"demo", "test", "check", "bench", "prove"} <= told
    assert not told - targets
    assert set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)) == targets


@pytest.mark.parametrize("command", SCRIPTS)
def test_console_scripts_are_told_and_answer(command: str) -> None:
    assert f"| `{command}` |" in text_of("README.md")
    module, _, function = SCRIPTS[command].partition(":")
    code = f"import sys; from {module} import {function}; sys.argv = ['{command}', '--help']; sys.exit({function}())"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert "usage" in answer.stdout.lower()
    row = next(line for line in text_of("README.md").splitlines() if line.startswith(f"| `{command}` |"))
    for subcommand in re.findall(r"`(\w+)`", row.split("|")[2]):
        assert subcommand in answer.stdout


def test_the_layers_are_those_that_the_linter_holds() -> None:
    architecture = re.sub(r"\s+", " ", text_of("docs/architecture.md"))
    contracts = [c for c in PROJECT["tool"]["importlinter"]["contracts"] if c.get("containers")]
    assert {contract["containers"][0] for contract in contracts} == {"pos_app", "cloud_api"}
    for contract in contracts:
        layers = [layer.strip("()") for layer in contract["layers"]]
        assert " → ".join(f"`{layer}`" for layer in layers) in architecture
    doors = architecture.partition("Qt is imported only in ")[2].partition(". ## ")[0]
    assert set(re.findall(r"`([\w/.]+)`", doors)) == {door.rstrip("/") for door in QT_DOORS}


def test_decisions_are_numbered_dated_by_status_and_listed() -> None:
    decisions = sorted(path.name for path in (ROOT / "docs/adr").glob("*.md"))
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))
    for name in decisions:
        text = text_of(f"docs/adr/{name}")
        parts = ("Status: ", "**Context.**", "**Decision.**", "**Consequences.**")
        assert all(part in text for part in parts), name
        assert text.startswith(f"# {name[:4]} "), name
        assert f"(adr/{name})" in text_of("docs/architecture.md")


def test_qt_libraries_by_hand_are_those_that_the_script_installs() -> None:
    by_script = set(re.findall(r"\b(?:lib[\w.-]*\d[\w.-]*|fonts-[\w-]+)", text_of("scripts/system.sh")))
    by_hand = set(re.findall(r"\b(?:lib[\w.-]*\d[\w.-]*|fonts-[\w-]+)", text_of("docs/install.md").split("```")[1]))
    assert by_hand
    assert by_script == by_hand


def test_a_broken_link_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("# Here\n[x](#here) [y](#there) [z](b.md) [w](https://example.com/none)\n", "utf-8")
    monkeypatch.setattr("tests.test_docs.ROOT", tmp_path)
    assert list(broken_links("a.md")) == ["#there", "b.md"]
