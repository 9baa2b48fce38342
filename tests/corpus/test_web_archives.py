"""WARC and WACZ files give the pages in them, each once."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus.article import Article
from corpus.readers.protocol import Skip
from corpus.sources import read

PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>
<link rel="canonical" href="https://paper.example/{name}"></head><body><article><h1>{title}</h1>
<p>The council of Harrow Bay voted on Tuesday to keep the old bridge open for another year.</p>
<p>The vote was close, nineteen to twelve, after a debate that lasted for six hours and a half.</p>
</article></body></html>"""


def read_all(*paths: Path) -> tuple[list[Article], list[Skip]]:
    skips: list[Skip] = []
    return list(read(paths, skips.append)), skips


@pytest.fixture
def write_warc(tmp_path: Path) -> Callable[..., Path]:
    def write(records: list[tuple[str, str, int, str, bytes]], gzip: bool = True) -> Path:
        """Write records (type, address, status, content type, body) to a file."""
        path = tmp_path / ("crawl.warc.gz" if gzip else "crawl.warc")
        with path.open("wb") as out:
            writer = WARCWriter(out, gzip=gzip)
            for kind, url, status, content_type, body in records:
                headers = StatusAndHeaders(
                    f"{status} OK", [("Content-Type", content_type)], protocol="HTTP/1.1"
                )
                warc_headers = {"WARC-Date": "2024-02-03T04:05:06Z"}
                record = writer.create_warc_record(
                    url, kind, payload=io.BytesIO(body), length=len(body), http_headers=headers,
                    warc_headers_dict=warc_headers,
                )  # fmt: skip
                writer.write_record(record)
        return path

    return write


@pytest.mark.parametrize("gzip", [True, False])
def test_web_archives_give_their_pages_once(write_warc: Callable[..., Path], gzip: bool) -> None:
    page = PAGE.format(title="Old bridge is kept", name="bridge").encode()
    other = PAGE.format(title="Another page", name="other").encode()
    records = [
        ("response", "https://paper.example/bridge?x=1", 200, "text/html; charset=utf-8", page),
        ("response", "https://paper.example/bridge?x=1", 200, "text/html; charset=utf-8", page),
        ("response", "https://paper.example/a.png", 200, "image/png", b"\x89PNG"),
        ("response", "https://paper.example/gone", 404, "text/html", page),
        ("revisit", "https://paper.example/bridge", 200, "text/html", b""),
        ("response", "https://paper.example/other", 200, "text/html", other),
    ]
    articles, skips = read_all(write_warc(records, gzip))
    assert [(article.url, article.origin.position) for article in articles] == [
        ("https://paper.example/bridge", 1),
        ("https://paper.example/other", 6),
    ]
    assert skips == []


def test_a_wacz_gives_the_pages_of_its_warcs(
    write_warc: Callable[..., Path], tmp_path: Path
) -> None:
    import zipfile

    page = PAGE.format(title="Old bridge is kept", name="bridge").encode()
    warc = write_warc([("response", "https://paper.example/b", 200, "text/html", page)])
    wacz = tmp_path / "crawl.wacz"
    with zipfile.ZipFile(wacz, "w") as archive:
        archive.writestr("datapackage.json", '{"title": "a crawl", "resources": []}')
        archive.writestr("pages/pages.jsonl", '{"title": "not an article", "text": "no"}\n')
        archive.write(warc, "archive/data.warc.gz")
    ((article,), skips) = read_all(wacz)
    assert article.origin.path == f"{wacz}!archive/data.warc.gz"
    assert skips == []
