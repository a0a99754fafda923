"""What OpenAPI says of every parameter, told once by its name: words in both languages and an example."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """An example out of the sample shop, and what the parameter means."""

    example: Any
    words: str


_EPOCH = "1-4f0c2f6f5d2a4c1e9b7a3d5e8f601122"
_ID = "0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a12"
_NOW = 1_780_000_000_000

_PATH = {
    "bucket": Told("price:cn", "数据桶：商品、价区或门店 A bucket: of a catalogue, a price zone or a store"),
    "case_id": Told(7, "待办编号 The number of the case"),
    "code": Told("6901234567892", "条码，照商品上印的 The code as it is printed on the goods"),
    "department_id": Told("drinks", "部门代码 The id of the department"),
    "epoch": Told(_EPOCH, "数据桶的纪元，hello 里给出 The bucket's epoch, as hello gives it"),
    "first": Told(131, "要读的第一个变更组号 The number of the first group to read"),
    "import_id": Told(_ID, "导入编号 The id of the import"),
    "item_id": Told(4711, "商品内部编号 The item's own number"),
    "name": Told("128.sqlite.zst", "快照文件名：序号.sqlite.zst The snapshot's file: sequence.sqlite.zst"),
    "operator_id": Told("1001", "员工工号 The number of the operator"),
    "rule_id": Told("second-half", "规则编号 The id of the rule"),
    "sale_id": Told("0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a10", "销售编号 The id of the sale"),
    "schema": Told(1, "收银机本地库结构版本 The version of the till's own tables"),
    "seq": Told(131, "对账时的变更组号 The group number at which to compare"),
    "store_id": Told("0101", "门店编号 The id of the store"),
    "tax_code": Told("vat13", "税码 The code of the tax"),
    "template_id": Told("spend_save", "规则模板 The id of the template"),
    "terminal_id": Told("0101-1", "收银机编号：门店-台号 The till: store and number"),
    "user_name": Told("hq.buyer", "总部账号 The name of the user at headquarters"),
    "version": Told(2, "规则书版本 The version of the rule book"),
    "zone": Told("cn", "价区 The price zone"),
}
_QUERY = {
    "action": Told("update", "只看这种操作 Only acts of this kind"),
    "after": Told(4711, "上一页答复里的 next The next of the page before"),
    "app": Told("0.1.0", "收银机软件版本 The till's release"),
    "at_ms": Told(_NOW, "只看此刻有效的价格，UTC 毫秒 Only prices in force then, UTC milliseconds"),
    "business_date": Told("2026-05-28", "营业日 The business date"),
    "c": Told([f"{_EPOCH}.131.price:cn"], "读到哪里：纪元.序号.桶，可多个 Cursors: epoch.sequence.bucket, one or more"),
    "changed_since_ms": Told(_NOW, "此后改过的，UTC 毫秒 Changed since then, UTC milliseconds"),
    "channel": Told("till", "渠道，空为全部 The channel; empty means any"),
    "code": Told("check_digit", "只看这种发现 Only findings of this code"),
    "currency": Told("CNY", "币种 The currency"),
    "delimiter": Told(",", "分隔符，不给则自动识别 The delimiter; found out where not given"),
    "department_id": Told("drinks", "只看这个部门 Only this department"),
    "division": Told("main", "商品库 The catalogue"),
    "dry_run": Told(True, "只检查，不写入 Check only, write nothing"),
    "encoding": Told("gb18030", "文件编码，不给则自动识别 The file's encoding; found out where not given"),
    "entity": Told("price", "只看这类对象 Only things of this kind"),
    "file_name": Told("goods.csv", "文件名，显示在导入列表里 The file's name, as lists of imports show it"),
    "from_date": Told("2026-05-01", "从这个营业日起（含） From this business date on, inclusive"),
    "inc": Told(1, "收银机日志的代数，0 为凭证上的 The incarnation of the till's journal; 0 = the token's"),
    "item_id": Told(4711, "只看这个商品 Only this item"),
    "key": Told("4711", "只看这个对象 Only the thing with this key"),
    "kind": Told("price_out_of_date", "只看这种待办 Only cases of this kind"),
    "limit": Told(50, "每页最多几条 How many a page may hold"),
    "mapping": Told(
        '{"code": "条码", "name_zh": "品名", "price": "售价"}',
        "各字段对应的列，不给则按表头识别 Field to column, as JSON; by the header's names where not given",
    ),
    "operator_id": Told("1001", "只看这个员工 Only this operator"),
    "q": Told("可乐", "查名称、拼音首字母、货号、条码 Search by name, pinyin initials, SKU or code"),
    "receipt_no": Told("0101-1A-000001", "小票号 The receipt's number"),
    "schema": Told(1, "收银机本地库结构版本 The version of the till's own tables"),
    "severity": Told("refused", "未导入、已导入但存疑、未读的列 Refused, imported but doubted, or of the whole file"),
    "sheet": Told("商品", "工作表名，不给则取第一张 The sheet's name; the first where not given"),
    "state": Told("open", "open 未处理，resolved 已处理 Open or resolved"),
    "status": Told("active", "在售、停售或淘汰 Active, blocked or retired"),
    "store_id": Told("0101", "只看这家门店 Only this store"),
    "sub_ver": Told(1, "收银机已知的订阅版本，0 为不知 The subscription version that the till knows; 0 = none"),
    "terminal_id": Told("0101-1", "只看这台收银机 Only this till"),
    "tip": Told(120, "收银机日志写到第几条，-1 为不说 The last entry of the till's journal; -1 = not told"),
    "to_date": Told("2026-05-31", "到这个营业日止（含） Up to this business date, inclusive"),
    "valid_from_ms": Told(_NOW, "价格何时起有效，UTC 毫秒 From when the price holds, UTC milliseconds"),
    "wait": Told(25, "长轮询最多等几秒，0 为 SSE Long poll: seconds to wait at most; 0 = SSE"),
    "who": Told("hq.buyer", "只看这个账号做的 Only acts of this user"),
    "zone": Told("cn", "价区：文件里的价格写到哪里 The price zone that the file's prices are for"),
}
_HEADER = {
    "content-encoding": Told("zstd", "内容的压缩：zstd 或 gzip How the body is packed: zstd or gzip"),
    "idempotency-key": Told(
        "0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a10",
        "同一操作重发时用同一个键：只生效一次。The same for every try of one act: it happens once.",
    ),
    "if-none-match": Told('"9f86d081884c7d659a2feaa0c55ad015-zstd"', "手里那页的 ETag The ETag of the page at hand"),
    "range": Told("bytes=1048576-", "从断点续传 Go on where the download broke off"),
}
BY_PLACE: Mapping[str, Mapping[str, Told]] = {"path": _PATH, "query": _QUERY, "header": _HEADER}
OF_ONE_ROUTE = {
    ("/v1/hq/imports", "after"): Told(_ID, _QUERY["after"].words),
    ("/v1/hq/sales", "after"): Told(_ID, _QUERY["after"].words),
    ("/v1/hq/prices/{zone}/{item_id}", "kind"): Told("list", "价格种类 The kind of price"),
}
"""Where a name means something else than in the other routes."""


def header_parameter(name: str) -> dict[str, Any]:
    """A header that a route heeds without FastAPI's knowing, for ``openapi_extra``."""
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}


def tell_parameters(paths: Mapping[str, Any]) -> None:
    """Give every parameter of a document its words and its example; its own, where it has some, stay."""
    for path, parameter in _parameters(paths):
        name = parameter["name"]
        told = OF_ONE_ROUTE.get((path, name)) or BY_PLACE[parameter["in"]].get(name.lower())
        if told is not None:
            parameter.setdefault("description", told.words)
            parameter.setdefault("example", told.example)


def _parameters(paths: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in paths.items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                yield path, parameter
