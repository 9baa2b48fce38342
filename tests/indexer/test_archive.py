"""The index folder: what opens, what is refused and why, what readers keep."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.fields import UnknownFieldError
from whoosh.qparser import QueryParser
from whoosh.query import Every, Term
from whoosh.writing import CLEAR, IndexingError

from corpus.core.article import Article, make_id
from corpus.core.errors import (
    BroadsheetError,
    IndexBrokenError,
    IndexLockedError,
    UnreadableError,
)
from indexer.store.durable import checksum
from indexer.store.generations import generations_in, hold
from indexer.store.lock import WriterLock, writing_process
from indexer.store.snapshot import Settings
from indexer.store.toc import decode_pointer, decode_toc, encode_toc, toc_name
from indexer.whoosh.archive import Archive, FolderStore


def article(number: int, version: int = 0) -> Article:
    return Article(
        id=make_id(own=f"a{number}"),
        title=f"Title {number}",
        body=(f"Common words, and mark{number}x{version}.",),
        tags=("alpha", f"group {number % 3}"),
    )


def store_articles(folder: Path, articles: list[Article], **options: bool) -> int:
    writer = FolderStore(folder).writer(**options)
    try:
        prints = [hash((one.id, one.body)) % 2**63 + 1 for one in articles]
        writer.put(articles, prints, "test")
        return writer.commit()
    finally:
        writer.close()


def ids_in(archive: Archive) -> set[str]:
    return {one.id for _, one, _ in archive.articles()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "archive"
    store_articles(made, [article(number) for number in range(20)])
    return made


def test_an_archive_gives_back_the_articles_that_were_put(folder):
    with Archive.open(folder) as archive:
        found = {one.id: one for root, one, _ in archive.articles() if root == "test"}
    assert found == {article(n).id: article(n) for n in range(20)}


def test_a_reader_keeps_its_generation_until_it_refreshes(folder):
    with Archive.open(folder) as archive:
        before = archive.snapshot()
        store_articles(folder, [article(99)])
        assert archive.snapshot() is before
        assert archive.take_up()
        assert not archive.take_up()
        assert archive.snapshot().n_live == 21
        assert before.n_live == 20


def test_segments_that_two_generations_share_are_opened_once(folder):
    with Archive.open(folder) as archive:
        before = archive.snapshot().leaves[0].segment
        store_articles(folder, [article(0, version=1)])
        archive.take_up()
        assert archive.snapshot().leaves[0].segment is before
        assert archive.snapshot().leaves[0].n_live == 19


def test_files_go_when_no_reader_uses_them(folder):
    archive = Archive.open(folder)
    snapshot = archive.snapshot()
    store_articles(folder, [article(1)], rebuild=True)
    store_articles(folder, [article(2)], rebuild=True)
    assert generations_in(folder) == [1, 3], "generation 2 was used by nobody"
    archive.take_up()
    store_articles(folder, [article(3)], rebuild=True)
    assert generations_in(folder) == [1, 3, 4], "a snapshot of generation 1 is in use"
    assert snapshot.leaves[0].segment.stored.get([0])
    del snapshot
    archive.close()
    store_articles(folder, [article(4)], rebuild=True)
    assert generations_in(folder) == [5]
    assert len(list(folder.glob("segment-*"))) == 1


def test_opening_takes_no_longer_for_a_large_archive(folder, tmp_path):
    large = tmp_path / "large"
    store_articles(large, [article(number) for number in range(5000)])

    def seconds(which: Path) -> float:
        best = 1.0
        for _ in range(20):
            begun = time.perf_counter()
            Archive.open(which).close()
            best = min(best, time.perf_counter() - begun)
        return best

    assert seconds(large) < 3 * seconds(folder)


def test_many_threads_share_an_archive_that_is_written_to(folder):
    failures: list[BaseException] = []
    stop = threading.Event()

    def read(archive: Archive) -> None:
        try:
            while not stop.is_set():
                archive.take_up()
                snapshot = archive.snapshot()
                versions = {
                    one.body[0].split("x")[-1]
                    for leaf in snapshot.leaves
                    for stored in leaf.segment.stored.get(
                        np.arange(leaf.segment.n_docs)[
                            slice(None) if leaf.live is None else leaf.live
                        ].tolist()
                    )
                    for one in [Article(**json.loads(stored) | {"origin": None})]
                }
                assert len(versions) == 1, "half a commit"
        except BaseException as error:
            failures.append(error)

    with Archive.open(folder) as archive:
        threads = [threading.Thread(target=read, args=(archive,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for version in range(1, 12):
            store_articles(folder, [article(n, version) for n in range(20)])
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures


# What is refused


@pytest.mark.parametrize("make", ["nothing", "empty", "foreign", "file"])
def test_what_is_no_archive_is_refused_with_what_to_do(make, tmp_path):
    place = tmp_path / "place"
    if make == "file":
        place.write_text("not a folder")
    elif make != "nothing":
        place.mkdir()
        if make == "foreign":
            (place / "holiday.jpg").write_bytes(b"jpeg")
    with pytest.raises(IndexBrokenError, match="--index"):
        Archive.open(place)


def test_a_folder_with_other_files_is_never_made_an_archive(tmp_path):
    (tmp_path / "thesis.odt").write_bytes(b"years of work")
    with pytest.raises(IndexBrokenError, match="not empty"):
        FolderStore(tmp_path).writer()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


def test_files_of_others_in_an_archive_are_left_alone(folder):
    (folder / "notes.txt").write_text("mine")
    (folder / "segment").mkdir()
    store_articles(folder, [article(1)], rebuild=True)
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "segment").is_dir()


@pytest.mark.parametrize("name", ["CURRENT", "generation-00000001.toc", "segment-00000001.segment"])
@pytest.mark.parametrize("harm", ["missing", "empty", "cut", "longer", "zeros", "pickle", "link"])
def test_a_damaged_file_is_named_with_what_to_do(name, harm, folder, tmp_path):
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    match harm:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(content[:-7])
        case "longer":
            path.write_bytes(content + b"more")
        case "zeros":
            path.write_bytes(bytes(len(content)))
        case "pickle":
            path.write_bytes(pickle.dumps({"generation": 1}))
        case "link":
            path.symlink_to("/etc/hostname")
    with pytest.raises(IndexBrokenError) as caught:
        Archive.open(folder)
    assert name in str(caught.value)
    assert "broadsheet" in str(caught.value)


def test_another_version_is_named(folder):
    for path in (folder / "CURRENT", *folder.glob("generation-*")):
        head, _, rest = path.read_bytes().partition(b" 1 ")
        path.write_bytes(head + b" 2 " + rest)
    with pytest.raises(IndexBrokenError, match="version '2'"):
        Archive.open(folder)


def _retold(folder: Path, change) -> None:
    """Commit the table of contents after a change to its JSON, with right checksums."""
    held = hold(folder)
    held.release()
    head, _, body = encode_toc(held.toc).partition(b"\n")
    plain = json.loads(body)
    change(plain)
    body = json.dumps(plain).encode()
    content = head.rsplit(b" ", 1)[0] + b" " + checksum(body).encode() + b"\n" + body
    (folder / toc_name(1)).write_bytes(content)
    pointer = json.dumps({"generation": 1, "toc": checksum(content)}).encode()
    (folder / "CURRENT").write_bytes(
        b"broadsheet-current 1 " + checksum(pointer).encode() + b"\n" + pointer
    )


HOSTILE = {
    "a path that leads outside": lambda t: t["segments"][0]["files"][0].__setitem__(
        0, "../../etc/passwd"
    ),
    "an absolute path": lambda t: t["segments"][0]["files"][0].__setitem__(0, "/etc/passwd"),
    "a hidden name": lambda t: t["segments"][0]["files"][0].__setitem__(0, ".ssh"),
    "a segment of another name": lambda t: t["segments"][0].update(name="../segment-00000001"),
    "a file of another segment": lambda t: t["segments"][0].update(name="segment-00000002"),
    "no files": lambda t: t["segments"][0].update(files=[]),
    "a file twice": lambda t: t["segments"].append(t["segments"][0]),
    "a negative size": lambda t: t["segments"][0]["files"][0].__setitem__(1, -1),
    "an enormous size": lambda t: t["segments"][0]["files"][0].__setitem__(1, 10**30),
    "a size that is true": lambda t: t["segments"][0]["files"][0].__setitem__(1, True),
    "too many articles": lambda t: t["segments"][0].update(articles=2**40),
    "more deleted than there are": lambda t: t["segments"][0].update(n_deleted=21),
    "deleted ones without a file": lambda t: t["segments"][0].update(
        deleted=["deleted-1.bits", 1, "0" * 32]
    ),
    "a list for an object": lambda t: t.update(segments={}),
    "no sources": lambda t: t.pop("sources"),
    "sources that are numbers": lambda t: t.update(sources=[1, 2]),
    "a time zone that is a path": lambda t: t["settings"].update(timezone="../../../etc/passwd"),
    "a time zone that is a folder": lambda t: t["settings"].update(timezone="America"),
    "a weight that is a text": lambda t: t["settings"]["weights"].update(title="4"),
    "a date without a zone": lambda t: t.update(committed="2021-01-01T00:00:00"),
    "another generation": lambda t: t.update(generation=7),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_table_of_contents_by_a_stranger_opens_nothing_outside(what, folder):
    _retold(folder, HOSTILE[what])
    with pytest.raises(IndexBrokenError, match="broadsheet"):
        Archive.open(folder)


def test_a_source_number_without_a_source_is_refused_when_it_is_used(folder):
    _retold(folder, lambda toc: toc.update(sources=[]))
    with Archive.open(folder) as archive, pytest.raises(IndexBrokenError, match="roots"):
        list(archive.articles())


@given(st.binary(max_size=300), st.sampled_from([b"broadsheet-toc", b"broadsheet-current"]))
def test_no_content_of_a_small_file_ends_in_a_traceback(junk, kind):
    for content in (junk, kind + b" 1 " + checksum(junk).encode() + b"\n" + junk):
        for decode in (decode_toc, decode_pointer):
            with pytest.raises(IndexBrokenError):
                decode(content, Path("place"))


nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["generation", "segments", "sources", "toc"]), nested))
def test_no_json_in_a_small_file_ends_in_a_traceback(plain):
    body = json.dumps(plain).encode()
    for kind, decode in ((b"toc", decode_toc), (b"current", decode_pointer)):
        content = b"broadsheet-" + kind + b" 1 " + checksum(body).encode() + b"\n" + body
        try:
            decode(content, Path("place"))
        except IndexBrokenError:
            continue


def test_nothing_read_from_an_archive_is_unpickled():
    """No module of ours that opens an archive even imports what could."""
    program = (
        "import sys\n"
        "from indexer.whoosh.archive import Archive\n"
        "import indexer, pathlib\n"
        "for path in pathlib.Path(indexer.__file__).parent.rglob('*.py'):\n"
        "    text = path.read_text()\n"
        "    for word in ('import pickle', 'import marshal', 'import shelve', 'allow_pickle',\n"
        "                 'eval(', 'exec('):\n"
        "        assert word not in text, (path, word)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


# One writer


def test_a_second_writer_is_told_who_holds_the_lock(folder):
    writer = FolderStore(folder).writer()
    try:
        with pytest.raises(IndexLockedError, match=r"process \d+ since .*--wait"):
            FolderStore(folder).writer()
    finally:
        writer.close()
    FolderStore(folder).writer().close()


def test_a_second_writer_waits_when_it_is_told_to(folder):
    writer = FolderStore(folder).writer()
    threading.Timer(0.3, writer.close).start()
    begun = time.monotonic()
    FolderStore(folder, wait=30).writer().close()
    assert 0.2 < time.monotonic() - begun < 20


def test_the_lock_of_a_dead_process_is_taken_over(folder):
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from indexer.store.lock import WriterLock\n"
        "WriterLock(Path(sys.argv[1])).acquire()\n"
        "print('held', flush=True)\n"
        "signal.pause()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(IndexLockedError, match=str(holder.pid)):
        WriterLock(folder).acquire()
    holder.kill()
    holder.wait()
    store_articles(folder, [article(50)])


def test_who_writes_can_be_asked_without_taking_the_lock(folder):
    assert writing_process(folder) == 0
    writer = FolderStore(folder).writer()
    assert writing_process(folder) == os.getpid()
    writer.close()
    assert writing_process(folder) == 0
    (folder / "writer.lock").write_text('{"pid": 999999999, "since": "2021-01-01T00:00:00+00:00"}')
    assert writing_process(folder) == 0, "a dead one does not write"


def test_a_failed_session_gives_the_lock_back(folder):
    (folder / "segment-00000001.segment").unlink()
    for _ in range(2):
        with pytest.raises(IndexBrokenError):
            FolderStore(folder).writer()


# Whoosh


def held_generations(folder: Path) -> list[str]:
    """Return the tables of contents that this process has open."""
    names = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            names.append(str(handle.readlink()))
    return [name for name in names if name.startswith(f"{folder}/generation-")]


@pytest.mark.parametrize("other", ["segment", "settings"])
def test_a_session_that_cannot_begin_holds_no_generation(folder, other):
    store = FolderStore(folder)
    if other == "segment":
        (folder / "segment-00000001.segment").unlink()
    else:
        store = FolderStore(folder, settings=Settings(timezone="Europe/Berlin"))
    with pytest.raises(BroadsheetError) as raised:
        store.writer()
    assert raised.tb.tb_next is not None  # its frames keep all that was opened
    assert held_generations(folder) == []


def test_whoosh_searches_an_archive(folder):
    store_articles(folder, [article(7, version=1)])
    with Archive.open(folder) as index:
        assert index.doc_count() == 20
        assert not index.is_empty()
        assert index.latest_generation() == 2
        with index.searcher() as searcher:
            for text, expected in (("mark3x0", {3}), ("mark7x0", set()), ("mark7x1", {7})):
                query = QueryParser("text", index.schema).parse(text)
                found = {hit["id"] for hit in searcher.search(query, limit=None)}
                assert found == {article(n).id for n in expected}
            assert searcher.up_to_date()
            store_articles(folder, [article(60)])
            assert not searcher.up_to_date()
            assert not index.up_to_date()
        assert index.refresh().doc_count() == 21


def test_whoosh_writes_an_archive(folder):
    with Archive.open(folder) as index:
        with index.writer() as writer:
            writer.add_document(
                id="a-report",
                title="Storm at sea",
                text="It rose.\n\nIt fell.",
                tags=["Wind"],
                date=datetime(2021, 2, 3, tzinfo=UTC),
                source="Courier",
                url="https://a.example/1",
            )
            assert writer.delete_by_term("id", article(3).id) == 1
        assert index.refresh().doc_count() == 20
        with index.searcher() as searcher:
            (hit,) = searcher.search(QueryParser("text", index.schema).parse("fell"))
            assert (hit["title"], hit["body"], hit["tags"]) == (
                "Storm at sea",
                ["It rose.", "It fell."],
                ["Wind"],
            )
            assert hit["own_id"] == "a-report"
            assert hit["id"] == make_id(url="https://a.example/1")
        writer = index.writer()
        writer.update_document(id=hit["id"], title="Storm over")
        writer.update_document(id=hit["id"], title="Storm past")
        writer.commit()
        assert index.refresh().doc_count() == 20
        writer = index.writer()
        writer.delete_by_query(Every())
        writer.cancel()
        assert index.refresh().doc_count() == 20
        with pytest.raises(ZeroDivisionError), index.writer() as writer:
            writer.add_document(title="Never")
            raise ZeroDivisionError
        with index.searcher() as old:
            with index.writer() as writer:
                assert writer.delete_by_query(Term("id", hit["id"]), old) == 1
            with pytest.raises(IndexingError, match="generation"), index.writer() as writer:
                writer.delete_by_query(Every(), old)
        index.writer().commit(mergetype=CLEAR)
        assert index.refresh().is_empty()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"headline_of": "x"}, UnknownFieldError), ({"title": 5}, TypeError),
        ({"title": "x", "_title_boost": 2.0}, ValueError), ({"tags": [1]}, TypeError),
        ({"title": "x", "date": "soon"}, ValueError), ({}, UnreadableError),
    ],
)  # fmt: skip
def test_a_document_that_is_none_is_refused(folder, fields, error):
    with Archive.open(folder) as index:
        before = index.latest_generation()
        with pytest.raises(error), index.writer() as writer:
            writer.add_document(**fields)
        assert index.latest_generation() == before
        index.writer().close()


def test_settings_are_those_that_the_archive_was_made_with(tmp_path):
    store = FolderStore(tmp_path / "a", settings=Settings(timezone="Europe/Paris"))
    store.writer().close()
    store_articles(tmp_path / "a", [article(1)])
    with Archive.open(tmp_path / "a") as archive:
        assert archive.snapshot().settings.timezone == "Europe/Paris"
        assert archive.snapshot().sources == ("test",)


def test_a_generation_that_was_cut_short_is_written_over(folder):
    held = hold(folder)
    (folder / toc_name(2)).write_bytes(b"half a table of cont")
    store_articles(folder, [article(30)])
    held.release()
    with Archive.open(folder) as archive:
        assert archive.snapshot().generation == 2
        assert len(ids_in(archive)) == 21
