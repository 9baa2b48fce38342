"""Hostile and broken input is refused with a reason, counted, and harms nothing around it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
import zstandard

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.readers import csv, feed
from corpus.readers.protocol import MAX_ARTICLE_BYTES, Skip
from corpus.reading import read

FIXTURES = Path(__file__).parent / "fixtures"
GOOD = b'{"title": "A good one", "text": "The text of it was short and that was all."}\n'


def read_beside_good(folder: Path) -> list[Skip]:
    """Read a folder between two good files; assert that these are read, return the skips."""
    (folder / "0-good.jsonl").write_bytes(GOOD)
    (folder / "zz-good.jsonl").write_bytes(GOOD)
    skips: list[Skip] = []
    articles = list(read([folder], skips.append))
    good = [article for article in articles if article.title == "A good one"]
    assert [Path(article.origin.path).name for article in good] == ["0-good.jsonl", "zz-good.jsonl"]
    assert len(articles) == 2, articles
    return skips


ZEROS = 100 << 20


def stream_of_zeros(compressor: Callable[[bytes], bytes], flush: Callable[[], bytes]) -> bytes:
    block = bytes(1 << 20)
    return b"".join(compressor(block) for _ in range(ZEROS >> 20)) + flush()


def gzip_bomb() -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        for _ in range(ZEROS >> 20):
            file.write(b" " * (1 << 20))
    return out.getvalue()


def bz2_bomb() -> bytes:
    compressor = bz2.BZ2Compressor()
    return stream_of_zeros(compressor.compress, compressor.flush)


def xz_bomb() -> bytes:
    compressor = lzma.LZMACompressor(preset=0)
    return stream_of_zeros(compressor.compress, compressor.flush)


def zstd_bomb() -> bytes:
    compressor = zstandard.ZstdCompressor().compressobj()
    return stream_of_zeros(compressor.compress, compressor.flush)


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b" " * ZEROS)
    return out.getvalue()


def zip_of_many_bombs() -> bytes:
    """Members that each stay below the bytes that are free, all of them far above the ratio."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.txt", b" " * (8 << 20))
    return out.getvalue()


BOMBS = {
    "bomb.txt.gz": gzip_bomb,
    "bomb.bz2": bz2_bomb,
    "bomb.xz": xz_bomb,
    "bomb.zst": zstd_bomb,
    "bomb.zip": zip_bomb,
    "bombs.zip": zip_of_many_bombs,
}


@pytest.mark.parametrize("name", BOMBS)
def test_decompression_bombs_are_refused_early(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BOMBS[name]())
    tracemalloc.start()
    started = time.monotonic()
    skips = read_beside_good(tmp_path)
    took = time.monotonic() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert skips and any("decompression bomb" in skip.reason for skip in skips)
    assert peak < 200 << 20
    assert took < 30


def test_an_xz_that_wants_gigabytes_to_undo_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 3 << 27}]
    block = lzma.compress(GOOD, lzma.FORMAT_XZ, filters=filters)
    (tmp_path / "wide.xz").write_bytes(block)
    (skip,) = read_beside_good(tmp_path)
    assert "damaged" in skip.reason


def test_archives_too_deep_in_each_other_are_refused(tmp_path: Path) -> None:
    inner = GOOD
    for _ in range(8):
        inner = gzip.compress(inner)
    (tmp_path / "deep.gz").write_bytes(inner)
    (skip,) = read_beside_good(tmp_path)
    assert skip.reason == "it is packed more than 4 times over"


@pytest.mark.parametrize(
    "name", ["../up.jsonl", "/etc/up.jsonl", "a/../../up.jsonl", "C:\\up.jsonl", "..\\up.jsonl"]
)
def test_names_that_lead_outside_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), GOOD)
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(GOOD)
        archive.addfile(entry, io.BytesIO(GOOD))
    skips = read_beside_good(tmp_path)
    assert [skip.reason for skip in skips] == ["its name leads outside the archive"] * 2


