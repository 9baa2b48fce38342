"""Records of known shape: what the APIs, content systems and data sets of news call the parts.

`corpus.records.names` knows keys by their names alone. Where a name misleads (`timestamp` is when
a page was crawled, `title` is the newspaper's, `country` is the outlet's), or a value lies deep, or
kinds of keywords share a list, a `Shape` says which value is which field. All that a shape does not
mention is read as ever, so that an older or newer version of a layout loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from corpus.core.errors import UnreadableError
from corpus.print.ocr_lines import ocr_fragment, ocr_paragraphs
from corpus.records.names import NAMES
from corpus.records.paths import value_at, values_at

Record = dict[str, Any]
Way = str | Callable[[Record], Any]
"""How a field is found: paths (see `corpus.records.paths`) or a function of the record."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A known layout: recognised when it `needs` all of these keys and `lacks` all of those.

    `fields` are found by paths, `dropped` are keys that say something else than they seem to, and
    `refused` are (path, values that are read, what the others are).
    """

    name: str
    needs: tuple[str, ...]
    fields: dict[str, Way] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    refused: tuple[str, tuple[str, ...], str] | None = None


def reshaped(record: Record) -> Record:
    """Return a record with the parts of its known shape under plain names; any other as it is.

    Raises `UnreadableError` for what its shape says is not to be read, such as a draft.
    """
    shape = _shape_of(tuple(record))
    if shape is None:
        return record
    if shape.refused:
        path, among, what = shape.refused
        state = value_at(record, path)
        if state is not None and str(state).lower() not in among:
            raise UnreadableError(f"it is {what} ({state})")
    kept = {key: value for key, value in record.items() if key not in shape.dropped}
    for name, way in shape.fields.items():
        value = value_at(record, way) if isinstance(way, str) else way(record)
        if name == "section" and isinstance(value, list):
            value = value[0]  # the first is the main one
        kept[NAMES[name][0]] = _uncut(value)
    return kept


@lru_cache(maxsize=4096)
def _shape_of(keys: tuple[str, ...]) -> Shape | None:
    """Return the first shape that a record with these keys has; those of a source have the same."""
    present = frozenset(keys)
    for shape in SHAPES:
        if present.issuperset(shape.needs) and present.isdisjoint(shape.lacks):
            return shape
    return None


_CUT = re.compile(r"\s*(?:…|\.\.\.)?\s*\[\+?\d[\d,]* chars\]\s*\Z")


def _uncut(value: Any) -> Any:
    """Return a text without the note of how much an API left out of it, which is no prose."""
    return _CUT.sub("…", value) if isinstance(value, str) and value.endswith("chars]") else value


def _without_outlet(record: Record) -> str:
    """Return the title without the outlet's name behind it ('Rain in May - The Post')."""
    title = str(record.get("title") or "")
    if title == "[Removed]":
        raise UnreadableError("it was removed by its publisher")
    outlet = value_at(record, "source.name, publication, source")
    head, mark, tail = title.rpartition(" - ")
    if mark and isinstance(outlet, str):
        tail = tail.strip().lower()
        if tail.removeprefix("the ") == outlet.strip().lower().removeprefix("the "):
            return head
    return title


def _csl_date(record: Record) -> str:
    """Return the date of CSL-JSON as far as it is stated: '2023-11-15', '2023-11', '2023'."""
    issued = record.get("issued")
    parts = values_at(issued, "date-parts[][]")[:3]
    try:
        return "-".join(f"{int(part):02d}" for part in parts) or str(
            value_at(issued, "raw, literal") or ""
        )
    except (TypeError, ValueError):
        return ""


def _csl_authors(record: Record) -> list[str]:
    return [
        str(one.get("literal") or f"{one.get('given') or ''} {one.get('family') or ''}").strip()
        for one in values_at(record, "author[]")
        if isinstance(one, dict)
    ]


def _people(record: Record) -> Any:
    """Return the names of the New York Times's people, who are given in parts, else its byline."""
    parts = ("firstname", "middlename", "lastname", "qualifier")
    names = [
        " ".join(str(one[part]) for part in parts if one.get(part))
        for one in values_at(record, "byline.person[]")
        if isinstance(one, dict)
    ]
    return [name for name in names if name] or value_at(record, "byline.original, byline")


def _post_body(record: Record) -> list[str]:
    """Return the paragraphs of the Washington Post's contents: text, and what lists hold."""
    contents = values_at(record, "contents[type=sanitized_html|list].content[]")
    return [text for text in contents if isinstance(text, str)]


_OCR_KEY = re.compile(r"ocr(?:_[a-z]{2,3}|_text)?\Z")


def _ocr_text(record: Record) -> list[str]:
    texts = [text for key, text in record.items() if _OCR_KEY.match(key) and isinstance(text, str)]
    return list(ocr_paragraphs("\n\n".join(texts)))


