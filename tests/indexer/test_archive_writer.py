"""A writing session against its model: a map from ids to articles."""

from __future__ import annotations

import tempfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article, make_id
from corpus.core.wire import article_json
from indexer.care.check import check_archive
from indexer.segment.idmap import IdMap, IdSet, find_sorted, to_numbers, to_text
from indexer.store.store import Remembers, Store, Writer
from indexer.update.reading import fingerprint
from indexer.whoosh.archive import Archive, FolderStore
from indexer.write.merge_policy import FACTOR, SMALLEST, choose_merge, fitting


def article(number: int, version: int = 0) -> Article:
    return Article(
        id=make_id(own=f"a{number}"), title=f"{number}", body=(f"words of version {version}",)
    )


def prints(articles: list[Article]) -> list[int]:
    return [fingerprint(article_json(one)) for one in articles]


def content(folder: Path) -> dict[str, tuple[str, Article]]:
    with Archive.open(folder) as archive:
        found = list(archive.articles())
        assert len(found) == archive.snapshot().n_live
    return {one.id: (root, one) for root, one, _ in found}


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "archive")


@pytest.fixture
def writer(store):
    session = store.writer()
    yield session
    session.close()


def test_the_folder_is_a_store_and_its_sessions_are_writers(store, writer):
    assert isinstance(store, Store)
    assert isinstance(writer, Writer)
    assert isinstance(writer, Remembers)


def test_nothing_shows_before_the_commit(store, writer):
    writer.put([article(1)], prints([article(1)]), "r")
    assert content(store.folder) == {}
    assert writer.commit() == 1
    assert content(store.folder) == {article(1).id: ("r", article(1))}


def test_an_article_can_be_put_as_json(store, writer):
    stored = [article_json(article(1)), article_json(article(2))]
    writer.put_stored(stored, [fingerprint(one) for one in stored], "r")
    writer.put([article(3)], prints([article(3)]), "r")
    writer.commit()
    assert content(store.folder) == {article(n).id: ("r", article(n)) for n in (1, 2, 3)}
    assert writer.lookup([article(n).id for n in (1, 3)]) == prints([article(1), article(3)])


@pytest.mark.parametrize("text", [b"{}", b"", b'{"id":"1"}', article_json(Article(id="1" * 17))])
def test_json_that_is_no_article_is_not_put(store, writer, text):
    with pytest.raises(ValueError, match=r"JSON|unexpected|empty|hexadecimal"):
        writer.put_stored([article_json(article(1)), text], [1, 2], "r")
    assert writer.commit() == 0
    assert content(store.folder) == {}


def test_a_closed_session_leaves_nothing(store):
    session = store.writer()
    session.put([article(1)], prints([article(1)]), "r")
    session.close()
    assert content(store.folder) == {}
    assert not list(store.folder.glob("segment-*"))
    assert not list(store.folder.glob("broadsheet-*"))


def test_looking_up_sees_the_archive_and_the_session(store, writer):
    one, two = article(1), article(2)
    writer.put([one, two], prints([one, two]), "r")
    assert writer.lookup([one.id, article(3).id]) == [*prints([one]), 0]
    writer.remove([one.id])
    assert writer.lookup([one.id, two.id]) == [0, *prints([two])]
    writer.commit()
    writer.close()
    session = store.writer()
    assert session.lookup([one.id, two.id]) == [0, *prints([two])]
    session.close()


def test_an_article_put_back_as_it_was_makes_no_generation(store, writer):
    old, new = article(1), article(1, version=1)
    writer.put([old], prints([old]), "r")
    assert writer.commit() == 1
    writer.close()
    session = store.writer()
    session.put([new], prints([new]), "r")
    session.put([old], prints([old]), "r")
    assert session.commit() == 1
    session.close()


