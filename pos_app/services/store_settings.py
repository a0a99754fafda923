"""The store as HQ has set it, read from the settings document of the store's row."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from domain.errors import DomainError
from domain.ids import StoreId
from domain.scale import ScaleFormat

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The store's names, money, time and receipt texts."""

    store_id: StoreId
    name_zh: str
    name_en: str
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    price_zone: str = ""
    division: str = ""
    cash_rounding_unit_minor: int = 10
    day_start_hour: int = 0
    scale_formats: tuple[ScaleFormat, ...] = ()
    receipt_header_zh: str = ""
    receipt_header_en: str = ""
    receipt_footer_zh: str = ""
    receipt_footer_en: str = ""
    address: str = ""
    rule_book_version: int = 1
    auto_lock_s: int = 180

    def name(self, language: str) -> str:
        """The store's name in ``zh`` or ``en``, the other one where it is missing."""
        first, second = (self.name_en, self.name_zh) if language == "en" else (self.name_zh, self.name_en)
        return first or second or self.store_id


_PLAIN = {field.name: type(field.default) for field in fields(StoreSettings) if isinstance(field.default, str | int)}


def store_settings(store_id: str, name_zh: str, *, name_en: str, document: str) -> StoreSettings:
    """Settings from a store's row; what is missing or of a wrong type keeps its default, and the log says so."""
    found = _mapping(document)
    plain: dict[str, Any] = {key: value for key, value in found.items() if type(value) is _PLAIN.get(key)}
    for key in found.keys() & _PLAIN.keys() - plain.keys():
        _LOG.warning("store setting %s has a wrong type", key)
    formats = _formats(found.get("scale_formats") or ())
    return StoreSettings(StoreId(store_id), name_zh, name_en, **plain, scale_formats=formats)


def _mapping(document: str) -> Mapping[str, Any]:
    try:
        found = json.loads(document)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        _LOG.warning("store settings cannot be read")
        return {}
    return found


def _formats(found: Any) -> tuple[ScaleFormat, ...]:
    try:
        return tuple(ScaleFormat.from_data(one) for one in found)
    except (DomainError, AttributeError, TypeError):
        _LOG.warning("scale formats cannot be read")
        return ()