def _ans_body(record: Record) -> list[str]:
    """Return the texts of Arc's content elements, lists and quotes opened, in their order."""
    texts: list[str] = []
    waiting = list(reversed(values_at(record, "content_elements[]")))
    while waiting and len(texts) < 10_000:
        element = waiting.pop()
        kind = element.get("type") if isinstance(element, dict) else ""
        if kind in ("text", "header", "raw_html") and isinstance(element.get("content"), str):
            texts.append(element["content"])
        elif kind in ("list", "quote"):
            waiting.extend(reversed(values_at(element, "items[], content_elements[]")))
    return texts


def _month_first(record: Record) -> str:
    """Return RealNews' 'MM-DD-YYYY' as ISO 8601."""
    stated = str(record.get("publish_date") or "")
    return re.sub(r"\A(\d{2})-(\d{2})-(\d{4})\Z", r"\3-\1-\2", stated)


def _at_greenwich(key: str) -> Callable[[Record], str]:
    """Return a way to a time that is stated in UTC without saying so."""

    def stated(record: Record) -> str:
        time = str(record.get(key) or "")
        return f"{time}+00:00" if re.fullmatch(r"[\d-]{10}[T ][\d:]{8}", time) else time

    return stated


_VOLUME = re.compile(r"\.?\s*\[[a-z ]+\]\s*\Z")
"""What the Library of Congress adds to the name of a newspaper."""


def _text(record: Record, key: str) -> str:
    return str(record.get(key) or "")


