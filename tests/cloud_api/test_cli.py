"""The command line as a shopkeeper runs it: real processes, real files, both languages."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from cloud_api.cli import main
from cloud_api.cli.commands import make_parser
from cloud_api.cli.speech import width
from cloud_api.cli.wiring import acting
from cloud_api.permissions import HqRole
from cloud_api.routes.pricing_documents import CART, PRICED, RULE_BOOK
from cloud_api.services import rule_books
from cloud_api.settings import from_environment
from domain.quoting import rule_book_asked
from sync import price
from tests.cloud_api.catalog_import.goods_files import DIRTY, DOUBTED, REFUSED, dirty_csv
from tests.cloud_api.hq import PASSWORD

START_S = 30


def environment(data: Path, url: str | None = None) -> dict[str, str]:
    """The environment of a command: cheap hashing, its own data."""
    settings = {"DATA_DIR": str(data), "ARGON2_TIME": "1", "ARGON2_MEMORY_KIB": "8", "PIN_ARGON2_MEMORY_KIB": "8"}
    if url is not None:
        settings["DATABASE_URL"] = url
    return os.environ | {f"EVERTILL_CLOUD_{name}": value for name, value in settings.items()}


def run(env: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "-m", "cloud_api.cli", *words]
    return subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, timeout=60)


def done(result: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that must have worked."""
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    return result.stdout


@contextmanager
def served(env: dict[str, str]) -> Iterator[str]:
    """A running server's URL."""
    command = [sys.executable, "-m", "cloud_api.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        found = re.search(r"http://[\d.]+:\d+", lines[1])
        assert found, lines
        try:
            yield found.group()
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=START_S)
            assert process.returncode in (0, -signal.SIGTERM), log
            assert PASSWORD not in log


