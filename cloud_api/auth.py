"""Who asks, and whether the route lets them: deny by default."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from cloud_api.context import Cloud, the_cloud
from cloud_api.permissions import Permission, Principal
from cloud_api.problems import ApiProblem
from cloud_api.services import sessions

PERMISSION_KEY = "x-permission"
"""Where a route says in OpenAPI what it asks for; a route that says nothing is closed to everybody."""
PUBLIC = "public"

TOKEN_LENGTH_MAX = 200

_bearer = HTTPBearer(auto_error=False, scheme_name="hq", description="Token of POST /v1/hq/login")


def asks(permission: Permission | str) -> dict[str, Any]:
    """``openapi_extra`` of a route that asks for a permission."""
    return {PERMISSION_KEY: str(permission)}


def bearer_token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """The token that the request carries; 401 without one."""
    if credentials is None or not 0 < len(credentials.credentials) <= TOKEN_LENGTH_MAX:
        raise ApiProblem(401, "cloud.not_signed_in")
    return credentials.credentials


def authorise(
    request: Request, cloud: Annotated[Cloud, Depends(the_cloud)], *, token: Annotated[str, Depends(bearer_token)]
) -> Principal:
    """The signed-in user, if the route's permission is theirs and the store in its path is one of theirs."""
    principal = sessions.principal_of(cloud, token)
    if principal is None:
        raise ApiProblem(401, "cloud.not_signed_in")
    asked = (request.scope["route"].openapi_extra or {}).get(PERMISSION_KEY)
    if asked not in set(Permission) or not principal.may(Permission(asked)):
        raise ApiProblem(403, "cloud.forbidden")
    if "store_id" in request.path_params:
        principal.require_store(request.path_params["store_id"])
    if "terminal_id" in request.path_params:
        principal.require_store(request.path_params["terminal_id"].rpartition("-")[0])
    return principal


def client_address(request: Request, cloud: Annotated[Cloud, Depends(the_cloud)]) -> str:
    """Where the request comes from; behind a trusted proxy what that says."""
    forwarded = request.headers.get("x-forwarded-for", "")
    if cloud.settings.trusted_proxy and forwarded:
        return forwarded.rpartition(",")[2].strip()[:64]
    return request.client.host if request.client else "unknown"
