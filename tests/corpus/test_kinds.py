"""Which kind an article is, by what its source says."""

from __future__ import annotations

import io

import pytest

from corpus.core.article import Article, Origin
from corpus.core.kinds import KINDS, NAMES, kind_named, kind_of
from corpus.readers import html, newsml
from corpus.readers import json as json_reader


def test_every_kind_has_words_and_no_word_two_kinds() -> None:
    assert NAMES.keys() == KINDS.keys()
    words = [word for names in NAMES.values() for word in names.split(", ")]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("OpinionNewsArticle", "opinion"), ("https://schema.org/ReviewNewsArticle", "review"),
        ("LiveBlogPosting", "live"), ("ReportageNewsArticle", "news"),
        ("genre:Obituary", "obituary"), ("Ask Public News Article", ""),
        ("http://cv.iptc.org/newscodes/genre/Press_Release", "release"), ("Opinión", "opinion"),
        ("Corrections and Clarifications", "correction"), ("Leserbriefe", "letter"),
        ("NewsArticle", ""), ("Article", ""), ("BlogPosting", ""), ("Weather", ""), ("", ""),
        ("Opinion poll", ""), ("x" * 10_000, ""),
    ],
)  # fmt: skip
def test_a_name_is_known_or_it_is_not(name: str, kind: str) -> None:
    assert kind_named(name) == kind


@pytest.mark.parametrize(
    ("types", "title", "section", "kind"),
    [
        (["NewsArticle"], "Ferry runs again", "Local", ("", "")),
        (["NewsArticle"], "Opinion: the ferry must run", "Local", ("opinion", "headline")),
        (["NewsArticle"], "Mabel Quay, ferry captain – Obituary", "", ("obituary", "headline")),
        (["NewsArticle"], "Ferry runs again", "Letters", ("letter", "section")),
        (["AnalysisNewsArticle"], "Opinion: why ferries sink", "", ("analysis", "type")),
        (["ReportageNewsArticle"], "Ferry runs again", "", ("news", "type")),
        (["ReportageNewsArticle"], "Live: ferry aground", "", ("live", "headline")),
        (["Obituary; Biography"], "Mabel Quay", "", ("obituary", "type")),
        ([], "Opinion divided on the ferry", "", ("", "")),
        ([], "The opinion: a word", "", ("", "")),
        ([], "Ferry runs again | Tribune", "", ("", "")),
    ],
)  # fmt: skip
def test_what_is_believed_first(
    types: list[str], title: str, section: str, kind: tuple[str, str]
) -> None:
    assert kind_of(types, title=title, section=section) == kind


PAGE = """<!doctype html><html><head><title>On ferries</title>
<script type="application/ld+json">{"@type": ["OpinionNewsArticle"], "headline": "On ferries",
"datePublished": "2031-02-03"}</script></head><body><article><h1>On ferries</h1>
<p>The ferry across the sound has been late on nine days of ten, and nobody seems to mind it.</p>
<p>It is time that those who run it came down to the pier and waited there with all of us.</p>
</article></body></html>"""


def test_pages_and_records_and_wires_tell_it() -> None:
    page = next(html.read(io.BytesIO(PAGE.encode()), Origin("a.html")))
    assert isinstance(page, Article)
    assert page.kind == "opinion"
    assert ("kind", "type") in page.provenance
    record = b'{"headline": "Ferry", "body": "It sank.", "type_of_material": "Editorial"}'
    read = next(json_reader.read(io.BytesIO(record), Origin("a.json")))
    assert isinstance(read, Article)
    assert read.kind == "opinion"
    item = (
        b'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:a:1"><contentMeta>'
        b'<headline>Ferry</headline><genre qcode="genre:Interview"/></contentMeta><contentSet>'
        b'<inlineData contenttype="text/plain">It sank.</inlineData></contentSet></newsItem>'
    )
    wired = next(newsml.read(io.BytesIO(item), Origin("a.xml")))
    assert isinstance(wired, Article)
    assert wired.kind == "interview"
