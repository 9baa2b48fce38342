"""Sources read into an archive: what is new, changed, the same, gone, skipped, remembered."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.errors import BroadsheetError, UnreadableError
from corpus.core.wire import article_json
from corpus.readers.protocol import Skip
from indexer.update import file_manifest as remembered
from indexer.update.assumed_language import without_assumed
from indexer.update.file_manifest import Remembered
from indexer.update.reading import fingerprint
from indexer.update.update import update, update_from_articles
from indexer.whoosh.archive import Archive, FolderStore


@pytest.fixture(autouse=True)
def _fine_clock(monkeypatch) -> None:
    """Files made by a test are older than a tick of the file system's clock, or the test waits."""
    monkeypatch.setattr(remembered, "_COARSE_TICK_NS", remembered._TICK_NS)


def line(number: int, version: int = 0) -> str:
    return json.dumps(
        {
            "url": f"https://news.example/{number}",
            "title": f"Report {number}",
            "text": f"Words of version {version}.",
        }
    )


def write(path: Path, numbers: dict[int, int], extra: tuple[str, ...] = ()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line(number, version) for number, version in numbers.items()]
    path.write_text("\n".join([*lines, *extra]) + "\n")
    return path


def settle() -> None:
    """Wait until a change to a file would show in its times."""
    time.sleep(remembered._TICK_NS / 1e9 + 0.02)


def bodies(folder: Path) -> dict[str, str]:
    with Archive.open(folder) as archive:
        found = [(one.title, one.body[0]) for _, one, _ in archive.articles()]
    assert len(dict(found)) == len(found)
    return dict(found)


def expected(numbers: dict[int, int]) -> dict[str, str]:
    return {f"Report {n}": f"Words of version {v}." for n, v in numbers.items()}


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "archive")


