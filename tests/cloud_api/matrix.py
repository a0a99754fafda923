"""Who may call what: every route of the cloud with the roles that it lets in; a new route must be listed here."""

from __future__ import annotations

from dataclasses import dataclass

A, M, S, R = "admin", "merchandiser", "store_manager", "auditor"
EVERYBODY = frozenset({A, M, S, R})


@dataclass(frozen=True)
class Rule:
    """``roles`` get in; ``by_store``: a store manager only for a store of their own; ``body`` gets past the form."""

    roles: frozenset[str]
    by_store: bool = False
    body: object = None


def _rule(*roles: str, by_store: bool = False, body: object = None) -> Rule:
    return Rule(frozenset(roles), by_store, body)


PUBLIC = frozenset({"GET /v1/health", "POST /v1/hq/login", "POST /v1/enrol", "POST /v1/token"})
"""Open to who has no token (login, enrolment and a till's key prove themselves)."""

_PRICE = {"item_id": 1, "price_minor": 100}
_PERSON = {"operator_id": "77", "name": "x", "role": "cashier"}
_NEW_USER = {"user_name": "new.user", "password": "a long sentence nobody says", "role": "auditor"}
_NEW_STORE = {
    "store_id": "0301",
    "name_zh": "x",
    "price_zone": "cn",
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
}
_DEPARTMENT = {"name_zh": "x"}

