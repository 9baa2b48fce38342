"""Tables without a first row of names, as data sets of news are handed out.

A layout is recognised by what stands in each column of the first row; what it is called is then
known. GDELT's table of articles packs several values into a cell, which `unpacked` takes apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A layout: its delimiter, the names of its columns, patterns that columns have by number."""

    name: str
    delimiter: str
    columns: tuple[str, ...]
    patterns: tuple[tuple[int, str], ...]
    unpacked: Callable[[Record], Record] = dict


def _gkg(record: Record) -> Record:
    """Return a row of GDELT's Global Knowledge Graph 2.1 with its values apart."""

    def extra(tag: str) -> str:
        found = re.search(rf"<{tag}>(.*?)</{tag}>", record["extras"], re.DOTALL)
        return unescape(found[1]).strip() if found else ""

    places = (place.split("#") for place in record["locations"].split(";") if "#" in place)
    return {
        "id": record["gkgid"],
        "title": extra("PAGE_TITLE"),
        "published": extra("PAGE_PRECISEPUBTIMESTAMP") or record["date"],
        "source": record["source"],
        "url": record["url"],
        "authors": extra("PAGE_AUTHORS"),
        "places": ";".join(dict.fromkeys(place[1] for place in places)),
        "people": ";".join(name.title() for name in record["persons"].split(";")),
        "orgs": ";".join(name.title() for name in record["organizations"].split(";")),
        "topics": ";".join(record["themes"].split(";")),
    }


_GKG_COLUMNS = tuple(
    "gkgid date collection source url counts counts2 themes themes2 locations locations2 persons "
    "persons2 organizations organizations2 tone dates2 gcam image images socialimages videos "
    "quotations allnames amounts translation extras".split()
)
TABLES = (
    KnownTable("GDELT GKG 2.1", "\t", _GKG_COLUMNS, (
        (0, r"\d{14}-T?\d+"), (1, r"\d{14}"), (2, r"[1-6]"), (4, r"\S+"),
    ), _gkg),
    KnownTable("MIND", "\t", (
        "id", "category", "topic", "title", "abstract", "url", "titleentities", "abstractentities",
    ), ((0, r"N\d+"), (1, r"[a-z]+"), (2, r"[a-z-]*"), (6, r"\[.*\]|"), (7, r"\[.*\]|"))),
    KnownTable("MIND, small", "\t", ("id", "category", "topic", "title", "abstract"), (
        (0, r"N\d+"), (1, r"[a-z]+"), (2, r"[a-z-]*"),
    )),
    KnownTable("AG News", ",", ("class", "title", "description"), (
        (0, r"[1-4]"), (1, r".*[^\W\d].*"), (2, r".*[^\W\d].*"),
    )),
    KnownTable("AG News, first release", "\t", (
        "source", "url", "title", "image", "category", "description", "rank", "pubdate", "video",
    ), ((1, r"https?://\S+"), (6, r"\d+"), (7, r"\d{4}-\d\d-\d\d.*"))),
)  # fmt: skip
"""The layouts that are known."""


def known_table(row: list[str], delimiter: str) -> KnownTable | None:
    """Return the layout that a first row is of, None when it is of none."""
    for table in TABLES:
        if table.delimiter == delimiter and len(row) == len(table.columns):
            cells = ((row[at].strip(), pattern) for at, pattern in table.patterns)
            if all(re.fullmatch(pattern, cell, re.DOTALL) for cell, pattern in cells):
                return table
    return None
