"""Who may have written the article: every name that a page offers as its author's, with evidence.

Structured data, meta tags and links declare authors; lines around the text show them: under the
headline, beside a date, after 'By', in an element named so, as a signature at the end. Each set of
names is one `Candidate` with what speaks for and against it, by name; `byline_choice` takes the
one that is most likely right. `corpus.bylines.authors` takes texts apart, so that 'By JANE DOE and
John Roe, AP' is two authors and an agency here as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import agency_named
from corpus.bylines.labels import author_part, is_labelled, labelled_parts
from corpus.html.blocks import Block, Flat, normal
from corpus.html.declarations import attribute, is_in_footer, text_in
from corpus.html.declared import Declared, unescaped
from corpus.html.structured import text_of
from corpus.text.text import clean

FAR = 25
"""Distances in blocks are cut off here."""

ROLE = re.compile(
    r"\b(?:team|staff|editors?|editorial|redaktion|desk|contributor|newsroom|author|writer|reporter"
    r"|blog|news|correspondent|columnist|founder|manager|director|specialist|expert|journalist"
    r"|redakteur\w*|autor\w*)\b",
    re.IGNORECASE,
)
_META = ("parsely-author", "sailthru.author", "author", "dc.creator", "citation_author", "byl")
_OTHER_META = ("og:author", "article:author_name", "dcterms.creator", "article.author", "authors",
               "article:author", "og:article:author", "cxenseparse:author", "dc.contributor",
               "article:byline")  # fmt: skip
_URL_OR_HANDLE = re.compile(r"^(?:https?://|www\.|@|/)|^\d+$|[{}]", re.IGNORECASE)
_NAMED = re.compile(
    r"author|by-?line|autor(?!i)|auteur|writer|journalist|contributor", re.IGNORECASE
)
_NOT_A_BYLINE = re.compile(
    r"comment|about|related|widget|sidebar|avatar|image|photo|social|follow|twitter|e-?mail|more|"
    r"card-|teaser|footer|descri|count|authori|role|position|job|bio(?:$|[\s_-]|graph|text)",
    re.IGNORECASE,
)
_BARE_LABEL = re.compile(
    r"^\W*(?:(?:article |post |story )?(?:written|posted|published|words|text|story|authored)? ?by"
    r"|(?:(?:about|meet) the )?authors?|writers?|autor(?:in|en)?|von|par|por|auteur|contributors?"
    r"|written|(?:geschrieben|verfasst) von)\W*$",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"\b(?:written by|this (?:post|article|story) (?:is|was) (?:originally )?(?:written )?by"
    r"|article by|words by|posted by|geschrieben von|kolumne von|gastbeitrag von|erstellt von"
    r"|escrito por|écrit par)\s+(.{2,60}?)"
    r"(?:[,;|•·]|(?<!\b(?-i:[A-Z]))\.|\s(?:on|am|at|in|for|is)\s|$)",
    re.IGNORECASE,
)
_FAR_LABEL = re.compile(
    r"^\W*(?:by\s|(?:written|posted|reviewed and written) by\b|authors?\s?:|words:|text:|von\s"
    r"|(?:geschrieben|verfasst|erstellt) von\b|autor(?:in|innen|en)?\s?:|par\s|por\s)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|\bcopyright\b)(?:[\W\d]|copyright\b|by\b|von\b)*(?P<who>[^\W\d][^|•·,;:(–—]{2,40})",
    re.IGNORECASE,
)
"""Whose site it is: whoever keeps a site alone signs at its foot, and no article."""

_SIGNS = re.compile(r"©|\([cC]\)|[cC][oO][pP][yY][rR]")
"""What each of these has; looking for it is quicker."""

_COMPANY = re.compile(
    r"\b(?:inc|llc|ltd|limited|gmbh|ag|corp\w*|compan\w+|co|group|holdings?|association|college"
    r"|university|school|regents|society|verlag|e\.? ?v|medien|systems?|solutions?|financial"
    r"|rights|reserved|all|official|the|of|for|your|our|and|&|news|times|post|magazine|daily|today"
    r"|press|herald|tribune|gazette|journal|media|network|radio|tv|online|blog|review|chronicle"
    r"|echo|observer|courier|star|\w*(?:zeitung|anzeiger|kurier|blatt|bote|nachrichten|rundschau)"
    r"|diario|correo|giornale|corriere|gazeta|gazzetta|krant|dagblad)\b|\.\w{2,}$",
    re.IGNORECASE,
)
_LABEL_META = re.compile(
    r"written by|author|(?:verfasst|geschrieben) von|escrito por|écrit par|(?:par|von)$", re.I
)
_ALL_BY = re.compile(
    r"^(?:view|see|all|more|zeige|alle|read)\b.*?\b(?:by|von|from)\s+", re.IGNORECASE
)
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)|\b\d+ (?:min|hour|day)s? "
)
_PARTS = re.compile(r"\s*[|•·⋅∙●–—]\s*|\s+-\s+|\s+in\s+|(?<=\d{4})(?=[A-Z])|,\s*(?=\d)"
                    r"|\s+\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\s+(?=\D)")  # fmt: skip
_CUT = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov"
    r"|de[cz])[a-zä]*\b[.,]?\s*\d|\b(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)"
    r"|\d{1,4}[.:/-]\s?\d|\d+\s+(?:min|hour|day|week|month|comment|kommentar)"
    r"|\b(?:last )?(?:updated|published|posted|modified|créé|publiée?|erstellt|veröffentlicht"
    r"|aktualisiert|view|read|edited|reviewed|photo|share"
    r"|follow)\b(?! by\b)|\d{1,2}(?:st|nd|rd|th|\.)?\s+[a-zä]{3}",
    re.IGNORECASE,
)
"""A date, or a word for one: a name ends before it."""
_BEFORE_CUT = re.compile(
    r"[\s,;:·•⋅∙●|@–—-]*(?:\s(?:on|at|am|um|le|el|em|il|den|op|vom|in)\s+)?\Z", re.IGNORECASE
)

_PRESENTED = re.compile(
    r"((?:[^\W\d_a-z]\S*\s+){1,3}[^\W\d_a-z]\S*?),?\s+(?:(?:is|was|has|ist|est|es|covers|writes|reports|works"
    r"|lives|joined|schreibt|arbeitet|berichtet|escribe|écrit)\b)"
)
_DAY_OR_MONTH = re.compile(
    r"(?:\W*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june"
    r"|july|august|september|october|november|december|\d+)\W*)+|\d+\s+[^\W\d_]+",
    re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(r"^By(?=[A-Z][a-z])")
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_RUN_ON = re.compile(
    rf"(?<=[a-zà-ÿ])(?=(?:{_MONTHS})[a-z]*\.? \d|(?:Last )?(?:Updated|Published|Posted)\b)"
)
_DATE_FIRST = re.compile(
    r"^\W*(?:[^\W\d_]{2,10}[.,]?\s+)?(?:\d{1,2}(?:st|nd|rd|th|\.)?\s+[^\W\d_]{3,10}[.,]*"
    r"|[^\W\d_]{3,10}\.?\s+\d{1,2},?|(?:\d{1,2}[./-]\s?){2})\s*\d{4}"
    r"(?:\W+\d\d?[:.]\d\d(?:\s?(?:uhr|[ap]\.?m))?\b(?:\s(?-i:[A-Z]{2,5})\b)?)?\W+(?=[^\W\d_])",
    re.IGNORECASE,
)
_REL_AUTHOR = re.compile(r"(?:^|\s)author(?:\s|$)", re.IGNORECASE)
_LINK = ("/author", "/autor", "/writer", "/people/", "/profile", "/staff", "/contributor", "/by/",
         "/team/")  # fmt: skip
_PAGE_OF_AUTHOR = re.compile(
    r"(?:^|[/.])(?:(?:authors?|autor(?:en|es|i)?|auteurs?|autore|people|person|profiles?|staff|by|"
    r"journalists?|contributors?|reporters?|columnists?|writers?|correspondents?|biography|bios?)/"
    r"|(?:facebook|linkedin|medium)\.com/(?:in/|people/)?)(?:[a-z0-9]/)?@?([^/?#]+?)(?:\.html?)?/?"
    r"(?:[?#].*)?$",
    re.IGNORECASE,
)
"""The address of a page about who wrote; its last part is a name, its words joined."""

_SLUG_JOINTS = re.compile(r"[-._+ ]+")
_MAX_NAME_WORDS = 4
_PARTICLES = frozenset("von van de der den di da del della la le du dos al bin ten zu y".split())
_NOBODY = frozenset(
    ("no author", "unknown", "anonymous", "none", "null", "nan", "n/a", "author", "print", "share",
     "email", "follow", "guest", "user", "admin", "administrator", "drucken", "teilen", "imprimir",
     "compartir", "imprimer", "partager", "root", "default", "wordpress", "editor")
)  # fmt: skip
_DIGITS = re.compile(r"\d")
_COLON = re.compile(r"[:：|｜/／=＝]|\w\s+\w+\s+(?:und|och|og|and|et|y|e|i|a|és|en|ja|ve|и|&)\s")
_ABOVE, _BELOW, _AFTER = 8, 16, 16
_NAMES_SHARE = 0.6
_SIGNATURE_SHARE, _JOINT = 0.9, 3
_SUPPORT = ("person", "organisation", "meta", "other meta", "labelled meta", "microdata", "rel",
            "labelled", "under a label", "named", "link", "dated", "role after",
            "signature", "copyright", "site", "presented")  # fmt: skip
_BESIDE = frozenset(
    ("comments", "nav", "related", "footer", "aside", "widget", "ad", "caption", "credit")
)
_MOST_NAMES = 12
_LONGEST_LINE = 200
_LONGEST_DECLARED = 600
_LONGEST_NAME = 60
_MOST_CANDIDATES = 80
_MAX_DEPTH = 3
_MAX_SOURCE = 40


@dataclass(slots=True)
class Candidate:
    """Names that may be the authors', and the evidence: numbers by name, 0 where there is none.

    `is_raw` says that the text was not taken apart: a team, a desk, a user's name. `where` is the
    first source of it.
    """

    names: tuple[str, ...]
    is_raw: bool
    where: str
    evidence: dict[str, float] = field(default_factory=dict)

    def note(self, what: str, value: float = 1.0) -> None:
        """Keep the greatest value of what is said."""
        self.evidence[what] = max(self.evidence.get(what, 0.0), value)


@dataclass(slots=True)
class Candidates:
    """The candidates of a page by their names' words, in the order in which they were met.

    `declared` of them are declared, by `people` people in the structured data. `agency` is the
    first news agency named.
    """

    found: dict[frozenset[str], Candidate] = field(default_factory=dict)
    outlet: str = ""
    declared: int = 0
    people: int = 0
    agency: str = ""

    def add(self, names: Sequence[str], where: str, *, is_raw: bool = False) -> Candidate | None:
        """Return the candidate of these names, a new one when they are new; None for no names.

        The outlet is nobody beside others, or where only a meta tag names it.
        """
        if where == "meta" or len(names) > 1:
            names = [name for name in names if normal(name) != self.outlet]
        keys = frozenset(key for name in names if (key := normal(name)))
        full = len(self.found) >= _MOST_CANDIDATES and keys not in self.found
        if not keys or len(keys) > _MOST_NAMES or full:
            return None
        one = self.found.setdefault(keys, Candidate(tuple(names), is_raw, where))
        if " " not in one.names[0] and " " in names[0]:
            one.names = tuple(names)  # 'Jane Doe', for 'jane.doe'
        return one


def gather(
    page: Declared,
    flat: Flat,
    taken: NDArray[np.bool_],
    heading: int,
    *,
    outlet: str = "",
) -> Candidates:
    """Return every candidate of a page.

    `taken` are the blocks chosen as its text, `heading` the position of its headline, or -1,
    `outlet` who published it.
    """
    found = Candidates(outlet=normal(outlet))
    _declared(page, found)
    found.declared = len(found.found)
    links = _links(page, found)
    chosen = np.flatnonzero(taken)
    last = int(chosen[-1]) if len(chosen) else len(flat.blocks) - 1
    top = heading if heading >= 0 else int(chosen[0]) if len(chosen) else 0
    for position, block in enumerate(flat.blocks):
        if len(block.text) > _LONGEST_LINE:
            continue
        is_near = (
            top - _ABOVE <= position < top + _BELOW
            or last - 2 <= position < last + _AFTER
            or _FAR_LABEL.match(block.text) is not None
            or (position > 0 and _is_bare_label(flat.blocks[position - 1].text))
        )
        if _SIGNS.search(block.text) and (owner := _COPYRIGHT.search(block.text)):
            names = split_byline(owner["who"].split(". ")[0]).authors
            if all(map(_is_person, names)) and (one := found.add(names, "copyright")):
                one.note("copyright")
        if not is_near and not _is_named(block.names):
            continue
        parent = flat.nodes[max(0, flat.nodes[block.node].parent)].names
        is_named = _is_named(f"{block.names} {parent}")
        if is_near or is_named:
            _shown(flat.blocks, position, top, last, is_named, flat, links, found)
    owners = split_byline(outlet).authors  # whoever gives a site their name writes it
    if all(map(_is_person, owners)) and (one := found.add(owners, "outlet")):
        one.note("site")
    # Something must speak for names: a line that only stands where a name might is none.
    found.found = {
        keys: one for keys, one in found.found.items() if any(map(one.evidence.get, _SUPPORT))
    }
    return found


@lru_cache(maxsize=8192)
def _is_named(names: str) -> bool:
    """Tell the classes of a byline from those of an author's box, picture or comment."""
    return _NAMED.search(names) is not None and not _NOT_A_BYLINE.search(names)


