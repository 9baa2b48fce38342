"""A segment holds what its articles say, whatever way it was built."""

from __future__ import annotations

import dataclasses
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings

from corpus.core.article import Article
from corpus.core.errors import IndexBrokenError
from corpus.core.stated_date import StatedDate
from corpus.core.wire import article_json
from indexer.analysis.analyser import LENGTHS, fold_value, tokenise
from indexer.segment.columns import ArrayFile, ArrayWriter
from indexer.segment.file import (
    FACETS,
    new_file,
    open_segment,
    segment_path,
    verify_segment,
    write_arrays,
    write_segment,
)
from indexer.segment.segment import NO_DATE
from indexer.segment.stored import CompressedArticles, article_from
from indexer.segment.validation import open_guarded
from indexer.store.snapshot import Settings
from indexer.write.invert import PARTS, SegmentBuilder, build_segment
from indexer.write.merge import merge
from tests.indexer.small_archives import (
    articles,
    assert_same,
    expected_field,
    read_field,
    string_list,
)

SETTINGS = Settings()
ID = "00000000000000"


def article(number: int, **fields: object) -> Article:
    return Article(id=f"{ID}{number:02x}", **fields)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(articles())
def test_postings_are_those_of_the_articles(found: list[Article]) -> None:
    segment = build_segment(found)
    for name in ("text", "title", "lead"):
        assert read_field(segment.text[name]) == expected_field(name, found, SETTINGS)


@settings(max_examples=60, deadline=None)
@given(articles())
def test_lengths_and_block_maxima_agree_with_the_postings(found: list[Article]) -> None:
    segment = build_segment(found)
    for name, field in segment.text.items():
        lengths = [0] * len(found)  # words that stand beside others add nothing
        for doc, article in enumerate(found):
            for part in PARTS if name == "text" else (name,):
                value = getattr(article, part)
                texts = [value] if isinstance(value, str) else value
                weight = SETTINGS.weights[part] if name == "text" else 1
                lengths[doc] += weight * sum(len(tokenise(text)) for text in texts)
        decoded = LENGTHS[field.lengths]
        assert np.allclose(decoded, lengths, rtol=0.06)
        assert field.total_length == round(float(decoded.sum()))
        for term in range(len(field.starts) - 1):
            for block in range(field.blocks[term], field.blocks[term + 1]):
                first = field.starts[term] + 128 * (block - field.blocks[term])
                mine = first, min(first + 128, field.starts[term + 1])
                assert field.block_tf[block] == field.tfs(*mine).max()
                assert field.block_length[block] == field.lengths[field.docs(*mine)].min()


@settings(max_examples=60, deadline=None)
@given(articles())
def test_columns_are_those_of_the_articles(found: list[Article]) -> None:
    segment = build_segment(found)
    assert [article_from(stored) for stored in segment.stored.get(range(len(found)))] == found
    assert string_list(segment.titles) == [a.title for a in found]
    assert string_list(segment.urls) == [a.url for a in found]
    assert [f"{number:016x}" for number in segment.ids.tolist()] == [a.id for a in found]
    dates = [
        NO_DATE if a.published is None else int(a.published.start(UTC).timestamp()) for a in found
    ]
    known = [a.published.precision if a.published else 0 for a in found]
    assert segment.precisions.tolist() == known
    assert segment.dates.tolist() == dates
    assert segment.by_date.tolist() == sorted(range(len(found)), key=lambda d: (dates[d], d))
    assert segment.ids[segment.by_id].tolist() == sorted(segment.ids.tolist())


@settings(max_examples=60, deadline=None)
@given(articles())
def test_facets_are_those_of_the_articles(found: list[Article]) -> None:
    segment = build_segment(found)
    for name in FACETS:
        facet = segment.facets[name]
        keys = string_list(facet.keys)
        assert keys == sorted(set(keys))
        assert [fold_value(value) for value in string_list(facet.values)] == keys
        for doc, a in enumerate(found):
            own = getattr(a, name)
            folded = [fold_value(v) for v in ((own,) if isinstance(own, str) else own)]
            wanted = list(dict.fromkeys(key for key in folded if key))
            ordinals = facet.ordinals[facet.offsets[doc] : facet.offsets[doc + 1]]
            assert [keys[ordinal] for ordinal in ordinals.tolist()] == wanted
        for value in range(len(keys)):
            docs = facet.value_docs[facet.value_starts[value] : facet.value_starts[value + 1]]
            rows = np.repeat(np.arange(len(found)), np.diff(facet.offsets.astype(np.int64)))
            assert docs.tolist() == rows[facet.ordinals == value].tolist()


