"""What a template asks for: named parameters, each with its unit and bounds, checked when they are given."""

import dataclasses
import typing
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from domain.errors import DomainError
from domain.promotions.benefits import ALL_BP, MAX_COUNT, MAX_TIMES_THOUSANDTHS, BundlePart, Step
from domain.promotions.conditions import DAY_MINUTES
from domain.promotions.rule import Rule
from domain.promotions.scope import ALL_GOODS, Scope

MAX_AMOUNT_MINOR = 10**9


class Unit(StrEnum):
    """What a parameter is counted in."""

    MONEY = "money"
    """Minor units of the book's currency."""
    PERCENT = "percent"
    """Percent off, in basis points; as JSON a decimal text."""
    COUNT = "count"
    TIMES = "times"
    """In thousandths; as JSON a decimal text."""
    MINUTE = "minute"
    """Minute of the day in the store's own time."""
    WEEKDAYS = "weekdays"
    MONTH_DAYS = "month_days"
    GOODS = "goods"
    SPEND_STEPS = "spend_steps"
    PIECES_STEPS = "pieces_steps"
    PARTS = "parts"
    MEMBER_TIERS = "member_tiers"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Form:
    """The unit of a parameter and the least and the most that it may be, or that its members may be."""

    unit: Unit
    least: int = 0
    most: int = 0


Amount = Annotated[int, Form(Unit.MONEY, 1, MAX_AMOUNT_MINOR)]
Price = Annotated[int, Form(Unit.MONEY, 0, MAX_AMOUNT_MINOR)]
Threshold = Annotated[int, Form(Unit.MONEY, 0, MAX_AMOUNT_MINOR)]
Cap = Annotated[int | None, Form(Unit.MONEY, 1, MAX_AMOUNT_MINOR)]
Percent = Annotated[int, Form(Unit.PERCENT, 1, ALL_BP)]
Count = Annotated[int, Form(Unit.COUNT, 1, MAX_COUNT)]
GroupSize = Annotated[int, Form(Unit.COUNT, 2, MAX_COUNT)]
AtMost = Annotated[int | None, Form(Unit.COUNT, 1, MAX_COUNT)]
Times = Annotated[int, Form(Unit.TIMES, 1_001, MAX_TIMES_THOUSANDTHS)]
FromMinute = Annotated[int, Form(Unit.MINUTE, 0, DAY_MINUTES - 1)]
UntilMinute = Annotated[int, Form(Unit.MINUTE, 1, DAY_MINUTES)]
Weekdays = Annotated[frozenset[int], Form(Unit.WEEKDAYS, 1, 7)]
MonthDays = Annotated[frozenset[int], Form(Unit.MONTH_DAYS, 1, 31)]
Goods = Annotated[Scope, Form(Unit.GOODS)]
SpendSteps = Annotated[tuple[Step, ...], Form(Unit.SPEND_STEPS)]
PiecesSteps = Annotated[tuple[Step, ...], Form(Unit.PIECES_STEPS)]
Parts = Annotated[tuple[BundlePart, ...], Form(Unit.PARTS)]
MemberTiers = Annotated[frozenset[str], Form(Unit.MEMBER_TIERS)]
Days = Annotated[int, Form(Unit.DAYS, 0, 100)]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a template; its names are the text ``template.parameter.<name>``."""

    name: str
    form: Form
    required: bool


@dataclass(frozen=True, slots=True)
class Template(ABC):
    """A kind of promotion with its parameters filled in; its name is the text ``template.<ID>``.

    ``domain.strict_json`` reads and writes it: ``from_data(SpendSave, {"spend_minor": 20000, "amount_minor": 5000})``.
    """

    ID: ClassVar[str]

    def __post_init__(self) -> None:
        for parameter in parameters_of(type(self)):
            value = getattr(self, parameter.name)
            if not _fits(value, parameter):
                raise DomainError(
                    "rules.parameter_out_of_range",
                    parameter=parameter.name,
                    least=parameter.form.least,
                    most=parameter.form.most,
                )

    @abstractmethod
    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The rule of these parameters, to be named and placed among others."""


def parameters_of(template: type[Template]) -> tuple[Parameter, ...]:
    """What a template asks for, in order."""
    hints: dict[str, Any] = typing.get_type_hints(template, include_extras=True)
    return tuple(
        Parameter(field.name, hints[field.name].__metadata__[0], field.default is dataclasses.MISSING)
        for field in dataclasses.fields(template)
    )


def _fits(value: Any, parameter: Parameter) -> bool:
    form = parameter.form
    if form.unit is Unit.GOODS and parameter.required:
        return bool(value != ALL_GOODS)
    if not form.most or value is None:
        return True
    members = value if isinstance(value, frozenset) else (value,)
    return all(form.least <= member <= form.most for member in members)
