"""The rules of CONTRIBUTING.md that a program can check, each a function from one source file to its complaints."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("domain", "sync", "pos_app", "cloud_api", "resources")

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
PARAMETERS_MAX = 5
POSITIONAL_MAX = 3
"""A pure function on a part of a whole reads best as ``act(cart, line, change)``; more goes by name."""

QT_DOORS = (
    "pos_app/ui/",
    "pos_app/viewmodels/",
    "pos_app/tasks.py",
    "pos_app/sync_process.py",
    "pos_app/crash.py",
    "pos_app/bootstrap.py",
)
QT_PACKAGES = ("PySide6", "shiboken6")
BIIP_DOOR = "domain/gs1.py"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: its path relative to the repository and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def is_product(self) -> bool:
        return self.path.split("/")[0] in PACKAGES

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Each import statement with the dotted name of a module it names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node, node.module or ""


Rule = Callable[[Source], Iterator[str]]


def read_sources() -> list[Source]:
    """Every Python file of the repository."""
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in files(".py")]


def files(*suffixes: str) -> list[Path]:
    """Every file of the repository that is not built, cached or installed; all of them where no suffix is given."""
    found: list[Path] = []
    for top in sorted(ROOT.iterdir()):
        made = top.name in {"build", "dist", "htmlcov"} or top.name.endswith(".egg-info")
        hidden = top.is_dir() and top.name.startswith(".") and top.name != ".ci"
        if made or hidden:
            continue
        below = top.rglob("*") if top.is_dir() else [top]
        found += (p for p in below if p.is_file() and "__pycache__" not in p.parts)
    return [path for path in found if not suffixes or path.suffix in suffixes]


def module_is_short(source: Source) -> Iterator[str]:
    if len(source.lines) > MODULE_LINES_MAX:
        yield f"{source.path}: {len(source.lines)} lines, {MODULE_LINES_MAX} is the limit"


def functions_are_short(source: Source) -> Iterator[str]:
    for function in source.functions():
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > FUNCTION_LINES_MAX:
            yield f"{source.path}:{function.lineno}: {function.name} has {length} lines"


def parameters_are_few(source: Source) -> Iterator[str]:
    """Qt's overrides (camelCase) and dunder methods have signatures that others chose."""
    if not source.is_product:
        return
    for function in source.functions():
        if re.match(r"[a-z]+[A-Z]|__", function.name):
            continue
        positional = [*function.args.posonlyargs, *function.args.args]
        if positional and positional[0].arg in {"self", "cls"}:
            positional = positional[1:]
        where = f"{source.path}:{function.lineno}: {function.name}"
        total = len(positional) + len(function.args.kwonlyargs)
        if total > PARAMETERS_MAX:
            yield f"{where} takes {total} parameters"
        if len(positional) > POSITIONAL_MAX:
            yield f"{where} takes {len(positional)} positional parameters, keyword-only after the third"


def module_says_in_a_sentence_what_it_is(source: Source) -> Iterator[str]:
    docstring = ast.get_docstring(source.tree)
    if not docstring:
        yield f"{source.path}: no module docstring"
        return
    first = docstring.split("\n\n")[0]
    if not re.search(r"[.。!?]$", first) or re.search(r"[.!?] +[A-Z]", first):
        yield f"{source.path}: the module docstring does not begin with one sentence"


def names_say_something(source: Source) -> Iterator[str]:
    empty = r"(?:^|_)(utils?|helpers?|common|manager|misc)(?:_|$)"
    for part in Path(source.path).with_suffix("").parts:
        if re.search(empty, part):
            yield f"{source.path}: {part!r} names nothing"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils?)$", node.name):
            yield f"{source.path}:{node.lineno}: {node.name!r} names nothing"


def imports_stand_at_the_top(source: Source) -> Iterator[str]:
    """An import inside a function costs a reader; measured start-up time is the one reason for it."""
    if not source.is_product:
        return
    inside = {id(node) for function in source.functions() for node in ast.walk(function)}
    for node, name in source.imports():
        if id(node) in inside and "# start-up:" not in import_block(source, node):
            yield f"{source.path}:{node.lineno}: deferred import of {name} without a '# start-up:' reason"


def import_block(source: Source, node: ast.stmt) -> str:
    """The lines of an import with the imports and comments right above it."""
    first = node.lineno - 1
    while first > 0 and source.lines[first - 1].lstrip().startswith(("import ", "from ", "#")):
        first -= 1
    return "\n".join(source.lines[first : node.end_lineno])


