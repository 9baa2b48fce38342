"""Whenever a writer is killed, the archive is exactly what was committed last."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.whoosh.archive import FolderStore

FAULT_POINTS = (
    "update.begun",
    "update.batch-put",
    "segment.written",
    "merge.begun",
    "merge.written",
    "commit.begun",
    "commit.deletes-written",
    "commit.segments-synced",
    "commit.toc-written",
    "commit.pointer-beside",
    "commit.pointer-renamed",
    "commit.done",
    "clean.begun",
    "clean.toc-unlinked",
    "clean.done",
    "remember.beside",
    "remember.renamed",
    "restore.copied",
)
"""The moments at which the crash tests kill a writer, in the order in which a run meets them."""

COMMIT = {point for point in FAULT_POINTS if point.startswith(("commit.", "clean."))}
SMALL = COMMIT - {"commit.deletes-written"}
READING = {"update.begun", "update.batch-put", "segment.written"}
REMEMBERING = {"remember.beside", "remember.renamed"}
MERGE = {"merge.begun", "merge.written"}
MUST_REACH = {
    "update": SMALL | READING | REMEMBERING | MERGE,
    "update with workers": SMALL | READING | REMEMBERING | MERGE,
    "removal": COMMIT,
    "reindex": SMALL | READING | REMEMBERING,
    "optimise": SMALL | MERGE,
    "restore": SMALL - {"commit.begun", "commit.segments-synced"} | {"restore.copied"},
}
"""The points that each kind of work passes, and is killed at; together they are all."""

KINDS = tuple(MUST_REACH)

RANDOM_KILLS = int(os.environ.get("BROADSHEET_KILLS", "15"))
"""Random moments for each kind of work."""

AFTER_COMMIT = ("commit.pointer-renamed", "commit.done", "clean.", "remember.")


def _point(kind: str, point: str) -> str:
    """Return the fault to set: a session cleans when it begins, too."""
    return f"{point}:2" if point.startswith("clean.") and kind != "restore" else point


@pytest.mark.parametrize("kind", KINDS)
def test_a_writer_killed_at_any_named_point_loses_nothing(kind, prepared, crashes, tmp_path):
    reached = set()
    for point in FAULT_POINTS:
        folder = tmp_path / point
        shutil.copytree(prepared / "archive", folder)
        work = crashes.work_of(kind, folder, prepared)
        killed = crashes.run_apart(work, fault=_point(kind, point)) == -signal.SIGKILL
        committed = not killed or point.startswith(AFTER_COMMIT)
        after = crashes.expected(crashes.AFTER[kind])
        found = crashes.titles_in(folder)
        assert found == (after if committed else crashes.expected(crashes.OLD)), point
        if killed:
            reached.add(point)
            assert crashes.run_apart(work) == 0
        assert crashes.titles_in(folder) == after, point
        assert not crashes.orphans_in(folder), point
    assert MUST_REACH[kind] <= reached


@pytest.mark.parametrize("kind", KINDS)
def test_a_writer_killed_at_a_random_moment_loses_nothing(kind, prepared, crashes, tmp_path):
    chance = random.Random(kind)
    old, after = (crashes.expected(state) for state in (crashes.OLD, crashes.AFTER[kind]))
    shutil.copytree(prepared / "archive", tmp_path / "timed")
    begun = time.monotonic()
    assert crashes.run_apart(crashes.work_of(kind, tmp_path / "timed", prepared)) == 0
    seconds = time.monotonic() - begun
    outcomes = set()
    for turn in range(RANDOM_KILLS):
        folder = tmp_path / f"turn-{turn}"
        shutil.copytree(prepared / "archive", folder)
        work = crashes.work_of(kind, folder, prepared)
        crashes.run_apart(work, kill_after=chance.uniform(0, 1.2 * seconds))
        found = crashes.titles_in(folder)
        assert found in (old, after)
        outcomes.add(found == old)
        assert crashes.run_apart(work) == 0
        assert crashes.titles_in(folder) == after
        assert not crashes.orphans_in(folder)
        shutil.rmtree(folder)
    assert RANDOM_KILLS < 100 or kind == "optimise" or outcomes == {False, True}


def test_all_named_points_are_among_those_tried():
    assert set.union(*MUST_REACH.values()) == set(FAULT_POINTS)


def test_a_first_run_killed_at_any_named_point_can_be_run_again(newspaper, crashes, tmp_path):
    source = newspaper.write(crashes.NEW)
    for point in FAULT_POINTS:
        folder = tmp_path / point
        crashes.run_apart(lambda folder=folder: crashes.index(folder, source), fault=point)
        crashes.index(folder, source)
        assert crashes.titles_in(folder) == crashes.expected(crashes.NEW)
        assert not crashes.orphans_in(folder)


def test_the_command_dies_where_the_environment_says(prepared, crashes, tmp_path):
    folder = tmp_path / "archive"
    shutil.copytree(prepared / "archive", folder)
    command = [sys.executable, "-m", "broadsheet", "index", "--prune", "--index", str(folder)]
    for point, state in (
        ("commit.toc-written", crashes.OLD),
        ("commit.pointer-renamed", crashes.NEW),
    ):
        environment = {**os.environ, "BROADSHEET_FAULT": point}
        killed = subprocess.run(
            [*command, str(prepared / "source")], env=environment, timeout=60, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert crashes.titles_in(folder) == crashes.expected(state)


def test_workers_end_with_the_writer_that_is_killed(prepared, crashes, tmp_path):
    folder = tmp_path / "archive"
    shutil.copytree(prepared / "archive", folder)
    before = _processes()
    work = crashes.work_of("update with workers", folder, prepared)
    assert crashes.run_apart(work, fault="update.batch-put") == -signal.SIGKILL
    begun = time.monotonic()
    FolderStore(folder, wait=5).writer().close()  # a worker would still have the lock
    assert time.monotonic() - begun < 5
    deadline = time.monotonic() + 5
    while _processes() - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _processes() - before


def _processes() -> set[str]:
    """Return the processes that are forks of this one, or of its forks."""
    own = Path("/proc/self/cmdline").read_bytes()
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "cmdline").read_bytes() == own:
                found.add(path.name)
        except OSError:
            continue
    return found
