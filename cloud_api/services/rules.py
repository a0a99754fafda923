"""Promotions at HQ: drafted, scheduled or published at once, stopped; a published version never changes."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.rule_tables import PROMO_RULE
from cloud_api.problems import ApiProblem, unfit
from cloud_api.services import rule_books, rule_words, stores
from cloud_api.services.act import Act
from domain.errors import DomainError
from domain.promotions.rule import Rule
from domain.promotions.sentences.rule_sentence import with_names
from domain.rulebook import RuleBook
from domain.strict_json import from_data, to_data

SENT_AHEAD_MS = 24 * 3_600_000
"""A scheduled rule is at the tills for so long before it begins: also at one that is cut off for a day."""
DRAFT, PUBLISHED = "draft", "published"
_SHOWN = (DRAFT, PUBLISHED, "stopped")


class Window(NamedTuple):
    """When a rule holds; ``until_ms`` 0: until it is stopped."""

    from_ms: int
    until_ms: int


def list_rules(connection: sa.Connection, zone: str, *, now_ms: int) -> list[Row]:
    """Every rule by id and version: drafts, what is published, what was stopped; replaced versions are in the books."""
    stores.zone_currency(connection, zone)
    query = sa.select(PROMO_RULE).where(PROMO_RULE.c.zone == zone, PROMO_RULE.c.state.in_(_SHOWN))
    rows = connection.execute(query.order_by(PROMO_RULE.c.rule_id, PROMO_RULE.c.version)).mappings()
    return _shown(connection, [dict(row) for row in rows], now_ms=now_ms)


def save_draft(act: Act, zone: str, rule_id: str, *, data: Mapping[str, Any]) -> Row:
    """Keep a draft of a rule in the place of an earlier one; id, version and missing names come from here."""
    known = _versions(act, zone, rule_id)
    before = next((row for row in known if row["state"] == DRAFT), None)
    version = before["version"] if before else max((row["version"] for row in known), default=0) + 1
    rule = _read({**data, "rule_id": rule_id, "version": version})
    rule = with_names(rule, *rule_words.voices(act.connection, zone, [rule], now_ms=act.now_ms))
    values = {"document": _json(rule), "changed_at_ms": act.now_ms, "changed_by": act.who}
    if before:
        return _changed(act, before, **values)
    row = {"zone": zone, "rule_id": rule_id, "version": version, "state": DRAFT, "book_version": 0, **values}
    row |= {"created_at_ms": act.now_ms, "created_by": act.who}
    act.connection.execute(sa.insert(PROMO_RULE).values(row))
    act.note("draft", "rule", key=_name(row), after=row)
    return _shown(act.connection, [row], now_ms=act.now_ms)[0]


def discard_draft(act: Act, zone: str, rule_id: str) -> Row:
    """Take a draft back; 404 where there is none."""
    return _changed(act, _draft(act, zone, rule_id), state="discarded", changed_at_ms=act.now_ms, changed_by=act.who)


def publish_rule(act: Act, zone: str, rule_id: str, *, window: Window | None = None) -> Row:
    """Send a draft to the tills with the next book: to begin in its window, at least a day ahead, or else at once.

    A rule that holds is replaced only at once: of two versions of one rule the tills have one.
    """
    book = rule_books.locked_book(act, zone)
    draft = _draft(act, zone, rule_id)
    rule = _read(json.loads(draft["document"]))
    held = next((one for one in book.rules if one.rule_id == rule_id), None)
    if window is not None:
        rule = replace(rule, valid_from_ms=window.from_ms, valid_until_ms=window.until_ms)
        if rule.valid_from_ms < act.now_ms + SENT_AHEAD_MS:
            raise ApiProblem(422, "rules.too_soon", hours=SENT_AHEAD_MS // 3_600_000)
        if held and held.is_live(act.now_ms):
            raise ApiProblem(409, "rules.still_live", rule_id=rule_id)
    changed = replace(book, rules=(*(one for one in book.rules if one.rule_id != rule_id), rule))
    published = rule_books.publish(act, zone, changed, what=f"publish {rule_id}")
    _supersede(act, zone, rule_id, state="replaced")
    values = {"state": PUBLISHED, "document": _json(rule), "book_version": published["version"]}
    return _changed(act, draft, **values, changed_at_ms=act.now_ms, changed_by=act.who)


def stop_rule(act: Act, zone: str, rule_id: str) -> Row:
    """Take a published rule out of the next book, at once; what was sold by it stays as it was sold."""
    book = rule_books.locked_book(act, zone)
    keep = {rule.rule_id for rule in book.rules} - {rule_id}
    if len(keep) == len(book.rules):
        raise ApiProblem(404, "cloud.not_found", what="已发布的规则 published rule", key=f"{zone}/{rule_id}")
    rule_books.publish(act, zone, rule_books.with_only(book, keep=keep), what=f"stop {rule_id}")
    return _supersede(act, zone, rule_id, state="stopped")[0]


def replace_frame(act: Act, zone: str, frame: RuleBook) -> Row:
    """Publish the book anew with other choices, groups, tiers, member prices and points; its rules stay."""
    assert not frame.rules
    book = rule_books.locked_book(act, zone)
    return rule_books.publish(act, zone, replace(frame, rules=book.rules), what="frame")


def book_with_drafts(connection: sa.Connection, zone: str, rule_ids: Collection[str] | None = None) -> RuleBook:
    """The live book as it would be with these drafts published (None: all of them)."""
    book = rule_books.live_book(connection, zone)
    query = sa.select(PROMO_RULE.c.document).where(PROMO_RULE.c.zone == zone, PROMO_RULE.c.state == DRAFT)
    drafts = [_read(json.loads(document)) for document in connection.execute(query).scalars()]
    if rule_ids is not None:
        drafts = [rule for rule in drafts if rule.rule_id in rule_ids]
        for missing in sorted(set(rule_ids) - {rule.rule_id for rule in drafts}):
            raise ApiProblem(404, "cloud.not_found", what="规则草稿 draft of a rule", key=f"{zone}/{missing}")
    new = {rule.rule_id for rule in drafts}
    kept = [rule for rule in book.rules if rule.rule_id not in new]
    return replace(book, rules=(*kept, *drafts))


def _versions(act: Act, zone: str, rule_id: str) -> Sequence[Row]:
    query = sa.select(PROMO_RULE).where(PROMO_RULE.c.zone == zone, PROMO_RULE.c.rule_id == rule_id)
    return [dict(row) for row in act.connection.execute(query.with_for_update()).mappings()]


def _draft(act: Act, zone: str, rule_id: str) -> Row:
    for row in _versions(act, zone, rule_id):
        if row["state"] == DRAFT:
            return row
    raise ApiProblem(404, "cloud.not_found", what="规则草稿 draft of a rule", key=f"{zone}/{rule_id}")


def _supersede(act: Act, zone: str, rule_id: str, *, state: str) -> list[Row]:
    """Give the published version of a rule its last state."""
    values = {"state": state, "changed_at_ms": act.now_ms, "changed_by": act.who}
    return [_changed(act, row, **values) for row in _versions(act, zone, rule_id) if row["state"] == PUBLISHED]


def _changed(act: Act, before: Row, **values: Any) -> Row:
    after = {**before, **values}
    key = [PROMO_RULE.c[name] == before[name] for name in ("zone", "rule_id", "version")]
    act.connection.execute(sa.update(PROMO_RULE).where(*key).values(values))
    action = after["state"] if after["state"] != before["state"] else "redraft"
    act.note(action, "rule", key=_name(after), before=before, after=after)
    return _shown(act.connection, [after], now_ms=act.now_ms)[0]


def _shown(connection: sa.Connection, rows: Sequence[Row], *, now_ms: int) -> list[Row]:
    """Rows of one zone with their rules, what they say, and where they stand."""
    if not rows:
        return []
    documents = [json.loads(row["document"]) for row in rows]
    rules = [_read(document) for document in documents]
    speakers = rule_words.voices(connection, rows[0]["zone"], rules, now_ms=now_ms)
    return [
        {**row, "rule": document, "phase": _phase(row["state"], rule, now_ms), **rule_words.sentences(rule, speakers)}
        for row, document, rule in zip(rows, documents, rules, strict=True)
    ]


def _phase(state: str, rule: Rule, now_ms: int) -> str:
    """Where a published rule stands in its own time."""
    if state != PUBLISHED:
        return state
    if now_ms < rule.valid_from_ms:
        return "scheduled"
    return "live" if rule.is_live(now_ms) else "ended"


def _read(data: Mapping[str, Any]) -> Rule:
    try:
        return from_data(Rule, data)
    except DomainError as error:
        raise unfit(error) from error


def _name(row: Row) -> str:
    return f"{row['zone']}/{row['rule_id']}/{row['version']}"


def _json(rule: Rule) -> str:
    return json.dumps(to_data(rule), ensure_ascii=False, separators=(",", ":"))
