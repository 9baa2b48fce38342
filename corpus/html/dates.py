"""When the article was published and last changed, and where the page says so.

Trusted in this order: structured data, meta tags, `<time>`, the address, a date beside the
headline, then htmldate's search of the whole page; last, the name of the file a crawler saved. What
says the same as a better source and more, the time of the day, is taken instead. A date that cannot
be (in the future, after the page was captured) is passed over, not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from lxml import etree

from corpus.core.stated_date import StatedDate
from corpus.dates.parsing import (
    Locale,
    date_in_url,
    dates_in,
    day_first,
    is_plausible,
    parse_date,
)
from corpus.dates.regions import language_and_region
from corpus.html.declarations import attribute, is_in_footer, names_of, text_in
from corpus.html.declared import Declared
from corpus.text.silenced_warnings import quietly

_PUBLISHED = (
    "article:published_time", "article:published", "og:article:published_time",
    "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "article.published",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "publish-date", "publish_date",
    "publishdate", "published_date", "published-date", "publication_date", "pubdate", "pub_date",
    "dcterms.created", "dc.date.issued", "dcterms.issued", "dc.date.created", "dcterms.date",
    "dc.date", "citation_publication_date", "citation_date", "citation_online_date",
    "originalpublicationdate",
    "article_date_original", "article:create_time", "created", "date_published",
    "rnews:datepublished",
    "og:pubdate", "displaydate", "ptime", "bt:pubdate", "date", "article_date", "timestamp",
    "release_date", "shareaholic:article_published_time", "og:regdate", "weibo: article:create_at",
)  # fmt: skip
_CREATION = ("datePublished", "dateCreated", "uploadDate")
_UPDATED = (
    "article:modified_time", "article:modified", "og:updated_time", "datemodified", "lastmod",
    "last-modified", "dcterms.modified", "dc.date.modified", "article:updated_time", "revised",
    "updated", "modified", "bt:moddate", "utime",
)  # fmt: skip
_UPDATED_NAME = re.compile(r"updat|modif|aktualis|actualiz", re.IGNORECASE)
_YEAR = re.compile(
    r"(?<!\d)(?:1[3-9]|2[0-6])\d{2}(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)|[年년]|\d\s[^\W\d]\S*\s['’]?\d"
)
_PUBLISHED_TEXT = re.compile(
    r"publish(?:ed|ing|(?= date))|post(?:ed|(?= (?:time|date)))|veröffentlicht|erschienen|erstellt"
    r"|publicad[oa]|publiée?|pubblicat[oa]|gepubliceerd|publicerad|opublikowano|опубликован|created",
    re.IGNORECASE,
)
_OTHER_LABEL = re.compile(
    r"(?!.*(?:publi|post(?:ed| time| date)|veröffentlich|erstellt|updated|modified|aktualis|stand))"
    r"[^\d:]{4,40}:",
    re.IGNORECASE,
)
"""A line that says what its date is of, and that is no publication: 'Deadline: 15 March 2020'."""
_DATE_FIRST = re.compile(r"[^\d:]{0,24}\d[^:]{0,80}(?::|$)")
_OPENING = re.compile(r"[^–—]{0,24}\d[^–—]{1,16}\d{4}(?=\s*[–—:|])|\d\d?[./]\d\d?[./]\d{4}(?=\s)")
_OPENINGS = 3
"""Paragraphs, a summary among them, of which one may begin with the day."""
_IN_NUMBERS = re.compile(r"(?<!\d)\d{1,2}[/-]\d{1,2}[/-](?:\d\d){1,2}(?!\d)")
_MAX_CANDIDATES = 12
_FIRST_PUBLISHED = re.compile(
    r"(?:originally|first) published (?:on )?\w{0,9}\.? ?\d"
    r"|(?:zuerst|ursprünglich) (?:veröffentlicht|erschienen)? ?am \d",
    re.IGNORECASE,
)
_LONG_LINE, _SHORT_LABEL = 160, 24
_SHORT_LINE = 60
"""Characters of a line that is a date with a few words, and no prose."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Publication and last change, and where each came from; None and "" where unknown."""

    published: StatedDate | None = None
    published_from: str = ""
    updated: StatedDate | None = None
    updated_from: str = ""