def _is_bare_label(line: str) -> bool:
    return len(line) < 30 and _BARE_LABEL.match(line) is not None


def source_above(lines: Sequence[str]) -> tuple[str, str]:
    """Return the outlet, or agency, that a line above the text names as its source, and where."""
    for line in lines:
        source = labelled_parts(line)[1] if len(line) <= _LONGEST_LINE else ""
        if 1 < len(source) <= _MAX_SOURCE and not _DIGITS.search(source):
            return source, "line above the text"
    return "", ""


def named_in_addresses(page: Declared) -> tuple[str, ...]:
    """Return the names in the addresses of authors that a page declares: '/authors/jane-doe'."""
    values = page.value("author")
    addresses = [
        text_of(item.get("url") or item.get("@id")) if isinstance(item, dict) else text_of(item)
        for item in (values if isinstance(values, list) else [values])
    ]
    for name in (*_META, *_OTHER_META):
        addresses += page.metas.get(name, ())
    return split_byline(map(_name_in_address, addresses)).authors


def _name_in_address(address: str) -> str:
    found = _PAGE_OF_AUTHOR.search(unquote(address[:_LONGEST_DECLARED]))
    if found is None:
        return ""
    words = [word for word in _SLUG_JOINTS.split(found[1]) if word and not word.isdigit()]
    if not 2 <= len(words) <= _MAX_NAME_WORDS or not all(word.isalpha() for word in words):
        return ""
    return " ".join(word if word in _PARTICLES else word.capitalize() for word in words)


