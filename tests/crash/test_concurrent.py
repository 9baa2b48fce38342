"""Readers in other processes while an archive is written: no half commits, no waiting."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from indexer.whoosh.archive import Archive, FolderStore

READERS = 3


def _children(count: int, work) -> list[int]:
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work(number)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    return children


def _uniform_version(archive: Archive) -> int:
    """Return the version that all articles of a generation have; fail when they differ."""
    versions = {article.title.rpartition(" ")[2] for _, article, _ in archive.articles()}
    assert len(versions) == 1, "half a commit"
    return int(versions.pop())


def test_readers_in_other_processes_never_see_half_a_commit(newspaper, crashes, tmp_path):
    folder = tmp_path / "archive"
    numbers = range(60)
    crashes.index(folder, newspaper.write(dict.fromkeys(numbers, 0)))
    stop = tmp_path / "stop"

    def read(number: int) -> None:
        seen = []
        archive = Archive.open(folder)
        while not stop.exists() or len(seen) < 2:
            if number % 2:
                archive.take_up()
            else:
                archive.close()
                archive = Archive.open(folder)
            assert archive.snapshot().n_live == len(numbers)
            seen.append(_uniform_version(archive))
        assert seen == sorted(seen), "a reader went back in time"
        assert len(set(seen)) > 3, "a reader saw hardly any of the commits"

    children = _children(READERS, read)
    for version in range(1, 13):
        crashes.index(
            folder, newspaper.write(dict.fromkeys(numbers, version)), rebuild=version % 4 == 0
        )
    FolderStore(folder).optimise()
    stop.touch()
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 3
    crashes.index(folder, newspaper.write(dict.fromkeys(numbers, 99)))
    assert not crashes.orphans_in(folder), "what dead readers held is removed"


def test_a_new_generation_is_taken_up_at_once(newspaper, crashes, tmp_path):
    folder = tmp_path / "archive"
    crashes.index(folder, newspaper.write({1: 0}))
    with Archive.open(folder) as archive:
        crashes.index(folder, newspaper.write({1: 1}))
        begun = time.perf_counter()
        assert archive.take_up()
        assert time.perf_counter() - begun < 0.5
        assert _uniform_version(archive) == 1
        begun = time.perf_counter()
        for _ in range(100):
            assert not archive.take_up()
        assert time.perf_counter() - begun < 0.5, "asking whether there is one costs microseconds"


def test_writers_in_several_processes_take_turns(newspaper, crashes, tmp_path):
    folder = tmp_path / "archive"
    sources = []
    for number in range(4):
        paper = type(newspaper)(tmp_path / f"of-{number}")
        paper.folder.mkdir()
        sources.append(paper.write(dict.fromkeys(range(number * 10, number * 10 + 10), 0)))

    def write(number: int) -> None:
        from indexer.update.update import update

        update(FolderStore(folder, wait=60), [str(sources[number])], processes=1)

    children = _children(4, write)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert crashes.titles_in(folder) == newspaper.expected(dict.fromkeys(range(40), 0))
    with Archive.open(folder) as archive:
        assert archive.snapshot().generation == 4


@pytest.mark.parametrize("kind", ["update", "reindex", "optimise"])
def test_readers_that_are_killed_hold_nothing_back(kind, prepared, crashes, tmp_path):
    folder = tmp_path / "archive"
    shutil.copytree(prepared / "archive", folder)

    def read(_: int) -> None:
        archive = Archive.open(folder)
        (tmp_path / f"open-{os.getpid()}").touch()
        while True:
            list(archive.articles())

    children = _children(3, read)
    while len(list(tmp_path.glob("open-*"))) < 3:
        time.sleep(0.01)
    assert crashes.run_apart(crashes.work_of(kind, folder, prepared)) == 0
    assert crashes.orphans_in(folder), "they are in use"
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    FolderStore(folder).writer().close()
    assert not crashes.orphans_in(folder)


def test_a_backup_is_consistent_while_the_archive_is_written(newspaper, crashes, tmp_path):
    from indexer.care.backup import back_up
    from indexer.care.check import check_archive

    folder = tmp_path / "archive"
    numbers = range(40)
    crashes.index(folder, newspaper.write(dict.fromkeys(numbers, 0)))
    stop = tmp_path / "stop"

    def write(_: int) -> None:
        version = 0
        while not stop.exists():
            version += 1
            crashes.index(folder, newspaper.write(dict.fromkeys(numbers, version)))

    (child,) = _children(1, write)
    chance = random.Random(1)
    versions = set()
    for turn in range(8):
        time.sleep(chance.uniform(0, 0.1))
        copy = Path(tmp_path / f"backup-{turn}")
        copied = back_up(folder, copy)
        assert copied.articles == len(numbers)
        assert not check_archive(copy).problems
        with Archive.open(copy) as archive:
            versions.add(_uniform_version(archive))
    stop.touch()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(versions) > 1
