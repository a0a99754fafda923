"""The steps of README.md to a shop of one's own, run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cloud_api.cli import main
from cloud_api.cli.commands import make_parser
from tests.cloud_api.catalog_import.goods_files import dirty_csv
from tests.cloud_api.hq import PASSWORD
from tests.cloud_api.test_cli import environment

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
STEPS = [block for block in re.findall(r"^```sh\n(.+?)^```", README, re.M | re.S) if "evertill-cloud init" in block]


def test_both_languages_tell_the_same_steps() -> None:
    chinese, english = ([line.split()[:3] for line in block.splitlines()] for block in STEPS)
    assert chinese == english
    assert README.index(STEPS[0]) < README.index("## English") < README.index(STEPS[1])


@pytest.mark.parametrize("steps", STEPS, ids=("zh", "en"))
def test_the_steps_open_a_shop(
    steps: str, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("EVERTILL_CLOUD_DATA_DIR")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: PASSWORD)
    served: list[object] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda _server, sockets: served.extend(sockets))
    dirty_csv(tmp_path / "goods.csv")
    for line in steps.splitlines():
        program, *words = shlex.split(line, comments=True)
        assert program == "evertill-cloud"
        free = ["--port", "0"] if words == ["serve"] else []
        assert main([*words, *free]) == 0, line
    told = capsys.readouterr().out
    assert len(re.findall(r"code of till 0101-1: [0-9A-Z]{5}-[0-9A-Z]{5} ", told)) == 2
    assert re.search(r"PIN of 1001: \d{6}", told)
    assert len(served) == 1
    assert (tmp_path / "evertill-cloud-data" / "cloud.db").exists()


def test_every_command_is_in_the_table() -> None:
    row = next(line for line in README.splitlines() if line.startswith("| `evertill-cloud` |"))
    usage = re.search(r"\{([\w,]+)\}", make_parser().format_usage())
    assert usage
    assert set(re.findall(r"`(\w+)`", row.split("|")[2])) == set(usage.group(1).split(","))
