"""Versions of a story in an archive: clusters that grow from commit to commit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.core.article import Article
from corpus.duplicates import clusters as clusters_module
from corpus.duplicates.signatures import sign
from indexer.segment.stored import article_from
from indexer.whoosh.archive import Archive, FolderStore
from indexer.write.versions import Added, find_versions

STORY = " ".join(
    f"The council voted on matter {number} after {number * 3} members had asked for it."
    for number in range(1, 21)
)
OTHER = " ".join(
    f"Boat {number} landed {number * 7} boxes of herring before the tide turned."
    for number in range(1, 21)
)
WORDS = STORY.split()


def article(number: int, body: str, title: str = "A story") -> Article:
    return Article(id=f"{number:016x}", title=title, body=(body,), tags=("harbour",))


def put(folder: Path, *articles: Article, rebuild: bool = False, memory: int = 512 << 20) -> None:
    writer = FolderStore(folder, memory=memory).writer(rebuild=rebuild)
    try:
        writer.put(articles, [hash(one) & 0xFFFFFFFF | 1 for one in articles], "source")
        writer.commit()
    finally:
        writer.close()


def remove(folder: Path, *numbers: int) -> None:
    writer = FolderStore(folder).writer()
    try:
        writer.remove([f"{number:016x}" for number in numbers])
        writer.commit()
    finally:
        writer.close()


def clusters(folder: Path) -> dict[int, int]:
    """Return each live article's cluster by its id."""
    with Archive.open(folder) as archive:
        snapshot = archive.snapshot()
        found = {}
        for leaf in snapshot.leaves:
            live = np.ones(leaf.segment.n_docs, bool) if leaf.live is None else leaf.live
            for doc in np.flatnonzero(live).tolist():
                number = int(leaf.segment.clusters[doc])
                found[int(leaf.segment.ids[doc])] = snapshot.aliases.get(number, number)
        return found


def groups(folder: Path) -> list[list[int]]:
    of = defaultdict(list)
    for number, cluster in clusters(folder).items():
        if cluster:
            of[cluster].append(number)
    return sorted(sorted(members) for members in of.values())


def test_versions_in_one_commit(tmp_path: Path) -> None:
    put(tmp_path, article(1, STORY), article(2, OTHER), article(3, STORY, "Another headline"))
    assert groups(tmp_path) == [[1, 3]]
    assert clusters(tmp_path)[2] == 0


def test_a_version_joins_an_article_that_was_committed_alone(tmp_path: Path) -> None:
    original = replace(article(1, STORY), authors=("Nell Farraday",), place="HARROW BAY")
    put(tmp_path, original, article(2, OTHER))
    put(tmp_path, article(3, STORY))
    assert groups(tmp_path) == [[1, 3]]
    with Archive.open(tmp_path) as archive:
        assert archive.snapshot().n_live == 3
        assert original in [one for _, one, _ in archive.articles()]


def test_what_was_moved_keeps_its_fingerprint_and_source(tmp_path: Path) -> None:
    put(tmp_path, article(1, STORY))
    before = fingerprint(tmp_path, 1)
    put(tmp_path, article(3, STORY))
    assert fingerprint(tmp_path, 1) == before != 0
    assert FolderStore(tmp_path).sources() == ("source",)


def fingerprint(folder: Path, number: int) -> int:
    writer = FolderStore(folder).writer()
    try:
        return writer.lookup([f"{number:016x}"])[0]
    finally:
        writer.close()


def test_clusters_grow_and_keep_their_number(tmp_path: Path) -> None:
    put(tmp_path, article(1, STORY))
    put(tmp_path, article(2, STORY))
    first = clusters(tmp_path)[1]
    put(tmp_path, article(3, STORY))
    assert groups(tmp_path) == [[1, 2, 3]]
    assert clusters(tmp_path)[3] == first


def test_an_article_that_joins_two_clusters_leaves_an_alias(tmp_path: Path) -> None:
    first, second = " ".join(WORDS[:120]), " ".join(WORDS[-120:])
    put(tmp_path, article(1, first), article(2, first))
    put(tmp_path, article(3, second), article(4, second))
    assert groups(tmp_path) == [[1, 2], [3, 4]]
    earlier = clusters(tmp_path)[1]
    put(tmp_path, article(5, STORY))
    assert groups(tmp_path) == [[1, 2, 3, 4, 5]]
    assert set(clusters(tmp_path).values()) == {earlier}
    put(tmp_path, article(6, second))
    assert groups(tmp_path) == [[1, 2, 3, 4, 5, 6]]


