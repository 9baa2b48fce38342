"""Records of known shapes: answers of news APIs, exports of content systems, data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from corpus.core.article import Article
from corpus.readers.protocol import Skip
from corpus.reading import read

_EN = "The mill on the Arle will grind its last flour in June, its owner said."
_DE = "Die Mühle an der Arle mahlt im Juni zum letzten Mal, sagte der Besitzer am Montag."


def _read(tmp_path: Path, content: Any, name: str = "a.json") -> tuple[list[Article], list[Skip]]:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    skips: list[Skip] = []
    return list(read([file], skips.append)), skips


_RECORDS: list[tuple[str, Any, dict[str, Any]]] = [
    ("Guardian", {"response": {"results": [{
        "id": "x/1", "type": "article", "webTitle": "Mill to close", "sectionName": "Rural",
        "webPublicationDate": "2022-05-03T08:00:00Z", "webUrl": "https://g.example/x/1",
        "fields": {"body": f"<p>{_EN}</p>", "lang": "en"},
        "tags": [{"type": "keyword", "webTitle": "Mills"}, {"type": "tone", "webTitle": "News"},
                 {"type": "contributor", "webTitle": "Ada Quill"}]}]}},
     {"title": "Mill to close", "tags": ("Mills",), "authors": ("Ada Quill",), "body": (_EN,),
      "section": "Rural"}),
    ("New York Times, new names of keywords", {"response": {"docs": [{
        "web_url": "https://n.example/1", "headline": {"main": "Mühle schließt"},
        "pub_date": "2022-05-03T08:00:00+0000", "lead_paragraph": _DE, "abstract": "Kurz.",
        "byline": {"original": "Von Ada Quill"}, "section_name": "Welt",
        "keywords": [{"name": "Subject", "value": "Mühlen"}, {"name": "Person", "value": "A. B."},
                     {"name": "Location", "value": "Arle"},
                     {"name": "Organization", "value": "Zunft"}]}]}},
     {"title": "Mühle schließt", "tags": ("Mühlen",), "people": ("A. B.",), "places": ("Arle",),
      "orgs": ("Zunft",), "lead": "Kurz.", "language": "de"}),
    ("Event Registry", {"articles": {"results": [{
        "uri": "9", "lang": "deu", "dataType": "news", "date": "2022-05-04", "time": "01:00:00",
        "dateTime": "2022-05-04T01:00:00Z", "dateTimePub": "2022-05-03T08:00:00Z",
        "url": "https://e.example/9", "title": "Mühle schließt", "body": _DE,
        "source": {"uri": "e.example", "title": "Arle-Bote"},
        "authors": [{"name": "Ada Quill", "isAgency": False}, {"name": "dpa", "isAgency": True}],
        "concepts": [{"type": "person", "label": {"deu": "Jan Korn"}},
                     {"type": "loc", "label": {"deu": "Arle"}},
                     {"type": "wiki", "label": {"deu": "Mehl"}}]}]}},
     {"source": "Arle-Bote", "authors": ("Ada Quill",), "people": ("Jan Korn",),
      "places": ("Arle",), "tags": ("Mehl",)}),
    ("NewsAPI", {"articles": [{
        "source": {"name": "Arle Post"}, "title": "Mill to close - Arle Post", "urlToImage": None,
        "publishedAt": "2022-05-03T08:00:00Z", "content": f"{_EN} And the… [+90 chars]",
        "url": "https://a.example/1", "author": None, "description": "Short."}]},
     {"title": "Mill to close", "body": (f"{_EN} And the…",), "source": "Arle Post"}),
    ("Arc", {"content_elements": [{
        "type": "story", "_id": "A1", "headlines": {"basic": "Mühle schließt"},
        "description": {"basic": "Kurz."}, "first_publish_date": "2022-05-03T08:00:00Z",
        "content_elements": [{"type": "text", "content": f"<p>{_DE}</p>"},
                             {"type": "list", "items": [{"type": "text", "content": "Erstens."}]},
                             {"type": "interstitial_link", "content": "Mehr lesen"}],
        "credits": {"by": [{"name": "Ada Quill"}]},
        "taxonomy": {"tags": [{"text": "Mühlen"}], "sections": [{"name": "Land"}]}}]},
     {"title": "Mühle schließt", "body": (_DE, "Erstens."), "section": "Land", "own_id": "A1"}),
    ("Trove", {"response": {"zone": [{"records": {"article": [{
        "id": "7", "heading": "MILL TO CLOSE", "title": {"value": "Arle Post (Vic.)"},
        "date": "1901-05-03", "category": "Article", "page": 3,
        "articleText": f"<p><span> {_EN[:-3]}-</span><span>{_EN[-3:]}</span></p>",
        "snippet": "x"}]}}]}},
     {"title": "MILL TO CLOSE", "source": "Arle Post (Vic.)", "body": (_EN,)}),
    ("Chronicling America", {"items": [{
        "lccn": "sn1", "date": "19010503", "title": "Arle post. [volume]", "sequence": 3,
        "language": ["German"], "subject": ["Arle--Newspapers."], "city": ["Arle"],
        "ocr_ger": "Die Mühle an der Arle mahlt im Juni zum letz-\nten Mal, sagte der Besitzer\n"
                   "am Montag."}]},
     {"title": "", "source": "Arle post", "body": (_DE,), "tags": (), "language": "de"}),
    ("CSL-JSON", [{
        "id": "k", "type": "article-newspaper", "title": "Mill to close", "abstract": _EN,
        "container-title": "Arle Post", "author": [{"family": "Quill", "given": "Ada"}],
        "issued": {"date-parts": [["2022", 5, 3]]}, "URL": "https://a.example/1",
        "accessed": {"date-parts": [[2023, 1, 1]]}}],
     {"authors": ("Ada Quill",), "source": "Arle Post", "lead": _EN}),
    ("Drupal", {"jsonapi": {"version": "1.0"}, "links": {"self": {"href": "https://d.example/j"}},
        "data": [{"type": "node--article", "id": "u1", "attributes": {
            "title": "Mühle schließt", "created": "2022-05-03T08:00:00+00:00", "status": True,
            "langcode": "de", "body": {"processed": f"<p>{_DE}</p>"}, "path": {"alias": "/m"}},
            "relationships": {
                "uid": {"data": {"type": "user--user", "id": "a"}},
                "field_tags": {"data": [{"type": "taxonomy_term--tags", "id": "t"}]},
                "field_s": {"data": {"type": "taxonomy_term--section", "id": "s"}}}}],
        "included": [
            {"type": "user--user", "id": "a", "attributes": {"display_name": "Ada Quill"}},
            {"type": "taxonomy_term--tags", "id": "t", "attributes": {"name": "Mühlen"}},
            {"type": "taxonomy_term--section", "id": "s", "attributes": {"name": "Land"}}]},
     {"title": "Mühle schließt", "authors": ("Ada Quill",), "tags": ("Mühlen",), "section": "Land",
      "url": "https://d.example/m", "body": (_DE,)}),
    ("CNN and Daily Mail", [{"article": _EN, "highlights": "Mill shuts .\nFlour runs out .",
                             "id": "f"}],
     {"lead": "Mill shuts . Flour runs out .", "body": (_EN,)}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "wanted"), [pytest.param(*row[1:], id=row[0])
                                                 for row in _RECORDS])  # fmt: skip
def test_a_known_shape_gives_its_fields(
    content: Any, wanted: dict[str, Any], tmp_path: Path
) -> None:
    articles, skips = _read(tmp_path, content)
    assert len(articles) == 1, skips
    assert {name: getattr(articles[0], name) for name in wanted} == wanted


@pytest.mark.parametrize("record", [
    {"text": _EN, "timestamp": "2020-01-02T03:04:05Z", "url": "https://a.example/1"},
    {"URL": "https://a.example/1", "Title": "M", "Selection": _EN, "Timestamp": "1700041200"},
    {"title": "M", "excerpt": _DE, "folder": "x", "created": "2020-01-02", "url": "https://a.example"},
    {"href": "https://a.example/1", "description": "M", "extended": _DE, "time": "2020-01-02"},
    {"title": "M", "content": _EN, "url": "https://a.example/1", "is_archived": 1,
     "created_at": "2020-01-02", "updated_at": "2020-01-03"},
])  # fmt: skip
def test_when_something_was_saved_or_crawled_is_no_date_of_publication(
    record: dict[str, Any], tmp_path: Path
) -> None:
    articles, _ = _read(tmp_path, record, "a.jsonl")
    assert [(one.published, one.updated) for one in articles] == [(None, None)]


def test_ghost_gives_published_posts_and_names_the_others(tmp_path: Path) -> None:
    def post(at: int, **more: Any) -> dict[str, Any]:
        return {"id": f"p{at}", "title": f"T{at}", "html": f"<p>{_DE}</p>", "status": "published",
                "type": "post", "published_at": "2022-05-03T08:00:00Z", **more}  # fmt: skip

    tables = {
        "posts": [post(1), post(2, status="draft"), post(3, type="page")],
        "tags": [{"id": "t", "name": "Mühlen"}], "users": [{"id": "u", "name": "Ada Quill"}],
        "posts_tags": [{"post_id": "p1", "tag_id": "t"}],
        "posts_authors": [{"post_id": "p1", "author_id": "u"}],
        "settings": [{"key": "title", "value": "Arle-Bote"}],
    }  # fmt: skip
    articles, skips = _read(tmp_path, {"db": [{"data": tables}]})
    (article,) = articles
    assert (article.title, article.tags, article.authors, article.source) == (
        "T1", ("Mühlen",), ("Ada Quill",), "Arle-Bote",
    )  # fmt: skip
    assert [skip.reason for skip in skips] == [
        "it is not published (draft)", "it is not published (a page)",
    ]  # fmt: skip


@pytest.mark.parametrize(("content", "named"), [
    (b'<?xml version="1.0"?><play><speech>To be.</speech></play>', "<play>"),
    (rb"\documentclass{article}\begin{document}Hello\end{document}", "LaTeX"),
    (b"%!PS-Adobe-3.0\n/Times findfont", "PostScript"),
    (b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR", "calendar"),
    (b"CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);", "database"),
    (b"#!/bin/sh\necho hello", "program"),
    (b"1\n00:00:01,000 --> 00:00:02,000\nHello", "subtitles"),
    (b"word <w lemma='be'>is</w> <w lemma='a'>a</w> <w>b</w> <w>c</w> x", "marked-up"),
])  # fmt: skip
def test_markup_and_code_are_no_prose(content: bytes, named: str, tmp_path: Path) -> None:
    articles, skips = _read(tmp_path, content, "a.txt")
    assert not articles
    assert named in skips[0].reason


def test_prose_that_holds_a_bracket_or_two_is_prose(tmp_path: Path) -> None:
    text = "A headline\n\nIf a < b and b > c, {all} is well, says the <b>second</b> teacher today."
    articles, skips = _read(tmp_path, text.encode(), "a.txt")
    assert len(articles) == 1, skips


def test_what_gives_neither_article_nor_skip_is_a_skip(tmp_path: Path) -> None:
    articles, skips = _read(tmp_path, b'<?xml version="1.0"?><newsMessage></newsMessage>', "a.xml")
    assert not articles
    assert "no article was found" in skips[0].reason


def test_people_whose_first_and_last_names_are_apart_are_authors(tmp_path: Path) -> None:
    people = [
        {"given_name": "Ira", "family_name": "Tull", "email": "ira@post.example"},
        {"name": "Nora Quill"},
        {"firstName": "Uwe", "lastName": "Trost", "role": "editor"},
    ]
    path = tmp_path / "one.json"
    path.write_bytes(orjson.dumps({"title": "Kiln", "text": "It burns.", "authors": people}))
    (article,) = read([path], pytest.fail)
    assert article.authors == ("Ira Tull", "Nora Quill", "Uwe Trost")


ONE = {"title": "The first kiln", "text": "It burns all night."}
OTHER = {"title": "The other kiln", "text": "It is cold."}


@pytest.mark.parametrize(
    "content",
    [
        orjson.dumps(ONE) + orjson.dumps(OTHER),
        orjson.dumps(ONE, option=orjson.OPT_INDENT_2) + b",\n" + orjson.dumps(OTHER),
        orjson.dumps({"columns": list(ONE), "data": [list(ONE.values()), list(OTHER.values())]}),
        orjson.dumps(
            {"columns": list(ONE), "rows": [list(ONE.values()), list(OTHER.values())]}
        ),
    ],
)  # fmt: skip
def test_objects_without_a_list_and_tables_by_columns_are_read(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "two.json"
    path.write_bytes(content)
    found = list(read([path], pytest.fail))
    assert [one.title for one in found] == ["The first kiln", "The other kiln"]


def test_objects_of_which_the_last_is_cut_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes(orjson.dumps(ONE) + orjson.dumps(OTHER)[:-4])
    skips: list[Skip] = []
    assert list(read([path], skips.append)) == []
    assert "it is no JSON" in skips[0].reason


@pytest.mark.parametrize(
    ("table", "titles", "text"),
    [
        # Quotes escaped in two ways by one program after another.
        (
            'title,text\n"A \\"tall\\" kiln","Lit, said ""Ada"" then"\n"Next","A \\"no\\""\n',
            ['A "tall" kiln', "Next"],
            'Lit, said "Ada" then',
        ),
        # A backslash that escapes nothing.
        (
            'title,text\n"Kiln","In D:\\kilns\\"\n"Next","It said ""go"" and went"\n',
            ["Kiln", "Next"],
            "In D:\\kilns\\",
        ),
        ("title,text\rKiln,It burns\rNext,It smokes\r", ["Kiln", "Next"], "It burns"),
        ("title,text,text\nKiln,It burns,\n", ["Kiln"], "It burns"),
        ("Überschrift;Inhalt\nOfen;Er brennt seit früh\n", ["Ofen"], "Er brennt seit früh"),
        ("Заголовок,Текст,Дата\nПечь,Она горит,2021-03-01\n", ["Печь"], "Она горит"),
        ("标题,正文,日期\n窑炉,它今天点火了,2021-03-01\n", ["窑炉"], "它今天点火了"),
    ],
)
def test_a_table_is_read_however_it_was_written(
    tmp_path: Path, table: str, titles: list[str], text: str
) -> None:
    (tmp_path / "t.csv").write_bytes(table.encode())
    articles = list(read([tmp_path / "t.csv"], lambda skip: pytest.fail(skip.reason)))
    assert [article.title for article in articles] == titles
    assert articles[0].body == (text,)
