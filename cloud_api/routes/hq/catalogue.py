"""Departments and taxes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from cloud_api.auth import asks
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, Label, Name, OfDivision, Position, ShortId, example
from cloud_api.services import catalogue

router = APIRouter(tags=["catalogue"])
_DEPARTMENT: dict[str, Any] = {"name_zh": "饮料", "name_en": "Drinks", "position": 2}
_TAX: dict[str, Any] = {"rate_bp": 1300, "name_zh": "增值税 13%", "name_en": "VAT 13%"}
OfDepartment = Annotated[ShortId, Path()]
OfTax = Annotated[ShortId, Path()]


class DepartmentBody(Body):
    """A department as it is to be."""

    model_config = example(_DEPARTMENT)
    name_zh: Name
    name_en: Label = ""
    position: Position = 0


class Department(Answer):
    """A group of goods."""

    model_config = example({"department_id": "drinks", "ver": 1} | _DEPARTMENT)
    department_id: str
    name_zh: str
    name_en: str
    position: int
    ver: int


class Departments(Answer):
    """Departments in the order of the tiles."""

    model_config = example({"departments": [{"department_id": "drinks", "ver": 1} | _DEPARTMENT]})
    departments: list[Department]


class TaxBody(Body):
    """A tax as it is to be; ``rate_bp`` in hundredths of a percent, contained in the price."""

    model_config = example(_TAX)
    rate_bp: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    name_zh: Name
    name_en: Label = ""


class Tax(Answer):
    """A tax."""

    model_config = example({"tax_code": "vat13", "ver": 1} | _TAX)
    tax_code: str
    rate_bp: int
    name_zh: str
    name_en: str
    ver: int


class Taxes(Answer):
    """Taxes by code."""

    model_config = example({"taxes": [{"tax_code": "vat13", "ver": 1} | _TAX]})
    taxes: list[Tax]


@router.get(
    "/departments",
    summary="部门列表 List departments",
    openapi_extra=asks(Permission.CATALOGUE_READ),
    responses=refusals(),
)
def list_departments(
    cloud: Annotated[Cloud, Depends(the_cloud)], division: OfDivision = catalogue.DIVISION
) -> Departments:
    """Departments in the order of the tiles."""
    with reading(cloud.engine) as connection:
        return Departments.model_validate({"departments": catalogue.list_departments(connection, division)})


@router.put(
    "/departments/{department_id}",
    summary="建或改部门 Put a department",
    openapi_extra=asks(Permission.CATALOGUE_WRITE),
    response_model=Department,
    responses=refusals(409),
)
def put_department(
    department_id: OfDepartment,
    body: DepartmentBody,
    *,
    call: Annotated[WriteCall, Depends(write_call)],
    division: OfDivision = catalogue.DIVISION,
) -> Response:
    """Create it or change it."""
    values = body.model_dump() | {"department_id": department_id}
    return call.run(lambda act: catalogue.put_department(act, division, values), Department)


@router.get(
    "/taxes", summary="税率列表 List taxes", openapi_extra=asks(Permission.CATALOGUE_READ), responses=refusals()
)
def list_taxes(cloud: Annotated[Cloud, Depends(the_cloud)], division: OfDivision = catalogue.DIVISION) -> Taxes:
    """Taxes by code."""
    with reading(cloud.engine) as connection:
        return Taxes.model_validate({"taxes": catalogue.list_taxes(connection, division)})


@router.put(
    "/taxes/{tax_code}",
    summary="建或改税率 Put a tax",
    openapi_extra=asks(Permission.CATALOGUE_WRITE),
    response_model=Tax,
    responses=refusals(409),
)
def put_tax(
    tax_code: OfTax,
    body: TaxBody,
    *,
    call: Annotated[WriteCall, Depends(write_call)],
    division: OfDivision = catalogue.DIVISION,
) -> Response:
    """Create it or change it; sales keep the rate they were made with."""
    values = body.model_dump() | {"tax_code": tax_code}
    return call.run(lambda act: catalogue.put_tax(act, division, values), Tax)
