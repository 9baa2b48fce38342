"""Several processes read what one reads, whatever becomes of one of them."""

from __future__ import annotations

import gzip
import math
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.core.article import Origin
from corpus.core.errors import BroadsheetError
from corpus.core.wire import article_json
from corpus.readers.protocol import Skip
from indexer.care.check import check_archive
from indexer.update import reading
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from tests.indexer.test_update import bodies, expected, write


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Path]:
    """A source of many files of different sizes and packings, with ids that recur."""
    chance = random.Random(5)
    source = tmp_path / "many"
    for number in range(40):
        numbers = {chance.randrange(800): chance.randrange(9) for _ in range(number * 7 % 90)}
        path = write(source / f"{number % 7}" / f"f{number}.jsonl", numbers, extra=("{broken",))
        if number % 5 == 0:
            with gzip.open(f"{path}.gz", "wb") as packed:
                packed.write(path.read_bytes())
            path.unlink()
    yield source


def test_several_processes_read_what_one_reads(many, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "WORTH_WORKERS", -1.0)
    monkeypatch.setattr(reading, "BATCH_ARTICLES", 10)
    monkeypatch.setattr(reading, "BUFFER_BYTES", 5000)
    found = []
    for processes in (1, 2, 5):
        store = FolderStore(tmp_path / f"by-{processes}")
        told: list[Skip] = []
        summary = update(store, [str(many)], processes=processes, on_skip=told.append)
        facts = (summary.read, summary.added, summary.duplicates, summary.files)
        found.append((facts, told, bodies(store.folder)))
    assert found[0] == found[1] == found[2]
    assert found[0][0][0] > 500


def test_reading_that_is_slow_is_shared_and_cheap_reading_is_not(many, tmp_path, monkeypatch):
    started = []
    start = reading._Pool._start
    monkeypatch.setattr(reading._Pool, "_start", lambda pool: started.append(1) or start(pool))
    monkeypatch.setattr(reading, "WORTH_WORKERS", 0.3)
    monkeypatch.setattr(reading, "CHEAP", math.inf)
    update(FolderStore(tmp_path / "cheap"), [str(many)], processes=3)
    assert not started
    monkeypatch.setattr(reading, "CHEAP", 0.0)
    monkeypatch.setattr(reading, "WORTH_WORKERS", 0.001)
    update(FolderStore(tmp_path / "slow"), [str(many)], processes=3)
    assert len(started) == 3
    assert bodies(tmp_path / "cheap") == bodies(tmp_path / "slow")


def test_a_large_file_is_read_by_a_worker_of_its_own(tmp_path, monkeypatch):
    source = write(tmp_path / "in/a.jsonl", dict.fromkeys(range(30), 0))
    started = []
    start = reading._Pool._start
    monkeypatch.setattr(reading._Pool, "_start", lambda pool: started.append(1) or start(pool))
    monkeypatch.setattr(reading, "WORTH_WORKERS", 1e9)
    for processes, large, workers in ((2, 1 << 30, 0), (1, 10, 0), (2, 10, 1)):
        monkeypatch.setattr(reading, "LARGE", large)
        folder = tmp_path / f"{processes}-{large}"
        assert update(FolderStore(folder), [str(source)], processes=processes).added == 30
        assert len(started) == workers
        assert bodies(folder) == bodies(tmp_path / f"2-{1 << 30}")


def test_what_was_exported_is_read_back_as_it_was(many, tmp_path):
    first = FolderStore(tmp_path / "first")
    update(first, [str(many)])
    lines = tmp_path / "exported.jsonl"
    lines.write_bytes(b"".join(article_json(one) + b"\n" for _, one, _ in first.articles()))
    second = FolderStore(tmp_path / "second")
    summary = update(second, [str(lines)])
    assert summary.skipped == 0
    before = {one.id: one for _, one, _ in first.articles()}
    after = {one.id: one for _, one, _ in second.articles()}
    assert {key: replace(one, origin=Origin()) for key, one in after.items()} == {
        key: replace(one, origin=Origin()) for key, one in before.items()
    }
    assert {one.origin.path for one in after.values()} == {str(lines)}


def test_a_file_that_kills_its_reader_is_reported_and_the_rest_read(many, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "WORTH_WORKERS", -1.0)
    whole = reading._read_named

    def deadly(name: str, root: str):
        if name.endswith("f11.jsonl"):
            os.kill(os.getpid(), signal.SIGSEGV)
        return whole(name, root)

    monkeypatch.setattr(reading, "_read_named", deadly)
    store = FolderStore(tmp_path / "archive")
    told: list[Skip] = []
    summary = update(store, [str(many)], processes=2, on_skip=told.append)
    killed = [skip for skip in told if "ended by signal 11" in skip.reason]
    assert [Path(skip.path).name for skip in killed] == ["f11.jsonl"]
    assert summary.files == 40
    assert not check_archive(store.folder).problems


def test_a_run_that_fails_leaves_no_process(many, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "WORTH_WORKERS", -1.0)
    children = Path(f"/proc/self/task/{os.getpid()}/children")

    def refuse(_: object) -> None:
        raise BroadsheetError("enough")

    before = set(children.read_text().split())
    with pytest.raises(BroadsheetError, match="enough"):
        update(FolderStore(tmp_path / "archive"), [str(many)], processes=3, on_skip=refuse)
    assert set(children.read_text().split()) <= before


def test_ctrl_c_ends_a_run_with_one_sentence_and_the_archive_as_it_was(many, tmp_path):
    folder = tmp_path / "archive"
    update(FolderStore(folder), [str(write(tmp_path / "in/a.jsonl", {1: 0}))])
    fifo = many / "zz.jsonl"
    shutil.rmtree(many / "3")
    program = (
        "import os, signal, sys\n"
        "from indexer.update import update, reading\n"
        "from indexer.commands import index_command\n"
        "from corpus.core.errors import BroadsheetError\n"
        "reading.WORTH_WORKERS = -1.0\n"
        "finish = update._UpdateRun._finish\n"
        "def slow(run, file):\n"
        "    finish(run, file)\n"
        "    print('reading', flush=True)\n"
        "    signal.pause()\n"
        "update._UpdateRun._finish = slow\n"
        "try:\n"
        "    index_command(sys.argv[1:], standalone_mode=False)\n"
        "except BroadsheetError as error:\n"
        "    print(error)\n"
        "    sys.exit(1)\n"
    )
    assert not fifo.exists()
    run = subprocess.Popen(
        [sys.executable, "-c", program, "--index", str(folder), str(many)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "reading\n"
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert (run.returncode, err) == (1, "")
    assert "Interrupted: the archive is as it was" in out
    assert bodies(folder) == expected({1: 0})
    assert not list(folder.glob("broadsheet-*"))
