"""A disk that refuses: full, read-only, failing to flush, writing less than it was given."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.core.errors import BroadsheetError
from indexer.care.backup import back_up
from indexer.care.check import check_archive
from indexer.update.update import update
from indexer.whoosh.archive import Archive, FolderStore

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("update", "removal", "reindex", "optimise", "restore")


@pytest.fixture
def folder(prepared, tmp_path) -> Path:
    copied = tmp_path / "archive"
    shutil.copytree(prepared / "archive", copied)
    return copied


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of its own, of 1.5 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_the_archive_as_it_was(kind, prepared, crashes, small_disk):
    old, after = (crashes.expected(state) for state in (crashes.OLD, crashes.AFTER[kind]))
    folder = small_disk / "archive"
    shutil.copytree(prepared / "archive", folder)
    ballast = small_disk / "ballast"
    refused = 0
    left = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    for room in (0, 4096, 12288, 32768, 65536, 98304, left):
        ballast.write_bytes(b"x" * (left - room))
        try:
            crashes.work_of(kind, folder, prepared)()
        except BroadsheetError as error:
            refused += 1
            assert "disk is full" in str(error)
            assert str(small_disk) in str(error)
            assert crashes.titles_in(folder) == old
        else:
            assert crashes.titles_in(folder) == after
            break
        finally:
            ballast.unlink()
        assert not crashes.orphans_in(folder)
    assert refused
    assert crashes.titles_in(folder) == after
    assert not check_archive(folder).problems


def test_a_limit_on_the_size_of_files_leaves_the_archive_as_it_was(folder, prepared, crashes):
    import resource
    import signal

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        with pytest.raises(BroadsheetError, match="limit on the size"):
            crashes.work_of("update", folder, prepared)()

    assert crashes.run_apart(limited) == 0
    assert crashes.titles_in(folder) == crashes.expected(crashes.OLD)
    assert not crashes.orphans_in(folder)


def test_a_backup_to_a_full_disk_leaves_nothing_there(prepared, small_disk):
    (small_disk / "ballast").write_bytes(b"x" * (1536 * 1024 - 40960))
    with pytest.raises(BroadsheetError, match="disk is full"):
        back_up(prepared / "archive", small_disk / "backup")
    assert not (small_disk / "backup").exists()


def _as_nobody(work) -> None:
    """Do some work without the privileges that make permissions meaningless."""
    os.setgid(65534)
    os.setuid(65534)
    work()


def test_a_folder_that_may_not_be_written_is_read_and_refused_to_a_writer(
    folder, prepared, crashes
):
    if os.geteuid():
        pytest.skip("only root can give up privileges for this")
    for path in (folder, *folder.parents):
        if path.owner() == "root" and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o555)
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)

    def reads() -> None:
        assert crashes.titles_in(folder) == crashes.expected(crashes.OLD)
        with pytest.raises(BroadsheetError, match="permission is denied"):
            FolderStore(folder).writer()

    assert crashes.run_apart(lambda: _as_nobody(reads)) == 0
    assert crashes.titles_in(folder) == crashes.expected(crashes.OLD)


def test_a_read_only_file_system_is_read_and_refused_to_a_writer(prepared, crashes, small_disk):
    folder = small_disk / "archive"
    shutil.copytree(prepared / "archive", folder)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert crashes.titles_in(folder) == crashes.expected(crashes.OLD)
    with pytest.raises(BroadsheetError, match="read-only"):
        FolderStore(folder).writer()


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_flush_is_never_taken_for_a_commit(kind, folder, prepared, crashes, monkeypatch):
    """The n-th fsync fails, for every n there is."""
    old, after = (crashes.expected(state) for state in (crashes.OLD, crashes.AFTER[kind]))
    flush = os.fsync
    for turn in range(100):
        copied = folder.with_name(f"turn-{turn}")
        shutil.copytree(folder, copied)
        left = turn

        def failing(handle: int) -> None:
            nonlocal left
            left -= 1
            if left == -1:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            flush(handle)

        monkeypatch.setattr(os, "fsync", failing)
        work = crashes.work_of(kind, copied, prepared)
        told = ""
        try:
            work()
        except BroadsheetError as error:
            told = str(error)
            assert "disk" in told
        finally:
            monkeypatch.setattr(os, "fsync", flush)
        found = crashes.titles_in(copied)
        if left >= 0:  # it was never reached: all flushes succeeded
            assert turn > 4
            assert found == after
            return
        # What is only a memory of files that were read may be lost without a word.
        assert found == (old if told and "did not confirm" not in told else after)
        work()
        assert crashes.titles_in(copied) == after
        assert not crashes.orphans_in(copied)
    pytest.fail("there is no end of flushes")


def test_every_file_is_flushed_before_the_pointer_names_it(folder, prepared, crashes, monkeypatch):
    """What a power cut may lose is what was not flushed: all of it is, in the right order."""
    flushed: set[str] = set()
    flush, rename = os.fsync, Path.rename
    renamed = []

    def noted(handle: int) -> None:
        flush(handle)
        flushed.add(str(Path(f"/proc/self/fd/{handle}").readlink()))

    def checked(path: Path, target: Path) -> Path:
        if target.name == "CURRENT":
            missing = (
                {str(new) for new in folder.iterdir() if str(new) not in before}
                - flushed
                - {str(folder / "remembered")}
            )
            assert not missing
            assert str(folder) in flushed
            renamed.append(path)
            flushed.discard(str(folder))
        return rename(path, target)

    before = {str(path) for path in folder.iterdir()}
    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "rename", checked)
    crashes.work_of("update", folder, prepared)()
    assert renamed
    assert str(folder) in flushed, "the folder is flushed after the rename, too"


def test_short_writes_are_completed(folder, prepared, crashes, monkeypatch):
    write = os.write
    shortened = 0

    def short(handle: int, content) -> int:
        nonlocal shortened
        if len(content) > 7:
            shortened += 1
            content = content[:7]
        return write(handle, content)

    monkeypatch.setattr(os, "write", short)
    crashes.work_of("update", folder, prepared)()
    assert shortened > 20
    monkeypatch.undo()
    assert crashes.titles_in(folder) == crashes.expected(crashes.NEW)
    assert not check_archive(folder).problems


def test_a_reader_goes_on_when_the_folder_is_removed(folder, crashes):
    with Archive.open(folder) as archive:
        shutil.rmtree(folder)
        titles = [article.title for _, article, _ in archive.articles()]
    assert sorted(titles) == crashes.expected(crashes.OLD)


_CUT = """
import os, sys
from pathlib import Path
from corpus.core.errors import InaccessibleError
from indexer.segment.validation import open_guarded

