"""Reading what the tills' routes answer."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.testclient import TestClient

from sync.messages import BucketHead, Hello, Problem
from tests.cloud_api.sync.shop import TestTill


def read(answer: Any, kind: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return msgspec.json.decode(answer.content, type=kind)


def check_refused(answer: Any, status: int, code: str) -> Problem:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: Problem = msgspec.json.decode(answer.content, type=Problem)
    assert (problem.status, problem.code) == (status, code)
    assert problem.text_zh
    assert problem.text_en
    return problem


def head_of(client: TestClient, pass_: dict[str, str], bucket: str) -> BucketHead:
    hello: Hello = read(client.get("/v1/hello", headers=pass_), Hello)
    return next(head for head in hello.buckets if head.b == bucket)


def up_body(till: TestTill, **changes: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(till.batch(), **changes))
