"""Every answer carries what guards a browser, whatever was asked and however it went wrong (S8).

There is no console yet and no cookie: who asks says so in the Authorization header. The rules for cookies apply as
soon as an answer sets one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from cloud_api import errors
from cloud_api.main import create_app
from cloud_api.settings import Settings
from tests.proof.security.estate import NOBODY, OWN, ROLES, TILL, Estate, routes

ORIGIN = {"Origin": "https://evil.example"}
EXACT = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
HSTS = "strict-transport-security"
LEAVES_TRACES = ("server", "x-powered-by", "via")
CACHEABLE = re.compile(r"/v1/(b|snap)/")
"""What a cache may keep: the feeds' pages, manifests and snapshots, named by an epoch that nobody guesses."""


def faults(answer: Any, *, private: bool = True, by_tls: bool = True) -> list[str]:
    """What is wrong with the headers of an answer."""
    headers = answer.headers
    found = [name for name, value in EXACT.items() if headers.get(name) != value]
    policy = headers.get("content-security-policy", "")
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.split()}
    if directives.get("frame-ancestors") != ["'none'"] or directives.get("default-src") != ["'none'"]:
        found.append("content-security-policy")
    if "'unsafe-inline'" in directives.get("script-src", []) or "*" in policy or "'unsafe-eval'" in policy:
        found.append("content-security-policy")
    if private and "no-store" not in headers.get("cache-control", ""):
        found.append("cache-control")
    if (HSTS in headers) != by_tls:
        found.append(HSTS)
    found += [name for name in headers if name.startswith("access-control-") or name in LEAVES_TRACES]
    return found + [f"cookie {one}" for one in headers.get_list("set-cookie") if not is_safe_cookie(one)]


def is_safe_cookie(cookie: str) -> bool:
    parts = [part.strip().lower() for part in cookie.split(";")]
    return (
        cookie.startswith("__Host-") and {"secure", "httponly", "path=/"} <= set(parts) and "samesite" in cookie.lower()
    )


def every_answer(estate: Estate) -> Iterator[tuple[str, Any]]:
    """An answer of each route to each role, also to HEAD, OPTIONS and TRACE."""
    for route in routes(estate.app):
        path = estate.path(route.path)
        for role in ROLES:
            if route.path == "/v1/live" and role == TILL:
                path += "?wait=0&c=x"  # an answer, not a stream
            body: dict[str, Any] | None = {} if route.method in ("POST", "PUT", "PATCH") else None
            headers = ORIGIN | {"Accept-Encoding": "identity"}
            if not route.path.endswith("/logout"):
                yield f"{route.name} {role}", estate.call(role, route.method, path, json=body, headers=headers)
        preflight = {"Access-Control-Request-Method": route.method, "Access-Control-Request-Headers": "authorization"}
        for method in ("OPTIONS", "HEAD", "TRACE", "BREW"):
            yield f"{method} {route.path}", estate.call("admin", method, path, headers=ORIGIN | preflight)


def test_every_route_answers_everybody_with_guarding_headers(estate: Estate) -> None:
    seen: set[int] = set()
    wrong = []
    for name, answer in every_answer(estate):
        seen.add(answer.status_code)
        cacheable = CACHEABLE.match(answer.request.url.path) and answer.status_code in (200, 206, 304)
        wrong += [f"{name} {answer.status_code}: {fault}" for fault in faults(answer, private=not cacheable)]
    assert not wrong
    assert {200, 401, 403, 404, 405, 422} <= seen


