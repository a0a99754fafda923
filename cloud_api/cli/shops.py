"""``store`` and ``till``: shops and what stands in them."""

import argparse
from datetime import UTC, datetime

from cloud_api.cli.speech import say, show_table
from cloud_api.cli.wiring import Commands, acting
from cloud_api.services import stores, tills
from cloud_api.services.catalogue import DIVISION
from cloud_api.settings import Settings


def add_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """store, till."""
    parser = commands.add_parser("store", help="门店 stores")
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", parents=[shared], help="新建 create")
    add.add_argument("store", help="店号 number, for example 0101")
    add.add_argument("--name-zh", required=True)
    add.add_argument("--name-en", default="")
    add.add_argument("--zone", default="cn", help="价区 price zone")
    add.add_argument("--currency", default="CNY")
    add.add_argument("--timezone", default="Asia/Shanghai")
    add.add_argument("--division", default=DIVISION, help="商品库 catalogue")
    add.set_defaults(run=add_store)
    acts.add_parser("list", parents=[shared], help="列表 list").set_defaults(run=list_stores)
    _add_till(commands, shared)


def _add_till(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("till", help="收银机 tills")
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", parents=[shared], help="新建，显示注册码 create, shows the enrolment code")
    add.add_argument("store")
    add.add_argument("--number", type=int)
    add.add_argument("--label", default="")
    add.set_defaults(run=add_till)
    for name, run, words in (
        ("code", new_code, "新注册码 new enrolment code"),
        ("drain", drain, "停用前排空 no news down, uploads to the end"),
        ("revoke", revoke, "吊销 refuse its key at once"),
    ):
        one = acts.add_parser(name, parents=[shared], help=words)
        one.add_argument("till", help="for example 0101-2")
        one.set_defaults(run=run)
        if name == "revoke":
            one.add_argument("--lost", action="store_true", help="丢失 it was lost or stolen")
    acts.add_parser("list", parents=[shared], help="列表 list").set_defaults(run=list_tills)


def add_store(settings: Settings, options: argparse.Namespace) -> None:
    """A new store."""
    values = {
        "name_zh": options.name_zh,
        "name_en": options.name_en,
        "division": options.division,
        "price_zone": options.zone,
        "currency": options.currency,
        "timezone": options.timezone,
    }
    with acting(settings) as act:
        stores.create_store(act, options.store, values)
    say("cli.store_added", store=options.store)


def list_stores(settings: Settings, _: argparse.Namespace) -> None:
    """All stores."""
    with acting(settings) as act:
        found = stores.list_stores(act.connection)
    rows = [(s["store_id"], s["name_zh"], s["name_en"], s["price_zone"], s["currency"]) for s in found]
    show_table(("店号 store", "名称", "name", "价区 zone", "币种 currency"), rows)


def add_till(settings: Settings, options: argparse.Namespace) -> None:
    """A new till; shows the one-time code."""
    with acting(settings) as act:
        till = tills.create_till(act, options.store, number=options.number, label=options.label)
    say("cli.till_code", till=till["terminal_id"], code=till["code"], minutes=settings.enrol_code_ttl_s // 60)


def new_code(settings: Settings, options: argparse.Namespace) -> None:
    """A new one-time code."""
    with acting(settings) as act:
        till = tills.new_code(act, options.till)
    say("cli.till_code", till=till["terminal_id"], code=till["code"], minutes=settings.enrol_code_ttl_s // 60)


def drain(settings: Settings, options: argparse.Namespace) -> None:
    """No news down, uploads to the end."""
    with acting(settings) as act:
        till = tills.set_state(act, options.till, "drain")
    say("cli.till_state", till=till["terminal_id"], state=till["state"])


def revoke(settings: Settings, options: argparse.Namespace) -> None:
    """Refuse the till's key at once."""
    with acting(settings) as act:
        till = tills.set_state(act, options.till, "lost" if options.lost else "revoked")
    say("cli.till_state", till=till["terminal_id"], state=till["state"])


def list_tills(settings: Settings, _: argparse.Namespace) -> None:
    """All tills with their last contact and what they have not sent."""
    with acting(settings) as act:
        found = tills.list_tills(act.connection)
    rows = [(t["terminal_id"], t["state"], _when(t["last_seen_ms"]), t["unsent"], t["app_ver"]) for t in found]
    show_table(("收银机 till", "状态 state", "最近联系 last contact (UTC)", "未上传 unsent", "版本 version"), rows)


def _when(at_ms: int | None) -> str:
    return "–" if at_ms is None else datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
