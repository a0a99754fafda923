"""The cloud says that it is there, and every answer carries the headers that protect a browser."""

from __future__ import annotations

from starlette.testclient import TestClient

from cloud_api import VERSION
from tests.cloud_api.conftest import START_MS


def test_health_names_version_and_time(client: TestClient) -> None:
    answer = client.get("/v1/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": VERSION, "server_time": START_MS}


def test_an_unknown_address_is_a_problem_in_both_languages(client: TestClient) -> None:
    answer = client.get("/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "cloud.no_such_page"
    assert "没有这个地址" in problem["text_zh"]
    assert "nothing at this address" in problem["text_en"]
