"""Parts of a segment are read when they are used, by any number of threads, and forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.core.article import Article
from corpus.core.errors import IndexBrokenError
from indexer.segment.arrays import rows
from indexer.segment.columns import ArrayFile
from indexer.segment.file import open_segment, segment_path, write_segment
from indexer.segment.parts import forget, with_columns
from indexer.segment.segment import Segment, TextField
from indexer.segment.validation import open_guarded
from indexer.write.invert import build_segment
from tests.indexer.small_archives import assert_same


@pytest.fixture
def segment() -> Segment:
    return build_segment(
        [
            Article(
                id=f"{n:016x}",
                title=f"Report {n}",
                body=("The harbour runs and running runs of storms.", f"Number {n * n}."),
                tags=(f"t{n % 3}", "all"),
                language="en",
            )
            for n in range(300)
        ]
    )


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of arrays, as they are taken out of files."""
    names = []
    take = ArrayFile.__getitem__

    def noted(self, name):
        names.append(name)
        return take(self, name)

    monkeypatch.setattr(ArrayFile, "__getitem__", noted)
    return names


def test_opening_reads_nothing_and_using_reads_once(
    segment: Segment, tmp_path: Path, reads: list[str]
) -> None:
    write_segment(segment, tmp_path, "s")
    opened = open_guarded(tmp_path, "s", 1)
    assert reads == ["meta"]
    for _ in range(3):
        assert np.array_equal(opened.dates, segment.dates)
        assert np.array_equal(opened.facets["tags"].offsets, segment.facets["tags"].offsets)
    assert reads.count("dates") == reads.count("facet/tags/offsets") == 1
    assert not [name for name in reads if name.startswith("text/")]


def test_what_was_forgotten_is_read_again(
    segment: Segment, tmp_path: Path, reads: list[str]
) -> None:
    write_segment(segment, tmp_path, "s")
    for opened in (open_segment(tmp_path, "s"), open_guarded(tmp_path, "s", 1)):
        before = opened.text["text"].starts
        reads.clear()
        forget(opened)
        assert opened.text["text"].starts is not before
        assert reads == ["text/text/starts"]
        assert_same(segment, opened)


def test_a_copy_with_other_parts_forgets_nothing(segment: Segment, tmp_path: Path) -> None:
    write_segment(segment, tmp_path, "s")
    changed = replace(open_segment(tmp_path, "s"), dates=segment.dates + 1)
    forget(changed)
    assert np.array_equal(changed.dates, segment.dates + 1)
    assert np.array_equal(changed.ids, segment.ids)


def test_other_clusters_are_had_without_reading_the_rest(
    segment: Segment, tmp_path: Path, reads: list[str]
) -> None:
    write_segment(segment, tmp_path, "s")
    clusters = np.arange(300, dtype=np.uint64)
    for whole in (segment, open_segment(tmp_path, "s")):
        reads.clear()
        changed = with_columns(whole, clusters=clusters)
        assert not reads
        forget(changed)
        assert np.array_equal(changed.clusters, clusters)
        assert np.array_equal(changed.dates, segment.dates)
        assert not whole.clusters.any()


def test_threads_that_use_a_part_first_together_all_see_it_verified(
    segment: Segment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_segment(segment, tmp_path, "s")
    ruled = []
    row = rows(TextField)["positions"]

    def slow(*arguments):
        pause.wait(0.05)
        holds = row.rule(*arguments)
        ruled.append(holds)
        return holds

    pause = threading.Event()
    monkeypatch.setitem(rows(TextField), "positions", row._replace(rule=slow))
    opened = open_guarded(tmp_path, "s", 1)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: opened.text["text"].positions, range(8)))
    assert all(one is found[0] for one in found)
    assert ruled == [True]


def test_a_part_that_is_refused_is_refused_every_time(segment: Segment, tmp_path: Path) -> None:
    write_segment(segment, tmp_path, "s")
    path = segment_path(tmp_path, "s")
    content = bytearray(path.read_bytes())
    content[ArrayFile.open(path)._rows["text/text/postings"].offset] ^= 1
    path.write_bytes(content)
    field = open_guarded(tmp_path, "s", 1).text["text"]
    for _ in range(2):
        with pytest.raises(IndexBrokenError, match=r"text/text/postings is wrong"):
            _ = field.postings
    assert len(field.block_tf) and len(field.starts)


def test_a_segment_has_no_parts_but_its_own(segment: Segment, tmp_path: Path) -> None:
    write_segment(segment, tmp_path, "s")
    with pytest.raises(AttributeError):
        _ = open_segment(tmp_path, "s").colour  # type: ignore[attr-defined]
