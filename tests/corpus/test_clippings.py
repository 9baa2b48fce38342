"""Clippings of LexisNexis, Factiva and ProQuest, in the languages they come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpus.core.article import Article
from corpus.readers.protocol import Skip
from corpus.reading import read

_NEXIS_ENGLISH = """

Download Request: Selected Items: 1-2
Time Of Request: Monday, March 5, 2012  10:00:00


                               1 of 2 DOCUMENTS


                               The Arle Post

                       May 3, 2011 Tuesday  7:15 AM GMT
                              Final Edition

Mill on the Arle grinds
its last flour

BYLINE: ADA QUILL; Rural Correspondent

SECTION: COUNTRY; Pg. 9

LENGTH: 120 words

DATELINE: ARLE, May 2

The mill on the Arle will grind its last flour in June, its owner
said on Monday. A buyer from the low-
country had withdrawn.

SUBJECT: this line is said by nobody, it begins a paragraph.

"We are sorry," he said.

GRAPHIC: The mill wheel in April

LOAD-DATE: May 4, 2011

LANGUAGE: ENGLISH

SUBJECT: MILLS (92%); FLOUR (78%)

PUBLICATION-TYPE: Newspaper

                 Copyright 2011 Arle Media Ltd
                     All Rights Reserved


                               2 of 2 DOCUMENTS


                               The Arle Post

                              June 6, 2011 Monday

Bridge opens

LENGTH: 20 words

The bridge is open.

LANGUAGE: ENGLISH
"""

_NEXIS_GERMAN = """
                            Dokument 1 von 1

                               Arle-Bote

                          3. Mai 2011 Dienstag
                              Gesamtausgabe

Die letzte Mühle schließt

AUTOR: Jan Korn

RUBRIK: LAND; S. 9

LÄNGE: 88 Wörter

HIGHLIGHT: Nach 300 Jahren ist Schluss.

Die Mühle an der Arle mahlt im Juni zum letzten Mal, sagte der Besitzer
am Montag.

Ein Käufer fand sich nicht.

UPDATE: 4. Mai 2011

SPRACHE: DEUTSCH

PUBLICATION-TYPE: Zeitung

                        Copyright 2011 Arle Verlag
                          Alle Rechte vorbehalten
"""

_NEXIS_FRENCH_NEW = """
Date et heure : mercredi 4 mai 2011

Documents (1)

1. Le moulin ferme

Le moulin ferme

Le Courrier de l'Arle

mardi 3 mai 2011

Copyright 2011 Courrier SA Tous droits réservés

Rubrique: CAMPAGNE; p. 9

Longueur: 88 mots

Auteur: Jean Grain

Corps

Le moulin de l'Arle moudra sa dernière farine en juin, a dit son propriétaire lundi.

Personne ne l'a acheté.

Classification

Langue: FRENCH; FRANÇAIS

Sujet: MOULINS (90%); FARINE (70%)

Date de chargement: 4 mai 2011

Fin du document
"""

_FACTIVA_FRENCH = """
Campagne
Le moulin ferme
Par Jean Grain
88 mots
3 mai 2011
07:15
Le Courrier de l'Arle
COUARL
9
Français
Copyright 2011 Courrier SA. Tous droits réservés.

Le moulin de l'Arle moudra sa dernière farine en juin, a dit son propriétaire lundi.

Personne ne l'a acheté.

Document COUARL0020110503e75300001

Le pont ouvre
20 mots
6 juin 2011
Le Courrier de l'Arle
COUARL
Français
Copyright 2011 Courrier SA.

Le pont est ouvert.

Document COUARL0020110606e76600002
"""

_FACTIVA_CODED = """
SE\tCountry
HD\tMill on the Arle grinds its last flour
BY\tAda Quill
WC\t120 words
PD\t3 May 2011
SN\tThe Arle Post
SC\tARLP
PG\t9
LA\tEnglish
CY\tCopyright 2011 Arle Media
LP
The mill on the Arle will grind its last flour in June, its owner said.

TD
A buyer had withdrawn.

NS\tgmil : Mills | gcat : Political/General News
RE\tuk : United Kingdom
AN\tDocument ARLP000020110503e75300003
"""

_PROQUEST_SPANISH = """____________________________________________________________

Documento 1 de 1


Cierra el molino


Autor: Grano, Juan.


Texto completo: El molino del Arle molerá su última harina en junio, dijo su dueño el lunes.
Nadie lo compró.


Materia: Molinos; Harina

Título: Cierra el molino

Título de publicación: El Correo del Arle; Arle

Fecha de publicación: 3 de mayo de 2011

Sección: Campo

Idioma de la publicación: Spanish

