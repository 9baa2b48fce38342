"""Words, numbers and dates in the reader's language.

The language is what the reader chose (``ui`` in the address, then a cookie), else the best match
of the browser's. Catalogues are in ``web/translations``; the messages are English. Dates are those
of the archive's time zone, so that a day on the page is the day that the facets count.
"""

from __future__ import annotations

import json
import re
import threading
from datetime import date, datetime, tzinfo
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, get_domain, gettext, lazy_gettext, ngettext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from corpus.core.errors import BadRequestError
from corpus.core.fields import LABELS
from corpus.core.kinds import KINDS
from corpus.core.stated_date import Precision, StatedDate

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
"""The languages of the pages, each by its own name."""

_COOKIE = "ui"
_YEAR = 365 * 24 * 3600

_DAY = {"en": "EEE d MMM y", "de": "EEE, d. MMM y", "es": "EEE, d MMM y"}
_LONG_DAY = {"en": "EEEE, d MMMM y", "de": "EEEE, d. MMMM y", "es": "EEEE, d 'de' MMMM 'de' y"}
_LONG_MONTH = {"en": "MMMM y", "de": "MMMM y", "es": "MMMM 'de' y"}
_MONTH = {"en": "MMM y", "de": "MMM y", "es": "MMM y"}


class _Here(threading.local):
    """The language of the request that this thread answers: it is asked for 200 times a page."""

    language: str = ""


_here = _Here()


def language() -> str:
    """Return the language of the page that is being answered: one of LANGUAGES."""
    return _here.language or _asked_for()


def _asked_for() -> str:
    """Return the language that the request asks for."""
    if not has_request_context():
        return "en"
    asked = request.args.get("ui", "")
    known = asked if asked in LANGUAGES else request.cookies.get(_COOKIE, "")
    return known if known in LANGUAGES else _best(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1024)
def _best(accepted: str) -> str:
    """Return the language that a browser which names these takes best."""
    offered = parse_accept_header(accepted, LanguageAccept)
    return offered.best_match(list(LANGUAGES)) or "en"


@lru_cache(maxsize=1024)
def direction_of(code: str) -> str:
    """Return how a language is written: "ltr", "rtl", or "auto" where it is not known."""
    try:
        return str(Locale.parse(code, sep="-").text_direction)
    except (ValueError, LookupError, UnknownLocaleError):
        return "auto"


def _ours(message: str) -> Markup:
    """Return a message as markup: it stands in our own templates or catalogues."""
    return Markup(message)  # nosec B704


@lru_cache(maxsize=4096)
def _message(message: str, code: str) -> Markup:
    """Return a message in the language of the page, which is `code`."""
    return _ours(gettext(message))


def _gettext(message: str, **filled: object) -> Markup:
    """Return a message as markup in the page's language, with `filled` in place, escaped."""
    text = _message(message, language())
    return text % filled if filled else text


def _ngettext(one: str, many: str, number: int, **filled: object) -> Markup:
    """Return a message for a number, in the plural form that its language has for it."""
    text = _ours(get_domain().get_translations().ngettext(one, many, number))
    return text % {"num": number, **filled}


@lru_cache(maxsize=16)
def _kinds_in(code: str) -> str:
    """Return what each kind of completion is called in the language of the page, as JSON."""
    return json.dumps(
        {
            "tags": str(gettext("tag")),
            "topic": str(gettext("topic")),
            "authors": str(gettext("author")),
            "title": str(gettext("headline")),
        },
        ensure_ascii=False,
    )


def bad_request(message: str, **filled: object) -> BadRequestError:
    """Return the error of a request that cannot be answered, in the reader's language."""
    return BadRequestError(gettext(message, **filled))


def install(app: Flask, translations: str) -> None:
    """Set up the catalogues, and remember a language that a reader chose by address."""
    Babel(app, default_translation_directories=translations, locale_selector=language)
    app.jinja_env.globals.update(
        _=_gettext, gettext=_gettext, ngettext=_ngettext, kinds=lambda: _kinds_in(language())
    )

    @app.before_request
    def settle() -> None:
        _here.language = _asked_for()

    @app.teardown_request
    def forget(error: BaseException | None) -> None:
        _here.language = ""

    @app.after_request
    def remember(response: Response) -> Response:
        asked = request.args.get("ui", "")
        if asked in LANGUAGES and request.cookies.get(_COOKIE) != asked:
            response.set_cookie(
                _COOKIE, asked, max_age=_YEAR, httponly=True, samesite="Lax",
                secure=request.is_secure, path=request.script_root or "/",
            )  # fmt: skip
        return response


def number(value: int) -> str:
    """Return a whole number with the language's thousands mark.

    babel's format_decimal takes 15 µs and a results page has a hundred numbers.
    """
    code = language()
    # Spanish sets no mark in numbers of four digits.
    if code == "es" and value < 10_000:
        return str(value)
    return f"{value:,}" if code == "en" else f"{value:,}".replace(",", ".")


def decimal(value: float, digits: int) -> str:
    """Return a number with `digits` after the language's decimal mark."""
    text = f"{value:.{digits}f}"
    return text if language() == "en" else text.replace(".", ",")


@lru_cache(maxsize=8192)
def _formatted(day: date, pattern: str, code: str) -> str:
    """Return a date by a pattern; babel takes 30 µs, and days recur."""
    return format_date(day, pattern, locale=code)


