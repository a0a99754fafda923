"""The OpenAPI document: FastAPI's own, with our one form of refusal."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from cloud_api.auth import PERMISSION_KEY
from cloud_api.idempotency import HEADER, REPLAYED
from cloud_api.openapi_parameters import tell_parameters
from cloud_api.permissions import Permission
from cloud_api.routes.hq.answers import ProblemAnswer, problems

DESCRIPTION = (
    "恒收云端接口：总部系统用 /v1/hq，收银机用其余 /v1。金额为最小货币单位的整数，数量为千分之一的整数，"
    "时间为 UTC 毫秒。写操作可带 Idempotency-Key；拒绝时返回 problem+json，含代码和中英文说明。\n\n"
    "The Evertill cloud: headquarters' systems use /v1/hq, tills the rest of /v1. Amounts are integers of the "
    "currency's minor unit, quantities integers of thousandths, times UTC milliseconds. Writes take an "
    "Idempotency-Key. Refusals are problem+json (RFC 9457) with a code and words in both languages."
)
_HQ = "/v1/hq"
_TILL = "till"
_REPLAYED = {
    REPLAYED: {
        "description": "true：这是第一次的答复，这次没有再做 true: the first answer again, nothing was done anew",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    }
}
_DEFAULT_REFUSALS = ("HTTPValidationError", "ValidationError")


def document(app: FastAPI) -> dict[str, Any]:
    """The document of the app's routes, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
        models = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in _DEFAULT_REFUSALS:
            models.pop(name, None)
        problem = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
        models |= problem.pop("$defs", {}) | {"ProblemAnswer": problem}
        schemes = schema["components"].setdefault("securitySchemes", {})
        schemes[_TILL] = {"type": "http", "scheme": "bearer", "description": "Token of POST /v1/token"}
        for methods in schema["paths"].values():
            for operation in methods.values():
                _speak_as_problems(operation)
                if operation.get(PERMISSION_KEY) == _TILL:
                    operation["security"] = [{_TILL: []}]
                elif operation.get(PERMISSION_KEY) == Permission.QUOTE:
                    operation["security"] = [*operation["security"], {_TILL: []}]
        for operation in _operations(schema):
            _add_refusals_of_writes(operation)
            _tell_of_repeats(operation)
        tell_parameters(schema["paths"])
        app.openapi_schema = schema
    return app.openapi_schema


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in schema["paths"].items():
        if path.startswith(_HQ):
            yield from methods.values()


def _speak_as_problems(operation: dict[str, Any]) -> None:
    """FastAPI gives every route with a parameter its own form of 422 unless the route has one: here it is ours."""
    refusal = operation["responses"].get("422", {})
    if any("ValidationError" in str(content) for content in refusal.get("content", {}).values()):
        operation["responses"]["422"] = problems(422)[422]


def _add_refusals_of_writes(operation: dict[str, Any]) -> None:
    """What every route with a key or a body may answer besides its own refusals."""
    statuses = [409] if _takes_a_key(operation) else []
    if "requestBody" in operation:
        statuses += [400, 413]
    for status, described in problems(*statuses).items():
        operation["responses"].setdefault(str(status), described)


def _tell_of_repeats(operation: dict[str, Any]) -> None:
    """A route that takes a key says by a header of its answer that it has answered before."""
    if _takes_a_key(operation):
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                answer["headers"] = _REPLAYED


def _takes_a_key(operation: dict[str, Any]) -> bool:
    return any(parameter["name"] == HEADER.lower() for parameter in operation.get("parameters", []))
