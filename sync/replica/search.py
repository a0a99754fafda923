"""The replica's word index: Chinese bigrams and whole words of other scripts, kept in step with the items.

SQLite's own trigrams cannot find two characters, and two characters are what cashiers type; so names are cut here
into overlapping pairs and stored in a contentless FTS5 table whose rowid is the item_id. A query is cut the same way;
its hits still have to be checked against the name, because pairs may stand apart in it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from sync.replica.store import Connection, read_state, write_state

SEARCH_SQL = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5"
    "(tokens, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2')"
)
TERMS_SQL = "CREATE VIRTUAL TABLE temp.search_terms USING fts5vocab(main, search_fts, 'row')"
"""For readers: the index's terms in order, with how many items have each (columns term and doc)."""
_POSITION = "search_pos"
_COMPLETE = 2**63 - 1
_IDS_AT_ONCE = 500
_RUNS = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿]+|[^\W_぀-ヿ㐀-䶿一-鿿豈-﫿]+")


def bigrams(text: str) -> list[str]:
    """The index terms of a text: pairs of each run of Chinese (and its last character alone), words of the rest."""
    terms: list[str] = []
    for run in _runs(text):
        if _is_word(run):
            terms.append(run)
        else:
            terms += [run[i : i + 2] for i in range(len(run))]
    return terms


def match_expression(text: str, words_of: Callable[[str], Sequence[str]] = lambda _beginning: ()) -> str | None:
    """The FTS5 query for what was typed: every pair must be there, and every word or lone character as a beginning.

    ``words_of`` may name the words that stand for a beginning, so that FTS5 need not merge all there are.
    None where nothing of it can be looked up (punctuation only).
    """
    terms = []
    for run in _runs(text):
        if _is_word(run):
            terms.append(" OR ".join(f'"{word}"' for word in words_of(run)) or f'"{run}"*')
        else:
            pairs = [run[i : i + 2] for i in range(max(1, len(run) - 1))]
            terms += [f'"{pair}"' if len(pair) > 1 else f'"{pair}"*' for pair in pairs]
    return " AND ".join(f"({term})" if " OR " in term else term for term in dict.fromkeys(terms)) or None


def _runs(text: str) -> list[str]:
    return _RUNS.findall(unicodedata.normalize("NFKC", text).lower())


def _is_word(run: str) -> bool:
    return not ("぀" <= run[0] <= "ヿ" or "㐀" <= run[0] <= "鿿" or "豈" <= run[0] <= "﫿")


def create_search(conn: Connection) -> None:
    """The empty index; ``index_some`` fills it."""
    conn.execute(SEARCH_SQL)


def is_complete(conn: Connection) -> bool:
    """Whether every item is in the index; until then readers look through the names instead."""
    return bool(read_state(conn, _POSITION) == _COMPLETE)


def index_some(conn: Connection, limit: int) -> int:
    """Indexes the next items after an install, inside the caller's transaction; 0 means the index is complete."""
    position = read_state(conn, _POSITION) or 0
    if position == _COMPLETE:
        return 0
    sql = "SELECT item_id, name_zh, name_en, sku FROM item WHERE item_id > ? ORDER BY item_id LIMIT ?"
    rows = conn.execute(sql, (position, limit)).fetchall()
    _insert(conn, rows)
    write_state(conn, **{_POSITION: rows[-1][0] if rows else _COMPLETE})
    return len(rows)


def refresh(conn: Connection, item_ids: Sequence[int]) -> None:
    """Brings the index of changed or deleted items up to date, inside the transaction that changed them.

    Items that ``index_some`` has yet to reach are left to it.
    """
    position = read_state(conn, _POSITION) or 0
    reached = sorted(item_id for item_id in item_ids if item_id <= position)
    conn.executemany("DELETE FROM search_fts WHERE rowid = ?", [(item_id,) for item_id in reached])
    for first in range(0, len(reached), _IDS_AT_ONCE):
        some = reached[first : first + _IDS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT item_id, name_zh, name_en, sku FROM item WHERE item_id IN ({marks})"  # noqa: S608 marks only
        _insert(conn, conn.execute(sql, some).fetchall())


def _insert(conn: Connection, rows: Iterable[tuple[int, str, str, str]]) -> None:
    terms = [(item_id, " ".join(dict.fromkeys(bigrams(" ".join(names))))) for item_id, *names in rows]
    conn.executemany("INSERT INTO search_fts (rowid, tokens) VALUES (?, ?)", terms)