def test_a_shop_is_set_up_served_and_used(
    cloud_database_url: str, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = environment(tmp_path / "data", cloud_database_url)
    first = done(run(env, "init"))
    assert "数据库已就绪" in first
    assert "master key" in first
    done(run(env, "user", "add", "root.admin", "--password-stdin", stdin=PASSWORD + "\n"))
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert main(["init"]) == 0
    assert main(["store", "add", "0101", "--name-zh", "人民路店", "--zone", "cn"]) == 0
    report = tmp_path / "report.csv"
    goods = dirty_csv(tmp_path / "goods.csv", "gb18030")
    lines = goods.read_text("gb18030").splitlines()
    goods.write_text("\n".join([f"备注,{lines[0]}", *(f",{line}" for line in lines[1:])]), "gb18030")
    told = done(run(env, "import", str(goods), "--report", str(report)))
    assert "没有读取的列：备注" in told
    assert "Columns not read: 备注" in told
    assert f"{len(DIRTY)} rows" in told
    assert f"{REFUSED} refused; {DOUBTED} of them doubted" in told
    rows = report.read_text("utf-8-sig").splitlines()
    assert len(rows) == 1 + 1 + REFUSED + DOUBTED
    assert rows[1] == "1,备注,noted,column_unread,,没有读取这一列,This column was not read"
    with served(env) as url:
        assert requests.get(f"{url}/v1/health", timeout=START_S).json()["status"] == "ok"
        login = requests.post(f"{url}/v1/hq/login", json={"user": "root.admin", "password": PASSWORD}, timeout=START_S)
        headers = {"Authorization": f"Bearer {login.json()['token']}"}
        found = requests.get(f"{url}/v1/hq/items?q=kkkl", headers=headers, timeout=START_S).json()["items"]
        assert [item["sku"] for item in found] == ["A01"]
        assert "server" not in login.headers


def test_a_command_that_cannot_work_says_why_in_both_languages(tmp_path: Path) -> None:
    result = run(environment(tmp_path / "data"), "serve", "--port", "0")
    assert result.returncode == 1
    assert "主密钥读不出" in result.stderr
    assert "master key cannot be read" in result.stderr
    assert "Traceback" not in result.stderr
    with pytest.raises(SystemExit) as ended:
        main(["nonsense"])
    assert ended.value.code == 2


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An initialised cloud on SQLite for commands inside this process."""
    for name, value in environment(tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    assert main(["init"]) == 0
    assert main(["store", "add", "0101", "--name-zh", "店"]) == 0
    return tmp_path / "data"


def test_the_commands_of_people_and_tills(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def say(*words: str) -> str:
        capsys.readouterr()
        assert main(list(words)) == 0, words
        return capsys.readouterr().out

    assert data.exists()
    added = say("till", "add", "0101", "--number", "7", "--label", "门口")
    assert re.search(r"code of till 0101-7: [0-9A-Z]{5}-[0-9A-Z]{5} ", added)
    assert re.search(r"0101-7\s+new\s+–\s+0", say("till", "list"))
    assert "0101-7" in say("till", "code", "0101-7")
    assert "revoked" in say("till", "revoke", "0101-7")
    assert "lost" in say("till", "revoke", "0101-7", "--lost")
    say("staff", "add", "0101", "5001", "主管", "--role", "supervisor")
    say("staff", "disable", "0101", "5001")
    assert re.search(r"5001\s+主管\s+supervisor\s+–", say("staff", "list", "0101"))
    assert re.search(r"PIN of 5001: \d{6}", say("staff", "pin", "0101", "5001"))
    assert re.search(r"0101\s+店\s+cn\s+CNY", say("store", "list"))


def test_the_live_rule_book_prices_a_cart(
    data: Path, capsys: pytest.CaptureFixture[str], *, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data.exists()
    with acting(from_environment()) as act:
        rule_books.publish(act, "cn", rule_book_asked(RULE_BOOK), what="tests")
    capsys.readouterr()
    for words, version in ((["cn"], 2), (["cn", "--version", "2"], 2)):
        assert main(["rules", *words]) == 0
        printed = capsys.readouterr().out
        assert json.loads(printed)["version"] == version
    (data / "cart.json").write_text(json.dumps(CART), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(printed.encode())))
    assert price.main([str(data / "cart.json"), "--rules", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == PRICED
    for words in (["nowhere"], ["cn", "--version", "9"]):
        assert main(["rules", *words]) == 1


def test_the_commands_of_users(
    data: Path, capsys: pytest.CaptureFixture[str], *, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([PASSWORD, PASSWORD, PASSWORD, "something else", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    assert data.exists()
    role = HqRole.STORE_MANAGER.value
    assert main(["user", "add", "m.li", "--role", role, "--store", "0101"]) == 0
    assert main(["user", "password", "m.li"]) == 1
    assert "passwords differ" in capsys.readouterr().err
    assert main(["user", "password", "m.li"]) == 0
    assert main(["user", "disable", "m.li"]) == 0
    capsys.readouterr()
    assert main(["user", "list"]) == 0
    assert re.search(r"m\.li\s+store_manager\s+–\s+0101", capsys.readouterr().out)
    assert main(["user", "enable", "m.li"]) == 0


def test_refusals_have_words_and_a_status(
    data: Path, tmp_path: Path, *, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.csv").write_text("颜色\n红\n", "utf-8")
    for words, english in (
        (["store", "add", "0101", "--name-zh", "店"], "exists already"),
        (["till", "code", "0101-9"], "There is no"),
        (["till", "drain", "0101-9"], "There is no"),
        (["import", str(tmp_path / "none.csv")], "option does not fit"),
        (["import", str(tmp_path / "x.csv"), "--map", "nonsense"], "option does not fit"),
        (["import", str(tmp_path / "x.csv"), "--zone", "nowhere"], "There is no"),
        (["import", str(tmp_path / "x.csv")], "no column for"),
        (["till", "list", "--database", f"sqlite:///{tmp_path / 'other.db'}"], "Run evertill-cloud init"),
        (["till", "list", "--database", f"sqlite:///{tmp_path}"], "database cannot be reached"),
        (["till", "list", "--database", "mysql://x"], "option does not fit"),
    ):
        capsys.readouterr()
        assert main(words) == 1, words
        said = capsys.readouterr()
        assert english in said.err + said.out, words
    for least, status in (("newest", 1), ("0.1.0", 0)):
        monkeypatch.setenv("EVERTILL_CLOUD_MIN_APP", least)
        assert main(["till", "list"]) == status
    monkeypatch.setenv("EVERTILL_CLOUD_DOCS", "perhaps")
    assert main(["till", "list"]) == 1
    (data / "master.key").write_text("not a key")
    monkeypatch.delenv("EVERTILL_CLOUD_DOCS")
    assert main(["till", "list"]) == 1
    assert "not a key" not in capsys.readouterr().err


def test_the_key_file_is_for_this_account_alone(data: Path) -> None:
    key = data / "master.key"
    before = key.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    assert main(["init"]) == 0
    assert key.read_bytes() == before


def test_a_port_that_cannot_be_had_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert data.exists()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert main(["serve", "--port", str(taken)]) == 1
        said = capsys.readouterr().err
        assert f"端口 {taken} 已被别的程序占用" in said
        assert f"Another program uses port {taken}" in said
    for words in (["--port", "99999"], ["--host", "192.0.2.1", "--port", "0"]):
        assert main(["serve", *words]) == 1
        said = capsys.readouterr().err
        assert "不能在" in said
        assert "Cannot listen on port" in said


def test_help_is_there_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["serve"], ["import"], ["user", "add"], ["till", "add"], ["store", "add"], ["staff", "add"]):
        with pytest.raises(SystemExit) as ended:
            make_parser().parse_args([*words, "--help"])
        assert ended.value.code == 0
        assert "usage: evertill-cloud" in capsys.readouterr().out


def test_tables_line_up_with_chinese_in_them() -> None:
    assert [width(text) for text in ("abc", "店", "a店", "–")] == [3, 2, 3, 1]