_SEEN = "dateTimePub, date"
SHAPES: tuple[Shape, ...] = (
    Shape("Guardian", ("webTitle", "webPublicationDate"), {
        "title": "fields.headline, webTitle", "published": "webPublicationDate",
        "section": "sectionName", "tags": "tags[type=keyword|].webTitle",
        "topic": "tags[type=series].webTitle",
        "authors": "fields.byline, tags[type=contributor].webTitle",
        "body": "fields.body, blocks.body[].bodyHtml, fields.bodyText",
        "lead": "fields.standfirst, fields.trailText", "source": "fields.publication",
        "url": "webUrl", "language": "fields.lang", "updated": "fields.lastModified",
    }, dropped=("type",)),
    Shape("New York Times", ("web_url", "headline"), {
        "title": "headline.main, headline.print_headline, headline", "published": "pub_date",
        "tags": "keywords[name=subject].value", "people": "keywords[name=persons|person].value",
        "places": "keywords[name=glocations|location].value",
        "orgs": "keywords[name=organizations|organization].value",
        "authors": _people, "section": "section_name",
        "lead": "abstract, snippet", "body": "lead_paragraph", "url": "web_url", "own": "_id, uri",
        "page": "print_page",
    }, dropped=("keywords", "snippet")),
    Shape("New York Times, top stories", ("des_facet", "geo_facet"), {
        "tags": "des_facet", "places": "geo_facet", "people": "per_facet", "orgs": "org_facet",
        "lead": "abstract",
    }, dropped=("created_date",)),
    Shape("Event Registry", ("uri", "title", "dataType"), {
        "published": _SEEN, "tags": "concepts[type=wiki].label.*",
        "people": "concepts[type=person].label.*", "orgs": "concepts[type=org].label.*",
        "places": "concepts[type=loc|place].label.*", "authors": "authors[isAgency=false].name",
        "source": "source.title, source.uri", "own": "uri",
    }, dropped=("date", "time", "dateTime", "categories", "agency", "location")),
    Shape("Arc ANS", ("headlines", "content_elements"), {
        "title": "headlines.basic, headlines.web, headlines.*",
        "lead": "subheadlines.basic, description.basic",
        "body": _ans_body, "authors": "credits.by[].name", "url": "canonical_url",
        "tags": "taxonomy.tags[].text, taxonomy.tags[].name, taxonomy.seo_keywords",
        "section": "taxonomy.primary_section.name, taxonomy.sections[].name",
        "published": "first_publish_date, display_date, publish_date",
        "updated": "last_updated_date", "own": "_id", "source": "source.name, distributor.name",
        "captions": "content_elements[type=image].caption",
        "credits": "content_elements[type=image].credits.by[].name",
    }, dropped=("created_date", "description", "type", "owner", "label"),
        refused=("type", ("story",), "no story")),
    Shape("Trove", ("heading", "date", "title"), {
        "title": "heading", "source": "title.title, title.value, title", "section": "category",
        "body": lambda record: list(ocr_fragment(_text(record, "articleText"))),
        "url": "troveUrl, identifier, url", "own": "id", "page": "page",
    }, dropped=("snippet", "relevance", "name")),
    Shape("Trove harvest", ("newspaper_title", "article_id"), {
        "source": "newspaper_title", "section": "category", "own": "article_id", "body": "text",
        "page": "page",
    }, dropped=("snippet", "category")),
    Shape("Chronicling America", ("lccn", "date"), {
        "title": lambda record: "", "body": _ocr_text,
        "source": lambda record: _VOLUME.sub("", _text(record, "title")),
        "language": "language[]", "page": "page, sequence", "url": "url",
    }, dropped=("name", "subject", "place", "publisher", "country", "note", "section_label",
                "county", "state", "city", "alt_title")),
    Shape("CSL-JSON", ("type", "title", "issued"), {
        "authors": _csl_authors, "published": _csl_date, "source": "container-title, publisher",
        "tags": "keyword", "place": "event-place, publisher-place", "url": "URL", "page": "page",
        "lead": "abstract",
    }, dropped=("accessed", "author")),
    Shape("CSL-JSON without a date", ("type", "title", "container-title"), {
        "authors": _csl_authors, "source": "container-title", "url": "URL", "lead": "abstract",
        "tags": "keyword", "page": "page",
    }, dropped=("accessed", "author")),
    Shape("Zotero", ("Item Type", "Publication Title"), {
        "authors": "Author", "source": "Publication Title", "lead": "Abstract Note",
        "published": "Date", "own": "Key", "page": "Pages",
        "tags": lambda record: "; ".join(
            filter(None, (_text(record, "Manual Tags"), _text(record, "Automatic Tags")))
        ),
    }, dropped=("Date Added", "Date Modified", "Access Date", "Publication Year", "Publisher")),
    Shape("WordPress, REST", ("date_gmt", "link", "content"), {
        "authors": "_embedded.author[].name", "published": _at_greenwich("date_gmt"),
        "updated": _at_greenwich("modified_gmt"),
        "section": "_embedded.wp:term[][taxonomy=category].name",
        "tags": "_embedded.wp:term[][taxonomy=post_tag].name", "url": "link",
    }, dropped=("author", "categories", "date", "modified", "guid", "date_gmt",
                "modified_gmt"),
        refused=("status", ("publish",), "not published")),
    Shape("Ghost", ("mobiledoc", "html", "published_at"), {
        "body": "html, plaintext", "published": "published_at", "updated": "updated_at",
        "lead": "custom_excerpt", "language": "locale",
    }, dropped=("created_at", "plaintext", "type", "id"),
        refused=("status", ("published", "sent"), "not published")),
    Shape("Drupal", ("attributes", "relationships", "type"), {
        "title": "attributes.title", "body": "attributes.body.processed, attributes.body.value",
        "lead": "attributes.body.summary, attributes.field_teaser, attributes.field_subtitle",
        "published": "attributes.published_at, attributes.created", "own": "id",
        "updated": "attributes.changed", "language": "attributes.langcode",
    }, dropped=("type",), refused=("attributes.status", ("true", "1"), "not published")),
    Shape("Washington Post", ("article_url", "contents"), {
        "title": "title, contents[type=title].content", "body": _post_body,
        "lead": "contents[type=deck].content", "section": "contents[type=kicker].content",
        "authors": "author, contents[type=byline].content", "url": "article_url",
        "published": "published_date, contents[type=date].content", "own": "id",
        "captions": "contents[type=image].fullcaption, contents[type=image].blurb",
    }, dropped=("type", "contents")),
    Shape("Webhose", ("thread", "uuid"), {
        "title": "title, thread.title_full, thread.title", "section": "thread.section_title",
        "source": "thread.site_full, thread.site", "published": "published, thread.published",
        "url": "url, thread.url", "people": "entities.persons[].name",
        "orgs": "entities.organizations[].name", "places": "entities.locations[].name",
        "tags": "categories, thread.site_categories", "own": "uuid",
    }, dropped=("crawled", "updated", "locations", "organizations", "persons")),
    Shape("schema.org", ("@type", "headline"), {
        "url": "url, mainEntityOfPage.@id, mainEntityOfPage.url, mainEntityOfPage, @id",
    }),
    Shape("NewsAPI", ("urlToImage", "publishedAt"), {"title": _without_outlet, "body": "content"}),
    Shape("GNews", ("publishedAt", "content", "image"), {"body": "content"}),
    Shape("All the News", ("publication", "year", "month", "title"), {"title": _without_outlet}),
    Shape("an aggregator", ("country", "language", "category", "title"), dropped=("country",)),
    Shape("NewsCatcher", ("country", "clean_url"), {"body": "summary", "lead": "excerpt"},
          dropped=("country", "summary")),
    Shape("CNN and Daily Mail", ("article", "highlights"), {"lead": "highlights"}),
    Shape("RealNews", ("publish_date", "warc_date"), {"published": _month_first}),
    Shape("C4", ("text", "timestamp", "url"), dropped=("timestamp",), lacks=("title", "headline")),
    Shape("Instapaper", ("URL", "Selection", "Timestamp"), dropped=("Timestamp",)),
    Shape("Raindrop", ("excerpt", "folder", "created"), dropped=("created",)),
    Shape("Wallabag", ("is_archived", "created_at", "url"), dropped=("created_at", "updated_at")),
    Shape("Pinboard", ("href", "description", "extended"), {
        "title": "description", "lead": "extended",
        "tags": lambda record: _text(record, "tags").split(),
    }, dropped=("time", "description")),
    Shape("Media Cloud", ("media_name", "publish_date"), {"source": "media_name"}),
)  # fmt: skip
"""The shapes that are known; the first that fits a record is its own."""
