"""The installer asks for what it needs, packs what the till uses and leaves out what it does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import build_installer
from build_installer import DEPENDS, EXCLUDED_FILES, EXCLUDED_MODULES, PROGRAMS
from tests.tidy_rules import ROOT, Source, files


def test_everything_that_the_build_needs_is_in_the_repository() -> None:
    command = [sys.executable, "build_installer.py", "--check"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stdout.strip()) == (0, "everything needed is there"), answer.stderr


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    monkeypatch.setattr(build_installer, "ROOT", tmp_path)
    missing = "\n".join(build_installer.missing_inputs())
    assert "LICENSE is missing" in missing
    for program in PROGRAMS:
        assert f"{program} starts with " in missing


@pytest.mark.parametrize(
    ("path", "unwanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", True),
        ("PySide6/Qt/plugins/imageformats/libqsvg.so", False),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", False),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("libgtk-3.so.0", True),
        ("PySide6/Qt/lib/libQt6Svg.so.6", False),
        ("PySide6/Qt/lib/libQt6WaylandClient.so.6", True),
    ],
)
def test_only_what_a_till_has_no_use_for_is_left_out(path: str, unwanted: bool) -> None:
    assert bool(re.search("|".join(EXCLUDED_FILES), path)) is unwanted


def test_no_module_that_the_till_imports_is_left_out() -> None:
    packages = ("domain/", "sync/", "pos_app/", "resources/")
    sources = [Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in files(".py")]
    imported = {name for source in sources if source.path.startswith(packages) for _, name in source.imports()}
    left_out = re.compile("|".join(rf"{re.escape(name)}(\.|$)" for name in EXCLUDED_MODULES))
    assert "domain.money" in imported
    assert not [name for name in imported if left_out.match(name)]


def test_the_package_depends_on_the_libraries_that_the_set_up_installs() -> None:
    script = (ROOT / "scripts/system.sh").read_text("utf-8")
    assert [name for name in DEPENDS if name.split(" ")[0] not in script] == []
    control = build_installer.control(1, "amd64")
    assert re.search(r"^Depends: libc6 \(>= 2\.\d+\), libegl1,", control, re.MULTILINE)
    assert re.search(r"^Description: .*\n .*\n .*\n$", control, re.MULTILINE)


def test_works_of_others_are_named_with_their_licence() -> None:
    text = build_installer.third_party()
    assert re.search(r"^pyside6-essentials 6\.\d+\.\d+: LGPL-3", text, re.MULTILINE)
    assert re.search(r"^pyusb ", text, re.MULTILINE)
    assert "fastapi" not in text
    assert "pytest" not in text
