"""The templates that HQ makes rules of, with what each asks for."""

from typing import Any

from cloud_api.db.master_rows import Row
from cloud_api.problems import unfit
from domain.errors import DomainError
from domain.promotions.templates.catalogue import ALL_TEMPLATES, template_from_data
from domain.promotions.templates.parameters import parameters_of
from domain.strict_json import to_data
from resources.texts import LANGUAGES, text


def list_templates() -> list[Row]:
    """All templates in HQ's order, each with its parameters for a form."""
    return [{"template_id": one.ID, **_names(one.ID), "parameters": _parameters(one)} for one in ALL_TEMPLATES]


def rule_data(template_id: str, parameters: Any, *, rule_id: str) -> Row:
    """The rule of a template as JSON data; 422 where a parameter does not fit."""
    try:
        return to_data(template_from_data(template_id, parameters).rule(rule_id))
    except DomainError as error:
        raise unfit(error) from error


def _parameters(template: Any) -> list[Row]:
    return [
        {
            "name": one.name.removesuffix("_bp").removesuffix("_thousandths"),
            **_names(f"parameter.{one.name}"),
            "unit": one.form.unit.value,
            "least": one.form.least,
            "most": one.form.most,
            "required": one.required,
        }
        for one in parameters_of(template)
    ]


def _names(key: str) -> Row:
    return {f"name_{language}": text(f"template.{key}", language) for language in LANGUAGES}
