"""The intake's door: who finds it full is told when to come back, and is let in once there is room."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from cloud_api.problems import ApiProblem
from cloud_api.services.background import Background
from cloud_api.services.intake.door import COME_BACK_MS, Door
from sync.messages import UpAck
from tests.cloud_api.sync.shop import TestTill
from tests.cloud_api.sync.wire import check_refused, read, up_body


def test_a_full_house_lets_nobody_in_and_forgets_nobody_who_left() -> None:
    door = Door(most=2)
    with door.passed():
        with door.passed(), pytest.raises(ApiProblem, match="busy"), door.passed():
            raise AssertionError("let in")
        door.check()
    with pytest.raises(KeyError), door.passed():
        raise KeyError
    with door.passed(), door.passed(), pytest.raises(ApiProblem):
        door.check()


def test_an_upload_that_finds_it_full_comes_back(
    client: TestClient, pass_: dict[str, str], background: Background, till: TestTill
) -> None:
    till.sell()
    body = up_body(till)
    background.upload_door = Door(most=0)
    refused = client.post("/v1/up", content=body, headers=pass_)
    assert check_refused(refused, 503, "cloud.busy").retry_after_ms == COME_BACK_MS
    assert refused.headers["retry-after"] == "2"
    background.upload_door = Door(most=1)
    for _ in range(2):
        ack: UpAck = read(client.post("/v1/up", content=body, headers=pass_), UpAck)
        assert ack.seq == 1
