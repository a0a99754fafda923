"""A cloud with two stores, somebody of every role, an enrolled till, sales and cases: what attackers attack."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uuid_utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from starlette.testclient import TestClient

from cloud_api.auth import PERMISSION_KEY
from cloud_api.context import Cloud
from cloud_api.permissions import HqRole
from domain.ids import TerminalId
from sync.messages import token_bytes
from tests.cloud_api.facts import add_case, add_sale, sale_id
from tests.cloud_api.hq import Hq, add_user, made, sign_in

OWN, OTHER = "0101", "0201"
TERMINAL = TerminalId("0101-1")
NOBODY, TILL = "nobody", "till"
ROLES = (NOBODY, TILL, *(role.value for role in HqRole))


@dataclass(frozen=True)
class Route:
    """An operation of the OpenAPI document."""

    method: str
    path: str
    operation: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def permission(self) -> str | None:
        found: str | None = self.operation.get(PERMISSION_KEY)
        return found


def routes(app: FastAPI) -> Iterator[Route]:
    """Every operation of the app."""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            yield Route(method.upper(), path, operation)


@dataclass
class Estate:
    """The cloud and the tokens of everybody."""

    app: FastAPI
    client: TestClient
    cloud: Cloud
    cases: dict[str, int]
    tokens: dict[str, str]

    def headers(self, role: str) -> dict[str, str]:
        """The header by which the role is known; none for nobody."""
        return {} if role == NOBODY else {"Authorization": f"Bearer {self.tokens[role]}"}

    def path(self, template: str, store: str = OWN) -> str:
        """A path with everything in it of one store."""
        bucket = f"store:{store}"
        view = self.app.state.background.view(bucket)
        values = {
            "user_name": "a.auditor",
            "store_id": store,
            "terminal_id": f"{store}-1",
            "operator_id": "1001",
            "department_id": "drinks",
            "tax_code": "vat13",
            "item_id": "1",
            "code": "6928804014570",
            "zone": "cn",
            "rule_id": "second-half",
            "template_id": "spend_save",
            "version": "2",
            "import_id": "0198c1f2",
            "sale_id": sale_id(1 if store == OWN else 2),
            "case_id": str(self.cases[store]),
            "bucket": bucket,
            "epoch": view.row.epoch,
            "first": str(view.row.low_seq),
            "seq": str(view.row.head_seq),
            "schema": "1",
            "name": f"{view.row.head_seq}.sqlite.zst",
        }
        return template.format(**values)

    def call(self, role: str, method: str, path: str, **options: Any) -> Any:
        """A request of somebody; ``json`` may hold what only a broken client writes."""
        headers = self.headers(role) | options.pop("headers", {})
        body = options.pop("json", None)
        if body is not None:
            options["content"] = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return self.client.request(method, path, headers=headers, **options)


def open_estate(app: FastAPI, client: TestClient, *, admin: Hq) -> Estate:
    """People, a till and its token, sales and cases, in a shop that ``admin`` made."""
    cloud: Cloud = app.state.cloud
    tokens = {}
    for role in HqRole:
        name = f"a.{role.value}"
        add_user(cloud, name, role, stores=(OWN,) if role is HqRole.STORE_MANAGER else ())
        tokens[role.value] = sign_in(client, name).token
    for store in (OWN, OTHER):
        made(admin.post(f"/stores/{store}/staff", {"operator_id": "1001", "name": "王强", "role": "cashier"}))
    tokens[TILL] = enrol(client, made(admin.post(f"/stores/{OWN}/tills", {}))["code"], now_ms=cloud.clock.now_ms())
    made(admin.post(f"/stores/{OTHER}/tills", {}))
    add_sale(cloud, 1)
    add_sale(cloud, 2, store_id=OTHER, terminal_id=f"{OTHER}-1")
    cases = {store: add_case(cloud, f"case of {store}", store_id=store) for store in (OWN, OTHER)}
    app.state.background.turn()
    return Estate(app, client, cloud, cases, tokens)


def enrol(client: TestClient, code: str, *, now_ms: int) -> str:
    """Enrol a till; its token."""
    key = Ed25519PrivateKey.generate()
    pubkey = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    enrolled = client.post("/v1/enrol", json={"code": code, "pubkey": pubkey, "device": "test", "app_ver": "0.1.0"})
    assert enrolled.status_code == 200, enrolled.text
    inc, nonce = enrolled.json()["inc"], str(uuid_utils.uuid7())
    signature = base64.b64encode(key.sign(token_bytes(TERMINAL, inc, ts=now_ms, nonce=nonce))).decode()
    body = {"terminal": TERMINAL, "inc": inc, "ts": now_ms, "nonce": nonce, "sig": signature}
    access: str = made(client.post("/v1/token", json=body), 200)["access"]
    return access
