"""What kind of article it is: news, opinion, an obituary, … as the source says it.

Schema.org types, IPTC genres, names of sections and marks in headlines ("Opinion: …") say it in
words; `NAMES` has these words. A plain ``NewsArticle`` says nothing, since most sites call all that
they print so; an article without a mark has no kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

KINDS = {
    "news": "News", "analysis": "Analysis", "opinion": "Opinion", "letter": "Readers’ letters",
    "review": "Reviews", "interview": "Interviews", "feature": "Features", "live": "Live reports",
    "obituary": "Obituaries", "correction": "Corrections", "release": "Press releases",
    "sponsored": "Sponsored",
}  # fmt: skip
"""Every kind, and what it is called in English."""

NAMES = {
    "news": "news, reportage, current, current events, update, nachrichten, noticias",
    "analysis": "analysis, news analysis, background, explainer, fact check, analyse, analysen,"
    " hintergrund, analisis, analise, analisi, decryptage, achtergrond",
    "opinion": "opinion, opinions, op-ed, oped, editorial, editorials, comment, commentary, column,"
    " columns, columnist, columnists, viewpoint, viewpoints, meinung, kommentar,"
    " kommentare, kolumne, kolumnen, leitartikel, gastbeitrag, opiniones, columna, columnas,"
    " editoriales, tribuna, tribune, tribunes, debats, chronique, chroniques, editos,"
    " edito, opiniao, opinioes, coluna, colunas, opinioni, commenti, editoriali, opinie,"
    " commentaar",
    "letter": "letters, letters to the editor, letter to the editor, readers' letters, leserbrief,"
    " leserbriefe, cartas al director, cartas de los lectores, courrier des lecteurs,"
    " cartas dos leitores, lettere al direttore, lezersbrieven",
    "review": "review, reviews, critic review, user review, rezension, rezensionen,"
    " resena, resenas, critique, critiques, resenha, resenhas, recensione, recensioni, recensies",
    "interview": "interview, interviews, question and answer session, q&a,"
    " entrevista, entrevistas, entretien, entretiens, intervista, interviste",
    "feature": "feature, features, profile, special report, long read, long reads, reportaje,"
    " reportajes, reportage magazine",
    "live": "live, live blog, live updates, live ticker, liveticker, newsticker, en vivo,"
    " en directo, en direct, ao vivo, in diretta, liveblog",
    "obituary": "obituary, obituaries, obit, death notice, nachruf, nachrufe, obituario,"
    " obituarios, necrologicas, necrologica, necrologie, necrologies, necrologio, necrologi,"
    " in memoriam",
    "correction": "correction, corrections, corrections and clarifications, clarification,"
    " clarifications, erratum, korrektur, korrekturen, gegendarstellung, berichtigung,"
    " fe de errores, fe de erratas, rectificatif, rectificacion, rettifica, errata corrige",
    "release": "press release, press releases, pressemitteilung, pressemitteilungen,"
    " comunicado de prensa, communique de presse, comunicato stampa",
    "sponsored": "sponsored, sponsored content, supported, advertiser content, advertorial,"
    " advertisement feature, paid post, partner content, brand content, anzeige",
}
"""The words by which sources call each kind, folded for case and accents."""

_KIND_OF = {name: kind for kind, names in NAMES.items() for name in names.split(", ")}
_QCODE = re.compile(r"^(?:https?://.*[/#]|[a-z][\w-]*:)(?=[^/#:]+$)", re.IGNORECASE)
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\s_]+")
_ENDINGS = (" news article", " article", " blog posting", " posting")
_SEPARATORS = re.compile(r"\s*(?::|[|–—]|\s-)\s+|\s+[|–—-]\s+")
_LONGEST = 40
_LOOSE = frozenset(("news", "feature", "release"))
"""Kinds that are believed of a declared type, not of a section or of a word in a headline."""

_NEWSPAPERS = frozenset(("tribune", "tribuna", "column", "review"))
"""Names of sections that, beside a headline, may as well be the newspaper's own name."""


def kind_named(name: str) -> str:
    """Return the kind that a type, genre or section is the name of; "" where it is none."""
    name = _QCODE.sub("", name.strip())
    if not name or len(name) > _LONGEST:
        return ""
    words = unicodedata.normalize("NFKD", " ".join(_WORDS.split(name)).casefold())
    folded = "".join(char for char in words if not unicodedata.combining(char)).strip(" .:")
    if folded == "live blog posting":
        return "live"
    if folded == "reportage news article":
        return "news"
    for ending in _ENDINGS:
        if folded.endswith(ending):
            folded = folded.removesuffix(ending)
            return "" if folded in ("", "news") else _KIND_OF.get(folded, "")
    return _KIND_OF.get(folded, "")


def kind_of(types: Iterable[str] = (), *, title: str = "", section: str = "") -> tuple[str, str]:
    """Return the kind of an article, and where it was found: "type", "headline" or "section".

    `types` are those that the source declares. A type that says more than news is believed before
    the mark at either end of the headline, and that before the section; ("", "") when none tells.
    """
    names = [name for several in types for name in several.split(";")]
    declared = [kind for name in names if (kind := kind_named(name))]
    for kind in declared:
        if kind != "news":
            return kind, "type"
    parts = _SEPARATORS.split(title[:300])
    if len(parts) > 1:
        for part in (parts[0], parts[-1]):
            kind = kind_named(part)
            if kind and kind not in _LOOSE and part.casefold() not in _NEWSPAPERS:
                return kind, "headline"
    kind = kind_named(section)
    if kind and kind not in _LOOSE:
        return kind, "section"
    return ("news", "type") if declared else ("", "")
