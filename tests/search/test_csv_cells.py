"""Cells of CSV: nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.exports.exports import safe_cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("A kiln", "A kiln"),
        ("=1+1", "'=1+1"),
        ("a; =1+1", "a; '=1+1"),
        ("a;=1+1;@x", "a;'=1+1;'@x"),
        ("a\n\n-2", "a\n\n'-2"),
        ("3 = 1 + 2; a-b", "3 = 1 + 2; a-b"),
        ("", ""),
    ],
)
def test_what_could_be_run_is_marked_as_text(text: str, cell: str) -> None:
    assert safe_cell(text) == cell


@given(st.text(alphabet="=+-@;\n\r\t a\"',1"))
def test_no_cell_between_semicolons_or_lines_is_a_formula(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(["x", safe_cell(text), "y"])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    for piece in re.split(r"[;\r\n]", row[1]):
        assert not piece.lstrip(" \t").startswith(("=", "+", "-", "@")), piece
