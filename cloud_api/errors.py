"""Refusals as RFC 9457 problem+json: a code for programs, words in both languages for people."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import sqlalchemy.exc
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cloud_api.headers import guard
from cloud_api.problems import MEDIA_TYPE, ApiProblem, from_domain, problem_body
from domain.errors import DomainError

BUSY_RETRY_MS = 1_000
INVALID_FIELDS_MAX = 50

__all__ = ["MEDIA_TYPE", "ApiProblem", "install", "problem_response"]

_LOG = logging.getLogger(__name__)
_CODE_OF_STATUS = {
    400: "cloud.unreadable",
    401: "cloud.not_signed_in",
    403: "cloud.forbidden",
    404: "cloud.no_such_page",
    405: "cloud.no_such_method",
    413: "cloud.too_large",
    415: "cloud.wrong_media_type",
}


def problem_response(problem: ApiProblem, extra: Mapping[str, Any] | None = None) -> JSONResponse:
    """The HTTP answer of a problem; never to be cached."""
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after_ms:
        headers["Retry-After"] = str(-(-problem.retry_after_ms // 1000))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    body = problem_body(problem) | dict(extra or {})
    return JSONResponse(body, problem.status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every failure of the app leave it as problem+json."""
    app.add_exception_handler(ApiProblem, _on_problem)
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(sqlalchemy.exc.IntegrityError, _on_conflict)
    app.add_exception_handler(sqlalchemy.exc.OperationalError, _on_busy)
    app.add_exception_handler(sqlalchemy.exc.TimeoutError, _on_busy)
    app.add_exception_handler(Exception, _on_bug)


def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiProblem)
    # A till whose clock is so wrong that it is refused learns the time from the refusal.
    return problem_response(error, {"server_time": request.app.state.cloud.clock.now_ms()})


def _on_domain_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
    return problem_response(from_domain(error))


def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What was sent is not repeated: it may be a password.
    fields = [
        {"field": ".".join(str(part) for part in found["loc"]), "reason": found["type"]}
        for found in error.errors()[:INVALID_FIELDS_MAX]
    ]
    names = "、".join(field["field"] for field in fields[:3])
    return problem_response(ApiProblem(422, "cloud.invalid", fields=names), {"invalid": fields})


def _on_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    problem = ApiProblem(error.status_code, _CODE_OF_STATUS.get(error.status_code, "cloud.refused"))
    response = problem_response(problem)
    response.headers.update(error.headers or {})
    return response


def _on_conflict(_: Request, error: Exception) -> JSONResponse:
    _LOG.warning("two writers met: %s", type(error).__name__)
    return problem_response(ApiProblem(409, "cloud.conflict"))


def _on_busy(_: Request, error: Exception) -> JSONResponse:
    _LOG.warning("the database did not answer: %s", type(error).__name__)
    return problem_response(ApiProblem(503, "cloud.busy", retry_after_ms=BUSY_RETRY_MS))


def _on_bug(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("unexpected %s in %s %s", type(error).__name__, request.method, request.url.path)
    response = problem_response(ApiProblem(500, "cloud.bug"))
    # This answer is made outside of all middleware.
    behind_tls = request.app.state.cloud.settings.trusted_proxy
    guard(response.headers, by_tls=behind_tls or request.url.scheme == "https")
    return response
