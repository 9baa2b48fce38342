"""Evaluate a reader of pages on judged pages: text, title, authors, date.

    make compare-pages

prints ours beside trafilatura and rs-trafilatura (where they are installed) on the held part, in
one run, with the processor time of each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.core.errors import UnreadableError
from corpus.readers.html import parse_page
from html_quality.labels import names_of
from html_quality.measures import fragment_score, normal, word_score
from html_quality.pages import HELD, JudgedPage, load


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader says of a page: text with the standfirst, title, authors, day (ISO 8601)."""

    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    day: str = ""


def ours(page: JudgedPage) -> Reading:
    """Read a page as the product does."""
    try:
        article = parse_page(page.markup(), url=page.url)
    except UnreadableError:
        return Reading()
    authors = article.authors or ((article.agency,) if article.agency else ())
    text = "\n".join((article.lead, *article.body))
    return Reading(text, article.title, authors, str(article.published or "")[:10])


def trafilatura(page: JudgedPage) -> Reading:
    """Read a page with trafilatura."""
    from trafilatura import bare_extraction

    found = bare_extraction(
        page.markup(), url=page.url or None, include_comments=False, with_metadata=True
    )
    if found is None:
        return Reading()
    authors = (found.author,) if found.author else ()
    return Reading(found.text or "", found.title or "", authors, (found.date or "")[:10])


def rs_trafilatura(page: JudgedPage) -> Reading:
    """Read a page with rs-trafilatura."""
    from rs_trafilatura import extract_bytes

    found = extract_bytes(page.markup(), url=page.url or None)
    authors = (found.author,) if found.author else ()
    return Reading(found.main_content or "", found.title or "", authors, str(found.date or "")[:10])


def figures(pages: Sequence[JudgedPage], read: Callable[[JudgedPage], Reading]) -> dict[str, float]:
    """Return the means over the pages for which the judges noted each field."""
    readings = [(page, read(page)) for page in pages]
    scores = [
        word_score(page.truth["main_content"], reading.text)
        for page, reading in readings
        if page.truth.get("main_content")
    ]
    fragments = fragment_score(
        (page.truth["with"], page.truth["without"], reading.text)
        for page, reading in readings
        if page.corpus != "wcxb"
    )
    found = {
        "title": _mean(
            normal(page.truth["title"]) == normal(reading.title)
            for page, reading in readings
            if page.truth.get("title")
        ),
        "authors": _mean(
            names_of(page.truth["author"]) == names_of(reading.authors)
            for page, reading in readings
            if page.truth.get("author")
        ),
        "date": _mean(
            day[:10] == reading.day
            for page, reading in readings
            if (day := page.truth.get("publish_date") or page.truth.get("date"))
        ),
    }
    if scores:
        found = {
            "F1 over words": _mean(score.f1 for score in scores),
            "precision": _mean(score.precision for score in scores),
            "recall": _mean(score.recall for score in scores),
            "lost": float(sum(score.f1 < 0.1 for score in scores)),
            **found,
        }
    else:
        found = {
            "F1 over fragments": fragments.f1,
            "precision": fragments.precision,
            "recall": fragments.recall,
            **found,
        }
    return found


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def main(shared: Path) -> None:
    """Print the table of every reader that is installed."""
    for corpus in ("wcxb", "news-pages-2"):
        pages = [page for page in load(shared, corpus) if page.fold == HELD]
        for read in (ours, trafilatura, rs_trafilatura):
            try:
                read(pages[0])
            except ImportError:
                print(f"{corpus}: {read.__name__} is not installed")
                continue
            started = time.process_time()
            found = figures(pages, read)
            seconds = (time.process_time() - started) / len(pages)
            line = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
            print(f"{corpus}, {len(pages)} held pages, {read.__name__}: {line};"
                  f" {1 / seconds:.0f} pages a second and core")  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
