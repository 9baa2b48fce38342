"""Names of fields and of languages, and what other systems write and this one does not.

For the latter a note can offer which field or sign of ours may be meant, so that no one takes an
answer for one to another question.
"""

from __future__ import annotations

import re
from functools import lru_cache

from whoosh.support.levenshtein import damerau_levenshtein as edits

from corpus.core.fields import ADDED, ALIASES, DATE, PREFIXES, TEXTS
from corpus.text.languages import normal_code
from indexer.analysis.analyser import fold

DATE_FIELDS = {DATE, ADDED, "before", "after", "since", "until"}
"""``before`` and ``after`` leave the period itself out, ``since`` and ``until`` include it;
``added`` is about when the archive first had an article."""

CASE = "case"  # what stands before words whose capitals count
NAMES = {name: name for name in (*TEXTS, *PREFIXES, *DATE_FIELDS, CASE)} | ALIASES
"""Every name that may stand before a colon, and the field that it means."""

_ELSEWHERE = {
    # Google, LexisNexis, Factiva, ProQuest, Solr, and the same words in other languages
    "title": "intitle allintitle inhead hd ti hlead heading titel titre titulo titolo schlagzeile",
    "lead": "hlp lp ab abstract summary description intro teaser standfirst",
    "body": "content fulltext intext allintext story article ft inhalt texto contenu",
    "tag": "keyword keywords label hashtag schlagwort",
    "topic": "su subject subjects terms thema ns sujet tema",
    "section": "category categories column ressort rubrik rubrique seccion desk",
    "author": "byline writer journalist au autor auteur autore",
    "source": "publication publisher newspaper paper site sn pub quelle fuente journal domain",
    "place": "city location located ort stadt datelined",
    "places": "country countries region re land pays pais",
    "people": "name names who nm",
    "orgs": "company companies organisation organization organisations organizations co firma",
    "lang": "la languages sprache langue idioma",
    "date": "year month day time pd dt datum fecha pubdate pub_date dates daterange",
    "since": "from von desde",
    "until": "to bis hasta",
}
_MEANT = {name: field for field, names in _ELSEWHERE.items() for name in names.split()}
_EQUALS = re.compile(r"([A-Za-z_]{2,20})=\S")
_COMPARED = re.compile(r"([A-Za-z_]{2,20})(?:[<>]=?)\S")
_DATE_CLAUSE = re.compile(r"date\s*(?:\s(?:is|aft|bef|after|before)\s|[<>]=?)\s*\d", re.IGNORECASE)
_REGULAR = re.compile(r"/.*[.*+?\[\]^$\\].*/")
_TRUNCATED = re.compile(r"([a-z]{4,})[!$]")
_AT_LEAST = re.compile(r"atl(?:east)?\d+", re.IGNORECASE)
_NEAR_CALL = re.compile(r"near|within|dist", re.IGNORECASE)
_NEAR_SIGN = re.compile(r"<near(?:/\d+)?>|[~%]\d{1,3}", re.IGNORECASE)
_NUMBERED = re.compile(r"[NW](\d{1,2})")
NEARNESS = "This was read as a word; for nearness write NEAR/{number}."
_CAPITALS = frozenset(("caps", "allcaps"))
_FUNCTIONS = frozenset(("nocaps", "singular", "plural", "noft", "length"))
_ELSEWHERE_OPERATORS = {
    "XOR": (
        "foreign-operator",
        "for one of the two and not both, write (one OR other) NOT (one AND other)",
    ),
    **dict.fromkeys(
        ("SAME", "WITH", "PROX", "SENTENCE", "PARAGRAPH"),
        ("foreign-near", "nearness is written NEAR/5"),
    ),
    **dict.fromkeys(
        ("BUTNOT", "EXCEPT", "WITHOUT"), ("foreign-not", "to leave a word out, write -word")
    ),
}


