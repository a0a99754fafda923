"""The replicated tables: names, columns and keys, the same on the wire, in snapshots and in replica.db."""

from dataclasses import dataclass

SCHEMA = 1
"""Number of this set of tables; a breaking change raises it and the cloud serves N and N-1."""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: ``key`` columns in the order of a change's pk, ``columns`` = the others, both with SQL types."""

    name: str
    bucket_kind: str
    key: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]

    @property
    def key_names(self) -> tuple[str, ...]:
        """Names of the key columns."""
        return tuple(name for name, _ in self.key)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns but ``ver`` and ``extra``, key first."""
        return self.key_names + tuple(name for name, _ in self.columns)


_I, _T = "INTEGER NOT NULL", "TEXT NOT NULL"

ITEM = TableSpec(
    "item",
    "cat",
    (("item_id", "INTEGER"),),
    (
        ("sku", _T),
        ("name_zh", _T),
        ("name_en", _T),
        ("pinyin", _T),
        ("unit", _T),
        ("spec", _T),
        ("department_id", _T),
        ("tax_code", _T),
        ("weighed", _I),
        ("status", _T),
        ("override_allowed", _I),
        ("discount_allowed", _I),
        ("min_price_minor", _I),
    ),
)
BARCODE = TableSpec("barcode", "cat", (("code", "TEXT"),), (("item_id", _I), ("pack_thousandths", _I)))
DEPARTMENT = TableSpec(
    "department", "cat", (("department_id", "TEXT"),), (("name_zh", _T), ("name_en", _T), ("position", _I))
)
TAX = TableSpec("tax", "cat", (("tax_code", "TEXT"),), (("rate_bp", _I), ("name_zh", _T), ("name_en", _T)))
PRICE = TableSpec(
    "price",
    "price",
    (("item_id", "INTEGER"), ("channel", "TEXT"), ("kind", "TEXT"), ("valid_from_ms", "INTEGER")),
    (("valid_until_ms", _I), ("price_minor", _I)),
)
STORE = TableSpec("store", "store", (("store_id", "TEXT"),), (("name_zh", _T), ("name_en", _T), ("settings", _T)))
"""``settings`` is JSON text: currency, timezone, price_zone, division, cash_rounding_unit_minor, day_start_hour,
scale_formats, receipt_header_zh/en, receipt_footer_zh/en, address, rule_book_version, auto_lock_s."""
OPERATOR = TableSpec(
    "operator",
    "store",
    (("operator_id", "TEXT"),),
    (("name", _T), ("role", _T), ("pin_hash", _T), ("active", _I)),
)
QUICK_KEY = TableSpec(
    "quick_key", "store", (("position", "INTEGER"),), (("item_id", _I), ("label_zh", _T), ("label_en", _T))
)
APPLIED = TableSpec("applied", "store", (("terminal", "TEXT"),), (("inc", _I), ("seq", _I)))
"""The journal number of each of the store's tills that this bucket's figures include."""
RULE_BOOK = TableSpec("rule_book", "promo", (("version", "INTEGER"),), (("published_at_ms", _I), ("document", _T)))
"""``document`` is JSON text as ``domain.pricing_json`` reads it. The highest version counts; the last few are kept, so
that a till which cannot read the newest has one that it can. Rules begin and end by their own times."""

TABLES: dict[str, TableSpec] = {
    spec.name: spec for spec in (ITEM, BARCODE, DEPARTMENT, TAX, PRICE, STORE, OPERATOR, QUICK_KEY, APPLIED, RULE_BOOK)
}


def tables_of(bucket: str) -> tuple[TableSpec, ...]:
    """The tables that a bucket (``cat:main``, ``price:cn``, ``promo:cn``, ``store:0102``) carries."""
    kind = bucket.partition(":")[0]
    return tuple(spec for spec in TABLES.values() if spec.bucket_kind == kind)


def create_statements(spec: TableSpec) -> str:
    """The DDL of one table: key, columns, ``ver`` and ``extra`` (JSON of columns this version does not know)."""
    columns = ", ".join(f"{name} {kind}" for name, kind in spec.key + spec.columns)
    key = ", ".join(spec.key_names)
    return (
        f"CREATE TABLE IF NOT EXISTS {spec.name} ({columns}, ver INTEGER NOT NULL, extra TEXT, "
        f"PRIMARY KEY ({key})) {'' if _has_rowid_key(spec) else 'WITHOUT ROWID'}"
    )


def _has_rowid_key(spec: TableSpec) -> bool:
    return len(spec.key) == 1 and spec.key[0][1] == "INTEGER"
