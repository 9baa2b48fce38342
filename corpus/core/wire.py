"""An article as JSON: the form in which the index, exports and `broadsheet inspect` hand it on.

Fields carry the names and the order of `Article`'s, all of them; dates are the text of
`StatedDate`; paragraphs stay apart. `indexer.segment.stored` reads it back as articles;
`columns_of` reads a batch field by field, which takes 3 µs an article where making `Article`s takes
15, for those who handle each field of all articles at once.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from corpus.core.article import Article, Origin
from corpus.core.article_columns import read_columns
from corpus.core.article_json import Kind, Shape, as_written
from corpus.core.article_json import doubtful as not_surely_articles
from corpus.core.stated_date import StatedDate

_NAMES = tuple(field.name for field in dataclasses.fields(Article))
_DEFAULTS: dict[str, Any] = orjson.loads(orjson.dumps(Article(id="")))
_LINES = tuple(name for name, value in _DEFAULTS.items() if value == "")
_LISTS = tuple(name for name, value in _DEFAULTS.items() if value == [] and name != "provenance")
_SETTERS = tuple([getattr(Article, name).__set__ for name in _NAMES])
_values = itemgetter(*_NAMES)
_lines = itemgetter(*_LINES)
_lists = itemgetter(*_LISTS)
_STRINGS = {str}
_KINDS = {
    "published": Kind.DATE, "updated": Kind.DATE, "ocr_confidence": Kind.NUMBER,
    "origin": Kind.ORIGIN, "provenance": Kind.PAIRS, **dict.fromkeys(_LISTS, Kind.LIST),
}  # fmt: skip
_SHAPE = Shape(
    [
        (f'{"," if at else "{"}"{name}":'.encode(), int(_KINDS.get(name, Kind.LINE)))
        for at, name in enumerate(_NAMES)
    ]
)

_ID = re.compile("[0-9a-f]{16}")
_WANTED = tuple(map(_NAMES.index, ("url", "body", "published", "updated", "language", "origin")))


@dataclasses.dataclass(slots=True)
class WrittenArticle:
    """An article as its JSON, as `article_json` writes it, and its position in its document.

    `content` are the bytes of it that are title, lead and body.
    """

    stored: bytes
    position: int
    content: bytes

    @property
    def id(self) -> str:
        """The article's id."""
        return self.stored[7:23].decode()

    def article(self) -> Article:
        """Return the article."""
        return article_of(orjson.loads(self.stored))


def written(article: Article) -> WrittenArticle:
    """Return an article as its JSON."""
    stored = article_json(article)
    # Neither stands in a string, where quotation marks are escaped.
    content = stored[stored.index(b'"title":') : stored.index(b',"published":')]
    return WrittenArticle(stored, article.origin.position, content)


def places_in(line: bytes, bounds: tuple[int, ...]) -> list[int] | None:
    """Return where in an article's JSON URL, body, dates, language and origin begin and end, 12
    numbers; None where it may not be what `article_json` writes, or goes beyond `bounds`, see
    `article_json.as_written`."""
    found: list[int] | None = as_written(line, _SHAPE, _WANTED, bounds)
    return found


def article_json(article: Article) -> bytes:
    """Return an article as JSON. Lone surrogates, which JSON cannot hold, become ``?``."""
    try:
        return orjson.dumps(article)
    except TypeError:
        return orjson.dumps(_encodable(dataclasses.asdict(article)))


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {name: _encodable(part) for name, part in value.items()}
        case list() | tuple():
            return [_encodable(part) for part in value]
        case _:
            return value


def article_of(fields: dict[str, Any]) -> Article:
    """Return the article with these fields, as its JSON has them; `fields` is used up.

    A date at the edge of the calendar, where it cannot be put into another time zone, is read as
    none. Raises ValueError when they are not those of an article, each of its type.
    """
    article = _read(fields)
    edges: dict[str, Any] = {
        name: None
        for name, date in (("published", article.published), ("updated", article.updated))
        if date is not None and not "0001" < date[:4] < "9999"
    }
    return dataclasses.replace(article, **edges) if edges else article


def _read(fields: dict[str, Any]) -> Article:
    if len(fields) != len(_NAMES):
        fields = _completed(fields)
    try:
        lists = _lists(fields)
        strings = {*map(type, _lines(fields)), *map(type, chain.from_iterable(lists))}
        if strings != _STRINGS or {*map(type, lists)} != {list}:
            raise ValueError("a field of an article is of another type")
        fields.update(zip(_LISTS, map(tuple, lists), strict=True))
        fields["provenance"] = tuple([(name, where) for name, where in fields["provenance"]])
        if {*map(type, chain.from_iterable(fields["provenance"]))} - _STRINGS:
            raise ValueError("the provenance of an article is of another type")
        for name in ("published", "updated"):
            if fields[name] is not None:
                fields[name] = _date(fields[name])
        fields["origin"] = Origin(**fields["origin"])
        # A third of the time of the constructor, which checks no more.
        article = object.__new__(Article)
        for set_field, value in zip(_SETTERS, _values(fields), strict=True):
            set_field(article, value)
        return article
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError("this is not the JSON of an article") from error