HQ: dict[str, Rule] = {
    "POST /v1/hq/logout": Rule(EVERYBODY),
    "GET /v1/hq/me": Rule(EVERYBODY),
    "POST /v1/hq/me/password": Rule(EVERYBODY, body={"old": "x", "new": "x"}),
    "GET /v1/hq/users": _rule(A),
    "POST /v1/hq/users": _rule(A, body=_NEW_USER),
    "PATCH /v1/hq/users/{user_name}": _rule(A, body={}),
    "POST /v1/hq/users/{user_name}/password": _rule(A, body={"password": "a long sentence nobody says"}),
    "POST /v1/hq/users/{user_name}/logout": _rule(A),
    "GET /v1/hq/stores": Rule(EVERYBODY),
    "POST /v1/hq/stores": _rule(A, body=_NEW_STORE),
    "GET /v1/hq/stores/{store_id}": Rule(EVERYBODY, by_store=True),
    "PATCH /v1/hq/stores/{store_id}": _rule(A, body={}),
    "GET /v1/hq/tills": _rule(A, S, R),
    "POST /v1/hq/stores/{store_id}/tills": _rule(A, body={}),
    "GET /v1/hq/tills/{terminal_id}": _rule(A, S, R, by_store=True),
    "POST /v1/hq/tills/{terminal_id}/code": _rule(A),
    "POST /v1/hq/tills/{terminal_id}/drain": _rule(A, body={}),
    "POST /v1/hq/tills/{terminal_id}/revoke": _rule(A, body={}),
    "GET /v1/hq/stores/{store_id}/staff": _rule(A, S, R, by_store=True),
    "POST /v1/hq/stores/{store_id}/staff": _rule(A, S, by_store=True, body=_PERSON),
    "PATCH /v1/hq/stores/{store_id}/staff/{operator_id}": _rule(A, S, by_store=True, body={}),
    "POST /v1/hq/stores/{store_id}/staff/{operator_id}/pin": _rule(A, S, by_store=True),
    "GET /v1/hq/stores/{store_id}/quick-keys": Rule(EVERYBODY, by_store=True),
    "PUT /v1/hq/stores/{store_id}/quick-keys": _rule(A, M, S, by_store=True, body={"keys": []}),
    "GET /v1/hq/departments": Rule(EVERYBODY),
    "PUT /v1/hq/departments/{department_id}": _rule(A, M, body=_DEPARTMENT),
    "GET /v1/hq/taxes": Rule(EVERYBODY),
    "PUT /v1/hq/taxes/{tax_code}": _rule(A, M, body=_DEPARTMENT | {"rate_bp": 1300}),
    "GET /v1/hq/items": Rule(EVERYBODY),
    "POST /v1/hq/items": _rule(A, M, body={"sku": "NEW", "name_zh": "x"}),
    "GET /v1/hq/items/{item_id}": Rule(EVERYBODY),
    "PATCH /v1/hq/items/{item_id}": _rule(A, M, body={}),
    "PUT /v1/hq/items/{item_id}/barcodes/{code}": _rule(A, M, body={}),
    "DELETE /v1/hq/items/{item_id}/barcodes/{code}": _rule(A, M),
    "GET /v1/hq/prices/{zone}": Rule(EVERYBODY),
    "PUT /v1/hq/prices/{zone}": _rule(A, M, body=_PRICE),
    "POST /v1/hq/prices/{zone}/bulk": _rule(A, M, body={"prices": [_PRICE]}),
    "DELETE /v1/hq/prices/{zone}/{item_id}": _rule(A, M),
    "GET /v1/hq/rules/{zone}": Rule(EVERYBODY),
    "PUT /v1/hq/rules/{zone}/{rule_id}/draft": _rule(A, M, body={"rule": {}}),
    "DELETE /v1/hq/rules/{zone}/{rule_id}/draft": _rule(A, M),
    "PUT /v1/hq/rules/{zone}/{rule_id}/draft/{template_id}": _rule(A, M, body={"parameters": {}}),
    "GET /v1/hq/rule-templates": Rule(EVERYBODY),
    "POST /v1/hq/rules/{zone}/{rule_id}/schedule": _rule(A, M, body={"valid_from_ms": 1}),
    "POST /v1/hq/rules/{zone}/{rule_id}/publish": _rule(A, M),
    "POST /v1/hq/rules/{zone}/{rule_id}/stop": _rule(A, M),
    "POST /v1/hq/rules/{zone}/test": _rule(A, M, body={"carts": [{}]}),
    "GET /v1/hq/rule-books/{zone}": Rule(EVERYBODY),
    "GET /v1/hq/rule-books/{zone}/{version}": Rule(EVERYBODY),
    "PUT /v1/hq/rule-books/{zone}/frame": _rule(A, M, body={"frame": {}}),
    "GET /v1/hq/imports": _rule(A, M, R),
    "POST /v1/hq/imports": _rule(A, M),
    "GET /v1/hq/imports/{import_id}": _rule(A, M, R),
    "GET /v1/hq/imports/{import_id}/findings": _rule(A, M, R),
    "POST /v1/hq/imports/{import_id}/cancel": _rule(A, M),
    "GET /v1/hq/sales": Rule(EVERYBODY),
    "GET /v1/hq/sales-totals": Rule(EVERYBODY),
    "GET /v1/hq/sales/{sale_id}": Rule(EVERYBODY, by_store=True),
    "GET /v1/hq/cases": _rule(A, S, R),
    "GET /v1/hq/cases/{case_id}": _rule(A, S, R, by_store=True),
    "POST /v1/hq/cases/{case_id}/resolve": _rule(A, S, by_store=True, body={"outcome": "accepted", "note": "x"}),
    "GET /v1/hq/audit": _rule(A, R),
}

BOTH = frozenset({"POST /v1/quote"})
"""Open to every role at HQ and to the tills in use; tests/cloud_api/test_quote.py tries both."""

TILL = frozenset(
    {
        "GET /v1/hello",
        "POST /v1/up",
        "GET /v1/live",
        "GET /v1/b/{bucket}/{epoch}/manifest",
        "GET /v1/b/{bucket}/{epoch}/p/{first}",
        "GET /v1/b/{bucket}/{epoch}/audit/{seq}",
        "GET /v1/snap/{bucket}/{epoch}/{schema}/{name}",
    }
)
"""Routes of tills, which HQ's tokens must not open (and the other way round)."""
