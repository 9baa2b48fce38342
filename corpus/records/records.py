"""Records (JSON objects, CSV rows) to articles, by the field names that people use.

`NAMES` lists, for each field of `Article`, the keys under which it is found, the best first; keys
are compared without case and punctuation, so `datePublished`, `date_published` and
`Date published` are one. The shapes of well-known dumps (WordPress, Guardian and NYT APIs,
Elasticsearch) are seen through: a value may be text, a number, a list, or an object that has the
text under a name of its own.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from corpus.bylines.authors import split_byline
from corpus.compose import compose, page_label, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.kinds import kind_of
from corpus.dates.parsing import ANYWHERE, Locale, is_plausible, orders_of, parse_moment
from corpus.dates.regions import language_and_region
from corpus.readers.protocol import Skip
from corpus.records.joins import joined
from corpus.records.shapes import reshaped
from corpus.tags import distinct, split_tags
from corpus.text.languages import language_of
from corpus.text.markup import fragment_paragraphs, has_markup, plain
from corpus.text.text import clean, paragraphs

Record = dict[str, Any]

NAMES: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "headline", "heading", "headlinetext", "webtitle", "articletitle", "newstitle",
        "posttitle", "pagetitle", "titel", "titre", "titulo", "titolo", "header", "name", "hed",
        "uberschrift", "schlagzeile", "titular", "kop", "заголовок", "назва", "tytuł",
        "baslık", "标题", "標題", "タイトル", "見出し", "제목",
    ),
    "body": (
        "articlebody", "body", "text", "content", "fulltext", "maintext", "bodytext", "article",
        "articletext", "articlecontent", "storytext", "story", "paragraphs", "plaintext",
        "cleantext", "cleanedtext", "rawtext", "contenttext", "newstext", "textcontent",
        "textbody", "bodyhtml", "contenthtml", "contentencoded", "html", "bodyxhtml", "fullarticle",
        "texto", "texte", "inhalt", "document", "post", "postcontent", "message", "selftext",
        "contenido", "contenu", "testo", "tekst", "текст", "tresc", "metin", "正文", "内容", "本文",
        "본문", "내용",
    ),
    "lead": (
        "lead", "lede", "standfirst", "abstract", "summary", "shortdescription", "subtitle",
        "subheadline", "subhead", "subheading", "deck", "dek", "excerpt", "teaser", "intro",
        "trailtext", "leadparagraph", "description", "metadescription", "snippet",
    ),
    "published": (
        "datepublished", "published", "publishedat", "publicationdate", "publishedon",
        "publisheddate", "publishdate", "datepublish", "pubdate", "firstpublished",
        "firstpublishedat", "firstpublicationdate", "webpublicationdate", "dategmt", "date",
        "datetime", "postdate", "articledate", "newsdate", "issuedate", "versioncreated",
        "firstcreated", "publishtime", "pubtime", "timestamp", "time", "created",
        "createdat", "createdon", "creationdate", "datecreated", "createdutc", "datum", "fecha",
        "data", "day", "дата", "tarih", "日期", "发布时间", "日付", "公開日", "날짜",
    ),
    "updated": (
        "datemodified", "updated", "updatedat", "updateddate", "modified", "modifiedgmt",
        "modifiedat", "lastmodified", "lastupdated", "datemodify", "dateupdated", "lastmod",
        "modificationdate", "contentmodified",
    ),
    "section": (
        "section", "articlesection", "sectionname", "category", "categoryname", "newsdesk",
        "desk", "rubric", "rubrik", "ressort", "channel", "department", "column", "categorie",
        "categoria", "seccion",
    ),
    "kind": ("kind", "genre", "articletype", "typeofmaterial", "contenttype", "type"),
    "topic": ("topic", "series", "storyline", "mainsubject", "dossier", "thema"),
    "tags": (
        "tags", "tag", "keywords", "keyword", "newskeywords", "labels", "topics", "subjects",
        "subject", "categories", "articletags", "schlagworte", "etiquetas", "hashtags", "terms",
    ),
    "authors": (
        "authors", "author", "byline", "authorname", "authornames", "writer", "writers",
        "creator", "dccreator", "by", "journalist", "journalists", "reporter", "contributors",
        "articleauthor", "autor", "autores", "auteur", "autoren",
        "autore", "автор", "yazar", "作者", "著者", "記者", "기자",
    ),
    "url": (
        "canonicalurl", "canonical", "url", "link", "weburl", "articleurl", "permalink", "href",
        "sourceurl", "newsurl", "pageurl", "shorturl", "originalurl", "uri", "guid", "id",
        "source", "slug",
    ),
    "source": (
        "outlet", "publisher", "publication", "publicationname", "newspaper", "sourcename",
        "site", "sitename", "website", "provider", "source", "mediaoutlet", "media", "domain",
        "sourcedomain", "feed", "feedname", "journal", "magazine",
    ),
    "agency": ("agency", "newsagency", "wire", "wireservice", "copyrightholder"),
    "place": ("place", "dateline", "datelineplace", "located"),
    "places": ("places", "locations", "geo", "geofacet", "countries", "location", "country"),
    "people": ("people", "persons", "perfacet", "person", "persones"),
    "orgs": ("orgs", "organizations", "organisations", "orgfacet", "companies", "org"),
    "exchanges": ("exchanges", "exchange"),
    "language": ("language", "lang", "inlanguage", "locale", "languagecode", "langcode"),
    "captions": ("captions", "caption", "imagecaption", "photocaption", "imagealt"),
    "credits": ("credits", "credit", "imagecredit", "photocredit", "imagesource"),
    "related": ("related", "relatedheadlines", "relatedarticles", "relatedtitles", "seealso"),
    "page": ("printedpage", "printpage", "pagelabel"),
    "own": ("id", "guid", "uuid", "articleid", "docid", "docno", "documentid", "newsid", "storyid",
            "postid", "newid", "objectid", "key", "identifier", "uri"),
}  # fmt: skip
"""Keys, in lower case and without punctuation and accents, by the field of `Article` they fill;
`own` is the document's own id."""