def test_a_first_run_adds_everything(store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", {1: 0, 2: 0})
    summary = update(store, [str(source)])
    assert (summary.read, summary.added, summary.generation) == (2, 2, 1)
    assert bodies(store.folder) == expected({1: 0, 2: 0})
    assert store.sources() == (str(source),)


@pytest.mark.parametrize("settled", [True, False])
def test_running_again_changes_nothing_and_says_so(settled, store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", dict.fromkeys(range(30), 0))
    if settled:
        settle()
    else:  # changed just now, however long it takes to come to it
        os.utime(source, (time.time() + 60, time.time() + 60))
    update(store, [str(source)])
    before = sorted((path.name, path.stat().st_mtime_ns) for path in store.folder.glob("*-*"))
    again = update(store, [str(source)])
    assert (again.read, again.unchanged) == (30, 30)
    assert again.added == again.changed == again.removed == 0
    assert again.passed_over == (30 if settled else 0)
    assert again.generation == 1
    after = sorted((path.name, path.stat().st_mtime_ns) for path in store.folder.glob("*-*"))
    assert after == before


def test_changed_articles_are_replaced_and_the_rest_left_alone(store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", {1: 0, 2: 0, 3: 0})
    update(store, [str(source)])
    write(source, {1: 0, 2: 5, 4: 0})
    summary = update(store, [str(source)])
    assert (summary.added, summary.changed, summary.unchanged, summary.removed) == (1, 1, 1, 0)
    assert bodies(store.folder) == expected({1: 0, 2: 5, 3: 0, 4: 0})


def test_pruning_removes_what_is_gone_from_these_sources_only(store, tmp_path):
    one = write(tmp_path / "one/a.jsonl", {1: 0, 2: 0})
    two = write(tmp_path / "two/b.jsonl", {3: 0})
    update(store, [str(one.parent), str(two.parent)])
    write(one, {2: 0})
    two.unlink()
    write(tmp_path / "two/c.jsonl", {9: 0})
    summary = update(store, [str(one.parent)], prune=True)
    assert summary.removed == 1
    assert bodies(store.folder) == expected({2: 0, 3: 0})


def test_a_source_that_gives_nothing_is_not_pruned(store, tmp_path):
    """A disk that is not mounted, or a site that answered with nothing, is no reason to forget."""
    source = write(tmp_path / "in/a.jsonl", {1: 0})
    other = write(tmp_path / "other/b.jsonl", {2: 0})
    update(store, [str(source.parent), str(other.parent)])
    source.unlink()
    summary = update(store, [str(source.parent), str(other.parent)], prune=True)
    assert summary.removed == 0
    assert any(str(source.parent) in note for note in summary.notes)
    assert bodies(store.folder) == expected({1: 0, 2: 0})


def test_what_lies_in_a_folder_that_cannot_be_listed_is_not_pruned(store, tmp_path, monkeypatch):
    source = tmp_path / "source"
    write(source / "open/a.jsonl", {1: 0, 2: 0})
    closed = write(source / "closed/b.jsonl", {3: 0}).parent
    update(store, [str(source)])
    write(source / "open/a.jsonl", {1: 0})
    listed = Path.iterdir

    def refuse(folder: Path):
        if folder == closed:
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", refuse)
        summary = update(store, [str(source)], prune=True)
    assert (summary.removed, "cannot be seen" in summary.notes[0]) == (0, True)
    assert bodies(store.folder) == expected({1: 0, 2: 0, 3: 0})
    assert update(store, [str(source)], prune=True).removed == 1


def test_what_cannot_be_read_any_more_is_not_pruned(store, tmp_path):
    good = write(tmp_path / "in/a.jsonl", {1: 0})
    bad = write(tmp_path / "in/b.jsonl", {2: 0, 3: 0})
    settle()
    update(store, [str(good.parent)])
    bad.write_bytes(b"\x00\xff\xfe" * 50)
    summary = update(store, [str(good.parent)], prune=True)
    assert summary.skipped
    assert summary.removed == 0
    assert bodies(store.folder) == expected({1: 0, 2: 0, 3: 0})


def test_of_two_articles_with_one_id_the_one_read_last_counts(store, tmp_path):
    write(tmp_path / "in/a.jsonl", {1: 0, 2: 0})
    write(tmp_path / "in/b.jsonl", {1: 1, 3: 0})
    settle()
    for turn in range(3):
        summary = update(store, [str(tmp_path / "in")])
        assert summary.duplicates == 1
        assert summary.generation == 1
        assert (summary.added, summary.unchanged) == ((3, 0) if turn == 0 else (0, 3))
        assert summary.changed == 0
        assert bodies(store.folder) == expected({1: 1, 2: 0, 3: 0})
    (tmp_path / "in/b.jsonl").unlink()
    assert update(store, [str(tmp_path / "in")]).changed == 1
    assert bodies(store.folder) == expected({1: 0, 2: 0, 3: 0})


def test_what_is_skipped_is_counted_and_listed(store, tmp_path):
    write(tmp_path / "in/a.jsonl", {1: 0}, extra=("{broken", '{"id": "x"}'))
    (tmp_path / "in/b.bin").write_bytes(bytes(range(256)) * 9)
    settle()
    for _ in range(2):  # the second time from memory
        told: list[Skip] = []
        summary = update(store, [str(tmp_path / "in"), str(tmp_path / "gone")], on_skip=told.append)
        assert summary.read == 1
        assert summary.skipped == len(told) == sum(count for _, count in summary.reasons) >= 4
        assert {Path(skip.path).name for skip in told} == {"a.jsonl", "b.bin", "gone"}
        assert all(skip.reason for skip in told)
    assert summary.passed_over == 1


def test_nothing_readable_is_an_error_and_leaves_the_archive(store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", {1: 0})
    update(store, [str(source)])
    (tmp_path / "junk").write_bytes(bytes(range(256)) * 9)
    for rebuild in (False, True):
        with pytest.raises(UnreadableError, match="junk"):
            update(store, [str(tmp_path / "junk")], rebuild=rebuild)
    assert bodies(store.folder) == expected({1: 0})


def test_no_source_is_an_error(store):
    with pytest.raises(BroadsheetError, match="name a file"):
        update(store, [])


def test_an_archive_is_rebuilt_from_another(store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", {1: 0, 2: 0})
    update(store, [str(source)])
    other = FolderStore(tmp_path / "other")
    with Archive.open(store.folder) as archive:
        # They came to it long ago, and are no news in the other one.
        came = [(root, one, at - 1_000_000) for root, one, at in archive.articles()]
        summary = update_from_articles(other, came)
    assert summary.added == 2
    assert sorted(other.articles(), key=str) == sorted(came, key=str)
    assert other.sources() == store.sources()


# Passing over files


def test_touching_a_file_has_it_read_again(store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", {1: 0})
    settle()
    update(store, [str(source)])
    os.utime(source, ns=(1, 1))
    summary = update(store, [str(source)])
    assert (summary.passed_over, summary.unchanged) == (0, 1)


def test_a_change_that_keeps_size_and_times_is_seen(store, tmp_path):
    """Whoever sets a file's times back cannot set back when its inode changed."""
    source = write(tmp_path / "in/a.jsonl", {1: 0})
    settle()
    update(store, [str(source)])
    status = source.stat()
    settle()
    write(source, {1: 1})
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert source.stat().st_size == status.st_size
    assert update(store, [str(source)]).changed == 1


def test_an_article_removed_meanwhile_is_read_again(store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", {1: 0, 2: 0})
    settle()
    update(store, [str(source)])
    with Archive.open(store.folder) as archive:
        ids = [one.id for _, one, _ in archive.articles() if one.title == "Report 2"]
    writer = store.writer()
    writer.remove(ids)
    writer.commit()
    writer.close()
    assert update(store, [str(source)]).added == 1
    assert bodies(store.folder) == expected({1: 0, 2: 0})


def test_another_version_of_the_readers_reads_again(store, tmp_path, monkeypatch):
    source = write(tmp_path / "in/a.jsonl", {1: 0})
    settle()
    update(store, [str(source)])
    monkeypatch.setattr(remembered, "readers_version", lambda: "a later one")
    assert update(store, [str(source)]).passed_over == 0
    assert update(store, [str(source)]).passed_over == 1


def test_a_damaged_memory_costs_time_only(store, tmp_path):
    source = write(tmp_path / "in/a.jsonl", {1: 0})
    settle()
    update(store, [str(source)])
    path = store.folder / "remembered"
    content = path.read_bytes()
    for harm in (b"", content[:-1], content.replace(b"readers", b"raiders"), b"\0" * 999):
        path.write_bytes(harm)
        assert not len(Remembered.load(path))
        assert update(store, [str(source)]).unchanged == 1
        assert len(Remembered.load(path)) == 1


changes = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.dictionaries(st.integers(0, 5), st.integers(0, 2), max_size=4) | st.none(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(changes, st.booleans()), min_size=1, max_size=4))
def test_passing_over_files_gives_what_reading_them_gives(history):
    """Two archives follow the same source, one with a memory and one without."""
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "in"
        write(source / "z.jsonl", {99: 0})
        stores = [FolderStore(Path(place) / name) for name in ("with", "without")]
        for edits, prune in history:
            for name, numbers in edits:
                path = source / f"{name}.jsonl"
                if numbers:
                    write(path, numbers)
                else:
                    path.unlink(missing_ok=True)
            settle()
            (stores[1].folder / "remembered").unlink(missing_ok=True)
            found = [update(one, [str(source)], prune=prune) for one in stores]
            facts = [
                (s.read, s.added, s.changed, s.unchanged, s.duplicates, s.removed) for s in found
            ]
            assert facts[0] == facts[1]
            assert bodies(stores[0].folder) == bodies(stores[1].folder)
        assert update(stores[0], [str(source)]).added == 0


# Reading by several processes


def test_where_an_article_was_read_from_does_not_make_it_another(tmp_path, store):
    source = write(tmp_path / "in/a.jsonl", {1: 0, 2: 0})
    update(store, [str(tmp_path / "in")])
    source.rename(tmp_path / "in/renamed.jsonl")
    assert update(store, [str(tmp_path / "in")]).unchanged == 2
    with Archive.open(store.folder) as archive:
        as_read = [without_assumed(one) for _, one, _ in archive.articles()]
        prints = set(map(fingerprint, map(article_json, as_read)))
        leaf = archive.snapshot().leaves[0]
        assert prints == set(leaf.segment.fingerprints.tolist())


def test_what_the_system_refuses_to_read_is_tried_again_and_never_pruned(tmp_path, monkeypatch):
    """A file that cannot be read for a moment has the same size and times when it can."""
    from corpus.sources import walk as sources

    source = tmp_path / "in"
    source.mkdir()
    for number in range(3):
        line = json.dumps({"id": f"k{number}", "title": f"Kiln {number}", "text": "It burns."})
        (source / f"{number}.jsonl").write_text(line + "\n")
    past = time.time() - 100
    for path in source.iterdir():
        os.utime(path, (past, past))
    store = FolderStore(tmp_path / "archive")
    opened = sources._open

    def refused(path: str):
        if path.endswith("1.jsonl"):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return opened(path)

    monkeypatch.setattr(sources, "_open", refused)
    summary = update(store, [str(source)], processes=1)
    assert (summary.added, summary.skipped) == (2, 1)
    monkeypatch.setattr(sources, "_open", opened)
    assert update(store, [str(source)], processes=1).added == 1
    monkeypatch.setattr(sources, "_open", refused)
    (tmp_path / "archive/remembered").unlink()
    summary = update(store, [str(source)], prune=True, processes=1)
    assert summary.removed == 0
    assert "cannot be seen" in summary.notes[0]


def warc(*pages: int, kinds: tuple[str, ...] = ("warcinfo", "request", "metadata")) -> bytes:
    """A crawl of those pages, with records around them that hold none."""

    def one(kind: str, number: int, media: str, content: str) -> str:
        return (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2024-02-03T04:05:06Z\r\n"
            f"WARC-Target-URI: https://crawl.example/{number}\r\nContent-Type: {media}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n{content}\r\n\r\n"
        )

    lines = (f"<p>Paragraph {n} tells at length how the lock was mended.</p>" for n in range(4))
    text = "".join(lines)
    records = [one(kind, 0, "text/plain", "nothing") for kind in kinds]
    for number in pages:
        page = f"<html><body><article><h1>Lock {number}</h1>{text}</article></body></html>"
        http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}"
        records.append(one("response", number, "application/http; msgtype=response", http))
    return "".join(records).encode()


@pytest.mark.parametrize("processes", [1, 2])
def test_records_that_hold_no_page_are_a_note_and_keep_nothing(store, tmp_path, processes):
    crawl = tmp_path / "in/crawl.warc"
    crawl.parent.mkdir()
    for name in ("a", "b", "c", "d"):
        (crawl.parent / f"{name}.warc").write_bytes(warc(ord(name)))
    crawl.write_bytes(warc(1, 2, 3))
    settle()
    summary = update(store, [str(crawl.parent)], processes=processes)
    assert (summary.added, summary.skipped) == (7, 0)
    told = "passed over: 5 warcinfo records, 5 request records, 5 metadata records."
    assert any(note.endswith(told) for note in summary.notes)
    crawl.write_bytes(warc(1, 2))
    settle()
    summary = update(store, [str(crawl.parent)], processes=processes, prune=True)
    assert (summary.removed, summary.skipped) == (1, 0)


def test_a_crawl_without_a_page_is_not_read_silently(store, tmp_path):
    crawl = tmp_path / "empty.warc"
    crawl.write_bytes(warc())
    write(tmp_path / "one.jsonl", {1: 0})
    summary = update(store, [str(tmp_path / "one.jsonl"), str(crawl)])
    assert (summary.added, summary.skipped) == (1, 1)
    assert "1 warcinfo record, 1 request record" in summary.skips[0].reason