def day_label(stated: StatedDate | None, zone: tzinfo, *, long: bool = False) -> str:
    """Return the day of a date in the reader's words: 'Mon 30 Jan 2017'; its month or its year
    where no more is known. `zone` is the archive's."""
    if stated is None:
        return ""
    code = language()
    match stated.precision:
        case Precision.YEAR:
            return f"{stated}"
        case Precision.MONTH:
            return _formatted(stated.day, (_LONG_MONTH if long else _MONTH)[code], code)
        case _:
            day = stated.start(zone).date()
            return _formatted(day, (_LONG_DAY if long else _DAY)[code], code)


def exact_label(stated: StatedDate | None) -> str:
    """Return a date as it was stated, to the minute: '2017-01-30 13:19 +03:00', '2017-01-30'."""
    if stated is None:
        return ""
    return f"{stated[:16].replace('T', ' ')} {stated[19:]}".strip()


def bar_label(start: datetime, interval: str) -> str:
    """Return what a bar of the timeline stands for: '2017', 'Jan 2017', '30 Jan 2017'."""
    code = language()
    match interval:
        case "year":
            return f"{start.year:04d}"
        case "decade":
            return f"{start.year:04d}–{start.year + 9:04d}"
        case "quarter":
            return f"Q{(start.month + 2) // 3} {start.year:04d}"
        case "month":
            return _formatted(start.date(), _MONTH[code], code)
        case "hour":
            return _formatted(start.date(), _DAY[code], code) + start.strftime(" %H:%M")
        case _:
            return _formatted(start.date(), _DAY[code], code)


def span_label(first: datetime | None, last: datetime | None, zone: tzinfo) -> str:
    """Return the time that the archive spans: '3 Feb 1987 – 19 Oct 1987'."""
    if first is None or last is None:
        return ""
    begin, end = day_label(StatedDate.of(first), zone), day_label(StatedDate.of(last), zone)
    return begin if begin == end else f"{begin} – {end}"


_INNER = {"en": ("‘", "’"), "de": ("‚", "‘"), "es": ("“", "”")}


def within_quotes(text: str) -> str:
    """Return a query as it stands within quotation marks: its own are single ones."""
    begin, end = _INNER[language()]
    return re.sub('"([^"]*)"', rf"{begin}\1{end}", text).replace('"', begin)


def bytes_label(size: int) -> str:
    """Return a size for people: '312 kB', '1.4 GB' (powers of 1000)."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{decimal(amount, 0 if amount >= 10 or unit == 'B' else 1)} {unit}"
        amount /= 1000
    return f"{decimal(amount, 1)} TB"


@lru_cache(maxsize=1024)
def _language_in(code: str, reader: str) -> str:
    """Return the name of a language in another one."""
    try:
        found: str | None = Locale.parse(code).get_display_name(reader)
    except (ValueError, LookupError, UnknownLocaleError):
        return code
    return found[:1].upper() + found[1:] if found else code


def language_name(code: str) -> str:
    """Return the name of an article's language for the reader, the code where it is unknown."""
    return _language_in(code, language())


NAMES = {"published": "Date", "updated": "Updated", "url": "Address", "agency": "Agency",
          "id": "Id", "origin": "File"}  # fmt: skip
"""Parts of an article that are no fields of the index."""


def facet_label(name: str) -> str:
    """Return what a facet, or a part of an article, is called."""
    return _facet_label_in(name, language())


@lru_cache(maxsize=128)
def _facet_label_in(name: str, code: str) -> str:
    """Return what a facet is called in the language of the page, which is `code`."""
    label = NAMES.get(name) or LABELS.get(name)
    return str(gettext(label)) if label else name


_EXPLAINED = {
    "score": lazy_gettext("score"),
    "other parts": lazy_gettext("other parts"),
    "age, counted back from the newest article": lazy_gettext(
        "age, counted back from the newest article"
    ),
}


_BDI = Markup("<bdi>%s</bdi>")


def explained_label(label: str) -> Markup | str:
    """Return what a part of a score is called; words of the query stay as they are, set apart."""
    if label in _EXPLAINED:
        return str(_EXPLAINED[label])
    one, between, other = label.partition(" close to ")
    if between:
        return _ours(gettext("%(one)s close to %(other)s", one=_BDI % one, other=_BDI % other))
    return facet_label(label) if label in LABELS else _BDI % label


def value_label(facet: str, value: str) -> str:
    """Return a facet's value as it is shown: months, languages, kinds by name, others as is."""
    code = language()
    try:
        match facet:
            case "language":
                return language_name(value)
            case "kind" if value in KINDS:
                return str(gettext(KINDS[value]))
            case "month":
                return _formatted(date.fromisoformat(value + "-01"), "LLLL y", code)
            case "day":
                return _formatted(date.fromisoformat(value), _DAY[code], code)
    except ValueError:
        pass
    return value


def articles_label(count: int) -> str:
    """Return a number of articles, in words."""
    return _articles_label_in(count, language())


@lru_cache(maxsize=4096)
def _articles_label_in(count: int, code: str) -> str:
    """Return a number of articles in words of the language of the page, which is `code`."""
    return str(ngettext("%(count)s article", "%(count)s articles", count, count=number(count)))