_FIELD_OF = {key: field for field, keys in NAMES.items() for key in reversed(keys)}
_WRAPPERS = frozenset(
    ("_source", "article", "doc", "document", "item", "node", "post", "fields", "record")
)
_LISTS = (
    "articles", "items", "results", "docs", "documents", "data", "hits", "stories", "news",
    "entries", "posts", "response", "records", "rows", "value", "feed", "list", "content",
)  # fmt: skip
_TEXT_KEYS = (
    "rendered",
    "main",
    "text",
    "value",
    "name",
    "title",
    "plain",
    "content",
    "body",
    "label",
    "term",
    "tag",
    "display_name",
    "displayName",
    "original",
    "webTitle",
    "html",
    "full_name",
    "fullName",
    "$t",
    "#text",
    "_",
    "url",
    "$oid",
    "$numberLong",
    "$numberInt",
    "$numberDouble",
    "$numberDecimal",
    "$date",
    "href",
    "id",
)
_PARAGRAPH_KEYS = ("text", "content", "body", "paragraph", "value", "html", "rendered", "data")
_DATES = ("published", "updated")
_AHEAD = 256
_AHEAD_TEXT = 8 << 20
"""Records, and their text, that are looked at before the first of them is read."""

_NOTHING = frozenset(
    ("", "nan", "NaN", "NaT", "None", "none", "null", "NULL", "<NA>", "N/A", "\\N")
)
"""What databases and data frames write for a value that is missing."""

_MAX_DEPTH = 6
_MAX_ITEMS = 10_000
_DAY_OR_MONTH = re.compile(r"\s*(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|1[0-2])[/-]\d")
_SPACES_AROUND = re.compile(r"[\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")
_MAX_LEAD = 1500


def looks_like_article(keys: object) -> bool:
    """Tell whether keys (of an object, of a table's columns) name a title or a text."""
    fields = {_FIELD_OF.get(_normal(key)) for key in _keys(keys)}
    return bool(fields & {"title", "body", "lead"}) and len(fields - {None, "kind"}) >= 2


