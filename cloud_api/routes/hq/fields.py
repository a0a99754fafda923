"""The kinds of fields that HQ's bodies and answers are made of, with their limits."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cloud_api.services.paging import LIMIT_DEFAULT, LIMIT_MAX
from domain.money import MAX_MINOR

SAFE_INTEGER = 2**53 - 1
"""Above it JSON readers in browsers lose digits."""
LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"


class Body(BaseModel):
    """What a caller sends: a field that is not known is an error, never ignored."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(extra="ignore")


def example(data: dict[str, Any]) -> ConfigDict:
    """The model's configuration with an example for OpenAPI."""
    return ConfigDict(json_schema_extra={"examples": [data]})


def _text(least: int, most: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=least, max_length=most, pattern=_NO_CONTROL)


Name = Annotated[str, _text(1, 80)]
Label = Annotated[str, _text(0, 80)]
Note = Annotated[str, _text(1, 500)]
Footer = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]
"""May have several lines."""
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
UserName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$")]
StoreId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}$")]
TerminalId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}-[1-9][0-9]{0,2}$")]
OperatorId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,16}$")]
ShortId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.-]{1,32}$")]
"""Divisions, zones, departments, taxes."""
Sku = Annotated[str, _text(1, 64)]
Code = Annotated[str, _text(1, 64)]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F-]{1,40}$")]
Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

Flag = Annotated[bool, Field(strict=True)]
Minor = Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)]
Millis = Annotated[int, Field(strict=True, ge=0, le=LATEST_MS)]
ItemId = Annotated[int, Field(strict=True, ge=1, le=SAFE_INTEGER)]
Pack = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
Position = Annotated[int, Field(strict=True, ge=0, le=9999)]
Version = Annotated[int, Field(strict=True, ge=1, le=SAFE_INTEGER)]

InStore = Annotated[StoreId, Path()]
OfTerminal = Annotated[TerminalId, Path()]
OfItem = Annotated[int, Path(ge=1, le=SAFE_INTEGER)]
OfCase = Annotated[int, Path(ge=1, le=SAFE_INTEGER)]
OfDivision = Annotated[ShortId, Query()]


class Status(StrEnum):
    """Whether an item may be sold."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    RETIRED = "retired"


class Paging(Body):
    """Which page of a list: pass ``next`` of the last answer as ``after``."""

    after: Annotated[int, Field(ge=1, le=SAFE_INTEGER)] | None = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT
