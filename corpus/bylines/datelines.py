"""Datelines: the place, day and agency that open a report, taken off the front of its body.

'MOSCOW, January 30 (Sputnik) — Text' becomes place 'MOSCOW', agency 'Sputnik' and 'Text'. A
dateline is taken off only when an agency is named in one of the usual ways, or the place stands in
capitals before a dash: a sentence that merely starts with a capital is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a paragraph opens with; `rest` is the paragraph without it.

    `byline` holds the reporters that some agencies name there: 'MOSCOW (Sputnik), Jane Doe —'.
    """

    place: str
    agency: str
    rest: str
    byline: str = ""


_NAMES = {
    "AP": "associated press|the associated press|ap photo",
    "Reuters": "reuter|thomson reuters|reuters staff",
    "AFP": "agence france-presse|agence france presse|france presse|afp photo|getty afp",
    "UPI": "united press international",
    "dpa": "deutsche presse-agentur|dpa-afx|dpa/lnw|dpa infocom",
    "Sputnik": "sputnik news|sputnik international",
    "TASS": "tass|itar-tass|тасс|итар-тасс",
    "RIA Novosti": "риа новости|ria novosti|риа",
    "Interfax": "интерфакс|interfax-ukraine|интерфакс-украина",
    "Xinhua": "新华社|xinhua news agency",
    "Kyodo": "kyodo news|共同",
    "Jiji": "jiji press|時事",
    "EFE": "agencia efe|efe news",
    "Europa Press": "europapress",
    "ANSA": "agenzia ansa",
    "Adnkronos": "adnkronos salute",
    "AGI": "",
    "Lusa": "agência lusa|agencia lusa",
    "Agência Brasil": "agencia brasil",
    "Agência Estado": "agencia estado|estadão conteúdo",
    "APA": "",
    "SDA": "keystone-sda|sda-ats|keystone sda",
    "ATS": "",
    "Belga": "agence belga",
    "ANP": "",
    "NTB": "",
    "Ritzau": "",
    "TT": "",
    "STT": "",
    "PAP": "",
    "ČTK": "ctk",
    "MTI": "",
    "PTI": "press trust of india",
    "ANI": "",
    "IANS": "",
    "Yonhap": "연합뉴스|yonhap news",
    "Anadolu": "anadolu agency|aa",
    "PA": "press association|pa media",
    "AAP": "australian associated press",
    "CP": "the canadian press|canadian press",
    "La Presse canadienne": "presse canadienne",
    "Bloomberg": "bloomberg news",
    "CNN": "cnn wire",
    "BBC": "bbc news",
    "NPR": "",
    "VOA": "voice of america",
    "RFE/RL": "",
    "SID": "",
    "epd": "",
    "KNA": "",
    "MENA": "",
    "IRNA": "",
    "SPA": "",
    "WAM": "",
    "Notimex": "",
    "Télam": "telam",
    "PR Newswire": "prnewswire|pr newswire",
    "Business Wire": "business wire|businesswire",
    "GlobeNewswire": "globe newswire|globenewswire",
    "Newsfile": "newsfile corp.",
    "Tribune News Service": "tns",
    "Religion News Service": "rns",
    "KHN": "kaiser health news",
    "Укринформ": "ukrinform",
    "УНІАН": "unian",
}
AGENCIES: dict[str, str] = {
    name: agency
    for agency, others in _NAMES.items()
    for name in (agency.lower(), *filter(None, others.split("|")))
}
"""Agencies by every lower-case name they go by, to the one they are known under."""

