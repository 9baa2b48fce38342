"""The reader against 47 real news pages: what must be in the text, what must not, and metadata.

The figures are printed; the floors are what the reader reached, less a little: whoever lowers one
has made the reader worse.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from corpus.core.article import Article
from corpus.readers.html import parse_page
from corpus.tags import split_tags

FLOORS = {
    "fragments precision": 0.97,
    "fragments recall": 0.985,
    "title": 0.92,
    "date": 0.88,
    "authors": 0.83,
    "tags": 0.75,
}
PAGES_A_SECOND = 30
"""A core reads 100 to 140 of these pages a second; the floor leaves room for a busy machine."""


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text)).casefold()


@pytest.fixture(scope="module")
def read(shared: Path) -> list[tuple[dict[str, object], Article]]:
    folder = shared / "news-pages"
    judgments = json.loads((folder / "judgments.json").read_text(encoding="utf-8"))
    return [
        (judged, parse_page((folder / "html" / judged["file"]).read_bytes(), url=url))
        for url, judged in judgments.items()
    ]


def fragments(pages: list[tuple[dict[str, object], Article]]) -> tuple[float, float]:
    """Precision and recall of the judged fragments.

    The standfirst and a dateline are fields of their own; the judges count them as text.
    """
    found = missed = wrong = 0
    for judged, article in pages:
        body = words("\n".join((article.place, article.agency, *article.body)))
        text = words(article.lead) + " " + body
        for fragment in judged["with"]:
            found += words(fragment) in text
            missed += words(fragment) not in text
        wrong += sum(words(fragment) in body for fragment in judged["without"])
    return found / (found + wrong), found / (found + missed)


def authors_agree(judged: object, article: Article) -> bool:
    names = judged if isinstance(judged, list) else [judged]
    said = words(" ".join(str(name) for name in names))
    return all(words(name) in said for name in article.authors) and bool(
        article.authors or (article.agency and words(article.agency) in said)
    )


def tags_f1(judged: list[str], article: Article) -> float:
    want = {words(tag) for tag in split_tags(judged)}
    got = {words(tag) for tag in article.tags}
    return 2 * len(want & got) / (len(want) + len(got))


def test_real_pages_are_read_as_judged(
    read: list[tuple[dict[str, object], Article]], capsys: pytest.CaptureFixture[str]
) -> None:
    precision, recall = fragments(read)
    titles = [words(j["title"]) == words(a.title) for j, a in read if j.get("title")]
    dates = [str(a.published)[:10] == j["date"] for j, a in read if j.get("date")]
    authors = [authors_agree(j["author"], a) for j, a in read if j.get("author")]
    tags = [tags_f1(j["tags"], a) for j, a in read if j.get("tags")]
    reached = {
        "fragments precision": precision,
        "fragments recall": recall,
        "title": sum(titles) / len(titles),
        "date": sum(dates) / len(dates),
        "authors": sum(authors) / len(authors),
        "tags": sum(tags) / len(tags),
    }
    with capsys.disabled():
        print(f"\n{len(read)} news pages: " + ", ".join(f"{k} {v:.3f}" for k, v in reached.items()))
    for name, floor in FLOORS.items():
        assert reached[name] >= floor, name


def test_every_page_has_a_body_and_a_language(
    read: list[tuple[dict[str, object], Article]],
) -> None:
    for judged, article in read:
        assert article.body, judged["file"]
        assert article.language, judged["file"]
        assert article.published is None or article.published.precision >= 0


def test_reading_is_fast_enough_for_an_archive(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = [path.read_bytes() for path in sorted((shared / "news-pages" / "html").iterdir())]
    parse_page(pages[0])
    best = 0.0
    for _ in range(2):
        started = time.process_time()
        for page in pages:
            parse_page(page)
        best = max(best, len(pages) / (time.process_time() - started))
    with capsys.disabled():
        print(f"\n{best:.0f} pages a second and core")
    assert best >= PAGES_A_SECOND
