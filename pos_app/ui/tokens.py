"""The colours and sizes of the till in one place, for both themes."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every colour by its duty; values are ``#RRGGBB``. Text on ``*_bg`` is the colour of the same name."""

    bg: str
    surface: str
    text: str
    muted: str
    hair: str
    """Thin lines between rows: decoration, never the only sign of a control."""
    line: str
    """The border of a control that its words also mark."""
    edge: str
    """The border of a control that nothing else marks: fields, check boxes."""
    primary: str
    on_primary: str
    primary_bg: str
    primary_down: str
    ok: str
    ok_bg: str
    warn: str
    warn_bg: str
    err: str
    err_bg: str
    off: str
    off_bg: str
    focus: str
    train: str
    shade: str
    """The lower edge of a card."""

    def colour(self, name: str) -> str:
        """The value of a token by its name; a name that is not one is a bug."""
        value: str = getattr(self, name)
        return value


TOKEN_NAMES = tuple(field.name for field in fields(Tokens))

LIGHT = Tokens(
    bg="#F4F6F8",
    surface="#FFFFFF",
    text="#14181F",
    muted="#4E5A68",
    hair="#DDE2E8",
    line="#C4CBD4",
    edge="#6B7683",
    primary="#0B5CD5",
    on_primary="#FFFFFF",
    primary_bg="#E7F0FE",
    primary_down="#084AAE",
    ok="#0B6B3A",
    ok_bg="#E3F4EA",
    warn="#8A4B00",
    warn_bg="#FFF1D6",
    err="#B3261E",
    err_bg="#FDE7E5",
    off="#5B3A9E",
    off_bg="#EFE8FB",
    focus="#0B5CD5",
    train="#8E1F6B",
    shade="#E2E6EB",
)

DARK = Tokens(
    bg="#10141A",
    surface="#1A2029",
    text="#F2F5F8",
    muted="#B3BDC9",
    hair="#2C3542",
    line="#3A4452",
    edge="#8B97A6",
    primary="#6EA8FF",
    on_primary="#08172E",
    primary_bg="#1C2C48",
    primary_down="#8FBBFF",
    ok="#6FD79B",
    ok_bg="#12301F",
    warn="#FFC46B",
    warn_bg="#38270A",
    err="#FF9B93",
    err_bg="#3D1512",
    off="#C9B3FF",
    off_bg="#2A1F45",
    focus="#9CC4FF",
    train="#FF9FD9",
    shade="#0B0E13",
)


@dataclass(frozen=True, slots=True)
class Type:
    """A size in px at 100 % and a weight."""

    px: int
    weight: int = 400


KEYCAP = Type(13)
HINT = Type(15)
SMALL = Type(16)
SMALL_STRONG = Type(16, 600)
TILE = Type(17)
LABEL = Type(18)
LABEL_STRONG = Type(18, 600)
BODY = Type(20)
BODY_STRONG = Type(20, 600)
LINE = Type(24)
LINE_STRONG = Type(24, 600)
PRIMARY = Type(28, 700)
KEY = Type(32)
FIELD = Type(40, 700)
TOTAL = Type(56, 700)
CHANGE = Type(76, 700)

TARGET_PX = 48
"""The least height and width of anything a finger is meant for, whatever the zoom."""
TARGET_GAP_PX = 8
RADIUS_PX = 8
CARD_RADIUS_PX = 10
FOCUS_PX = 3
FOCUS_GAP_PX = 2
ZOOMS = (100, 125, 150)


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
