"""No bytes make a reader crash, hang, or hand on anything that is not whole and clean.

Real files of every format are damaged at random: cut, joined, bytes changed, parts repeated,
dangerous pieces put in. `FUZZ_SECONDS` (an environment variable) makes the run longer.
"""

from __future__ import annotations

import io
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import is_plausible
from corpus.readers import readers
from corpus.readers.protocol import HEAD_BYTES, Skip
from corpus.reading import read
from corpus.text.text import clean

FIXTURES = Path(__file__).parent / "fixtures"
SAMPLE = Path(__file__).parents[2] / "corpus" / "sample"
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0.8"))
SLOWEST = 8.0
"""Seconds for one input of at most 200 KB, on a machine that has other things to do."""

PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b", b"\xed\xa0\x80", "\u202e".encode(), b"\r",
    b"\n\n", b"<", b">", b"&", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--",
    b"<!DOCTYPE x [", b"{", b"}", b"[", b"]", b'"', b"\\", b"\\ud800", b",", b":", b"---\n",
    b"From x@y Mon May 19 07:30:00 2024\n", b"</REUTERS>", b'<REUTERS NEWID="1">',
    b'Content-Type: multipart/mixed; boundary=""\n\n', b"=?utf-8?q?=FF?=", b"Tags:\n", b"Topic:",
    "© ".encode(), b"13:19 GMT +330 January 2017\n", b"0000-00-00", b"9999-12-31", b"1e999", b"NaN",
    b"WARC/1.0\r\n", b"Content-Length: -1\r\n", b"<" * 300, b"(" * 300, b"A, " * 300, b" " * 3000,
)  # fmt: skip


_HTTP = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>Quay"
    b"</title></head><body><article><h1>Quay</h1><p>The quay was closed, the council said on "
    b"Monday, because its planks are rotten.</p></article></body></html>"
)
SMALL = {
    "warc": b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://n.example/quay\r\n"
    b"WARC-Date: 2021-03-04T05:06:07Z\r\nContent-Type: application/http; msgtype=response\r\n"
    b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(_HTTP), _HTTP) * 2,
    "trec": b"<DOC>\n<DOCNO> HB-0001 </DOCNO>\n<DATE1>March 4, 1991</DATE1>\n<HEAD>Quay closed"
    b"</HEAD>\n<BYLINE>By Ada Quill</BYLINE>\n<TEXT>\n<P>The quay was closed.</P>\n</TEXT>\n"
    b"</DOC>\n" * 3,
    "xml-records": b"<?xml version='1.0'?><records>"
    + b"<Record><RecordID>7</RecordID><RecordTitle>Quay "
    b"closed</RecordTitle><NumericPubDate>20210304"
    b"</NumericPubDate><Contributor><OriginalForm>Quill, Ada</OriginalForm></Contributor><FullText>"
    b"The quay was closed, the council said.</FullText></Record>" * 3 + b"</records>",
    "mets": b'<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" '
    b'LABEL="The Courier"><fileSec><fileGrp><file ID="A1"><FLocat LOCTYPE="URL" '
    b'xlink:href="a1.xml"/></file></fileGrp></fileSec><structMap TYPE="LOGICAL"><div '
    b'TYPE="ISSUE"><div TYPE="ARTICLE" LABEL="Quay closed"><fptr><area FILEID="A1" BEGIN="B1"/>'
    b"</fptr></div></div></structMap></mets>",
    "ocr": b'<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"><Layout><Page ID="P1">'
    b'<PrintSpace><TextBlock ID="B1"><TextLine><String CONTENT="The" '
    b'WC="0.9"/><SP/><String CONTENT="quay"/>'
    b'<SP/><String CONTENT="clo" SUBS_TYPE="HypPart1" SUBS_CONTENT="closed"/></TextLine><TextLine>'
    b'<String CONTENT="sed" SUBS_TYPE="HypPart2" SUBS_CONTENT="closed"/></TextLine></TextBlock>'
    b"</PrintSpace></Page></Layout></alto>",
    "wordpress": b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    b'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    b"<channel><wp:wxr_version>1.2</wp:wxr_version><item><title>Quay closed</title><dc:creator>ada"
    b"</dc:creator><content:encoded><![CDATA[<p>The quay was closed.</p>]]></content:encoded>"
    b"<wp:post_date_gmt>2021-03-04 05:06:07</wp:post_date_gmt><wp:status>publish</wp:status>"
    b"<wp:post_type>post</wp:post_type></item></channel></rss>",
    "clippings": b"".join(
        b"%32d of 2 DOCUMENTS\n\n\n                       The Courier\n\n"
        b"                  March 4, 2021 Thursday\n\nQuay closed\n\nBYLINE: Ada Quill\n\n"
        b"SECTION: NEWS; Pg. 4\n\nLENGTH: 12 words\n\nThe quay was closed, the council said.\n\n"
        b"LOAD-DATE: March 5, 2021\n\nLANGUAGE: ENGLISH\n\n" % number
        for number in (1, 2)
    ),
    "clippings-html": b'<html><body><div class="article enArticle"><p><div id="hd"><span '
    b"class='enHeadline'>Quay closed</span></div></p><div>12 words</div><div>4 March 2021</div>"
    b"<div>The Courier</div><div>English</div><p class='articleParagraph enarticleParagraph'>The "
    b"quay was closed.</p><p>Document COUR000020210304eh340001</p></div></body></html>",
    "bibliography": b"TY  - NEWS\nTI  - Quay closed\nAU  - Quill, Ada\nPY  - 2021/03/04\nT2  - The "
    b"Courier\nAB  - The quay was closed, the council said.\nER  - \n\n" * 3,
}
"""Of formats that have no file among the fixtures; each is read when it is whole."""


