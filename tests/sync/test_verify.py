"""The verifier: finds every kind of change to an exported journal, and nothing in an untouched one (promise F1)."""

import ast
import base64
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sync import journal_store, verify
from sync.export import write_export
from sync.identity import public_key_text
from sync.journal import Tip, anchor_bytes
from sync.verify import Unreadable
from tests.sync.builders import TERMINAL, append, journal_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
COLUMNS = [
    "inc",
    "seq",
    "event_id",
    "kind",
    "version",
    "at_ms",
    "est_ms",
    "off_ms",
    "boot",
    "mono_ms",
    "prev",
    "hash",
    "body",
]
Line = dict[str, dict[str, Any]]


def exported(key: Ed25519PrivateKey = KEY) -> list[bytes]:
    """Five entries, two pruned, a fork that carries two of them over, two more."""
    conn = journal_of(5)
    journal_store.prune(conn, 1, up_to_seq=2)
    journal_store.adopt_fork(conn, 2, common_seq=3)
    append(conn, 2)
    out = io.BytesIO()
    assert write_export(conn, out, sign=key.sign, public_key=public_key_text(key), at_ms=1) == 7
    conn.close()
    return out.getvalue().splitlines(keepends=True)


EXPORT = exported()
ENTRIES = [index for index, line in enumerate(EXPORT) if line.startswith(b'{"entry"')]


def codes(lines: list[bytes], **more: Any) -> set[str]:
    return {finding.code for finding in verify.verify(lines, PUBLIC, **more).findings}


def content(lines: list[bytes], index: int) -> Line:
    parsed: Line = json.loads(lines[index])
    return parsed


def line_of(content: Line) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def resealed(lines: list[bytes], key: Ed25519PrivateKey) -> list[bytes]:
    """What a forger can do at best: a seal over the changed file, with a key of his own."""
    body = lines[:-1]
    sha256 = hashlib.sha256(b"".join(body)).hexdigest()
    signature = base64.b64encode(key.sign(f"evertill/1 export\n{sha256}".encode())).decode()
    return [*body, line_of({"seal": {"sha256": sha256, "sig": signature}})]


def without_seal_findings(found: set[str]) -> set[str]:
    return found - {"seal_content", "seal_signature", "no_seal"}


def test_an_untouched_export_is_sound() -> None:
    report = verify.verify(EXPORT, PUBLIC)
    assert report.findings == []
    assert (report.terminal, report.entries, set(report.ends)) == (TERMINAL, 7, {1, 2})


def changed_value(value: Any) -> list[Any]:
    if isinstance(value, int):
        return [value + 1, -value - 1, str(value), None, True]
    return [value + "x", value[:-1], value.upper() + " ", 7, None, ""]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("index", ENTRIES)
def test_every_changed_column_is_found_even_under_a_fresh_seal(column: str, index: int) -> None:
    for value in changed_value(content(EXPORT, index)["entry"][column]):
        lines = list(EXPORT)
        entry = content(lines, index)
        entry["entry"][column] = value
        lines[index] = line_of(entry)
        assert "seal_content" in codes(lines)
        assert without_seal_findings(codes(resealed(lines, KEY))), (column, value)


def dropped(lines: list[bytes], index: int) -> list[bytes]:
    return lines[:index] + lines[index + 1 :]


def doubled(lines: list[bytes], index: int) -> list[bytes]:
    return lines[: index + 1] + lines[index:]


def swapped(lines: list[bytes], index: int) -> list[bytes]:
    return [*lines[:index], lines[index + 1], lines[index], *lines[index + 2 :]]


def moved_to_the_end(lines: list[bytes], index: int) -> list[bytes]:
    return [*lines[:index], *lines[index + 1 : -1], lines[index], lines[-1]]


def cut_off(lines: list[bytes], index: int) -> list[bytes]:
    return lines[:index]


Change = Callable[[list[bytes], int], list[bytes]]
CHANGES: list[Change] = [dropped, doubled, swapped, moved_to_the_end, cut_off]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("index", range(1, len(EXPORT) - 2))
def test_every_line_left_out_repeated_moved_or_cut_is_found(change: Change, index: int) -> None:
    lines = change(EXPORT, index)
    assert codes(lines)
    if change is not cut_off:
        assert without_seal_findings(codes(resealed(lines, KEY)))


@pytest.mark.parametrize("index", ENTRIES)
def test_an_inserted_entry_is_found(index: int) -> None:
    entry = content(EXPORT, index)
    entry["entry"]["event_id"] = "put in"
    lines = [*EXPORT[:index], line_of(entry), *EXPORT[index:]]
    assert {"not_in_order", "hash_wrong"} <= codes(resealed(lines, KEY))


def test_a_whole_history_written_anew_fails_the_tills_key() -> None:
    assert codes(exported(OTHER)) == {"anchor_signature", "seal_signature"}
    assert codes(resealed(EXPORT, OTHER)) == {"seal_signature"}


