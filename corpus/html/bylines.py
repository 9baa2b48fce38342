"""Who wrote the article: structured data, meta tags, then the byline on the page.

Every source gives raw text; `corpus.authors` takes it apart, so that 'By JANE DOE and John Roe, AP'
is two authors and an agency here as everywhere. The outlet's own name is nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from corpus.authors import Byline, split_byline
from corpus.byline_labels import is_labelled, labelled_parts
from corpus.datelines import agency_named
from corpus.html.declarations import attribute, is_in_footer, text_in
from corpus.html.declared import Declared, unescaped
from corpus.html.structured import text_of
from corpus.text import clean

__all__ = ["bylines", "declared_author", "is_login", "signed", "source_above"]

_META = ("parsely-author", "sailthru.author", "author", "og:author", "article:author_name",
         "dc.creator", "dcterms.creator", "citation_author", "byl", "article.author", "authors",
         "article:author", "og:article:author", "cxenseparse:author", "dc.contributor",
         "article:byline")  # fmt: skip
_URL_OR_HANDLE = re.compile(r"^(?:https?://|www\.|@|/)|^\d+$", re.IGNORECASE)
_COMPANY = re.compile(r"\b(?:GmbH|Inc|Ltd|LLC|PLC|S\.A\.|S\.L\.|Pty|Verlag|e\.V)\b\.?")
_NAMED = re.compile(
    r"author|by-?line|autor(?!i)|auteur|writer|journalist|contributor", re.IGNORECASE
)
_NOT_A_BYLINE = re.compile(
    r"comment|about|related|widget|sidebar|avatar|image|photo|social|follow|twitter|e-?mail|more|"
    r"card-|teaser|footer|descri|count|authori|role|position|job|bio(?:$|[\s_-]|graph|text)",
    re.IGNORECASE,
)
_LABELS_ONLY = re.compile(
    r"^(?:view|see|read|all|more|full|show|follow|share|posts?|articles?|profile|bio|text|about|pin|"
    r"print|home|menu|search|latest|contact|mon|tue|wed|thu|fri|sat|sun)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PARTS = re.compile(r"\s*[|•·⋅∙●–—]\s*|\s+-\s+|\s+in\s+")
_NAME = r"([A-ZÀ-ÖØ-Þ][^\W\d_]+(?:[ -](?:(?:von|van|de|der|di) )?[A-ZÀ-ÖØ-Þ](?:[^\W\d_]+|\.)){1,3})"
_SIGNATURE = re.compile(rf"^\W*{_NAME}\W*$")
_IN_BRACKETS = re.compile(rf"\({_NAME}\)\W*$")
_PARTICLES = frozenset("von van de der den di da del della la le du dos al bin ten zu y".split())
_DIGITS = re.compile(r"\d")
_NOBODY = frozenset(
    ("no author", "unknown", "anonymous", "none", "null", "nan", "n/a", "author", "print", "share",
     "email", "follow", "national desk", "guest", "user", "root", "default", "wordpress", "editor")
)  # fmt: skip
_BYLINE_TAGS = ("a", "span", "div", "p", "address", "cite", "li", "strong", "em", "h5", "h6")
_REL_AUTHOR = re.compile(r"(?:^|\s)author(?:\s|$)", re.IGNORECASE)
_MAX_CANDIDATES = 40
_MAX_SOURCE = 40
_MAX_BYLINE = 160
_NAMES_SHARE = 0.6
_DECLARED_SOURCES = 1 + len(_META)
_MAX_DECLARED = 60


def bylines(page: Declared, *, outlet: str = "", title: str = "") -> tuple[Byline, str]:
    """Return the authors and agency, and where they came from; an empty one when unknown."""
    agency = ""
    logins: tuple[tuple[str, ...], str] = ((), "")
    for texts, where in _sources(page):
        texts = [t for t in texts if not _URL_OR_HANDLE.match(t) and not _COMPANY.search(t)]
        if not texts:
            continue
        byline = split_byline(texts)
        agency = agency or byline.agency
        authors = _people_only(byline.authors, outlet, page.url, title)
        if all(map(is_login, authors)):
            logins = logins if logins[0] else (authors, where)
        else:
            return Byline(authors, agency), where
    if logins[0]:
        return Byline(logins[0], agency), logins[1]
    return Byline((), agency), "byline" if agency else ""


def declared_author(page: Declared, *, outlet: str = "", title: str = "") -> tuple[Byline, str]:
    """Return the first author that a page declares, as written: a team, a desk, a first name.

    The outlet is one only where its structured data say so.
    """
    for texts, where in islice(_sources(page), _DECLARED_SOURCES):
        for text in texts:
            if where == "meta" and _is_outlet(text, outlet, page.url):
                continue
            key = text.casefold()
            if (
                1 < len(text) <= _MAX_DECLARED
                and key not in _NOBODY
                and key != title.casefold()
                and not _URL_OR_HANDLE.match(text)
                and not _LABELS_ONLY.match(text)
                and not any(mark in text for mark in "@/<>{}")
            ):
                return Byline((text,)), where
    return Byline(), ""


def signed(above: Sequence[str], below: Sequence[str]) -> tuple[Byline, str]:
    """Return the authors from the lines around a text.

    That is 'By Jane Doe' above it, a name beside the date there, or a name alone below.
    """
    for line in above:
        if len(line) <= _MAX_BYLINE:
            byline = split_byline(line if is_labelled(line) else labelled_parts(line)[0])
            names = tuple(name for name in byline.authors if _is_signed(name))
            if names:
                return Byline(names, byline.agency), "byline"
    for number, line in enumerate(above):
        if any(map(_YEAR.search, above[max(0, number - 1) : number + 2])):
            for part in _PARTS.split(line):
                if _SIGNATURE.match(part) and not _LABELS_ONLY.match(part):
                    byline = split_byline(part)
                    if byline.authors:
                        return byline, "byline"
    for line in reversed(below):
        if found := _SIGNATURE.match(line) or _IN_BRACKETS.search(line):
            byline = split_byline(found[1])
            if byline.authors:
                return byline, "signature"
    agency = next(filter(None, map(agency_named, above)), "")
    return Byline((), agency), "byline" if agency else ""


def source_above(lines: Sequence[str]) -> tuple[str, str]:
    """Return the outlet, or agency, that a line above the text names as its source, and where."""
    for line in lines:
        source = labelled_parts(line)[1] if len(line) <= _MAX_BYLINE else ""
        if 1 < len(source) <= _MAX_SOURCE and not _DIGITS.search(source):
            return source, "line above the text"
    return "", ""


def _people_only(names: tuple[str, ...], outlet: str, url: str, title: str) -> tuple[str, ...]:
    """Drop the outlet, the headline, what has figures in it, and 'All articles of <a name>'."""
    people: list[str] = []
    for name in names:
        key = name.casefold()
        if key == title.casefold() or _DIGITS.search(name) or _is_outlet(name, outlet, url):
            continue
        if _LABELS_ONLY.match(name):
            continue
        if key not in _NOBODY and not any(other.casefold() in key for other in people):
            people.append(name)
    return tuple(people)


def _is_signed(name: str) -> bool:
    """Tell a name from a sentence: all its words have capitals, where the script has any."""
    words = [word for word in name.split() if word not in _PARTICLES]
    return not _DIGITS.search(name) and not any(word[0].islower() for word in words)


def is_login(name: str) -> bool:
    """Tell a user name of the content system ('christian.stadtfeld') from a signature."""
    return " " not in name and (name.islower() or "." in name[:-1] or "_" in name)


def _sources(page: Declared) -> Iterator[tuple[list[str], str]]:
    yield _people(page.value("author")), "schema.org"
    for name in _META:
        yield [clean(v) for v in page.metas.get(name, ())], "meta"
    yield _items(page), "microdata"
    yield _people(page.value("creator")), "schema.org"
    yield _rel_author(page), "rel=author"
    yield _visible(page), "byline"


def _people(value: object) -> list[str]:
    """Return the names in a JSON-LD author: people before organisations, which may be agencies."""
    people: list[str] = []
    others: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        name = clean(unescaped(text_of(item)))
        if not name and isinstance(item, dict):
            given, family = text_of(item.get("givenName")), text_of(item.get("familyName"))
            name = clean(f"{given} {family}")
        if not name:
            continue
        kind = str(item.get("@type", "")) if isinstance(item, dict) else ""
        if "Organization" in kind and not agency_named(name):
            others.append(name)
        else:
            people.append(name)
    return people or others


def _items(page: Declared) -> list[str]:
    found = []
    for element in page.items.get("author", ())[:20]:
        inner = element.find_all(itemprop="name", limit=5)
        names = [clean(attribute(e, "content")) or text_in(e) for e in inner]
        found.extend(names or [clean(attribute(element, "content")) or text_in(element)])
    return [name for name in found if name and len(name) <= _MAX_BYLINE]


def _rel_author(page: Declared) -> list[str]:
    found: dict[str, None] = {}
    around: set[int] = set()
    for element in page.tagged("a"):
        if not _REL_AUTHOR.search(attribute(element, "rel")) or is_in_footer(element):
            continue
        above = [id(part) for part in islice(element.parents, 3)]
        if around and around.isdisjoint(above[:2]):
            break  # the authors of one article stand together; these are of the next one
        around = around or set(above)
        text = text_in(element)
        if 2 < len(text) <= 80:
            found.setdefault(text)
        if len(found) >= 6:
            break
    return list(found)


def _visible(page: Declared) -> list[str]:
    """Return the first byline on the page: an element named so, or that starts with 'By'."""
    looked = 0
    for element in page.tagged(*_BYLINE_TAGS):
        names = f"{attribute(element, 'class')} {attribute(element, 'id')}"
        if not _NAMED.search(names) or _NOT_A_BYLINE.search(names) or is_in_footer(element):
            continue
        looked += 1
        if looked > _MAX_CANDIDATES:
            break
        text = text_in(element)
        if not 3 < len(text) <= _MAX_BYLINE:
            continue
        links = [link for a in element.find_all("a") if 3 < len(link := text_in(a)) < 60]
        for candidate in ([text], links) if is_labelled(text) else (links, [text]):
            if is_labelled(text) or all(map(_is_all_names, candidate)):
                people = split_byline(candidate).authors
                if people and all(map(_is_signed, people)) and not _LABELS_ONLY.match(people[0]):
                    return candidate
    return []


def _is_all_names(text: str) -> bool:
    """Tell a text that has little else than names in it: titles, roles and places at most."""
    found = split_byline(text).authors
    return sum(map(len, found)) >= _NAMES_SHARE * len(text)


def _is_outlet(name: str, outlet: str, url: str) -> bool:
    key = re.sub(r"\W+", "", name.lower())
    if not key:
        return True
    other = re.sub(r"\W+", "", outlet.lower())
    return key == other or (len(key) > 5 and key in re.sub(r"\W+", "", url.lower().split("/")[2])
                            if url.count("/") >= 2 else False)  # fmt: skip
