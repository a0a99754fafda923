"""Staff at a store's tills."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from cloud_api.auth import asks
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, Flag, InStore, Name, OperatorId, example
from cloud_api.services import staff
from domain.permissions import Role

router = APIRouter(tags=["staff"])
OfOperator = Annotated[OperatorId, Path()]
_OPERATOR: dict[str, Any] = {
    "store_id": "0101",
    "operator_id": "1001",
    "name": "收银员 1001",
    "role": "cashier",
    "active": True,
    "ver": 1,
    "created_at_ms": 1780000000000,
}


class Operator(Answer):
    """A person at a store's tills."""

    model_config = example(_OPERATOR)
    store_id: str
    operator_id: str
    name: str
    role: Role
    active: bool
    ver: int
    created_at_ms: int


class OperatorWithPin(Operator):
    """A person with the PIN, shown only now."""

    model_config = example(_OPERATOR | {"pin": "408153"})
    pin: str


class Operators(Answer):
    """The staff of a store."""

    model_config = example({"staff": [_OPERATOR]})
    staff: list[Operator]


class OperatorNew(Body):
    """A new person; the PIN is made by the cloud."""

    model_config = example({"operator_id": "1001", "name": "收银员 1001", "role": "cashier"})
    operator_id: OperatorId
    name: Name
    role: Role


class OperatorChange(Body):
    """What to change."""

    model_config = example({"active": False})
    name: Name | None = None
    role: Role | None = None
    active: Flag | None = None


@router.get(
    "/stores/{store_id}/staff",
    summary="员工列表 List staff",
    openapi_extra=asks(Permission.STAFF_READ),
    responses=refusals(404),
)
def list_staff(store_id: InStore, cloud: Annotated[Cloud, Depends(the_cloud)]) -> Operators:
    """The staff of a store, also who is disabled."""
    with reading(cloud.engine) as connection:
        return Operators.model_validate({"staff": staff.list_staff(connection, store_id)})


@router.post(
    "/stores/{store_id}/staff",
    summary="新建员工 Create a person",
    status_code=201,
    openapi_extra=asks(Permission.STAFF_WRITE),
    response_model=OperatorWithPin,
    responses=refusals(404, 409),
)
def create_operator(
    store_id: InStore, body: OperatorNew, *, call: Annotated[WriteCall, Depends(write_call)]
) -> Response:
    """Answers with a random six-digit PIN: hand it over in person, it is not shown again."""
    values = body.model_dump(mode="json")
    return call.run(lambda act: staff.create_operator(act, store_id, values), OperatorWithPin, status=201)


@router.patch(
    "/stores/{store_id}/staff/{operator_id}",
    summary="修改员工 Change a person",
    openapi_extra=asks(Permission.STAFF_WRITE),
    response_model=Operator,
    responses=refusals(404),
)
def update_operator(
    store_id: InStore,
    operator_id: OfOperator,
    *,
    body: OperatorChange,
    call: Annotated[WriteCall, Depends(write_call)],
) -> Response:
    """Name, role, active; the store's tills follow at once."""
    changes = body.model_dump(mode="json", exclude_none=True)
    return call.run(lambda act: staff.update_operator(act, store_id, operator_id, changes=changes), Operator)


@router.post(
    "/stores/{store_id}/staff/{operator_id}/pin",
    summary="重置 PIN Reset a PIN",
    status_code=201,
    openapi_extra=asks(Permission.STAFF_WRITE),
    response_model=OperatorWithPin,
    responses=refusals(404),
)
def reset_pin(
    store_id: InStore, operator_id: OfOperator, *, call: Annotated[WriteCall, Depends(write_call)]
) -> Response:
    """A new random PIN, shown only now."""
    return call.run(lambda act: staff.reset_pin(act, store_id, operator_id), OperatorWithPin, status=201)
