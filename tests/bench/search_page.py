"""[search_page]: search as one types, a million goods: from a keystroke to the first page of goods with prices."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pos_app.db.engine import connect_to_read
from pos_app.db.search import fold
from pos_app.services.catalog import Sellable
from pos_app.viewmodels.search import PAGE
from pos_app.wiring import open_till
from sync.replica.search import match_expression
from tests.bench.harness import Goal, Result, Stopwatch
from tests.bench.million import MILLION, initials_of, name_of, till_of

WORDS = 150
ITEMS_OF_WORDS = (
    "SELECT item.*, price_minor FROM search_fts JOIN item ON item.item_id = search_fts.rowid"
    f" JOIN price USING (item_id) WHERE search_fts MATCH ? LIMIT {PAGE}"
)
ITEMS_OF_INITIALS = (
    "SELECT item.*, price_minor FROM item JOIN price USING (item_id)"
    f" WHERE pinyin >= ? AND pinyin < ? ORDER BY pinyin LIMIT {PAGE}"
)


def bench(folder: Path) -> Iterator[Result]:
    """Keystrokes of 150 words of either kind, and of Latin words that all goods have."""
    yield measure(folder / "till", items=MILLION, words=WORDS)


def measure(directory: Path, *, items: int, words: int) -> Result:
    """Every beginning of so many words of either kind, each searched as the search screen does it."""
    till_of(directory, items)
    till = open_till(directory)
    assert till.reads.path is not None
    bare = connect_to_read(till.reads.path)
    ours, raw = Stopwatch(), Stopwatch()
    found = 0
    for typed in _keystrokes(random.Random(5), items, words):
        with raw.once():
            _look_up(bare, typed)
        with ours.once():
            page = till.catalog.search(typed, PAGE + 1)
        found += _right(page, typed)
    assert found > words, "goods were found"
    bare.close()
    till.close()
    return Result("search_page", "ms", ours.samples, Goal(p99=40), raw.samples)


def _keystrokes(rng: random.Random, items: int, words: int) -> Iterator[str]:
    """What stands in the box after each key: pieces of Chinese names, pinyin initials, and the word of all goods."""
    for _ in range(words):
        name = name_of(rng.randint(1, items)).split()[0]
        start = rng.randrange(max(1, len(name) - 3))
        yield from _beginnings(name[start : start + 5])
        yield from _beginnings(initials_of(name_of(rng.randint(1, items)))[:6])
    yield from _beginnings("goods 12")


def _beginnings(word: str) -> Iterator[str]:
    return (word[: end + 1] for end in range(len(word)))


def _look_up(bare: Any, typed: str) -> None:
    """The least there is to read: the first page straight from the index."""
    if typed.isascii():
        bare.execute(ITEMS_OF_INITIALS, (typed, typed + "\U0010ffff")).fetchall()
    elif expression := match_expression(typed):
        bare.execute(ITEMS_OF_WORDS, (expression,)).fetchall()


def _right(page: list[Sellable], typed: str) -> int:
    """How many goods were found; each must have what was typed in its name, or begin with it."""
    for one in page:
        item = one.item
        begins = (item.pinyin, fold(item.sku), one.code)
        said, wanted = fold(f"{item.name_zh} {item.name_en}"), fold(typed)
        assert all(part in said for part in wanted.split()) or any(word.startswith(wanted) for word in begins), typed
    return len(page)
