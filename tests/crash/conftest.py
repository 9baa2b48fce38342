"""Newspapers in states, archives made of them, and processes that are killed while they write."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.care.backup import back_up, restore
from indexer.store import durable
from indexer.store.generations import POINTER_NAME, QUARANTINE_NAME
from indexer.store.lock import LOCK_NAME
from indexer.store.toc import toc_name
from indexer.update import reading
from indexer.update.file_manifest import REMEMBERED_NAME
from indexer.update.update import Summary, update
from indexer.whoosh.archive import Archive, FolderStore

WORDS = (
    "harbour", "council", "budget", "storm", "election", "museum", "tram", "river", "strike",
    "school", "bridge", "market",
)  # fmt: skip


@dataclass(frozen=True)
class Newspaper:
    """Articles 0..n-1 in one of many states: article i is of the version that the state gives it.

    The model of an archive is a map from titles to versions.
    """

    folder: Path

    def write(self, model: dict[int, int]) -> Path:
        """Write a state as a source of several files, replacing what was there."""
        source = self.folder / "source"
        source.mkdir(exist_ok=True)
        files: dict[int, list[str]] = {0: [], 1: [], 2: []}
        for number, version in sorted(model.items()):
            files[number % 3].append(json.dumps(self.plain(number, version)))
        for which, lines in files.items():
            path = source / f"part-{which}.jsonl"
            content = "\n".join(lines) + "\n"
            if not path.exists() or path.read_text() != content:
                path.write_text(content)
        return source

    @staticmethod
    def plain(number: int, version: int) -> dict[str, object]:
        """Return an article as a line of the source has it."""
        words = [WORDS[(number * 7 + version * 3 + i * i) % len(WORDS)] for i in range(40)]
        return {
            "id": f"n{number}",
            "title": f"Report {number} version {version}",
            "text": " ".join(words) + f" mark{number}x{version}.",
            "tags": [WORDS[number % 5], WORDS[5 + number % 3]],
            "date": f"2021-0{1 + number % 9}-1{version % 9}T10:00:00Z",
        }

    @staticmethod
    def expected(model: dict[int, int]) -> list[str]:
        """Return the titles that an archive of a state has, in order."""
        return sorted(f"Report {number} version {version}" for number, version in model.items())


OLD = dict.fromkeys(range(90), 0)
NEW = {number: number % 2 for number in range(20, 110)}
OTHER = {5: 5}


@pytest.fixture
def newspaper(tmp_path: Path) -> Newspaper:
    return Newspaper(tmp_path)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to copy, with an archive in state OLD that its next update will merge, a source in
    state NEW, and a backup in state OTHER."""
    place = tmp_path_factory.mktemp("prepared")
    paper = Newspaper(place)
    for end in (30, 60, 90):
        index(place / "archive", paper.write(dict.fromkeys(range(end), 0)))
    paper.write(NEW)
    other = Newspaper(place / "elsewhere")
    other.folder.mkdir()
    index(place / "other", other.write(OTHER))
    back_up(place / "other", place / "backup")
    assert titles_in(place / "archive") == paper.expected(OLD)
    with Archive.open(place / "archive") as archive:
        assert len(archive.snapshot().leaves) == 3
    for kind in AFTER:
        # What is forked from here has its kernels loaded, and is killed at work, not at that.
        shutil.copytree(place / "archive", place / kind)
        work_of(kind, place / kind, place)()
        shutil.rmtree(place / kind)
    return place


def titles_in(folder: Path) -> list[str]:
    """Return the titles of an archive, each from its stored article, in order."""
    with Archive.open(folder) as archive:
        titles = [article.title for _, article, _ in archive.articles()]
        assert len(titles) == archive.snapshot().n_live
        return sorted(titles)


def orphans_in(folder: Path) -> set[str]:
    """Return the files that the generation that counts does not need."""
    with Archive.open(folder) as archive:
        toc = archive.snapshot().held.toc  # type: ignore[attr-defined]
    kept = {POINTER_NAME, LOCK_NAME, QUARANTINE_NAME, REMEMBERED_NAME, toc_name(toc.generation)}
    return {path.name for path in folder.iterdir()} - kept - {file.name for file in toc.files()}


def index(folder: Path, source: Path, **options: bool) -> Summary:
    """Index in this process."""
    return update(FolderStore(folder), [str(source)], processes=1, **options)  # type: ignore[arg-type]


def run_apart(
    work: Callable[[], object], *, fault: str = "", kill_after: float | None = None
) -> int:
    """Do some work in another process; returns its exit status, -9 when it was killed.

    It is killed at a fault point, or after some seconds, or not at all.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            name, _, passes = fault.partition(":")
            durable._fault, durable._passes_left = name, int(passes or 1)
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def work_of(kind: str, folder: Path, prepared: Path) -> Callable[[], object]:
    """Return some work on a copy of the archive in `prepared` that takes OLD to `AFTER[kind]`."""
    sources = [str(prepared / "source")]
    match kind:
        case "update":
            return lambda: update(FolderStore(folder), sources, prune=True, processes=1)
        case "update with workers":
            return lambda: _update_with_workers(folder, sources)
        case "reindex":
            return lambda: update(FolderStore(folder), sources, rebuild=True, processes=1)
        case "removal":
            return lambda: _remove(folder, "Report 7 version 0")
        case "optimise":
            return lambda: FolderStore(folder).optimise()
        case "restore":
            return lambda: restore(prepared / "backup", folder)
    raise ValueError(kind)


def _update_with_workers(folder: Path, sources: list[str]) -> None:
    reading.WORTH_WORKERS = -1.0
    update(FolderStore(folder), sources, prune=True, processes=2)


def _remove(folder: Path, title: str) -> None:
    with Archive.open(folder) as archive:
        ids = [article.id for _, article, _ in archive.articles() if article.title == title]
    writer = FolderStore(folder).writer()
    try:
        writer.remove(ids)
        writer.commit()
    finally:
        writer.close()


AFTER = {
    "removal": {number: version for number, version in OLD.items() if number != 7},
    "update": NEW,
    "update with workers": NEW,
    "reindex": NEW,
    "optimise": OLD,
    "restore": OTHER,
}


@dataclass(frozen=True)
class Crashes:
    """The functions and states above, for tests to take as a fixture."""

    OLD = OLD
    NEW = NEW
    AFTER = AFTER
    expected: Callable[[dict[int, int]], list[str]] = Newspaper.expected
    work_of: Callable[[str, Path, Path], Callable[[], object]] = work_of

    titles_in: Callable[[Path], list[str]] = titles_in
    orphans_in: Callable[[Path], set[str]] = orphans_in
    index: Callable[..., Summary] = index
    run_apart: Callable[..., int] = run_apart


@pytest.fixture(scope="session")
def crashes() -> Crashes:
    return Crashes()