def test_a_journal_cut_in_the_till_itself_is_found_by_what_the_cloud_confirmed() -> None:
    conn = journal_of(5)
    end = journal_store.tip(conn)
    conn.execute("DELETE FROM journal WHERE seq = 5")
    out = io.BytesIO()
    write_export(conn, out, sign=KEY.sign, public_key=public_key_text(KEY), at_ms=1)
    lines = out.getvalue().splitlines(keepends=True)
    assert codes(lines) == set()
    assert codes(lines, confirmed=[(1, 5, end.hash)]) == {"not_confirmed"}
    assert codes(lines, confirmed=[(1, 4, "ab" * 32)]) == {"not_confirmed"}
    assert codes(lines, confirmed=[(1, 4, journal_store.tip(conn).hash)]) == set()


def test_one_act_cannot_have_two_bodies() -> None:
    conn = journal_of(2)
    journal_store.adopt_fork(conn, 2, common_seq=2)
    fact = next(journal_store.iterate(conn, 1)).fact
    forged = type(fact)(fact.event_id, fact.kind, fact.version, fact.stamp, b'{"total":1}')
    journal_store.append(conn, forged)
    out = io.BytesIO()
    write_export(conn, out, sign=KEY.sign, public_key=public_key_text(KEY), at_ms=1)
    assert codes(out.getvalue().splitlines(keepends=True)) == {"id_twice"}


def anchored(inc: int, seq: int, digest: str) -> bytes:
    tip = Tip(inc, seq, digest)
    signature = base64.b64encode(KEY.sign(anchor_bytes(TERMINAL, tip))).decode()
    return line_of({"anchor": {"inc": inc, "seq": seq, "hash": digest, "sig": signature}})


def test_bases_and_incarnations_must_be_in_order() -> None:
    header, start = EXPORT[0], "0" * 64
    base = line_of({"base": {"inc": 1, "seq": 0, "hash": start}})
    wrong = line_of({"base": {"inc": 1, "seq": 0, "hash": "ab" * 32}})
    sound = [header, base, anchored(1, 0, start), b""]
    assert codes(resealed(sound, KEY)) == set()
    assert codes(resealed([header, wrong, anchored(1, 0, "ab" * 32), b""], KEY)) == {"base_wrong"}
    twice = [header, base, anchored(1, 0, start), base, anchored(1, 0, start), b""]
    assert codes(resealed(twice, KEY)) == {"incarnation_order"}
    unclosed = [header, base, line_of({"base": {"inc": 2, "seq": 0, "hash": start}}), b""]
    assert codes(resealed(unclosed, KEY)) == {"no_anchor"}


def test_nothing_may_stand_behind_the_seal() -> None:
    assert codes([*EXPORT, EXPORT[1]]) == {"line_unreadable"}


@pytest.mark.parametrize(
    "junk",
    [b"\n", b"[]\n", b'{"entry":7}\n', b'{"a":{},"b":{}}\n', b'{"x":{}}\n', b"\xff\xfe\n", b'{"base":{"inc":"1"}}\n'],
)
def test_junk_in_the_middle_is_a_finding_and_at_the_top_no_export(junk: bytes) -> None:
    assert "line_unreadable" in codes([*EXPORT[:3], junk, *EXPORT[3:]])
    with pytest.raises(Unreadable):
        verify.verify([junk, *EXPORT], PUBLIC)


@pytest.mark.parametrize("header", [{}, {"format": 2, "terminal": "x"}, {"format": 1}, {"format": 1, "terminal": ""}])
def test_a_header_of_another_format_is_no_export(header: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        verify.verify([line_of({"evertill_export": header})], PUBLIC)
    with pytest.raises(Unreadable):
        verify.verify([], PUBLIC)


@given(st.data())
def test_any_flipped_bit_is_found(data: st.DataObject) -> None:
    whole = bytearray(b"".join(EXPORT))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        report = verify.verify(bytes(whole).splitlines(keepends=True), PUBLIC)
    except Unreadable:
        return
    assert report.findings


def test_it_shares_no_code_with_what_it_checks() -> None:
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not {name for name in imported if name.split(".")[0] in ("sync", "domain")}


def run(tmp_path: Path, lines: list[bytes], *more: str) -> int:
    path, key_file = tmp_path / "journal.jsonl", tmp_path / "till.pub"
    path.write_bytes(b"".join(lines))
    key_file.write_text(public_key_text(KEY) + "\n")
    return verify.main([str(path), str(key_file), *more])


def test_the_command_reports_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, EXPORT) == verify.SOUND
    out = capsys.readouterr().out
    assert "日志完整，未被改动" in out and "whole and unchanged" in out
    assert run(tmp_path, dropped(EXPORT, ENTRIES[1])) == verify.CHANGED
    out = capsys.readouterr().out
    assert "不在其位" in out and "out of place" in out and "日志被改动过" in out
    assert run(tmp_path, [b"what"]) == verify.UNREADABLE
    assert "不是导出的日志" in capsys.readouterr().out


def test_the_command_takes_what_the_cloud_confirmed_and_refuses_a_bad_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, EXPORT, "--confirmed", f"2:9:{'ab' * 32}") == verify.CHANGED
    assert verify.main([str(tmp_path / "journal.jsonl"), "no key"]) == verify.UNREADABLE
    assert verify.main([str(tmp_path / "missing.jsonl"), public_key_text(KEY)]) == verify.UNREADABLE
    assert "第 2 段第 9 条" in capsys.readouterr().out


def test_a_key_given_as_text_serves_as_well() -> None:
    assert verify.read_key(public_key_text(KEY)).public_bytes_raw() == PUBLIC.public_bytes_raw()
