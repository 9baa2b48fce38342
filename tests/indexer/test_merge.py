"""Merging gives what building the live articles in one go would give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.core.article import Article
from indexer.segment import stored
from indexer.segment.file import open_segment, segment_path, verify_segment, write_segment
from indexer.segment.stored import CompressedArticles
from indexer.write import merge as merging
from indexer.write.invert import build_segment
from indexer.write.merge import merge
from tests.indexer.small_archives import articles, assert_same, string_list

DIRTY = list(HealthCheck)


def merged(
    folder: Path, parts: list[list[Article]], lives: list[np.ndarray | None]
) -> None:  # fmt: skip
    for path in folder.iterdir():
        path.unlink()
    segments = []
    for number, part in enumerate(parts):
        write_segment(build_segment(part), folder, f"part-{number}")
        segments.append(open_segment(folder, f"part-{number}"))
    merge(list(zip(segments, lives, strict=True)), folder, "merged")
    verify_segment(folder, "merged")


@settings(max_examples=60, deadline=None, suppress_health_check=DIRTY)
@given(found=articles(max_size=30), data=st.data())
def test_a_merge_is_one_segment_of_the_live_articles(
    tmp_path: Path, found: list[Article], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(found)), max_size=4)))
    parts = [found[a:b] for a, b in zip([0, *cuts], [*cuts, len(found)], strict=True)]
    lives = [
        data.draw(
            st.none()
            | st.lists(st.booleans(), min_size=len(part), max_size=len(part)).map(
                lambda mask: np.array(mask, np.bool_)
            )
        )
        for part in parts
    ]
    merged(tmp_path, parts, lives)
    alive = [
        article
        for part, live in zip(parts, lives, strict=True)
        for number, article in enumerate(part)
        if live is None or live[number]
    ]
    # of several spellings of a facet's value a merge may keep another one
    assert_same(build_segment(alive), open_segment(tmp_path, "merged"), but=("/values/",))


def test_a_merge_in_small_chunks_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        Article(id=f"{n:016x}", body=(f"ship harbour word{n % 37} ships {'tide ' * (n % 9)}",))
        for n in range(700)
    ]
    monkeypatch.setattr(merging, "_CHUNK", 5)
    monkeypatch.setattr(merging, "_TERMS", 8)
    merged(tmp_path, [found[:300], found[300:301], found[301:]], [None, None, None])
    assert_same(build_segment(found), open_segment(tmp_path, "merged"))


def test_the_spelling_of_the_source_with_most_uses_stands(tmp_path: Path) -> None:
    def tagged(first: int, tag: str, count: int) -> list[Article]:
        return [Article(id=f"{first + n:016x}", tags=(tag,)) for n in range(count)]

    merged(tmp_path, [tagged(0, "UNESCO", 2), tagged(10, "Unesco", 5)], [None, None])
    assert string_list(open_segment(tmp_path, "merged").facets["tags"].values) == ["Unesco"]


def test_merging_what_is_all_deleted_gives_an_empty_segment(tmp_path: Path) -> None:
    part = [Article(id=f"{n:016x}", title="gone", tags=("Gone",)) for n in range(3)]
    merged(tmp_path, [part, []], [np.zeros(3, np.bool_), None])
    assert_same(build_segment([]), open_segment(tmp_path, "merged"))


def test_a_merge_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(merging, "merge_columns", full)
    write_segment(build_segment([Article(id=f"{1:016x}")]), tmp_path, "part")
    with pytest.raises(OSError, match="No space"):
        merge([(open_segment(tmp_path, "part"), None)], tmp_path, "merged")
    assert not segment_path(tmp_path, "merged").exists()


def test_blocks_are_copied_where_their_dictionary_is_worth_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "DICTIONARY_BYTES", 1 << 14)
    monkeypatch.setattr(stored, "_WORTH", 16)
    rng = np.random.default_rng(4)

    def written(first: int, count: int, name: str) -> CompressedArticles:
        found = [
            Article(
                id=f"{first + n:016x}", title=f"Report {n}",
                body=(" ".join(f"word{k}" for k in rng.integers(0, 900, 120)),),
            )
            for n in range(count)
        ]  # fmt: skip
        write_segment(build_segment(found), tmp_path, name)
        opened = open_segment(tmp_path, name)
        parts.append((opened, None))
        assert isinstance(opened.stored, CompressedArticles)
        return opened.stored

    parts: list[Any] = []
    small, large = written(0, 120, "small"), written(1000, 400, "large")
    assert len(small.dictionary_starts) == len(large.dictionary_starts) == 2
    merge(parts, tmp_path, "merged")
    verify_segment(tmp_path, "merged")
    merged = open_segment(tmp_path, "merged").stored
    assert isinstance(merged, CompressedArticles)
    assert merged.get(range(520)) == small.get(range(120)) + large.get(range(400))
    assert len(merged.dictionary_starts) == 2
    assert merged.dictionary(1) == large.dictionary(1)
    assert large.blocks[: int(large.starts[-2])].tobytes() in merged.blocks.tobytes()
    assert small.blocks[:2000].tobytes() not in merged.blocks.tobytes()
