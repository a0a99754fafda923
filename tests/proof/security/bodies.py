"""Sample bodies and parameters of the interface, out of its own description, and ways to spoil them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI

from cloud_api.db.schema import METADATA
from tests.proof.security.estate import NOBODY, TILL, Estate, Route, routes

JSON = "application/json"
Place = tuple[str | int, ...]

COLUMNS = {column.name for table in METADATA.sorted_tables for column in table.columns}
DANGEROUS = {
    "is_admin",
    "admin",
    "roles",
    "permissions",
    "password_hash",
    "token",
    "__proto__",
    "constructor",
    "_id",
    "$set",
}
UNKNOWN = sorted(COLUMNS | DANGEROUS | {"id", "total", "price", "tenant", "owner", "self", "cls", "model_config"})
"""Every column that the cloud has, and what attackers try elsewhere."""


def caller(route: Route) -> str:
    """Who may call a route at all."""
    return {"public": NOBODY, "till": TILL}.get(str(route.permission), "admin")


def writes(app: FastAPI) -> Iterator[tuple[Route, Any]]:
    """Every route that takes a JSON body, with a sample."""
    for route in routes(app):
        content = route.operation.get("requestBody", {}).get("content", {}).get(JSON)
        if content is not None:
            yield route, sample(app.openapi(), content)


def sample(document: dict[str, Any], content: dict[str, Any]) -> Any:
    """The example of a body: beside the schema or in it."""
    if "example" in content:
        return content["example"]
    for example in content.get("examples", {}).values():
        return example["value"]
    schema = content["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    return (document["components"]["schemas"][name] if name else schema)["examples"][0]


def objects(body: Any, at: Place = ()) -> Iterator[Place]:
    """Where in a body objects stand: itself and those below."""
    if isinstance(body, dict):
        yield at
        for name, value in body.items():
            yield from objects(value, (*at, name))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from objects(value, (*at, number))


def texts(body: Any, at: Place = ()) -> Iterator[Place]:
    """Where in a body texts stand."""
    if isinstance(body, str):
        yield at
    elif isinstance(body, dict | list):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from texts(value, (*at, key))


def value_at(body: Any, place: Place) -> Any:
    for key in place:
        body = body[key]
    return body


def replaced(body: Any, place: Place, value: Any) -> Any:
    """A copy of the body with another value at a place."""
    if not place:
        return value
    made = copy.deepcopy(body)
    value_at(made, place[:-1])[place[-1]] = value
    return made


def attacked(estate: Estate, route: Route, text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Requests with a text in the place of each parameter and each text of the body: what, path, options."""
    parameters = [one for one in route.operation.get("parameters", []) if one["in"] in ("path", "query", "header")]
    plain = estate.path(route.path)
    bodies = {found.name: body for found, body in writes(estate.app)}
    body = bodies.get(route.name)
    for parameter in parameters:
        name, options = parameter["name"], {"json": body} if body is not None else {}
        if parameter["in"] == "query":
            yield f"query {name}", plain, options | {"params": {name: text}}
        elif parameter["in"] == "header":
            yield f"header {name}", plain, options | {"headers": {name: text.encode("ascii", "replace")}}
        else:
            keep = "{" + name + "}"
            template = estate.path(route.path.replace(keep, "\0"))
            yield f"path {name}", template.replace("\0", quote(text, safe="")), options
    for place in texts(body):
        yield f"body {place}", plain, {"json": replaced(body, place, text)}