def test_an_article_that_was_replaced_leaves_its_cluster(tmp_path: Path) -> None:
    put(tmp_path, article(1, STORY), article(2, STORY))
    put(tmp_path, article(1, OTHER))
    assert clusters(tmp_path)[1] == 0
    put(tmp_path, article(3, OTHER))
    assert groups(tmp_path) == [[1, 3], [2]]


def test_removed_articles_are_not_joined(tmp_path: Path) -> None:
    put(tmp_path, article(1, STORY), article(2, OTHER))
    remove(tmp_path, 1)
    put(tmp_path, article(3, STORY))
    assert groups(tmp_path) == []


def test_rebuilding_finds_the_same_clusters(tmp_path: Path) -> None:
    articles = [article(n, STORY if n % 3 else OTHER) for n in range(1, 13)]
    for at in range(0, 12, 4):
        put(tmp_path, *articles[at : at + 4])
    grown = groups(tmp_path)
    assert grown == [[1, 2, 4, 5, 7, 8, 10, 11], [3, 6, 9, 12]]
    put(tmp_path, *articles, rebuild=True)
    assert groups(tmp_path) == grown


def test_optimising_keeps_the_clusters(tmp_path: Path) -> None:
    for number in range(1, 5):
        put(tmp_path, article(number, STORY), article(number + 10, OTHER))
    before = clusters(tmp_path)
    FolderStore(tmp_path).optimise()
    assert clusters(tmp_path) == before
    put(tmp_path, article(9, STORY))
    assert groups(tmp_path) == [[1, 2, 3, 4, 9], [11, 12, 13, 14]]


@pytest.mark.parametrize("memory", [1 << 16, 512 << 20])
def test_a_small_memory_finds_the_same(tmp_path: Path, memory: int) -> None:
    articles = [article(n, f"{STORY if n % 2 else OTHER} {n}") for n in range(1, 601)]
    put(tmp_path, *articles, memory=memory)
    put(tmp_path, article(999, OTHER), article(1000, STORY), memory=memory)
    assert groups(tmp_path) == [
        [*range(1, 601, 2), 1000],
        [*range(2, 601, 2), 999],
    ]


def test_stored_articles_are_read_back_whole(tmp_path: Path) -> None:
    put(tmp_path, article(1, STORY))
    put(tmp_path, article(2, STORY))
    with Archive.open(tmp_path) as archive:
        for leaf in archive.snapshot().leaves:
            for doc in range(leaf.segment.n_docs):
                stored = article_from(leaf.segment.stored.get([doc])[0])
                assert stored.body == (STORY,)


def test_an_archived_article_and_versions_from_several_runs_are_one_cluster(tmp_path: Path) -> None:
    """Runs that were spilled one after the other see what the ones before them joined."""
    put(tmp_path, article(9001, STORY), article(9002, OTHER))
    filler = [
        article(n, " ".join(f"filler{n}word{word}" for word in range(60))) for n in range(1, 1500)
    ]
    some = [*filler[:700], article(9003, STORY), *filler[700:], article(9004, STORY)]
    put(tmp_path, *some, memory=1 << 16)
    assert groups(tmp_path) == [[9001, 9003, 9004]]


def test_the_same_clusters_are_found_in_pieces_and_shares_of_any_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    articles = [
        article(number, " ".join(WORDS[number % 5 : 150 + number]) if number % 3 else OTHER)
        for number in range(1, 40)
    ]
    articles += [article(number, f"{number} " * 3 + STORY[number:]) for number in range(40, 50)]
    ids = np.array([int(one.id, 16) for one in articles], np.uint64)
    added = Added(ids, ids, sign(articles))
    wanted = np.ones(len(ids), np.bool_)
    wanted[7] = False
    at_once = find_versions([added], wanted, [], {})
    assert len(set(at_once.clusters.tolist()) - {0}) > 1
    for share in (1, 50, 1 << 21):
        monkeypatch.setattr(clusters_module, "_SHARE", share)
        for size in (1, 7, 30):
            pieces = [added.part(at, at + size) for at in range(0, len(ids), size)]
            assert np.array_equal(find_versions(pieces, wanted, [], {}).clusters, at_once.clusters)