def test_pruning_removes_what_was_not_met_from_the_sources_named(store, writer):
    articles = [article(n) for n in range(6)]
    writer.put(articles[:4], prints(articles[:4]), "a")
    writer.put(articles[4:], prints(articles[4:]), "b")
    writer.commit()
    writer.close()
    session = store.writer()
    session.lookup([articles[0].id])
    changed = article(1, version=1)
    session.put([changed], prints([changed]), "a")
    assert session.prune(["a"]) == 2
    assert session.prune(["a"]) == 0
    session.commit()
    session.close()
    assert set(content(store.folder)) == {articles[n].id for n in (0, 1, 4, 5)}


def test_a_rebuilt_generation_holds_what_was_put_and_nothing_else(store, writer):
    writer.put([article(1), article(2)], prints([article(1), article(2)]), "a")
    writer.commit()
    writer.close()
    session = store.writer(rebuild=True)
    assert session.lookup([article(1).id]) == [0]
    session.put([article(1)], prints([article(1)]), "b")
    assert set(content(store.folder)) == {article(1).id, article(2).id}, "it serves meanwhile"
    session.commit()
    session.close()
    assert content(store.folder) == {article(1).id: ("b", article(1))}
    assert store.sources() == ("b",)


Step = tuple[str, list[tuple[int, int]], str]
numbers = st.integers(0, 12)
steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "put", "remove", "prune", "commit", "optimise", "rebuild"]),
        st.lists(st.tuples(numbers, st.integers(0, 2)), max_size=6),
        st.sampled_from(["a", "b"]),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_any_sequence_of_sessions_gives_what_the_model_says(todo: list[Step]):
    with tempfile.TemporaryDirectory() as place:
        store = FolderStore(Path(place) / "archive")
        model: dict[str, tuple[str, Article]] = {}
        session, pending, met = store.writer(), {}, set()
        for what, pairs, root in todo:
            match what:
                case "put":
                    articles = [article(*pair) for pair in pairs]
                    session.put(articles, prints(articles), root)
                    for one in articles:
                        old = pending.get(one.id)
                        kept = old is not None and old[1] == one and model.get(one.id) == old
                        pending[one.id] = old if kept else (root, one)
                        met.add(one.id)
                case "remove":
                    ids = {article(number).id for number, _ in pairs}
                    assert session.remove(sorted(ids)) == len(ids & pending.keys())
                    pending = {own: one for own, one in pending.items() if own not in ids}
                case "prune":
                    gone = {
                        own
                        for own, (of, _) in pending.items()
                        if of == root and own not in met and model.get(own) == pending[own]
                    }
                    assert session.prune([root]) == len(gone)
                    pending = {own: one for own, one in pending.items() if own not in gone}
                case _:
                    session.commit(optimize=what == "optimise")
                    session.close()
                    model = pending
                    _same(content(store.folder), model)
                    session = store.writer(rebuild=what == "rebuild")
                    pending, met = {} if what == "rebuild" else dict(model), set()
        session.commit()
        session.close()
        _same(content(store.folder), pending)
        assert not check_archive(store.folder).problems


def _same(found, model) -> None:
    """Compare articles; the source of one that was put again as it was is the older one's."""
    assert {own: one for own, (_, one) in found.items()} == {
        own: one for own, (_, one) in model.items()
    }


# The parts


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 99)), max_size=60))
def test_an_id_map_is_a_map(pairs):
    ours, model = IdMap(), {}
    for at in range(0, len(pairs), 7):
        batch = pairs[at : at + 7]
        ours.put(
            np.array([own for own, _ in batch], np.uint64),
            np.array([value for _, value in batch], np.uint64),
        )
        model.update(batch)
        asked = np.arange(31, dtype=np.uint64)
        found, values = ours.get(asked)
        assert found.tolist() == [own in model for own in range(31)]
        assert values.tolist() == [model.get(own, 0) for own in range(31)]
    ids, values = ours.items()
    assert dict(zip(ids.tolist(), values.tolist(), strict=True)) == model
    assert ids.tolist() == sorted(model)


