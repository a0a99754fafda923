"""Stores, tills and staff through HQ's interface, and what the tills are told of them."""

from __future__ import annotations

import argon2
import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import reading, writing
from cloud_api.db.master_tables import ENROL_CODE, OPERATOR, TERMINAL
from cloud_api.permissions import HqRole
from cloud_api.services.enrol_codes import LETTERS, hash_code, new_code
from domain.pin import peppered
from tests.cloud_api.conftest import SettableClock
from tests.cloud_api.hq import STORE_BODY, Hq, add_user, made, sign_in
from tests.cloud_api.published import published


def test_a_store_is_published_with_all_settings(shop: Hq, cloud: Cloud) -> None:
    scale_format = {"pattern": "FFWWWWWEEEEEC", "flags": ["21"]}
    settings = {"auto_lock_s": 120, "scale_formats": [scale_format], "receipt_footer_zh": "谢谢\n再见"}
    store = made(shop.patch("/stores/0101", {"settings": settings, "ver": 1}), 200)
    assert (store["ver"], store["sub_ver"], store["settings"]["cash_rounding_unit_minor"]) == (2, 1, 10)
    sent = published(cloud, "store:0101")[("store", "0101")]
    assert sent.row is not None
    assert '"auto_lock_s":120' in sent.row["settings"]
    assert '"currency":"CNY"' in sent.row["settings"]
    assert '"price_zone":"cn"' in sent.row["settings"]
    assert "minor_per_unit" in sent.row["settings"]


def test_another_zone_makes_the_tills_subscribe_anew(shop: Hq) -> None:
    refused = shop.patch("/stores/0101", {"price_zone": "hk"})
    assert (refused.status_code, refused.json()["code"]) == (409, "cloud.zone_currency")
    moved = made(shop.patch("/stores/0101", {"price_zone": "cn2", "name_zh": "新店"}), 200)
    assert (moved["sub_ver"], moved["price_zone"]) == (2, "cn2")
    assert made(shop.patch("/stores/0101", {"price_zone": "cn2"}), 200)["sub_ver"] == 2


def test_a_wrong_store_is_refused(shop: Hq) -> None:
    new = STORE_BODY | {"store_id": "0301"}
    bad_format = {"scale_formats": [{"pattern": "FFFFFFFFFFFFF", "flags": ["21"]}]}
    for change, status, code in (
        ({"store_id": "0101"}, 409, "cloud.exists"),
        ({"currency": "XXX"}, 422, "money.currency_unknown"),
        ({"timezone": "Mars/Olympus"}, 422, "cloud.timezone_unknown"),
        ({"timezone": "../../etc/passwd"}, 422, "cloud.timezone_unknown"),
        ({"settings": bad_format}, 409, "scale.bad_format"),
        ({"settings": {"colour": "red"}}, 422, "cloud.invalid"),
        ({"sub_ver": 7}, 422, "cloud.invalid"),
        ({"store_id": "0101-1"}, 422, "cloud.invalid"),
    ):
        answer = shop.post("/stores", new | change)
        assert (answer.status_code, answer.json()["code"]) == (status, code), change
    assert [store["store_id"] for store in shop.get("/stores").json()["stores"]] == ["0101", "0201"]


def test_a_till_gets_the_next_number_and_a_code_that_is_kept_as_a_hash(shop: Hq, cloud: Cloud) -> None:
    first = made(shop.post("/stores/0101/tills", {"label": "门口"}))
    second = made(shop.post("/stores/0101/tills", {}))
    assert (first["terminal_id"], second["terminal_id"], first["state"]) == ("0101-1", "0101-2", "new")
    assert shop.post("/stores/0101/tills", {"number": 2}).json()["code"] == "cloud.exists"
    assert shop.post("/stores/9999/tills", {}).status_code == 404
    with reading(cloud.engine) as connection:
        hashes = set(connection.execute(sa.select(ENROL_CODE.c.code_hash)).scalars())
    assert hashes == {hash_code(first["code"]), hash_code(second["code"])}
    assert "code" not in shop.get("/tills/0101-1").json()


def test_a_new_code_ends_the_old_one(shop: Hq, cloud: Cloud, clock: SettableClock) -> None:
    first = made(shop.post("/stores/0101/tills", {}))
    second = made(shop.post("/tills/0101-1/code"))
    assert second["code_expires_at_ms"] == clock.now_ms() + 600_000
    with reading(cloud.engine) as connection:
        hashes = connection.execute(sa.select(ENROL_CODE.c.code_hash)).scalars().all()
    assert hashes == [hash_code(second["code"])]
    assert first["code"] != second["code"]


def test_codes_are_read_however_they_are_typed() -> None:
    code = new_code()
    assert hash_code(code) == hash_code(code.lower().replace("-", " "))
    assert hash_code("0O1IL-ABCDE") == hash_code("00111abcde")
    assert not set("ILOU") & set(LETTERS)
    assert len({new_code() for _ in range(200)}) == 200


