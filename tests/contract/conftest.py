"""The engines of the contract, each over the same invented archive, and the cluster of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cluster.nodes import Cluster, cluster_or_skip
from contract.articles import Reader, make_articles, make_stories

from corpus.core.article import Article
from search.engine import Engine, open_engine

COUNT = 240


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with cluster_or_skip() as running:
        yield running


@pytest.fixture(scope="session")
def articles() -> list[Article]:
    made = make_articles(COUNT)
    stories = make_stories()
    # Versions of one story arrive in different commits.
    return [*made[:90], *stories[0::3], *made[90:], *stories[1::3], *stories[2::3]]


@pytest.fixture(scope="session")
def reader(articles: list[Article]) -> Reader:
    return Reader(articles)


@pytest.fixture(
    scope="session",
    params=["embedded", pytest.param("opensearch", marks=pytest.mark.cluster)],
)
def engine(
    request: pytest.FixtureRequest,
    articles: list[Article],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Engine]:
    """An engine over the invented archive, written in three commits with changes in between."""
    if request.param == "embedded":
        from indexer.whoosh.archive import FolderStore

        folder: Path = tmp_path_factory.mktemp("archive") / "index"
        store = FolderStore(folder)
        opened = {"index": folder}
    else:
        from search.opensearch.store import OpenSearchStore

        running: Cluster = request.getfixturevalue("cluster")
        url = f"{running.url}/contract?shards=3&replicas=1&rollover=year"
        store = OpenSearchStore(url)
        opened = {"engine": "opensearch", "url": url}
    fingerprint = 1
    for number, batch in enumerate((articles[:100], articles[100:])):
        writer = store.writer()
        try:
            if number:
                # What is there already must be replaced, and what is removed must be gone.
                stale = [replace(article, title="stale words") for article in articles[:9]]
                gone = replace(articles[0], id="f" * 16, title="gone words", url="")
                writer.put([*stale, gone], [9] * 10, "made")
                writer.commit()
                writer.close()
                writer = store.writer()
                assert list(writer.lookup([articles[0].id, "f" * 16, "e" * 16])) == [9, 9, 0]
                writer.put(articles[:9], [fingerprint] * 9, "made")
                assert writer.remove(["f" * 16, "e" * 16]) == 1
            writer.put(batch, [fingerprint] * len(batch), "made")
            writer.commit()
        finally:
            writer.close()
    assert store.sources() == ("made",)
    engine = open_engine(**opened)
    yield engine
    engine.close()
