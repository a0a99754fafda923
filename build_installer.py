"""Build the till as a one-folder program with PyInstaller and, on Debian, pack it as a .deb.

    .venv/bin/python build_installer.py            # build/installer/evertill/ and evertill_<version>_<arch>.deb
    .venv/bin/python build_installer.py --check    # only say whether everything needed is there

The folder holds three programs that share one set of libraries: evertill (the till), evertill-sync (the agent that the
till starts) and evertill-verify (the journal's verifier). A person in a shop needs no Python.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent
OUTPUT = ROOT / "build" / "installer"
PROGRAMS = ("evertill", "evertill-sync", "evertill-verify")
ON_LINUX = sys.platform.startswith("linux")

# Parts of the environment that the till never imports: the cloud, the tests, the tools.
EXCLUDED_MODULES = (
    "alembic", "fastapi", "httptools", "hypothesis", "jinja2", "mypy", "openpyxl", "playwright", "psycopg", "pydantic",
    "pypinyin", "pytest", "schemathesis", "setuptools", "starlette", "tkinter", "uvicorn", "uvloop", "werkzeug",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtTest",
)  # fmt: skip

# Qt plugins for screens and desktops that a till does not have, with what they drag in, and foreign translations.
EXCLUDED_FILES = (
    r"platforms/libq(eglfs|linuxfb|minimal|minimalegl|vnc|vkkhrdisplay|wayland)",
    r"platformthemes/libqgtk3",
    r"plugins/(egldeviceintegrations|wayland-|xcbglintegrations|networkinformation|tls|sqldrivers|qmltooling)",
    r"(^|/)lib(gtk|gdk|gdk_pixbuf|atk|atk-bridge|atspi|cairo|cairo-gobject|pango\w*|epoxy|wayland-\w+)[-.]",
    r"(^|/)libQt6(Wayland\w*|WlShell\w*|EglF\w*|Quick|Qml\w*|Sql|Test|Network|VirtualKeyboard)\.",
    r"(^|/)(lib|_)avif",
    r"translations/(?!qtbase_(zh_CN|en)\.qm)[^/]+\.qm$",
)

DEPENDS = (
    "libegl1", "libgl1", "libx11-6", "libx11-xcb1", "libdbus-1-3", "libfontconfig1",
    "libglib2.0-0 | libglib2.0-0t64", "libxkbcommon0", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4",
    "libxcb-keysyms1", "libxcb-shape0", "libxcb-xkb1", "fonts-noto-cjk | fonts-wqy-microhei | fonts-wqy-zenhei",
)  # fmt: skip

# What our code imports only when it is first needed, so that no start without it shows that it was left out.
LATE_MODULES = (
    "PySide6.QtWidgets", "PySide6.QtSvg", "PySide6.QtPrintSupport", "apscheduler.schedulers.background",
    "barcode.writer", "biip", "escpos.printer", "keyring", "pysqlite3.dbapi2", "qrcode.main", "requests", "sqlalchemy",
    "zstandard",
)  # fmt: skip

LAUNCHER = """import multiprocessing
import sys
from importlib import import_module

from {module} import {function}

multiprocessing.freeze_support()
if sys.argv[1:] == ["--try-imports"]:
    for name in {contents!r}:
        print(import_module(name).__name__)
    sys.exit(0)
sys.exit({function}())
"""

SPEC = """# Written by build_installer.py.
import re
from PyInstaller.utils.hooks import collect_data_files, copy_metadata

unwanted = re.compile({unwanted!r})
datas = {datas!r} + [file for name in ("biip", "escpos", "barcode") for file in collect_data_files(name)]
datas += copy_metadata("evertill")
programs, collected = [], []
for name in {programs!r}:
    found = Analysis(
        [{launchers!r} + "/" + name + ".py"], pathex=[{root!r}], datas=datas, excludes={excluded!r},
        hiddenimports={contents!r}[name],
    )
    found.binaries = [entry for entry in found.binaries if not unwanted.search(entry[0].replace("\\\\", "/"))]
    found.datas = [entry for entry in found.datas if not unwanted.search(entry[0].replace("\\\\", "/"))]
    programs.append(EXE(
        PYZ(found.pure), found.scripts, [], exclude_binaries=True, name=name, strip={strip!r},
        console=name != "evertill",
    ))
    collected += [found.binaries, found.datas]
