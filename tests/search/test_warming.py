"""A process answers at once: the first answer needs no compiler, a warmed engine waits for none."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.kernels.kernel import Kernel
from corpus.kernels.layout import as_expected
from indexer.archive import FolderStore
from indexer.update import update
from search.embedded import warming
from search.embedded.engine import EmbeddedEngine
from search.request import Request

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("warm") / "archive"
    update(FolderStore(made), [str(ROOT / "corpus" / "sample")])
    return made


@pytest.fixture
def engine(folder: Path) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(folder)
    yield made
    made.close()


REQUESTS: tuple[dict[str, Any], ...] = (
    {"text": "council"},
    {"text": "council bridge", "match": "all", "facets": ("tags", "section")},
    {"text": "harbour OR council OR bridge", "timeline": False},
    {"text": '"the council"~4 bridge'},
    {"text": '"of the"', "facets": ()},
    {"text": "cou* brid*", "match": "any"},
    {"text": "co?ncil"},
    {"text": "bridge~1 harbour"},
    {"text": "title:harbour -bridge"},
    {"text": "the council of the bridge and the harbour said on Tuesday", "match": "any"},
    {"text": "council", "sort": "newest", "since": "2000-01-01"},
    {"text": "", "facets": ("year", "language", "authors")},
    {"text": "council", "explain": True, "collapse": False},
    {"text": "NOT council", "size": 3},
)


def test_a_request_to_a_warmed_engine_meets_no_kernel_for_the_first_time(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "_warm", False)
    engine.warm()
    met = []
    version = Kernel._version

    def noted(kernel: Kernel, args: tuple[Any, ...]) -> Any:
        before = len(kernel._of_types)
        found = version(kernel, args)
        if len(kernel._of_types) > before:
            met.append((kernel, list(kernel._of_types)[-1]))
        return found

    monkeypatch.setattr(Kernel, "_version", noted)
    for request in REQUESTS:
        found = engine.search(Request(**request))
    engine.complete("bri")
    engine.related(found.hits[0].id)
    assert met == []


@pytest.mark.skipif(not as_expected(), reason="code is left to numba on this Python")
def test_every_kernel_that_indexing_and_asking_run_is_kept(engine: EmbeddedEngine) -> None:
    engine.warm()
    kernels = [one for one in gc.get_objects() if isinstance(one, Kernel)]
    assert [one for one in kernels if one.unkept and one.__module__.startswith(PACKAGES)] == []
    assert len([one for one in kernels if one._versions]) > 30


PACKAGES = ("corpus.", "indexer.", "search.")


@pytest.mark.skipif(not as_expected(), reason="code is left to numba on this Python")
def test_the_first_answer_of_a_process_imports_no_compiler_and_no_reader(folder: Path) -> None:
    code = (
        "import sys\n"
        "from search.embedded.engine import EmbeddedEngine\n"
        "from search.request import Request\n"
        f"answer = EmbeddedEngine({str(folder)!r}).search(Request(text='council bridge'))\n"
        "needless = ('numba', 'whoosh', 'lxml', 'flask', 'rich', 'indexer.writer')\n"
        "print(answer.total, *[name for name in needless if name in sys.modules])\n"
    )
    for _ in range(2):  # the first may have kernels to compile
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
    assert int(done.stdout) > 0
