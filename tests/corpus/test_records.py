"""JSON, JSON Lines and tables: their records are read by the names that people use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.test_formats import FIXTURES, fields, read_all


def test_json_as_wordpress_gives_it() -> None:
    (first, third), (empty,) = read_all(FIXTURES / "wordpress.json")
    assert fields(first, "title", "lead", "body", "published", "updated", "url", "tags") == {
        "title": "Forty words for ‘mud’ & one who uses them",
        "lead": "A dictionary of the tideline is nearly finished.",
        "body": (
            "The last speaker of the estuary’s dialect counts mud by its sound.",
            "Blat",
            "“Blat” is the kind that takes a boot.",
        ),
        "published": "2024-05-21T06:30:00+00:00",
        "updated": "2024-05-22T07:00:00+00:00",
        "url": "https://courier.example/2024/05/21/forty-words-for-mud/",
        "tags": (),
    }
    assert first.source == "courier.example"
    assert third.published is None
    assert ("published", "refused: date is 9999") in third.provenance
    assert (empty.position, empty.reason) == (2, "it has neither a title nor text")


def test_json_as_content_apis_wrap_it() -> None:
    ((article,), _) = read_all(FIXTURES / "guardian.json")
    assert fields(article, "title", "authors", "section", "tags", "body", "lead") == {
        "title": "Bridge kept for another year",
        "authors": ("Jane Doe", "John Roe"),
        "section": "World news",
        "tags": ("Bridges", "Harrow Bay"),
        "body": ("The council voted.", "Nobody was glad of it."),
        "lead": "Council votes nineteen to twelve",
    }


def test_json_lines_each_stand_for_themselves() -> None:
    articles, skips = read_all(FIXTURES / "bulk.jsonl")
    nested, dumped, dirty = articles
    assert (nested.title, nested.authors, nested.section) == (
        "Herring quota cut",
        ("Jane Doe",),
        "Business",
    )
    assert dumped.body == ("Taken out of an index.",)
    assert dirty.title == "Lone surrogate \ufffd here"
    assert dirty.body == ("and right to left, and a NUL.",)
    assert [(skip.position, skip.reason.split(":")[0]) for skip in skips] == [
        (3, "it is no JSON"),
        (4, "it is no JSON object"),
        (5, "it has neither a title nor text"),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"headline": "T", "short_description": "L"}, {"title": "T", "lead": "L"}),
        ({"Title": "T", "Content": "One\n\nTwo"}, {"title": "T", "body": ("One", "Two")}),
        ({"name": "T", "articleBody": ["One", "Two"]}, {"body": ("One", "Two")}),
        ({"title": "T", "body": [{"type": "p", "text": "One"}]}, {"body": ("One",)}),
        ({"title": "T", "author": {"name": "Jane Doe"}}, {"authors": ("Jane Doe",)}),
        ({"title": "T", "authors": [{"name": "Jane Doe"}, "John Roe"]},
         {"authors": ("Jane Doe", "John Roe")}),
        ({"title": "T", "publisher": {"name": "Paper"}}, {"source": "Paper"}),
        ({"title": "T", "source": "https://paper.example/a"},
         {"url": "https://paper.example/a", "source": "paper.example"}),
        ({"title": "T", "source": {"id": None, "name": "Paper"}}, {"source": "Paper"}),
        ({"title": "T", "tags": "a, b, A"}, {"tags": ("a", "b")}),
        ({"title": "T", "keywords": [{"name": "a"}, {"name": "b"}]}, {"tags": ("a", "b")}),
        ({"title": "T", "tags": ["b, c"]}, {"tags": ("b", "c")}),
        ({"title": "T", "url": "javascript:alert(1)"}, {"url": ""}),
        ({"title": 12, "text": None, "date": [], "author": 3.5, "tags": {"a": 1}},
         {"title": "12", "body": (), "published": None}),
        ({"title": "T", "text": "<p>One</p><p>Two &amp; three</p>"},
         {"body": ("One", "Two & three")}),
        ({"title": "T", "text": "if a < b then c > d"}, {"body": ("if a < b then c > d",)}),
        ({"title": "T", "text": "The opening. More.", "description": "The opening…"},
         {"lead": ""}),
        ({"title": "T", "lang": "pt_BR"}, {"language": "pt"}),
    ],
)  # fmt: skip
def test_field_names_that_people_use(
    tmp_path: Path, given: dict[str, object], expected: dict[str, object]
) -> None:
    import orjson

    path = tmp_path / "one.jsonl"
    path.write_bytes(orjson.dumps(given))
    ((article,), _) = read_all(path)
    assert fields(article, *expected) == expected


def test_tables_with_quotes_lists_and_broken_rows() -> None:
    (seven, nine), (eight,) = read_all(FIXTURES / "table.csv")
    assert fields(seven, "title", "body", "published", "authors", "tags", "section") == {
        "title": 'A "quoted" headline',
        "body": ("First paragraph, still the first.", "Second paragraph."),
        "published": "2017-01-30",
        "authors": ("Jane Doe", "John Roe"),
        "tags": ("bridge", "Harrow Bay"),
        "section": "World",
    }
    assert nine.title == "Ninth"
    assert (eight.position, "7 columns" in eight.reason) == (2, True)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_tables_in_other_character_sets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("title;text\r\nCafé;Zürich – später\r\n".encode(encoding))
    ((article,), _) = read_all(path)
    assert (article.title, article.body) == ("Café", ("Zürich – später",))
