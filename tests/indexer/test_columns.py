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

from corpus.errors import IndexBrokenError
from indexer import columns
from indexer.columns import ArrayFile, ArrayWriter, release_pages

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


def test_small_numbers_take_half_the_room_and_come_back_whole() -> None:
    small = np.array([-1, 0, 2**31 - 1], np.int64)
    wide = np.array([0, 2**31], np.int64)
    file = opened(written({"small": small, "wide": wide}))
    assert file.sizes() == {"small": 12, "wide": 16}
    assert file["small"].dtype == file["wide"].dtype == np.int64
    assert np.array_equal(file["small"], small)


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
    with pytest.raises(IndexBrokenError, match="No such file"):
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
    with pytest.raises(IndexBrokenError, match=r"format version 9, .* reads version 1: run"):
        opened(content)


def forged(table: object) -> bytes:
    """A file whose table of contents is a lie, with checksums that hold."""
    head = columns._HEAD.pack(columns._MAGIC, columns.VERSION, 0) + bytes(64)
    text = orjson.dumps(table)
    size = len(head) + len(text) + columns._TRAILER.size
    digest = xxhash.xxh3_64_intdigest(text)
    return head + text + columns._TRAILER.pack(
        len(head), len(text), digest, size, columns.VERSION, columns._END
    )  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        ["a", "|u1", [17], 64, 0],  # past the arrays
        ["a", "|u1", [1], 128, 0],
        ["a", "|u1", [-1], 64, 0],
        ["a", "|u1", [1 << 62], 64, 0],
        ["a", "|u1", [4, 1 << 40], 64, 0],
        ["a", "|u1", [1], -64, 0],
        ["a", "|u1", [1], 65, 0],
        ["a", "|u1", [1.5], 64, 0],
        ["a", "|u1", [], 64, 0],
        ["a", "|u1", "1", 64, 0],
        ["a", "|O", [1], 64, 0],
        ["a", "zeros |O", [1], 64, 0],
        ["a", "zeros |u1", [1 << 50], 64, 0],
        ["a", "zeros |u1", [1 << 30, 1 << 30], 64, 0],
        ["a", 7, [1], 64, 0],
        ["a", "nonsense", [1], 64, 0],
        ["a", "|u1", [1]],
        "a",
        7,
    ],
)
def test_a_forged_table_never_reaches_outside_the_file(row: object) -> None:
    with pytest.raises(IndexBrokenError):
        opened(forged([row]))


def test_a_missing_array_is_named() -> None:
    with pytest.raises(IndexBrokenError, match="array dates is missing"):
        opened(written({}))["dates"]
