"""What tests of HQ's side share: signing in, a shop with goods, prices and people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.permissions import HqRole
from cloud_api.services import users
from cloud_api.services.act import Act
from cloud_api.services.passwords import accept_password

PASSWORD = "correct horse battery staple"
STORE_BODY: dict[str, Any] = {
    "store_id": "0101",
    "name_zh": "人民路店",
    "name_en": "Renmin Road",
    "price_zone": "cn",
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
}
OTHER_STORE_BODY = STORE_BODY | {"store_id": "0201", "name_zh": "香港店", "price_zone": "hk", "currency": "HKD"}


@contextmanager
def acting(cloud: Cloud, who: str = "tests") -> Iterator[Act]:
    """An act that is committed at the end."""
    with cloud.unit_of_work() as uow:
        yield Act(uow, who, cloud.keys, cloud.settings)
        uow.commit()


def add_user(cloud: Cloud, name: str, role: HqRole, *, stores: tuple[str, ...] = ()) -> None:
    password_hash = accept_password(cloud.settings, PASSWORD, user_name=name)
    with acting(cloud) as act:
        users.create_user(act, name, password_hash=password_hash, role=role, stores=stores)


@dataclass
class Hq:
    """An HTTP client that is signed in."""

    client: TestClient
    token: str

    def request(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        body = options.pop("json", None)
        if body is not None:
            # ASCII, so that a lone surrogate can be sent: \\ud800 is what a broken client writes.
            options["content"] = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return self.client.request(method, f"/v1/hq{path}", headers=headers, **options)

    def get(self, path: str, **params: Any) -> Any:
        return self.request("GET", path, params=params)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.request("POST", path, json=body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.request("PUT", path, json=body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.request("PATCH", path, json=body, **options)

    def delete(self, path: str, **params: Any) -> Any:
        return self.request("DELETE", path, params=params)


def sign_in(client: TestClient, name: str, password: str = PASSWORD) -> Hq:
    answer = client.post("/v1/hq/login", json={"user": name, "password": password})
    assert answer.status_code == 200, answer.text
    return Hq(client, answer.json()["token"])


def made(answer: Any, status: int = 201) -> dict[str, Any]:
    """The body of an answer that must have worked."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body
