"""``python -m scripts.sbom``: what the product is made of, under which licences, and what is known to be wrong with it.

Writes a CycloneDX document of every locked package, judges the licences by an allow-list, and compares the versions
with a stored copy of the OSV database where one is given (``--osv FOLDER_OR_ZIP``). Exit code 1 where it finds fault.
"""

import argparse
import hashlib
import json
import re
import sys
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-bootstrap.lock")
TARGET = ROOT / "build" / "sbom.cdx.json"

ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0"),
    *("Unlicense", "Zlib"),
    # Weak copyleft: used as separate, unchanged libraries, which both licences allow to any product.
    *("MPL-2.0", "LGPL-3.0-only"),
}
BUILD_TOOLS = {"pyinstaller", "pyinstaller-hooks-contrib"}
"""They make the installer and are no part of the product; what they put into it they let go by an exception."""
READ_BY_HAND = {
    "atheris": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "grimp": "BSD-2-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "import-linter": "BSD-2-Clause",
    "jinja2": "BSD-3-Clause",
    "macholib": "MIT",
    "pefile": "MIT",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pyinstaller-hooks-contrib": "GPL-2.0-or-later AND Apache-2.0",
    "pyserial": "BSD-3-Clause",
    "pysqlite3": "Zlib",
    "pyusb": "BSD-3-Clause",
    "pywin32-ctypes": "BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
    "sortedcontainers": "Apache-2.0",
    "tzdata": "Apache-2.0",
}
"""Licences of packages whose metadata names none, or none exactly, or that only other systems install."""
_SPDX = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""What old metadata says, as SPDX says it; "BSD" alone could be any of three and is read by hand."""


class Unpinned(Exception):
    """A line of a lock file that does not name one version and the hashes of its files."""


@dataclass(frozen=True)
class Locked:
    """One package of a lock file."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str = ""


def read_lock(text: str) -> list[Locked]:
    """Every package of a lock file; Unpinned where one is not held to one version and to hashes."""
    found = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(
            r"([\w.-]+)(?:\[[\w,-]+\])?==([\w.!+-]+)(?: ; ([^#]*?))?((?: +--hash=sha256:[0-9a-f]{64})+) *", line
        )
        if match is None:
            raise Unpinned(line[:100])
        hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", match[4]))
        found.append(Locked(canonicalize_name(match[1]), match[2], hashes, (match[3] or "").strip()))
    return found


def locked(root: Path = ROOT) -> list[Locked]:
    """Every package that set-up may install."""
    both = [one for name in LOCKS for one in read_lock((root / name).read_text("utf-8"))]
    return sorted(dict.fromkeys(both), key=lambda one: one.name)


def licence_of(name: str) -> str:
    """The SPDX expression of a package's licence; empty where nobody knows it."""
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classifiers = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or () if one.startswith("License")]
    words = [*(told.get_all("License-Expression") or ()), *(told.get_all("License") or ()), *classifiers]
    spoken = [_SPDX.get(word.strip(), word.strip()) for word in words]
    return next((word for word in spoken if _is_spdx(word)), "")


def _is_spdx(word: str) -> bool:
    return bool(re.fullmatch(r"[\w.+() -]+", word)) and all(part in ALLOWED or "-" in part for part in _parts(word))


def _parts(expression: str) -> list[str]:
    return [part.strip("() ") for part in re.split(r" (?:AND|OR) ", expression)]


def is_allowed(expression: str) -> bool:
    """Whether a licence fits: of ``A OR B`` one has to, of ``A AND B`` each."""
    tokens = re.findall(r"[()]|[^()\s]+(?: WITH [^()\s]+)?", expression)
    return bool(tokens) and _any(tokens) and not tokens


def _any(tokens: list[str]) -> bool:
    """Reads alternatives off the front of the tokens."""
    found = _all(tokens)
    while tokens[:1] == ["OR"]:
        del tokens[0]
        found = _all(tokens) or found
    return found


def _all(tokens: list[str]) -> bool:
    found = _one(tokens)
    while tokens[:1] == ["AND"]:
        del tokens[0]
        found = _one(tokens) and found
    return found


