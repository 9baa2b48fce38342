"""Lists of queries: lines, and columns of CSV, with what is wrong said of the line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core.errors import BadRequestError
from search.batch.batch import MISSING, UNCLOSED, QueryLine, read_lines


@pytest.mark.parametrize(
    ("content", "name", "queries"),
    [
        ("kiln\n\n  old   weir \r\n", "", [(1, "kiln"), (3, "old weir")]),
        ('kiln, weir\n"old weir"', "", [(1, "kiln, weir"), (2, '"old weir"')]),
        ('id,name\n7,Ada Quill\n8,"Bo, the elder"\n', "", [(2, "Ada Quill"), (3, "Bo, the elder")]),
        ("id;Suche\n7;Wehr\n", "", [(2, "Wehr")]),
        ("kiln,1\nweir,2\n", "a.csv", [(1, "kiln"), (2, "weir")]),
        ("query\nkiln\n", "a.CSV", [(2, "kiln")]),
        ("query\nkiln\n", "", [(1, "query"), (2, "kiln")]),
        ('name\n"""old weir"""\n', "a.csv", [(2, '"old weir"')]),
        ('name,x\n"old\nweir",1\nkiln,2\n', "a.csv", [(2, "old weir"), (4, "kiln")]),
        ("a\tb\nkiln\tweir\n", "a.tsv", [(1, "a"), (2, "kiln")]),
        ("", "a.csv", []),
        ("\n \n", "", []),
    ],
)
def test_lines_and_columns_are_read(content: str, name: str, queries: list[object]) -> None:
    found = read_lines(content.encode(), name)
    assert [(line.number, line.query) for line in found] == queries
    assert not any(line.error for line in found)


def test_what_is_wrong_is_said_of_its_line() -> None:
    rest = "".join(f"{n},weir\n" for n in range(40))
    found = read_lines(f'id,name\n1,\n2,"kiln\n{rest}3\n'.encode(), "a.csv")
    assert found[0] == QueryLine(2, "", MISSING)
    assert (found[1].number, found[1].error) == (3, UNCLOSED)
    assert [line.query for line in found[2:42]] == ["weir"] * 40
    assert found[42] == QueryLine(44, "", MISSING)


def test_a_column_can_be_named() -> None:
    content = b"a,b\nkiln,weir\n"
    assert read_lines(content, column="B") == [QueryLine(2, "weir")]
    with pytest.raises(BadRequestError, match=r"no column 'c'.*a, b"):
        read_lines(content, column="c")


def test_other_encodings_are_read() -> None:
    assert read_lines("Müller\n".encode("utf-16"))[0].query == "Müller"
    assert read_lines("Müller straße\n".encode("cp1252"))[0].query == "Müller straße"


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z"))), min_size=1))
def test_what_was_written_as_csv_is_read_back(queries: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["name", "n"], *([query, "1"] for query in queries)])
    found = read_lines(out.getvalue().encode(), "a.csv")
    assert [line.query for line in found] == queries
    assert [line.number for line in found] == [n + 2 for n in range(len(queries))]


@given(st.text(alphabet='",;\n\r\ta '))
def test_no_list_is_refused_or_lost(text: str) -> None:
    for name in ("", "a.csv"):
        found = read_lines(text.encode(), name)
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert all(line.query or line.error for line in found)
        assert len(found) <= len(lines)
        numbers = [line.number for line in found]
        assert numbers == sorted(set(numbers))