def is_signed(name: str) -> bool:
    """Tell a name from a sentence: all its words have capitals, where the script has any."""
    words = [word for word in name.split() if word not in _PARTICLES]
    return not _DIGITS.search(name) and not any(w[0].islower() or w[0] == "#" for w in words)


def _is_person(name: str) -> bool:
    """Tell a name of two to four words, signed, from that of a company."""
    return 2 <= len(name.split()) <= 4 and is_signed(name) and not _COMPANY.search(name)


def _declared(page: Declared, found: Candidates) -> None:
    by_source: dict[tuple[str, str], list[str]] = {}
    for kind, where, text in _declarations(page):
        if text and not _URL_OR_HANDLE.search(text) and len(text) <= _LONGEST_DECLARED:
            by_source.setdefault((kind, where), []).append(text)
    for (kind, where), texts in by_source.items():
        together = split_byline(texts)
        found.agency = found.agency or together.agency
        if kind == "person":
            found.people = len(texts)
        if (
            together.authors
            and kind != "organisation"
            and (one := found.add(together.authors, where))
        ):
            one.note(kind)
        for text in texts[:3]:
            alone = split_byline(text)
            is_raw = kind == "organisation" or not alone.authors
            names = (clean(author_part(text)) or text,) if is_raw else alone.authors
            if (is_raw and not _may_be_raw(names[0])) or (not is_raw and len(texts) == 1):
                continue
            if one := found.add(names, where, is_raw=is_raw):
                one.note(kind, 1.0 if len(texts) == 1 else 0.5)


