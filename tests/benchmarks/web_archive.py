"""Read a web archive of the development pages, in every coding, with one record in 100 damaged.

    python tests/benchmarks/web_archive.py [--megabytes 1000] [--every 1] [--gzip] [--file PATH]

The archive is made first, then read as `broadsheet index` reads a file, in one process. Told are
how many of the pages that are articles were lost, whether the damaged ones were told of, pages and
megabytes a second, and how much memory the reading took more at its end than after its first tenth.
Ends with status 1 when an undamaged article was lost.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import resource
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import zstandard

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # beside this file lies a module that is named as the package

from corpus.core.article import Article  # noqa: E402
from corpus.core.errors import UnreadableError  # noqa: E402
from corpus.readers.html import parse_page  # noqa: E402
from corpus.reading import read_document  # noqa: E402
from corpus.sources.walk import expand, file_document  # noqa: E402

SHARED = ROOT.parent / "shared" / "corpora"
_ZSTD = zstandard.ZstdCompressor(level=3)
# The pages are read under many addresses: they may not name their own.
_OWN_ADDRESS = re.compile(
    rb"""<link[^>]{0,400}rel=["']?canonical[^>]{0,2000}>"""
    rb"""|<meta[^>]{0,200}(?:og:url|twitter:url)[^>]{0,2000}>""",
    re.IGNORECASE,
)
_ADDRESS = "https://p.example/1"
_OWN_KEYS = re.compile(rb'"(url|mainEntityOfPage|@id)"(?=\s*:)')


def _plain(body: bytes) -> tuple[list[str], bytes]:
    return [], body


def _chunked(body: bytes) -> tuple[list[str], bytes]:
    pieces = [body[at : at + 8000] for at in range(0, len(body), 8000)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return ["Transfer-Encoding: chunked"], chunks + b"0\r\n\r\n"


def _coded(name: str, code: Callable[[bytes], bytes]) -> Callable[[bytes], tuple[list[str], bytes]]:
    return lambda body: ([f"Content-Encoding: {name}"], code(body))


def _brotli(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=3))


CODINGS = {
    "plain": _plain,
    "chunked": _chunked,
    "gzip": _coded("gzip", lambda body: gzip.compress(body, 1)),
    "GZip": _coded("GZip", lambda body: gzip.compress(body, 1)),
    "deflate": _coded("deflate", lambda body: zlib.compress(body, 1)),
    "br": _coded("br", _brotli),
    "zstd": _coded("zstd", _ZSTD.compress),
    "gzip, br": _coded("gzip, br", lambda body: _brotli(gzip.compress(body, 1))),
    "undone": _coded("br", lambda body: body),
}


def _cut(record: bytes) -> bytes:
    return record[: len(record) * 2 // 3]


def _noise(record: bytes) -> bytes:
    return bytes(range(256)) * (len(record) // 256)


def _no_version(record: bytes) -> bytes:
    return b"W4RC" + record[4:]


DAMAGES = (_cut, _noise, _no_version)


def pages(every: int) -> list[bytes]:
    """Return each `every`th development page that is read as an article, without its address."""
    found = []
    for folder in ("wcxb", "news-pages-2", "news-pages"):
        for path in sorted((SHARED / folder / "html").iterdir())[::every]:
            raw = path.read_bytes()
            raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
            markup = _OWN_KEYS.sub(rb'"x-\1"', _OWN_ADDRESS.sub(b"", raw))
            try:
                article = parse_page(markup, url=_ADDRESS)
            except UnreadableError:
                continue
            if article.url == _ADDRESS:  # else it names its own in yet another way
                found.append(markup)
    return found


def records(markups: list[bytes], seed: int) -> Iterator[tuple[int, bool, bytes]]:
    """Yield numbered records without end, and whether each is damaged."""
    chance = random.Random(seed)
    names = list(CODINGS)
    number = 0
    while True:
        number += 1
        headers, body = CODINGS[names[number % len(names)]](markups[number % len(markups)])
        head = ["HTTP/1.1 200 OK", "Content-Type: text/html", *headers, "", ""]
        content = "\r\n".join(head).encode() + body
        fields = [
            "WARC/1.1", "WARC-Type: response", "WARC-Date: 2026-01-05T10:00:00Z",
            f"WARC-Target-URI: https://p.example/{number}", f"Content-Length: {len(content)}",
            "Content-Type: application/http; msgtype=response", "", "",
        ]  # fmt: skip
        record = "\r\n".join(fields).encode() + content + b"\r\n\r\n"
        damaged = chance.random() < 0.01
        yield number, damaged, chance.choice(DAMAGES)(record) if damaged else record


def write(path: Path, markups: list[bytes], nbytes: int, packed: bool) -> tuple[set[int], int]:
    """Write an archive; return the numbers of the damaged records, and how many there are."""
    damaged_ones = set()
    size = last = 0
    chance = random.Random(7)
    with path.open("wb") as file:
        for number, damaged, record in records(markups, seed=1):
            if damaged:
                damaged_ones.add(number)
            if packed:
                member = bytearray(gzip.compress(record, 1))
                if damaged:
                    member[chance.randrange(10, len(member))] ^= 0xFF
                record = bytes(member)
            size += file.write(record)
            last = number
            if size >= nbytes:
                return damaged_ones, last
    raise AssertionError


def read(path: Path) -> tuple[set[int], Counter[str], list[int]]:
    """Return the numbers of the articles, the skips by reason, and the memory (kB) in tenths."""
    found: set[int] = set()
    skips: Counter[str] = Counter()
    memory = []
    for document in expand(file_document(str(path), str(path)), lambda skip: None):
        for item in read_document(document):
            if isinstance(item, Article):
                found.add(int(item.url.rsplit("/", 1)[1]))
                if len(found) % 50 == 0:
                    memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
            else:
                skips[item.reason.split(" (http")[0]] += 1
    return found, skips, memory


def main() -> None:
    """Make the archive, read it, tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--every", type=int, default=1, help="take each Nth page only")
    parser.add_argument("--gzip", action="store_true", help="compress each record")
    parser.add_argument("--file", type=Path, default=Path("benchmark.warc"))
    asked = parser.parse_args()
    markups = pages(asked.every)
    damaged, count = write(asked.file, markups, asked.megabytes * 1_000_000, asked.gzip)
    print(f"{count:,} records of {len(markups):,} pages, {len(damaged)} damaged,"
          f" {asked.file.stat().st_size / 1e6:,.0f} MB")  # fmt: skip
    begun, started = time.process_time(), time.perf_counter()
    found, skips, memory = read(asked.file)
    spent, took = time.process_time() - begun, time.perf_counter() - started
    lost = set(range(1, count + 1)) - found - damaged
    print(f"{len(found):,} articles in {took:,.0f} s ({spent:,.0f} s of processor time):"
          f" {len(found) / spent:,.0f} pages, {asked.file.stat().st_size / 1e6 / spent:,.1f} MB"
          " a second of processor time")  # fmt: skip
    print(f"lost but for the damaged ones: {len(lost)}; damaged ones that could be read all the"
          f" same: {len(damaged & found)}")  # fmt: skip
    if len(memory) > 10:
        print(f"memory: {memory[len(memory) // 10] / 1e3:,.0f} MB after a tenth,"
              f" {memory[-1] / 1e3:,.0f} MB at the end")  # fmt: skip
    for reason, number in skips.most_common(12):
        print(f"  {number:6,} {reason[:150]}")
    asked.file.unlink()
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
