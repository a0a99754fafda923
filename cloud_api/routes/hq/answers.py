"""What OpenAPI says of refusals, the same for every route."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from cloud_api.errors import MEDIA_TYPE

_MEANINGS = {
    400: "读不懂 cannot be read",
    401: "未登录 not signed in",
    403: "角色或门店不允许 the role or the store does not allow it",
    404: "找不到 not there",
    409: "与现状冲突，或幂等键换了内容 in conflict with what is, or the idempotency key came with another body",
    413: "太大 too large",
    422: "内容不符合要求 the content does not fit",
    429: "太频繁，见 Retry-After too often, see Retry-After",
    503: "暂时忙，见 Retry-After busy, see Retry-After",
}


class InvalidField(BaseModel):
    """One field that does not fit."""

    field: str
    reason: str


class ProblemAnswer(BaseModel):
    """RFC 9457 problem+json with our code and words in both languages."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:evertill:problem:cloud.forbidden",
                    "title": "Your role does not allow this",
                    "status": 403,
                    "code": "cloud.forbidden",
                    "detail": "Ask an administrator",
                    "text_zh": "您的角色不能做这件事 没有任何更改 请联系管理员",
                    "text_en": "Your role does not allow this Nothing was changed Ask an administrator",
                }
            ]
        }
    )
    type: str
    title: str
    status: int
    code: str
    detail: str
    text_zh: str
    text_en: str
    retry_after_ms: int | None = None
    invalid: list[InvalidField] | None = None


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: the given statuses and those that every signed-in route may answer."""
    return problems(401, 403, 422, 503, *statuses)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with these problems."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in sorted(set(statuses))}