def test_links_in_a_tar_are_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            entry = tarfile.TarInfo(f"link{kind!r}")
            entry.type = kind
            entry.linkname = "/etc/passwd"
            archive.addfile(entry)
    skips = read_beside_good(tmp_path)
    assert [skip.reason for skip in skips] == ["it is a link or a device, not a file"] * 4


def test_loops_of_links_pipes_and_dead_links_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "sub" / "deeper"
    folder.mkdir(parents=True)
    (folder / "loop").symlink_to(tmp_path)
    (folder / "self").symlink_to(folder / "self")
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    skips = read_beside_good(tmp_path)
    assert sorted((Path(skip.path).name, skip.reason) for skip in skips) == [
        ("dead", "it is a link that leads nowhere"),
        ("loop", "it is a link back to a folder that it lies in"),
        ("pipe", "it is a pipe, a socket or a device, not a file"),
        ("self", "it is a link that leads nowhere"),
    ]


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("secret.jsonl", GOOD)
    raw = bytearray(out.getvalue())
    central = raw.rindex(b"PK\x01\x02")
    for at in (6, central + 8):
        (flags,) = struct.unpack_from("<H", raw, at)
        struct.pack_into("<H", raw, at, flags | 1)
    (tmp_path / "a.zip").write_bytes(bytes(raw))
    (skip,) = read_beside_good(tmp_path)
    assert "encrypted" in skip.reason


def test_an_office_document_without_text_is_no_archive_of_articles(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "letter.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document>secret</document>")
    (skip,) = read_beside_good(tmp_path)
    assert skip.path.endswith("letter.docx")
    assert "neither a title nor text" in skip.reason


LARGE = MAX_ARTICLE_BYTES + (1 << 20)


def large_files() -> Iterator[tuple[str, bytes]]:
    words = b"Some words of a text that does not want to end. "
    text = words * (LARGE // len(words) + 1)
    yield "a.txt", b"Title\n\n" + text
    yield "a.html", b"<!doctype html><html><body><p>" + text + b"</p></body></html>"
    yield "a.md", b"---\ntitle: T\n---\n" + text
    yield "a.eml", b"From: a@b\nSubject: T\nDate: Sun, 19 May 2024 09:30:00 +0200\n\n" + text
    yield "a.jsonl", b'{"title": "T", "text": "' + text + b'"}\n'
    yield "a.json", b'[{"title": "T", "text": "' + text + b'"}]'
    yield (
        "a.sgm",
        b'<REUTERS NEWID="1"><DATE> </DATE><TEXT><BODY>' + text + b"</BODY></TEXT></REUTERS>",
    )
    yield "a.rss", b"<rss><channel><item><title>T</title><description>" + text + (
        b"</description></item></channel></rss>"
    )  # fmt: skip
    yield "a.csv", b'title,text\nT,"' + text + b'"\n'


@pytest.mark.parametrize(("name", "raw"), list(large_files()), ids=lambda value: str(value)[:12])
def test_an_article_larger_than_any_is_refused_by_each_reader(
    tmp_path: Path, name: str, raw: bytes
) -> None:
    (tmp_path / name).write_bytes(raw)
    skips = read_beside_good(tmp_path)
    assert len(skips) == 1
    assert any(word in skips[0].reason for word in ("MiB", "well-formed", "cut off"))


def test_a_line_without_end_does_not_hide_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD + b"x" * (40 << 20) + b"\n" + GOOD.replace(b"A", b"B"))
    skips: list[Skip] = []
    articles = list(read([tmp_path], skips.append))
    assert [article.title for article in articles] == ["A good one", "B good one"]
    assert [(skip.position, skip.reason) for skip in skips] == [(2, "a line of more than 16 MiB")]


