"""The OpenAPI document is complete: words and a true example wherever a reader of the interface looks for one."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cloud_api.idempotency import HEADER, KEY_PATTERN, REPLAYED
from cloud_api.keys import create_master_key
from cloud_api.main import create_app
from cloud_api.openapi_parameters import BY_PLACE, OF_ONE_ROUTE
from cloud_api.settings import Settings
from tests.cloud_api.openapi_gaps import gaps, operations

WITHOUT_KEY = {"POST /v1/hq/login", "POST /v1/hq/logout"}
"""Neither changes anything that a second try could do twice."""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("cloud"), docs=True, background=False)
    create_master_key(settings.master_key_path)
    return create_app(settings).openapi()


def test_nothing_lacks_words_or_an_example_that_fits(document: dict[str, Any]) -> None:
    assert gaps(document) == []
    parameters = [p for _, operation in operations(document) for p in operation.get("parameters", ())]
    assert len(parameters) > 140
    assert len(document["components"]["schemas"]) > 60


@pytest.mark.parametrize(
    ("path", "method", "steps", "named"),
    [
        ("/v1/hq/items", "get", ("parameters", 0, "example"), "GET /v1/hq/items: query {name}: no example"),
        ("/v1/hq/items", "get", ("parameters", 0, "description"), "GET /v1/hq/items: query {name}: no words"),
        (
            "/v1/health",
            "get",
            ("responses", "200", "content", "application/json", "schema"),
            "application/json: no",
        ),
        (
            "/v1/up",
            "post",
            ("requestBody", "content", "application/json", "example"),
            "/v1/up: body application/json",
        ),
        ("/v1/live", "get", ("responses", "200", "content", "text/event-stream", "example"), "text/event-stream: no"),
    ],
)
def test_a_gap_is_named(
    document: dict[str, Any], path: str, *, method: str, steps: tuple[str | int, ...], named: str
) -> None:
    lacking = copy.deepcopy(document)
    node: Any = lacking["paths"][path][method]
    for step in steps[:-1]:
        node = node[step]
    del node[steps[-1]]
    name = document["paths"][path][method].get("parameters", [{"name": ""}])[0]["name"]
    complaints = gaps(lacking)
    assert complaints
    assert all(named.format(name=name) in complaint for complaint in complaints[:1]), complaints


def test_an_example_that_breaks_its_schema_is_named(document: dict[str, Any]) -> None:
    lying = copy.deepcopy(document)
    schemas = lying["components"]["schemas"]
    schemas["HealthAnswer"]["examples"][0]["server_time"] = "now"
    lying["paths"]["/v1/hello"]["get"]["responses"]["200"]["content"]["application/json"]["example"] = {}
    lying["paths"]["/v1/live"]["get"]["parameters"][0]["example"] = 7
    told = "\n".join(gaps(lying))
    for place in ("schema HealthAnswer", "GET /v1/health: 200", "GET /v1/hello: 200", "GET /v1/live: query"):
        assert f"{place}" in told
    assert told.count("breaks its schema") >= 4


def test_no_example_is_told_of_a_parameter_that_is_gone(document: dict[str, Any]) -> None:
    used = {(p["in"], p["name"].lower()) for _, o in operations(document) for p in o.get("parameters", ())}
    assert {(place, name) for place, known in BY_PLACE.items() for name in known} == used
    for path, name in OF_ONE_ROUTE:
        told = [p["name"] for o in document["paths"][path].values() for p in o["parameters"]]
        assert name in told


def test_every_write_of_headquarters_tells_of_its_key(document: dict[str, Any]) -> None:
    writes = 0
    for where, operation in operations(document):
        keys = [p for p in operation.get("parameters", ()) if p["name"].lower() == HEADER.lower()]
        if where.startswith("GET ") or "/v1/hq/" not in where or where in WITHOUT_KEY:
            assert keys == [], where
            continue
        (key,) = keys
        assert (key["in"], key["required"]) == ("header", False), where
        assert KEY_PATTERN in str(key["schema"]), where
        good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert good
        assert all(REPLAYED in answer["headers"] for answer in good), where
        assert "409" in operation["responses"], where
        writes += 1
    assert writes > 25


def test_every_closed_route_names_its_token(document: dict[str, Any]) -> None:
    schemes = set(document["components"]["securitySchemes"])
    for where, operation in operations(document):
        asked: list[dict[str, Any]] = {"public": [], "till": [{"till": []}], "quote": [{"hq": []}, {"till": []}]}.get(
            operation["x-permission"], [{"hq": []}]
        )
        assert operation.get("security", []) == asked, where
        assert {name for one in asked for name in one} <= schemes