ID de documento de ProQuest: 991

URL de documento: https://search.proquest.example/docview/991?accountid=7

Última actualización: 2017-01-01
____________________________________________________________

Contact ProQuest
"""

_CASES: list[tuple[str, str, list[dict[str, Any]]]] = [
    ("Nexis, English", _NEXIS_ENGLISH, [
        {"title": "Mill on the Arle grinds its last flour", "source": "The Arle Post",
         "authors": ("Ada Quill",), "section": "COUNTRY", "page": "9", "place": "ARLE",
         "language": "en", "tags": ("MILLS", "FLOUR"), "captions": ("The mill wheel in April",),
         "published": "2011-05-03T07:15:00+00:00"},
        {"title": "Bridge opens", "body": ("The bridge is open.",),
         "published": "2011-06-06"}]),
    ("Nexis, German", _NEXIS_GERMAN, [
        {"title": "Die letzte Mühle schließt", "source": "Arle-Bote", "authors": ("Jan Korn",),
         "section": "LAND", "page": "9", "lead": "Nach 300 Jahren ist Schluss.",
         "language": "de",
         "published": "2011-05-03",
         "body": ("Die Mühle an der Arle mahlt im Juni zum letzten Mal, sagte der Besitzer am "
                  "Montag.", "Ein Käufer fand sich nicht.")}]),
    ("Nexis Uni, French", _NEXIS_FRENCH_NEW, [
        {"title": "Le moulin ferme", "source": "Le Courrier de l'Arle", "authors": ("Jean Grain",),
         "section": "CAMPAGNE", "tags": ("MOULINS", "FARINE"), "language": "fr",
         "published": "2011-05-03",
         "body": ("Le moulin de l'Arle moudra sa dernière farine en juin, a dit son propriétaire "
                  "lundi.", "Personne ne l'a acheté.")}]),
    ("Factiva, French", _FACTIVA_FRENCH, [
        {"title": "Le moulin ferme", "source": "Le Courrier de l'Arle", "authors": ("Jean Grain",),
         "section": "Campagne", "language": "fr", "published": "2011-05-03T07:15:00",
         "own_id": "COUARL0020110503e75300001"},
        {"title": "Le pont ouvre", "body": ("Le pont est ouvert.",), "authors": ()}]),
    ("Factiva, with codes", _FACTIVA_CODED, [
        {"title": "Mill on the Arle grinds its last flour", "source": "The Arle Post",
         "authors": ("Ada Quill",), "section": "Country", "places": ("United Kingdom",),
         "tags": ("Mills", "Political/General News"), "own_id": "ARLP000020110503e75300003",
         "body": ("The mill on the Arle will grind its last flour in June, its owner said.",
                  "A buyer had withdrawn.")}]),
    ("ProQuest, Spanish", _PROQUEST_SPANISH, [
        {"title": "Cierra el molino", "source": "El Correo del Arle", "authors": ("Juan Grano",),
         "section": "Campo", "tags": ("Molinos", "Harina"), "language": "es",
         "published": "2011-05-03", "own_id": "991",
         "url": "https://search.proquest.example/docview/991",
         "body": ("El molino del Arle molerá su última harina en junio, dijo su dueño el lunes.",
                  "Nadie lo compró.")}]),
]  # fmt: skip


def _read(tmp_path: Path, text: str, name: str = "a.txt") -> tuple[list[Article], list[Skip]]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    skips: list[Skip] = []
    return list(read([file], skips.append)), skips


@pytest.mark.parametrize(("text", "wanted"), [pytest.param(*row[1:], id=row[0]) for row in _CASES])
def test_each_clipping_is_an_article_with_its_parts(
    text: str, wanted: list[dict[str, Any]], tmp_path: Path
) -> None:
    articles, skips = _read(tmp_path, text)
    got = [
        {name: getattr(article, name) for name in want}
        for article, want in zip(articles, wanted, strict=False)
    ]
    assert got == wanted
    assert len(articles) == len(wanted), skips
    assert not skips


def test_a_word_before_a_colon_is_part_of_the_text_and_a_hyphen_stays(tmp_path: Path) -> None:
    first = _read(tmp_path, _NEXIS_ENGLISH.replace("SUBJECT: this", "Subject: this"))[0][0]
    assert first.body == (
        "The mill on the Arle will grind its last flour in June, its owner said on Monday. A buyer "
        "from the low-country had withdrawn.",
        "Subject: this line is said by nobody, it begins a paragraph.",
        '"We are sorry," he said.',
    )


def test_a_clipping_without_headline_and_text_is_named(tmp_path: Path) -> None:
    text = _NEXIS_ENGLISH + "\n\n          3 of 3 DOCUMENTS\n\n\n"
    articles, skips = _read(tmp_path, text)
    assert len(articles) == 2
    assert [(skip.position, skip.reason) for skip in skips] == [
        (3, "this clipping has neither a headline nor a text")
    ]


_EUROPRESSE = """<html><head><title>Europresse</title></head><body>
<article id="docHtml_1"><header>
<div class="rdp__DocPublicationName"><span class="DocPublicationName"> Le Courrier de l'Arle, no.
1204</span></div><div><span class="DocHeader">Campagne, mardi 3 mai 2011 88 mots, p. 9</span></div>
<div class="titreArticle"><p class="titreArticleVisu rdp__articletitle">Le moulin ferme</p></div>
<div class="docAuthors">Jean Grain</div></header>
<section><div class="DocText clearfix"><div class="docOcurrContainer">
<p>Le moulin de l'Arle moudra sa dernière farine en juin, a dit son propriétaire lundi.</p>
<p>Personne ne l'a acheté.</p></div></div></section>
<footer><div class="publiC-lblNodoc">news·20110503·ARL·0031</div><small>© 2011 Le Courrier</small>
</footer></article>
<article><header><span class="DocPublicationName">The Arle Post</span>
<span class="DocHeader">Monday, June 6, 2011 12 words</span>
<div class="titreArticle">Bridge opens</div></header>
<section><div class="DocText"><p>The bridge is open, and the ferry has gone.</p></div></section>
</article></body></html>"""

_FACTIVA_HTML = """<html><body><div class="article deArticle"><div><span class='deHeadline'>
Die letzte Mühle schließt</span></div><div class="author">Von Jan Korn</div><div>88 Wörter</div>
<div>3. Mai 2011</div><div>Arle-Bote</div><div>ARLBOT</div><div>9</div><div>Deutsch</div>
<div>Copyright 2011 Arle Verlag</div>
<p class="articleParagraph dearticleParagraph">Die Mühle an der Arle mahlt im Juni zum letzten Mal,
sagte der Besitzer am Montag.</p><p class="articleParagraph">Ein Käufer fand sich nicht.</p>
<p>Dokument ARLBOT0020110503e75300001</p></div></body></html>"""


def test_europresse_gives_each_article_with_its_parts(tmp_path: Path) -> None:
    articles, skips = _read(tmp_path, _EUROPRESSE, "a.html")
    first, second = articles
    assert (first.title, first.source, first.authors, first.section, first.page) == (
        "Le moulin ferme", "Le Courrier de l'Arle", ("Jean Grain",), "Campagne", "9",
    )  # fmt: skip
    assert (first.published, first.language, len(first.body)) == ("2011-05-03", "fr", 2)
    assert (second.title, second.source, second.published) == (
        "Bridge opens", "The Arle Post", "2011-06-06",
    )  # fmt: skip
    assert not skips


def test_factivas_page_without_codes_is_its_lines(tmp_path: Path) -> None:
    (article,), _ = _read(tmp_path, _FACTIVA_HTML, "a.html")
    assert (article.title, article.source, article.authors, article.published) == (
        "Die letzte Mühle schließt", "Arle-Bote", ("Jan Korn",), "2011-05-03",
    )  # fmt: skip
    assert article.body[-1] == "Ein Käufer fand sich nicht."
    assert article.own_id == "ARLBOT0020110503e75300001"


def test_nexis_as_a_page_is_its_lines(tmp_path: Path) -> None:
    lines = "".join(
        f"<BR><DIV CLASS=c4><P>{' '.join(block.split())}</P></DIV>"
        for block in _NEXIS_GERMAN.split("\n\n") if block.strip()
    )  # fmt: skip
    page = f"<HTML><BODY><A NAME='DOC_ID_0_0'></A><!-- <DOCFULL> -->{lines}</BODY></HTML>"
    (article,), _ = _read(tmp_path, page, "a.HTML")
    assert (article.title, article.source, article.authors) == (
        "Die letzte Mühle schließt", "Arle-Bote", ("Jan Korn",),
    )  # fmt: skip
    assert article.body[-1] == "Ein Käufer fand sich nicht."


def test_several_names_without_a_word_before_them_are_a_byline(tmp_path: Path) -> None:
    text = _FACTIVA_FRENCH.replace("Par Jean Grain", "Jean Grain, Ada Quill").replace(
        "Personne ne l'a acheté.", "Personne ne l'a acheté.\n\nCourrier SA"
    )
    article = _read(tmp_path, text)[0][0]
    assert article.authors == ("Jean Grain", "Ada Quill")
    assert article.body[-1] == "Personne ne l'a acheté."