@lru_cache(maxsize=1024)
def field_like(name: str) -> str:
    """Return the field that an unknown name may mean, "" where none is near."""
    name = name.lower()
    if name in _MEANT:
        return _MEANT[name]
    most = 1 if len(name) < 6 else 2
    ranked = sorted((edits(name, known, most), known) for known in NAMES)
    return NAMES[ranked[0][1]] if len(name) > 3 and ranked[0][0] <= most else ""


def sign_like(run: str, text: str, at: int, *, between: bool) -> tuple[str, str] | None:
    """Return the code and the message on a run of characters that another system would read apart.

    It ends at `at` in the text; `between` says that words stand before and behind it.
    """
    following = text[at : at + 1]
    if _DATE_CLAUSE.match(text, at - len(run)):
        return "foreign-field", "This was read as words; for dates write date:, since: or until:."
    if found := _COMPARED.match(run):
        return "foreign-field", "This was read as a word; only dates are compared, as date:>2020."
    if (found := _EQUALS.match(run)) or (following == "(" and run.isalpha()):
        name = (found[1] if found else run).lower()
        field = NAMES.get(name) or _MEANT.get(name)
        if name in _CAPITALS:
            field = CASE
        if field or found:
            hint = f"for the field write {field}:…." if field else "a field is written title:word."
            return "foreign-field", f"This was read as words; {hint}"
        if name in _FUNCTIONS:
            return "foreign-field", "There is no such function here, so it was read as a word."
    if between and run in _ELSEWHERE_OPERATORS and not text.isupper():
        code, hint = _ELSEWHERE_OPERATORS[run]
        return code, f"{run} is no operator here and was read as a word; {hint}."
    if _REGULAR.fullmatch(run):
        return (
            "foreign-pattern",
            "There are no regular expressions here: * and ? stand for letters.",
        )
    if found := _TRUNCATED.fullmatch(run):
        return (
            "foreign-truncation",
            f"The {run[-1]} was ignored; for all words that begin so, write {found[1]}*.",
        )
    if (following == "(" and _NEAR_CALL.fullmatch(run)) or _NEAR_SIGN.fullmatch(run):
        return "foreign-near", "This was read as words; nearness is written one NEAR/5 other."
    if _AT_LEAST.fullmatch(run):
        return "foreign-count", "How often a word occurs cannot be asked for; this is a word here."
    if found := _NUMBERED.fullmatch(run):
        return "foreign-near", NEARNESS.format(number=found[1])
    return None


_NAMES = {
    "ar": "arabic العربية", "bg": "bulgarian български", "ca": "catalan català",
    "cs": "czech čeština", "da": "danish dansk", "de": "german deutsch", "el": "greek ελληνικά",
    "en": "english", "es": "spanish español castellano", "et": "estonian eesti",
    "eu": "basque euskara", "fa": "persian farsi فارسی", "fi": "finnish suomi",
    "fr": "french français", "ga": "irish gaeilge", "he": "hebrew עברית", "hi": "hindi हिन्दी",
    "hr": "croatian hrvatski", "hu": "hungarian magyar", "id": "indonesian indonesia",
    "it": "italian italiano", "ja": "japanese 日本語", "ko": "korean 한국어",
    "lt": "lithuanian lietuvių", "lv": "latvian latviešu", "nl": "dutch nederlands",
    "no": "norwegian norsk", "pl": "polish polski", "pt": "portuguese português",
    "ro": "romanian română", "ru": "russian русский", "sk": "slovak slovenčina",
    "sl": "slovenian slovenščina", "sr": "serbian српски srpski", "sv": "swedish svenska",
    "tr": "turkish türkçe", "uk": "ukrainian українська", "vi": "vietnamese",
    "zh": "chinese 中文",
}  # fmt: skip
"""English and own names, by ISO 639-1 code."""

_CODES = {fold(name): code for code, names in _NAMES.items() for name in names.split()}


def language_code(name: str) -> str:
    """Return the code of a language by its English or its own name, or by its tag in other
    standards (``deu``, ``de-AT``), else what was given."""
    return _CODES.get(fold(name)) or normal_code(name) or name
