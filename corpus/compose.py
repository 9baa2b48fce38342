"""The last step of every reader: from the fields that a document gave to an `Article`.

Here the dateline is taken off the front of the body, the language told, the id made, and the
provenance put in field order, so that all formats agree on how.
"""

from __future__ import annotations

import dataclasses
import re
from functools import lru_cache
from typing import Any

from corpus.bylines.authors import Byline, split_byline
from corpus.bylines.datelines import take_dateline
from corpus.bylines.labels import without_labels
from corpus.core.article import Article, Origin, make_id
from corpus.core.errors import UnreadableError
from corpus.core.kinds import kind_of
from corpus.core.stated_date import StatedDate
from corpus.text.languages import language_of

FIELDS = tuple(field.name for field in dataclasses.fields(Article))[:-2]
"""The names of an article's fields, in order, but for origin and provenance."""

_RANK = {name: rank for rank, name in enumerate(FIELDS)}
_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*\Z", re.IGNORECASE)
_MAX_ADDRESS = 4096
_PAGE = re.compile(
    r"\s*(?:(?:pg|pgs|p|pp|s|bl|blz|pág|pag|page|pages|seite|página|pagina)\b\.?)?\s*"
    r"(?P<label>(?:[A-Z]{1,3}[-. ]?)?\d{1,4}[A-Za-z]?)(?!\d)",
    re.IGNORECASE,
)
_GLOBAL_ID_LENGTH = 12
_LONGEST_ID = 256


class FieldCollector:
    """The fields that a document has given so far, and where each came from; the first one stands.

    A date that was found is one of a field, unless it is `dated` otherwise.
    """

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.provenance: list[tuple[str, str]] = []

    def __call__(self, field: str, value: object, where: str) -> None:
        """Take a value that was found, unless it is empty or the field has one."""
        if value and field not in self.fields:
            self.fields[field] = value
            self.provenance.append((field, where))
            if field == "published":
                self.fields.setdefault("date_source", "field")

    def dated(self, stated: StatedDate | None, where: str, source: str) -> None:
        """Take the date of publication, and what `Article.date_source` is to say of it."""
        if stated and "published" not in self.fields:
            self.fields["date_source"] = source
            self("published", stated, where)

    def byline(self, byline: Byline, where: str) -> None:
        """Take authors and agency."""
        self("authors", byline.authors, where)
        self("agency", byline.agency, where)

    def article(
        self, origin: Origin, *, own: str = "", language: str = "", has_dateline: bool = True
    ) -> Article:
        """Return the article of what was found, see `compose`."""
        return compose(
            self.fields,
            origin,
            tuple(self.provenance),
            own=own,
            language=language,
            has_dateline=has_dateline,
        )


def compose(
    fields: dict[str, Any],
    origin: Origin,
    provenance: tuple[tuple[str, str], ...],
    *,
    own: str = "",
    language: str = "",
    may_be_empty: bool = False,
    has_dateline: bool = True,
) -> Article:
    """Return the article with these fields (by the names of `Article`'s); `fields` is used up.

    `own` is the document's own id for the article, `language` what it says of its language, and
    `provenance` (field, where it came from) pairs in any order. Raises `UnreadableError` when
    there is neither a title nor text, unless it `may_be_empty`. A dateline is looked for in the
    body unless the document has it elsewhere (not `has_dateline`).
    """
    body: tuple[str, ...] = fields.get("body", ())
    title: str = fields.get("title", "")
    lead: str = fields.get("lead", "")
    if not body and not title and not lead and not may_be_empty:
        raise UnreadableError("it has neither a title nor text")
    if body and has_dateline and (dateline := take_dateline(body[0])):
        fields["body"] = body = (dateline.rest, *body[1:])
        if dateline.place and "place" not in fields:
            fields["place"] = dateline.place
            provenance = (*provenance, ("place", "dateline"))
        if dateline.agency and "agency" not in fields:
            fields["agency"] = dateline.agency
            provenance = (*provenance, ("agency", "dateline"))
        if dateline.byline and "authors" not in fields:
            fields["authors"] = split_byline(dateline.byline).authors
            provenance = (*provenance, ("authors", "dateline"))
    if fields.get("updated") == fields.get("published"):
        fields.pop("updated", None)
    if (url := fields.get("url", "")) and "source" not in fields:
        fields["source"] = _domain(url)
        provenance = (*provenance, ("source", "url"))
    if "language" not in fields and (told := language_of(*body[:6], lead, title, hint=language)):
        fields["language"] = told
    if "authors" in fields:
        fields["authors"] = without_labels(fields["authors"], fields.get("language", ""))
    declared = fields.get("kind", "")
    kind, kind_from = kind_of((declared,), title=title, section=fields.get("section", ""))
    if kind != declared:
        fields["kind"] = kind
        provenance = (*(pair for pair in provenance if pair[0] != "kind"), ("kind", kind_from))
    source = fields.get("source", "")
    if not url and own and not source and len(own) < _GLOBAL_ID_LENGTH:
        # '17' is an id only together with the file that counts so.
        source = "/".join(origin.path.replace("!", "/").split("/")[-2:])
    content = "" if url or own else "\n".join((title, lead, *body))
    if own and len(own) <= _LONGEST_ID and own.isprintable():
        fields["own_id"] = own
    fields["id"] = make_id(url=url, own=own, source=source, content=content)
    return Article(origin=origin, provenance=in_field_order(provenance), **fields)


def completed(article: Article, known: tuple[tuple[str, Any, str], ...]) -> Article:
    """Return an article with fields that what it lay in states, (field, value, where), in the place
    of empty ones."""
    fields = {
        name: (value, where) for name, value, where in known if value and not getattr(article, name)
    }
    if not fields:
        return article
    provenance = (*article.provenance, *((name, where) for name, (_, where) in fields.items()))
    values: dict[str, Any] = {name: value for name, (value, _) in fields.items()}
    if "published" in values:
        values["date_source"] = "field"
    return dataclasses.replace(article, provenance=in_field_order(provenance), **values)


def page_label(text: str) -> str:
    """Return 'A2' for 'Pg. A2', 'p. A2' or 'Seite A2-A3': the page on which an article begins, as
    its paper numbers it; '' when `text` names none."""
    found = _PAGE.match(text)
    return found["label"] if found else ""


def web_address(text: object) -> str:
    """Return `text` when it is an http(s) address that may be linked to, else ''."""
    if not isinstance(text, str):
        return ""
    text = text.strip()
    if _ADDRESS.match(text) and len(text) <= _MAX_ADDRESS and text.isprintable():
        return text
    return ""


def _domain(url: str) -> str:
    """Return 'paper.example' for 'https://www.paper.example:8080/a'."""
    host = url.split("/", 3)[2].rpartition("@")[2].split(":")[0].lower()
    return host.removeprefix("www.")


@lru_cache(maxsize=4096)
def in_field_order(provenance: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return (field, where it came from) pairs in the order of an article's fields."""
    return tuple(sorted(provenance, key=lambda pair: _RANK.get(pair[0], len(_RANK))))
