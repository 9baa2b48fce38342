"""What is read for ever is given up with its name, and what lies beside it is read."""

from __future__ import annotations

import gzip
import io
import json
import random
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from corpus.readers.protocol import Skip
from corpus.reading import read
from corpus.sources import time_limit
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 0.5
ENDLESS_PAGE = b"<html><body><h1>kiln</h1>" + b"<p>by Rosa by Rosa and and" * 60_000
BLANK = bytes(random.Random(3).choices(b" \n", k=12_000_000))
"""Lines in which a reader of lines finds nothing, however long it looks."""


def line(title: str) -> bytes:
    return json.dumps({"title": title, "text": "It burns all night."}).encode() + b"\n"


MEMBERS = {
    "a.jsonl": line("The first kiln"),
    "b.html": ENDLESS_PAGE,
    "c.jsonl": line("The second kiln"),
    "d.jsonl.gz": gzip.compress(BLANK, 1),
    "e.jsonl": line("The third kiln"),
}


@pytest.fixture(scope="module", params=["zip", "tar.gz", "folder"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("endless")
    path = place / f"desk.{request.param}"
    match request.param:
        case "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                for name, content in MEMBERS.items():
                    packed.writestr(name, content)
        case "tar.gz":
            with tarfile.open(path, "w:gz", compresslevel=1) as packed_tar:
                for name, content in MEMBERS.items():
                    entry = tarfile.TarInfo(name)
                    entry.size = len(content)
                    packed_tar.addfile(entry, io.BytesIO(content))
        case "folder":
            path.mkdir()
            for name, content in MEMBERS.items():
                (path / name).write_bytes(content)
    return path


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "MAX_SECONDS", SECONDS)


TITLES = ["The first kiln", "The second kiln", "The third kiln"]


def test_what_takes_too_long_is_named_and_the_rest_is_read(source: Path) -> None:
    skips: list[Skip] = []
    assert [article.title for article in read([source], skips.append)] == TITLES
    assert [Path(skip.path.replace("!", "/")).name for skip in skips] == ["b.html", "d.jsonl.gz"]
    assert all("it was given up" in skip.reason for skip in skips)


@pytest.mark.parametrize("processes", [1, 2])
def test_index_goes_on(source: Path, processes: int, tmp_path: Path) -> None:
    summary = update(FolderStore(tmp_path / "archive"), [str(source)], processes=processes)
    assert (summary.added, summary.skipped) == (3, 2)


def test_many_articles_may_take_long_together(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"".join(line(f"Kiln {number}") for number in range(8_000)))
    assert sum(1 for _ in read([path], pytest.fail)) == 8_000


def test_another_thread_is_not_limited(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(line("The only kiln"))
    found: list[str] = []
    reading = threading.Thread(
        target=lambda: found.extend(one.title for one in read([path], pytest.fail))
    )
    reading.start()
    reading.join()
    assert found == ["The only kiln"]


_LONG_END = """
import sys, time
from pathlib import Path
from corpus.sources import time_limit
from corpus.reading import read

source = [Path(sys.argv[1])]
assert list(read(source, print))  # what is imported for it takes time of its own
time_limit.MAX_SECONDS = 0.06
assert [one.title for one in read(source, print)]

class Last:
    def __del__(self, process_time=time.process_time):
        until = process_time() + 0.3
        while process_time() < until:
            pass

sys.modules["kept until the very end"] = Last()
"""


def test_a_process_that_takes_long_to_end_is_not_ended_by_the_timer(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(line("The only kiln"))
    run = subprocess.run(
        [sys.executable, "-c", _LONG_END, str(path)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