def articles(items: Iterable[tuple[Record, Origin] | Article | Skip]) -> Iterator[Article | Skip]:
    """Yield the article of each record of one source, or why it is none; what is one is passed on.

    Some records after each are looked at first: their dates tell whether 3/4/2017 is in April.
    """
    waiting: deque[tuple[tuple[Record, Origin] | Article | Skip, int]] = deque()
    orders: set[bool] = set()
    size = 0
    source = iter(items)
    cut: UnreadableError | None = None
    ended = False
    while waiting or not ended:
        while not ended and len(waiting) < _AHEAD and size < _AHEAD_TEXT:
            try:
                item = next(source, None)
            except UnreadableError as error:
                item, cut = None, error
            if item is None:
                ended = True
                break
            if not waiting and not isinstance(item, tuple):
                yield item
                continue
            length = 0
            if isinstance(item, tuple):
                length = sum(map(len, filter(_is_text, item[0].values())))
                orders.update(_orders(item[0]))
            waiting.append((item, length))
            size += length
        if not waiting:
            break
        item, length = waiting.popleft()
        size -= length
        if not isinstance(item, tuple):
            yield item
            continue
        record, origin = item
        try:
            yield article_of(record, origin, next(iter(orders)) if len(orders) == 1 else None)
        except UnreadableError as error:
            yield Skip(origin.path, origin.position, str(error))
    if cut is not None:
        raise cut


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _orders(record: Record) -> Iterator[bool]:
    """Yield what the dates of a record in numbers prove of the order of day and month."""
    for field, _, keys in _plan(tuple(record)):
        if field in _DATES:
            for key in keys:
                if isinstance(value := record[key], str) and not value[:4].isdigit():
                    yield from orders_of(value)


def article_of(record: Record, origin: Origin, day_first: bool | None = None) -> Article:
    """Return the article that a record is; raises `UnreadableError` when it is none.

    `day_first` says what other records of its source prove of the order of day and month.
    """
    record = reshaped(record)
    if not _WRAPPERS.isdisjoint(record):
        record = _unwrapped(record)
    fields: dict[str, Any] = {}
    provenance: list[tuple[str, str]] = []
    own = language = tag = ""
    dates: dict[str, object] = {}
    for field, convert, keys in _plan(tuple(record)):
        for key in keys:
            given = record[key]
            if given is None or (type(given) is str and given.strip() in _NOTHING):
                continue
            value = convert(given)
            if not value:
                continue
            if field == "own":
                own = value
            elif field == "language":
                language, tag = value, given if isinstance(given, str) else ""
            else:
                fields[field] = value
                provenance.append((field, key))
                if field in _DATES:
                    dates[field] = given
            break
    said, region = language_and_region(tag, url=fields.get("url", ""))
    if not (said or region) and day_first is None and any(map(_is_ambiguous, dates.values())):
        said = language_of(
            fields.get("title", ""), fields.get("lead", ""), *fields.get("body", ())[:4]
        )
    if said or region or day_first is not None:
        locale = Locale(said, region, day_first)
        fields |= {field: _date(given, locale) for field, given in dates.items()}
    _settle(fields, provenance)
    return compose(fields, origin, tuple(provenance), own=own, language=language)


def wrapped_in(record: Record) -> list[Record]:
    """Return the records that an object wraps when it is no article itself, else []."""
    if (known := joined(record)) is not None:
        return known
    if looks_like_article(_unwrapped(record)):
        return []
    inner = records_in(record)
    return inner if len(inner) > 1 or (inner and inner[0] is not record) else []


def records_in(parsed: object, depth: int = 0) -> list[Record]:
    """Return the records in a parsed JSON value: itself, or the list that it wraps.

    `{"articles": […]}`, `{"response": {"docs": […]}}`, `{"url": {…}, …}` and a plain list are all
    seen through; what holds no record gives [].
    """
    if depth > 4:
        return []
    if not depth and (known := joined(parsed)) is not None:
        return known
    if isinstance(parsed, list):
        return [item for item in parsed if isinstance(item, dict)]
    if not isinstance(parsed, dict):
        return []
    if rows := _split_table(parsed):
        return rows
    for key in _LISTS:
        inner = parsed.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            if looks_like_article(parsed) and not looks_like_article(inner[0]):
                continue
            return records_in(inner, depth + 1)
        if isinstance(inner, dict) and not looks_like_article(parsed):
            found = records_in(inner, depth + 1)
            if found and (len(found) > 1 or looks_like_article(_unwrapped(found[0]))):
                return found
    if not looks_like_article(_unwrapped(parsed)) and len(parsed) > 1:
        # An object of objects, keyed by address or id.
        inside = [value for value in parsed.values() if isinstance(value, dict)]
        if len(inside) == len(parsed) and looks_like_article(inside[0]):
            return inside
    return [parsed]


