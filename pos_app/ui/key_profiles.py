"""Which key does what, as data: one table per profile and place."""

from collections.abc import Mapping

Keys = tuple[str, ...]
Place = Mapping[str, Keys]
Profile = Mapping[str, Place]

SHELL = "shell"
"""Keys that mean the same on every screen."""

_SHELL: Place = {"help": ("F1",), "lock": ("F11",), "back": ("Esc",)}

_LIST: Place = {
    "up": ("Up",),
    "down": ("Down",),
    "page_up": ("PgUp",),
    "page_down": ("PgDn",),
}

_SALE: Place = {
    **_LIST,
    "pay": ("F12", "+", "Space"),
    "enter": ("Enter",),
    "clear": ("Esc",),
    "erase": ("Backspace",),
    "times": ("*",),
    "minus": ("-",),
    "remove": ("Del",),
    "override": ("F4", "/"),
    "search": ("F3",),
    "discount": ("F5",),
    "suspend": ("F6",),
    "recall": ("F7",),
    "more": ("F10",),
    "undo": ("Ctrl+Z",),
    "reprint_last": ("Ctrl+P",),
    "drawer": ("Ctrl+D",),
    "void_cart": ("Ctrl+Del",),
}

_PAY: Place = {
    "back": ("Esc",),
    "finish": ("Enter",),
    "exact": ("+",),
    "erase": ("Backspace",),
    "clear": ("Del",),
    "cash": ("F1",),
    "card": ("F3",),
    "quick_1": ("F5",),
    "quick_2": ("F6",),
    "quick_3": ("F7",),
    "quick_4": ("F8",),
    "up": ("Up",),
    "down": ("Down",),
    "remove_tender": ("Ctrl+Z",),
}

_DONE: Place = {
    "next": ("Enter", "Space", "Esc"),
    "reprint": ("Ctrl+P",),
    "drawer": ("Ctrl+D",),
}

_PANEL: Place = {
    **_LIST,
    "close": ("Esc",),
    "accept": ("Enter",),
    "erase": ("Backspace",),
}

_MORE: Place = {
    **_PANEL,
    "today": ("1",),
    "reprint_last": ("2", "Ctrl+P"),
    "drawer": ("3", "Ctrl+D"),
    "void_cart": ("4", "Ctrl+Del"),
    "health": ("5",),
    "settings": ("6",),
    "language": ("7",),
    "theme": ("8",),
}

_PAGE: Place = {**_LIST, "back": ("Esc",)}

_SIGN_ON: Place = {
    **_LIST,
    "accept": ("Enter",),
    "erase": ("Backspace",),
    "back": ("Esc",),
    "release": ("F4",),
    "retry": ("F5",),
}

_RECEIPTS: Place = {**_PAGE, "erase": ("Backspace",), "reprint": ("F5", "Ctrl+P"), "pdf": ("F6",), "filter": ("F3",)}

_HEALTH: Place = {
    **_PAGE,
    "check": ("F5",),
    "stop": ("F6",),
    "export": ("F7",),
    "sync_now": ("F8",),
    "retry_print": ("F9",),
    "discard_print": ("Ctrl+Del",),
}

_SETTINGS: Place = {
    **_PAGE,
    "test_print": ("F5",),
    "test_drawer": ("F6",),
    "learn": ("F7",),
    "unlock": ("F4",),
}

_WIZARD: Place = {
    **_LIST,
    "back": ("Esc",),
    "accept": ("Enter",),
    "erase": ("Backspace",),
    "skip": ("F9",),
    "passed": ("F7",),
    "failed": ("F8",),
    "test": ("F5",),
    "stop": ("F6",),
}

DEFAULT: Profile = {
    SHELL: _SHELL,
    "sale": _SALE,
    "pay": _PAY,
    "done": _DONE,
    "panel": _PANEL,
    "more": _MORE,
    "approval": _PANEL,
    "sign_on": _SIGN_ON,
    "search": {**_PAGE, "accept": ("Enter",), "erase": ("Backspace",), "clear": ("Ctrl+Del",), "keyboard": ("F5",)},
    "receipts": _RECEIPTS,
    "health": _HEALTH,
    "settings": _SETTINGS,
    "wizard": _WIZARD,
    "help": {**_LIST, "close": ("Esc", "F1"), "accept": ("Enter",)},
    "amount": {**_PANEL, "percent": ("F5",), "amount": ("F6",), "line": ("F7",), "cart": ("F8",)},
}

F9_PAYS: Profile = {
    **DEFAULT,
    "sale": {**_SALE, "pay": ("F9", "+", "Space"), "recall": ("F7", "Shift+F6")},
}

PROFILES: Mapping[str, Profile] = {"default": DEFAULT, "f9": F9_PAYS}
