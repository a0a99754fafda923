"""Departments and taxes that the rows of a file name: found, or made where they are new."""

import hashlib

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Row
from cloud_api.services import catalogue
from cloud_api.services.act import Act
from cloud_api.services.catalog_import.goods import NO_TAX


class Partners:
    """The departments and taxes of a division during one transaction."""

    def __init__(self, act: Act, division: str) -> None:
        self._act = act
        self._division = division
        departments = catalogue.list_departments(act.connection, division)
        self._departments = {row["department_id"] for row in departments}
        self._by_name = {
            name.casefold(): row["department_id"]
            for row in reversed(departments)
            for name in (row["name_en"], row["name_zh"])
            if name
        }
        self._taxes = {row["tax_code"] for row in catalogue.list_taxes(act.connection, division)}

    def department_id(self, department_id: str, name: str) -> str:
        """The id of a department that a row names by id, by name or by both."""
        if not department_id and not name:
            return ""
        if not department_id:
            known = self._by_name.get(name.casefold())
            department_id = known or "d" + hashlib.sha256(name.casefold().encode()).hexdigest()[:8]
        if department_id not in self._departments:
            row = {"department_id": department_id, "name_zh": name or department_id, "name_en": ""}
            catalogue.put_department(self._act, self._division, row | {"position": len(self._departments) + 1})
            self._departments.add(department_id)
            self._by_name.setdefault(name.casefold(), department_id)
        return department_id

    def tax_code(self, code: str, rate_bp: int | None) -> str | None:
        """The code of a tax that a row names by code or by rate; None where there is none of that code."""
        if not code or code in self._taxes:
            return code
        if rate_bp is None:
            return None
        if code.casefold() in NO_TAX:
            return self._made({"tax_code": "none", "rate_bp": 0, "name_zh": "无销售税", "name_en": "No sales tax"})
        percent = f"{rate_bp // 100}" + (f".{rate_bp % 100:02d}".rstrip("0") if rate_bp % 100 else "")
        names = {"name_zh": f"增值税 {percent}%", "name_en": f"VAT {percent}%"}
        return self._made({"tax_code": f"vat{percent}", "rate_bp": rate_bp, **names})

    def _made(self, tax: Row) -> str:
        """The code of a tax, which is made unless it is there."""
        code = str(tax["tax_code"])
        if code not in self._taxes:
            catalogue.put_tax(self._act, self._division, tax)
            self._taxes.add(code)
        return code


def find_items(act: Act, division: str, skus: list[str]) -> dict[str, Row]:
    """The stored items of SKUs, locked."""
    wanted = [{"division": division, "sku": sku} for sku in skus]
    found = master_rows.find_rows(act.connection, master_rows.ITEM, wanted, lock=True)
    return {sku: row for (_, sku), row in found.items()}