def test_a_till_is_drained_taken_back_and_revoked(shop: Hq, cloud: Cloud) -> None:
    made(shop.post("/stores/0101/tills", {}))
    assert shop.post("/tills/0101-1/drain", {}).json()["code"] == "cloud.till_state"
    with writing(cloud.engine) as connection:
        connection.execute(sa.update(TERMINAL).values(state="active", tip_inc=1, tip_seq=7, last_seen_ms=5))
    assert made(shop.post("/tills/0101-1/drain", {}), 200)["state"] == "drain"
    assert made(shop.post("/tills/0101-1/drain", {"state": "active"}), 200)["state"] == "active"
    till = made(shop.post("/tills/0101-1/revoke", {"state": "lost"}), 200)
    assert (till["state"], till["unsent"], till["last_seen_ms"]) == ("lost", 7, 5)
    assert shop.post("/tills/0101-1/drain", {}).status_code == 409
    entry = shop.get("/audit", entity="till", action="set_state").json()["entries"][0]
    assert (entry["before"], entry["after"]) == ({"state": "active"}, {"state": "lost"})
    with reading(cloud.engine) as connection:
        assert connection.execute(sa.select(ENROL_CODE)).all() == []


def test_a_pin_is_shown_once_and_kept_with_the_stores_pepper(shop: Hq, cloud: Cloud) -> None:
    person = {"operator_id": "1001", "name": "收银员", "role": "cashier"}
    pins = {store: made(shop.post(f"/stores/{store}/staff", person))["pin"] for store in ("0101", "0201")}
    with reading(cloud.engine) as connection:
        hashes = {row.store_id: row.pin_hash for row in connection.execute(sa.select(OPERATOR))}
    for store, pin in pins.items():
        pepper = cloud.keys.store_pepper(store)
        assert argon2.PasswordHasher().verify(hashes[store], peppered(pin, pepper))
        sent = published(cloud, f"store:{store}")[("operator", "1001")]
        assert sent.row == {"name": "收银员", "role": "cashier", "active": 1, "pin_hash": hashes[store]}
    assert cloud.keys.store_pepper("0101") != cloud.keys.store_pepper("0201")
    shown = shop.get("/stores/0101/staff").text + shop.get("/audit").text
    assert pins["0101"] not in shown
    assert "argon2" not in shown


def test_staff_are_changed_disabled_and_given_a_new_pin(shop: Hq, cloud: Cloud) -> None:
    person = {"operator_id": "1001", "name": "收银员", "role": "cashier"}
    first = made(shop.post("/stores/0101/staff", person))
    assert shop.post("/stores/0101/staff", person).json()["code"] == "cloud.exists"
    changed = made(shop.patch("/stores/0101/staff/1001", {"role": "supervisor", "active": False}), 200)
    assert (changed["role"], changed["active"], changed["ver"]) == ("supervisor", False, 2)
    again = made(shop.post("/stores/0101/staff/1001/pin"))
    assert again["pin"] != first["pin"]
    sent = published(cloud, "store:0101")[("operator", "1001")]
    assert sent.row is not None
    assert (sent.ver, sent.row["active"]) == (3, 0)
    assert shop.patch("/stores/0101/staff/9", {}).status_code == 404
    assert shop.post("/stores/0101/staff", person | {"role": "admin"}).status_code == 422
    assert shop.post("/stores/0101/staff", person | {"pin": "000000"}).status_code == 422


def test_quick_keys_are_replaced_as_a_whole(shop: Hq, cloud: Cloud) -> None:
    two = [{"position": 1, "item_id": 1}, {"position": 2, "item_id": 1, "label_zh": "可乐"}]
    made(shop.put("/stores/0101/quick-keys", {"keys": two}), 200)
    one = made(shop.put("/stores/0101/quick-keys", {"keys": two[1:]}), 200)
    assert [key["position"] for key in one["keys"]] == [2]
    assert published(cloud, "store:0101")[("quick_key", 1)].op == "del"
    made(shop.put("/stores/0101/quick-keys", {"keys": two}), 200)
    assert published(cloud, "store:0101")[("quick_key", 1)].ver == 3
    assert shop.put("/stores/0101/quick-keys", {"keys": [two[0], two[0]]}).status_code == 422
    assert shop.put("/stores/0101/quick-keys", {"keys": [{"position": 1, "item_id": 9}]}).status_code == 404


def test_a_store_manager_sees_only_their_own_store_in_lists(shop: Hq, cloud: Cloud) -> None:
    for store in ("0101", "0201"):
        made(shop.post(f"/stores/{store}/tills", {}))
    add_user(cloud, "manager", HqRole.STORE_MANAGER, stores=("0101",))
    manager = sign_in(shop.client, "manager")
    assert [store["store_id"] for store in manager.get("/stores").json()["stores"]] == ["0101"]
    assert [till["store_id"] for till in manager.get("/tills").json()["tills"]] == ["0101"]
    for path in ("/tills", "/sales", "/cases"):
        assert manager.get(path, store_id="0201").json()["code"] == "cloud.other_store", path
