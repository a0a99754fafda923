"""Frozen dataclasses to JSON data and back, strictly: no field is guessed, dropped or converted.

Names carry the form: ``…_thousandths`` is a decimal text without the ending (``"quantity": "0.835"``), ``…_bp`` a
percentage as decimal text (``percent_bp`` 1250 is ``"percent": "12.5"``); money and times are integers. Fields that
have their default are left out. Of several classes in one place ``kind`` names the one that is meant.
"""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from domain.errors import DomainError

MAX_INTEGER = 10**15
MAX_TEXT = 500
MAX_MEMBERS = 100_000
_DECIMAL = re.compile(r"(\d{1,9})(?:\.(\d{1,3}))?")
_SUFFIXES = {"_thousandths": 3, "_bp": 2}

T = TypeVar("T")
_Read = Callable[[Any, str], Any]
_Write = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Form:
    read: _Read
    write: _Write


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    key: str
    form: _Form
    default: Any


def parse_json(text: str | bytes) -> Any:
    """JSON text as data; refuses fractions, doubled fields and what is no JSON."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=_no_number, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DomainError("document.unreadable", where="$") from error


def from_data(kind: type[T], data: Any, where: str = "$") -> T:
    """The value that ``to_data`` wrote; raises ``document.…`` with ``where`` it is wrong."""
    form: _Form = _dataclass(cast(Hashable, kind))
    return cast(T, form.read(data, where))


def to_data(value: Any) -> dict[str, Any]:
    """The value as JSON data."""
    form: _Form = _dataclass(cast(Hashable, type(value)))
    return cast(dict[str, Any], form.write(value))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no integer")


def _wrong(where: str) -> DomainError:
    return DomainError("document.wrong_type", where=where)


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    hints = typing.get_type_hints(kind)
    found = []
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        suffix = next((end for end in _SUFFIXES if field.name.endswith(end)), "")
        form = _decimal(_SUFFIXES[suffix], hints[field.name]) if suffix else _form(hints[field.name])
        default = field.default_factory() if callable(field.default_factory) else field.default
        found.append(_Field(field.name, field.name.removesuffix(suffix), form, default))
    return tuple(found)


@cache
def _dataclass(kind: Any) -> _Form:
    fields = _fields(kind)
    by_key = {field.key: field for field in fields}
    own = getattr(kind, "KIND", None)

    def read(data: Any, where: str) -> Any:
        if type(data) is not dict:
            raise _wrong(where)
        given = {}
        for key, value in data.items():
            if key in by_key:
                given[by_key[key].name] = by_key[key].form.read(value, f"{where}.{key}")
            elif key != "kind" or own is None:
                raise DomainError("document.unknown_field", where=f"{where}.{key}"[:200])
        missing = [f for f in fields if f.default is dataclasses.MISSING and f.name not in given]
        if missing:
            raise DomainError("document.field_missing", where=f"{where}.{missing[0].key}")
        return _built(kind, given, where)

    def write(value: Any) -> Any:
        data = {} if own is None else {"kind": own}
        for field in fields:
            part = getattr(value, field.name)
            if part != field.default:
                data[field.key] = field.form.write(part)
        return data

    return _Form(read, write)


def _built(kind: Any, given: Mapping[str, Any], where: str) -> Any:
    try:
        return kind(**given)
    except DomainError as error:
        raise DomainError(error.code, **{"where": where, **error.params}) from error


def _form(hint: Any) -> _Form:
    hint = getattr(hint, "__supertype__", hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _union(arguments)
    if origin is tuple:
        return _many(tuple, _form(arguments[0]))
    if origin is frozenset:
        return _many(frozenset, _form(arguments[0]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint)
    if dataclasses.is_dataclass(hint):
        return _dataclass(cast(Hashable, hint))
    return {int: _INTEGER, str: _TEXT, bool: _FLAG}[hint]


def _union(arguments: tuple[Any, ...]) -> _Form:
    kinds = [one for one in arguments if one is not types.NoneType]
    if len(kinds) == 1:
        inner = _form(kinds[0])
        return _Form(lambda data, where: None if data is None else inner.read(data, where), _write_optional(inner))
    by_kind = {one.KIND: one for one in kinds}

    def read(data: Any, where: str) -> Any:
        name = data.get("kind") if type(data) is dict else None
        if type(name) is not str or name not in by_kind:
            raise DomainError("document.unknown_kind", where=where)
        return _dataclass(by_kind[name]).read(data, where)

    return _Form(read, to_data)


def _write_optional(inner: _Form) -> _Write:
    return lambda value: None if value is None else inner.write(value)


def _many(kind: type[Any], inner: _Form) -> _Form:
    def read(data: Any, where: str) -> Any:
        if type(data) is not list or len(data) > MAX_MEMBERS:
            raise _wrong(where)
        found = kind(inner.read(part, f"{where}[{at}]") for at, part in enumerate(data))
        if len(found) < len(data):
            raise DomainError("document.member_twice", where=where)
        return found

    def write(value: Any) -> Any:
        return [inner.write(part) for part in (sorted(value) if kind is frozenset else value)]

    return _Form(read, write)


def _enum(kind: type[Enum]) -> _Form:
    by_value = {member.value: member for member in kind}

    def read(data: Any, where: str) -> Any:
        if type(data) is not str or data not in by_value:
            raise DomainError("document.unknown_kind", where=where)
        return by_value[data]

    return _Form(read, lambda value: value.value)


def _decimal(digits: int, hint: Any) -> _Form:
    optional = types.NoneType in typing.get_args(hint)

    def read(data: Any, where: str) -> Any:
        if data is None and optional:
            return None
        match = _DECIMAL.fullmatch(data) if type(data) is str and data.isascii() else None
        if match is None or len(match[2] or "") > digits:
            raise DomainError("document.not_a_decimal", where=where)
        return int(match[1]) * 10**digits + int((match[2] or "").ljust(digits, "0"))

    def write(value: Any) -> Any:
        whole, rest = divmod(value, 10**digits)
        return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")

    return _Form(read, write)


def _scalar(kind: type[Any], fits: Callable[[Any], bool]) -> _Form:
    def read(data: Any, where: str) -> Any:
        if type(data) is not kind or not fits(data):
            raise _wrong(where)
        return data

    return _Form(read, lambda value: value)


_INTEGER = _scalar(int, lambda value: abs(value) <= MAX_INTEGER)
_TEXT = _scalar(str, lambda value: len(value) <= MAX_TEXT)
_FLAG = _scalar(bool, lambda value: value in (True, False))
