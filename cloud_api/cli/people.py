"""``user`` and ``staff``: who works at HQ and at the tills."""

import argparse
import getpass
import sys

from cloud_api.cli.speech import say, show_table
from cloud_api.cli.wiring import acting
from cloud_api.permissions import HqRole
from cloud_api.problems import ApiProblem
from cloud_api.services import staff, users
from cloud_api.services.passwords import accept_password
from cloud_api.settings import Settings


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
