"""Documents as Whoosh's writers take them, field by field, made into articles.

Whoever writes through `index.writer().add_document(…)` gives the fields of the schema by name; the
last step of every reader (`corpus.compose`) makes the article of them, so that a document written
by hand is dated, filed and told its language like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from whoosh.fields import UnknownFieldError

from corpus.compose import FIELDS, compose
from corpus.core.article import Article, Origin
from corpus.core.fields import DATE
from corpus.core.gate import admit
from corpus.core.stated_date import StatedDate
from corpus.text.text import paragraphs

_ID = re.compile("[0-9a-f]{16}")
_KEPT = "_stored_"
_NAMES = frozenset((*FIELDS, "text", DATE)) - {"published", "date_source", "own_id"}
_LISTS = frozenset(name for name in FIELDS if isinstance(getattr(Article(id=""), name), tuple))


def document_article(given: Mapping[str, Any]) -> Article:
    """Return the article with these fields.

    ``text`` or ``body`` is the body, as one text or a list of paragraphs; ``date`` is a datetime, a
    date, a text such as "2021-06" (`corpus.core.stated_date`), or seconds since 1970. Of values
    that are given as they are stored, too (``_stored_tags``), the stored ones count. An ``id`` that
    is not 16 hexadecimal digits is the source's own, and the article's is made of it. Raises
    UnknownFieldError for names that no article has, ValueError and TypeError for values that are
    none, or that the gate (`corpus.core.gate`) does not let in.
    """
    fields = {name: value for name, value in given.items() if not name.startswith("_")}
    for name, value in given.items():
        if name.startswith(_KEPT):
            fields[name.removeprefix(_KEPT)] = value
        elif name.startswith("_"):
            raise ValueError(f"'{name}' is refused: an archive weighs its fields, not documents.")
    if unknown := sorted(fields.keys() - _NAMES):
        raise UnknownFieldError(f"No field named '{unknown[0]}' in an archive.")
    made: dict[str, Any] = {name: _value(name, value) for name, value in fields.items() if value}
    if text := made.pop("text", ()):
        made.setdefault("body", text)
    if DATE in made:
        made["published"], made["date_source"] = made.pop(DATE), "field"
    own = made.pop("id", "")
    article = compose(made, Origin(reader="whoosh"), (), own=own, has_dateline=False)
    admitted, left_out = admit(_called(article, own) if _ID.fullmatch(own) else article)
    if left_out:
        raise ValueError(f"'{article.id}' is not added as it is: {left_out}.")
    return admitted


def _called(article: Article, own: str) -> Article:
    from dataclasses import replace

    return replace(article, id=own, own_id="")


def _value(name: str, value: Any) -> Any:
    if name in (DATE, "updated"):
        return _stated(value)
    if name in _LISTS or name == "text":
        if isinstance(value, str):
            return paragraphs(value) if name in ("text", "body") else (value,)
        return tuple([_text(name, one) for one in value])
    return _text(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"'{name}' is text, not {type(value).__name__}.")
    return value


def _stated(value: Any) -> StatedDate:
    if isinstance(value, str):
        return StatedDate(value)
    if isinstance(value, date):
        return StatedDate.of(value)
    return StatedDate.of(datetime.fromtimestamp(int(value), UTC))
