"""Searching a million items as one types: ids of items by code, SKU, pinyin initials and words, best first."""

import unicodedata
from collections.abc import Iterator

from domain.gtin import KEY_DIGITS, is_digits, normalise
from pos_app.db.replica import CatalogReads, Row
from sync.replica.search import match_expression

QUERY_CHARACTERS_MAX = 64
SHORTEST_CODE = 3
SHORTEST_WORD = 2
_GTIN_LENGTHS = (13, 12, 8, 14)
_HITS_MAX = 2000
"""Hits of the word index that are looked at; whoever types so little types on."""
_WORDS_MAX = 20
"""Words of the index that are tried for a beginning before all of them are."""
_SCANNED_MAX = 50_000
"""Names looked through while the word index is still being built."""
_LAST = "\U0010ffff"

_CODES = "SELECT item_id FROM barcode WHERE code >= ? AND code < ? ORDER BY code LIMIT ?"
_SKUS = "SELECT item_id FROM item WHERE sku >= ? AND sku < ? ORDER BY sku LIMIT ?"
_PINYIN = "SELECT item_id FROM item WHERE pinyin >= ? AND pinyin < ? ORDER BY pinyin, item_id LIMIT ?"
_WORDS = "SELECT rowid FROM search_fts WHERE search_fts MATCH ? LIMIT ?"
_WORD_AT = "SELECT term, doc FROM search_terms WHERE term >= ? AND term < ? LIMIT 1"
_WORD_AFTER = "SELECT term, doc FROM search_terms WHERE term > ? AND term < ? LIMIT 1"
_NAMES = "SELECT item_id, name_zh, name_en, sku FROM item WHERE item_id IN "
_LOOK_THROUGH = "SELECT item_id, name_zh, name_en, sku FROM item LIMIT ?"

_Hit = tuple[str, int, int]
"""Folded names, length of the first name, item id."""


def find_ids(reads: CatalogReads, text: str, limit: int) -> list[int]:
    """The first ``limit`` item ids, best first, none twice."""
    query = fold(text)[:QUERY_CHARACTERS_MAX]
    found: dict[int, None] = {}
    for item_id in _candidates(reads, query, limit) if query else ():
        found.setdefault(item_id)
        if len(found) >= limit:
            break
    return list(found)


def fold(text: str) -> str:
    """What counts of a name or query: half-width, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _candidates(reads: CatalogReads, query: str, limit: int) -> Iterator[int]:
    """Exact code, beginning of a code, of an SKU, of the pinyin initials, then words."""
    if query.isascii() and " " not in query:
        yield from _by_code(reads, query, limit)
        for spelling in dict.fromkeys((query.upper(), query)):
            yield from _ids(reads, _SKUS, spelling, limit=limit)
        yield from _ids(reads, _PINYIN, query, limit=limit)
    yield from _by_words(reads, query, limit)


def _by_code(reads: CatalogReads, query: str, limit: int) -> Iterator[int]:
    key = normalise(query)
    yield from (row[0] for row in reads.rows("SELECT item_id FROM barcode WHERE code = ?", (key,)))
    if len(query) < SHORTEST_CODE:
        return
    if is_digits(query):
        # GTINs are kept with 14 digits, so the beginning of an EAN-13 stands behind one zero.
        for length in _GTIN_LENGTHS:
            yield from _ids(reads, _CODES, "0" * (KEY_DIGITS - length) + query, limit=limit)
    yield from _ids(reads, _CODES, query, limit=limit)


def _ids(reads: CatalogReads, sql: str, beginning: str, *, limit: int) -> Iterator[int]:
    return (row[0] for row in reads.rows(sql, (beginning, beginning + _LAST, limit)))


def _by_words(reads: CatalogReads, query: str, limit: int) -> Iterator[int]:
    """Items whose names hold every part of the query, those that begin with it first."""
    parts = query.split()
    if match_expression(query) is None or (query.isascii() and max(map(len, parts)) < SHORTEST_WORD):
        return
    hits: list[_Hit] = []
    for rows in _rows_of_hits(reads, query, limit) if reads.has_word_index() else [_look_through(reads)]:
        found = ((fold(" ".join(names)), len(names[0]), item_id) for item_id, *names in rows)
        hits = [hit for hit in found if all(part in hit[0] for part in parts)]
        if len(hits) >= limit:
            break
    hits.sort(key=lambda hit: (not hit[0].startswith(query), *hit[1:]))
    yield from (item_id for _, _, item_id in hits)


def _rows_of_hits(reads: CatalogReads, query: str, limit: int) -> Iterator[list[Row]]:
    """Hits by the first words that begin as typed, which is quick whatever was typed; then by all such words."""
    quick = match_expression(query, lambda beginning: _first_words(reads, beginning))
    for expression in dict.fromkeys((quick, match_expression(query))):
        ids = [row[0] for row in reads.rows(_WORDS, (expression, min(_HITS_MAX, max(200, 4 * limit))))]
        yield reads.rows(f"{_NAMES}({', '.join('?' * len(ids))})", ids)


def _first_words(reads: CatalogReads, beginning: str) -> list[str]:
    """Words of the index from ``beginning`` on, in order, until they have items enough."""
    words: list[str] = []
    items, after, sql = 0, beginning, _WORD_AT
    while items < _HITS_MAX and len(words) < _WORDS_MAX:
        row = reads.first(sql, (after, beginning + _LAST))
        if row is None:
            break
        after, sql = row[0], _WORD_AFTER
        words.append(row[0])
        items += row[1]
    return words


def _look_through(reads: CatalogReads) -> list[Row]:
    return reads.rows(_LOOK_THROUGH, (_SCANNED_MAX,))
