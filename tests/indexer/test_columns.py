"""Array files give back what was written, and nothing but."""

from __future__ import annotations

import io
import random
import time
from pathlib import Path

import numpy as np
import orjson
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from corpus.core.errors import IndexBrokenError
from indexer.segment import columns
from indexer.segment import integer_packing as narrow
from indexer.segment.columns import ArrayFile, ArrayWriter, release_pages

DTYPES = st.sampled_from([np.bool_, np.uint8, np.uint32, np.uint64, np.int64, np.float32])


def written(arrays: dict[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    with ArrayWriter(buffer) as writer:
        for name, array in arrays.items():
            writer.write(name, array)
    return buffer.getvalue()


def opened(content: bytes) -> ArrayFile:
    return ArrayFile(memoryview(content), "test.segment")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda name: name.isprintable()),
        DTYPES.flatmap(lambda d: hnp.arrays(d, hnp.array_shapes(max_dims=2, min_side=0))),
        max_size=6,
    )
)
def test_arrays_come_back(arrays: dict[str, np.ndarray]) -> None:
    file = opened(written(arrays))
    file.verify()
    assert list(file) == list(arrays)
    for name, array in arrays.items():
        assert file[name].dtype == array.dtype
        assert file[name].shape == array.shape
        assert np.array_equal(file[name], array, equal_nan=array.dtype.kind == "f")
        assert not file[name].flags.writeable


def test_arrays_are_mapped_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    array = np.arange(1 << 22, dtype=np.uint32)
    path.write_bytes(written({"large": array}))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        found = ArrayFile.open(path)["large"]
        times.append(time.perf_counter() - start)
    assert min(times) < 0.001  # 16 MB cannot be read in that
    assert found.ctypes.data % 64 == 0
    assert found[-1] == array[-1]
    release_pages(found)
    assert np.array_equal(found, array)


def test_an_array_can_come_in_pieces() -> None:
    buffer = io.BytesIO()
    with ArrayWriter(buffer) as writer:
        assert writer.stream("a", np.uint32, (np.full(n, n) for n in range(5))) == 10
    assert opened(buffer.getvalue())["a"].tolist() == [1, 2, 2, 3, 3, 3, 4, 4, 4, 4]


@pytest.mark.parametrize("most", [10, 1 << 21])
def test_pieces_are_written_as_the_whole_would_be(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(columns, "MAX_NARROW", most)
    monkeypatch.setattr(narrow, "MAX_NARROW", most)
    for array in (np.arange(500), np.arange(60, dtype=np.uint32).reshape(-1, 2), np.zeros(0)):
        buffer = io.BytesIO()
        with ArrayWriter(buffer) as writer:
            pieces = np.array_split(array, 7)
            assert writer.stream("a", array.dtype, pieces, columns=array.shape[1:]) == len(array)
        assert buffer.getvalue() == written({"a": array})


def test_numbers_take_the_bytes_they_need_and_come_back_as_they_were() -> None:
    rng = np.random.default_rng(3)
    gaps = rng.integers(0, 200, 10_000)
    undated = rng.integers(0, 60_000, 10_000)
    undated[::1000] = np.iinfo(np.int64).min
    arrays = {
        "borders": np.cumsum(gaps),
        "with a gap": np.cumsum(np.where(np.arange(10_000) == 77, 1 << 40, gaps)),
        "small": rng.integers(0, 255, (5000, 2)).astype(np.uint32),
        "undated": undated,
        "one each": np.arange(10_001, dtype=np.uint32),
        "all the same": np.full(10_000, 7, np.uint64),
        "hashes": rng.integers(0, 1 << 64, 1000, np.uint64),
    }
    file = opened(written(arrays))
    file.verify()
    for name, array in arrays.items():
        assert np.array_equal(file[name], array), name
        assert file[name].dtype == file.row(name).dtype == array.dtype
        assert file[name].shape == file.row(name).shape == array.shape
    assert {name: file.row(name).nbytes for name in file} == {
        "borders": 10_000,
        "with a gap": 10_008,
        "small": 10_000,
        "undated": 20_080,
        "one each": 8,
        "all the same": 16,
        "hashes": 8000,
    }


def test_a_long_array_is_mapped_however_small_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "MAX_NARROW", 1000)
    arrays = {"long": np.arange(1001), "short": np.arange(1000)}
    file = opened(written(arrays))
    assert {name: file.row(name).nbytes for name in file} == {"long": 8008, "short": 16}


NARROW = st.sampled_from([np.uint16, np.int32, np.uint32, np.int64, np.uint64]).flatmap(
    lambda dtype: st.one_of(
        hnp.arrays(dtype, st.integers(2, 60)),
        hnp.arrays(dtype, st.integers(2, 60), elements=st.integers(0, 300)),
        hnp.arrays(dtype, st.integers(2, 60), elements=st.integers(0, 300)).map(np.cumsum),
        st.builds(
            lambda small, wide, place: np.insert(small, place % len(small), wide),
            hnp.arrays(dtype, st.integers(30, 60), elements=st.integers(0, 90)),
            st.integers(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)),
            st.integers(0, 100),
        ),
    )
)


@settings(deadline=None, max_examples=400)
@given(NARROW)
def test_a_narrow_form_widens_to_what_it_was_made_of(array: np.ndarray) -> None:
    found = narrow.narrowed(array)
    if found is not None:
        assert found.form in narrow.FORMS
        assert found.nbytes <= max(array.nbytes * 7 / 8, 16)
        back = narrow.widened(found, array.dtype, len(array))
        assert back.dtype == array.dtype
        assert np.array_equal(back, array)


