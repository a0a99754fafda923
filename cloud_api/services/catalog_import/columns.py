"""Which column of a file is what: given by the caller, or guessed from the names that headers usually have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloud_api.problems import ApiProblem

ALIASES: dict[str, tuple[str, ...]] = {
    "sku": ("sku", "货号", "商品编号", "商品编码", "商品代码", "自编码", "编号", "itemno", "itemcode", "itemnumber"),
    "code": ("code", "barcode", "条码", "商品条码", "条形码", "国际条码", "主条码", "ean", "ean13", "gtin", "upc"),
    "name_zh": ("namezh", "name_zh", "namezhhans", "中文名", "中文名称", "商品名称", "商品名", "品名", "名称", "name"),
    "name_en": ("nameen", "name_en", "英文名", "英文名称", "englishname"),
    "unit": ("unit", "单位", "计量单位", "销售单位"),
    "spec": ("spec", "规格", "规格型号", "size"),
    "department": ("department", "departmentid", "categorycode", "部门编号", "部门编码", "类别编码", "分类编码"),
    "department_name": ("departmentname", "category", "部门", "类别", "分类", "商品分类", "品类", "大类"),
    "tax": ("taxcode", "tax", "outputvat", "vat", "税率", "税码", "销项税率", "销项税"),
    "price": ("price", "retailprice", "售价", "零售价", "销售价", "零售价格", "单价"),
    "price_minor": ("pricecents", "priceminor", "pricefen"),
    "cost": ("cost", "进价", "成本", "成本价", "进货价", "采购价"),
    "cost_minor": ("costcents", "costminor", "costfen"),
    "weighed": ("weighed", "pricingmode", "称重", "是否称重", "计价方式"),
    "discount_allowed": ("discountallowed", "允许打折", "可打折", "是否打折"),
    "override_allowed": ("overrideallowed", "priceoverrideallowed", "允许改价", "可改价", "是否议价"),
    "pack": ("pack", "packquantity", "件装数", "每包数量"),
}
"""Fields that an import knows, with the headers (lower case, without spaces and marks) that mean them."""

FIELDS = tuple(ALIASES)
_IN_PLACE_OF = {"price": "price_minor", "cost": "cost_minor"}
"""Where a file has both, the exact one is read."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The position of each field in a row."""

    positions: Mapping[str, int]
    headers: Sequence[str]

    def cell(self, cells: Sequence[str], field: str) -> str:
        """The trimmed cell of a field, empty where the file has none."""
        position = self.positions.get(field)
        return "" if position is None else cells[position].strip()

    def header(self, field: str) -> str:
        """What the file calls a field."""
        position = self.positions.get(field)
        return "" if position is None else self.headers[position]

    def has(self, field: str) -> bool:
        """Whether the file has the field."""
        return field in self.positions

    @property
    def unread(self) -> list[str]:
        """The names of the columns that nothing is taken from."""
        used = set(self.positions.values())
        for field, instead in _IN_PLACE_OF.items():
            if self.has(field) and self.has(instead):
                used.discard(self.positions[field])
        return [header for position, header in enumerate(self.headers) if header and position not in used]

    @property
    def mapping(self) -> dict[str, str]:
        """Field → header, as it was given or guessed."""
        return {field: self.headers[position] for field, position in self.positions.items()}


def find_columns(headers: Sequence[str], mapping: Mapping[str, str] | None) -> Columns:
    """The columns of a file; 422 where a named one is not there or what an item needs is missing.

    A mapping that is given holds alone: nothing is guessed beside it.
    """
    positions = _given(headers, mapping) if mapping else _guessed(headers)
    for choices in (("sku", "code"), ("name_zh", "name_en")):
        if not any(field in positions for field in choices):
            raise ApiProblem(422, "cloud.import_column_missing", field=" / ".join(choices), headers=_listed(headers))
    return Columns(positions, headers)


def _given(headers: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for field, header in mapping.items():
        if field not in ALIASES:
            raise ApiProblem(422, "cloud.import_field_unknown", field=field, fields=" ".join(FIELDS))
        if header not in headers:
            raise ApiProblem(422, "cloud.import_column_missing", field=header, headers=_listed(headers))
        positions[field] = headers.index(header)
    return positions


def _guessed(headers: Sequence[str]) -> dict[str, int]:
    plain = [_plain(header) for header in headers]
    positions: dict[str, int] = {}
    for field, aliases in ALIASES.items():
        found = next((plain.index(_plain(alias)) for alias in aliases if _plain(alias) in plain), None)
        if found is not None and found not in positions.values():
            positions[field] = found
    return positions


def _plain(header: str) -> str:
    return "".join(character for character in header.casefold() if character.isalnum())


def _listed(headers: Sequence[str]) -> str:
    return "、".join(headers[:30])
