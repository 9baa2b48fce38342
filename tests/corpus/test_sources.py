"""A source may be a file, a folder, an archive of them in any packing, or standard input."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from corpus.core.article import Article
from corpus.readers.protocol import Skip
from corpus.reading import read, read_document
from corpus.sources.walk import expand, walk, walk_files

LINES = b"".join(
    b'{"title": "Story %d", "text": "The text of it was short and that was all.", "url": '
    b'"https://paper.example/%d"}\n' % (number, number)
    for number in range(1, 6)
)
TITLES = [f"Story {number}" for number in range(1, 6)]


def zipped(content: bytes, name: str = "a/stories.jsonl") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def tarred(content: bytes, name: str = "a/stories.jsonl") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


PACKINGS: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "plain": (bytes, "s.jsonl", ""),
    "gzip": (gzip.compress, "s.jsonl.gz", ""),
    "gzip in two members": (lambda c: gzip.compress(c[:100]) + gzip.compress(c[100:]), "s.gz", ""),
    "bzip2": (bz2.compress, "s.jsonl.bz2", ""),
    "xz": (lzma.compress, "s.jsonl.xz", ""),
    "xz in two streams": (lambda c: lzma.compress(c[:90]) + b"\0" * 4 + lzma.compress(c[90:]),
                          "s.xz", ""),
    "zstd": (zstd, "s.jsonl.zst", ""),
    "zip": (zipped, "s.zip", "!a/stories.jsonl"),
    "tar": (tarred, "s.tar", "!a/stories.jsonl"),
    "tar.gz": (lambda c: gzip.compress(tarred(c)), "s.tar.gz", "!a/stories.jsonl"),
    "tar.bz2": (lambda c: bz2.compress(tarred(c)), "s.tbz", "!a/stories.jsonl"),
    "tar.xz": (lambda c: lzma.compress(tarred(c)), "s.tar.xz", "!a/stories.jsonl"),
    "tar.zst": (lambda c: zstd(tarred(c)), "s.tar.zst", "!a/stories.jsonl"),
    "gzip in zip": (lambda c: zipped(gzip.compress(c), "a/s.jsonl.gz"), "s.zip", "!a/s.jsonl.gz"),
    "zip in tar.gz": (lambda c: gzip.compress(tarred(zipped(c), "in.zip")), "s.tgz",
                      "!in.zip!a/stories.jsonl"),
    "tar.gz in zip": (lambda c: zipped(gzip.compress(tarred(c)), "in.tgz"), "s.zip",
                      "!in.tgz!a/stories.jsonl"),
    "a wrong ending": (lambda c: gzip.compress(tarred(c)), "s.html", "!a/stories.jsonl"),
}  # fmt: skip


def read_all(*sources: str | Path) -> tuple[list[Article], list[Skip]]:
    skips: list[Skip] = []
    return list(read(sources, skips.append)), skips


@pytest.mark.parametrize("how", PACKINGS)
def test_every_packing_gives_the_same_articles(tmp_path: Path, how: str) -> None:
    pack, name, member = PACKINGS[how]
    path = tmp_path / name
    path.write_bytes(pack(LINES))
    articles, skips = read_all(path)
    assert [article.title for article in articles] == TITLES
    assert skips == []
    assert {article.origin.path for article in articles} == {f"{path}{member}"}
    assert [article.origin.position for article in articles] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("how", ["plain", "zip", "tar.xz"])
def test_standard_input_takes_every_packing(how: str) -> None:
    program = "import sys; from corpus.reading import read\n"
    program += "print([a.title for a in read(['-'], lambda skip: sys.exit(str(skip)))])"
    packed = PACKINGS[how][0](LINES)
    done = subprocess.run([sys.executable, "-c", program], input=packed, capture_output=True)
    assert (done.stdout.decode().strip(), done.returncode) == (str(TITLES), 0), done.stderr


def test_folders_are_walked_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/10.txt", "a.txt", "c/d/e.txt", ".hidden/x.txt", "b/.y.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Title of {name}\n\nThe text of it.\n")
    articles, skips = read_all(tmp_path)
    names = [article.title.removeprefix("Title of ") for article in articles]
    assert names == ["a.txt", "b/10.txt", "b/2.txt", "c/d/e.txt"]
    assert skips == []


def test_each_document_tells_the_source_that_led_to_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "s.jsonl").write_bytes(LINES)
    roots = [str(tmp_path / "one"), str(tmp_path / "two" / "s.jsonl")]
    found = [document.root for document in walk(roots, lambda skip: None)]
    assert found == roots


def test_files_can_be_shared_among_processes(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.jsonl").write_bytes(LINES)
    (tmp_path / "5.tar.gz").write_bytes(gzip.compress(tarred(LINES)))
    alone = [article.origin for article in read([tmp_path], print)]
    files = list(walk_files([tmp_path], print))
    shared = [
        item.origin
        for share in (0, 1)
        for file in files[share::2]
        for document in expand(file, print)
        for item in read_document(document)
        if isinstance(item, Article)
    ]
    assert sorted(shared, key=lambda one: (one.path, one.position)) == alone
    assert [document.stamp[0] for document in walk([tmp_path], print)] == [
        file.stamp[0] for file in files
    ]


def test_the_stamp_of_a_file_tells_whether_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(LINES)
    (before,) = walk_files([path], print)
    (same,) = walk_files([path], print)
    path.write_bytes(LINES + b"\n")
    (after,) = walk_files([path], print)
    assert before.stamp == same.stamp != after.stamp


def test_a_name_that_is_no_text_is_shown_readably(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    Path(os.fsdecode(folder)).mkdir()
    Path(os.fsdecode(folder + b"/s.jsonl")).write_bytes(LINES)
    articles, _ = read_all(tmp_path)
    assert len(articles) == 5
    assert articles[0].origin.path.encode()  # valid text
    assert articles[0].origin.path.endswith("caf\ufffd/s.jsonl")


def test_what_is_no_article_is_named(tmp_path: Path) -> None:
    (tmp_path / "style.css").write_text("a { color: red }")
    (tmp_path / "picture.bin").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_bytes(b" \n\t\n")
    _, skips = read_all(tmp_path, tmp_path / "nowhere")
    assert {Path(skip.path).name: skip.reason for skip in skips} == {
        "style.css": "it is a style sheet, not an article",
        "picture.bin": "it is a picture: add a text with an OCR program",
        "empty.txt": "it is empty",
        "blank.txt": "it has neither a title nor text",
        "nowhere": "there is no such file or folder",
    }


def titles_of(source: Path, **options: bool) -> tuple[list[str], list[str]]:
    """The titles read from a source by its files, and what was passed over."""
    skips: list[Skip] = []
    found = []
    for file in walk_files([source], skips.append, **options):
        for document in expand(file, skips.append):
            found += [item.title for item in read_document(document) if isinstance(item, Article)]
    return found, [f"{Path(skip.path).name}: {skip.reason}" for skip in skips]


def text(path: Path, title: str) -> None:
    path.write_text(f"{title}\n\nThe kiln of {title} burns, and burns on.\n")


def test_folders_linked_to_one_another_are_read_once(tmp_path):
    for one in range(6):
        (tmp_path / f"d{one}").mkdir()
        text(tmp_path / f"d{one}/a.txt", f"Title {one}")
        for other in range(6):
            if one != other:
                (tmp_path / f"d{one}/l{other}").symlink_to(f"../d{other}")
    expected = [f"Title {one}" for one in range(6)]
    assert titles_of(tmp_path) == (expected, [])
    assert sorted(titles_of(tmp_path, follow_links=True)[0]) == expected
    (tmp_path / "in").mkdir()  # from here nothing but links leads to the others
    (tmp_path / "in/first").symlink_to("../d0")
    (tmp_path / "in/last").symlink_to("../d5")
    assert sorted(titles_of(tmp_path / "in", follow_links=True)[0]) == expected


def test_links_that_lead_out_of_a_source_are_passed_over_unless_asked_for(tmp_path):
    source, outside = tmp_path / "in", tmp_path / "in-other"
    source.mkdir()
    outside.mkdir()
    text(source / "a.txt", "Inside")
    text(outside / "b.txt", "Outside")
    (source / "file.txt").symlink_to(outside / "b.txt")
    (source / "folder").symlink_to(outside)
    (outside / "back").symlink_to(source)
    titles, passed = titles_of(source)
    assert titles == ["Inside"]
    assert [one.partition(":")[0] for one in passed] == ["file.txt", "folder"]
    assert all("--follow-links" in one for one in passed)
    titles, passed = titles_of(source, follow_links=True)
    assert sorted(titles) == ["Inside", "Outside", "Outside"]


def test_a_source_that_is_a_link_is_read_and_so_is_what_is_hidden_behind_one(tmp_path):
    hidden = tmp_path / "real/..2024_01"
    hidden.mkdir(parents=True)
    text(hidden / "a.txt", "Mounted")
    (tmp_path / "real/..data").symlink_to("..2024_01")
    (tmp_path / "real/a.txt").symlink_to("..data/a.txt")
    (tmp_path / "source").symlink_to("real")
    assert titles_of(tmp_path / "source") == (["Mounted"], [])
