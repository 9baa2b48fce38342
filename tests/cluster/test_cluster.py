"""What a cluster must bear: nodes that die, archives that move, another engine beside it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from cluster.nodes import Cluster, cluster_or_skip
from contract.articles import NOUNS, make_articles

from corpus.core.article import Article, Origin
from corpus.core.errors import IndexLockedError, UnavailableError
from indexer.analysis.analyser import fold_value
from search.answer import Answer
from search.engine import Engine, open_engine
from search.opensearch.engine import OpenSearchEngine
from search.opensearch.store import OpenSearchStore
from search.request import Request

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

BATCH = 100


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with cluster_or_skip() as running:
        yield running


@pytest.fixture(scope="module")
def steady() -> Iterator[Cluster]:
    """A cluster that no test hurts."""
    with cluster_or_skip() as running:
        yield running


def put(url: str, articles: Sequence[Article], *, rebuild: bool = False) -> None:
    writer = OpenSearchStore(url).writer(rebuild=rebuild)
    try:
        for start in range(0, len(articles), BATCH):
            batch = articles[start : start + BATCH]
            writer.put(batch, [1] * len(batch), "made")
        writer.commit()
        assert writer.rejected() == []
    finally:
        writer.close()


def test_a_node_killed_while_indexing_loses_nothing_acknowledged(cluster: Cluster) -> None:
    url = f"{cluster.url}/killed?shards=3&replicas=1"
    articles = make_articles(1_500)
    writer = OpenSearchStore(url).writer()
    try:
        for start in range(0, len(articles), BATCH):
            if start == 5 * BATCH:
                assert writer.rejected(wait=True) == []  # these are acknowledged
                cluster.wait(nodes=3, status="green")  # and have their copies
                cluster.kill(1)
            batch = articles[start : start + BATCH]
            writer.put(batch, [1] * len(batch), "made")
        writer.commit()
        assert writer.rejected() == []
    finally:
        writer.close()
    engine = OpenSearchEngine(url)
    assert {article.id for article in engine.scan(Request())} == {a.id for a in articles}
    status = engine.status()
    assert status.state in ("degraded", "ready")
    cluster.start(1)
    cluster.wait(nodes=3, status="green")
    assert engine.status().state == "ready"
    assert engine.status().articles == len(articles)


def test_searches_go_on_while_a_node_is_dead_and_the_state_says_so(cluster: Cluster) -> None:
    url = f"{cluster.url}/searched?shards=3&replicas=1"
    articles = make_articles(400)
    put(url, articles)
    engine = OpenSearchEngine(url)
    expected = engine.search(Request(text="bridge", match="all")).total
    assert expected > 0
    stop = threading.Event()
    totals: list[int] = []
    failures: list[str] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                totals.append(engine.search(Request(text="bridge", match="all")).total)
            except UnavailableError as error:
                failures.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    cluster.kill(2)
    deadline = time.monotonic() + 60
    states: set[str] = set()
    while time.monotonic() < deadline and "degraded" not in states:
        states.add(engine.status().state)
        time.sleep(0.2)
    before = len(totals)
    time.sleep(2)
    stop.set()
    for thread in threads:
        thread.join()
    assert "degraded" in states
    assert set(totals) == {expected}
    assert len(totals) > before
    print(f"searches answered: {len(totals)}, refused while the node died: {len(failures)}")


def test_what_a_lost_shard_held_is_not_passed_over_in_silence(cluster: Cluster) -> None:
    url = f"{cluster.url}/unsafe?shards=6&replicas=0"
    put(url, make_articles(60))
    engine = OpenSearchEngine(url)
    assert engine.search(Request()).total == 60
    cluster.kill(2)
    for ask in (
        lambda: engine.search(Request()), lambda: list(engine.tallies([Request()])),
        lambda: list(engine.scan(Request())), lambda: engine.facet(Request(), "tags"),
    ):  # fmt: skip
        with pytest.raises(UnavailableError):
            ask()


def test_a_node_short_of_memory_is_asked_again(steady: Cluster) -> None:
    url = f"{steady.url}/narrow?shards=2&replicas=0"
    put(url, make_articles(60))
    engine = OpenSearchEngine(url)
    limit = "indices.breaker.total.limit"

    def allow(share: str | None) -> None:
        engine.client.cluster.put_settings(body={"transient": {limit: share}})

    allow("1%")
    try:
        with pytest.raises(UnavailableError, match="Data too large"):
            engine.search(Request())
        wider = threading.Timer(0.2, allow, [None])
        wider.start()
        assert engine.search(Request()).total == 60
        wider.join()
    finally:
        allow(None)


def test_a_rebuild_is_swapped_in_while_searches_go_on(steady: Cluster) -> None:
    url = f"{steady.url}/swapped?shards=2&replicas=1"
    put(url, make_articles(200))
    engine = OpenSearchEngine(url)
    seen: set[int] = set()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            seen.add(engine.search(Request(size=0)).total)

    thread = threading.Thread(target=ask)
    thread.start()
    put(url, make_articles(300), rebuild=True)
    time.sleep(0.5)
    stop.set()
    thread.join()
    assert seen == {200, 300}


def test_a_rebuild_that_dies_leaves_what_was_there(steady: Cluster) -> None:
    url = f"{steady.url}/abandoned"
    put(url, make_articles(120))
    writer = OpenSearchStore(url).writer(rebuild=True)
    writer.put(make_articles(50), [1] * 50, "made")
    writer.close()
    engine = OpenSearchEngine(url)
    assert engine.search(Request(size=0)).total == 120
    put(url, make_articles(130), rebuild=True)
    assert engine.search(Request(size=0)).total == 130


def test_what_the_cluster_refuses_is_told_with_its_file_and_the_rest_stays(steady: Cluster) -> None:
    url = f"{steady.url}/refused?shards=1&replicas=0"
    articles = make_articles(1_200)
    endless = replace(articles[70], tags=("x" * 40_000,), origin=Origin("pages/endless.html"))
    articles[70] = endless
    writer = OpenSearchStore(url).writer()
    try:
        for start in range(0, len(articles), BATCH):
            batch = articles[start : start + BATCH]
            writer.put(batch, [1] * len(batch), "made")
        writer.put([replace(articles[5], title="Corrected later")], [2], "made")
        writer.commit()
        ((refused, path, reason),) = writer.rejected()
    finally:
        writer.close()
    assert (refused, path) == (endless.id, "pages/endless.html")
    assert "immense" in reason
    found = {article.id: article for article in OpenSearchEngine(url).scan(Request())}
    assert found.keys() == {article.id for article in articles} - {refused}
    assert found[articles[5].id].title == "Corrected later"


def test_one_writer_at_a_time_and_the_other_is_told_who(steady: Cluster) -> None:
    url = f"{steady.url}/locked"
    writer = OpenSearchStore(url).writer()
    try:
        with pytest.raises(IndexLockedError, match=f"process {os.getpid()} on"):
            OpenSearchStore(url).writer()
    finally:
        writer.close()
    OpenSearchStore(url).writer().close()


def test_articles_move_to_the_cluster_and_back(steady: Cluster, tmp_path: Path) -> None:
    source = tmp_path / "articles.jsonl"
    source.write_text(
        "".join(
            f'{{"id": "{n}", "title": "{NOUNS[n % 30]} number {n}", "text": "The {NOUNS[n % 7]} '
            f'{"opens again " * 20} in {n}.", "date": "2021-03-{n % 28 + 1:02d}"}}\n'
            for n in range(90)
        )
    )
    url = f"{steady.url}/moved"
    first, back = tmp_path / "first", tmp_path / "back"

    def broadsheet(*arguments: str | Path) -> str:
        command = [sys.executable, "-m", "broadsheet", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    broadsheet("index", source, "--index", first)
    broadsheet("reindex", "--from-index", first, "--engine", "opensearch", "--url", url)
    broadsheet("reindex", "--from-index", url, "--index", back)
    engines = [
        open_engine(first),
        open_engine(engine="opensearch", url=url),
        open_engine(back),
    ]
    whole = [{article.id: article for article in engine.scan(Request())} for engine in engines]
    assert whole[0] == whole[1] == whole[2]
    came = [{one.id: at for at, one in engine.newcomers(0, 1 << 40)} for engine in engines]
    assert came[0] == came[1] == came[2]
    assert len(whole[0]) == 90
    checked = broadsheet("check", "--engine", "opensearch", "--url", url)
    assert "90" in checked
    client = OpenSearchStore(url)._client
    found = client.search(index="moved", body={"size": 1})["hits"]["hits"][0]
    forged = {"doc": {"fingerprint": "0" * 16}}
    client.update(index=found["_index"], id=found["_id"], body=forged, refresh=True)
    (problem,) = OpenSearchStore(url).check().problems
    assert problem.file == found["_index"]
    assert found["_id"] in problem.what
    printed = broadsheet("search", "bridge", "--engine", "opensearch", "--url", url)
    assert "bridge" in printed.lower()


def _questions(engine: Engine, count: int) -> list[Request]:
    """Return generated requests over the words and values that an archive has."""
    chance = random.Random(3)
    answer = engine.search(Request(size=100, facets=("tags", "places"), facet_size=60))
    words = sorted({
        word.lower() for hit in answer.hits for word in hit.title.split() if word.isalpha()
    })  # fmt: skip
    tags = [value.value for value in answer.facets[0].values]
    made: list[Request] = []
    for number in range(count):
        one, two = chance.sample(words, 2)
        text = (
            one, f"{one} {two}", f"{one} OR {two}", f"{one} -{two}", f"{one[:4]}*",
            f'"{one} {two}"~6', f"title:{one}", f"{one} date:1987-03", f"{one} tag:\"{tags[0]}\"",
            f"{one} OR {two} before:1987-06",
        )[number % 10]  # fmt: skip
        filters = {"tags": tuple(chance.sample(tags, 2))} if number % 3 == 0 else {}
        facets = ("tags", "places", "year", "month")
        made.append(
            Request(
                text=text, match="all", filters=filters, facets=facets, facet_size=400,
                collapse=False, snippets=False, suggest=False,
            )
        )  # fmt: skip
    return made


def _counts(answer: Answer) -> dict[str, dict[str, int]]:
    return {
        facet.name: {fold_value(value.value): value.count for value in facet.values if value.count}
        for facet in answer.facets
    }


def test_reuters_has_the_same_totals_and_facets_on_both_engines(
    steady: Cluster, shared: Path, tmp_path: Path
) -> None:
    from indexer.update.update import update
    from indexer.whoosh.archive import FolderStore

    sources = [str(path) for path in sorted((shared / "reuters21578").glob("*.sgm"))]
    url = f"{steady.url}/reuters?shards=3&replicas=0"
    seconds = []
    for store in (FolderStore(tmp_path / "index"), OpenSearchStore(url)):
        began = perf_counter()
        summary = update(store, sources)
        seconds.append(perf_counter() - began)
        assert summary.added == 21_578
    ours, theirs = open_engine(tmp_path / "index"), open_engine(engine="opensearch", url=url)
    times: tuple[list[float], list[float]] = ([], [])
    for request in _questions(ours, 100):
        answers = []
        for engine, taken in zip((ours, theirs), times, strict=True):
            began = perf_counter()
            answers.append(engine.search(request))
            taken.append((perf_counter() - began) * 1000)
        assert answers[0].total == answers[1].total, request
        assert _counts(answers[0]) == _counts(answers[1]), request
    for name, engine in (("ours", ours), ("theirs", theirs)):
        found = engine.search(Request(size=0, collapse=True))
        print(name, found.total, found.stories)
    print(
        f"indexing: {21_578 / seconds[0]:,.0f} and {21_578 / seconds[1]:,.0f} articles/s; "
        f"faceted search, median: {median(times[0]):.2f} and {median(times[1]):.1f} ms"
    )
