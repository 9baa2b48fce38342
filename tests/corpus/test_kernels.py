"""Kernels: the same results as the function gives, from code that is kept and never out of date."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.kernels import Kernel, kept, njit
from corpus.kernels.identity import digest_of
from corpus.kernels.layout import as_expected

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 40


@njit(cache=True, nogil=True)
def below(values: Any, scale: float, skip: bool, out: Any) -> tuple[int, float]:
    """Write twice what is below LIMIT in every row; return how many, and their sum."""
    counts = np.zeros(values.shape[0], np.int64)
    total = 0.0
    for row in range(values.shape[0]):
        for value in values[row]:
            if value < LIMIT and not (skip and value == 0):
                out[row, counts[row]] = 2 * value
                counts[row] += 1
                total += scale * value
    return counts.sum(), total


@njit(cache=True, nogil=True)
def divide(one: int, other: int) -> int:
    """Return a quotient."""
    return one // other


@njit(cache=True, nogil=True)
def length(values: Any) -> int:
    """Return how many values there are."""
    return values.size


@njit(cache=True, nogil=True)
def last_of_many(values: Any, times: int) -> int:
    """Return the sum of what is left at the end of lists that grow and shrink."""
    total = 0
    for time in range(times):
        found = [time]
        for value in values:
            found.append(value)
            if value % 3 == 0:
                found.pop()
        total += found[-1] + np.argsort(values)[0]
    return total


def arrays() -> st.SearchStrategy[Any]:
    def build(drawn: tuple[list[int], int, str, str, bool]) -> Any:
        numbers, columns, kind, order, writeable = drawn
        rows = len(numbers) // columns
        array = np.array(numbers[: rows * columns], kind).reshape(rows, columns)
        if order == "F":
            array = np.asfortranarray(array)
        elif order == "strided":
            array = np.repeat(np.repeat(array, 2, axis=0), 3, axis=1)[::2, ::3]
        array.flags.writeable = writeable
        return array

    kinds = st.sampled_from(["u1", "i4", "u4", "i8", "f4", "f8"])
    orders = st.sampled_from(["C", "F", "strided"])
    numbers = st.lists(st.integers(0, 100), max_size=30)
    return st.tuples(numbers, st.integers(1, 5), kinds, orders, st.booleans()).map(build)


@given(arrays(), st.floats(0, 9), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_kernel_gives_what_its_function_gives(values: Any, scale: float, skip: bool) -> None:
    out, expected = (np.zeros(values.shape, np.int64) for _ in range(2))
    function = below.function  # type: ignore[attr-defined]
    count, total = below(values, scale, skip, out)
    assert count == function(values, scale, skip, expected)[0]
    assert total == pytest.approx(function(values, scale, skip, expected)[1], rel=1e-6)
    assert np.array_equal(out, expected)


@pytest.mark.skipif(not as_expected(), reason="code is left to numba on this Python")
def test_every_combination_of_types_is_kept() -> None:
    assert isinstance(below, Kernel)
    assert not below.unkept


@pytest.mark.skipif(not as_expected(), reason="code is left to numba on this Python")
def test_what_was_kept_for_another_folder_is_not_used() -> None:
    values = np.arange(3.0)
    assert length(values) == 3
    place = kept.Place(length.function, digest_of(length), next(iter(length._of_types)))
    content = next(
        (folder / place.name).read_bytes()
        for folder in place.folders()
        if (folder / place.name).exists()
    )
    assert kept.link(place, content) is not None
    place.entry = "kernel_" + "0" * 32
    assert kept.link(place, content) is None


def test_arrays_that_are_read_only_are_never_written_to() -> None:
    out = np.zeros((1, 1), np.int64)
    out.flags.writeable = False
    with pytest.raises(Exception, match=r"(?i)read.?only|immutable"):
        below(np.ones((1, 1), np.uint8), 1.0, False, out)
    assert out[0, 0] == 0


def test_numbers_of_numpy_and_arrays_of_other_classes_are_taken() -> None:
    class Named(np.ndarray):
        pass

    assert divide(np.int64(7), np.uint8(2)) == 3
    assert length(np.zeros(5).view(Named)) == 5


@pytest.mark.parametrize("arguments", [(), (1,), (1, 2, 3), ("1", "2"), (None, None)])
def test_other_arguments_are_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        divide(*arguments)


def test_what_fails_within_raises() -> None:
    with pytest.raises((RuntimeError, ZeroDivisionError)):
        divide(1, 0)


def test_lists_within_a_kernel_grow_and_are_given_back() -> None:
    values = np.arange(50_000)[::-1].copy()
    before = _resident()
    assert last_of_many(values, 200) == 200 * (1 + 49_999)
    assert not last_of_many.unkept  # type: ignore[attr-defined]
    assert _resident() - before < 32 << 20


def test_arrays_within_a_kernel_are_given_back() -> None:
    values, out = np.ones((1 << 16, 1), np.uint8), np.zeros((1 << 16, 1), np.int64)
    below(values, 1.0, False, out)
    before = _resident()
    for _ in range(400):
        below(values, 1.0, False, out)  # each makes 512 kB
    assert _resident() - before < 64 << 20


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def program(tmp_path: Path) -> Any:
    """Two modules, the kernel of one calling that of the other, and a way to run them."""
    inner, outer = tmp_path / "inner.py", tmp_path / "outer.py"
    head = "from corpus.kernels import njit\n"
    inner.write_text(
        f"{head}STEP = 2\n@njit(cache=True, nogil=True)\ndef add(a):\n    return a + STEP\n"
    )
    outer.write_text(
        f"{head}import sys\nfrom inner import add\n"
        "@njit(cache=True, nogil=True)\ndef twice(a):\n    return 2 * add(a)\n"
        "print(twice(5), 'numba' in sys.modules)\n"
    )

    def run() -> list[str]:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}", "HOME": str(tmp_path)}
        command = [sys.executable, str(outer)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.split()

    return SimpleNamespace(run=run, inner=inner, cache=tmp_path / "__pycache__")


@pytest.mark.skipif(not as_expected(), reason="code is left to numba on this Python")
class TestKept:
    def test_the_second_process_needs_no_numba(self, program: Any) -> None:
        assert program.run() == ["14", "True"]
        assert program.run() == ["14", "False"]

    @pytest.mark.parametrize("change", [("STEP = 2", "STEP = 3"), ("a + STEP", "a + 1 + STEP")])
    def test_what_changes_in_another_module_is_compiled_anew(
        self, program: Any, change: tuple[str, str]
    ) -> None:
        program.run()
        text = program.inner.read_text()
        program.inner.write_text(text.replace(*change))
        os.utime(program.inner, ns=(1, 1))  # whatever the file's time
        assert program.run() == ["16", "True"]
        assert program.run() == ["16", "False"]
        assert len(list(program.cache.glob("outer.twice-*"))) == 1

    @pytest.mark.parametrize("harm", ["damaged", "cut", "writable"])
    def test_a_file_that_may_not_be_ours_is_not_run(self, program: Any, harm: str) -> None:
        program.run()
        (path,) = program.cache.glob("outer.twice-*")
        content = bytearray(path.read_bytes())
        if harm == "damaged":
            content[len(content) // 2] ^= 1
        path.write_bytes(content[:-8] if harm == "cut" else content)
        path.chmod(0o666 if harm == "writable" else 0o644)
        assert program.run() == ["14", "True"]
        assert program.run() == ["14", "False"]

    def test_the_users_folder_is_used_where_the_sources_cannot_be_written(
        self, program: Any, tmp_path: Path
    ) -> None:
        program.cache.write_text("no folder")
        assert program.run() == ["14", "True"]
        assert program.run() == ["14", "False"]
        assert list(tmp_path.glob(".cache/broadsheet/kernels/outer.twice-*"))

    def test_a_symbol_that_is_not_there_is_no_crash(self) -> None:
        place = kept.Place(divide.function, digest_of(divide), "test")  # type: ignore[attr-defined, arg-type]
        assert kept.link(place, kept.packed(b"", ["PyNone_SuchFunction"])) is None


def test_a_kernel_that_depends_on_what_may_change_is_refused() -> None:
    values = {"MUTABLE": [1]}
    exec("def f(a):\n    return a + MUTABLE[0]\n", values)
    kernel = njit(cache=True, nogil=True)(values["f"])  # type: ignore[type-var]
    with pytest.raises(TypeError, match="MUTABLE"):
        digest_of(kernel)  # type: ignore[arg-type]


ENDING = """
import gc, sys
import numpy as np
from search.embedded.postings import gallop
values = np.arange(100, dtype=np.uint32)
assert gallop(values, 0, 100, 7) == 7
version = gallop._versions[0]
sys.modules.pop("corpus.kernels.kept").__dict__.clear()
gc.collect()
fresh = [bytearray(b"\\xff" * 32) for _ in range(100_000)]
assert version(values, 0, 100, 7) == 7
assert version(1) is NotImplemented
del gallop, version
"""


@pytest.mark.skipif(not as_expected(), reason="code is left to numba on this Python")
def test_code_outlives_the_module_that_loaded_it() -> None:
    done = subprocess.run([sys.executable, "-c", ENDING], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


FORKING = """
import os, threading
from corpus.kernels import njit
import logging

@njit(cache=True, nogil=True)
def twice(a):
    return 2 * a

compiling = threading.Thread(target=twice, args=(5,))
compiling.start()
while compiling.is_alive():
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
print(twice(7))
"""


def test_a_kernel_is_compiled_while_processes_fork(tmp_path: Path) -> None:
    program = tmp_path / "forking.py"
    program.write_text(FORKING)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(program)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "14\n")