def _one(tokens: list[str]) -> bool:
    token = tokens.pop(0) if tokens else ""
    if token != "(":
        return token in ALLOWED
    found = _any(tokens)
    del tokens[:1]
    return found


def fits(name: str, licence: str) -> bool:
    """Whether a package may be used for what it is used for."""
    return is_allowed(licence) or (name in BUILD_TOOLS and licence.startswith("GPL-2.0-or-later"))


def document(packages: Sequence[Locked]) -> dict[str, Any]:
    """The CycloneDX 1.6 document: the same lock gives the same bytes."""
    digest = hashlib.sha256(repr(packages).encode()).hexdigest()
    project = metadata.metadata("evertill")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "evertill",
                "name": "evertill",
                "version": project["Version"],
                "licenses": [{"expression": project["License-Expression"]}],
            }
        },
        "components": [_component(one) for one in packages],
    }


def _component(one: Locked) -> dict[str, Any]:
    purl = f"pkg:pypi/{one.name}@{one.version}"
    files = [{"alg": "SHA-256", "content": digest} for digest in one.hashes]
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
        "licenses": [{"expression": licence_of(one.name)}],
        "externalReferences": [{"type": "distribution", "url": purl, "hashes": files}],
    }
    if one.marker:
        made["properties"] = [{"name": "python:marker", "value": one.marker}]
    return made


# --- Known vulnerabilities -----------------------------------------------------------------------------


def advisories(database: Path) -> Iterator[dict[str, Any]]:
    """Every record of a stored OSV database: a folder of JSON files, or the zip in which it is published."""
    if database.is_dir():
        yield from (json.loads(path.read_bytes()) for path in sorted(database.rglob("*.json")))
        return
    with zipfile.ZipFile(database) as archive:
        yield from (json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json"))


def vulnerabilities(packages: Sequence[Locked], database: Path) -> list[str]:
    """What is known against the locked versions, one line each."""
    by_name = {one.name: one for one in packages}
    found = []
    for advisory in advisories(database):
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            one = by_name.get(canonicalize_name(package.get("name", "")))
            if (
                package.get("ecosystem") == "PyPI"
                and one
                and not advisory.get("withdrawn")
                and _hits(affected, one.version)
            ):
                found.append(f"{one.name} {one.version}: {advisory['id']} {advisory.get('summary', '')}".strip())
    return sorted(set(found))


def _hits(affected: dict[str, Any], version: str) -> bool:
    ranges = [one["events"] for one in affected.get("ranges", ()) if one.get("type") == "ECOSYSTEM"]
    return version in affected.get("versions", ()) or any(_in_range(events, Version(version)) for events in ranges)


def _in_range(events: Sequence[dict[str, str]], version: Version) -> bool:
    inside = False
    for event in events:
        ((what, text),) = event.items()
        try:
            at = Version(text)
        except InvalidVersion:
            continue
        if what == "introduced" and version >= at:
            inside = True
        elif (what == "fixed" and version >= at) or (what == "last_affected" and version > at):
            inside = False
    return inside


def faults(packages: Sequence[Locked]) -> list[str]:
    """Packages whose licence is unknown or not allowed."""
    judged = [(one.name, licence_of(one.name)) for one in packages]
    return [f"{name}: {licence or 'no licence known'}" for name, licence in judged if not fits(name, licence)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m scripts.sbom", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--osv", type=Path, help="a stored OSV database: folder or zip")
    options = parser.parse_args(arguments)
    packages = locked()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document(packages), indent=2) + "\n", "utf-8")
    print(f"{options.output}: {len(packages)} 个组件 components")
    wrong = faults(packages) + (vulnerabilities(packages, options.osv) if options.osv else [])
    print("\n".join(f"  ! {one}" for one in wrong) or "许可证均在名单内 every licence is on the list")
    if options.osv is None:
        print(
            "未查已知漏洞，见 docs/reliability.md  known vulnerabilities were not looked for, see docs/reliability.md"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
