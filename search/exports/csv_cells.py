"""Cells of CSV that no spreadsheet takes for formulas.

A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@``. One that parts cells at
semicolons, as those of many countries do, finds cells in ours after semicolons and line ends. An
apostrophe says that text follows; `corpus.core.wire` takes it off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

_FORMULA = re.compile(r"((?:\A|[;\r\n])\s*)(?='*[=+\-@\t\r])")


def safe_cell(text: str) -> str:
    """Return a text as a cell, with an apostrophe before all that could be run."""
    return _FORMULA.sub(r"\1'", text)


def csv_line(cells: Iterable[Any]) -> str:
    """Return a line of CSV (RFC 4180) with its end; no text of it is a formula."""
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(c) if isinstance(c, str) else c for c in cells])
    return line.getvalue()
