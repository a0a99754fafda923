"""The commands and their flags; what performs one is named here and loaded only when it is called."""

import argparse
from pathlib import Path
from typing import TypeAlias

from cloud_api import VERSION
from cloud_api.permissions import HqRole
from cloud_api.services.catalog_import.columns import FIELDS
from cloud_api.services.catalogue import DIVISION
from domain.permissions import Role

DESCRIPTION = (
    "恒收云端：建库、启动、导入商品、管理用户和收银机。"
    "The Evertill cloud: set up, serve, import goods, manage users and tills."
)

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; ``run`` of its result is ``module:function`` of this package."""
    parser = argparse.ArgumentParser(prog="evertill-cloud", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"evertill-cloud {VERSION}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, help="数据目录 data directory (EVERTILL_CLOUD_DATA_DIR)")
    shared.add_argument("--database", help="sqlite:///… | postgresql://… (EVERTILL_CLOUD_DATABASE_URL)")
    commands = parser.add_subparsers(dest="command", required=True)
    for add in (_add_server, _add_goods, _add_user, _add_staff, _add_shops):
        add(commands, shared)
    return parser


def _add_server(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("init", parents=[shared], help="建库或升级 create or upgrade the database")
    parser.set_defaults(run="database:init")
    parser = commands.add_parser("serve", parents=[shared], help="启动 start the server")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址 address to listen on")
    parser.add_argument("--port", type=int, default=8443, help="端口，0=任意 port, 0 = any free one")
    parser.add_argument("--tls-cert", help="证书 PEM certificate chain")
    parser.add_argument("--tls-key", help="私钥 PEM private key")
    parser.add_argument("--docs", action="store_true", default=None, help="开放 /docs serve /docs and /openapi.json")
    parser.set_defaults(run="server:serve")
    parser = commands.add_parser("backup", parents=[shared], help="备份并检查 back up and check")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run="database:back_up")
    parser = commands.add_parser(
        "restored", parents=[shared], help="从备份恢复后运行一次 run once after restoring a backup"
    )
    parser.set_defaults(run="database:restored")


def _add_goods(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("import", parents=[shared], help="导入商品 import goods")
    parser.add_argument("file", type=Path, help="CSV / XLSX / .csv.gz")
    parser.add_argument("--zone", default="cn", help="价区 price zone")
    parser.add_argument("--division", default=DIVISION, help="商品库 catalogue")
    parser.add_argument(
        "--map",
        action="append",
        metavar="FIELD=COLUMN",
        help=f"列的含义，可多次；不给则按表头猜 what a column is, again for each; guessed if none: {' '.join(FIELDS)}",
    )
    parser.add_argument("--encoding", help="utf-8 | gb18030 | … （默认自动 found if not given)")
    parser.add_argument("--delimiter", help="分隔符（默认自动）found if not given")
    parser.add_argument("--sheet", help="XLSX 工作表（默认第一张）the first if not given")
    parser.add_argument("--valid-from-ms", type=int, help="价格生效时间 UTC ms（默认现在）now if not given")
    parser.add_argument("--dry-run", action="store_true", help="只检查不写入 check only, write nothing")
    parser.add_argument("--report", type=Path, help="把发现写成 CSV write the findings as CSV")
    parser.set_defaults(run="goods:import_goods")
    parser = commands.add_parser(
        "rules", parents=[shared], help="打印生效的规则书 JSON print the live rule book for evertill-price"
    )
    parser.add_argument("zone", help="价区 price zone")
    parser.add_argument("--version", type=int, help="版本，不给则为最新 the newest if not given")
    parser.set_defaults(run="rules:show_rule_book")


def _add_staff(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("staff", help="门店员工 staff at the tills")
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", parents=[shared], help="新建，显示 PIN create, shows the PIN")
    add.add_argument("store")
    add.add_argument("operator", help="工号 number, for example 1001")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.CASHIER.value)
    add.set_defaults(run="people:add_staff")
    for name, run, words in (
        ("pin", "people:reset_pin", "重置 PIN new PIN"),
        ("disable", "people:disable_staff", "停用 disable"),
    ):
        parser = acts.add_parser(name, parents=[shared], help=words)
        parser.add_argument("store")
        parser.add_argument("operator")
        parser.set_defaults(run=run)
    listing = acts.add_parser("list", parents=[shared], help="列表 list")
    listing.add_argument("store")
    listing.set_defaults(run="people:list_staff")


def _add_user(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("user", help="总部用户 users of headquarters")
    acts = parser.add_subparsers(dest="act", required=True)
    for name, run, words in (
        ("add", "people:add_user", "新建 create"),
        ("password", "people:set_password", "改密码 set the password"),
        ("disable", "people:disable_user", "停用 disable"),
        ("enable", "people:enable_user", "启用 enable"),
    ):
        one = acts.add_parser(name, parents=[shared], help=words)
        one.add_argument("name")
        one.set_defaults(run=run)
        if name in ("add", "password"):
            one.add_argument(
                "--password-stdin", action="store_true", help="从标准输入读密码 read the password from standard input"
            )
        if name == "add":
            one.add_argument("--role", choices=[role.value for role in HqRole], default=HqRole.ADMIN.value)
            one.add_argument("--store", action="append", default=[], help="店长的门店 a store manager's store")
    acts.add_parser("list", parents=[shared], help="列表 list").set_defaults(run="people:list_users")


def _add_shops(commands: Commands, shared: argparse.ArgumentParser) -> None:
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
    add.set_defaults(run="shops:add_store")
    acts.add_parser("list", parents=[shared], help="列表 list").set_defaults(run="shops:list_stores")
    _add_till(commands, shared)


def _add_till(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("till", help="收银机 tills")
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", parents=[shared], help="新建，显示注册码 create, shows the enrolment code")
    add.add_argument("store")
    add.add_argument("--number", type=int)
    add.add_argument("--label", default="")
    add.set_defaults(run="shops:add_till")
    for name, run, words in (
        ("code", "shops:new_code", "新注册码 new enrolment code"),
        ("drain", "shops:drain", "停用前排空 no news down, uploads to the end"),
        ("revoke", "shops:revoke", "吊销 refuse its key at once"),
    ):
        one = acts.add_parser(name, parents=[shared], help=words)
        one.add_argument("till", help="for example 0101-2")
        one.set_defaults(run=run)
        if name == "revoke":
            one.add_argument("--lost", action="store_true", help="丢失 it was lost or stolen")
    acts.add_parser("list", parents=[shared], help="列表 list").set_defaults(run="shops:list_tills")
