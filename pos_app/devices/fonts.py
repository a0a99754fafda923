"""Finding a font that has Chinese on this machine, for what is drawn here instead of by a printer."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import ImageFont

from pos_app.devices.ports import PrinterError

_FILES = (
    "NotoSansMonoCJKsc-Regular.otf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "SourceHanSans-Regular.ttc",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "msyh.ttc",
    "simhei.ttf",
    "simsun.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Medium.ttc",
    "STHeiti Light.ttc",
    "Arial Unicode.ttf",
    "DroidSansFallbackFull.ttf",
    "NotoSerifCJK-Regular.ttc",
    "unifont.otf",
    "unifont.ttf",
)
"""Best first: one width for Latin and Chinese, sans before serif."""
_FACES = ("Mono CJK SC", "CJK SC", "SC", "GB", "")
"""Of a collection the face for simplified Chinese, one of fixed width first."""
_FACES_MAX = 32


@cache
def chinese_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The best Chinese font of this machine in a size; ``printer.font_missing`` where there is none."""
    path, index = _find()
    return ImageFont.truetype(str(path), size_px, index=index)


def font_folders() -> tuple[Path, ...]:
    """Where this system keeps its fonts."""
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", str(home))) / "Microsoft/Windows/Fonts"
        return (Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts", local)
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    user = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "fonts"
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), user, home / ".fonts")


def search(folders: tuple[Path, ...]) -> tuple[Path, int] | None:
    """File and face of the best font below the folders."""
    found = {path.name.lower(): path for folder in folders for path in _files_below(folder)}
    for name in _FILES:
        path = found.get(name.lower())
        face = _face(path) if path else None
        if path and face is not None:
            return path, face
    return None


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


@cache
def _find() -> tuple[Path, int]:
    found = search(font_folders())
    if found is None:
        raise PrinterError("printer.font_missing")
    return found


def _face(path: Path) -> int | None:
    """The index of the face to take, or None where the file cannot be read."""
    families: list[str] = []
    for index in range(_FACES_MAX):
        try:
            families.append(ImageFont.truetype(str(path), 12, index=index).getname()[0] or "")
        except OSError:
            break
    for wanted in _FACES:
        for index, family in enumerate(families):
            if wanted in family:
                return index
    return None
