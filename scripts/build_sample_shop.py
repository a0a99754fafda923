"""Build the goods of resources/sample_shop from openly licensed source files, the same bytes at every run.

    .venv/bin/python scripts/build_sample_shop.py FOLDER

FOLDER holds three files, whose origin and licence are told in resources/sample_shop/README.md:

catalog_zh.csv
    gtin, name_zh, category, price_cents, sources …: only rows whose one source is simpleshop are read.
catalog_hk_bilingual.csv
    code, brand_*, name_*, cat1_en, cat3_*, max_price_cents …: Consumer Council price watch.
catalog_world_off.csv.gz
    gtin, name, name_en, brand, category, quantity: Open Food Facts export.

Files written by hand (goods_house.csv and the JSON) stay as they are.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain.gtin import is_gtin

SAMPLE_SHOP = Path(__file__).resolve().parent.parent / "resources" / "sample_shop"
COLUMNS = ("code", "sku", "name_zh", "name_en", "department", "unit", "spec", "price", "tax_code", "weighed")

# Codes that stores give themselves: they mean nothing in another shop.
STORE_PREFIXES = ("02", "04", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29")

GOODS_OF_BRAND_MAX = 12

Row = dict[str, str]

CN_DEPARTMENTS = {
    "零食": "snacks", "膨化食品": "snacks", "肉脯": "snacks", "糖果": "candy", "饼干": "biscuits", "点心": "biscuits",
    "饮料": "drinks", "水": "drinks", "咖啡": "drinks", "酒": "alcohol", "奶": "dairy", "方便速食": "instant",
    "八宝粥": "instant", "罐头": "grocery", "火腿香肠": "grocery", "调味品": "grocery",
}  # fmt: skip

HK_DEPARTMENTS = {
    "Bakery / Cereals / Spreads": "bakery",
    "Beer / Wines / Spirits": "alcohol",
    "Candies / Biscuits / Snacks": "snacks",
    "Dairy / Soy products / Eggs": "dairy",
    "Drinks": "drinks",
    "Household / Pet food and care": "household",
    "Milk powder / Baby care": "baby",
    "Noodles / Cooking needs / Processed food (cold)": "instant",
    "Personal care": "care",
    "Rice / Oil / Canned food / Fruits / Vegetables / Meat": "grocery",
}

# Brands of the world export that a shop anywhere may have on its shelf, by department.
WORLD_BRANDS = {
    "nutella": "grocery", "barilla": "grocery", "heinz": "grocery", "knorr": "grocery", "maggi": "grocery",
    "campbell's": "grocery", "skippy": "grocery", "mccormick": "grocery", "smucker's": "grocery", "jif": "grocery",
    "del monte": "grocery", "kraft": "grocery", "french's": "grocery", "hellmann's": "grocery",
    "bonne maman": "grocery",
    "kellogg's": "bakery", "nature valley": "bakery", "quaker": "bakery", "general mills": "bakery", "alpen": "bakery",
    "ferrero": "candy", "ferrero rocher": "candy", "kinder": "candy", "lindt": "candy", "hershey's": "candy",
    "milka": "candy", "haribo": "candy", "cadbury": "candy", "mars": "candy", "toblerone": "candy", "m&m's": "candy",
    "oreo": "biscuits", "lu": "biscuits", "pepperidge farm": "biscuits", "nabisco": "biscuits", "lotus": "biscuits",
    "lay's": "snacks", "doritos": "snacks", "pringles": "snacks", "kettle": "snacks", "cheetos": "snacks",
    "coca-cola": "drinks", "tropicana": "drinks", "minute maid": "drinks", "lipton": "drinks", "nescafé": "drinks",
    "pepsi": "drinks", "red bull": "drinks", "ocean spray": "drinks", "evian": "drinks", "perrier": "drinks",
    "danone": "dairy", "chobani": "dairy", "yoplait": "dairy", "the laughing cow": "dairy", "philadelphia": "dairy",
    "whiskas": "household", "pedigree": "household", "sheba": "household", "felix": "household",
}  # fmt: skip


def decimal_text(minor: str) -> str:
    """``350`` → ``3.50``."""
    figures = minor.rjust(3, "0")
    return f"{figures[:-2]}.{figures[-2:]}"


def one_line(text: str) -> str:
    """The text without line breaks, doubled spaces and full-width letters' spaces."""
    return re.sub(r"\s+", " ", text.replace("\u3000", " ")).strip()