def test_the_most_used_spelling_of_a_value_stands() -> None:
    found = [article(1, tags=("UNITED NATIONS",)), article(2, tags=("United Nations",)),
             article(3, tags=("United Nations", "united nations"))]  # fmt: skip
    facet = build_segment(found).facets["tags"]
    assert string_list(facet.values) == ["United Nations"]
    assert facet.value_docs.tolist() == [0, 1, 2]


def test_frequencies_and_positions_saturate_at_255() -> None:
    field = build_segment([article(1, body=("ship " * 2000,))]).text["text"]
    assert field.postings.tolist() == [255]
    assert read_field(field)["ship"][0] == (255, [(n, "ship") for n in range(255)], {"ship"})


def test_forms_of_positions_saturate_with_them() -> None:
    found = [
        article(1, body=("ship ships " * 200,), language="en"),
        article(2, body=("ships " * 300, "ship"), language="en"),
    ]
    read = read_field(build_segment(found).text["text"])["ship/en"]
    assert [form for _, form in read[0][1]] == ["ship", "ships"] * 127 + ["ship"]
    assert {form for _, form in read[1][1]} == {"ships"}


def test_a_term_may_have_more_forms_than_a_byte_counts() -> None:
    letters = "abcdefghijklmnopqrstuvwxyzabcdefgh"
    cuts = [(a, b) for a in range(1, 34) for b in range(a + 1, 34)]
    words = [f"{letters[:a]}-{letters[a:b]}-{letters[b:]}" for a, b in cuts]
    assert len(words) > 256
    found = [article(n, body=(" ".join(words[n * 240 : n * 240 + 250]),)) for n in range(3)]
    field = build_segment(found).text["text"]
    assert read_field(field) == expected_field("text", found, SETTINGS)


def test_the_body_is_known_by_its_positions() -> None:
    segment = build_segment(
        [article(1, title="one two", body=("three", "four five")), article(2, title="only title")]
    )
    first, last, printed = segment.part_bounds[0].tolist()
    assert printed == last
    read = read_field(segment.text["text"])
    for word, inside in (("one", False), ("three", True), ("five", True)):
        ((position, _),) = read[word][0][1]
        assert (first <= position < last) == inside
    assert segment.part_bounds[1].tolist() == [0, 0, 2]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=articles(max_size=40))
def test_a_segment_is_the_same_with_any_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: list[Article]
) -> None:
    stored = list(map(article_json, found))
    numbers = list(range(1, len(found) + 1))
    for path in tmp_path.iterdir():
        path.unlink()
    for name, budget, fan_in in (("whole", 1 << 30, 8), ("runs", 1, 8), ("merged", 1, 2)):
        monkeypatch.setattr("indexer.write.invert.FAN_IN", fan_in)
        builder = SegmentBuilder(SETTINGS, memory_budget=budget, scratch=tmp_path)
        for at in range(0, len(found), 7):
            part = slice(at, at + 7)
            builder.add(stored[part], numbers[part], [3] * len(found[part]), numbers[part])
        assert builder.n_docs == len(found)
        (meta,) = builder.finish(tmp_path, iter([name]).__next__)
        assert meta.n_docs == len(found)
        assert meta.nbytes == segment_path(tmp_path, name).stat().st_size
        verify_segment(tmp_path, name)
    whole, *others = (open_segment(tmp_path, name) for name in ("whole", "runs", "merged"))
    assert whole.fingerprints.tolist() == whole.clusters.tolist() == numbers
    assert set(whole.roots.tolist()) <= {3}
    for other in others:
        assert_same(whole, other, but=("/values/",))
    assert len(list(tmp_path.iterdir())) == 3, "runs are not left behind"


def test_runs_that_are_merged_share_a_dictionary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.segment.stored.DICTIONARY_BYTES", 1 << 13)
    monkeypatch.setattr("indexer.segment.stored._WORTH", 1)
    monkeypatch.setattr("indexer.write.invert.FAN_IN", 4)
    rng = np.random.default_rng(8)
    builder = SegmentBuilder(SETTINGS, memory_budget=1, scratch=tmp_path)
    for first in range(0, 1200, 150):  # 8 runs
        found = [
            Article(
                id=f"{first + n:016x}",
                body=(" ".join(f"word{k}" for k in rng.integers(0, 900, 90)),),
            )
            for n in range(150)
        ]
        builder.add(list(map(article_json, found)), *[[0] * 150] * 3)
    builder.finish(tmp_path, iter(["s"]).__next__)
    stored = open_segment(tmp_path, "s").stored
    assert isinstance(stored, CompressedArticles)
    assert len(stored.dictionary_starts) - 1 == 2
    assert set(stored.dictionary_of.tolist()) == {1, 2}
    ids = [article_from(one).id for one in stored.get(range(1200))]
    assert ids == [f"{n:016x}" for n in range(1200)]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=articles())
