"""When the article was published and last changed, and where the page says so.

Trusted in this order: structured data, meta tags, `<time>`, the address, a date beside the
headline, the page's scripts; last, the name of the file a crawler saved. What says the same as a
better source and more, the time of the day, is taken instead. A date that cannot be (in the future,
after the page was captured) is passed over, and where none is said to be the article's, none is
guessed at: other dates of a page are those of comments, pictures and other articles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

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
from corpus.dates.words import PUBLISHED, UPDATED, signed
from corpus.html.declarations import is_in_footer, text_in
from corpus.html.declared import Declared
from corpus.html.structured import MAX_SCRIPT

_PUBLISHED = (
    re.compile(r"publish(?!er)|publication|pub[-_]?date|date[-_]?pub"),
    re.compile(r"(?:^|[.:_-])(?:created?(?:_at|_time)?|issued|regdate)$|(?:^|[.:])(?:(?:display|article_"
               r"|release_|citation_|citation_online_)?date|ptime)$|^timestamp$|^article.time$"),
)  # fmt: skip
"""Names of meta tags that say when an article was published, and that most likely do."""

_UPDATED = re.compile(r"updat|modif|lastmod|moddate|revis(?:ed|ion)|utime")
_CREATION = ("datePublished", "dateCreated", "uploadDate")
_YEAR = re.compile(
    r"(?<!\d)(?:\d\d)?(?:1[3-9]|2[0-6])\d{2}(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)|[年년]|\d\s[^\W\d]\S*\s['’]?\d"
)
_DIGIT = re.compile(r"[\d年년]")
"""What each of these has; most lines have none, which this finds sooner."""
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
_ATTRIBUTE = re.compile(r"abbr title$|\S+ (?:datetime$|data-\w*-?(?:date|time|publish))")
_MOMENT = re.compile(rf"{_YEAR.pattern}|^\d{{10}}(?:\d{{3}})?$")
_MAX_TIMES = 200
_LABEL = re.compile(
    rf"(?i:(?!.*\bsite\b)[^\d:{PUBLISHED}{UPDATED}]{{0,24}}[{PUBLISHED}{UPDATED}]"
    rf"|.*(?:first|originally|zuerst|ursprünglich|initialement|originalmente)\s{PUBLISHED})"
)
_STATE = re.compile(
    r"""\W(?:datePublished|(?:first_?)?publish(?:ed)?_?(?:at|on|date|time)|publication_?date)"""
    r"""\\?["']?\s*[:=]\s*\\?["']?([\w:.+ -]{8,35})""",
    re.IGNORECASE,
)
"""What the script of a page says of it, where the page itself is made by that script."""

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
    around = [line for line in around if _YEAR.search(line) and not _OTHER_LABEL.match(line)]
    locale = _locale(page, language, (*times, *near, *around), lines)
    labelled = _labelled(lines, locale, captured)

    def first(texts: Iterable[str]) -> StatedDate | None:
        dates = (
            parse_date(text, locale, bound=captured) or dates_in(text, locale, bound=captured)[0]
            for text in texts
        )
        return next(filter(None, dates), None)

    updated, updated_from = None, ""
    for where, texts in (
        ("schema.org", [page.said("dateModified")]),
        ("meta", _metas(page, _UPDATED)),
        ("text", [dates_in(t, locale, bound=captured)[1] or "" for t in (*near, *around)]),
        ("text", labelled[1]),
    ):
        if updated := first(filter(None, texts)):
            updated_from = where
            break
    in_url = date_in_url(page.url) if page.url and page.url_from != "file" else None
    published, published_from = None, ""
    for where, texts in (
        ("schema.org", [page.said(name) for name in _CREATION]),
        ("meta", [value for names in _PUBLISHED for value in _metas(page, names)]),
        ("schema.org", [page.item("datePublished"), page.item("dateCreated")]),
        ("text", labelled[0]),
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
    if published is None and updated is None:
        published, published_from = first(_state(page)), "script"
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


def _labelled(
    lines: Sequence[str], locale: Locale, captured: datetime | None
) -> tuple[list[str], list[str]]:
    """Return the day of publication, and that of the last change, which a line says by a label, or
    a pair of lines, where all such lines say one: cards of other articles have them, too."""
    found: tuple[dict[str, None], dict[str, None]] = {}, {}
    for before, line in zip(("", *lines), lines, strict=False):
        if len(line) > _LONG_LINE or not _DIGIT.search(line) or not _YEAR.search(line):
            continue
        if not _LABEL.match(signed(line, locale.language)):
            if len(before) > _SHORT_LABEL or not _LABEL.fullmatch(
                signed(before, locale.language).strip(" :")
            ):
                continue
            line = f"{before} {line}"
        for days, day in zip(found, dates_in(line, locale, bound=captured), strict=True):
            if day is not None:
                days[day] = None
    published, updated = (list(days) if len(days) == 1 else [] for days in found)
    return published, updated


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
            others = (page.url, *_metas(page, _PUBLISHED[0]), page.said("datePublished"), *short)
            dates = (
                date_in_url(text) if "/" in text else dates_in(text)[0]
                for text in others
                if _YEAR.search(text) and not _IN_NUMBERS.search(text)
            )
            proved = day_first(texts, {stated[:10] for stated in dates if stated})
    if proved is None and declared not in ("", "en"):
        proved = True  # what writes the date is the site, whatever language an article is in
    return Locale(language or declared, region, proved, _zone(page))


def _metas(page: Declared, names: re.Pattern[str]) -> list[str]:
    """Return the values of the meta tags with such names; what names a change is no publication."""
    return [
        value
        for name, values in page.metas.items()
        if names.search(name) and (names is _UPDATED or not _UPDATED.search(name))
        for value in values[:2]
    ]


def _zone(page: Declared) -> tzinfo | None:
    """Return the zone that some date of the page names, for those that name none."""
    texts = [page.said("datePublished"), page.said("dateModified")]
    texts += _metas(page, _PUBLISHED[0]) + _metas(page, _UPDATED)
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
    """Return what the first `<time>`, or element with its time in an attribute, in the line nearest
    to the headline says, and what all of them do, where that is one day: cards of other articles
    have them, too. One in a footer counts where it is the only one."""
    found: list[str] = []
    beside: list[str] = []
    footer: list[str] = []
    for element in page.elements:
        tag = element.name
        said = [value for name, value in element.attrs.items() if _ATTRIBUTE.match(f"{tag} {name}")]
        if not (said or tag == "time") or len(found) >= _MAX_TIMES:
            continue
        shown = text_in(element)
        text = next((str(value) for value in said if _MOMENT.search(str(value))), shown)
        if not text:
            continue
        if is_in_footer(element):
            footer.append(text)
            continue
        found.append(text)
        if shown and shown in nearest:
            beside.append(text)
    found = found or (footer if len(footer) == 1 else [])
    return beside[:1], found[:1] if len({text[:10] for text in found}) == 1 else []


def _state(page: Declared) -> list[str]:
    """Return the day of publication in the scripts of a page, and in the state that elements carry
    for them, where there is one alone."""
    texts = page.root.xpath("//script/text() | //@*[starts-with(., '{') or starts-with(., '[{')]")
    found = [stated for text in texts for stated in _STATE.findall(text[:MAX_SCRIPT])]
    days = {stated[:10] for stated in found}
    return found[:1] if len(days) == 1 else []
