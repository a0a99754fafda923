"""Every regular expression of the product, found in its source, and a search for texts on which it hangs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise

from tests.proof.security.scan_inputs import HANG_MS, cpu_ms
from tests.tidy_rules import Source, read_sources

LENGTHS = (20, 26, 1_000, 4_000, 16_000, 100_000)
"""Rising, so that a pattern that backtracks is stopped long before it would take hours."""
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
_ALWAYS = ["0", "1", "a", "A", " ", "\t", "\n", "\\", "(", "%", "中", "\0", "\ud800", "a0", "0.", " ,", "\n "]


@dataclass(frozen=True)
class Used:
    """A pattern, where it stands and how it is applied."""

    path: str
    pattern: re.Pattern[str]
    method: str

    @property
    def name(self) -> str:
        return f"{self.path} {self.method} {self.pattern.pattern[:60]!r}"


def used_patterns() -> list[Used]:
    """Every pattern of the product with each way in which it is applied."""
    found = {used.name: used for source in read_sources() if source.is_product for used in _in(source)}
    return list(found.values())


def _in(source: Source) -> Iterator[Used]:
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    methods = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)} & set(METHODS)
    for call in calls:
        if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
            continue
        if call.func.value.id != "re" or call.func.attr in ("escape", "error"):
            continue
        for pattern in _compiled(source, call):
            how = sorted(methods) if call.func.attr == "compile" else [call.func.attr]
            yield from (Used(source.path, pattern, method) for method in how or METHODS[:3])


def _compiled(source: Source, call: ast.Call) -> list[re.Pattern[str]]:
    """The pattern of a call; one that is put together is looked up in the module, where it must be a constant."""
    first = call.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
        text = first.value if isinstance(first.value, str) else first.value.decode("latin-1")
        return [re.compile(text, _flags(call))]
    module = import_module(source.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    found = [
        value for value in vars(module).values() if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
    ]
    assert found, f"{source.path}:{call.lineno}: a pattern that is made anew each time cannot be tested"
    return found


def _flags(call: ast.Call) -> int:
    names = {
        node.attr
        for argument in [*call.args[1:], *(k.value for k in call.keywords)]
        for node in ast.walk(argument)
        if isinstance(node, ast.Attribute)
    }
    return int(sum(getattr(re, name) for name in names if isinstance(getattr(re, name, None), re.RegexFlag)))


def hangs(used: Used) -> str:
    """A text on which the pattern takes more than 50 ms of processor time, or nothing."""
    for unit in _units(used.pattern.pattern):
        for end in ("", "!"):
            for length in LENGTHS:
                text = (unit * (length // len(unit) + 1))[:length] + end
                if cpu_ms(lambda text=text: _apply(used, text)) > HANG_MS:  # type: ignore[misc]
                    return f"{unit!r} × {length} + {end!r}"
    return ""


def _apply(used: Used, text: str) -> None:
    method = getattr(used.pattern, used.method)
    found = method("", text) if used.method in ("sub", "subn") else method(text)
    if used.method == "finditer":
        for _ in found:
            pass


def _units(pattern: str) -> list[str]:
    """Pieces that the pattern itself speaks of, alone and in pairs, and some that none expects."""
    spoken = [text for text in re.findall(r"[\w./:*-]+|[^\w\s]", pattern) if len(text) < 12]
    return list(dict.fromkeys([*_ALWAYS, *spoken, *(a + b for a, b in pairwise(spoken))]))
