"""Every route, every role, own and other store: who gets in is what the matrix says, and nothing else is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from cloud_api.auth import PERMISSION_KEY
from cloud_api.context import Cloud
from cloud_api.permissions import HqRole, Permission
from cloud_api.routes.hq import router as hq_router
from tests.cloud_api.facts import add_case, add_sale, sale_id
from tests.cloud_api.hq import Hq, add_user, sign_in
from tests.cloud_api.matrix import BOTH, HQ, PUBLIC, TILL, Rule

OWN, OTHER = "0101", "0201"


@dataclass(frozen=True)
class House:
    """The app with a user of each role; the store manager has store 0101."""

    client: TestClient
    cases: dict[str, int]
    sales: dict[str, str]
    callers: dict[str, Hq]

    def path(self, template: str, store: str) -> str:
        """The path with everything in it of one store."""
        values = {
            "user_name": "nobody.here",
            "store_id": store,
            "terminal_id": f"{store}-1",
            "operator_id": "1001",
            "department_id": "drinks",
            "tax_code": "vat13",
            "item_id": "1",
            "code": "6901234567892",
            "zone": "cn",
            "rule_id": "x",
            "template_id": "spend_save",
            "version": "2",
            "import_id": "0198c1f2",
            "sale_id": self.sales[store],
            "case_id": str(self.cases[store]),
        }
        return template.format(**values)

    def gets_in(self, route: str, rule: Rule, *, role: str, store: str) -> bool:
        """Whether the role is let in; what happens behind the door does not matter here."""
        method, template = route.split(" ")
        caller = self.callers.get(role) or sign_in(self.client, f"a.{role}")
        self.callers[role] = caller
        path = self.path(template, store).removeprefix("/v1/hq")
        answer = caller.request(method, path, json=rule.body)
        assert answer.status_code < 500, (route, answer.text)
        if route == "POST /v1/hq/logout":
            del self.callers[role]
        denied = answer.status_code == 403 or (answer.status_code == 401 and answer.json()["code"] == NOT_SIGNED_IN)
        return not denied


NOT_SIGNED_IN = "cloud.not_signed_in"


@pytest.fixture
def house(cloud: Cloud, shop: Hq) -> House:
    for role in HqRole:
        add_user(cloud, f"a.{role.value}", role, stores=(OWN,) if role is HqRole.STORE_MANAGER else ())
    add_sale(cloud, 1)
    add_sale(cloud, 2, store_id=OTHER, terminal_id="0201-1")
    cases = {store: add_case(cloud, f"case of {store}", store_id=store) for store in (OWN, OTHER)}
    return House(shop.client, cases, {OWN: sale_id(1), OTHER: sale_id(2)}, {})


def routes_of(app: FastAPI) -> dict[str, str | None]:
    """Every route of the app with the permission that it names."""
    paths = app.openapi()["paths"]
    return {
        f"{method.upper()} {path}": operation.get(PERMISSION_KEY)
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


def unlisted(app: FastAPI) -> set[str]:
    """Routes that the matrix does not know, and lines of it that no route has."""
    return set(routes_of(app)) ^ (set(HQ) | PUBLIC | TILL | BOTH)


def differences(house: House, rules: dict[str, Rule]) -> list[str]:
    """Where the house is more open or more closed than the rules say."""
    found = []
    for route, rule in rules.items():
        for role in HqRole:
            for store in (OWN, OTHER):
                bound = role is HqRole.STORE_MANAGER and store == OTHER and "{store_id}" in route
                expected = role.value in rule.roles and not bound
                if role is HqRole.STORE_MANAGER and rule.by_store and store == OTHER:
                    expected = False
                if house.gets_in(route, rule, role=role.value, store=store) != expected:
                    found.append(f"{route} {role.value} {store}: expected {'in' if expected else 'out'}")
    return found


def test_every_route_stands_in_the_matrix(app: FastAPI) -> None:
    assert unlisted(app) == set()


def test_every_route_names_its_permission(app: FastAPI) -> None:
    for route, permission in routes_of(app).items():
        allowed = {"public"} if route in PUBLIC else {"till"} if route in TILL else set(map(str, Permission))
        assert permission in allowed, route


def test_each_role_gets_in_exactly_where_it_may(house: House) -> None:
    assert differences(house, HQ) == []


def test_a_wrong_line_of_the_matrix_is_found(house: House) -> None:
    # The test of the test: more rights, fewer rights and a forgotten store each turn it red.
    wrong = {
        "GET /v1/hq/users": replace(HQ["GET /v1/hq/users"], roles=frozenset({"admin", "auditor"})),
        "GET /v1/hq/me": replace(HQ["GET /v1/hq/me"], roles=frozenset({"admin"})),
        "GET /v1/hq/cases/{case_id}": replace(HQ["GET /v1/hq/cases/{case_id}"], by_store=False),
    }
    found = " ".join(differences(house, wrong))
    for route in wrong:
        assert route in found


def test_a_new_route_that_nobody_listed_is_found(app: FastAPI) -> None:
    def new_thing() -> str:
        return "new"

    app.openapi_schema = None
    app.add_api_route("/v1/hq/new-thing", new_thing)
    assert unlisted(app) == {"GET /v1/hq/new-thing"}


def test_a_route_without_permission_is_closed_even_to_administrators(shop: Hq, app: FastAPI) -> None:
    def forgotten() -> dict[str, str]:
        return {}

    beside = APIRouter(prefix=hq_router.router.prefix, dependencies=hq_router.router.dependencies)
    beside.add_api_route("/forgotten", forgotten)
    app.include_router(beside)
    assert shop.get("/forgotten").status_code == 403


def test_without_a_good_token_nothing_opens(client: TestClient, app: FastAPI) -> None:
    for token in (None, "", "evh_wrong", "evt_of-a-till", "x" * 300):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        for route in sorted(set(routes_of(app)) - PUBLIC):
            method, path = route.split(" ")
            path = path.replace("{first}", "1").replace("{seq}", "1")
            assert client.request(method, path, headers=headers).status_code == 401, (route, token)


def test_hqs_tokens_do_not_open_the_tills_routes(shop: Hq) -> None:
    headers = {"Authorization": f"Bearer {shop.token}"}
    for route in sorted(TILL):
        method, path = route.split(" ")
        assert shop.client.request(method, path, headers=headers).status_code == 401, route
