"""Random requests made from the interface's own description: no 5xx, no answer that the description does not know."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.cloud_api.hq import Hq

EXAMPLES, EXAMPLES_LONG = 3, 200
SEED = 20_261_122
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_OUT = ("/v1/live", "/v1/b/", "/v1/snap/", "/v1/up", "/v1/hello", "/v1/hq/logout", "/v1/hq/users/{user_name}")
"""What tills call is proved with tills; signing out and changing the fuzzing user would end the fuzzing."""

modes = pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfit"])


@modes
def test_random_requests_find_no_hole(shop: Hq, app: FastAPI, *, mode: GenerationMode) -> None:
    assert fuzz_all(shop, app, mode=mode, examples=EXAMPLES) > 40


@pytest.mark.long
@modes
def test_many_random_requests_find_no_hole(shop: Hq, app: FastAPI, *, mode: GenerationMode) -> None:
    assert fuzz_all(shop, app, mode=mode, examples=EXAMPLES_LONG) > 40


def fuzz_all(shop: Hq, app: FastAPI, *, mode: GenerationMode, examples: int) -> int:
    """Fuzz every operation; how many there were."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    wanted = [operation for operation in operations if not operation.path.startswith(LEFT_OUT)]
    if mode is GenerationMode.NEGATIVE:  # where nothing is asked for, nothing can be wrong
        wanted = [operation for operation in wanted if operation.body or list(operation.iter_parameters())]
    for operation in wanted:
        fuzz(operation, mode, headers={"Authorization": f"Bearer {shop.token}"}, examples=examples)
    return len(wanted)


def fuzz(operation: Any, mode: GenerationMode, *, headers: dict[str, str], examples: int) -> None:
    """Send so many requests to one operation and check each answer."""

    @seed(SEED)
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()