def _date(text: str) -> StatedDate:
    """Return the date of a stored article; earlier versions kept moments to the microsecond."""
    try:
        return StatedDate(text)
    except ValueError:
        return StatedDate.of(datetime.fromisoformat(text))


def exported(record: dict[str, Any], origin: Origin) -> Article | None:
    """Return the article that a record is as `article_json` writes it, with the id that it has
    there, and read from `origin`; None when the record is of any other form.

    What `broadsheet inspect` prints has the dates of the article in "stated".
    """
    if isinstance(stated := record.get("stated"), dict):
        record = {**{name: record[name] for name in record if name != "stated"}, **stated}
    keys = record.keys()
    of_pages = keys >= _PUBLIC and keys.isdisjoint(_INTERNAL)
    ours = _DEFAULTS.keys() >= keys and (keys >= _MARKS or of_pages)
    if not ours or not _ID.fullmatch(str(record["id"])):
        return None
    try:
        return _read({**record, "origin": dataclasses.asdict(origin)})
    except ValueError:
        return None


_MARKS = frozenset((*_NAMES[:4], "date_source", "origin", "provenance"))
_PUBLIC = frozenset((*_NAMES[:5], "exchanges", "orgs", "agency", "section", "language"))
"""Fields that together no other program's records have: of what an archive stores, and of what its
pages export."""

_INTERNAL = frozenset(("date_source", "origin", "provenance"))
"""Fields that the pages never export."""

_QUOTED_FORMULA = re.compile(r"((?:\A|[;\r\n])\s*)'(?='*[=+\-@\t\r])")


def exported_row(row: dict[str, str], origin: Origin) -> Article | None:
    """Return the article that a row of an exported table is, with its id; None for other rows.

    In tables, values of a list are parted by ``; ``, paragraphs by an empty line, and what a
    spreadsheet would take for a formula has an apostrophe before it.
    """
    if not row.keys() >= _PUBLIC:
        return None
    record: dict[str, Any] = {}
    for name, cell in row.items():
        text = _QUOTED_FORMULA.sub(r"\1", cell)
        default = _DEFAULTS.get(name, "")
        if default == []:
            record[name] = text.split("\n\n" if name == "body" else "; ") if text else []
        else:
            record[name] = text if text or default == "" else None
    ordered = {name: record[name] for name in _NAMES if name in record}
    return exported(ordered | record, origin)


class ArticleColumns(NamedTuple):
    """Articles field by field, as `read_columns` returns them; `lists` are (strings, counts)."""

    ids: npt.NDArray[np.uint64]
    text: bytes
    ends: npt.NDArray[np.int64]
    rests: bytes
    rest_sizes: npt.NDArray[np.int64]
    urls: tuple[bytes, npt.NDArray[np.int64]]
    titles: tuple[bytes, npt.NDArray[np.int64]]
    lines: dict[str, list[str]]
    lists: dict[str, tuple[list[str], npt.NDArray[np.int64]]]


def columns_of(
    articles: Sequence[bytes], parts: Sequence[str], lines: Sequence[str], lists: Sequence[str]
) -> ArticleColumns:
    """Return articles, given as `article_json` writes them, field by field.

    `parts` are the fields whose text is wanted together, `lines` those of which each article has
    one string or none, `lists` those that have any number. A field that was not there yet when an
    article was written is empty. Raises ValueError for what is not the JSON of an article.
    """
    wanted = [tuple(map(_NAMES.index, names)) for names in (parts, lines, lists)]
    found = read_columns(list(articles), _SHAPE, *wanted)
    rests: list[bytes] = []
    if isinstance(found, list):
        rewritten = list(articles)
        for at in found:
            rewritten[at] = orjson.dumps(_completed(orjson.loads(articles[at])))
        found = read_columns(rewritten, _SHAPE, *wanted)
        if isinstance(found, list):
            raise ValueError("this is not the JSON of an article")
        # They are stored as they are, which is what their fingerprints are of.
        rests = [one[one.index(b',"lead":') + 1 :] for one in articles]
    *arrays, (urls, titles), one, many = found
    named = (dict(zip(lines, one, strict=True)), dict(zip(lists, many, strict=True)))
    columns = ArticleColumns._make((*arrays, urls, titles, *named))
    if rests:
        sizes = np.array(list(map(len, rests)), np.int64)
        columns = columns._replace(rests=b"".join(rests), rest_sizes=sizes)
    return columns


def doubtful(articles: Sequence[bytes]) -> list[int]:
    """Return which articles, by number, may not be JSON of which `article_of` makes an article.

    That takes 1 µs an article where making them takes 15. Of what is listed `article_of` tells.
    """
    try:
        b"".join(articles).decode()
    except UnicodeDecodeError:
        return list(range(len(articles)))
    found: list[int] = not_surely_articles(list(articles), _SHAPE)
    return found


def _completed(record: Any) -> dict[str, Any]:
    """Return a record with all fields; raises ValueError when it has others, or does not begin with
    those that `indexer.segment.stored` keeps apart."""
    if not isinstance(record, dict) or tuple(record)[:4] != _NAMES[:4] or record.keys() - _DEFAULTS:
        raise ValueError("this is not the JSON of an article")
    return _DEFAULTS | record