def moments(
    page: Declared,
    *,
    captured: datetime | None = None,
    path: str = "",
    language: str = "",
    near: Sequence[str] = (),
    around: Sequence[str] = (),
    lines: Sequence[str] = (),
) -> Moments:
    """Return when the article of a page was published and last changed.

    `captured` bounds the dates, `path` is the file the page was saved in, `language` (ISO 639-1) is
    that of the article, `near` are the lines at its headline, the nearest first, `around` those
    above and below its text, `lines` all of the page: other dates prove which number is the day.
    """
    near = [line for line in near if _YEAR.search(line) and not _OTHER_LABEL.match(line)]
    beside, times = _times(page, near[0] if near else "")
    locale = _locale(page, language, (*times, *near, *around), lines)
    labelled = _labelled(lines)

    def first(texts: Iterable[str]) -> StatedDate | None:
        for text in texts:
            published, updated = dates_in(text, locale, bound=captured)
            if stated := parse_date(text, locale, bound=captured) or published or updated:
                return stated
        return None

    updated, updated_from = None, ""
    for where, texts in (
        ("schema.org", [page.said("dateModified")]),
        ("meta", _values(page, _UPDATED)),
        ("schema.org", [page.item("dateModified")]),
    ):
        if updated := first(filter(None, texts)):
            updated_from = where
            break
    in_url = date_in_url(page.url) if page.url and page.url_from != "file" else None
    around = [line for line in around if _YEAR.search(line) and not _OTHER_LABEL.match(line)]
    published, published_from = None, ""
    for where, texts in (
        ("schema.org", [page.said(name) for name in _CREATION]),
        ("meta", _values(page, _PUBLISHED)),
        ("schema.org", [page.item("datePublished"), page.item("dateCreated")]),
        ("text", labelled),
        ("time", beside if near else times),
        ("text", near),
        ("time", times),
        ("url", [str(in_url or "")]),
        ("text", around),
    ):
        stated = first(filter(None, texts))
        if stated and (published is None or _is_finer(stated, published)):
            published, published_from = stated, where
    written = _written(near, locale, captured)
    if (
        written is not None
        and published is not None
        and published_from in ("schema.org", "meta")
        and _is_better(written, published, updated)
    ):
        published, published_from = written, "text"
    if updated is None:
        said = (dates_in(text, locale, bound=captured)[1] for text in (*near, *around))
        updated, updated_from = next(filter(None, said), None), "text"
    if published is None and updated is None:
        published, published_from = _searched(page, captured), "text"
    if published is None and path:
        in_path = date_in_url(path.replace("\\", "/"))
        if in_path and is_plausible(in_path, bound=captured):
            published, published_from = in_path, "file"
    if published is None and updated is not None:
        published, published_from = updated, updated_from
    if published is None:
        return Moments()
    if updated is not None and not published.before(updated):
        updated, updated_from = None, ""
    return Moments(published, published_from, updated, updated_from if updated else "")


def opening_date(paragraphs: Sequence[str]) -> str:
    """Return the date with which one of the first paragraphs begins, as agencies write it; ""
    for none."""
    found = filter(None, map(_OPENING.match, paragraphs[:_OPENINGS]))
    return next((one[0] for one in found), "")


def _labelled(lines: Sequence[str]) -> list[str]:
    """Return the line that says when the article was published, or the pair of lines that does,
    where there is one alone: cards of other articles have such lines, too."""
    found: dict[str, None] = {}
    for before, line in zip(("", *lines), lines, strict=False):
        if len(line) > _LONG_LINE or not _YEAR.search(line):
            continue
        label = _PUBLISHED_TEXT.search(line)
        if label is None and len(before) <= _SHORT_LABEL and _PUBLISHED_TEXT.match(before):
            line, label = f"{before} {line}", _PUBLISHED_TEXT.match(before)
        if (label and not label.start()) or _FIRST_PUBLISHED.search(line):
            found[line] = None
    return list(found) if len(found) == 1 else []


def _written(lines: Sequence[str], locale: Locale, captured: datetime | None) -> StatedDate | None:
    """Return the day of publication that a line at the headline shows, when it begins with it."""
    for line in lines:
        published, updated = dates_in(line, locale, bound=captured)
        if published is not None and updated is None and _DATE_FIRST.match(line):
            return published
    return None


