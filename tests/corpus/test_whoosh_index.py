"""An index of Whoosh's own is read as a source, and nothing in it is run."""

from __future__ import annotations

import io
import os
import pickle
import struct
import time
import uuid
import zipfile
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import columns, fields, index
from whoosh.codec import whoosh3
from whoosh.filedb.structfile import StructFile

from corpus.core.article import Article
from corpus.core.errors import UnreadableError
from corpus.readers.protocol import Skip
from corpus.readers.whoosh import _lengths, behind_tables
from corpus.reading import read
from corpus.sources.pickles import PickledObject, read_pickled
from indexer.update.update import update
from indexer.whoosh.archive import Archive, FolderStore

SCHEMA = fields.Schema(
    path=fields.ID(stored=True, unique=True),
    headline=fields.TEXT(stored=True),
    content=fields.TEXT(stored=True),
    tags=fields.KEYWORD(stored=True, commas=True),
    subjects=fields.KEYWORD(stored=True),
    date=fields.DATETIME(stored=True, sortable=True),
    hidden=fields.TEXT,
)


def fields_of(number: int) -> dict[str, Any]:
    return {
        "path": f"/news/{number}",
        "headline": f"Ferry {number} sails",
        "content": f"The ferry {number} sailed at noon.\n\nNobody was late.",
        "tags": "North Sea, Ferries" if number % 2 else "Ferries",
        "date": datetime(2020, 1, 1 + number % 28, 12),
        "hidden": "not stored",
    }


