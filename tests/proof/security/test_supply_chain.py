"""Every dependency is held to one version and its hashes, under a licence on the list, and can be looked up (S14)."""

from __future__ import annotations

import json
import re
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from scripts import sbom
from scripts.sbom import BUILD_TOOLS, LOCKS, Locked, Unpinned, faults, is_allowed, locked, read_lock, vulnerabilities
from tests.test_docs import PROJECT
from tests.tidy_rules import ROOT, read_sources

HASH = "ab" * 32
GOOD = f"starlette==1.10.0 \\\n    --hash=sha256:{HASH} \\\n    --hash=sha256:{'cd' * 32}\n"


def test_every_dependency_is_held_to_a_version_and_hashes() -> None:
    packages = locked()
    assert len(packages) > 100
    assert all(one.hashes for one in packages)
    names = [one.name for one in packages]
    assert len(names) == len(set(names)), "one version of each"


def test_set_up_installs_nothing_else() -> None:
    script = (ROOT / "scripts" / "setup.sh").read_text("utf-8")
    installs = [line for line in script.splitlines() if re.search(r"pip install", line)]
    assert len(installs) == 3
    assert all("--require-hashes -r requirements" in line or "--no-deps" in line for line in installs)


def test_every_dependency_that_is_declared_is_locked() -> None:
    names = {one.name for one in locked()}
    asked = [
        *PROJECT["project"]["dependencies"],
        *(x for e in PROJECT["project"]["optional-dependencies"].values() for x in e),
    ]
    declared = {canonicalize_name(re.split(r"[\[<>=!~; ]", one)[0]) for one in asked}
    assert declared <= names


def test_every_licence_is_on_the_list() -> None:
    assert faults(locked()) == []


def test_what_is_installed_is_what_is_locked() -> None:
    by_name = {one.name: one.version for one in locked()}
    for name in ("fastapi", "sqlalchemy", "cryptography", "pyside6-essentials", "schemathesis"):
        assert metadata.version(name) == by_name[name]


def test_build_tools_are_no_part_of_the_product() -> None:
    imported = {
        name.split(".")[0].lower() for source in read_sources() if source.is_product for _, name in source.imports()
    }
    assert "fastapi" in imported
    assert not {name.replace("-", "_") for name in BUILD_TOOLS} & imported
    assert "PyInstaller".lower() not in imported


def test_one_command_writes_the_bill_of_materials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "new" / "sbom.json"
    assert sbom.main(["--output", str(target)]) == 0
    first = target.read_bytes()
    made: dict[str, Any] = json.loads(first)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made["serialNumber"]
    )
    assert len(made["components"]) == len(locked())
    for one in made["components"]:
        assert one["purl"] == one["bom-ref"] == f"pkg:pypi/{one['name']}@{one['version']}"
        assert one["licenses"][0]["expression"]
        assert one["externalReferences"][0]["hashes"][0]["alg"] == "SHA-256"
    sbom.main(["--output", str(target)])
    assert target.read_bytes() == first, "the same lock gives the same bytes"
    assert "every licence is on the list" in capsys.readouterr().out


# --- Known vulnerabilities, by a stored OSV database ----------------------------------------------------


def advisory(name: str = "Starlette", *events: dict[str, str], **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges, "versions": more.pop("versions", [])}
    return {"id": "GHSA-test", "summary": "slow form", "affected": [affected], **more}


@pytest.mark.parametrize(
    ("found", "record"),
    [
        (True, advisory("Starlette", {"introduced": "0"}, {"fixed": "1.10.1"})),
        (True, advisory("starlette", {"introduced": "0"}, {"last_affected": "1.10.0"})),
        (True, advisory("starlette", {"introduced": "0"}, {"fixed": "0.9"}, {"introduced": "1.10"})),
        (True, advisory("starlette", versions=["1.9.0", "1.10.0"])),
        (False, advisory("starlette", {"introduced": "0"}, {"fixed": "1.10.0"})),
        (False, advisory("starlette", {"introduced": "1.11"})),
        (False, advisory("starlette", {"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z")),
        (False, advisory("another", {"introduced": "0"})),
    ],
)
def test_a_known_vulnerability_is_found_in_folder_and_zip(tmp_path: Path, found: bool, record: dict[str, Any]) -> None:
    folder, archive = tmp_path / "osv", tmp_path / "all.zip"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(record), "utf-8")
    with zipfile.ZipFile(archive, "w") as made:
        made.write(folder / "one.json", "one.json")
    expected = ["starlette 1.10.0: GHSA-test slow form"] if found else []
    assert vulnerabilities(read_lock(GOOD), folder) == vulnerabilities(read_lock(GOOD), archive) == expected


def test_the_command_fails_where_something_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.json").write_text(json.dumps(advisory("starlette", {"introduced": "0"})), "utf-8")
    assert sbom.main(["--output", str(tmp_path / "sbom"), "--osv", str(tmp_path)]) == 1
    assert "GHSA-test" in capsys.readouterr().out


# --- The proof can go red ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "starlette==1.10.0",
        f"starlette>=1.10.0 --hash=sha256:{HASH}",
        f"starlette --hash=sha256:{HASH}",
        f"starlette==1.10.0 --hash=md5:{HASH[:32]}",
        "starlette @ git+https://example.com/starlette",
        "-e ./starlette",
        "--index-url https://example.com/simple",
    ],
)
def test_an_unpinned_dependency_is_seen(line: str) -> None:
    assert read_lock(GOOD) == [Locked("starlette", "1.10.0", (HASH, "cd" * 32))]
    with pytest.raises(Unpinned):
        read_lock(GOOD + line + "\n")


@pytest.mark.parametrize("name", LOCKS)
def test_a_hash_taken_out_of_a_lock_is_seen(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert read_lock(text)
    with pytest.raises(Unpinned):
        read_lock(re.sub(r"( \\\n    --hash=sha256:[0-9a-f]{64})+", "", text, count=1))


@pytest.mark.parametrize(
    "licence",
    [
        "",
        "GPL-3.0-only",
        "AGPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR ISC) AND GPL-3.0-only",
        "MIT Apache-2.0",
        "SSPL-1.0",
        "Proprietary",
    ],
)
def test_a_licence_that_does_not_fit_is_seen(licence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_allowed(licence)
    monkeypatch.setitem(sbom.READ_BY_HAND, "starlette", licence)
    assert [fault.split(":")[0] for fault in faults(locked())] == ["starlette"]


def test_a_package_that_nobody_knows_is_seen() -> None:
    assert faults([Locked("unheard-of", "1", (HASH,))]) == ["unheard-of: no licence known"]


@pytest.mark.parametrize(
    "licence", ["MIT", "Apache-2.0 OR GPL-3.0-only", "MIT AND (BSD-3-Clause OR GPL-2.0-only)", "MPL-2.0"]
)
def test_a_licence_that_fits_is_let_in(licence: str) -> None:
    assert is_allowed(licence)
