"""Reading keeps up and stays within bounded memory; figures are printed, floors are asserted.

The floors are a third of what an idle core reaches, since machines that run tests are busy.
"""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from corpus.core.article import Article, Origin
from corpus.readers import jsonlines, reuters
from corpus.text.languages import language_of

pytestmark = pytest.mark.slow

WORDS = "the council of the bay voted to keep its old bridge open for one more year and".split()


def per_second(reader: object, raw: bytes) -> float:
    language_of("одна строка, которая загружает распознаватель языка")
    best = 0.0
    for _ in range(3):
        started = time.process_time()
        items = reader.read(io.BytesIO(raw), Origin("s", 1, "s"))  # type: ignore[attr-defined]
        articles = sum(isinstance(item, Article) for item in items)
        best = max(best, articles / (time.process_time() - started))
    return best


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = []
    for number in range(30_000):
        words = itertools.islice(itertools.cycle(WORDS), number % 13, number % 13 + 40)
        lines.append(
            orjson.dumps(
                {
                    "headline": f"Bridge kept for year {number}",
                    "short_description": " ".join(words),
                    "category": "WORLD",
                    "authors": f"Jane Doe and John Roe{number % 500}, AP",
                    "date": f"2022-{number % 12 + 1:02}-{number % 28 + 1:02}",
                    "link": f"https://paper.example/{number}",
                }
            )
        )
    rate = per_second(jsonlines, b"\n".join(lines))
    with capsys.disabled():
        print(f"\nJSON lines: {rate:,.0f} a second and core")
    assert rate > 3_000  # what a slow and busy machine keeps: several times slower would be seen


def test_reuters_stories(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = b"".join(
        path.read_bytes() for path in sorted((shared / "reuters21578").glob("*.sgm"))[:6]
    )
    rate = per_second(reuters, raw)
    with capsys.disabled():
        print(f"\nReuters stories: {rate:,.0f} a second and core")
    assert rate > 3_000


MEASURE = """
import os, resource, sys
from corpus.reading import read
def line(number):
    return b'{"title": "Story %d", "text": "%s", "url": "https://paper.example/%d"}\\n' % (
        number, b"The text of it was long enough to count. " * 20, number)
read_end, write_end = os.pipe()
if os.fork() == 0:
    os.close(read_end)
    out = os.fdopen(write_end, "wb", 1 << 20)
    for number in range(int(sys.argv[1])):
        out.write(line(number))
    out.close()
    os._exit(0)
os.close(write_end)
os.dup2(read_end, 0)
count, early = 0, 0
for article in read(["-"], print):
    count += 1
    if count == 20_000:
        early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(count, early, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_flat_on_a_long_stream(capsys: pytest.CaptureFixture[str]) -> None:
    lines = 600_000  # 0.5 GB
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(lines)], capture_output=True, text=True, check=True
    )
    count, early, late = map(int, done.stdout.split())
    with capsys.disabled():
        print(f"\n{count:,} articles: {early >> 10} MiB after 20,000, {late >> 10} MiB at the end")
    assert count == lines
    assert late - early < 64 << 10