def broad_excepts_are_rare(source: Source) -> Iterator[str]:
    """A handler that ends by raising again hides nothing."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = {name.id for name in ast.walk(node.type or ast.Name("Exception")) if isinstance(name, ast.Name)}
        last = node.body[-1]
        if caught & {"Exception", "BaseException"} and not isinstance(last, ast.Raise):
            yield f"{source.path}:{node.lineno}: broad except"


def money_is_never_a_float(source: Source) -> Iterator[str]:
    if not source.path.startswith("domain/"):
        return
    for node in ast.walk(source.tree):
        is_float = (
            (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.Name) and node.id == "float")
            or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        )
        if is_float:
            yield f"{source.path}:{getattr(node, 'lineno', 0)}: a float in the domain"


def domain_knows_only_the_standard_library(source: Source) -> Iterator[str]:
    if not source.path.startswith("domain/"):
        return
    for node, name in source.imports():
        top = name.split(".")[0]
        allowed = top in sys.stdlib_module_names or top == "domain" or (top == "biip" and source.path == BIIP_DOOR)
        if not allowed:
            yield f"{source.path}:{node.lineno}: domain imports {name}"


def qt_comes_through_its_doors(source: Source) -> Iterator[str]:
    if not source.is_product or source.path.startswith(QT_DOORS):
        return
    for node, name in source.imports():
        if name.split(".")[0] in QT_PACKAGES:
            yield f"{source.path}:{node.lineno}: {name} outside Qt's doors"


def sqlite_is_the_one_we_ship(source: Source) -> Iterator[str]:
    """The system's SQLite may have the WAL bug that corrupts (docs/adr/0004-pysqlite3.md)."""
    if not source.is_product:
        return
    for node, name in source.imports():
        if name.split(".")[0] == "sqlite3":
            yield f"{source.path}:{node.lineno}: the system's sqlite3 instead of pysqlite3"


def tests_are_real(source: Source) -> Iterator[str]:
    if not source.path.startswith("tests/"):
        return
    for node, name in source.imports():
        if name.startswith("unittest.mock") or name == "mock":
            yield f"{source.path}:{node.lineno}: a mock instead of the real thing"
    for part in ast.walk(source.tree):
        if isinstance(part, ast.Attribute) and part.attr in {"skip", "skipif", "xfail", "importorskip"}:
            yield f"{source.path}:{part.lineno}: a test that may not run ({part.attr})"


def tests_can_fail(source: Source) -> Iterator[str]:
    """An assert, an expected exception, a wait with a deadline or a named check: something that can go red."""
    if not source.path.startswith("tests/"):
        return
    checks = re.compile(r"(?:^|_)(raises|assert|check|expect|prove|verify|wait|warns|fail)", re.IGNORECASE)
    for function in source.functions():
        if not function.name.startswith("test_"):
            continue
        calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
        named = (str(getattr(call, "attr", None) or getattr(call, "id", "")) for call in calls)
        asserts = any(isinstance(node, ast.Assert) for node in ast.walk(function))
        if not asserts and not any(checks.search(name) for name in named):
            yield f"{source.path}:{function.lineno}: {function.name} asserts nothing"


RULES: tuple[Rule, ...] = (
    module_is_short,
    functions_are_short,
    parameters_are_few,
    module_says_in_a_sentence_what_it_is,
    names_say_something,
    imports_stand_at_the_top,
    broad_excepts_are_rare,
    money_is_never_a_float,
    domain_knows_only_the_standard_library,
    qt_comes_through_its_doors,
    sqlite_is_the_one_we_ship,
    tests_are_real,
    tests_can_fail,
)


def unwelcome_texts() -> dict[str, re.Pattern[str]]:
    """What no file may hold, spelled in pieces so that this file does not hold it either."""
    hosts = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "crates" + ".io")
    places = ("/wo" + "rk/", r"\.\./sh" + "ared", "/tmp/con" + "tract", "/op" + "t/pypi")
    notes = ("TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:")
    return {
        "a package registry's host": re.compile("|".join(map(re.escape, hosts))),
        "a path of somebody's workplace": re.compile(r"(?<![\w.])(?:" + "|".join(places) + ")"),
        "a note instead of the work": re.compile(r"\b(?:" + "|".join(notes) + r")(?!\w)"),
    }