_CASED = {"PA", "CP", "TT", "ATS", "AGI", "APA", "SID", "SPA", "AA", "MENA", "WAM", "ANI"}
_HAS_DASH = re.compile(r"[–—―]|--|\s-|\.-|-\s")
_CAPITAL_START = re.compile(r"[^\W\d_a-zа-я][^\W\d_a-zа-я]|[^\W\d_a-zа-я]['’.]")
_DASH = r"(?:\s*(?:[–—―]|--+)|\s+-|\s*\.-|-(?=\s))\s*"
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|ene|abr|ago|dic|fev|mai|set|out|dez|"
    r"janv|févr|mars|avr|juin|juil|août|déc|gen|mag|giu|lug|ott|mär|okt|янв|фев|мар|апр|ма[йя]|"
    r"июн|июл|авг|сен|окт|ноя|дек)[^\W\d_]*\.?"
)
_DAY = (
    rf"(?:{_MONTH}\s+\d{{1,2}}|\d{{1,2}}(?:\.|er|º|°)?\s*(?:de\s+)?{_MONTH})"
    r"(?:,?\s+(?:de\s+)?\d{4})?"
)
_WORD = r"[^\W\d_][^\W\d_.'’]*(?:[-'’.][^\W\d_]+)*\.?"
_PLACE = rf"(?P<place>{_WORD}(?:(?:,\s*|\s+|/\s?){_WORD}){{0,6}})"
_NAME = r"[^\W\d_][\w.&+\s'’-]{0,40}?(?:/[\w.\s-]{1,20})?"

_PLACED = re.compile(
    rf"^\W{{0,2}}(?:{_PLACE}\s*,?\s*(?:{_DAY})?\s*[,.]?[\s–—-]*)?[(/](?P<agency>{_NAME})[)/]"
    r"(?:,\s*(?P<byline>(?-i:[A-Z])[^\W\d_][\w.'’ -]{2,60}?)(?=\s*[–—―]|\s+-))?"
    rf"\s*(?P<dash>{_DASH}|[:.])?\s*(?=\S)",
    re.IGNORECASE,
)
_AGENCY_LAST = re.compile(
    rf"^(?:{_PLACE}\s*,?\s*{_DAY}|(?P<capital>[^\W\d_]+))\s*,?\s*{_DASH}"
    rf"(?P<agency>{_NAME})\s*[.:,]\s+(?=\S)",
    re.IGNORECASE,
)
_AGENCY_FIRST = re.compile(
    rf"^\((?P<agency>{_NAME})\)\s*{_DASH}(?P<place>[^\W\d_]{{2,}}(?:\s[^\W\d_]+){{0,3}})"
    rf",\s*{_DAY}\s*{_DASH}(?=\S)",
    re.IGNORECASE,
)
_CAPITALS = re.compile(
    r"^(?P<place>[^\W\d_a-zа-я][^\W\d_.]*(?:[ '’.-]{1,2}[^\W\d_a-zа-я][^\W\d_]*\.?){0,3}"
    rf"(?:,\s*[^\W\d_][\w.]*(?:\s[^\W\d_][\w.]*){{0,2}})??)"
    rf"\s*,?\s*(?P<day>(?i:{_DAY}))?\s*(?:[–—―]|--|\s-)\s*(?=\S)",
)
_UNPLACED = {
    "UPDATE", "BREAKING", "VIDEO", "WATCH", "CORRECTION", "CORRECTED", "EXCLUSIVE", "NOTE",
    "ANALYSIS", "OPINION", "EDITORIAL", "REVIEW", "LIVE", "PHOTOS", "GALLERY", "UPDATED", "READ",
    "MORE", "LISTEN", "SPOILER", "WARNING", "ALSO", "RELATED", "INTERVIEW", "COMMENTARY", "NEWS",
    "HEADLINE", "SPORTS", "BUSINESS", "DEVELOPING", "ALERT", "ADVISORY", "FACTBOX", "TIMELINE",
    "QUESTION", "ANSWER", "EDITOR'S NOTE", "DEAR",
}  # fmt: skip
_SHORT_PLACES = {
    "ROME", "BAKU", "BONN", "LIMA", "OSLO", "RIGA", "KYIV", "KIEV", "BERN", "BARI", "CORK", "DOHA",
    "GRAZ", "GAZA", "GENT", "HANOI", "JUBA", "KIEL", "KÖLN", "LYON", "METZ", "MALÉ", "NICE", "OULU",
    "PISA", "RENO", "SUVA", "WIEN", "YORK", "BATH", "HULL", "UFA", "AIX", "ROMA", "IOWA", "OHIO",
    "UTAH", "ULM", "LODZ", "LVIV", "APIA", "LOMÉ", "LOME", "BREST", "ADEN", "HOMS", "IDLIB", "SAN",
}  # fmt: skip


