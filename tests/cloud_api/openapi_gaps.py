"""What an OpenAPI document lacks: places without words or an example, and examples that break their own schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

Json = dict[str, Any]
BINARY = "binary"


def gaps(document: Json) -> list[str]:
    """Every place where the document says too little or contradicts itself, each named."""
    found = [complaint for where, operation in operations(document) for complaint in _of(document, where, operation)]
    for name, schema in document["components"]["schemas"].items():
        for sample in schema.get("examples", ()):
            found += _broken(document, f"schema {name}", {"$ref": f"#/components/schemas/{name}"}, sample)
    return found


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Each operation with its name, ``GET /v1/health``."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _of(document: Json, where: str, operation: Json) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        place = f"{where}: {parameter['in']} {parameter['name']}"
        words = parameter.get("description", "")
        if not (any("一" <= c <= "鿿" for c in words) and any(c.isascii() and c.isalpha() for c in words)):
            yield f"{place}: no words in both languages"
        yield from _judged(document, place, parameter)
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield from _judged(document, f"{where}: body {media}", content)
    if not any(status.startswith("2") for status in operation["responses"]):
        yield f"{where}: no answer that is good"
    for status, answer in operation["responses"].items():
        for name, header in answer.get("headers", {}).items():
            yield from _judged(document, f"{where}: {status} header {name}", header)
        for media, content in answer.get("content", {}).items():
            yield from _judged(document, f"{where}: {status} {media}", content)


def _judged(document: Json, place: str, holder: Json) -> Iterator[str]:
    """A parameter, header or media type: it has an example, and that keeps the schema beside it."""
    schema = holder.get("schema", {})
    if not schema:
        yield f"{place}: no schema"
    samples = list(_samples(document, holder, schema))
    if not samples:
        yield f"{place}: no example"
    for sample in samples:
        if not (isinstance(sample, str) and schema.get("format") == BINARY):
            yield from _broken(document, place, schema, sample)


def _samples(document: Json, holder: Json, schema: Json) -> Iterator[Any]:
    if "example" in holder:
        yield holder["example"]
    for shown in holder.get("examples", {}).values():
        if "externalValue" in shown and shown.get("description"):
            yield shown["externalValue"]
        elif "value" in shown:
            yield shown["value"]
    name = schema.get("$ref", "").rpartition("/")[2]
    if not holder.keys() & {"example", "examples"}:
        yield from (document["components"]["schemas"][name] if name else schema).get("examples", ())


def _broken(document: Json, place: str, schema: Json, sample: Any) -> Iterator[str]:
    whole = {"components": document["components"], "allOf": [schema]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    for error in validator.iter_errors(sample):
        yield f"{place}: the example breaks its schema: {error.message}"