path = Path(sys.argv[1])
segment = open_guarded(path.parent, path.stem, 1 << 20)
if sys.argv[2] == "stored":
    segment.stored.block(0)
os.truncate(path, 64)
parts = {
    "text": lambda: segment.text["text"].positions,
    "facets": lambda: segment.facets["tags"].ordinals,
    "columns": lambda: segment.ids,
    "stored": lambda: segment.stored.block(len(segment.stored.starts) - 2),
}
try:
    parts[sys.argv[2]]()
except InaccessibleError as error:
    print(error)
"""


@pytest.mark.parametrize("part", ["text", "facets", "columns", "stored"])
def test_pages_that_cannot_be_read_are_an_error_and_not_the_end(part, tmp_path):
    """What a mapped file no longer has raises SIGBUS when it is touched, as does a bad sector."""
    lines = tmp_path / "many.jsonl"
    with lines.open("w") as file:
        for n in range(2_000):
            words = " ".join(f"w{n * k % 7919:x}" for k in range(1, 40))
            file.write(f'{{"title":"Quay {n}","body":"{words}","tags":["t{n % 90}"]}}\n')
    folder = tmp_path / "archive"
    update(FolderStore(folder), [str(lines)], processes=1)
    (segment,) = folder.glob("*.segment")
    run = subprocess.run(
        [sys.executable, "-c", _CUT, str(segment), part],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert f"{segment} cannot be read now" in run.stdout
    assert "check the disk" in run.stdout