def test_a_large_element_does_not_hide_the_next(tmp_path: Path) -> None:
    large = b'{"title": "T", "text": "' + b'x\\"' * (LARGE // 2) + b'"}'
    (tmp_path / "a.json").write_bytes(
        b"[" + GOOD + b"," + large + b"," + GOOD.replace(b"A", b"B") + b"]"
    )
    skips: list[Skip] = []
    articles = list(read([tmp_path], skips.append))
    assert [(article.title, article.origin.position) for article in articles] == [
        ("A good one", 1),
        ("B good one", 3),
    ]
    assert [(skip.position, "MiB" in skip.reason) for skip in skips] == [(2, True)]


DEEP = 100_000


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.jsonl", b'{"title": ' + b"[" * DEEP + b"]" * DEEP + b"}\n"),
        ("a.json", b'{"title": ' * DEEP + b"1" + b"}" * DEEP),
        ("b.json", b"[" * DEEP + b"]" * DEEP),
        ("a.rss", b"<rss><channel><item>" + b"<a>" * DEEP),
        ("a.xml", b"<nitf>" + b"<a>" * DEEP + b"</a>" * DEEP + b"</nitf>"),
        ("a.md", b"---\ntitle: " + b"[" * 5000 + b"\n---\nx\n"),
        ("b.md", b"---\na: &a [x]\nb: [*a, *a]\n---\nx\n"),
        ("a.eml", b"From: a@b\nTo: c@d\nSubject: x\nDate: y\nContent-Type: multipart/mixed; "
                  b"boundary=a\n\n" + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 1000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_nesting_without_end_is_refused(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    started = time.monotonic()
    skips = read_beside_good(tmp_path)
    assert len(skips) == 1 and "reader failed" not in skips[0].reason, skips
    assert time.monotonic() - started < 20


XML_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b'<!ENTITY etc SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize(
    "inner",
    [
        b"<rss><channel><item><title>%s</title></item></channel></rss>",
        b"<nitf><head><title>%s</title></head></nitf>",
        b"<newsItem><contentMeta><headline>%s</headline></contentMeta></newsItem>",
    ],
)
def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path, inner: bytes) -> None:
    (tmp_path / "a.xml").write_bytes(XML_BOMB + inner % b"&a11; &etc; end")
    (article,) = read([tmp_path], print)
    assert article.title == "&a11; &etc; end"


DIRTY = "A \x00title\u202e with\u200b every\u00ad\u2066thing\ud800 in\x1b it \U0001f600"
CLEAN = "A title with everything\ufffd in it \U0001f600"


def test_control_characters_overrides_and_surrogates_do_not_get_in(tmp_path: Path) -> None:
    raw = DIRTY.encode("utf-8", "surrogatepass")
    escaped = DIRTY.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
    escaped = escaped.replace(b"\\U0001f600", b"\\ud83d\\ude00").replace(b"\x00", b"\\u0000")
    (tmp_path / "a.jsonl").write_bytes(
        b'{"title": "' + escaped.replace(b"\x1b", b"\\u001b") + b'"}\n'
    )
    (tmp_path / "b.txt").write_bytes(raw + b"\n\nThe text.\n")
    (tmp_path / "c.rss").write_bytes(
        b"<rss><channel><item><title>"
        + DIRTY.replace("\x00", "").replace("\ud800", "\ufffd").replace("\x1b", "").encode()
        + b"</title></item></channel></rss>"
    )
    skips: list[Skip] = []
    titles = [article.title for article in read([tmp_path], skips.append)]
    assert skips == []
    assert [titles[0], titles[2]] == [CLEAN, CLEAN]
    assert titles[1].isprintable() and titles[1].startswith("A title with everything")


@pytest.mark.parametrize(
    "day", ["0000-01-01", "9999-12-31", "2017-02-30", "99999999999999", "-1", "1e400", "NaN", "0"]
)
def test_days_that_cannot_be_leave_the_article_undated(tmp_path: Path, day: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD.replace(b"}", b', "date": "' + day.encode() + b'"}'))
    (article,) = read([tmp_path], print)
    assert article.published is None or article.published[:4] == "1970"


