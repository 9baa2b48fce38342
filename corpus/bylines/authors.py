"""Bylines: 'By JANE DOE and John Roe, AP' is two authors and an agency.

`split_byline` takes a byline, or a list of names, apart into the people's names as they would sign
and the agency they work for; titles, places, addresses and 'staff writer' are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from corpus.bylines.datelines import agency_named
from corpus.bylines.labels import author_part
from corpus.text.markup import plain
from corpus.text.text import clean


@dataclass(frozen=True, slots=True)
class Byline:
    """Who wrote an article: people, in the order given, and an agency or ''."""

    authors: tuple[str, ...] = ()
    agency: str = ""


_NOBODY = Byline()
_AND = re.compile(
    r"\s*(?:;|\||/|\n|•|·|[、，；]|,?\s+(?:and|und|et|en|och|og|ja|ve|и|(?-i:[yei])|with|mit|avec|con|com)\s+"
    r"|\s+&\s+|,\s*&\s*)\s*",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:contributor\w*|contributing|correspondent|korrespondent\w*|correspondant\w*|reporter|"
    r"redakteur\w*|redaktion\w*|rédaction|redacción|redazione|editor\w*|editorial|writer|columnist|"
    r"author|journalist\w*|staff|bureau|blogger|desk|team|agenc\w+|agentur\w*|service|services|"
    r"wire|wires|reports?|press release|admin|administrator|webmaster|newsroom|online|guest|"
    r"special to|freelance\w*|photographer|producer|intern|founder|ceo|president|director|"
    r"professor|phd|ph\.d|m\.d|(?<=\s)md|host|expert\w*|coach|speaker|therapist|attorney|lawyer|activist|"
    r"executive|chairman|chair|co-founder|strategist|consultant|physician|psychologist|"
    r"entrepreneur|student|teacher|mother|mom|father|dad|actor|actress|chef|artist|poet|novelist|"
    r"политический обозреватель|корреспондент|обозреватель|редакция)\b",
    re.IGNORECASE,
)
_ROLE_BEFORE = re.compile(
    rf"^(?:[\w’'-]+\s+){{0,2}}?(?:\w+-)?{_ROLE.pattern}\s+(?=(?-i:[^\W\d_a-z])\S*\s+(?-i:[^\W\d_a-z]))",
    re.IGNORECASE,
)
"""What someone is, before two words of a name: 'staff writer Jane Doe'."""
_WITH = re.compile(r"^\s*(?:with|mit|avec|con|com|med|met|and|und|et|y)\s+", re.IGNORECASE)
_JUNK = re.compile(
    r"\S+@\S+\.\S+|https?://\S+|www\.\S+|(?<!\w)@\w+|\([^()]*\)|\[[^\[\]]*\]|"
    r"\s+(?:in|aus|à|en|a|for(?:\s+the)?)\s+(?-i:[A-ZÀ-Ý]).*$|"
    r"\b(?:updated|published|posted|on)\b:?\s.*$|(?:\d{1,2}[./-]\s?){2}\d\d.*$|\d{4,}.*$|\s[-–—]\s.*$",
    re.IGNORECASE,
)
_OUTLET = re.compile(
    r"\b(?:news|times|post|magazine|daily|entertainment|shopping|press|herald|tribune|gazette|"
    r"journal|broadcasting|tv|radio|media|network|zeitung|anzeiger|university|institute|"
    r"foundation|yahoo|buzzfeed|huffpost|the)\b|\.(?:com|org|net|de|co)\b",
    re.IGNORECASE,
)
_ADDRESSES = re.compile(r"\S+@\S+\.\S+|https?://\S+|www\.\S+")
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|esq|phd|md|m\.d|ph\.d|obe|mbe|cbe)\.?$", re.IGNORECASE)
_DEGREE = re.compile(r"^(?:esq|phd|md|m\.d|ph\.d|obe|mbe|cbe|mba|m\.a|j\.d)\.?$", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z][A-Z.®-]{1,5}\Z")
"""Letters of a degree or an order behind a name: 'Jane Doe, MS, RDN'."""
_INITIALS = re.compile(r"[^\W\d_]\.(?:[ -]?[^\W\d_]\.){0,3}")
_INITIAL_BEHIND = re.compile(r" [^\W\d_]\.\Z")
_TITLE = re.compile(r"^(?:dr|prof|mr|mrs|ms|sir|dame|rev|rechtsanw\w+)\.?\s+(?=\w)", re.IGNORECASE)
_PARTICLES = {"de", "la", "le", "du", "van", "von", "der", "den", "da", "di", "dos", "al", "bin"}
_MAX_NAME = 60
_MAX_BYLINE = 2000


def split_byline(byline: str | Iterable[object] | None) -> Byline:
    """Return the authors and the agency of a byline, or of a list of names."""
    if not byline:
        return _NOBODY
    if isinstance(byline, str):
        return _split(byline[:_MAX_BYLINE])
    authors: dict[str, str] = {}
    agency = ""
    for name in byline:
        if isinstance(name, str):
            part = _split(name[:_MAX_BYLINE])
            agency = agency or part.agency
            for author in part.authors:
                authors.setdefault(author.casefold(), author)
    return Byline(tuple(authors.values()), agency)


# Bylines repeat: an archive has thousands of articles an author, and a look-up takes 60 ns where
# taking a byline apart takes 15 µs.
@lru_cache(maxsize=65536)
def _split(byline: str) -> Byline:
    byline = plain(byline) if "<" in byline or "&" in byline else byline
    byline = clean(byline.replace("\n", " | "))
    byline = author_part(_ADDRESSES.sub(" ", byline))
    authors: dict[str, str] = {}
    agency = ""
    groups = [group for group in _AND.split(byline) if group]
    for number, group in enumerate(groups, start=1):
        pieces = [piece.strip() for piece in group.split(",")]
        inverted = _inverted(pieces)
        if inverted:
            authors.setdefault(inverted.casefold(), inverted)
            continue
        if 1 < number == len(groups):
            # 'Jane Doe and John Roe, Arle': whoever comes last comes after 'and'.
            pieces[1:] = [one for one in pieces[1:] if _SUFFIX.match(one) or agency_named(one)]
        is_place = False
        for piece in pieces:
            if is_place and piece.isalpha() and piece[:1].isupper():
                continue  # 'Reuters, London'
            if named := agency_named(piece):
                agency = agency or named
                is_place = True
                continue
            for bracket in re.findall(r"\(([^()]*)\)|/([^/]+)/?$", piece):
                agency = agency or agency_named(_WITH.sub("", bracket[0] or bracket[1]))
            if _SUFFIX.match(piece) and authors:
                last, name = authors.popitem()
                name = name if _DEGREE.match(piece) else f"{name} {piece}"
                authors[last] = name
                continue
            if _LETTERS.match(piece) and authors:
                continue
            name = _name(piece)
            if named := agency_named(name):
                agency, is_place = agency or named, True
                continue
            if name and authors and _OUTLET.search(name):
                continue
            if name:
                authors.setdefault(name.casefold(), name)
            elif authors and _ROLE.search(piece):
                # 'Jane Doe, Contributor, Author of 'Trees', Speaker': nobody new after a role.
                break
    return Byline(tuple(authors.values()), agency)


def _inverted(pieces: list[str]) -> str:
    """Return 'Jane Doe' for ['Doe', 'Jane'], '' when these are not one name turned around."""
    if len(pieces) != 2 or any(map(agency_named, pieces)) or _SUFFIX.match(pieces[1]):
        return ""
    last, first = (_name(piece) for piece in pieces)
    if not last or " " in last.replace("-", ""):
        return ""
    if _INITIALS.fullmatch(pieces[1]):
        return f"{pieces[1]} {last}"
    if not first or len(first.split()) > 2 or (pieces[1].isupper() and len(pieces[1]) > 1):
        return ""
    return f"{first}{'.' * bool(_INITIAL_BEHIND.search(pieces[1]))} {last}"


def _name(piece: str) -> str:
    """Return a person's name in the case in which it is signed, '' when it is not a name."""
    piece = author_part(_JUNK.sub("", piece)).strip(" .,:;*-–—|/'\"“”")
    piece = _TITLE.sub("", _ROLE_BEFORE.sub("", piece))
    if not 2 <= len(piece) <= _MAX_NAME or _ROLE.search(piece):
        return ""
    words = piece.split()
    if len(words) > 6 or not any(letter.isalpha() for letter in piece):
        return ""
    if sum(letter.isdigit() for letter in piece) > 2:
        return ""
    if piece.replace("Mc", "MC").isupper() and len(piece) > 3:
        return " ".join(_signed(word) for word in words)
    if piece.islower() and len(words) > 1:
        return " ".join(w if w in _PARTICLES else w.capitalize() for w in words)
    return piece


def _signed(word: str) -> str:
    """Return a word of a name written in capitals as it would be signed."""
    if word.lower() in _PARTICLES:
        return word.lower()
    if "." in word and len(word) <= 4:
        return word
    name = "-".join(
        "'".join(part.capitalize() for part in half.replace("’", "'").split("'"))
        for half in word.split("-")
    )
    if len(name) > 3 and name.startswith("Mc"):
        name = "Mc" + name[2:].capitalize()
    return name
