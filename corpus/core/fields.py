"""The registry of fields: what an article can be searched, filtered and counted by.

Each field is declared once. The index's columns and schema, the query syntax, requests, addresses,
flags, the description of the API, the cluster's mapping and the exports derive from it, so a new
field is a line here, an attribute of `Article`, and the readers that know it. An archive that was
made before a field was there opens, and has it empty.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, NamedTuple

Kind = Literal["text", "words", "value", "values", "date", "period"]


class Field(NamedTuple):
    """One field.

    `name` is the attribute of `Article`, and the field's name in the index and in requests. A
    "text" is analysed into words, and so are "words", which have no name in the query syntax; a
    "value" or "values" are matched whole, case and accents folded, and are facets; a "date" is an
    instant; a "period" is a facet that follows from the date. `label` is its name for readers, in
    English and in the singular. `parameter` is what addresses, flags and the query syntax
    (before a colon; not for periods) call it, `name` where left out; `aliases` are further
    names in the query syntax. `weight` is that of its words in the default search, 0 when they
    are not searched; those of a `proper` name are found as written, in no other form. `counted`
    facets are those that a request counts unless it names others; `browsed` ones have pages of
    their own. `tip` is what the search tips say that one of its values finds.
    """

    name: str
    kind: Kind
    label: str
    parameter: str = ""
    aliases: tuple[str, ...] = ()
    weight: int = 0
    printed: bool = False
    proper: bool = False
    counted: bool = False
    browsed: bool = False
    tip: str = ""


FIELDS = (
    Field(
        name="title", kind="text", label="Title", aliases=("headline", "intitle"), weight=4,
        printed=True,
    ),
    Field(name="lead", kind="text", label="Lead", weight=2, printed=True),
    Field(
        name="body", kind="text", label="Body", aliases=("text", "intext"), weight=1, printed=True
    ),
    Field(name="captions", kind="words", label="Captions", weight=1, printed=True),
    Field(
        name="tags", kind="values", label="Tag", parameter="tag", aliases=("tags",), weight=2,
        counted=True, browsed=True, tip="with this tag",
    ),
    Field(
        name="topic", kind="value", label="Topic", aliases=("topics",), weight=2, counted=True,
        browsed=True, tip="on this topic",
    ),
    Field(
        name="section", kind="value", label="Section", aliases=("sections",), weight=1,
        counted=True, browsed=True, tip="in this section",
    ),
    Field(
        name="kind", kind="value", label="Kind", aliases=("kinds", "genre"), counted=True,
        browsed=True, tip="of this kind",
    ),
    Field(
        name="source", kind="value", label="Source", aliases=("sources", "outlet"), weight=1,
        proper=True, counted=True, browsed=True, tip="from this outlet",
    ),
    Field(
        name="authors", kind="values", label="Author", parameter="author",
        aliases=("authors", "by", "byline"), weight=1, printed=True, proper=True, counted=True,
        browsed=True, tip="by this author",
    ),
    Field(
        name="place", kind="value", label="Dateline", aliases=("dateline",), weight=1,
        printed=True, proper=True, tip="datelined here",
    ),
    Field(
        name="page", kind="value", label="Printed page", parameter="printpage",
        aliases=("pageno",), tip="on this printed page",
    ),
    Field(
        name="places", kind="values", label="Place", counted=True, browsed=True,
        tip="about this place",
    ),
    Field(
        name="people", kind="values", label="Person", aliases=("person",), browsed=True,
        tip="about this person",
    ),
    Field(
        name="orgs", kind="values", label="Organisation", aliases=("org",), browsed=True,
        tip="about this organisation",
    ),
    Field(
        name="exchanges", kind="values", label="Exchange", aliases=("exchange",), browsed=True,
        tip="about this exchange",
    ),
    Field(
        name="language", kind="value", label="Language", parameter="lang", aliases=("language",),
        counted=True, browsed=True, tip="in this language",
    ),
    Field(name="date", kind="date", label="Date", aliases=("published",)),
    Field(name="added", kind="date", label="In the archive since"),
    Field(name="year", kind="period", label="Year", counted=True),
    Field(name="month", kind="period", label="Month"),
    Field(name="day", kind="period", label="Day"),
)  # fmt: skip
"""Every field, in the order in which they are listed, counted and shown."""

DATE = "date"

ADDED = "added"
"""When an article was first seen: the field of a date that the archive keeps, and no source has."""

TIPS = MappingProxyType({field.name: field.tip for field in FIELDS if field.tip})
"""Field to what the search tips say of it."""

_VALUES = tuple(field for field in FIELDS if field.kind in ("value", "values"))

TEXTS = tuple(field.name for field in FIELDS if field.kind == "text")
"""Fields that are analysed into words."""

VALUES = tuple(field.name for field in _VALUES)
"""Fields of whole values."""

PERIODS = tuple(field.name for field in FIELDS if field.kind == "period")
"""Facets that come from the date: "2017", "2017-01", "2017-01-30"."""

FACETS = (*VALUES, *PERIODS)
"""Every facet."""

COUNTED = tuple(field.name for field in FIELDS if field.counted)
"""The facets that are counted unless a request names others."""

BROWSED = tuple(field.name for field in FIELDS if field.browsed)
"""The facets that have pages of their own."""

_SEARCHED = sorted([field for field in FIELDS if field.weight], key=lambda field: not field.printed)

WEIGHTS = MappingProxyType({field.name: field.weight for field in _SEARCHED})
"""Fields whose words the default search has, in the order of their positions, with weights."""

PRINTED = tuple(field.name for field in _SEARCHED if field.printed)
"""Those of them that stand in the article as readers see it; they come first."""

NAMES = frozenset({field.name for field in FIELDS if field.proper})
"""Fields that are names: a word of them is no form of another word."""

LABELS = MappingProxyType({field.name: field.label for field in FIELDS})
"""Field to what it is called in English."""

PARAMETERS = MappingProxyType({field.name: field.parameter or field.name for field in FIELDS})
"""Field to its name in addresses, flags and the query syntax."""

PREFIXES = MappingProxyType({PARAMETERS[name]: name for name in VALUES})
"""Name in the query syntax to field, of those that hold whole values."""

ALIASES = MappingProxyType(
    {alias: PARAMETERS[field.name] for field in FIELDS for alias in field.aliases}
)
"""Other names in the query syntax, each with the one that stands for it."""