def broken_requests(estate: Estate) -> Iterator[tuple[int, Any]]:
    """A request for each way in which the cloud refuses, and the status it must get."""
    json_type = {"Content-Type": "application/json"}
    items, up = "/v1/hq/items", "/v1/up"

    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    yield 400, estate.call(TILL, "POST", up, content=b"{")
    yield 401, estate.call(NOBODY, "GET", items)
    yield 403, estate.call("auditor", "POST", items, json={"sku": "A", "name_zh": "x"})
    yield 404, estate.call("admin", "GET", "/nowhere")
    yield 404, estate.call("admin", "GET", "/v1/hq/items/99999")
    yield 404, estate.call("admin", "GET", "/docs/%2e%2e/%2e%2e/etc/passwd")
    yield 405, estate.call("admin", "TRACE", items)
    yield 409, estate.call("admin", "POST", items, json={"sku": "COLA", "name_zh": "x"})
    yield 413, estate.call("admin", "POST", items, content=endless(), headers=json_type)
    yield 415, estate.call(TILL, "POST", up, content=b"{}", headers={"Content-Encoding": "br"})
    yield 422, estate.call("admin", "POST", items, content=b"{", headers=json_type)
    for _ in range(5):
        refused = estate.call(NOBODY, "POST", "/v1/hq/login", json={"user": "x", "password": "x"})
    yield 401, refused
    yield 429, estate.call(NOBODY, "POST", "/v1/hq/login", json={"user": "x", "password": "x"})


def test_every_refusal_carries_them(estate: Estate) -> None:
    for status, answer in broken_requests(estate):
        assert (answer.status_code, faults(answer)) == (status, []), answer.text


def failing(app: FastAPI) -> Iterator[Any]:
    """Answers of a cloud with a bug, and of one whose database is away."""

    def bug() -> None:
        raise RuntimeError

    app.add_api_route("/bug", bug)
    with TestClient(app, base_url="https://cloud.test", raise_server_exceptions=False) as client:
        yield client.get("/bug")
        app.state.cloud.engine.dispose()
        app.state.cloud.settings.data_dir.parent.joinpath("cloud.db").write_bytes(b"no database at all" * 100)
        yield client.get("/v1/health")


def test_bugs_and_a_lost_database_carry_them_too(app: FastAPI) -> None:
    answers = list(failing(app))
    assert all(answer.status_code in (500, 503) for answer in answers)
    assert [faults(answer) for answer in answers] == [[], []]


@pytest.mark.parametrize(
    ("scheme", "proxy", "expected"), [("http", False, False), ("https", False, True), ("http", True, True)]
)
def test_hsts_is_said_where_tls_is(cloud_settings: Settings, scheme: str, proxy: bool, expected: bool) -> None:
    app = create_app(cloud_settings.with_changes(trusted_proxy=proxy))
    with TestClient(app, base_url=f"{scheme}://cloud.test") as client:
        for path in ("/v1/health", "/nowhere", "/docs"):
            assert faults(client.get(path), by_tls=expected) == [], path


def test_a_stores_own_pages_are_kept_by_no_shared_cache(estate: Estate) -> None:
    for path in ("/v1/b/{bucket}/{epoch}/manifest", "/v1/b/{bucket}/{epoch}/p/{first}"):
        answer = estate.call(TILL, "GET", estate.path(path, OWN))
        assert answer.status_code == 200, answer.text
        assert "public" not in answer.headers["cache-control"]
        assert faults(answer, private=False) == []


def test_documents_are_served_only_where_asked_for(cloud_settings: Settings) -> None:
    assert Settings(data_dir=cloud_settings.data_dir).docs is False
    with TestClient(create_app(cloud_settings.with_changes(docs=False))) as client:
        assert [client.get(path).status_code for path in ("/docs", "/openapi.json", "/redoc")] == [404] * 3


def test_the_page_of_the_documents_runs_under_its_own_policy(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert faults(page) == []
    scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]
    assert set(re.findall(r"https://[^/\"']+", page.text)) == {"https://cdn.jsdelivr.net"}


# --- The proof can go red ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*EXACT, "content-security-policy", "cache-control"])
def test_a_missing_header_is_seen(client: TestClient, name: str) -> None:
    answer = client.get("/v1/health")
    del answer.headers[name]
    assert name in faults(answer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access-control-allow-origin", "*"),
        ("server", "uvicorn"),
        ("set-cookie", "session=1; HttpOnly"),
        ("content-security-policy", "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'none'"),
        ("cache-control", "public, max-age=60"),
    ],
)
def test_a_loose_header_is_seen(client: TestClient, name: str, value: str) -> None:
    answer = client.get("/v1/health")
    answer.headers[name] = value
    assert faults(answer)


def test_an_answer_made_outside_of_all_guards_is_seen(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "guard", lambda *_, **__: None)
    assert any(faults(answer) for answer in failing(app))
