"""Citing an article: a sentence, BibTeX, RIS, Markdown.

What is unknown is left out; nothing is made up. BibTeX follows BibLaTeX's ``@online`` (the type
for a page that is only on the web) or ``@article`` when the outlet is known; RIS is the format of
Research Information Systems with type NEWS, lines ended by CR LF.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from corpus.core.article import Article

FORMATS = {
    "plain": "text/plain",
    "bibtex": "text/plain",
    "ris": "application/x-research-info-systems",
    "markdown": "text/plain",
}
"""Each format and its media type (BibTeX and Markdown are shown, not downloaded)."""

_BIBTEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
})  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|])")


def safe_url(url: str) -> str:
    """Return a URL that may be linked to: http and https only, else ""."""
    lowered = url[:8].lower()
    if not lowered.startswith(("http://", "https://")) or any(char <= " " for char in url):
        return ""
    return url


def _one_line(text: str) -> str:
    return " ".join(text.split())


def day_of(article: Article, zone: ZoneInfo) -> str:
    """Return the day of publication in the archive's zone, "2017-01-30"; its month or year where
    no more is known, "" where nothing is."""
    stated = article.published
    if stated is None:
        return ""
    return stated.start(zone).date().isoformat() if stated.has_time else str(stated)


def _in_words(day: str) -> str:
    """Return '30 January 2017' of a day; 'January 2017' of a month, '2017' of a year."""
    year, *rest = day.split("-")
    words = [year]
    if rest:
        words.append(month_name[int(rest[0])])
    words += [str(int(number)) for number in rest[1:]]
    return " ".join(reversed(words))


def plain(article: Article, zone: ZoneInfo, link: str = "") -> str:
    """Return a citation in words: author, “title”, outlet, date, address."""
    parts = []
    if article.authors:
        parts.append(_listed(article.authors))
    if article.title:
        parts.append(f"“{_one_line(article.title)}”")
    if article.source:
        parts.append(article.source)
    if day := day_of(article, zone):
        parts.append(_in_words(day))
    cited = ", ".join(_one_line(part) for part in parts)
    address = safe_url(article.url) or link
    return f"{cited}. {address}".strip() if cited else address


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


_PARTICLES = frozenset(
    "af al bin da das de del della den der di dos du el la las le los san st. ten ter van vom von "
    "zu zum zur".split()
)
_SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))
_BODIES = re.compile(
    r"\b(agency|agence|agentur|bureau|desk|editors?|editorial|newsroom|news|press|redaktion|"
    r"redacci[oó]n|r[eé]daction|reporters?|service|staff|team|times|wire)\b|[&/@]|\bof\b|\bthe\b",
    re.IGNORECASE,
)


def surname_first(name: str) -> str:
    """Return a person's name as reference managers take it, "Surname, First"; others as they are.

    Left alone are single words, names with a comma, bodies such as "Harbour Desk", and names in
    scripts that put the surname first or have no capitals. A particle stays with the surname.
    """
    words = _one_line(name).split(" ")
    if len(words) < 2 or "," in name or _BODIES.search(name) or not words[-1][:1].isupper():
        return _one_line(name)
    suffix = ""
    if len(words) > 2 and words[-1].lower() in _SUFFIXES:
        suffix = f", {words.pop()}"
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in _PARTICLES:
        at -= 1
    return f"{' '.join(words[at:])}, {' '.join(words[:at])}{suffix}"


def _bibtex_name(name: str) -> str:
    """Return a name as BibTeX parts it; what is no person's is kept whole by braces."""
    turned = surname_first(name)
    return _escaped(turned) if ", " in turned else "{" + _escaped(turned) + "}"


def bibtex(
    article: Article, zone: ZoneInfo, link: str = "", *, note: str = "", own: Iterable[str] = ()
) -> str:
    """Return a BibTeX entry whose key is the article's id, with a reader's note and own tags."""
    day = day_of(article, zone)
    fields = [
        ("author", " and ".join(_bibtex_name(name) for name in article.authors)),
        ("title", "{" + _escaped(article.title) + "}" if article.title else ""),
        ("journaltitle", _escaped(article.source)),
        ("date", day),
        ("year", day[:4]),
        ("language", article.language),
        # A URL takes no escapes inside \url; braces and the like are percent-encoded instead.
        ("url", _percent(safe_url(article.url) or link)),
        ("keywords", ", ".join(map(_escaped, own))),
        ("annotation", _escaped(note)),
    ]
    kind = "article" if article.source else "online"
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields if value)
    return f"@{kind}{{{article.id},\n{lines}\n}}\n"


def _escaped(text: str) -> str:
    return _one_line(text).translate(_BIBTEX)


def _percent(url: str) -> str:
    return "".join(f"%{ord(char):02X}" if char in '{}\\"<>^`|' else char for char in url)


def ris(
    article: Article, zone: ZoneInfo, link: str = "", *, note: str = "", own: Iterable[str] = ()
) -> str:
    """Return a RIS record, with a reader's note and own tags."""
    day = day_of(article, zone)
    # RIS has year/month/day/other: the slashes stay where a part is not known.
    date = day.replace("-", "/") + "/" * (3 - day.count("-") if len(day) < 10 else 0)
    fields = [
        ("TY", "NEWS"),
        ("ID", article.id),
        *(("AU", surname_first(name)) for name in article.authors),
        ("TI", article.title),
        ("T2", article.source),
        ("DA", date if day else ""),
        ("PY", day[:4]),
        ("AB", article.lead),
        *(("KW", tag) for tag in (*article.tags, *own)),
        ("CY", article.place),
        ("LA", article.language),
        ("UR", safe_url(article.url) or link),
        ("N1", note),
    ]
    lines = [f"{name}  - {_one_line(value)}\r\n" for name, value in fields if value]
    return "".join(lines) + "ER  - \r\n"


def markdown(article: Article, zone: ZoneInfo, link: str = "") -> str:
    """Return a citation as a line of Markdown."""
    address = safe_url(article.url) or link
    title = _marked(article.title)
    parts = [_marked(_listed(article.authors))] if article.authors else []
    if title:
        parts.append(f"[{title}](<{_percent(address)}>)" if address else f"“{title}”")
    elif address:
        parts.append(f"<{_percent(address)}>")
    if article.source:
        parts.append(f"*{_marked(article.source)}*")
    if day := day_of(article, zone):
        parts.append(_in_words(day))
    return ", ".join(parts)


def _marked(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _one_line(text))
