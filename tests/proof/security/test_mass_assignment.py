"""No body takes a field that it does not name, and no text becomes SQL (S10)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import BaseModel

from cloud_api.context import Cloud
from cloud_api.db.engine import reading
from cloud_api.db.schema import METADATA
from tests.proof.security.bodies import UNKNOWN, attacked, caller, objects, replaced, value_at, writes
from tests.proof.security.estate import Estate, Route, routes

AT_ONCE = 40
VALUES: tuple[Any, ...] = (0, 1, -1, True, None, "", "admin", "0201", [], {}, [{"role": "admin"}], "2038-01-19", 10**18)
MARK = "zqx7"
ATTACKS = (
    f"{MARK}' OR '1'='1' --",
    f'{MARK}"; DROP TABLE item; --',
    f"1{MARK}) UNION SELECT password_hash FROM hq_user --",
    f"{MARK}%' ESCAPE '\\",
    f"{MARK}\\'; SELECT pg_sleep(9); --",
)
OFFICE = ("/v1/hq", "/v1/quote")
"""Where a field that is not known is an error; in the messages of tills it may be one of a newer release."""
LEFT_OUT = ("/v1/hq/logout", "/v1/live")
"""Signing out would end the attack; the stream has no end (its parameters are read as those of the other routes)."""


def rows(cloud: Cloud) -> dict[str, list[str]]:
    """Everything in the database."""
    with reading(cloud.engine) as connection:
        return {t.name: sorted(map(repr, connection.execute(sa.select(t)))) for t in METADATA.sorted_tables}


def chunks(names: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(names), AT_ONCE):
        yield names[first : first + AT_ONCE]


def accepted(estate: Estate, route: Route, body: Any, chance: random.Random) -> list[str]:
    """The unknown fields that a route took anywhere in its body, none if it is closed."""
    found = []
    for place in objects(body):
        known = value_at(body, place)
        for names in chunks([name for name in UNKNOWN if name not in known]):
            fields = {name: chance.choice(VALUES) for name in names}
            answer = estate.call(
                caller(route), route.method, estate.path(route.path), json=replaced(body, place, known | fields)
            )
            if answer.status_code == 422 and answer.json()["code"] == "document.unknown_field":
                continue  # documents of pricing: the first field that is not known ends the reading
            invalid = answer.json()["invalid"] if answer.status_code == 422 else []
            refused = {one["field"].rpartition(".")[2] for one in invalid if one["reason"] == "extra_forbidden"}
            if answer.status_code != 422:
                found.append(f"{route.name} {place}: {answer.status_code}")
            # Optional fields of the body that the sample leaves out are known as well.
            found += [f"{route.name} {place}: {name}" for name in set(names) - refused - optional(estate.app, route)]
    return found


def optional(app: FastAPI, route: Route) -> set[str]:
    """Every name of a field in the schemas behind a body."""
    schemas, names = app.openapi()["components"]["schemas"], set()
    waiting = [str(route.operation["requestBody"])]
    seen: set[str] = set()
    while waiting:
        text = waiting.pop()
        for name, schema in schemas.items():
            if f"schemas/{name}'" in text and name not in seen:
                seen.add(name)
                names |= set(schema.get("properties", ()))
                waiting.append(str(schema))
    return names


def of_hq(app: FastAPI) -> list[tuple[Route, Any]]:
    return [(route, body) for route, body in writes(app) if route.path.startswith(OFFICE)]


@pytest.mark.parametrize("ready_database_url", ["sqlite", "postgresql"], indirect=True)
def test_no_body_takes_a_field_that_it_does_not_name(estate: Estate) -> None:
    chance, found = random.Random(1), []
    bodies = of_hq(estate.app)
    assert len(bodies) >= 18
    before = rows(estate.cloud)
    for route, body in bodies:
        found += accepted(estate, route, body, chance)
    assert not found
    assert rows(estate.cloud) == before


def test_what_is_known_is_only_what_the_route_means(estate: Estate) -> None:
    """No body names a column that the caller must not set."""
    kept = {"password_hash", "pin_hash", "pubkey", "changed_by", "changed_at_ms", "created_at_ms", "last_seen_ms"}
    kept |= {"received_seq", "tip_seq", "due_minor", "amount_minor", "currency_total", "sub_ver", "hash"}
    for route, _ in of_hq(estate.app):
        assert not optional(estate.app, route) & kept, route.name


def till_faults(estate: Estate) -> list[str]:
    """Fields that a message of tills takes and does not name: there a request is refused as unreadable."""
    found = []
    for route, body in writes(estate.app):
        if route.path.startswith(OFFICE):
            continue
        for place in objects(body):
            known = value_at(body, place)
            for name in ("ver", "store", "role", "hash_", "price_minor", "state"):
                changed = replaced(body, place, known | {name: 1})
                answer = estate.call(caller(route), route.method, route.path, json=changed)
                if answer.status_code != 400 or answer.json()["code"] != "request.malformed":
                    found.append(f"{route.name} {place} {name}: {answer.status_code}")
        plain = estate.call(caller(route), route.method, route.path, json=body)
        assert plain.json().get("code") != "request.malformed", "the sample itself is read"
    return found


def test_no_message_of_tills_does_either(estate: Estate) -> None:
    before = rows(estate.cloud)
    assert not till_faults(estate)
    assert rows(estate.cloud) == before


@contextmanager
def watched(cloud: Cloud) -> Iterator[list[str]]:
    """The statements that hold the mark: text of a request that became part of SQL."""
    found: list[str] = []

    def look(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if MARK in statement:
            found.append(statement)

    sa.event.listen(cloud.engine, "before_cursor_execute", look)
    yield found
    sa.event.remove(cloud.engine, "before_cursor_execute", look)


def injections(estate: Estate, attacks: tuple[str, ...]) -> list[str]:
    """Where a text of a request reached a statement or broke the cloud."""
    found, sent = [], 0
    for route in routes(estate.app):
        if route.path in LEFT_OUT:
            continue
        for number, (what, path, options) in enumerate(attacked(estate, route, attacks[0])):
            text = attacks[number % len(attacks)]
            requests = (
                [one for one in attacked(estate, route, text) if one[0] == what] if number else [(what, path, options)]
            )
            for _, target, more in requests:
                with watched(estate.cloud) as statements:
                    answer = estate.call(caller(route), route.method, target, **more)
                sent += 1
                found += [f"{route.name} {what}: {one}" for one in statements]
                if answer.status_code >= 500:
                    found.append(f"{route.name} {what}: {answer.status_code}")
    assert sent > 100
    return found


def test_texts_of_requests_stay_data(estate: Estate) -> None:
    staff = rows(estate.cloud)["hq_user"]
    assert not injections(estate, ATTACKS)
    after = rows(estate.cloud)
    assert set(after) == {table.name for table in METADATA.sorted_tables}
    assert {row.split(",")[0] for row in staff} <= {row.split(",")[0] for row in after["hq_user"]}


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("ready_database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_in_each_place_stays_data(estate: Estate, attack: str) -> None:
    assert not injections(estate, (attack,))


# --- The proof can go red ------------------------------------------------------------------------------


class Loose(BaseModel):
    """A body that overlooks what it does not know."""

    name: str = "x"


def plant(app: FastAPI, path: str, endpoint: Any) -> None:
    app.openapi_schema = None
    app.add_api_route(path, endpoint, methods=["POST"], openapi_extra={"x-permission": "public"})


def test_a_body_that_takes_anything_is_seen(estate: Estate) -> None:
    def planted(body: Loose) -> str:
        return body.name

    plant(estate.app, "/v1/hq/planted", planted)
    route = next(one for one in routes(estate.app) if one.path == "/v1/hq/planted")
    assert len(accepted(estate, route, {"name": "x"}, random.Random(1))) > 100


def test_sql_made_of_texts_is_seen(estate: Estate) -> None:
    def planted(q: str = "") -> list[str]:
        with reading(estate.cloud.engine) as connection:
            return [str(row) for row in connection.execute(sa.text(f"SELECT sku FROM item WHERE sku = '{q}'"))]

    plant(estate.app, "/v1/hq/planted", planted)
    assert any(one.startswith("POST /v1/hq/planted query q: SELECT") for one in injections(estate, ATTACKS))
