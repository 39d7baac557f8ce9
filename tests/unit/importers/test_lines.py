"""From bytes to cells."""

from __future__ import annotations

import gzip
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from infra.importers.lines import MAX_LINE_BYTES, Broken, Lines, Row


def lines(data: bytes, encoding: str = "utf-8", separator: str = ",") -> list[Row | Broken]:
    return list(Lines(BytesIO(data), encoding, separator))


def cells(data: bytes, separator: str = ",") -> list[list[str]]:
    return [line.cells for line in lines(data, separator=separator) if isinstance(line, Row)]


def defects(data: bytes, encoding: str = "utf-8") -> list[tuple[int, str]]:
    return [(line.line, line.reason) for line in lines(data, encoding) if isinstance(line, Broken)]


def test_all_line_ends_are_understood_and_blank_lines_passed_over() -> None:
    assert cells(b"a,b\r\n1,2\n\n3,4\r5,6") == [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]


def test_a_byte_order_mark_is_not_part_of_the_first_column() -> None:
    assert cells(b"\xef\xbb\xbfa,b\n") == [["a", "b"]]


def test_quoted_cells_may_hold_separators_quotes_and_line_breaks() -> None:
    assert cells(b'1,"a, ""b""\nc",2\n3,4,5') == [["1", 'a, "b"\nc', "2"], ["3", "4", "5"]]


def test_a_quote_inside_an_unquoted_cell_is_just_a_quote() -> None:
    assert cells(b'1,12" pipe\n2,x') == [["1", '12" pipe'], ["2", "x"]]


def test_an_unclosed_quote_costs_only_its_own_line() -> None:
    data = b'a,b\n1,"open\n2,x\n3,"fine"\n'
    assert defects(b'a,b\n1,"open\n2,x\n3,y\n') == [(2, "unbalanced_quotes")]
    assert cells(b'a,b\n1,"open\n2,x\n3,y\n') == [["a", "b"], ["2", "x"], ["3", "y"]]
    assert sum(1 for _ in lines(data)) >= 3


def test_an_unclosed_quote_early_in_a_long_file_does_not_swallow_it() -> None:
    data = b'1,"open\n' + b"2,x\n" * 500
    assert defects(data) == [(1, "unbalanced_quotes")]
    assert len(cells(data)) == 500


def test_a_broken_line_after_an_open_quote_is_judged_on_its_own() -> None:
    assert defects(b'1,"open\n2,\xff\n3,x') == [(1, "unbalanced_quotes"), (2, "wrong_encoding")]
    assert cells(b'1,"open\n2,\xff\n3,x') == [["3", "x"]]


def test_bytes_of_another_encoding_cost_their_line() -> None:
    data = "1,Orléans\n2,Nantes\n".encode("latin-1")
    assert defects(data) == [(1, "wrong_encoding")]
    assert defects(data, "latin-1") == []


def test_nul_bytes_cost_their_line() -> None:
    assert defects(b"1,a\n2,\0\n3,c\n") == [(2, "nul_byte")]


def test_a_line_of_five_megabytes_is_refused_and_the_next_one_read() -> None:
    data = b"1," + b"x" * 5_000_000 + b"\n2,y\n"
    assert defects(data) == [(1, "too_long")]
    assert cells(data) == [["2", "y"]]


def test_a_quoted_field_beyond_the_csv_limit_is_refused() -> None:
    data = b'1,"' + b"x" * 200_000 + b'"\n2,y\n'
    assert len(data) < MAX_LINE_BYTES
    assert defects(data) == [(1, "too_long")]
    assert cells(data) == [["2", "y"]]


def test_utf_16_is_named_at_once() -> None:
    assert defects("a,b\n1,2\n".encode("utf-16")) == [(1, "utf16")]


def test_a_cut_gzip_file_gives_its_whole_lines_and_then_says_so() -> None:
    whole = gzip.compress(b"".join(b"%d,%d\n" % (n, n * n) for n in range(5_000)))
    with gzip.open(BytesIO(whole[: len(whole) // 2])) as stream:
        found = list(Lines(stream))
    assert isinstance(found[-1], Broken)
    assert found[-1].reason == "unreadable"
    assert len(found) > 1_000


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "latin-1", "cp1252"]), st.sampled_from([",", ";", "\t"]))
def test_any_bytes_become_rows_and_broken_lines_with_rising_numbers(data: bytes, encoding: str, separator: str) -> None:
    numbers = [line.line for line in lines(data, encoding, separator)]
    assert numbers == sorted(numbers)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=9), min_size=2, max_size=4),
                min_size=1, max_size=8))  # fmt: skip
def test_what_the_csv_module_writes_is_read_back(table: list[list[str]]) -> None:
    import csv
    from io import StringIO

    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    data = text.getvalue().encode().removeprefix(b"\xef\xbb\xbf")
    assert cells(data) == table
