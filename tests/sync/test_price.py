"""The command that prices files: JSON or a table in either language, refusals with their code, exit codes."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync.price import PRICED, REFUSED, UNREADABLE, main

WRITTEN = (Path(__file__).parents[2] / "docs" / "pricing.md").read_text("utf-8")
BOOK, CART, CONTEXT, TOLD = re.findall(r"```json\n(.*?)```", WRITTEN, re.S)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The documented cart, circumstances and rule book as arguments."""
    for name, document in (("cart", CART), ("context", CONTEXT), ("rules", BOOK)):
        (tmp_path / name).write_text(document, encoding="utf-8")
    return [str(tmp_path / "cart"), "--context", str(tmp_path / "context"), "--rules", str(tmp_path / "rules")]


def test_the_documents_as_json(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*files, "--json"]) == PRICED
    assert json.loads(capsys.readouterr().out) == json.loads(TOLD)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("zh", ["农夫山泉 550ml  2 瓶  ￥10.00  ￥3.75", "    会员价 ￥-1.00（原 ￥10.00）", "应付 ￥3.75"]),
        ("en", ["Nongfu Spring 550ml      2 瓶  ￥10.00  ￥3.75", "Due ￥3.75", "Tax included ￥0.43"]),
    ],
)
def test_the_documents_as_a_table(
    files: list[str], capsys: pytest.CaptureFixture[str], *, language: str, lines: list[str]
) -> None:
    assert main([*files, "--language", language]) == PRICED
    said = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line not in said] == []


def test_a_cart_from_standard_input_without_rules(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CART.encode())))
    assert main(["-", "--json"]) == PRICED
    assert json.loads(capsys.readouterr().out)["due_minor"] == 1000


@pytest.mark.parametrize(
    ("code", "content", "exit_code"),
    [
        ("document.unreadable", "{", REFUSED),
        ("document.other_format", BOOK, REFUSED),
        ("price.no_file", None, UNREADABLE),
    ],
)
def test_what_cannot_be_priced_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, code: str, content: str | None, exit_code: int
) -> None:
    file = tmp_path / "cart.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    assert main([str(file)]) == exit_code
    said = capsys.readouterr()
    chinese, english = said.err.splitlines()
    assert said.out == ""
    assert chinese.startswith(f"{code}: ") and english.startswith(f"{code}: ") and chinese != english


def test_it_prices_without_the_cloud() -> None:
    code = "import sys, sync.price; print([m for m in sys.modules if m.startswith(('cloud_api', 'sqlalchemy'))])"
    found: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
