"""The sample newspaper: every format is read, every feature has something to show."""

from __future__ import annotations

import re
import zipfile
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import AGENCIES
from corpus.core.article import Article
from corpus.duplicates.clusters import Part, cluster
from corpus.duplicates.signatures import sign
from corpus.readers.protocol import Skip
from corpus.reading import read
from corpus.tags import split_tags

SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"


@cache
def sample() -> tuple[tuple[Article, ...], tuple[Skip, ...]]:
    skips: list[Skip] = []
    return tuple(read([SAMPLE], skips.append)), tuple(skips)


@pytest.fixture(scope="module")
def articles() -> tuple[Article, ...]:
    return sample()[0]


def clusters(articles: tuple[Article, ...]) -> list[list[Article]]:
    """Return the versions of each story that has several, by the date they were published."""
    ids = np.array([int(article.id, 16) for article in articles], np.uint64)
    groups = defaultdict(list)
    found = cluster([Part(sign(articles), ids)]).clusters
    for article, number in zip(articles, found, strict=True):
        if number:
            groups[int(number)].append(article)
    return [sorted(group, key=lambda one: str(one.published)) for group in groups.values()]


def test_nothing_is_skipped_but_what_is_no_page() -> None:
    (skip,) = sample()[1]
    assert skip.path.endswith("coast-crawl.warc.gz")
    assert skip.reason.startswith("records that are no page of their own: ")


def test_articles_by_format(articles: tuple[Article, ...]) -> None:
    assert Counter(article.origin.reader for article in articles) == {
        "html": 57,
        "jsonl": 15,
        "scraped": 11,
        "csv": 10,
        "feed": 10,
        "reuters": 9,
        "mail": 7,
        "json": 5,
        "markdown": 5,
        "warc": 5,
        "newsml": 3,
        "ninjs": 3,
        "nitf": 3,
        "text": 3,
    }


def test_articles_by_container(articles: tuple[Article, ...]) -> None:
    paths = Counter(
        re.sub(r"!.*", "", article.origin.path).rsplit("/", 1)[1] for article in articles
    )
    assert paths["courier-features.zip"] == 6
    assert paths["observer-pages.tar.gz"] == 6
    assert paths["coast-crawl.warc.gz"] == 5
    assert paths["courier-at-seven.mbox"] == 5


def test_articles_by_language(articles: tuple[Article, ...]) -> None:
    assert Counter(article.language for article in articles) == {
        "en": 133,
        "fr": 3,
        "de": 2,
        "es": 2,
        "nl": 2,
        "ru": 2,
        "it": 1,
        "pt": 1,
    }


def test_ids_and_addresses_are_unique(articles: tuple[Article, ...]) -> None:
    assert len({article.id for article in articles}) == len(articles)
    urls = [article.url for article in articles if article.url]
    assert len(set(urls)) == len(urls)
    assert all(re.match(r"https://[a-z.]+\.example/", url) for url in urls)


def test_every_article_has_a_title_and_an_article_s_length(articles: tuple[Article, ...]) -> None:
    for article in articles:
        words = len(" ".join((article.lead, *article.body)).split())
        assert article.title, article.origin
        market_report = article.tags[:1] == ("markets",)
        assert (60 if market_report else 70) <= words <= 400, article.origin


def test_two_years_are_covered_month_by_month(articles: tuple[Article, ...]) -> None:
    months = {f"{article.published[:7]}" for article in articles if article.published}
    assert months == {f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)}


def test_no_real_agency_is_named(articles: tuple[Article, ...]) -> None:
    assert {article.agency for article in articles} == {"", "Meridian Wire"}
    assert {article.source for article in articles if article.source} == {
        "Meridian Wire",
        "Skelmouth Evening Post",
        "The Harrow Bay Courier",
        "The Tarnwick Observer",
    }
    names = [name for name in AGENCIES if len(name) > 4]
    named = re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b", re.IGNORECASE)
    for article in articles:
        text = " ".join((article.title, article.lead, *article.body, *article.credits))
        assert not named.search(text), article.origin


