"""Reading CSV: any usual encoding and delimiter, and a broken row costs that row alone."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_api.errors import ApiProblem
from cloud_api.services.catalog_import import csv_source
from cloud_api.services.catalog_import.csv_source import CsvSource
from cloud_api.services.catalog_import.source import COLUMNS_MAX, LINE_BYTES_MAX, RawRow, SourceOptions

CELLS = st.text(st.sampled_from("abc 可乐旺仔啊，。\"',;|\t\n\r0.5"), max_size=12)
ROWS = st.lists(st.tuples(st.text(st.sampled_from("xyz品"), min_size=1, max_size=3), CELLS, CELLS), max_size=30)
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")


def read(data: bytes, **options: str) -> tuple[CsvSource, list[RawRow]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "goods.csv"
        path.write_bytes(data)
        source = CsvSource(path, SourceOptions(**options))
        return source, list(source.rows())


@given(rows=ROWS, encoding=st.sampled_from(ENCODINGS), delimiter=st.sampled_from(csv_source.DELIMITERS))
def test_what_a_program_wrote_is_read_back(rows: list[tuple[str, str, str]], *, encoding: str, delimiter: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["货号", "品名", "单位"])
    writer.writerows(rows)
    source, found = read(file.getvalue().encode(encoding))
    assert source.headers == ["货号", "品名", "单位"]
    assert source.delimiter == delimiter
    assert [row.cells for row in found] == [list(row) for row in rows]


def test_rows_that_read_as_either_do_not_hide_what_the_header_is_written_in() -> None:
    source, found = read("\n".join(["货号,品名,单位", *["品,,"] * 30, ""]).encode("gb18030"))
    assert source.headers == ["货号", "品名", "单位"]
    assert [row.cells for row in found] == [["品", "", ""]] * 30


@given(count=st.integers(1, 60), broken=st.integers(0, 59), junk=st.sampled_from(['"', 'a"b,"', 'x,"y']))
def test_a_stray_quote_costs_one_row(count: int, broken: int, *, junk: str) -> None:
    lines = [f"S{n},货品{n},个" for n in range(count)]
    broken %= count
    lines[broken] = f"S{broken},{junk},个"
    _, found = read("\n".join(["货号,品名,单位", *lines, ""]).encode())
    assert [row.number for row in found] == list(range(2, count + 2))
    faults = {row.number: row.fault for row in found if row.cells is None}
    assert faults == {broken + 2: "broken_row"}


def test_a_cell_may_hold_line_breaks() -> None:
    _, found = read('货号,品名\nA,"两\n行"\nB,一行\n'.encode())
    assert [(row.number, row.cells) for row in found] == [(2, ["A", "两\n行"]), (4, ["B", "一行"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("over", [1, 2, 3, 240_000])
def test_an_overlong_line_is_one_row(end: str, over: int) -> None:
    long = "B," + "长" * (LINE_BYTES_MAX - 2 - len(end) + over)
    fits = "C," + "长" * (LINE_BYTES_MAX - 2 - len(end))
    lines = ["货号,品名", "A,甲", long, fits, 'D,"开', long, "E,戊", "", "F,己", long]
    _, found = read((end.join(lines) + end).encode(), encoding="utf-8")
    assert [(row.number, row.fault) for row in found] == [
        (2, ""),
        (3, "line_too_long"),
        (4, ""),
        (5, "broken_row"),
        (6, "line_too_long"),
        (7, ""),
        (9, ""),
        (10, "line_too_long"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_that_are_no_text_cost_one_row(encoding: str) -> None:
    lines = [f"S{n},可口可乐{n},罐".encode(encoding) for n in range(9)]
    lines[4] = b"S4," + "可口".encode(encoding)[:-1] + b"\xff,x"
    source, found = read(b"\n".join(["货号,品名,单位".encode(encoding), *lines]))
    assert source.encoding == encoding
    assert [(row.number, row.fault) for row in found if row.cells is None] == [(6, "undecodable")]
    assert len(found) == 9


@pytest.mark.parametrize(
    ("rows", "encoding"),
    [(["品"] * 30, "gb18030"), (["crème brûlée"] * 9, "utf-8"), (["可乐"], "gb18030"), (["可乐"], "utf-8")],
)
def test_short_files_are_told_apart(rows: list[str], encoding: str) -> None:
    source, _ = read("\n".join(["货号", *rows]).encode(encoding))
    assert source.encoding == encoding


def test_empty_columns_at_the_end_are_nothing() -> None:
    _, found = read("货号,品名,,\nA,甲,,\nB,乙,,,,\nC,丙\n".encode())
    assert [(row.cells, row.fault) for row in found] == [
        (["A", "甲", "", ""], ""),
        (["B", "乙", "", ""], ""),
        (None, "column_count"),
    ]


def test_a_line_without_end_is_cut_into_pieces_that_are_refused() -> None:
    source, found = read(b"a,b\n" + b"x" * 300_000 + b"\n1,2\n")
    assert source.headers == ["a", "b"]
    assert [row.cells for row in found if row.cells] == [["1", "2"]]


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ApiProblem) as caught:
        read(b"a,b\n", encoding="klingon")
    assert caught.value.code == "cloud.import_encoding"


@pytest.mark.parametrize("blank", ["", "\n", ",,\n\n"])
def test_an_overlong_header_is_said_to_be_so(blank: str) -> None:
    long = "货号,品名," + "长" * LINE_BYTES_MAX
    wide = ",".join(f"列{n}" for n in range(COLUMNS_MAX + 1))
    for header in (long, wide):
        with pytest.raises(ApiProblem) as caught:
            read(f"{blank}{header}\nA,甲,1\n".encode(), encoding="utf-8")
        assert caught.value.code == "cloud.import_header_too_long"
        assert (caught.value.params["columns"], caught.value.params["characters"]) == (COLUMNS_MAX, LINE_BYTES_MAX)


def test_a_broken_header_is_no_reason_to_take_the_next_line_for_it() -> None:
    for header in ('货号,"品名,售价'.encode(), "货号,品名".encode() + b"\xff", '货号,"品"名,"'.encode()):
        with pytest.raises(ApiProblem) as caught:
            read(header + "\nA,甲,1\nB,乙,2\n".encode(), encoding="utf-8")
        assert caught.value.code == "cloud.import_header_broken"
        assert caught.value.params["row"] == 1
        assert str(caught.value.params["start"]).startswith("货号")


def test_blank_rows_may_stand_above_the_header() -> None:
    source, found = read("\n,,\n货号,品名\nA,甲\n".encode())
    assert (source.header_row, source.headers) == (3, ["货号", "品名"])
    assert [(row.number, row.cells) for row in found] == [(4, ["A", "甲"])]


@pytest.mark.parametrize("letter", ["é", "长", "𠮷"])
@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_letter_cut_where_reading_stops_does_not_decide_the_encoding(letter: str, *, shift: int, end: str) -> None:
    # Nothing but the cut letters could be taken for damage, and nothing else speaks for UTF-8.
    long = "x" * (LINE_BYTES_MAX - len(letter.encode()) + shift) + letter + "x" * 9 + letter
    source, found = read(f"sku,name{end}A,{long}{end}B,{letter}{end}".encode())
    assert source.encoding == "utf-8"
    assert found[-1].cells == ["B", letter]
    header = f"sku,{long},{'长' * LINE_BYTES_MAX}{end}A,甲{end}"
    with pytest.raises(ApiProblem) as caught:
        read(header.encode())
    assert caught.value.code == "cloud.import_header_too_long"


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_gbk_stays_gbk_where_lines_are_endless(end: bytes) -> None:
    lines = ["sku,name", "A," + "可口可乐" * LINE_BYTES_MAX, "B,可乐", ""]
    source, found = read(end.join(line.encode("gb18030") for line in lines))
    assert source.encoding == "gb18030"
    assert found[-1].cells == ["B", "可乐"]
