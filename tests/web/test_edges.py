"""Articles at the edges of every field: whatever is indexed, every route goes on answering.

Articles are generated as lines of an export, which reach the archive by the shortest way, and as
records by others. Each has a few of its fields at an edge; then every route is asked about them.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np
import pytest
from flask.testing import FlaskClient

from corpus.core.article import Article
from corpus.core.gate import MAX_BODY_BYTES, admit
from corpus.core.wire import article_json
from corpus.readers.protocol import Skip
from corpus.reading import read
from indexer.care.check import check_archive
from indexer.segment.file import open_segment, segment_path, write_segment
from indexer.segment.segment import NO_DATE
from indexer.store.durable import file_checksum
from indexer.store.generations import commit, hold
from indexer.store.snapshot import Settings
from indexer.store.toc import FileEntry
from indexer.update.reading import fingerprint
from indexer.update.update import update
from indexer.whoosh.archive import Archive, FolderStore
from search.engine import open_engine
from web.app import create_app
from web.config import WebConfig

ARTICLES = int(os.environ.get("BROADSHEET_EDGES", "5000"))
REQUESTS = 50
MOST_BYTES = 2_000_000
MOST_SECONDS = 2.0

WORDS = "quay crane ferry lamp orchard slate heron tide kiln mill".split()

DATES = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:00",
    "0001-01-01T00:00:00-14:00",
    "0001-12-31T23:59:59+23:59",
    "0002-01-01T00:00:00+00:00",
    "0999-12-31T23:59:59+00:00",
    "1500-01-01T00:00:00+00:00",
    "1599-12-31T23:59:59-12:00",
    "1600-01-01T00:00:00+00:00",
    "1883-11-18T12:00:00-05:00",
    "1969-12-31T23:59:59.999999+00:00",
    "2016-12-31T23:59:59+00:00",
    "2024-02-29T00:00:00+05:45",
    "2021-03-28T02:30:00+01:00",
    "2020-01-01T00:00:00+00:00:30",
    "2038-01-19T03:14:08+00:00",
    "9998-12-31T00:00:00+00:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999+00:00",
    "9999-01-01T00:00:00+23:59",
)
TEXTS = (
    "",
    " ",
    "x",
    "quay " * 3,
    "=1+1",
    "-2",
    "@SUM(1)",
    "</title><script>1</script>",
    "]]>",
    "&" * 900,
    '"' * 3000,
    "\\" * 5000,
    "\u0001\u0008\u000b\u001f\ufffe\uffff",
    "\u202eevil\u202c",
    "a\r\nb",
    "\ud800",
    "\udfff x",
    "\ud83d\ude00" * 400,
    "é" * 900,
    "e\u0301" * 999,
    "北" * 4000,
    "\u200d" * 50,
    "x" * 999,
    "x" * 1001,
    "x" * 30_000,
    "w " * 20_000,
    "क्षि" * 300,
    "\u00a0\u2028\u2029\u0085",
    "..",
    "a/b%2f..%00?x#y",
    'tag:"x" OR body:y',
    "*",
    "\u0130" * 40,
    "ﷺ" * 200,
    "\U000e0001" * 9,
    "{\\input{/etc/passwd}}",
    "ER  - \nTY  - NEWS",
    "NaN",
    "null",
    "0",
)
ADDRESSES = (
    "",
    "javascript:alert(1)",
    "https://a.example/" + "x" * 5000,
    'http://x/"onmouseover=1 y',
    "http://[::1]/",
    "http://user:pass@a.example:99999/",
    "data:text/html,x",
    "https://ü.example/é",
    "http://a.example/\ud800",
    "HTTP://A.EXAMPLE",
    "//a.example",
    "https://a.example/%0d%0aSet-Cookie:a",
)
BOTH = ("published", "updated")
LANGUAGES = (
    "",
    "en",
    "de",
    "zz",
    "xx-klingon",
    "EN",
    "e",
    "x" * 300,
    'en"><script>',
    "\u0001",
    "العربية",
)
COUNTS = (0, 1, 2, 99, 100, 101, 3000)

LINES = (
    "title",
    "lead",
    "date_source",
    "section",
    "topic",
    "source",
    "own_id",
    "agency",
    "place",
)
LISTS = (
    "tags",
    "authors",
    "places",
    "people",
    "orgs",
    "exchanges",
    "captions",
    "credits",
    "related",
)


def plain(number: int) -> dict[str, object]:
    """A line of an export as this program writes it."""
    words = random.Random(number).choices(WORDS, k=12)
    return {
        "id": f"{number + 1:016x}",
        "url": f"https://slate.example/{number}",
        "title": f"Slate {number} {words[0]}",
        "lead": "",
        "body": [" ".join(words)],
        "published": f"20{10 + number % 15}-0{1 + number % 9}-11T08:00:00+00:00",
        "updated": None,
        "date_source": "meta",
        "section": WORDS[number % 3],
        "topic": "",
        "tags": [words[1]],
        "authors": ["Nell Quarry"],
        "source": "The Slate",
        "own_id": "",
        "agency": "",
        "place": "",
        "places": [],
        "people": [],
        "orgs": [],
        "exchanges": [],
        "language": "en",
        "captions": [],
        "credits": [],
        "related": [],
        "origin": {"path": "x", "position": 1, "reader": "html"},
        "provenance": [["title", "h1"]],
    }


def at_an_edge(chance: random.Random, number: int) -> dict[str, object]:
    """A line with one to three fields at an edge."""
    record = plain(number)
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(9):
            case 0 | 1:
                record[chance.choice(("published", "updated"))] = chance.choice(DATES)
            case 2 | 3:
                record[chance.choice(LINES)] = chance.choice(TEXTS)
            case 4 | 5:
                name = chance.choice(LISTS)
                count = chance.choice(COUNTS)
                several = [chance.choice(TEXTS)[:4000] or f"v{n}" for n in range(min(count, 4))]
                record[name] = several + [
                    f"{WORDS[n % 10]} {n}" for n in range(count - len(several))
                ]
            case 6:
                record["url"] = chance.choice(ADDRESSES)
            case 7:
                record["language"] = chance.choice(LANGUAGES)
            case 8:
                paragraphs = chance.choice((0, 1, 3, 50, 6000))
                record["body"] = [chance.choice(TEXTS)[:20_000]] * min(paragraphs, 3) + ["y"] * (
                    paragraphs - 3
                )
    return record


def giant(number: int, letter: str) -> dict[str, object]:
    """A line whose every field is as large as a line of a file can make it."""
    record = plain(number)
    for name in LINES:
        record[name] = letter * 20_000
    for name in LISTS:
        record[name] = [letter * 190 + str(n) for n in range(300)]
    record["body"] = [f"quay {letter * 999}"] * 1000
    record["provenance"] = [["title", letter * 5000]] * 500
    return record


def records(count: int) -> Iterator[dict[str, object]]:
    chance = random.Random(7)
    for number in range(count):
        record = at_an_edge(chance, number)
        if number % 7 == 0:  # by the way of other programs' records
            record = {
                "id": f"other-{number}",
                "headline": record["title"],
                "text": "\n\n".join(record["body"]),
                "date": record["published"],
                "tags": record["tags"],
                "authors": record["authors"],
                "link": record["url"],
                "section": record["section"],
                "source": record["source"],
            }
        yield record
    for extra, letter in enumerate(('"', "<", "北", "\U0001f600", "x", "\\")):
        yield giant(count + extra, letter)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("edges")
    source = place / "edges.jsonl"
    with source.open("w") as file:
        for record in records(ARTICLES):
            file.write(json.dumps(record) + "\n")  # lone surrogates as escapes
    summary = update(FolderStore(place / "index"), [str(source)], processes=1)
    assert summary.read >= ARTICLES * 0.8
    return place / "index"


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    engine = open_engine(folder)
    config = WebConfig(rate_limit="", export_limit="", cache_bytes=0)
    yield create_app(engine, config).test_client()
    engine.close()


def fault(client: FlaskClient, path: str) -> str:
    """Ask for an address; returns what is wrong with the answer, "" for nothing."""
    begun = time.process_time()
    response = client.get(path)
    size = len(response.get_data())
    seconds = time.process_time() - begun
    if response.status_code >= 500:
        return f"{response.status_code} for {path}"
    if size > MOST_BYTES and not path.startswith("/export."):
        return f"{size:,} bytes for {path}"
    if seconds > MOST_SECONDS and not path.startswith("/export."):
        return f"{seconds:.1f} s for {path}"
    return ""


def asked(folder: Path) -> Iterator[str]:
    """Addresses of every route, for articles of every kind and values at the edges."""
    chance = random.Random(11)
    with Archive.open(folder) as archive:
        articles = [article for _, article, _ in archive.articles()]
    by_size = sorted(articles, key=lambda one: -sum(map(len, one.body)))[:6]
    by_tags = sorted(articles, key=lambda one: -len("".join(one.tags)))[:6]
    by_title = sorted(articles, key=lambda one: -len(one.title))[:6]
    chosen = by_size + by_tags + by_title + chance.sample(articles, REQUESTS - 18)
    texts = [
        "",
        "quay",
        "slate",
        "qu*",
        '"quay crane"',
        "quay OR tide",
        "NOT heron",
        "x",
        "北",
        "title:slate",
    ]
    for place, article in enumerate(chosen):
        for path in (
            f"/article/{article.id}",
            f"/article/{article.id}?q=quay+OR+x*",
            f"/article/{article.id}/related",
            f"/article/{article.id}/versions",
            f"/api/v1/articles/{article.id}",
            f"/api/v1/articles/{article.id}/related",
            f"/api/v1/articles/{article.id}/versions",
            *(
                f"/article/{article.id}/cite/{name}"
                for name in ("plain", "bibtex", "ris", "markdown")
            ),
        ):
            yield path
        text = texts[place % len(texts)]
        values: dict[str, str] = {
            "tag": next(iter(article.tags), ""),
            "author": next(iter(article.authors), ""),
            "section": article.section,
            "source": article.source,
            "places": next(iter(article.places), ""),
        }
        picked = {name: value for name, value in values.items() if value and chance.random() < 0.5}
        sort = chance.choice(("relevance", "newest", "oldest", "recent"))
        query = urlencode({"q": text, "sort": sort, **picked})
        size = chance.choice((1, 10, 50, 100))
        date = chance.choice(("1600", "2015", "2012-03", "2024-02-29", "0001", "9999", "last week"))
        for path in (
            f"/?{query}",
            f"/search?{query}",
            f"/search?{query}&size={size}&page=2",
            f"/search?{query}&from={date}",
            f"/search?{query}&to={date}&collapse=0",
            f"/api/v1/search?{query}&size={size}",
            f"/api/v1/search?{query}&facets=day,month,year",
            f"/feed.atom?{query}",
            f"/feed.json?{query}",
            f"/suggest?q={quote(text[:9])}",
            f"/api/v1/complete?q={quote(article.title[:5])}",
            "/browse",
            "/help",
            "/browse/calendar",
            f"/browse/calendar/{chance.choice((1, 1600, 2015, 2024, 9999, 10000))}",
            "/api/v1/status",
            "/api/v1/openapi.json",
            "/api/v1",
            "/opensearch.xml",
            "/robots.txt",
            "/readyz",
            "/healthz",
            "/metrics",
        ):
            yield path
        for name, value in values.items():
            facet = {"tag": "tags", "author": "authors"}.get(name, name)
            yield f"/browse/{name}"
            yield f"/browse/{name}?{urlencode({'value': value, 'q': value[:3]})}"
            yield f"/facet/{name}?{query}&values={chance.choice((1, 100, 1000))}"
            yield f"/api/v1/facets/{facet}?{query}&values={chance.choice((1, 100, 1000))}"


def test_every_route_answers_whatever_was_indexed(client, folder):
    paths = [*asked(folder), *(f"/export.{name}" for name in ("csv", "jsonl", "ris"))]
    faults = [found for path in dict.fromkeys(paths) if (found := fault(client, path))]
    assert not faults, "\n".join(faults)
    assert client.get("/readyz").status_code == 200


def in_order(article: Article) -> Article:
    return dataclasses.replace(article, provenance=tuple(sorted(article.provenance)))


def test_what_was_indexed_is_whole_and_passes_the_gate_again_as_it_is(folder, tmp_path):
    assert not check_archive(folder).problems
    exported = tmp_path / "again.jsonl"
    with Archive.open(folder) as archive:
        articles = [article for _, article, _ in archive.articles()]
    exported.write_bytes(b"".join(article_json(article) + b"\n" for article in articles))
    skips: list[Skip] = []
    again = {article.id: article for article in read([str(exported)], skips.append)}
    assert not skips
    for article in articles:
        admitted, left_out = admit(article)
        assert not left_out
        assert in_order(admitted) == in_order(article), article.id
        back = dataclasses.replace(again[article.id], origin=article.origin)
        assert in_order(back) == in_order(article)
        assert sum(len(text.encode()) for text in article.body) <= MAX_BODY_BYTES


def put_around_the_gate(folder: Path, records: list[dict[str, object]], timezone: str) -> None:
    """Write articles as an older version might have, or a stranger."""
    writer = FolderStore(folder, settings=Settings(timezone=timezone)).writer()
    stored = [json.dumps(record, separators=(",", ":")).encode() for record in records]
    writer.put_stored(stored, [fingerprint(one) for one in stored], "around")
    writer.commit()
    writer.close()


@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("way", ["through the gate", "around it", "in the columns"])
def test_no_date_takes_the_pages_down(way, timezone, tmp_path):
    records = [plain(number) for number in range(2 * len(DATES))]
    for number, date in enumerate(DATES):
        records[2 * number]["published"] = date
        records[2 * number + 1]["updated"] = date
    index = tmp_path / "index"
    if way == "through the gate":
        source = tmp_path / "a.jsonl"
        source.write_text("".join(json.dumps(record) + "\n" for record in records))
        update(FolderStore(index, settings=Settings(timezone=timezone)), [str(source)], processes=1)
    else:
        stated = [r for r in records if all(len(r[k] or " " * 25) == 25 for k in BOTH)]
        put_around_the_gate(index, stated, timezone)
    if way == "in the columns":
        with_dates_beyond_the_calendar(index)
    engine = open_engine(index)
    reader = create_app(engine, WebConfig(rate_limit="", export_limit="")).test_client()
    paths = [
        *(
            "/",
            "/search?q=slate",
            "/search?sort=oldest",
            "/search?sort=newest&from=2015",
            "/browse",
        ),
        *("/browse/calendar", "/feed.atom", "/feed.json", "/export.csv", "/export.ris", "/readyz"),
        *("/api/v1/search?q=slate&facets=day,month,year", "/api/v1/status", "/search?to=1700"),
    ]
    for record in records if way == "through the gate" else stated:
        paths += [f"/article/{record['id']}", f"/article/{record['id']}/cite/ris"]
        paths += [f"/api/v1/articles/{record['id']}", f"/article/{record['id']}/related"]
    for path in paths:
        status = reader.get(path).status_code
        assert status == 200 or (way == "in the columns" and status < 500), path
    engine.close()


def with_dates_beyond_the_calendar(folder: Path) -> None:
    """Replace the dates of a segment, as a stranger can with every checksum right."""
    held = hold(folder)
    held.release()
    (entry,) = held.toc.segments
    segment = open_segment(folder, entry.name)
    dates = np.array(segment.dates)
    order = segment.by_date[dates[segment.by_date] != NO_DATE]
    dates[order[:3]] = (-(1 << 62), -99_999_999_999, -62_135_596_800 - 50_400)
    dates[order[-3:]] = (253_402_300_799 + 50_400, 999_999_999_999, 1 << 62)
    path = segment_path(folder, "segment-00000077")
    write_segment(dataclasses.replace(segment, dates=dates), folder, path.stem)
    file = FileEntry(path.name, path.stat().st_size, file_checksum(path))
    toc = held.toc._replace(
        generation=2,
        segments=(entry._replace(name=path.stem, files=(file,)),),
    )
    commit(folder, toc)