def seeds(name: str) -> list[bytes]:
    """Return files that the reader is surest of."""
    if name in SMALL:
        return [SMALL[name]]
    found = []
    for folder in (FIXTURES, SAMPLE):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size < 200_000 and not path.name.endswith("gz"):
                raw = path.read_bytes()
                scores = {one.NAME: one.sniff(raw[:HEAD_BYTES], path.name) for one in readers()}
                if scores[name] == max(scores.values()) > 0:
                    found.append(raw)
    return found[:12]


def damaged(dice: random.Random, raw: bytes) -> bytes:
    """Return the file with up to six things done to it."""
    out = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(out) + 1)
        match dice.randrange(6):
            case 0:
                del out[at:]
            case 1:
                del out[at : at + dice.randint(1, 60)]
            case 2:
                out[at:at] = dice.choice(PIECES)
            case 3 if at < len(out):
                out[at] = dice.randrange(256)
            case 4:
                out[at:at] = out[max(0, at - dice.randint(1, 400)) : at]
            case _:
                out[:at] = b""
    return bytes(out[:200_000])


def check(items: Iterator[Article | Skip]) -> int:
    """Assert that what a reader gives is whole and clean; return the number of articles."""
    articles = 0
    for item in items:
        if isinstance(item, Skip):
            assert item.reason and item.reason.isprintable()
            continue
        articles += 1
        assert len(item.id) == 16
        assert item.title or item.body or item.lead or item.origin.reader == "reuters"
        lines = (
            item.title, item.lead, item.section, item.topic, item.source, item.agency, item.place,
            *item.body, *item.tags, *item.authors, *item.places, *item.people, *item.orgs,
            *item.captions, *item.credits, *item.related, *item.exchanges,
        )  # fmt: skip
        for line in lines:
            assert line == clean(line), (item.origin, line)
            line.encode()
        assert all(item.body) and all(item.tags) and all(item.authors)
        assert not item.url or item.url.startswith(("http://", "https://"))
        for moment in (item.published, item.updated):
            assert moment is None or is_plausible(moment)
        assert len(item.language) in (0, 2)
    return articles


