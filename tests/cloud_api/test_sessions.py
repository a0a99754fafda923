"""Signing in to HQ: tokens, their ends, wrong passwords, and who keeps whom out."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_tables import HQ_TOKEN, HQ_USER
from cloud_api.permissions import HqRole
from cloud_api.services.passwords import new_pin
from tests.cloud_api.conftest import SettableClock
from tests.cloud_api.hq import PASSWORD, Hq, add_user, made, sign_in


def try_password(client: TestClient, user: str, password: str) -> int:
    return client.post("/v1/hq/login", json={"user": user, "password": password}).status_code


def test_each_sign_in_gives_a_new_long_token_that_is_kept_as_a_hash(
    client: TestClient, cloud: Cloud, admin: Hq
) -> None:
    tokens = [admin.token, *(sign_in(client, "Root.Admin").token for _ in range(3))]
    assert len(set(tokens)) == 4
    assert min(map(len, tokens)) >= 43  # 256 bits
    with reading(cloud.engine) as connection:
        stored = " ".join(str(row) for row in connection.execute(sa.select(HQ_TOKEN)))
    assert not any(token in stored for token in tokens)


def test_a_session_ends_when_idle_and_when_old(client: TestClient, clock: SettableClock, admin: Hq) -> None:
    for _ in range(5):
        clock.forward(seconds=29 * 60)
        assert admin.get("/me").status_code == 200
    clock.forward(seconds=30 * 60)
    assert admin.get("/me").json()["code"] == "cloud.not_signed_in"
    fresh = sign_in(client, "root.admin")
    for _ in range(12 * 3):
        clock.forward(seconds=20 * 60)
        status = fresh.get("/me").status_code
    assert status == 401


def test_signing_out_ends_this_session_alone(client: TestClient, admin: Hq) -> None:
    other = sign_in(client, "root.admin")
    assert admin.post("/logout").status_code == 204
    assert admin.get("/me").status_code == 401
    assert other.get("/me").json() == {"user_name": "root.admin", "role": "admin", "stores": None}


def test_disabling_changing_and_resetting_end_all_sessions_at_once(client: TestClient, shop: Hq, cloud: Cloud) -> None:
    add_user(cloud, "m", HqRole.MERCHANDISER)
    for method, path, body in (
        ("PATCH", "/users/m", {"role": "auditor"}),
        ("POST", "/users/m/password", {"password": PASSWORD}),
        ("POST", "/users/m/logout", None),
        ("PATCH", "/users/m", {"active": False}),
    ):
        session = sign_in(client, "m")
        made(shop.request(method, path, json=body), 200)
        assert session.get("/me").status_code == 401
    assert try_password(client, "m", PASSWORD) == 401


def test_changing_my_password_keeps_me_and_ends_my_other_sessions(client: TestClient, admin: Hq) -> None:
    other = sign_in(client, "root.admin")
    wrong = admin.post("/me/password", {"old": "not it", "new": "another long sentence"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "cloud.login_failed")
    made(admin.post("/me/password", {"old": PASSWORD, "new": "another long sentence"}), 200)
    assert admin.get("/me").status_code == 200
    assert other.get("/me").status_code == 401
    assert try_password(client, "root.admin", PASSWORD) == 401
    assert try_password(client, "root.admin", "another long sentence") == 200


def test_wrong_passwords_lock_the_name_for_doubling_times(client: TestClient, clock: SettableClock, admin: Hq) -> None:
    del admin
    assert [try_password(client, "root.admin", "wrong") for _ in range(6)] == [401] * 5 + [429]
    for seconds in (30, 60, 120, 240, 480, 900, 900):
        clock.forward(seconds=seconds - 1)
        locked = client.post("/v1/hq/login", json={"user": "root.admin", "password": PASSWORD})
        assert (locked.status_code, locked.headers["retry-after"]) == (429, "1"), seconds
        clock.forward(seconds=1)
        assert try_password(client, "root.admin", "wrong") == 401
    clock.forward(seconds=900)
    assert try_password(client, "root.admin", PASSWORD) == 200
    assert try_password(client, "root.admin", "wrong") == 401  # counted anew
    assert try_password(client, "root.admin", PASSWORD) == 200


def test_names_that_nobody_has_are_treated_alike(client: TestClient, admin: Hq) -> None:
    del admin
    known = [client.post("/v1/hq/login", json={"user": "root.admin", "password": "x"}) for _ in range(6)]
    unknown = [client.post("/v1/hq/login", json={"user": "nobody", "password": "x"}) for _ in range(6)]
    assert [a.json() for a in known] == [a.json() for a in unknown]


def test_an_address_that_tries_many_names_is_locked(client: TestClient, clock: SettableClock, admin: Hq) -> None:
    statuses = [try_password(client, f"name{n}", "x") for n in range(31)]
    assert statuses == [401] * 30 + [429]
    assert admin.get("/me").status_code == 200  # who is in stays in
    clock.forward(seconds=30)
    assert try_password(client, "root.admin", PASSWORD) == 200


def test_passwords_that_are_short_or_guessed_first_are_refused(admin: Hq) -> None:
    def refused(password: str) -> str:
        body = {"user_name": "hq.buyer", "password": password, "role": "auditor"}
        answer = admin.post("/users", body)
        assert answer.status_code == 422
        return str(answer.json()["code"])

    assert refused("elevenchars") == "cloud.password_length"
    for easy in (
        "aaaaaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "987654321098",
        "abcabcabcabc",
        "xx HQ.BUYER xxxx",
        "mypassword1234",
    ):
        assert refused(easy) in ("cloud.password_easy", "cloud.password_length"), easy
    long_chinese = {"user_name": "hq.buyer", "password": "只有我自己知道的一句话啊", "role": "auditor"}
    made(admin.post("/users", long_chinese))


def test_the_last_administrator_cannot_be_lost(admin: Hq, cloud: Cloud) -> None:
    for change in ({"active": False}, {"role": "auditor"}):
        assert admin.patch("/users/root.admin", change).json()["code"] == "cloud.last_admin"
    add_user(cloud, "second", HqRole.ADMIN)
    made(admin.patch("/users/root.admin", {"role": "auditor"}), 200)


def test_stores_go_with_the_store_managers_role_and_no_other(shop: Hq) -> None:
    def create(name: str, role: str, stores: list[str]) -> int:
        body = {"user_name": name, "password": PASSWORD, "role": role, "stores": stores}
        return int(shop.post("/users", body).status_code)

    assert create("a1", "store_manager", []) == 422
    assert create("a2", "auditor", ["0101"]) == 422
    assert create("a3", "store_manager", ["9999"]) == 404
    assert create("a4", "store_manager", ["0101"]) == 201
    assert create("a4", "store_manager", ["0101"]) == 409
    users = {user["user_name"]: user for user in shop.get("/users").json()["users"]}
    assert users["a4"]["stores"] == ["0101"]
    assert made(shop.patch("/users/a4", {"role": "auditor"}), 200)["stores"] == []


def test_hashes_are_argon2id_and_leave_no_password_behind(cloud: Cloud, admin: Hq, app: FastAPI) -> None:
    del admin, app
    with reading(cloud.engine) as connection:
        password_hash = connection.execute(sa.select(HQ_USER.c.password_hash)).scalar_one()
    assert password_hash.startswith("$argon2id$")
    assert PASSWORD not in password_hash


def test_pins_are_six_random_digits_and_not_the_first_guesses() -> None:
    pins = {new_pin() for _ in range(500)}
    assert len(pins) > 490
    assert all(len(pin) == 6 and pin.isdecimal() for pin in pins)
    assert not pins & {"123456", "654321", "000000", "111111", "121212", "123123"}
