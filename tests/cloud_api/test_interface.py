"""The interface as a whole: documented with examples, closed to unknown fields, guarded by headers and limits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from cloud_api.settings import Settings
from tests.cloud_api.hq import PASSWORD, STORE_BODY, Hq, made

HQ_PREFIX = "/v1/hq"


def operations(app: FastAPI) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        if path.startswith(HQ_PREFIX):
            for method, operation in methods.items():
                yield f"{method.upper()} {path}", operation


def schema_of(app: FastAPI, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = app.openapi()["components"]["schemas"][name] if name else schema
    return found


def test_every_operation_has_words_examples_and_refusals(app: FastAPI) -> None:
    for name, operation in operations(app):
        assert any("一" <= c <= "鿿" for c in operation["summary"]), name
        assert any(c.isascii() and c.isalpha() for c in operation["summary"]), name
        assert operation["description"], name
        answers = operation["responses"]
        assert {"422", "503"} <= set(answers), name
        for status, answer in answers.items():
            for media, content in answer.get("content", {}).items():
                expected = "application/problem+json" if status >= "400" else "application/json"
                assert media == expected, (name, status)
                shape = schema_of(app, content["schema"])
                assert shape.get("examples"), (name, status)
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            assert "example" in content or schema_of(app, content["schema"]).get("examples"), (name, media)


def references(node: object) -> Iterator[str]:
    """Every ``$ref`` below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_leads_somewhere(app: FastAPI) -> None:
    document = app.openapi()
    found = set(references(document))
    assert len(found) > 20
    for reference in found:
        node: Any = document
        start, *steps = reference.split("/")
        assert start == "#", reference
        for step in steps:
            assert step in node, reference
            node = node[step]


def test_large_bodies_are_refused_announced_or_not(shop: Hq, cloud_settings: Settings) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(cloud_settings.max_body_bytes // 65_536 + 2):
            yield b" " * 65_536

    announced = shop.request("POST", "/items", content=b" " * (cloud_settings.max_body_bytes + 1))
    streamed = shop.request("POST", "/items", content=endless())
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "cloud.too_large")
    lying = shop.request("POST", "/items", content=b"{}", headers={"Content-Length": "-1"})
    assert lying.status_code == 413


def test_broken_json_and_wrong_types_are_problems(shop: Hq) -> None:
    for content in (b"", b"{", b"[]", b"null", b'{"sku": {"$gt": ""}}', b"\xff\xfe", b"[" * 5000):
        answer = shop.request("POST", "/items", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), content[:20]
        assert answer.headers["content-type"] == "application/problem+json"


def test_sql_in_texts_stays_text(shop: Hq) -> None:
    for attack in ("' OR 1=1 --", '"; DROP TABLE item; --', "%' UNION SELECT password_hash FROM hq_user --"):
        assert shop.get("/items", q=attack).json()["items"] == []
        made(shop.post("/items", {"sku": attack, "name_zh": attack}))
        assert [item["name_zh"] for item in shop.get("/items", q=attack).json()["items"]] == [attack]


def test_the_log_holds_no_query_no_token_no_password(shop: Hq, caplog: pytest.LogCaptureFixture, app: FastAPI) -> None:
    del app
    with caplog.at_level(logging.DEBUG):
        shop.get("/items", q="canary-in-query")
        shop.client.post("/v1/hq/login", json={"user": "root.admin", "password": "canary-in-password"})
        shop.post("/users", {"user_name": "x", "password": "canary-canary", "role": "nonsense"})
        shop.client.get("/v1/hq/me%0aFORGED%20LINE")
        answer = shop.post("/stores", STORE_BODY | {"store_id": "0102", "timezone": "canary-in-body"})
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert any("POST /v1/hq/login 401" in line for line in ours)
    assert not any("canary" in line or shop.token in line or PASSWORD in line for line in ours)
    assert not any("\n" in line for line in ours)
    assert answer.status_code == 422


def test_a_bug_is_told_without_its_insides(app: FastAPI) -> None:
    def broken() -> None:
        raise RuntimeError("canary: insides")

    app.add_api_route("/broken", broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "cloud.bug")
    assert "canary" not in answer.text