COLLECT(*programs, *collected, name="evertill", strip={strip!r})
"""

DESKTOP_ENTRY = """[Desktop Entry]
Type=Application
Name=Evertill
Name[zh_CN]=恒收
Comment=A till that never stops
Comment[zh_CN]=收银不停，一单不丢
Exec=/usr/bin/evertill
Icon=evertill
Terminal=false
Categories=Office;Finance;
"""


def project() -> dict[str, Any]:
    """The project table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def missing_inputs() -> Iterator[str]:
    """What the build needs and does not find, one sentence each."""
    for name in ("LICENSE", "NOTICE", "resources/texts"):
        if not (ROOT / name).exists():
            yield f"{name} is missing"
    for program in PROGRAMS:
        module, _, function = project()["scripts"][program].partition(":")
        source = ROOT / (module.replace(".", "/") + ".py")
        if not source.exists() or f"def {function}(" not in source.read_text("utf-8"):
            yield f"{program} starts with {module}:{function}, which does not exist"
    if util.find_spec("PyInstaller") is None:
        yield "PyInstaller is not installed: make setup"
    if ON_LINUX and not shutil.which("dpkg-deb"):
        yield "dpkg-deb is missing: apt-get install dpkg"


def data_files() -> list[tuple[str, str]]:
    """The files beside the code that the till reads, as (file, folder in it); the sample shop is the cloud's."""
    found = []
    for package in ("resources", "pos_app", "sync"):
        for path in sorted((ROOT / package).rglob("*")):
            is_code = path.suffix in {".py", ".pyc"} or "__pycache__" in path.parts
            if path.is_file() and not is_code and "sample_shop" not in path.parts:
                found.append((str(path), path.parent.relative_to(ROOT).as_posix()))
    return found


def contents(program: str) -> list[str]:
    """The modules that a program has to hold: all of its packages, and what they import late."""
    is_till = program == "evertill"
    packages = ("domain", "sync", "resources", "pos_app") if is_till else ("domain", "sync")
    sources = (path.relative_to(ROOT) for package in packages for path in sorted((ROOT / package).rglob("*.py")))
    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in sources]
    late = LATE_MODULES if is_till else ()
    return [name for name in names if not name.endswith("__main__")] + list(late)


def build_folder() -> Path:
    """Run PyInstaller; returns the folder with the programs."""
    launchers = OUTPUT / "launch"
    for program in PROGRAMS:
        module, _, function = project()["scripts"][program].partition(":")
        text = LAUNCHER.format(module=module, function=function, contents=contents(program))
        write(launchers / f"{program}.py", text)
    spec = OUTPUT / "evertill.spec"
    spec.write_text(
        SPEC.format(
            unwanted="|".join(EXCLUDED_FILES),
            datas=data_files(),
            programs=PROGRAMS,
            launchers=launchers.as_posix(),
            root=str(ROOT),
            excluded=list(EXCLUDED_MODULES),
            contents={program: contents(program) for program in PROGRAMS},
            strip=ON_LINUX,
        ),
        "utf-8",
    )
    options = ["--noconfirm", "--log-level=WARN", f"--distpath={OUTPUT}", f"--workpath={OUTPUT / 'work'}"]
    subprocess.run([sys.executable, "-m", "PyInstaller", *options, str(spec)], check=True, cwd=ROOT)
    folder = OUTPUT / "evertill"
    for name in ("LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "THIRD-PARTY.txt").write_text(third_party(), "utf-8")
    return folder


def requirements_of(wanted: Requirement, found: set[str]) -> None:
    """Add to `found` the names of the distributions that a requirement brings to this machine, itself first."""
    found.add(canonicalize_name(wanted.name))
    for text in metadata.requires(wanted.name) or []:
        inner = Requirement(text)
        applies = inner.marker is None or any(inner.marker.evaluate({"extra": one}) for one in wanted.extras | {""})
        if applies and canonicalize_name(inner.name) not in found:
            requirements_of(inner, found)


def third_party() -> str:
    """Name, version and licence of everything that is bundled."""
    lines = ["Evertill contains these works of others; each keeps its own licence.", ""]
    names: set[str] = set()
    requirements_of(Requirement("evertill[till]"), names)
    for name in sorted(names - {"evertill"}):
        lines.append(f"{name} {metadata.version(name)}: {licence_of(name)}")
    lines += ["", "Qt is used under the LGPL 3 and can be replaced: its libraries lie in _internal/PySide6/Qt.", ""]
    return "\n".join(lines)


def licence_of(name: str) -> str:
    """A distribution's licence by its metadata, in a word or two."""
    about = metadata.metadata(name)
    for field in ("License-Expression", "License"):
        if field in about and about[field].strip():
            return about[field].strip().splitlines()[0]
    classified = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if "License ::" in line]
    return ", ".join(classified) or "see its metadata"