def test_the_same_article_twice_in_a_file_is_one(tmp_path: Path) -> None:
    one = b'{"id": "17", "title": "T", "text": "First version."}\n'
    other = one.replace(b"First", b"Second")
    (tmp_path / "a.jsonl").write_bytes(one + one + other)
    skips: list[Skip] = []
    articles = list(read([tmp_path], skips.append))
    assert [article.body[0] for article in articles] == ["First version.", "Second version."]
    assert len({article.id for article in articles}) == 1, "the later one replaces it in an index"
    assert [skip.reason for skip in skips] == ["it is the same article as number 1 of this file"]


CUT = [name.name for name in FIXTURES.iterdir() if name.is_file()]


@pytest.mark.parametrize("name", sorted(CUT))
def test_a_file_that_is_cut_off_gives_whole_articles_only(tmp_path: Path, name: str) -> None:
    """What remains of a file of several articles is a beginning of what all of it gives."""
    raw = (FIXTURES / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(raw)
    whole = list(read([path], lambda skip: None))
    streamed = name.endswith((".sgm", ".rss", ".atom", ".rdf", ".xml", ".json", ".jsonl"))
    for cut in range(0, len(raw) - 3, max(1, len(raw) // 16)):
        path.write_bytes(raw[:cut])
        rest = list(read([path], lambda skip: None))
        if streamed and len(whole) > 1 and rest and rest[0].origin.reader == whole[0].origin.reader:
            assert [one.body for one in rest] == [one.body for one in whole[: len(rest)]]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_stream_says_so_after_what_is_whole(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    lines = b"".join(GOOD.replace(b"A good", b"Number %d:" % n) for n in range(20_000))
    packed = pack(lines)
    (tmp_path / "a.jsonl.packed").write_bytes(packed[: len(packed) // 2])
    skips: list[Skip] = []
    articles: list[Article] = list(read([tmp_path], skips.append))
    assert all(article.body for article in articles)
    assert len(skips) == 1
    assert "damaged" in skips[0].reason


def test_a_tar_that_is_cut_off_in_a_member_does_not_end_the_run(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("story.txt")
        member.size = 5000
        archive.addfile(member, io.BytesIO(b"News. " * 1000))
    (tmp_path / "a.tar").write_bytes(packed.getvalue()[: 512 + 100])
    reasons = [skip.reason for skip in read_beside_good(tmp_path)]
    assert reasons[0] == "it is damaged inside the tar archive"


class Endless(io.RawIOBase):
    """A stream that repeats a piece for as long as it is read."""

    def __init__(self, start: bytes, piece: bytes) -> None:
        self._start, self._piece = start, piece
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        source = self._start or self._piece * (len(buffer) // len(self._piece))
        self._start = b""
        buffer[: len(source)] = source
        self.given += len(source)
        return len(source)


def test_xml_without_an_end_of_article_is_not_kept_in_memory() -> None:
    stream = Endless(b"<rss><channel>", b"<a>" + b"some words " * 300 + b"</a>")
    with pytest.raises(UnreadableError, match="64 MiB of XML"):
        list(feed.read(stream, Origin("a", 1)))  # type: ignore[arg-type]
    assert stream.given < 100 << 20


def test_a_table_in_utf_16_is_read_row_by_row(tmp_path: Path) -> None:
    row = '"A title","A text of \u0a0a, with\na line end, as tables have."\n'.encode("utf-16-le")
    stream = io.BufferedReader(Endless(b"\xff\xfe" + "title,text\n".encode("utf-16-le"), row))
    (first,) = islice(csv.read(stream, Origin("a", 1)), 1)
    assert isinstance(first, Article)
    assert first.body == ("A text of \u0a0a, with", "a line end, as tables have.")
    rows = "title,text\n" + "".join(
        f'"Row {n}","Two\nlines of \u0a0a text {n}"\n' for n in range(500)
    )
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe" + rows.encode("utf-16-le"))
    articles = list(read([tmp_path], lambda skip: None))
    assert [article.title for article in articles] == [f"Row {n}" for n in range(500)]
    assert articles[7].body == ("Two", "lines of \u0a0a text 7")