def test_a_segment_is_the_same_from_its_file(tmp_path: Path, found: list[Article]) -> None:
    segment_path(tmp_path, "s").unlink(missing_ok=True)
    segment = build_segment(found)
    write_segment(segment, tmp_path, "s")
    assert_same(segment, open_segment(tmp_path, "s"))


def test_an_article_may_hold_anything() -> None:
    odd = [
        article(1, title="lone \ud800 surrogate", body=("\x00\x1e\x1f", "\u202eRTL"), url="\udfff"),
        article(2, published=StatedDate("1605-01-01"), tags=("\ud800", "")),
        article(3, published=StatedDate("1999-12-31T23:59:59+00:00"), language="a language \u0301"),
        article(4, body=("word " * 300_000,)),
    ]
    segment = build_segment(odd)
    stored = [article_from(text) for text in segment.stored.get([0, 1, 2, 3])]
    assert stored[0].title == "lone ? surrogate"
    assert stored[1].published == odd[1].published
    assert stored[2] == odd[2]
    assert stored[3] == odd[3]
    assert segment.text["text"].total_length > 295_000


@pytest.mark.parametrize("bad", ["", "12", "ABCDEF0123456789", "zzzzzzzzzzzzzzzz"])
def test_an_id_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        SegmentBuilder().add([article_json(Article(id=bad))], [0], [0], [0])


def test_a_file_that_cannot_be_finished_is_not_left_behind(tmp_path: Path) -> None:
    segment = build_segment([article(1)])
    broken = dataclasses.replace(segment, dates=np.array([object()]))
    with pytest.raises(ValueError, match="not written"):
        write_segment(broken, tmp_path, "s")
    assert list(tmp_path.iterdir()) == []


def test_a_segment_is_never_written_over_another(tmp_path: Path) -> None:
    write_segment(build_segment([article(1)]), tmp_path, "s")
    for write in (
        lambda: write_segment(build_segment([]), tmp_path, "s"),
        lambda: merge([(build_segment([]), None)], tmp_path, "s"),
    ):
        with pytest.raises(FileExistsError):
            write()
    assert open_segment(tmp_path, "s").n_docs == 1


def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    segment = build_segment([article(1, title="a word")])
    write_segment(dataclasses.replace(segment, ids=segment.ids[:0]), tmp_path, "s")
    with pytest.raises(IndexBrokenError, match="do not fit together"):
        open_segment(tmp_path, "s")


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("dates", np.zeros(1, np.uint64)),
        ("ids", np.zeros((1, 2), np.uint64)),
        ("part_bounds", np.zeros(1, np.uint32)),
        ("text/text/postings", np.zeros(2, np.float32)),
        ("text/title/starts", np.zeros(0, np.int64)),
        ("facet/tags/value_starts", np.zeros(0, np.int64)),
        ("meta", np.frombuffer(b"[]", np.uint8)),
        ("meta", np.frombuffer(b'{"n_docs":true,"texts":{},"facets":[]}', np.uint8)),
        ("meta", np.frombuffer(b'{"n_docs":1}', np.uint8)),
    ],
)
def test_a_forged_segment_is_refused(
    tmp_path: Path, name: str, array: np.ndarray[Any, Any]
) -> None:
    write_segment(build_segment([article(1, title="a word")]), tmp_path, "s")
    file = ArrayFile.open(segment_path(tmp_path, "s"))
    with segment_path(tmp_path, "forged").open("wb") as target, ArrayWriter(target) as writer:
        for each in file:
            writer.write(each, array if each == name else file[each])
    with pytest.raises(IndexBrokenError, match="forged"):
        open_segment(tmp_path, "forged")


def test_a_segment_that_knows_nothing_of_precision_has_instants(tmp_path: Path) -> None:
    class Earlier:
        def __init__(self, writer: ArrayWriter) -> None:
            self._writer = writer

        def write(self, name: str, array: npt.NDArray[Any]) -> None:
            if name != "precisions":
                self._writer.write(name, array)

        def stream(self, *given: Any, **more: Any) -> None:
            self._writer.stream(*given, **more)

    found = [Article(id=f"{1:016x}", title="Quay", published=StatedDate("2020-03-02"))]
    with new_file(segment_path(tmp_path, "old")) as file, ArrayWriter(file) as writer:
        write_arrays(Earlier(writer), build_segment(found))  # type: ignore[arg-type]
    for opened in (open_segment(tmp_path, "old"), open_guarded(tmp_path, "old", 1)):
        assert opened.precisions.tolist() == [0]
        assert [article_from(stored) for stored in opened.stored.get([0])] == found
