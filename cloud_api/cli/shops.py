"""``store`` and ``till``: shops and what stands in them."""

import argparse
from datetime import UTC, datetime

from cloud_api.cli.speech import say, show_table
from cloud_api.cli.wiring import acting
from cloud_api.services import stores, tills
from cloud_api.settings import Settings


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
