"""Users of headquarters; for administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from cloud_api.auth import asks
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_rows import Row
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import HqRole, Permission
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, Flag, Secret, StoreId, UserName, example
from cloud_api.services import users
from cloud_api.services.act import Act
from cloud_api.services.passwords import accept_password

router = APIRouter(tags=["users"])
OfUser = Annotated[UserName, Path()]
_USER = {
    "user_name": "hq.buyer",
    "role": "store_manager",
    "active": True,
    "stores": ["0101"],
    "created_at_ms": 1780000000000,
    "password_at_ms": 1780000000000,
}


class User(Answer):
    """A user; ``stores`` bind a store manager and are empty for the other roles, who see all."""

    model_config = example(_USER)
    user_name: str
    role: HqRole
    active: bool
    stores: list[str]
    created_at_ms: int
    password_at_ms: int


class Users(Answer):
    """All users."""

    model_config = example({"users": [_USER]})
    users: list[User]


class UserNew(Body):
    """A new user."""

    model_config = example(
        {"user_name": "hq.buyer", "password": "a long first sentence", "role": "store_manager", "stores": ["0101"]}
    )
    user_name: UserName
    password: Secret
    role: HqRole
    stores: tuple[StoreId, ...] = ()


class UserChange(Body):
    """What to change; what is left out stays."""

    model_config = example({"active": False})
    role: HqRole | None = None
    active: Flag | None = None
    stores: list[StoreId] | None = None


class UserPassword(Body):
    """A new password."""

    model_config = example({"password": "a long other sentence"})
    password: Secret


@router.get("/users", summary="用户列表 List users", openapi_extra=asks(Permission.USER_MANAGE), responses=refusals())
def list_users(cloud: Annotated[Cloud, Depends(the_cloud)]) -> Users:
    """All users by name."""
    with reading(cloud.engine) as connection:
        return Users.model_validate({"users": users.list_users(connection)})


@router.post(
    "/users",
    summary="新建用户 Create a user",
    status_code=201,
    openapi_extra=asks(Permission.USER_MANAGE),
    response_model=User,
    responses=refusals(404, 409),
)
def create_user(body: UserNew, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Password of 12 characters or more; no rule what they are."""
    password_hash = accept_password(call.cloud.settings, body.password, user_name=body.user_name)

    def create(act: Act) -> Row:
        return users.create_user(act, body.user_name, password_hash=password_hash, role=body.role, stores=body.stores)

    return call.run(create, User, status=201)


@router.patch(
    "/users/{user_name}",
    summary="修改用户 Change a user",
    openapi_extra=asks(Permission.USER_MANAGE),
    response_model=User,
    responses=refusals(404, 409),
)
def update_user(user_name: OfUser, body: UserChange, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Role, stores, active; ends the user's sessions at once."""
    changes = body.model_dump(exclude_none=True)
    return call.run(lambda act: users.update_user(act, user_name, changes), User)


@router.post(
    "/users/{user_name}/password",
    summary="重置密码 Set a user's password",
    openapi_extra=asks(Permission.USER_MANAGE),
    response_model=User,
    responses=refusals(404),
)
def set_password(user_name: OfUser, body: UserPassword, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Ends the user's sessions at once."""
    password_hash = accept_password(call.cloud.settings, body.password, user_name=user_name)
    return call.run(lambda act: users.set_password(act, user_name, password_hash=password_hash), User)


@router.post(
    "/users/{user_name}/logout",
    summary="强制退出 End a user's sessions",
    openapi_extra=asks(Permission.USER_MANAGE),
    response_model=User,
    responses=refusals(404),
)
def end_sessions(user_name: OfUser, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """All sessions of the user end at once."""
    return call.run(lambda act: users.end_sessions(act, user_name), User)