def agency_named(text: str) -> str:
    """Return the agency that `text` names as a whole, under its usual name; '' when none."""
    text = text.strip(" .,:;*()[]`'\t")
    if len(text) > 60 or not text:
        return ""
    name = AGENCIES.get(text.lower(), "")
    return "" if name in _CASED and not text.isupper() and " " not in text else name


_DAY_AT_END = re.compile(
    r",?\s*(?:[^\W\d_]{3,}\.?\s+\d{1,2}|\d{1,2}\.?\s+[^\W\d_]{3,}\.?|\d{4}-\d\d-\d\d)(?:,?\s+\d{4})?"
    r"\s*(?:\(.*\))?\s*[-–—:]*\s*\Z"
)


def place_in(dateline: str) -> str:
    """Return 'ARLE' for a dateline on a line of its own, such as 'ARLE, 2 May 2011 (AP)'."""
    return _DAY_AT_END.sub("", dateline).strip(" ,-–—")


def take_dateline(text: str) -> Dateline | None:
    """Return the dateline that `text` opens with, None when it opens with its first sentence."""
    head = text[:160]
    # Each pattern costs up to 20 µs on a sentence that is none; these looks cost 1 µs together.
    bracket = "(" in head or "/" in head
    dash = _HAS_DASH.search(head) is not None
    if bracket and (found := _AGENCY_FIRST.match(head)):
        agency = _agency(found["agency"])
        if agency:
            return Dateline(found["place"].strip(" ,"), agency, text[found.end() :])
    if bracket and (found := _PLACED.match(head)):
        agency = _agency(found["agency"])
        place = (found["place"] or "").strip(" ,")
        capitals = _stands_in_capitals(place)
        if found["dash"]:
            taken = bool(agency) or (capitals and len(place) > 4)
        else:
            taken = bool(agency) and (capitals or not place) and not text[found.end()].islower()
        if taken and _is_place(place):
            agency = agency or found["agency"].strip()
            return Dateline(place, agency, text[found.end() :], found["byline"] or "")
    if dash and (found := _AGENCY_LAST.match(head)):
        agency = _agency(found["agency"])
        place = (found["place"] or found["capital"] or "").strip(" ,")
        if agency and _is_place(place):
            return Dateline(place, agency, text[found.end() :])
    if dash and _CAPITAL_START.match(head) and (found := _CAPITALS.match(head)):
        place = found["place"].strip(" ,")
        after = text[found.end()]
        opens = after.isupper() or after.isdigit() or after in "\"'“‘«„"
        first = place.split(",")[0]
        short = len(first) <= 4 and not found["day"] and first not in _SHORT_PLACES
        if opens and not short and _stands_in_capitals(first) and _is_place(first):
            return Dateline(place, "", text[found.end() :])
    return None


def _agency(name: str) -> str:
    """Return the known agency of 'Reuters', 'dpa/lnw' or 'AFP Photo', '' for another name."""
    named = agency_named(name)
    if not named and "/" in name:
        named = agency_named(name.split("/")[0])
    return named


def _stands_in_capitals(place: str) -> bool:
    word = place.split(",")[0]
    return len(word) > 1 and word.isupper()


def _is_place(place: str) -> bool:
    """Tell a place from the words that also stand before a dash, and from a sentence."""
    words = place.split(",")[0].split()
    if place.split(",")[0].upper() in _UNPLACED or len(words) > 5:
        return False
    return all(word[:1].isupper() or len(word) <= 3 for word in words)
