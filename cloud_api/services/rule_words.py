"""What a zone's rules say in both languages, by the names of the zone's goods, departments, tiers and stores."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from cloud_api.db.bulk import among
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import DEPARTMENT, ITEM, STORE
from cloud_api.services import rule_books, stores
from domain.ids import ItemId
from domain.promotions.checks import scopes_of
from domain.promotions.rule import Rule
from domain.promotions.sentences.rule_sentence import sentence
from domain.promotions.sentences.voice import Named, Names, Voice
from resources.texts import text

Voices = tuple[Voice, Voice]


def voices(connection: sa.Connection, zone: str, rules: Iterable[Rule], *, now_ms: int) -> Voices:
    """The Chinese and the English voice that know the names in these rules; 404 where no store has the zone."""
    currency = stores.zone_currency(connection, zone)
    of_zone = connection.execute(sa.select(STORE).where(STORE.c.price_zone == zone)).mappings().all()
    tiers = rule_books.live_book(connection, zone).tiers
    names = Names(
        items=_items(connection, rules),
        categories=_departments(connection, {store["division"] for store in of_zone}),
        tiers={tier.tier_id: (tier.name_zh, tier.name_en) for tier in tiers},
        stores={store["store_id"]: (store["name_zh"], store["name_en"]) for store in of_zone},
    )
    timezone = ZoneInfo(min((store["timezone"] for store in of_zone), default="Asia/Shanghai"))
    offset = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(timezone).utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    return Voice("zh", currency, text, names, minutes), Voice("en", currency, text, names, minutes)


def sentences(rule: Rule, speakers: Voices) -> Row:
    """The rule as a poster would say it."""
    return {f"sentence_{voice.language}": sentence(rule, voice) for voice in speakers}


def _items(connection: sa.Connection, rules: Iterable[Rule]) -> dict[ItemId, Named]:
    named = {item for rule in rules for scope in scopes_of(rule) for item in scope.items | scope.not_items}
    if not named:
        return {}
    query = sa.select(ITEM.c.item_id, ITEM.c.name_zh, ITEM.c.name_en)
    rows = connection.execute(query.where(among(connection, ITEM.c.item_id, sorted(named))))
    return {ItemId(item_id): (zh, en) for item_id, zh, en in rows}


def _departments(connection: sa.Connection, divisions: set[str]) -> dict[str, Named]:
    query = sa.select(DEPARTMENT.c.department_id, DEPARTMENT.c.name_zh, DEPARTMENT.c.name_en)
    rows = connection.execute(query.where(DEPARTMENT.c.division.in_(sorted(divisions))))
    return {department_id: (zh, en) for department_id, zh, en in rows}