def whole(simplified: str, traditional: str) -> str:
    """The simplified text, with the traditional letter where the source's conversion left an empty box."""
    if len(simplified) != len(traditional):
        return simplified
    return "".join(there if here == "□" else here for here, there in zip(simplified, traditional, strict=True))


def goods(code: str, **values: str) -> Row:
    """A row with every column; what is not told stays empty, pieces are the unit."""
    return {**dict.fromkeys(COLUMNS, ""), "code": code, "sku": code, "unit": "件", "weighed": "0", **values}


def cn_goods(rows: Iterable[Row]) -> Iterator[Row]:
    """The snack shop's goods, but not where several sources were merged into a row: whose word is whose is lost."""
    for row in rows:
        if row["sources"] == "simpleshop" and is_gtin(row["gtin"]):
            yield goods(
                row["gtin"],
                name_zh=one_line(row["name_zh"]),
                department=CN_DEPARTMENTS[row["category"]],
                price=decimal_text(row["price_cents"]),
                tax_code="vat13",
            )


def hk_goods(rows: Iterable[Row]) -> Iterator[Row]:
    """The price watch's goods at the highest shelf price seen; without barcode, so their code is the sku."""
    for row in rows:
        yield goods(
            row["code"],
            name_zh=full_name(
                whole(row["brand_zh_hans"], row["brand_zh_hant"]),
                whole(row["name_zh_hans"], row["name_zh_hant"]),
                kind=row["cat3_zh_hans"],
            ),
            name_en=full_name(row["brand_en"], row["name_en"], kind=row["cat3_en"]),
            department=HK_DEPARTMENTS[row["cat1_en"]],
            price=decimal_text(row["max_price_cents"]),
            tax_code="none",
        )


def full_name(brand: str, name: str, *, kind: str) -> str:
    """Brand and name without saying a word twice; goods named only by their pack get their kind in front."""
    brand, name = one_line(brand), one_line(name)
    if name.startswith("("):
        name = f"{one_line(kind)} {name}"
    starts_with_brand = name.casefold().startswith(brand.casefold())
    return name if not brand or starts_with_brand else f"{brand} {name}"


def world_goods(rows: Iterable[Row]) -> Iterator[Row]:
    """World brands of Open Food Facts, a few goods of each, each name and pack once; they carry no price."""
    seen: set[str] = set()
    of_brand: Counter[str] = Counter()
    for row in rows:
        code, spec = row["gtin"], one_line(row["quantity"])
        brand = one_line(row["brand"].split(",")[0])
        name = one_line(row["name_en"] or row["name"])
        known = brand.casefold() in WORLD_BRANDS and is_gtin(code) and code[:2] not in STORE_PREFIXES
        readable = name.isascii() and spec.isascii() and 4 <= len(name) <= 70 and len(spec) <= 24
        key = f"{full_name(brand, name, kind='')} {spec}".casefold()
        if not known or not readable or not spec or key in seen or of_brand[brand.casefold()] == GOODS_OF_BRAND_MAX:
            continue
        seen.add(key)
        of_brand[brand.casefold()] += 1
        yield goods(
            code,
            name_zh=one_line(row["name_zh"]) if row["name_zh"] != name else "",
            name_en=full_name(brand, name, kind=""),
            department=WORLD_BRANDS[brand.casefold()],
            spec=spec,
            tax_code="vat13",
        )


def write(path: Path, rows: Iterable[Row]) -> int:
    """Write rows ordered by code; returns their number."""
    ordered = sorted(rows, key=lambda row: row["code"])
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ordered)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), "utf-8")
    return len(ordered)


def read(path: Path) -> list[Row]:
    """The rows of a CSV file, packed or not."""
    packed = path.suffix == ".gz"
    text = (gzip.decompress(path.read_bytes()) if packed else path.read_bytes()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def main() -> None:
    """Read the folder named on the command line and write the goods files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--into", type=Path, default=SAMPLE_SHOP)
    arguments = parser.parse_args()
    sources = (
        ("goods_cn.csv", "catalog_zh.csv", cn_goods),
        ("goods_hk.csv", "catalog_hk_bilingual.csv", hk_goods),
        ("open_food_facts/goods.csv", "catalog_world_off.csv.gz", world_goods),
    )
    for target, source, convert in sources:
        count = write(arguments.into / target, convert(read(arguments.folder / source)))
        print(f"{target}: {count} goods")


if __name__ == "__main__":
    main()
