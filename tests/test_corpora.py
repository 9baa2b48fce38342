"""Four real collections in one archive: nothing lost, and answers that a plain scan agrees with.

The scan reads the SGML by regular expressions of its own and shares nothing with the readers. The
facets of random queries are counted again from the stored articles.
"""

from __future__ import annotations

import html
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

import pytest

from corpus.core.article import Article
from corpus.core.fields import FACETS
from indexer.care.check import check_archive
from indexer.update.update import Summary, update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.request import Request

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
COUNTS = {"reuters21578": 21578, "huffpost.jsonl": 9999, "news-pages": 47, "seed": 1}


@dataclass(frozen=True)
class Collection:
    """An archive of all the corpora, how it was made, and its articles read back."""

    folder: Path
    first: Summary
    engine: Engine
    articles: tuple[Article, ...]


@pytest.fixture(scope="module")
def collection(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    folder = tmp_path_factory.mktemp("corpora") / "index"
    first = update(FolderStore(folder), [str(shared / name) for name in COUNTS])
    engine = open_engine(folder)
    yield Collection(folder, first, engine, tuple(engine.scan(Request())))
    engine.close()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    folder = tmp_path_factory.mktemp("sample") / "index"
    first = update(FolderStore(folder), [str(ROOT / "corpus" / "sample")])
    engine = open_engine(folder)
    yield Collection(folder, first, engine, tuple(engine.scan(Request())))
    engine.close()


@dataclass(frozen=True)
class Story:
    """What a plain scan sees of one Reuters element; `text` holds its topics too."""

    number: str
    date: str
    places: tuple[str, ...]
    text: str


@pytest.fixture(scope="module")
def stories(shared: Path) -> tuple[Story, ...]:
    """Scan the SGML, nothing but regular expressions."""
    found = []
    for path in sorted((shared / "reuters21578").glob("*.sgm")):
        for whole in re.findall(r"<REUTERS .*?</REUTERS>", path.read_text("latin-1"), re.S):
            number = re.search(r'NEWID="(\d+)"', whole)
            date = re.search(r"<DATE>\s*(\S+)", whole)
            places = re.search(r"<PLACES>(.*?)</PLACES>", whole, re.S)
            text = re.search(r"<TEXT.*?</TEXT>", whole, re.S)
            topics = re.search(r"<TOPICS>.*?</TOPICS>", whole, re.S)
            assert number and date and places and text and topics
            inner = re.sub(
                r"<DATELINE>.*?</DATELINE>|<AUTHOR>.*?</AUTHOR>", "", text[0], flags=re.S
            )
            plain = html.unescape(re.sub(r"<[^>]*>", " ", topics[0] + inner))
            found.append(
                Story(number[1], date[1], tuple(re.findall(r"<D>(.*?)</D>", places[1])), plain)
            )
    return tuple(found)


def numbers(engine: Engine, query: str, **more: str) -> set[str]:
    """Return Reuters' own numbers of all that a query finds."""
    request = Request(text=query, match="all", filters={"source": ("Reuters",)}, **more)  # type: ignore[arg-type]
    return {article.own_id.rpartition("/")[2] for article in engine.scan(request)}


def test_nothing_is_lost(collection: Collection) -> None:
    first = collection.first
    assert (first.read, first.added, first.duplicates) == (31625, 31625, 0)
    assert len({article.id for article in collection.articles}) == 31625
    kept: Counter[str] = Counter()
    for article in collection.articles:
        kept[next(name for name in COUNTS if f"/{name}" in article.origin.path)] += 1
    assert kept == COUNTS


def test_only_the_judgments_are_no_articles(collection: Collection) -> None:
    (skip,) = collection.first.skips
    assert Path(skip.path).name == "judgments.json"
    assert skip.reason == "it has neither a title nor text"


def test_the_archive_is_whole(collection: Collection) -> None:
    report = check_archive(collection.folder)
    assert list(report.problems) == []


def test_cocoa_about_ivory_coast(collection: Collection, stories: tuple[Story, ...]) -> None:
    scanned = {
        story.number for story in stories
        if "ivory-coast" in story.places and re.search(r"\bcocoas?\b", story.text, re.I)
    }  # fmt: skip
    assert len(scanned) > 5
    assert numbers(collection.engine, "cocoa AND places:ivory-coast") == scanned


@pytest.mark.parametrize("typed", [True, False], ids=["date:", "since and until"])
def test_wheat_in_two_days_of_march(
    collection: Collection, stories: tuple[Story, ...], typed: bool
) -> None:
    scanned = {
        story.number for story in stories
        if story.date in ("2-MAR-1987", "3-MAR-1987")
        and re.search(r"\bwheats?\b", story.text, re.I)
    }  # fmt: skip
    assert len(scanned) > 5
    if typed:
        assert numbers(collection.engine, "wheat date:1987-03-02..1987-03-03") == scanned
    else:
        found = numbers(collection.engine, "wheat", since="1987-03-02", until="1987-03-03")
        assert found == scanned


def test_running_again_changes_nothing_and_reads_no_file(
    collection: Collection, shared: Path
) -> None:
    before = sorted((path.name, path.stat().st_mtime_ns) for path in collection.folder.iterdir())
    again = update(FolderStore(collection.folder), [str(shared / name) for name in COUNTS])
    assert (again.read, again.unchanged, again.passed_over) == (31625, 31625, 31625)
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert again.generation == collection.first.generation
    assert again.seconds < collection.first.seconds / 3
    segments = [entry for entry in before if entry[0].endswith(".segment")]
    assert segments
    after = {(path.name, path.stat().st_mtime_ns) for path in collection.folder.iterdir()}
    assert set(segments) <= after


def test_the_seed_is_taken_apart(collection: Collection) -> None:
    (seed,) = (a for a in collection.articles if "/seed/" in a.origin.path)
    assert seed.published is not None
    assert seed.published == "2017-01-30T13:19:00+03:00"
    assert (seed.section, seed.topic) == (
        "Military & Intelligence", "Battle Against Daesh in Iraq",
    )  # fmt: skip
    assert seed.title.startswith("Russia Sees ") and seed.title.endswith(" Cooperation With US")
    assert seed.tags == ("Daesh", "Sergei Lavrov", "United States", "Russia")
    assert seed.lead.startswith("Russia's top diplomat") and seed.lead.endswith("on Saturday.")
    assert (seed.place, seed.agency) == ("MOSCOW", "Sputnik")
    assert seed.credits == ("© Sputnik/ Maksim Blinov", "© Photo: Russian Defence Ministry")
    assert [caption.split()[0] for caption in seed.captions] == ["Su-34", "Everyday"]
    assert [headline.split()[:4] for headline in seed.related] == [
        ["Russia", "Does", "Not", "Rule"]
    ]
    assert [paragraph.split()[0] for paragraph in seed.body] == [
        "Moscow", '"As', "Lavrov", "Russia", '"We', "He", '"The',
    ]  # fmt: skip


def _facet_values(article: Article, facet: str) -> tuple[str, ...]:
    if facet in ("year", "month", "day"):
        if article.published is None:
            return ()
        length = {"year": 4, "month": 7, "day": 10}[facet]
        return (article.published.start(UTC).isoformat()[:length],)
    value = getattr(article, facet)
    return value if isinstance(value, tuple) else (value,) if value else ()


def _folded(value: str) -> str:
    """Return a value without case and accents, in which spellings of one value may differ."""
    parts = unicodedata.normalize("NFKD", value.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _words(article: Article) -> list[str]:
    text = " ".join((article.title, article.lead, *article.body))
    return re.findall(r"[a-z]{4,12}", text)


def _random_request(chosen: random.Random, articles: tuple[Article, ...]) -> Request:
    article = chosen.choice(articles)
    words = _words(article) or ["bridge"]
    text = " OR ".join(chosen.sample(words, min(len(words), chosen.randint(1, 3))))
    filters = {}
    named = [name for name in FACETS if _facet_values(article, name)]
    for facet in chosen.sample(named, min(len(named), chosen.randint(0, 2))):
        filters[facet] = (chosen.choice(_facet_values(article, facet)),)
    since = ""
    if article.published is not None and chosen.random() < 0.3:
        since = f"{article.published[:4]}-01-01"
    return Request(text=text, filters=filters, since=since, facets=FACETS, facet_size=50)


def _disagreements(collection: Collection, seed: int) -> tuple[list[str], int]:
    """Ask 30 random queries and count every facet again; return what differs, and how much is."""
    chosen = random.Random(seed)
    wrong, counted = [], 0
    for _ in range(30):
        request = _random_request(chosen, collection.articles)
        answer = collection.engine.search(request)
        found = {
            name: tuple(collection.engine.scan(replace(
                request, filters={f: v for f, v in request.filters.items() if f != name}
            ))) for name in ("", *request.filters)
        }  # fmt: skip
        for facet in answer.facets:
            counts = Counter(
                value
                for article in found.get(facet.name, found[""])
                for value in {_folded(v) for v in _facet_values(article, facet.name)}
            )
            shown = {_folded(value.value): value.count for value in facet.values if value.count}
            counted += len(shown)
            if any(counts[value] != count for value, count in shown.items()):
                wrong.append(f"{request.text} {request.filters}: {facet.name}")
            if facet.distinct != len(counts):
                wrong.append(f"{request.text}: {facet.name}: {facet.distinct} != {len(counts)}")
    return wrong, counted


def test_facets_of_all_the_corpora_are_counted_right(collection: Collection) -> None:
    wrong, counted = _disagreements(collection, 21578)
    assert wrong == []
    assert counted > 1000


def test_facets_of_the_sample_are_counted_right(sample: Collection) -> None:
    wrong, counted = _disagreements(sample, 7)
    assert wrong == []
    assert counted > 500
