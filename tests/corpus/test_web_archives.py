"""WARC, ARC and WACZ files give the pages in them, each once; damage costs itself only."""

from __future__ import annotations

import gzip
import io
import itertools
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus.core.article import Article
from corpus.readers.protocol import Skip
from corpus.reading import read
from corpus.sources.gzip_members import GzipMembers
from corpus.sources.web_addresses import clean_address, page_number

PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>{head}
</head><body><article><h1>{title}</h1><p>{first}</p>
<p>The vote was close, nineteen to twelve, after a debate that lasted for six hours and a half.</p>
<p>{last}</p></article></body></html>"""


def page(title: str, *, canonical: str = "", first: str = "", last: str = "") -> bytes:
    head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    first = first or f"The council of Harrow Bay voted on Tuesday on the matter of {title}."
    last = last or f"Nobody in the gallery of the town hall had expected what came of {title}."
    return PAGE.format(title=title, head=head, first=first, last=last).encode()


def record(
    content: bytes,
    address: str = "https://paper.example/a",
    *,
    kind: str = "response",
    media: str = "application/http; msgtype=response",
    length: str = "",
    fields: Sequence[str] = (),
) -> bytes:
    """Return a WARC record; `length` is what it claims instead of its true one."""
    head = ["WARC/1.0", f"WARC-Type: {kind}", "WARC-Date: 2024-02-03T04:05:06Z", *fields]
    if address:
        head.append(f"WARC-Target-URI: {address}")
    if media:
        head.append(f"Content-Type: {media}")
    head.append(f"Content-Length: {length or len(content)}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode() + body


def html(body: bytes, *headers: str) -> bytes:
    return http(body, "Content-Type: text/html; charset=utf-8", *headers)


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%X;x=1\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def read_all(*paths: Path) -> tuple[list[Article], list[Skip]]:
    skips: list[Skip] = []
    return list(read(paths, skips.append)), skips


@pytest.fixture
def read_records(tmp_path: Path) -> Callable[..., tuple[list[Article], list[str]]]:
    numbers = itertools.count()

    def read_them(*records: bytes, packed: bool = True) -> tuple[list[Article], list[str]]:
        path = tmp_path / f"crawl{next(numbers)}.warc{'.gz' if packed else ''}"
        path.write_bytes(b"".join(map(gzip.compress, records) if packed else records))
        articles, skips = read_all(path)
        return articles, [skip.reason for skip in skips]

    return read_them


Read = Callable[..., tuple[list[Article], list[str]]]


@pytest.mark.parametrize("packed", [True, False])
def test_what_another_library_wrote_gives_its_pages_once(tmp_path: Path, packed: bool) -> None:
    bridge = page("the old bridge", canonical="https://paper.example/bridge")
    records = [
        ("response", "https://paper.example/bridge?x=1", 200, "text/html; charset=utf-8", bridge),
        ("response", "https://paper.example/bridge?x=1", 200, "text/html; charset=utf-8", bridge),
        ("response", "https://paper.example/a.png", 200, "image/png", b"\x89PNG"),
        ("response", "https://paper.example/gone", 404, "text/html", bridge),
        ("revisit", "https://paper.example/bridge", 200, "text/html", b""),
        ("response", "https://paper.example/other", 200, "text/html", page("the ferry")),
    ]
    path = tmp_path / ("crawl.warc.gz" if packed else "crawl.warc")
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=packed)
        for kind, url, status, content_type, body in records:
            headers = StatusAndHeaders(
                f"{status} OK", [("Content-Type", content_type)], protocol="HTTP/1.1"
            )
            record = writer.create_warc_record(
                url, kind, payload=io.BytesIO(body), length=len(body), http_headers=headers,
                warc_headers_dict={"WARC-Date": "2024-02-03T04:05:06Z"},
            )  # fmt: skip
            writer.write_record(record)
    articles, skips = read_all(path)
    assert [(article.url, article.origin.position) for article in articles] == [
        ("https://paper.example/bridge", 1),
        ("https://paper.example/other", 6),
    ]
    assert [(skip.position, skip.reason) for skip in skips] == [
        (
            0,
            "records that are no page of their own: 1 copy of a page in this file, 1 response of"
            " type image/png, 1 response of status 404, 1 revisit record",
        )
    ]


def test_a_wacz_gives_the_pages_of_its_warcs(tmp_path: Path) -> None:
    wacz = tmp_path / "crawl.wacz"
    with zipfile.ZipFile(wacz, "w") as archive:
        archive.writestr("datapackage.json", '{"title": "a crawl", "resources": []}')
        archive.writestr("pages/pages.jsonl", '{"title": "not an article", "text": "no"}\n')
        archive.writestr("archive/data.warc.gz", gzip.compress(record(html(page("a weir")))))
    ((article,), skips) = read_all(wacz)
    assert article.origin.path == f"{wacz}!archive/data.warc.gz"
    assert skips == []


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


BODY = page("the herring fleet")
ZSTD = zstandard.ZstdCompressor().compress


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (["Content-Encoding: gzip"], gzip.compress(BODY)),
        (["content-encoding: GZIP"], gzip.compress(BODY)),
        (["Content-Encoding: x-gzip"], gzip.compress(BODY[:700]) + gzip.compress(BODY[700:])),
        (["Content-Encoding: deflate"], zlib.compress(BODY)),
        (["Content-Encoding: deflate"], raw_deflate(BODY)),
        (["Content-Encoding: br"], brotli.compress(BODY)),
        (["Content-Encoding: Br"], brotli.compress(BODY)),
        (["Content-Encoding: zstd"], ZSTD(BODY)),
        (["Content-Encoding: zstd, gzip"], gzip.compress(ZSTD(BODY))),
        (["Content-Encoding: br", "Content-Encoding: zstd"], ZSTD(brotli.compress(BODY))),
        (["Transfer-Encoding: CHUNKED"], chunked(BODY)),
        (["Transfer-Encoding: gzip, Chunked"], chunked(gzip.compress(BODY))),
        (["TRANSFER-ENCODING: chunked", "Content-Encoding: br"], chunked(brotli.compress(BODY))),
        # Undone by the crawler, under the server's headers.
        (["Transfer-Encoding: chunked", "Content-Encoding: gzip"], BODY),
        (["Content-Encoding: br"], BODY),
        # No codings, whatever servers think.
        (["Content-Encoding: utf-8"], BODY),
        (["Content-Encoding: identity"], BODY),
        (["Content-Encoding: none, "], BODY),
        # Another coding than the header names, and one that no header names.
        (["Content-Encoding: br"], gzip.compress(BODY)),
        ([], gzip.compress(BODY)),
    ],
)
def test_codings_are_undone(read_records: Read, headers: list[str], body: bytes) -> None:
    (article,), reasons = read_records(record(html(body, *headers)))
    assert (article.title, len(article.body), reasons) == ("the herring fleet", 3, [])


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("compress", gzip.compress(BODY)[10:], "coding 'compress' cannot be undone"),
        ("dcb", brotli.compress(BODY), "coding 'dcb' cannot be undone"),
        ("gzip", gzip.compress(BODY)[:-30], "coding 'gzip' is damaged"),
        ("br", brotli.compress(BODY)[:-9], "coding 'br' is damaged"),
        ("zstd", b"\x00\x01\x02\x03" * 90, "coding 'zstd' is damaged"),
        ("identity", bytes(range(256)) * 8, "it is not text"),
        ("gzip", gzip.compress(bytes(40 << 20)), "it unpacks to more than 32 MiB"),
        ("br", brotli.compress(bytes(40 << 20)), "it unpacks to more than 32 MiB"),
    ],
)
def test_what_cannot_be_undone_is_named(
    read_records: Read, coding: str, body: bytes, reason: str
) -> None:
    articles, (told,) = read_records(record(html(body, f"Content-Encoding: {coding}")))
    assert articles == []
    assert reason in told
    assert told.endswith("(https://paper.example/a)")


def test_pages_are_read_from_records_of_all_kinds(read_records: Read) -> None:
    articles, reasons = read_records(
        record(b"software: x\r\n", "", kind="warcinfo", media="application/warc-fields"),
        record(b"GET /a HTTP/1.1\r\n\r\n", kind="request", media="application/http"),
        record(page("a resource"), "https://p.example/1", kind="resource", media="text/html"),
        record(page("a conversion"), "https://p.example/2", kind="conversion", media="text/html"),
        record(http(page("no type"), "Server: x"), "https://p.example/3"),
        record(http(page("a vague type"), "Content-Type: application/octet-stream"),
               "https://p.example/4"),
        record(page("no head of HTTP"), "https://p.example/5", media="text/html"),
        record(html(page("no address")), ""),
        record(html(page("cut by the crawler")), "https://p.example/7",
               fields=["WARC-Truncated: length"]),
        record(b"\x89PNG", "https://p.example/8", kind="resource", media="image/png"),
        record(http(b"just text", "Content-Type: text/plain"), "https://p.example/9"),
        record(http(b"", status="301 Moved"), "https://p.example/10"),
    )  # fmt: skip
    assert [(article.title, article.url) for article in articles] == [
        ("a resource", "https://p.example/1"),
        ("a conversion", "https://p.example/2"),
        ("no type", "https://p.example/3"),
        ("a vague type", "https://p.example/4"),
        ("no head of HTTP", "https://p.example/5"),
        ("no address", ""),
        ("cut by the crawler", "https://p.example/7"),
    ]
    assert "cut the page off" in dict(articles[-1].provenance)["body"]
    assert reasons == [
        "records that are no page of their own: 1 warcinfo record, 1 request record, 1 resource of"
        " type image/png, 1 response of type text/plain, 1 response of status 301"
    ]


def test_text_that_was_extracted_is_an_article(read_records: Read) -> None:
    text = (
        "Die Fähre fährt wieder\nStartseite\nPolitik\nSport\n"
        "Nach elf Wochen im Dock hat die Fähre am Montag den Betrieb wieder aufgenommen.\n"
        "Warten lohnt sich\n"
        "Die ersten Fahrgäste standen schon um fünf Uhr früh mit ihren Rädern an der Rampe.\n"
        "Mehr zum Thema\nNewsletter\n© 2024 Der Küstenbote. Alle Rechte an allem vorbehalten.\n"
    )
    (article,), reasons = read_records(
        record(text.encode(), "https://kueste.example/f", kind="conversion", media="text/plain",
               fields=["WARC-Identified-Content-Language: deu"]),
        record(b"Shop\nHome\nBasket\n", kind="conversion", media="text/plain"),
    )  # fmt: skip
    assert (article.title, article.url, article.language) == (
        "Die Fähre fährt wieder", "https://kueste.example/f", "de",
    )  # fmt: skip
    assert [line.split()[0] for line in article.body] == ["Nach", "Warten", "Die"]
    assert "none of its lines is a sentence" in reasons[0]


def test_an_arc_file_is_read(read_records: Read) -> None:
    def arc(address: str, content: bytes, media: bytes = b"text/html") -> bytes:
        line = f"{address} 192.0.2.7 20031105120000 {media.decode()} {len(content)}\n"
        return line.encode() + content + b"\n"

    articles, reasons = read_records(
        arc("filedesc://x.arc", b"1 0 x\nURL IP-address Archive-date Content-type Length\n",
            b"text/plain"),
        arc("http://p.example/1", html(page("the first tram"))),
        arc("dns:p.example", b"20031105120000\np.example. 7 IN A 192.0.2.7\n", b"text/dns"),
        arc("http://p.example/2", html(page("the last tram"))),
    )  # fmt: skip
    assert [article.title for article in articles] == ["the first tram", "the last tram"]
    assert reasons == ["records that are no page of their own: 2 warcinfo records"]


TITLES = [f"story number {number}" for number in range(5)]
RECORDS = [
    record(html(page(title)), f"https://p.example/{number}") for number, title in enumerate(TITLES)
]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda one: one.replace(b"WARC/1.0", b"WORC/1.0", 1), id="no first line"),
        pytest.param(lambda one: one[: len(one) // 2], id="cut"),
        pytest.param(lambda one: b"\x00\xff" * 900, id="noise"),
    ],
)
def test_a_damaged_record_costs_itself_only(
    read_records: Read, packed: bool, place: int, damage: Callable[[bytes], bytes]
) -> None:
    records = list(RECORDS)
    records[place] = damage(records[place])
    records.insert(0, record(b"software: x\r\n", "", kind="warcinfo", media="text/plain"))
    articles, reasons = read_records(*records, packed=packed)
    found = {article.title for article in articles}
    assert set(TITLES) - {TITLES[place]} <= found
    assert len(found) == 5 or any("damaged record" in reason for reason in reasons)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("length", ["12", "1e3", "-7", "9999999999999", "", "700"])
def test_a_wrong_length_costs_nothing(read_records: Read, packed: bool, length: str) -> None:
    wrong = record(html(page(TITLES[1])), "https://p.example/1", length=length or "none")
    articles, _ = read_records(RECORDS[0], wrong, *RECORDS[2:], packed=packed)
    assert [article.title for article in articles] == TITLES


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("where", ["checksum", "middle", "header"])
def test_a_damaged_member_costs_itself_only(tmp_path: Path, place: int, where: str) -> None:
    members = [bytearray(gzip.compress(one)) for one in RECORDS]
    member = members[place]
    at = {"checksum": len(member) - 6, "middle": len(member) // 2, "header": 3}[where]
    member[at] ^= 0xFF
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(b"".join(members))
    articles, skips = read_all(path)
    assert [one.title for one in articles] == [t for n, t in enumerate(TITLES) if n != place]
    assert [skip for skip in skips if "damaged" in skip.reason]


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(cut=st.integers(0, 4000))
def test_a_cut_end_costs_the_record_that_is_cut(tmp_path: Path, cut: int) -> None:
    whole = [gzip.compress(one) for one in RECORDS]
    data = b"".join(whole)
    cut = min(cut, len(data) - 40)
    kept, size = 0, 0
    for member in whole:
        size += len(member)
        kept += size <= len(data) - cut
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(data[: len(data) - cut])
    articles, skips = read_all(path)
    assert [one.title for one in articles][:kept] == TITLES[:kept]
    assert len(articles) <= kept + 1  # all but the checksum may be there
    assert bool(skips) or len(articles) == 5 or kept == len(articles)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.binary(min_size=1, max_size=3000), min_size=1, max_size=6),
    flip=st.integers(0, 10**6),
)
def test_gzip_goes_on_behind_damage(texts: list[bytes], flip: int) -> None:
    members = [bytearray(gzip.compress(text)) for text in texts]
    damaged = flip % len(members)
    members[damaged][-6] ^= 0x55  # the checksum
    stream = GzipMembers(io.BytesIO(b"".join(members)))
    found = b""
    errors = 0
    while True:
        try:
            piece = stream.read(700)
        except (zlib.error, EOFError):
            errors += 1
            continue
        if not piece:
            break
        found += piece
    assert errors == 1
    assert found.startswith(b"".join(texts[:damaged]))
    assert found.endswith(b"".join(texts[damaged + 1 :]))


def test_copies_of_a_page_are_one_article(read_records: Read) -> None:
    addresses = [
        "http://paper.example/tram/",
        "https://paper.example/tram?utm_campaign=x",
        "https://paper.example/tram#comments",
        "https://PAPER.example:443/tram?gclid=7&fbclid=8",
        "https://paper.example/tram",
    ]
    (article,), (told,) = read_records(*(record(html(page("a tram")), a) for a in addresses))
    assert article.url == "https://paper.example/tram"
    assert "4 copies of a page in this file" in told


PARTS = [
    ("The wall was begun in the year of the flood by people who had lost all.", "Part one ends."),
    ("Its second builder was a baker, and he paid the masons in loaves of rye.", "So it went on."),
    ("The third part was never finished, as everyone knows who has been there.", "That is all."),
]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@pytest.mark.parametrize(
    ("canonical", "pattern"),
    [
        ("https://p.example/wall", "https://p.example/wall?page={}"),
        ("https://p.example/wall", "https://p.example/wall/{}"),
        ("https://p.example/wall.html", "https://p.example/wall-{}.html"),
        ("https://p.example/wall", "https://p.example/wall/seite-{}"),
    ],
)
def test_pages_of_one_article_are_joined(
    read_records: Read, order: tuple[int, ...], canonical: str, pattern: str
) -> None:
    records = [
        record(html(page("The wall", canonical=canonical, first=first, last=last)),
               canonical if number == 0 else pattern.format(number + 1))
        for number, (first, last) in enumerate(PARTS)
    ]  # fmt: skip
    (article,), _ = read_records(*(records[number] for number in order))
    text = " ".join(article.body)
    places = [text.index(first) for first, _ in PARTS]
    assert places == sorted(places)
    assert text.count("The vote was close") == 1
    assert article.url == canonical
    assert "3 pages of one article" in dict(article.provenance)["body"]


def test_another_text_under_a_canonical_address_keeps_its_own(read_records: Read) -> None:
    """Broken templates name one address on all pages."""
    canonical = "https://p.example/news"
    articles, _ = read_records(
        *(
            record(html(page(f"Story {n}", canonical=canonical, first=first, last=last)
                        .replace(b"The vote was close", b"%d votes" % n)),
                   f"https://p.example/{name}")
            for n, (name, (first, last)) in enumerate(zip("abc", PARTS, strict=True))
        )
    )  # fmt: skip
    assert [article.url for article in articles] == [
        canonical, "https://p.example/b", "https://p.example/c",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("https://p.example/a?id=3&utm_source=feed", "https://p.example/a?id=3"),
        ("https://p.example/a?xtor=RSS-1", "https://p.example/a"),
        ("https://p.example/a#xtor=RSS-1", "https://p.example/a"),
        ("https://p.example/#!/story/7", "https://p.example/#!/story/7"),
        ("https://P.example:8080/A?b=", "https://p.example:8080/A?b="),
        ("https://p.example/search?q=utm_source", "https://p.example/search?q=utm_source"),
        ("urn:uuid:1#x", "urn:uuid:1#x"),
        ("https://[broken/a#x", "https://[broken/a#x"),
    ],
)
def test_addresses_are_cleaned_of_what_tells_how_one_came(address: str, clean: str) -> None:
    assert clean_address(address) == clean


@pytest.mark.parametrize(
    ("fetched", "canonical", "number"),
    [
        ("a?page=2", "a", 2), ("a/2", "a", 2), ("a", "a", 0), ("a/seite-3", "a/", 3),
        ("a?page=3", "a?page=1", 3), ("a?id=4&page=3", "a?id=4", 3), ("a-7-2.html", "a-7.html", 2),
        ("a/28", "a/27", 0), ("b/2", "a", 0), ("a/271", "a/27", 0), ("a/amp", "a", 0),
        ("a?id=28", "a?id=27", 0), ("a?id=2", "a", 0),
    ],
)  # fmt: skip
def test_the_number_of_a_page_is_what_its_address_has_more(
    fetched: str, canonical: str, number: int
) -> None:
    assert page_number(f"https://p.example/{fetched}", f"https://p.example/{canonical}") == number


def test_pages_in_files_of_their_own_do_not_take_each_others_place(tmp_path: Path) -> None:
    canonical = "https://p.example/long/wall"
    for name, (first, last) in zip(("wall", "wall?page=2", "wall?page=3"), PARTS, strict=True):
        path = tmp_path / "p.example" / "long" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page("The wall", canonical=canonical, first=first, last=last))
    articles, _ = read_all(tmp_path)
    assert len({article.id for article in articles}) == 3