def _split_table(parsed: Record) -> list[Record]:
    """Return the rows of a table whose columns are named once, as pandas writes them, else []."""
    names = parsed.get("columns")
    rows = parsed.get("data", parsed.get("rows"))
    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        return []
    if not (isinstance(rows, list) and rows):
        return []
    if any(not isinstance(row, list) or len(row) != len(names) for row in rows):
        return []
    return [dict(zip(names, row, strict=True)) for row in rows]


def _settle(fields: dict[str, Any], provenance: list[tuple[str, str]]) -> None:
    """Decide what depends on several fields: agency of the byline, dates, a lead that is all."""
    authors = fields.get("authors")
    if authors is not None:
        if authors.agency and "agency" not in fields:
            fields["agency"] = authors.agency
            provenance.append(("agency", "byline"))
        fields["authors"] = authors.authors
        if not authors.authors:
            provenance[:] = [pair for pair in provenance if pair[0] != "authors"]
    if published := fields.get("published"):
        if is_plausible(published):
            fields["date_source"] = "field"
        else:
            del fields["published"]
            key = next(key for field, key in provenance if field == "published")
            provenance[:] = [pair for pair in provenance if pair[0] != "published"]
            provenance.append(("published", f"refused: {key} is {published[:4]}"))
    if (updated := fields.get("updated")) and not is_plausible(updated):
        del fields["updated"]
        provenance[:] = [pair for pair in provenance if pair[0] != "updated"]
    lead = fields.get("lead")
    body = fields.get("body")
    if lead and body and lead.rstrip(" .…") and body[0].startswith(lead.rstrip(" .…[]")[:200]):
        # An excerpt that repeats the opening is no standfirst.
        del fields["lead"]
        provenance[:] = [pair for pair in provenance if pair[0] != "lead"]


def _keys(keys: object) -> list[str]:
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, (dict, list)) else []


@lru_cache(maxsize=65536)
def _normal(key: str) -> str:
    plain = _MARKS.sub("", normalize("NFKD", key[:64].lower()))
    return _SPACES_AROUND.sub("", normalize("NFC", plain))


@lru_cache(maxsize=4096)
def _plan(keys: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]:
    """Return, for each field that a record with such keys may fill, its converter and its keys,
    the best first."""
    by_name: dict[str, str] = {}
    for key in keys:
        by_name.setdefault(_normal(key), key)
    plan = []
    for field, names in NAMES.items():
        found = tuple(by_name[name] for name in names if name in by_name)
        if found:
            plan.append((field, _CONVERT[field], found))
    return tuple(plan)


def _unwrapped(record: Record) -> Record:
    """See through `{"_source": {…}}` and the Guardian's `fields`."""
    for key in _WRAPPERS.intersection(record):
        inner = record.get(key)
        if isinstance(inner, dict) and (looks_like_article(inner) or key == "_source"):
            return {**{k: v for k, v in record.items() if k != key}, **inner}
    return record


def _text(value: object, depth: int = 0) -> str:
    """Return the text of a value of any shape, '' when it has none."""
    match value:
        case str():
            return value
        case bool() | None:
            return ""
        case int() | float():
            return str(value)
        case dict() if depth < _MAX_DEPTH:
            for key in _TEXT_KEYS:
                if (inner := value.get(key)) is not None and (text := _text(inner, depth + 1)):
                    return text
        case list() if depth < _MAX_DEPTH:
            texts = (_text(item, depth + 1) for item in value[:_MAX_ITEMS])
            return ", ".join(text for text in texts if text)
    return ""


def _texts(value: object) -> list[str]:
    """Return the texts in a list of any shape; a lone text is a list of one."""
    match value:
        case list():
            return [text for item in value[:_MAX_ITEMS] if (text := _text(item, 1))]
        case dict():
            # An object of lists ({"person": ["A"], "place": ["B"]}) or one named thing.
            if text := _text(value, 1):
                return [text]
            lists = [inner for inner in value.values() if isinstance(inner, list)]
            return [text for inner in lists for text in _texts(inner)]
        case _:
            return [text] if (text := _text(value)) else []


