"""Random requests under every role find no 5xx, no answer that the description does not know, no open door (S2)."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import Response
from schemathesis import GenerationMode

from tests.proof.security.estate import Estate
from tests.proof.security.fuzzing import MODES, Chain, Fuzzer

SHORT, LONG, ROUNDS = 1, 200, 40
FIRST = "ready_database_url"
both_modes = pytest.mark.parametrize("mode", MODES.values(), ids=MODES)


@both_modes
def test_random_requests_of_everybody_find_no_hole(estate: Estate, mode: GenerationMode) -> None:
    fuzzer = Fuzzer(estate, SHORT, mode)
    assert fuzzer.run() > 40
    assert not fuzzer.found
    assert fuzzer.sent > 300


def test_requests_that_build_on_each_other_find_no_hole(estate: Estate) -> None:
    chain = Chain(estate, 1, GenerationMode.POSITIVE)
    chain.round(0)
    assert not chain.found


@pytest.mark.long
@pytest.mark.timeout(3600)
@both_modes
@pytest.mark.parametrize(
    ("ready_database_url", "examples"), [("sqlite", LONG), ("postgresql", LONG // 5)], indirect=[FIRST]
)
def test_many_random_requests_of_everybody_find_no_hole(estate: Estate, mode: GenerationMode, examples: int) -> None:
    fuzzer = Fuzzer(estate, examples, mode)
    assert fuzzer.run() > 40
    assert not fuzzer.found


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ready_database_url", ["sqlite", "postgresql"], indirect=True)
def test_long_chains_of_requests_find_no_hole(estate: Estate) -> None:
    chain = Chain(estate, 1, GenerationMode.POSITIVE)
    for number in range(ROUNDS):
        chain.round(number)
    assert not chain.found
    assert chain.good > chain.sent // 3, "most did something"


# --- The proof can go red ------------------------------------------------------------------------------


def plant(estate: Estate, endpoint: Any) -> list[str]:
    """What is found in a cloud whose list of items is served by somebody else's code."""
    estate.app.router.routes.insert(0, *_route(estate, endpoint))
    return found_at_items(estate)


def _route(estate: Estate, endpoint: Any) -> list[Any]:
    estate.app.add_api_route("/v1/hq/items", endpoint, methods=["GET"], include_in_schema=False)
    return [estate.app.router.routes.pop()]


def found_at_items(estate: Estate) -> list[str]:
    fuzzer = Fuzzer(estate, SHORT, GenerationMode.POSITIVE)
    operation = next(one for one in fuzzer.operations() if (one.method, one.path) == ("get", "/v1/hq/items"))
    fuzzer.fuzz(operation)
    return fuzzer.found


def test_the_items_are_sound_before_anything_is_planted(estate: Estate) -> None:
    assert found_at_items(estate) == []


def test_an_open_door_is_seen(estate: Estate) -> None:
    def nobody_asks() -> dict[str, Any]:
        return {"items": [], "next": None}

    assert any("as nobody: let in with 200" in one for one in plant(estate, nobody_asks))


def test_an_answer_of_another_form_is_seen(estate: Estate) -> None:
    def another_form() -> dict[str, Any]:
        return {"items": "none"}

    assert any("schema" in one.lower() for one in plant(estate, another_form))


def test_a_failure_of_the_cloud_is_seen(estate: Estate) -> None:
    def failing() -> Response:
        return Response(status_code=500)

    assert any("Server error" in one for one in plant(estate, failing))