def _each(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield each author of a value: of a list, of one with several names, of one around others."""
    match value:
        case list() if depth < _MAX_DEPTH:
            for item in value[:_MOST_CANDIDATES]:
                yield from _each(item, depth + 1)
        case {"name": [str(), _, *_] as names}:
            yield from ({**value, "name": name} for name in names[:_MOST_NAMES])
        case {"author": inner} if "name" not in value and depth < _MAX_DEPTH:
            yield from _each(inner, depth + 1)
        case _:
            yield value


def _declarations(page: Declared) -> Iterator[tuple[str, str, str]]:
    """Yield the kind of source, where it stands, and a text that it gives."""
    for key in ("author", "creator"):
        for item in _each(page.value(key)):
            name = clean(unescaped(text_of(item)))
            if not name and isinstance(item, dict):
                name = clean(f"{text_of(item.get('givenName'))} {text_of(item.get('familyName'))}")
            kind = str(item.get("@type", "")) if isinstance(item, dict) else ""
            yield "organisation" if "Organization" in kind else "person", "schema.org", name
    for name in (*_META, *_OTHER_META):
        for text in page.metas.get(name, ()):
            yield "meta" if name in _META else "other meta", "meta", clean(text)
    for number in "12":
        if _LABEL_META.match(page.meta(f"twitter:label{number}")):
            yield "labelled meta", "meta", clean(page.meta(f"twitter:data{number}"))
    for element in page.items.get("author", ())[:20]:
        inner = element.find_all(itemprop="name", limit=5) or [element]
        for part in inner:
            yield "microdata", "microdata", clean(attribute(part, "content")) or text_in(part)


def _links(page: Declared, found: Candidates) -> dict[str, bool]:
    """Return the texts of links that lead to an author, and whether they say so themselves."""
    texts: dict[str, bool] = {}
    for link in page.tagged("a"):
        says_so = _REL_AUTHOR.search(attribute(link, "rel")) is not None
        if not says_so and not any(part in attribute(link, "href").lower() for part in _LINK):
            continue
        text = text_in(link)
        if 1 < len(text) <= _LONGEST_NAME and not is_in_footer(link):
            texts[normal(text)] = says_so
            if says_so:
                text = _ALL_BY.sub("", text)
                if one := found.add(split_byline(text).authors or (text,), "rel=author"):
                    one.note("rel")
    return texts


def _shown(
    blocks: Sequence[Block],
    position: int,
    top: int,
    last: int,
    is_named: bool,
    flat: Flat,
    links: dict[str, bool],
    found: Candidates,
) -> None:
    """Add the candidates of one line of the page."""
    block = blocks[position]
    line = _RUN_ON.sub(" · ", _RUN_TOGETHER.sub("By ", block.text))
    before = blocks[position - 1].text if position else ""
    after = blocks[position + 1].text if position + 1 < len(blocks) else ""
    is_under_label = _is_bare_label(before)
    if is_under_label and (presented := _PRESENTED.match(line)):
        line = presented[1]
    for part, is_by in _parts(line):
        if not 1 < len(part) <= 160 or _DAY_OR_MONTH.fullmatch(part):
            continue
        byline = split_byline(part)
        names, is_raw = byline.authors, False
        is_role = top < position <= top + 3 and len(part) < 40 and ROLE.search(part) is not None
        if is_by or is_under_label or is_named or is_role:
            if not names and not byline.agency:
                names, is_raw = (clean(_cut(author_part(part))),), True
                if not _may_be_raw(names[0]):
                    continue
        elif (
            sum(map(len, names)) < _NAMES_SHARE * len(part)
            or part.islower()
            or not all(map(is_signed, names))
            or (found.outlet and found.outlet in normal(part))
        ):
            continue
        if is_by and position <= last:
            found.agency = found.agency or byline.agency
        if any(len(n.split()) > 6 or n[-1] in "。！？!?" or _BARE_LABEL.match(n) for n in names):
            continue
        where = "signature" if position >= last else "byline"
        one = found.add(names, where, is_raw=is_raw)
        if one is None:
            continue
        seen = one.evidence
        one.note("labelled", is_by)
        one.note("under a label", is_under_label)
        one.note("named", is_named)
        is_dated = any(_DATE.search(text[:160]) for text in (before, line, after))
        one.note("dated", is_dated)
        one.note("under headline", top < position <= top + 4)
        one.note("above headline", position <= top)
        if position > top:
            seen["near"] = min(seen.get("near", FAR + 1.0), min(FAR, position - top))
        if position > last:
            seen["after end"] = min(seen.get("after end", FAR + 1.0), min(FAR, position - last))
        seen["count"] = seen.get("count", 0.0) + 1
        one.note("in list", block.kind == "li")
        one.note("heading", block.kind == "h")
        known = [links[key] for key in (normal(part), *map(normal, names)) if key in links]
        one.note("link", bool(known))
        one.note("rel", any(known))
        kinds = {flat.marks[mark].kind for mark in block.marks}
        one.note("boilerplate", not kinds.isdisjoint(_BESIDE))
        one.note("link density", block.link_density)
        share = min(1.0, (sum(map(len, names)) + _JOINT * (len(names) - 1)) / len(line))
        one.note("whole line", share)
        is_alone = share > _SIGNATURE_SHARE and all(map(_is_person, names))
        one.note("alone", top < position <= top + 3 and is_alone)
        one.note("presented", position > top and is_alone and after.startswith(names[0]))
        is_last = last - 1 <= position <= last + 2 and block.kind == "p"
        one.note("signature", is_last and share > _SIGNATURE_SHARE and kinds.isdisjoint(_BESIDE))
        after_is_role = position > top and len(after) < 80 and ROLE.search(after) is not None
        one.note("role after", after_is_role or (is_role and not is_raw and "," in part))


def _parts(line: str) -> list[tuple[str, bool]]:
    """Return the parts of a line that may be names, and whether a label says so of each."""
    line = _DATE_FIRST.sub("", line)
    short = [part for text in _PARTS.split(line) if (part := _cut(text).strip())]
    if is_labelled(line):
        others = dict.fromkeys((*short[:1], _cut(line).strip(), _cut(line.split(",")[0])))
        parts = [(line, True)] + [(part, is_labelled(part)) for part in others if part != line]
    elif _COLON.search(line) and (wrote := labelled_parts(line)[0]):
        parts = [(wrote, True)]
    else:
        parts = [(part, is_labelled(part)) for part in short]
        if _DIGITS.search(line) and author_part(line) != line.strip():  # '4 May 2021 by Jane Doe'
            parts.append((line, True))
    if written := _WRITTEN_BY.search(line):
        parts.append((written[1], True))
    return parts


def _cut(text: str) -> str:
    """Return what stands before a date, or a word for one."""
    found = _CUT.search(text)
    return _BEFORE_CUT.sub("", text[: found.start()]) if found else text


def _may_be_raw(text: str) -> bool:
    return (
        1 < len(text) <= _LONGEST_NAME
        and text.casefold() not in _NOBODY
        and not _BARE_LABEL.match(text)
        and not _URL_OR_HANDLE.search(text)
        and not agency_named(text)
    )