def _line(value: object) -> str:
    return plain(value if type(value) is str else _text(value))


def _lead(value: object) -> str:
    text = _line(value)
    return text if len(text) <= _MAX_LEAD else ""


def _body(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        parts: list[str] = []
        for item in value[:_MAX_ITEMS]:
            if isinstance(item, dict):
                texts = (item.get(key) for key in _PARAGRAPH_KEYS)
                item = next((text for text in texts if isinstance(text, str) and text), "")
            if isinstance(item, str):
                parts.extend(_body(item))
        return tuple(parts)
    text = _text(value)
    return fragment_paragraphs(text) if has_markup(text) else paragraphs(text)


def _date(value: object, locale: Locale = ANYWHERE) -> object:
    if isinstance(value, dict) and "$date" in value:
        value = value["$date"]
        if isinstance(value, dict) and _is_digits(value.get("$numberLong")):
            value = int(value["$numberLong"])  # milliseconds, in MongoDB's extended JSON
    # Front matter in YAML and TOML holds dates as such.
    stated = value if isinstance(value, (str, int, float, date)) else _text(value)
    return parse_moment(stated, locale)


def _is_ambiguous(stated: object) -> bool:
    """Whether a date may have its day or its month first, as far as it says itself."""
    return isinstance(stated, str) and _DAY_OR_MONTH.match(stated) is not None


def _is_digits(text: object) -> bool:
    return isinstance(text, str) and len(text) < 20 and text.isascii() and text.isdigit()


def _url(value: object) -> str:
    if isinstance(value, str):
        return web_address(value)
    return web_address(_text(value)) if isinstance(value, (dict, list)) else ""


def _source(value: object) -> str:
    text = _line(value)
    return "" if text.startswith(("http://", "https://")) else text


def _own(value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return clean(str(value))[:500]
    return clean(_text(value))[:500] if isinstance(value, dict) else ""


def _name_in_parts(person: object) -> str:
    """Return the name of a person whose first and last names are apart, "" for any other."""
    if not isinstance(person, dict):
        return ""
    parts = {key.casefold().replace("_", ""): part for key, part in person.items()}
    given, family = (
        next((part for key in keys if isinstance(part := parts.get(key), str) and part), "")
        for keys in (("firstname", "givenname"), ("lastname", "familyname", "surname"))
    )
    return f"{given} {family}" if given and family else ""


def _byline(value: object) -> object:
    if isinstance(value, str):
        return split_byline(_listed(value) if value[:1] == "[" and value[-1:] == "]" else value)
    if isinstance(value, dict) and isinstance(value.get("person"), list):
        value = value["person"]
    names: list[str] = []
    for person in value[:_MAX_ITEMS] if isinstance(value, list) else [value]:
        name = _name_in_parts(person)
        names += [name] if name else _texts(person)
    return split_byline(names)


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return split_tags(_listed(value) if value.startswith("[") else value)
    if isinstance(value, list):
        # A number is the key of a tag in a database that is not here.
        value = [tag for tag in value if not isinstance(tag, int)]
    return split_tags(_texts(value))


def _group(value: object) -> tuple[str, ...]:
    return distinct(_texts(value)) if not isinstance(value, str) else split_tags(value)


def _lines(value: object) -> tuple[str, ...]:
    return tuple(line for text in _texts(value) if (line := plain(text)))


def _listed(text: str) -> list[str]:
    """Return the items of a list written out as text: "['A', 'B']", as tables hold them."""
    items = re.findall(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", text[:4000])
    found = [single or double for single, double in items]
    return found or [text.strip("[]")]


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "title": _line,
    "body": _body,
    "lead": _lead,
    "published": _date,
    "updated": _date,
    "section": _line,
    "kind": lambda value: kind_of((_line(value),))[0],
    "topic": _line,
    "page": lambda value: page_label(_line(value)),
    "tags": _tags,
    "authors": _byline,
    "url": _url,
    "source": _source,
    "agency": _line,
    "place": _line,
    "places": _group,
    "people": _group,
    "orgs": _group,
    "exchanges": _group,
    "language": _line,
    "captions": _lines,
    "credits": _lines,
    "related": _lines,
    "own": _own,
}