@pytest.fixture(params=["compound", "apart"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Three segments: articles 0..4, 5..9, and 10 beside one that holds no text; 3 is deleted, 7
    is replaced."""
    place = tmp_path / "old index"
    place.mkdir()
    found = index.create_in(str(place), SCHEMA)
    compound = request.param == "compound"
    for first in (0, 5):
        writer = found.writer(compound=compound)
        for number in range(first, first + 5):
            writer.add_document(**fields_of(number))
        writer.commit(merge=False)
    writer = found.writer(compound=compound)
    writer.delete_by_term("path", "/news/3")
    writer.update_document(**{**fields_of(7), "headline": "Ferry 7 sinks"})
    writer.add_document(path="/news/none", subjects="ferries sea")
    writer.commit(merge=False)
    return place


def articles_in(folder: Path) -> tuple[dict[str, Article], list[Skip]]:
    skips: list[Skip] = []
    found = list(read([folder], skips.append))
    assert len({article.id for article in found}) == len(found)
    return {article.own_id: article for article in found}, skips


def test_what_is_stored_and_not_deleted_becomes_articles(folder: Path) -> None:
    found, skips = articles_in(folder)
    assert found.keys() == {f"/news/{number}" for number in range(10) if number != 3}
    five = found["/news/5"]
    assert five.title == "Ferry 5 sails"
    assert five.body == ("The ferry 5 sailed at noon.", "Nobody was late.")
    assert five.tags == ("North Sea", "Ferries")
    assert five.published == "2020-01-06T12:00:00"
    assert five.origin.path == str(folder)
    assert five.origin.reader == "whoosh"
    assert found["/news/7"].title == "Ferry 7 sinks"
    assert "not stored" not in repr(found)
    assert [skip.reason for skip in skips] == ["it has neither a title nor text"]


def test_an_index_that_whoosh_2_wrote_is_read() -> None:
    """Three articles, one of them updated in a second segment, by Whoosh 2.7.4."""
    found, skips = articles_in(Path(__file__).parent / "fixtures" / "whoosh-2.7.4")
    assert not skips
    assert {own: article.title for own, article in found.items()} == {
        "/news/0": "Ferry 0 sails", "/news/1": "Ferry 1 sinks", "/news/2": "Ferry 2 sails",
    }  # fmt: skip
    assert found["/news/1"].body == ("Fähre gesunken.",)
    assert found["/news/2"].tags == ("Ferries", "Noord-Holland")
    assert found["/news/2"].published == "2016-04-03T12:00:00"


def test_a_field_of_words_with_spaces_between_is_a_list_of_tags(tmp_path: Path) -> None:
    schema = fields.Schema(text=fields.TEXT(stored=True), tags=fields.KEYWORD(stored=True))
    writer = index.create_in(str(tmp_path), schema).writer()
    writer.add_document(text="The ferry sailed.", tags="ferries sea")
    writer.commit()
    (article,) = articles_in(tmp_path)[0].values()
    assert article.tags == ("ferries", "sea")


def test_files_beside_an_index_are_read_and_those_of_the_index_are_not(folder: Path) -> None:
    (folder / "MAIN_notes.txt").write_text("Tide tables\n\nThe tide turns at six.")
    (folder / "_MAIN_1.toc").write_bytes(b"superseded")
    articles, skips = articles_in(folder)
    assert articles[""].title == "Tide tables"
    assert len(articles) == 10
    assert len(skips) == 1
    assert behind_tables(["_a_1.toc", "_a_10.toc", "_a_9.toc", "a_x.seg", "b_x.seg", "a.seg"]) == {
        "_a_1.toc", "_a_9.toc", "a_x.seg",
    }  # fmt: skip
    assert behind_tables(["MAIN_x.seg", "x.toc", "_MAIN_.toc"]) == set()


def test_an_archive_follows_the_index_that_it_was_made_from(folder: Path, tmp_path: Path) -> None:
    time.sleep(0.1)  # a file that changed just now is read again
    store = FolderStore(tmp_path / "archive")
    assert update(store, [str(folder)], processes=1).added == 9
    again = update(store, [str(folder)], processes=1)
    assert (again.unchanged, again.passed_over) == (9, 9)
    writer = index.open_dir(str(folder)).writer()
    writer.delete_by_term("path", "/news/1")
    writer.update_document(**{**fields_of(2), "headline": "Ferry 2 is sold"})
    writer.commit(optimize=True)
    later = update(store, [str(folder)], processes=1, prune=True)
    assert (later.added, later.changed, later.unchanged, later.removed) == (0, 1, 7, 1)
    with Archive.open(tmp_path / "archive") as archive:
        titles = {article.title for _, article, _ in archive.articles()}
    assert titles >= {"Ferry 2 is sold", "Ferry 7 sinks"}


def test_an_index_in_an_archive_is_to_be_unpacked(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    articles, skips = articles_in(packed)
    assert not articles
    assert any("unpack it first" in skip.reason for skip in skips)


@pytest.mark.parametrize("offsets", [False, True])
@pytest.mark.parametrize("sizes", [[], [0, 3, 0], [300, 1, 70000], [1] * 5])
def test_the_lengths_of_stored_fields_are_found(sizes: list[int], offsets: bool) -> None:
    content = io.BytesIO()
    column = columns.VarBytesColumn(write_offsets_cutoff=0 if offsets else 1 << 15)
    writer = column.writer(StructFile(content))
    for doc, size in enumerate(sizes):
        writer.add(doc, b"x" * size)
    writer.finish(len(sizes))
    assert list(_lengths(content, 0, len(content.getvalue()), len(sizes))) == sizes


def test_files_that_are_missing_or_no_files_are_told(folder: Path) -> None:
    path = next(path for path in folder.iterdir() if path.name.endswith(("seg", "_stored.col")))
    path.unlink()
    found, skips = articles_in(folder)
    assert 1 <= len(found) < 9
    os.mkfifo(path)  # opening one waits for a writer
    assert articles_in(folder)[0].keys() == found.keys()
    assert any(f"{path.name} is missing" in skip.reason for skip in skips)


# What an index that someone else made can do


class Harm:
    """Unpickled, it would make the folder of this name."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def stored_in(folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write an index of two documents, the stored fields of the second one being `content`."""
    found = index.create_in(str(folder), SCHEMA)
    with monkeypatch.context() as patched:
        made = columns.dumps
        patched.setattr(
            columns, "dumps", lambda value, protocol: content if value.get("path") == "1" else
            made(value, protocol),
        )  # fmt: skip
        writer = found.writer()
        writer.add_document(**{**fields_of(0), "path": "0"})
        writer.add_document(**{**fields_of(1), "path": "1"})
        writer.commit()


def test_stored_fields_run_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harmed = tmp_path / "harmed"
    content = pickle.dumps({"headline": "Ferry", "content": Harm(harmed), "path": "1"}, 2)
    pickle.loads(content)
    harmed.rmdir()
    place = tmp_path / "index"
    place.mkdir()
    stored_in(place, content, monkeypatch)
    found, skips = articles_in(place)
    assert found.keys() == {"0", "1"}
    assert found["1"].body == ()
    assert not skips
    assert not harmed.exists()


def test_a_table_of_contents_runs_nothing(folder: Path, tmp_path: Path) -> None:
    (table,) = folder.glob("*.toc")
    whole = table.read_bytes()
    harm = pickle.dumps(Harm(tmp_path / "harmed"), 2)
    head = whole[:14]
    for schema, segments in ((harm, pickle.dumps([])), (pickle.dumps(None), harm)):
        table.write_bytes(
            head + bytes([len(schema)]) + schema + struct.pack(">ii", 1, 0) + segments
        )
        assert articles_in(folder)[0] == {}
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", ".."])
def test_a_segment_lies_in_the_folder(folder: Path, name: str) -> None:
    (table,) = folder.glob("*.toc")
    own = whoosh3.W3Segment(whoosh3.W3Codec(), name, 1, segid="/x")
    table.write_bytes(
        table.read_bytes()[:14] + b"\x01N" + struct.pack(">ii", 3, 0) + pickle.dumps([own])
    )
    articles, skips = articles_in(folder)
    assert articles == {}
    assert [skip.reason for skip in skips] == ["its list of segments is damaged"]


def test_a_bomb_of_stored_fields_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nested: list[Any] = ["x" * 1000]
    for _ in range(40):
        nested = [nested, nested]
    bombs = (pickle.dumps({"content": nested}), b"\0" * (40 << 20), b"N" * (30 << 20) + b".")
    for number, content in enumerate(bombs):
        place = tmp_path / str(number)
        place.mkdir()
        stored_in(place, content, monkeypatch)
        found, skips = articles_in(place)
        assert found.keys() == {"0"}
        assert len(skips) == 1


def test_a_damaged_index_is_skipped_with_a_reason(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for at in range(0, len(whole), 1 + len(whole) // 40):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            found, skips = articles_in(folder)
            assert all("failed" not in skip.reason for skip in skips), (path.name, at, skips)
            path.write_bytes(whole[:at])
            found, skips = articles_in(folder)
            assert all("failed" not in skip.reason for skip in skips), (path.name, at, skips)
            assert found.keys() <= {f"/news/{number}" for number in range(10)} | {""}
        path.write_bytes(whole)


# Pickled data

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False)
    | st.text() | st.binary() | st.decimals(allow_nan=False) | st.dates() | st.times()
    | st.datetimes() | st.datetimes(timezones=st.sampled_from((UTC, timezone(timedelta(hours=2)))))
)  # fmt: skip
values = st.recursive(
    scalars, lambda parts: st.lists(parts) | st.dictionaries(st.text() | st.binary(), parts)
)


@settings(deadline=None)
@given(values, st.sampled_from((2, 3, 4, 5)))
def test_plain_values_are_read_as_they_were(value: Any, protocol: int) -> None:
    assert read_pickled(pickle.dumps(value, protocol)) == value


@settings(deadline=None)
@given(st.binary(max_size=40) | st.lists(st.sampled_from([
    b"]", b"}", b")", b"\x8f", b"(", b"K\x01", b"q\x00", b"h\x00", b"a", b"e", b"s", b"u", b"t",
    b"\x85", b"\x86", b"R", b"b", b"cos\nsystem\n", b"X\x01\0\0\0a", b"\x81", b"\x90", b"\x94",
    b"\x93", b"cdatetime\ndatetime\n", b"cdecimal\nDecimal\n", b"c__builtin__\nset\n", b"N",
]), max_size=20).map(b"".join))  # fmt: skip
def test_no_data_does_more_than_be_refused(data: bytes) -> None:
    with suppress(UnreadableError):
        read_pickled(data + b".")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_holds_values_is_read_as_lists_and_dictionaries(protocol: int) -> None:
    shared = ["a"]
    value = {
        "tuple": (1, (2, 3), ()), "long": tuple(range(9)), "set": {7}, "frozen": frozenset(["x"]),
        "ordered": OrderedDict(a=1), "default": defaultdict(int, a=2), "bytes": bytearray(b"x"),
        "again": [shared, shared], "numbers": {1: "one"},
    }  # fmt: skip
    assert read_pickled(pickle.dumps(value, protocol)) == {
        "tuple": [1, [2, 3], []], "long": list(range(9)), "set": [7], "frozen": ["x"],
        "ordered": {"a": 1}, "default": {"a": 2}, "bytes": b"x", "again": [["a"], ["a"]],
        "numbers": {"1": "one"},
    }  # fmt: skip


def test_what_is_not_plain_stays_a_name() -> None:
    found = read_pickled(pickle.dumps(uuid.UUID(int=5)))
    assert isinstance(found, PickledObject)
    assert found.name == "uuid.UUID"
    assert found.state == {"int": 5}
    assert read_pickled(pickle.dumps([Iterator, print])) == [
        PickledObject("collections.abc.Iterator"), PickledObject("builtins.print"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"", b".", b"]", b"(.", b"]h\0.", b"K\x01K\x02R.", b"]K\x01s.", b"}(K\x01u.", b"Nb.",
        b"X\xff\xff\xff\x7fa.", b"]q\0h\0a.", b"}q\0(X\1\0\0\0ah\0u.", b"I1\n.", b"Pperson\n.",
        b"cdatetime\ndatetime\nC\x0a" + bytes(10) + b"\x85R.", b"\x8b\xff\xff\xff\xff.",
        pickle.dumps(2**70), pickle.dumps({(1, 2): 3}), pickle.dumps("a", 0),
    ],
)  # fmt: skip
def test_other_data_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="damaged"):
        read_pickled(data)


def test_values_nested_deep_are_refused_and_given_up() -> None:
    for nested in (b"]" * 10**5 + b"a" * (10**5 - 1), b"cos\nsystem\nq\0" + b"q\1h\0h\1R" * 10**5):
        with pytest.raises(UnreadableError):
            read_pickled(nested + b".")


def test_a_value_is_read_within_its_limit() -> None:
    assert read_pickled(pickle.dumps(["a" * 90]), 100) == ["a" * 90]
    with pytest.raises(UnreadableError):
        read_pickled(pickle.dumps(["a" * 90] * 2), 100)
