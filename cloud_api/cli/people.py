"""``user`` and ``staff``: who works at HQ and at the tills."""

import argparse
import getpass
import sys

from cloud_api.cli.speech import say, show_table
from cloud_api.cli.wiring import Commands, acting
from cloud_api.errors import ApiProblem
from cloud_api.permissions import HqRole
from cloud_api.services import staff, users
from cloud_api.services.passwords import accept_password
from cloud_api.settings import Settings
from domain.permissions import Role


def add_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """user, staff."""
    _add_user(commands, shared)
    parser = commands.add_parser("staff", help="门店员工 staff at the tills")
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", parents=[shared], help="新建，显示 PIN create, shows the PIN")
    add.add_argument("store")
    add.add_argument("operator", help="工号 number, for example 1001")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.CASHIER.value)
    add.set_defaults(run=add_staff)
    for name, run, words in (
        ("pin", reset_pin, "重置 PIN new PIN"),
        ("disable", disable_staff, "停用 disable"),
    ):
        parser = acts.add_parser(name, parents=[shared], help=words)
        parser.add_argument("store")
        parser.add_argument("operator")
        parser.set_defaults(run=run)
    listing = acts.add_parser("list", parents=[shared], help="列表 list")
    listing.add_argument("store")
    listing.set_defaults(run=list_staff)


def _add_user(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("user", help="总部用户 users of headquarters")
    acts = parser.add_subparsers(dest="act", required=True)
    for name, run, words in (
        ("add", add_user, "新建 create"),
        ("password", set_password, "改密码 set the password"),
        ("disable", disable_user, "停用 disable"),
        ("enable", enable_user, "启用 enable"),
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
    acts.add_parser("list", parents=[shared], help="列表 list").set_defaults(run=list_users)


def add_user(settings: Settings, options: argparse.Namespace) -> None:
    """A new user; the password is asked for or read from standard input, never given as a flag."""
    password_hash = _new_password(settings, options)
    with acting(settings) as act:
        role = HqRole(options.role)
        users.create_user(act, options.name, password_hash=password_hash, role=role, stores=options.store)
    say("cli.user_added", name=options.name, role=options.role)


def set_password(settings: Settings, options: argparse.Namespace) -> None:
    """A new password for a user, whose sessions end."""
    password_hash = _new_password(settings, options)
    with acting(settings) as act:
        users.set_password(act, options.name, password_hash=password_hash)
    say("cli.user_changed", name=options.name)


def disable_user(settings: Settings, options: argparse.Namespace) -> None:
    """Shut a user out at once."""
    with acting(settings) as act:
        users.update_user(act, options.name, {"active": False})
    say("cli.user_changed", name=options.name)


def enable_user(settings: Settings, options: argparse.Namespace) -> None:
    """Let a user in again."""
    with acting(settings) as act:
        users.update_user(act, options.name, {"active": True})
    say("cli.user_changed", name=options.name)


def list_users(settings: Settings, _: argparse.Namespace) -> None:
    """All users."""
    with acting(settings) as act:
        found = users.list_users(act.connection)
    rows = [(u["user_name"], u["role"], "✓" if u["active"] else "–", " ".join(u["stores"])) for u in found]
    show_table(("用户 user", "角色 role", "启用 active", "门店 stores"), rows)


def add_staff(settings: Settings, options: argparse.Namespace) -> None:
    """A new person at a store; shows the PIN once."""
    with acting(settings) as act:
        values = {"operator_id": options.operator, "name": options.name, "role": options.role}
        person = staff.create_operator(act, options.store, values)
    say("cli.staff_pin", operator=person["operator_id"], pin=person["pin"])


def reset_pin(settings: Settings, options: argparse.Namespace) -> None:
    """A new PIN, shown once."""
    with acting(settings) as act:
        person = staff.reset_pin(act, options.store, options.operator)
    say("cli.staff_pin", operator=person["operator_id"], pin=person["pin"])


def disable_staff(settings: Settings, options: argparse.Namespace) -> None:
    """The person can no longer sign on."""
    with acting(settings) as act:
        staff.update_operator(act, options.store, options.operator, changes={"active": False})
    say("cli.staff_changed", operator=options.operator)


def list_staff(settings: Settings, options: argparse.Namespace) -> None:
    """The staff of a store."""
    with acting(settings) as act:
        found = staff.list_staff(act.connection, options.store)
    rows = [(p["operator_id"], p["name"], p["role"], "✓" if p["active"] else "–") for p in found]
    show_table(("工号 number", "姓名 name", "角色 role", "启用 active"), rows)


def _new_password(settings: Settings, options: argparse.Namespace) -> str:
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("密码 Password: ")
        if getpass.getpass("再输一次 Again: ") != password:
            raise ApiProblem(422, "cloud.passwords_differ")
    return accept_password(settings, password, user_name=options.name)
