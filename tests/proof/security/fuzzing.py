"""Random requests made from the interface's own description, sent under every role."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cloud_api.services import sessions
from tests.cloud_api.hq import PASSWORD
from tests.cloud_api.matrix import BOTH, HQ, PUBLIC
from tests.cloud_api.matrix import TILL as TILL_ROUTES
from tests.proof.security.estate import NOBODY, ROLES, TILL, Estate

SEED = 20_261_122
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ADMIN = "admin"
OWN_ADDRESS = "192.0.2.7"
ENDLESS = "/v1/live"
"""A stream without an end for a till, or with ``wait`` an answer after so many seconds; others are refused."""
MODES = {"fitting": GenerationMode.POSITIVE, "unfit": GenerationMode.NEGATIVE}
REFUSALS = {400, 401, 403, 405, 413, 415, 422}
"""What somebody without the right may get: his request is not read, or not obeyed; never 404 or 409, which tell."""


@dataclass
class Fuzzer:
    """One run over the whole document; ``found`` holds each failure with the request that made it."""

    estate: Estate
    examples: int
    mode: GenerationMode
    sent: int = 0
    found: list[str] = field(default_factory=list)

    def run(self) -> int:
        """Fuzz every operation; how many there were."""
        wanted = list(self.operations())
        for operation in wanted:
            self.fuzz(operation)
        return len(wanted)

    def operations(self) -> Iterator[Any]:
        schema = schemathesis.openapi.from_asgi("/openapi.json", self.estate.app)
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            # Where nothing is asked for, nothing can be wrong.
            if self.mode is GenerationMode.POSITIVE or operation.body or list(operation.iter_parameters()):
                yield operation

    def fuzz(self, operation: Any) -> None:
        """So many requests to one operation, each under every role, the one that may call it last."""
        name = f"{operation.method.upper()} {operation.path}"

        @seed(SEED)
        @settings(
            max_examples=self.examples, suppress_health_check=list(HealthCheck), phases=[Phase.generate], database=None
        )
        @given(case=operation.as_strategy(generation_mode=self.mode))
        def send(case: schemathesis.Case[Any]) -> None:
            for role in sorted(ROLES, key=lambda role: may(role, name)):
                self.call(case, name, role)

        send()

    def call(self, case: schemathesis.Case[Any], name: str, role: str) -> Any:
        """One request under one role; its answer is judged."""
        if role == TILL and case.operation.path == ENDLESS:
            case.query = {**(case.query or {}), "wait": soon((case.query or {}).get("wait", 0))}
        answer = case.call(headers=self.estate.headers(role))
        if answer.status_code == 401 and may(role, name) and role not in (NOBODY, TILL):
            # The fuzzing has signed him out. He comes by another address: that of the fuzzing is locked for guessing.
            session = sessions.sign_in(self.estate.cloud, f"a.{role}", password=PASSWORD, address=OWN_ADDRESS)
            self.estate.tokens[role] = session.token
            answer = case.call(headers=self.estate.headers(role))
        self.sent += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            self.found += [f"{name} as {role}: {one.title}: {one.message}" for one in group.exceptions]
        if not may(role, name) and answer.status_code not in REFUSALS:
            self.found.append(f"{name} as {role}: let in with {answer.status_code}")
        return answer


@dataclass
class Chain(Fuzzer):
    """Requests that build on each other: what answers named is asked for, changed and taken away again.

    (A state machine of schemathesis, run by hypothesis, wants a fresh cloud for each chain: it sees rules that an
    earlier chain made possible as flaky. Here the state is kept on purpose.)
    """

    known: dict[str, list[Any]] = field(default_factory=dict)
    good: int = 0

    def round(self, number: int) -> None:
        """One request to each operation, in another order each time."""
        chance = random.Random(SEED + number)
        operations = list(self.operations())
        for operation in chance.sample(operations, len(operations)):
            self.step(operation, chance)

    def step(self, operation: Any, chance: random.Random) -> None:
        name = f"{operation.method.upper()} {operation.path}"
        role = next((one for one in (ADMIN, TILL, NOBODY) if may(one, name)), NOBODY)

        @seed(chance.randrange(2**32))
        @settings(max_examples=1, suppress_health_check=list(HealthCheck), phases=[Phase.generate], database=None)
        @given(case=operation.as_strategy(generation_mode=self.mode))
        def send(case: schemathesis.Case[Any]) -> None:
            for part in (case.path_parameters, case.query, case.body):
                if isinstance(part, dict):
                    self.fill(part, chance)
            answer = self.call(case, name, role)
            if answer.status_code < 300:
                self.good += 1
                self.learn(answer)

        send()

    def fill(self, part: dict[str, Any], chance: random.Random) -> None:
        """Put what is known in the place of what was made up, mostly."""
        for name in part:
            if name in self.known and chance.random() < 0.8:
                part[name] = chance.choice(self.known[name])

    def learn(self, answer: Any) -> None:
        """Remember every value of an answer by its name; the fuzzing's own account is left alone."""
        waiting = [answer.json()] if "json" in answer.headers.get("content-type", [""])[0] else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                waiting += [value for value in node.values() if isinstance(value, dict | list)]
                for name, value in node.items():
                    if isinstance(value, str | int) and value not in ("", f"a.{ADMIN}"):
                        self.known[name] = [*self.known.get(name, [])[-30:], value]


def soon(wait: Any) -> Any:
    """A wait that ends: no stream, no minute; what is no number of seconds stays what it is."""
    if not str(wait).isdecimal():
        return wait
    return min(int(wait), 1) or "x"


def may(role: str, route: str) -> bool:
    """Whether the matrix lets the role in; a store manager may, for a store of his own."""
    if route in PUBLIC:
        return True
    if route in TILL_ROUTES:
        return role == TILL
    if route in BOTH:
        return role != NOBODY
    return route in HQ and role in HQ[route].roles