def test_page_furniture_stays_out_of_the_text(articles: tuple[Article, ...]) -> None:
    furniture = (
        "Sign up", "newsletter", "cookie", "Read more", "See also", "Unsubscribe", "Photo:",
        "Most read", "Advertisement", "receive this letter", "Topic:", "Tags:",
    )  # fmt: skip
    for article in articles:
        text = " ".join((article.lead, *article.body))
        assert not [words for words in furniture if words in text], article.origin


def test_there_is_something_to_drill_down_to(articles: tuple[Article, ...]) -> None:
    tags = Counter(tag.casefold() for article in articles for tag in article.tags)
    assert sum(count >= 5 for count in tags.values()) >= 25
    assert tags["harrow bay"] >= 30
    spellings = defaultdict(set)
    for article in articles:
        for tag in article.tags:
            spellings[tag.casefold()].add(tag)
    assert sum(len(forms) > 1 for forms in spellings.values()) >= 8
    assert len({author for article in articles for author in article.authors}) >= 12
    assert len({article.section for article in articles if article.section}) >= 12
    assert len({article.topic for article in articles if article.topic}) >= 15
    groups = {group for a in articles for group in (*a.places, *a.people, *a.orgs, *a.exchanges)}
    assert {"vell", "petrie", "saltway-bank", "carrow"} <= groups


def test_stories_run_and_are_corrected(articles: tuple[Article, ...]) -> None:
    for name, least in {
        "Ember Bridge": 15,
        "Storm Corran": 10,
        "Harrow Albion": 10,
        "tram": 8,
    }.items():
        told = [a for a in articles if name.casefold() in [tag.casefold() for tag in a.tags]]
        assert len(told) >= least
    updated = [a for a in articles if a.updated and a.published and a.published.before(a.updated)]
    assert len(updated) >= 8


def test_wire_copy_hangs_together(articles: tuple[Article, ...]) -> None:
    groups = clusters(articles)
    assert sorted(len(group) for group in groups) == [2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4]
    for group in groups:
        assert len({article.title for article in group}) > 1
        assert "Meridian Wire" in {article.agency for article in group}, group[0].title


def test_bridge_report_has_four_versions(articles: tuple[Article, ...]) -> None:
    (group,) = (group for group in clusters(articles) if "looking away" in group[0].title)
    assert [article.source for article in group] == [
        "Meridian Wire",
        "The Harrow Bay Courier",
        "",
        "The Tarnwick Observer",
    ]
    lengths = [len(" ".join(article.body)) for article in group]
    assert min(lengths) < 0.8 * max(lengths)


def test_weekly_market_reports_are_no_versions_of_each_other(articles: tuple[Article, ...]) -> None:
    together = {article.title for group in clusters(articles) for article in group}
    assert not [title for title in together if "FISH PRICES" in title]


def test_authors_and_tags_are_in_their_final_form(articles: tuple[Article, ...]) -> None:
    for article in articles:
        for author in article.authors:
            byline = split_byline(author)
            assert byline.authors in ((author,), ())  # none: an organisation, declared as author
        assert split_tags(list(article.tags)) == article.tags


def test_a_scraped_page_is_taken_apart(articles: tuple[Article, ...]) -> None:
    (article,) = (a for a in articles if a.title.startswith("Engineer Tells Inquiry"))
    assert article.published == "2023-09-21T15:05:00+02:00"
    assert article.updated == "2023-09-21T18:40:00+02:00"
    assert (article.section, article.topic) == ("Harbour", "Ember Bridge Inquiry")
    assert article.tags == ("Ember Bridge", "inquiry", "Calder & Vane")
    assert (article.place, article.agency) == ("HARROW BAY", "Meridian Wire")
    assert len(article.captions) == len(article.credits) == 2
    assert article.related == ("Eleven Pages Missing From the Bridge File",)
    assert len(article.body) == 5


def test_archives_hold_what_their_names_say() -> None:
    with zipfile.ZipFile(SAMPLE / "courier-features.zip") as bundle:
        assert bundle.testzip() is None
        assert all(name.endswith(".html") for name in bundle.namelist())
    assert not list(SAMPLE.rglob("*.py"))
    assert not list(SAMPLE.rglob("README*"))