def control(size_kb: int, architecture: str) -> str:
    """The control file of the Debian package."""
    glibc = platform.libc_ver()[1] or "2.34"
    fields = {
        "Package": "evertill",
        "Version": project()["version"],
        "Architecture": architecture,
        "Maintainer": "Evertill maintainers <maintainers@evertill.invalid>",
        "Installed-Size": str(size_kb),
        "Depends": ", ".join((f"libc6 (>= {glibc})", *DEPENDS)),
        "Section": "office",
        "Priority": "optional",
        "Description": "a till that never stops 恒收收银机\n Sells, prints and keeps its books on local files; a sync\n"
        " process brings every sale to the cloud exactly once.",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def build_deb(folder: Path, *, small: bool) -> Path:
    """Pack the folder as a .deb under /opt/evertill; `small` takes a minute longer and a quarter less space."""
    tree = OUTPUT / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(folder, tree / "opt" / "evertill", symlinks=True)
    write(tree / "usr/share/applications/evertill.desktop", DESKTOP_ENTRY)
    write(tree / "usr/share/doc/evertill/copyright", (ROOT / "NOTICE").read_text("utf-8"))
    icon = ROOT / "resources/icons/evertill.svg"
    if icon.exists():
        write(tree / "usr/share/icons/hicolor/scalable/apps/evertill.svg", icon.read_text("utf-8"))
    (tree / "usr/bin").mkdir(parents=True)
    for program in PROGRAMS:
        (tree / "usr/bin" / program).symlink_to(f"/opt/evertill/{program}")
    size_kb = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True)
    write(tree / "DEBIAN/control", control(size_kb, architecture.stdout.strip()))
    for path in tree.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    target = OUTPUT / f"evertill_{project()['version']}_{architecture.stdout.strip()}.deb"
    packing = ["-Zxz", "-z6"] if small else ["-Zzstd", "-z3"]
    subprocess.run(["dpkg-deb", "--root-owner-group", *packing, "--build", str(tree), str(target)], check=True)
    return target


def write(path: Path, text: str) -> None:
    """Write a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def try_out(folder: Path) -> None:
    """Start each program once, away from the source tree and without its Python."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(OUTPUT), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    for program in PROGRAMS:
        path = folder / (program if os.name == "posix" else f"{program}.exe")
        for option in ("--help", "--try-imports"):
            command = [str(path), option]
            answer = subprocess.run(
                command, check=False, env=environment, cwd=folder, timeout=60, capture_output=True, text=True
            )
            if answer.returncode:
                raise SystemExit(f"{program} {option} ended with {answer.returncode}\n{answer.stderr}")
        print(f"{program} starts and imports {len(answer.stdout.split())} modules")


def main() -> int:
    """Check, build, try out and pack, as the command line asks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether everything needed is there")
    parser.add_argument("--small", action="store_true", help="pack the .deb smaller, which takes a minute longer")
    arguments = parser.parse_args()
    missing = list(missing_inputs())
    if missing:
        print("\n".join(missing), file=sys.stderr)
        return 1
    if arguments.check:
        print("everything needed is there")
        return 0
    folder = build_folder()
    try_out(folder)
    print(f"{folder.relative_to(ROOT)}: {sum(p.lstat().st_size for p in folder.rglob('*')) // 2**20} MB")
    if ON_LINUX:
        deb = build_deb(folder, small=arguments.small)
        print(f"{deb.relative_to(ROOT)}: {deb.stat().st_size // 2**20} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