@pytest.mark.parametrize("name", [reader.NAME for reader in readers()])
def test_damaged_files_are_read_whole_or_not_at_all(name: str) -> None:
    reader = next(one for one in readers() if name == one.NAME)
    files = seeds(name)
    assert files, "this reader has no file in tests/corpus/fixtures"
    dice = random.Random(20170130)
    ends = time.monotonic() + SECONDS
    tried = articles = 0
    while time.monotonic() < ends:
        raw = damaged(dice, dice.choice(files))
        started = time.monotonic()
        try:
            articles += check(reader.read(io.BytesIO(raw), Origin("f", 1, name)))
        except UnreadableError as error:
            assert str(error).isprintable()
        assert time.monotonic() - started < SLOWEST, raw
        tried += 1
    assert tried > 3
    print(f"{name}: {tried} damaged files, {articles} articles")


@pytest.mark.parametrize("name", [reader.NAME for reader in readers()])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    raw=st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
)
def test_any_bytes_at_all(name: str, raw: bytes) -> None:
    reader = next(one for one in readers() if name == one.NAME)
    assert 0 <= reader.sniff(raw, "") <= 1
    with suppress(UnreadableError):
        check(reader.read(io.BytesIO(raw), Origin("f", 1, name)))


def test_damaged_archives_never_stop_a_run(tmp_path: Path) -> None:
    import gzip
    import tarfile
    import zipfile

    story = (FIXTURES / "bulk.jsonl").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"{number}.jsonl", story)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(FIXTURES / "story.sgm", "a.sgm")
        archive.add(FIXTURES / "news.rss", "b.rss")
    (tmp_path / "a.gz").write_bytes(gzip.compress(story))
    dice = random.Random(1)
    for path in sorted(tmp_path.iterdir()):
        raw = path.read_bytes()
        for _ in range(150):
            path.write_bytes(damaged(dice, raw))
            skips: list[Skip] = []
            check(item for item in read([path], skips.append))
            assert all("reader failed" not in skip.reason for skip in skips), skips


HEADS = (
    b"<!--a-->" * 200 + b"x", b"<?xml ?>" * 500, b"<!DOCTYPE a>" * 500, b"<" * 16000, b" " * 16000,
    b"\n" * 16000, b"# " * 8000, b">" * 16000, b"From " * 3000, b"a:" * 8000, b"(c) " * 4000,
    b"1:1" * 5000, b"---\n" * 4000, b"<p " * 5000, b'[{"a":' * 2000, b"Topic:\n" * 2000,
    b"<!--" * 4000, b"=\n" * 8000, b"a," * 8000,
)  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [reader.NAME for reader in readers()])
def test_sniffing_hostile_bytes_takes_no_time(name: str) -> None:
    reader = next(one for one in readers() if name == one.NAME)
    for head in HEADS:
        started = time.thread_time()
        reader.sniff(head[:HEAD_BYTES], "a.md")
        assert time.thread_time() - started < 2, head[:20]


LARGE = (
    b"---\ntitle: T\n---\n", b"# T\n\n", b"13:19 GMT +330 January 2017\n",
    b"From: a@b\nSubject: T\n\n",
    b"title,text\nT,", b"<rss><channel><item><title>", b'<REUTERS NEWID="1"><TEXT><BODY>', b"T\n\n",
)  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize("start", LARGE, ids=lambda start: repr(start[:12]))
@pytest.mark.parametrize(
    "unit",
    [b" ", b"\n ", b"<!--", b"```a\n", b"~~a ", b"(a ", b"&", b"<TOPICS>", b"A, ", b"\xc2\xa9"],
)
def test_a_large_hostile_text_takes_bounded_time(tmp_path: Path, start: bytes, unit: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(start + unit * ((1 << 18) // len(unit)))
    started = time.monotonic()
    for _ in read([path], lambda skip: None):
        pass
    assert time.monotonic() - started < 15
