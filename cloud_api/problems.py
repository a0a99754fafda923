"""What the cloud refuses: a status, a code of the catalogue, and its words in both languages."""

from typing import Any

from domain.errors import DomainError, NotFound, NotPermitted
from resources.texts import error_text, has_error

MEDIA_TYPE = "application/problem+json"


class ApiProblem(Exception):
    """Answer a request with ``status`` and an error code of the catalogue, whose words may name ``params``."""

    def __init__(self, status: int, code: str, *, retry_after_ms: int = 0, **params: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after_ms = retry_after_ms
        self.params = params


def problem_body(problem: ApiProblem) -> dict[str, Any]:
    """The members of the problem document; ``sync.messages.Problem`` reads them."""
    code = problem.code if has_error(problem.code) else "cloud.refused"
    chinese, english = (error_text(code, language, problem.params) for language in ("zh", "en"))
    body: dict[str, Any] = {
        "type": f"urn:evertill:problem:{problem.code}",
        "title": english.what,
        "status": problem.status,
        "code": problem.code,
        "detail": english.do,
        "text_zh": str(chinese),
        "text_en": str(english),
    }
    if problem.retry_after_ms:
        body["retry_after_ms"] = problem.retry_after_ms
    return body


def from_domain(error: DomainError) -> ApiProblem:
    """The problem that a refusal of the rules becomes."""
    status = 404 if isinstance(error, NotFound) else 403 if isinstance(error, NotPermitted) else 409
    problem = ApiProblem(status, error.code)
    problem.params = error.params
    return problem


def unfit(error: DomainError) -> ApiProblem:
    """The problem of a document that a request brought and that the rules cannot read or forbid."""
    problem = ApiProblem(422, error.code)
    problem.params = error.params
    return problem
