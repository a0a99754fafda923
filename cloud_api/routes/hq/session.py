"""Signing in, out, and one's own password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from cloud_api.auth import PUBLIC, asks, authorise, bearer_token, client_address
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import writing
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import HqRole, Permission, Principal
from cloud_api.routes.hq.answers import problems, refusals
from cloud_api.routes.hq.fields import Answer, Body, Secret, UserName, example
from cloud_api.services import sessions, users
from cloud_api.services.act import Act
from cloud_api.services.passwords import accept_password

open_router = APIRouter(tags=["session"])
router = APIRouter(tags=["session"])


class Login(Body):
    """Who signs in."""

    model_config = example({"user": "hq.buyer", "password": "a long sentence only I know"})
    user: UserName
    password: Secret


class LoggedIn(Answer):
    """The token to send as ``Authorization: Bearer …``."""

    model_config = example(
        {
            "token": "evh_p4Zb…",
            "expires_at_ms": 1780043200000,
            "idle_s": 1800,
            "user_name": "hq.buyer",
            "role": "store_manager",
            "stores": ["0101"],
        }
    )
    token: str
    expires_at_ms: int
    idle_s: int
    user_name: str
    role: HqRole
    stores: list[str] | None = None


class Me(Answer):
    """Who holds the token; ``stores`` null = all."""

    model_config = example({"user_name": "hq.buyer", "role": "store_manager", "stores": ["0101"]})
    user_name: str
    role: HqRole
    stores: list[str] | None = None


class OwnPassword(Body):
    """Old and new password: 12 characters or more, whichever you like."""

    model_config = example({"old": "a long sentence only I know", "new": "another sentence only I know"})
    old: Secret
    new: Secret


@open_router.post(
    "/v1/hq/login", summary="登录 Sign in", openapi_extra=asks(PUBLIC), responses=problems(401, 422, 429, 503)
)
def login(
    body: Login, cloud: Annotated[Cloud, Depends(the_cloud)], *, address: Annotated[str, Depends(client_address)]
) -> LoggedIn:
    """Give a token. Wrong tries slow down by name and by address (429 with Retry-After)."""
    session = sessions.sign_in(cloud, body.user, password=body.password, address=address)
    me = _me(session.principal)
    return LoggedIn(
        token=session.token,
        expires_at_ms=session.expires_at_ms,
        idle_s=cloud.settings.token_idle_s,
        **me.model_dump(),
    )


@router.post(
    "/logout", summary="退出 Sign out", status_code=204, openapi_extra=asks(Permission.SELF), responses=refusals()
)
def logout(cloud: Annotated[Cloud, Depends(the_cloud)], token: Annotated[str, Depends(bearer_token)]) -> Response:
    """End this session at once."""
    with writing(cloud.engine) as connection:
        sessions.sign_out(connection, token)
    return Response(status_code=204)


@router.get("/me", summary="我是谁 Who am I", openapi_extra=asks(Permission.SELF), responses=refusals())
def me(principal: Annotated[Principal, Depends(authorise)]) -> Me:
    """Name, role and stores of who holds the token."""
    return _me(principal)


@router.post(
    "/me/password",
    summary="改自己的密码 Change my password",
    openapi_extra=asks(Permission.SELF),
    response_model=Me,
    responses=refusals(429),
)
def change_password(
    body: OwnPassword,
    call: Annotated[WriteCall, Depends(write_call)],
    *,
    token: Annotated[str, Depends(bearer_token)],
    address: Annotated[str, Depends(client_address)],
) -> Response:
    """Ends all other sessions."""
    if (answer := call.repeated()) is not None:
        return answer  # the old password is none any more
    name = call.principal.user_name
    sessions.prove_password(call.cloud, name, password=body.old, address=address)
    password_hash = accept_password(call.cloud.settings, body.new, user_name=name)

    def change(act: Act) -> Me:
        users.set_password(act, name, password_hash=password_hash, keep_token=token)
        return _me(call.principal)

    return call.run(change, Me)


def _me(principal: Principal) -> Me:
    stores = None if principal.stores is None else sorted(principal.stores)
    return Me(user_name=principal.user_name, role=principal.role, stores=stores)
