"""Headers of archives that were made to harm cost neither memory nor time."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

GOOD = json.dumps({"title": "A kiln", "text": "It burns."}).encode() + b"\n"
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from corpus.reading import read
titles, skips = [], []
for article in read([sys.argv[1]], skips.append):
    titles.append(article.title)
# Not getrusage: what it tells begins with the memory of the process that this one was forked from.
status = open("/proc/self/status").read()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
print(titles)
print([skip.reason for skip in skips])
"""


def header(name: str, size: bytes, kind: bytes = b"0") -> bytes:
    """A header with whatever its size field is to hold."""
    raw = bytearray(tarfile.TarInfo(name).tobuf(tarfile.GNU_FORMAT))
    raw[124:136] = size
    raw[156:157] = kind
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


def octal(size: int) -> bytes:
    return b"%011o\0" % size


def padded(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % 512)


GOOD_MEMBER = header("good.jsonl", octal(len(GOOD))) + padded(GOOD)
END = b"\0" * 1024
PAX_SIZE = b"25 size=9999999999999999\n"
NEGATIVE = b"13 size=-512\n"

TARS = {
    "a size of 95 bits": header("a.jsonl", b"\x80" + b"\x7f" * 11) + END,
    "a size of 63 bits": header("a.jsonl", b"\x80\0\0\0\x7f" + b"\xff" * 7) + END,
    "a negative size": header("a.jsonl", b"\xff" * 11 + b"\x00") + END,
    "a negative size of an unknown kind": header("a", b"\xff" * 10 + b"\xfc\x00", b"9") + END,
    "an endless long name": header("ln", b"\x80" + b"\x7f" * 11, b"L") + END,
    "an endless extended header": header("p", b"\x80" + b"\x7f" * 11, b"x") + END,
    "a size in an extended header": header("p", octal(len(PAX_SIZE)), b"x")
    + padded(PAX_SIZE)
    + header("a.jsonl", octal(3))
    + END,
    "a negative size in an extended header": header("p", octal(len(NEGATIVE)), b"x")
    + padded(NEGATIVE)
    + header("a.jsonl", octal(3))
    + END,
    "long names before long names": (header("ln", octal(4), b"L") + padded(b"a/b\0")) * 5000 + END,
    "global headers before global headers": (
        header("g", octal(13), b"g") + padded(b"13 abc=defg\n\n")
    )
    * 5000
    + END,
    "cut in a member": header("a.jsonl", octal(1 << 20)) + b"x" * 512,
    "cut in a long name": header("ln", octal(100_000), b"L") + b"x" * 512,
}


def read(path: Path) -> tuple[int, str, str]:
    """Read a file in a process of its own: peak memory in MB, titles, reasons."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    memory, titles, reasons = done.stdout.strip().split("\n")
    return int(memory), titles, reasons


@pytest.mark.parametrize("name", TARS)
def test_a_header_that_lies_ends_the_archive(name, tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(GOOD_MEMBER + TARS[name])
    _, titles, reasons = read(path)
    assert titles == "['A kiln']", "what came before is read"
    assert reasons != "[]", "and the rest is reported"


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g", b"X"])
def test_what_headers_carry_is_bounded(kind, tmp_path):
    path = tmp_path / "a.tar.gz"
    size = 700 << 20
    with gzip.open(path, "wb", 1) as file:
        file.write(GOOD_MEMBER + header("carrying", octal(size), kind))
        piece = bytes(range(256)) * 16 + b"A" * ((1 << 20) - 4096)
        for _ in range(size >> 20):
            file.write(piece)
        file.write(GOOD_MEMBER + END)
    memory, titles, reasons = read(path)
    assert titles == "['A kiln']"
    assert "claims a size" in reasons
    assert memory < 400


def test_honest_long_names_and_extended_headers_are_read(tmp_path):
    path = tmp_path / "a.tar"
    for style in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(path, "w", format=style) as archive:
            for number in range(50):
                entry = tarfile.TarInfo(f"{'folder/' * 60}{number} ü.jsonl")
                line = json.dumps({"title": f"Kiln {number}", "text": "It burns."}).encode()
                entry.size = len(line)
                archive.addfile(entry, io.BytesIO(line))
        _, titles, reasons = read(path)
        assert titles.count("Kiln") == 50
        assert reasons == "[]"