@given(st.lists(st.lists(st.integers(0, 60)), max_size=9))
def test_an_id_set_is_a_set(batches):
    ours, model = IdSet(), set()
    for batch in batches:
        ours.add(np.array(batch, np.uint64))
        model.update(batch)
        assert ours.has(np.arange(61, dtype=np.uint64)).tolist() == [n in model for n in range(61)]


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_ids_are_numbers_inside_and_digits_outside(ids):
    text = to_text(np.array(ids, np.uint64))
    assert all(len(one) == 16 for one in text)
    assert to_numbers(text).tolist() == ids


@pytest.mark.parametrize("wrong", ["", "12", "g" * 16, "0" * 17])
def test_what_is_no_id_is_refused(wrong):
    with pytest.raises(ValueError):
        to_numbers([wrong])


@given(st.sets(st.integers(0, 50)), st.lists(st.integers(0, 50)))
def test_finding_in_a_sorted_array(have, asked):
    at, found = find_sorted(np.array(sorted(have), np.uint64), np.array(asked, np.uint64))
    assert found.tolist() == [one in have for one in asked]
    assert all(sorted(have)[at[i]] == one for i, one in enumerate(asked) if found[i])


@given(st.lists(st.integers(1, 3 * SMALLEST), min_size=1, max_size=60))
def test_merging_keeps_segments_few_and_rewrites_articles_seldom(sizes):
    segments: list[int] = []
    written = 0
    for size in sizes:
        segments.append(size)
        while places := choose_merge(segments, segments):
            merged = sum(segments[place] for place in places)
            written += merged
            segments = [one for place, one in enumerate(segments) if place not in places]
            segments.append(merged)
    tiers = 1 + max(int(np.log(max(one, SMALLEST) / SMALLEST) / np.log(FACTOR)) for one in segments)
    assert len(segments) <= (FACTOR - 1) * tiers
    assert sum(segments) == sum(sizes)
    assert written <= sum(sizes) * (tiers + 1) + len(sizes) * SMALLEST * FACTOR


def test_a_segment_of_which_most_is_deleted_is_rewritten():
    assert choose_merge([400, 3000], [1000, 4000]) == (0,)
    assert choose_merge([600, 3000], [1000, 4000]) == ()


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(9, 30))
def test_segments_that_become_one_fit_into_it(sizes, most):
    groups = fitting(sizes, most)
    assert [place for group in groups for place in group] == list(range(len(sizes)))
    assert all(sum(sizes[place] for place in group) <= most for group in groups)
    assert all(
        sum(sizes[place] for place in one) + sizes[other[0]] > most
        for one, other in pairwise(groups)
    )


def test_what_is_too_much_for_a_segment_is_not_merged():
    assert choose_merge([10, 10, 10, 10], [10, 10, 10, 10], 40) == (0, 1, 2, 3)
    assert choose_merge([10, 10, 10, 10], [10, 10, 10, 10], 39) == ()
    assert choose_merge([39, 10, 10, 10, 10], [39, 10, 10, 10, 10], 40) == (1, 2, 3, 4)


def test_more_articles_than_a_segment_holds_become_several(tmp_path):
    store = FolderStore(tmp_path / "archive", most_docs=300)
    found = [article(number) for number in range(1000)]
    for part in (found[:700], found[700:]):
        with closing(store.writer()) as writer:
            for at in range(0, len(part), 100):
                some = part[at : at + 100]
                writer.put(some, prints(some), "r")
            writer.commit()
    with closing(store.writer()) as writer:
        writer.remove([one.id for one in found[:350]])
        assert writer.commit(optimize=True) == 3
    with Archive.open(store.folder) as archive:
        sizes = [leaf.segment.n_docs for leaf in archive.snapshot().leaves]
    assert sum(sizes) == 650
    assert len(sizes) <= 4 and max(sizes) <= 300
    assert {one.title for _, one in content(store.folder).values()} == {
        one.title for one in found[350:]
    }
    assert not check_archive(store.folder).problems
    with closing(store.writer()) as writer:
        assert writer.commit(optimize=True) == 3, "nothing is left to merge"