def test_zeros_take_no_room() -> None:
    arrays = {"none": np.zeros(100_000, np.uint32), "pairs": np.zeros((500, 2), np.uint64)}
    content = written(arrays)
    assert len(content) < 400
    file = opened(content)
    for name, array in arrays.items():
        assert np.array_equal(file[name], array)
        assert (file[name].dtype, file[name].shape) == (array.dtype, array.shape)


def test_a_name_is_written_once_and_objects_never() -> None:
    writer = ArrayWriter(io.BytesIO())
    writer.write("a", np.zeros(1, np.uint8))
    with pytest.raises(ValueError, match="already"):
        writer.write("a", np.zeros(1, np.uint8))
    with pytest.raises(ValueError, match="not written"):
        writer.write("b", np.array([object()]))


def test_any_flipped_bit_is_reported_or_harmless() -> None:
    rng = random.Random(7)
    arrays = {
        "numbers": np.arange(50, dtype=np.uint32),
        "text": np.frombuffer(b"some text of an article", np.uint8),
        "dates": np.arange(9, dtype=np.int64) << 40,
    }
    content = written(arrays)
    harmless = 0
    for bit in rng.sample(range(8 * len(content)), 3000):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            file = opened(bytes(damaged))
            file.verify()
        except IndexBrokenError as error:
            assert "test.segment" in str(error)
            assert "broadsheet" in str(error)
        else:
            harmless += 1
            assert all(np.array_equal(file[name], array) for name, array in arrays.items())
    assert harmless < 60  # the trailer's four padding bytes


def test_a_file_cut_short_anywhere_is_refused() -> None:
    content = written({"a": np.arange(100, dtype=np.uint32)})
    for size in range(len(content)):
        with pytest.raises(IndexBrokenError):
            opened(content[:size])


def test_a_missing_empty_or_strange_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexBrokenError, match="it is missing"):
        ArrayFile.open(tmp_path / "none")
    for content in (b"", b"x" * 1000):
        path = tmp_path / "strange"
        path.write_bytes(content)
        with pytest.raises(IndexBrokenError, match="strange"):
            ArrayFile.open(path)


def test_another_version_is_refused_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "VERSION", 9)
    content = written({"a": np.zeros(3, np.uint8)})
    monkeypatch.undo()
    with pytest.raises(IndexBrokenError, match=r"format version 9, .* reads version 2: use"):
        opened(content)


def forged(table: object, content: bytes = b"") -> bytes:
    """A file whose table of contents is a lie, with checksums that hold."""
    head = columns._HEAD.pack(columns._MAGIC, columns.VERSION, 0).ljust(64, b"\0")
    head += content or bytes(16)
    text = orjson.dumps(table)
    size = len(head) + len(text) + columns._TRAILER.size
    digest = xxhash.xxh3_64_intdigest(text)
    return head + text + columns._TRAILER.pack(
        len(head), len(text), digest, size, columns.VERSION, b"BROADEND"
    )  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        ["a", "|u1", [17], "", 0, 64, 0],  # past the arrays
        ["a", "|u1", [1], "", 0, 128, 0],
        ["a", "|u1", [-1], "", 0, 64, 0],
        ["a", "|u1", [1 << 62], "", 0, 64, 0],
        ["a", "|u1", [4, 1 << 40], "", 0, 64, 0],
        ["a", "|u1", [1], "", 0, -64, 0],
        ["a", "|u1", [1], "", 0, 65, 0],
        ["a", "|u1", [1.5], "", 0, 64, 0],
        ["a", "|u1", [], "", 0, 64, 0],
        ["a", "|u1", "1", "", 0, 64, 0],
        ["a", "|O", [1], "", 0, 64, 0],
        ["a", "|O", [1], "zeros", 0, 64, 0],
        ["a", "|u1", [1 << 50], "zeros", 0, 64, 0],
        ["a", "|u1", [1 << 30, 1 << 30], "zeros", 0, 64, 0],
        ["a", "<i8", [9], "steps |u1", 1, 64, 0],
        ["a", "<i8", [2], "steps |u1", 3, 64, 0],
        ["a", "<i8", [2], "steps |u1", -1, 64, 0],
        ["a", "<i8", [2], "steps |u1", 1.0, 64, 0],
        ["a", "<i8", [2], "steps |O", 0, 64, 0],
        ["a", "<f8", [2], "values |u1", 0, 64, 0],
        ["a", "<i8", [1 << 40], "series", 2, 64, 0],
        ["a", "<i8", [1 << 20, 1 << 20], "series", 2, 64, 0],
        ["a", "<i8", [9], "series", 1, 64, 0],
        ["a", "<u4", [9], "series", 3, 64, 0],
        ["a", "|u1", [1], "mapped", 0, 64, 0],
        ["a", "|u1", [1], 7, 0, 64, 0],
        ["a", "|u1", [1], [], 0, 64, 0],
        ["a", 7, [1], "", 0, 64, 0],
        ["a", "nonsense", [1], "", 0, 64, 0],
        ["a", "|u1", [1], "", 0],
        "a",
        7,
    ],
)
def test_a_forged_table_never_reaches_outside_the_file(row: object) -> None:
    with pytest.raises(IndexBrokenError):
        opened(forged([row]))


def test_exceptions_that_codes_do_not_speak_of_are_refused() -> None:
    file = opened(forged([["a", "<i8", [2], "steps |u1", 1, 64, 0]], bytes(64)))
    with pytest.raises(IndexBrokenError, match="array a contradicts itself"):
        file["a"]


def test_a_missing_array_is_named() -> None:
    with pytest.raises(IndexBrokenError, match="array dates is missing"):
        opened(written({}))["dates"]