def _is_better(written: StatedDate, declared: StatedDate, updated: StatedDate | None) -> bool:
    """Tell whether the day that a page shows is believed before the one that it declares.

    That is when a zone shifts the one to the other, and when they have nothing to do with each
    other: templates declare when a page was made anew. Days and months are not exchanged for it.
    """
    swapped = f"{written[:4]}-{written[8:10]}-{written[5:7]}"
    return (
        declared.precision <= written.precision
        and declared[:10] not in (written[:10], swapped)
        and (updated is None or updated[:10] not in (written[:10], swapped))
    )


def _is_finer(stated: StatedDate, known: StatedDate) -> bool:
    """Tell whether a date says the same as a known one, and more: the time of a day, the day of a
    month. A day that was made of an instant may be the one in UTC."""
    if stated.precision >= known.precision:
        return False
    days = {stated[:10], stated.start(UTC).date().isoformat()} if stated.has_zone else {stated[:10]}
    return any(day.startswith(known) for day in days)


def _locale(page: Declared, language: str, texts: Sequence[str], lines: Sequence[str]) -> Locale:
    """Return who wrote the dates of a page: its language, region and zone, and what other dates
    of it prove."""
    tags = (
        page.language,
        page.said("inLanguage"),
        page.meta("og:locale"),
        page.meta("content-language", "dc.language"),
    )
    declared, region = language_and_region(*tags, url=page.url)
    proved = day_first(texts)
    if proved is None:
        short = [line for line in lines if len(line) <= _SHORT_LINE]
        proved = day_first(short)
        if proved is None and any(map(_IN_NUMBERS.search, texts)):
            others = (page.url, *_values(page, _PUBLISHED), page.said("datePublished"), *short)
            dates = (
                date_in_url(text) if "/" in text else dates_in(text)[0]
                for text in others
                if _YEAR.search(text) and not _IN_NUMBERS.search(text)
            )
            proved = day_first(texts, {stated[:10] for stated in dates if stated})
    if proved is None and declared not in ("", "en"):
        proved = True  # what writes the date is the site, whatever language an article is in
    return Locale(language or declared, region, proved, _zone(page))


def _values(page: Declared, names: Iterable[str]) -> list[str]:
    return [value for name in names for value in page.metas.get(name, ())[:2]]


def _zone(page: Declared) -> tzinfo | None:
    """Return the zone that some date of the page names, for those that name none."""
    texts = [page.said("datePublished"), page.said("dateModified")]
    texts += _values(page, (*_PUBLISHED[:8], *_UPDATED[:4]))
    for text in texts:
        if "T" in text[:12] and len(text) > 19:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                continue
            if moment.tzinfo is not None and moment.utcoffset() != timedelta(0):
                return moment.tzinfo
    return None


def _times(page: Declared, nearest: str) -> tuple[list[str], list[str]]:
    """Return what the first `<time>` in the line nearest to the headline says, and what all near
    the article do, the likeliest first. One in a footer counts where it is the only one."""
    ranked: list[tuple[bool, int, str]] = []
    beside: list[str] = []
    footer: list[str] = []
    for number, element in enumerate(page.tagged("time")):
        if number >= 200:
            break
        shown = text_in(element)
        text = attribute(element, "datetime")
        if not _YEAR.search(text):
            text = shown
        if not text:
            continue
        if is_in_footer(element):
            footer.append(text)
            continue
        is_update = _UPDATED_NAME.search(names_of(element)) is not None
        ranked.append((is_update, number, text))
        if not is_update and shown and shown in nearest:
            beside.append(text)
    ordered = [text for _, _, text in sorted(ranked)[:_MAX_CANDIDATES]]
    return beside[:1], ordered or (footer if len(footer) == 1 else [])


def _searched(page: Declared, captured: datetime | None) -> StatedDate | None:
    """Ask htmldate, which takes 20 to 200 ms a page, when nothing else knew; what
    lies beside the article has dates of its own."""
    try:
        with quietly():
            from htmldate import find_date  # takes half a second, and few pages need it

            root = deepcopy(page.root)
            etree.strip_elements(root, "aside", "nav", "footer", with_tail=False)
            text = find_date(
                etree.tostring(root, encoding="unicode", method="html"),
                original_date=True,
                extensive_search=False,
                outputformat="%Y-%m-%d",
                max_date=(captured or datetime.now(UTC)).strftime("%Y-%m-%d"),
            )
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return None
    return parse_date(text, bound=captured) if text else None
