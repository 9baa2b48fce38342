"""Invented pages in the shapes that content systems give them, with every field expected exactly.

Each `fixtures/html/NAME.html` has a `NAME.json` of what must be read from it; "fetched" is the
address the page is read under, when it does not say its own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from corpus.readers.html import parse_page

PAGES = sorted((Path(__file__).parent / "fixtures" / "html").glob("*.html"))


def expected(page: Path) -> dict[str, object]:
    return json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))


def shingles(text: str, length: int = 4) -> Counter[tuple[str, ...]]:
    """The runs of `length` words, as the public benchmark of article extraction counts them."""
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1)))


def precision_recall(true: str, read: str) -> tuple[float, float]:
    a, b = shingles(true), shingles(read)
    common = sum((a & b).values())
    return common / max(1, sum(b.values())), common / max(1, sum(a.values()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_field_of_an_invented_page_is_read_exactly(page: Path) -> None:
    want = expected(page)
    article = parse_page(page.read_bytes(), url=str(want.pop("fetched", "")))
    for name, value in want.items():
        read = getattr(article, name)
        if isinstance(read, tuple):
            read = list(read)
        assert read == value, name


def test_shingles_of_the_invented_pages_agree(capsys: pytest.CaptureFixture[str]) -> None:
    scores = []
    for page in PAGES:
        want = expected(page)
        article = parse_page(page.read_bytes(), url=str(want.get("fetched", "")))
        scores.append(precision_recall("\n".join(want["body"]), "\n".join(article.body)))
    precision = sum(p for p, _ in scores) / len(scores)
    recall = sum(r for _, r in scores) / len(scores)
    f1 = 2 * precision * recall / (precision + recall)
    with capsys.disabled():
        print(f"\n{len(PAGES)} invented pages: P {precision:.3f} R {recall:.3f} F1 {f1:.3f}")
    assert f1 >= 0.995


def test_fields_say_where_they_came_from() -> None:
    page = next(page for page in PAGES if page.stem == "wordpress")
    article = parse_page(page.read_bytes())
    came = dict(article.provenance)
    assert came["title"] == "h1"
    assert came["published"] == "schema.org"
    assert came["tags"] == "article:tag"
    assert came["url"] == "link rel=canonical"
    assert came["body"] == "page"
    for name, _ in article.provenance:
        assert getattr(article, name), f"{name} has an origin but no value"


def test_captions_credits_and_related_headlines_are_kept_apart() -> None:
    page = next(page for page in PAGES if page.stem == "wordpress")
    article = parse_page(page.read_bytes())
    assert any("old landing stage" in caption for caption in (*article.captions, *article.credits))
    assert not any("old landing stage" in paragraph for paragraph in article.body)
    assert any("Bridge plan returns" in headline for headline in article.related)
