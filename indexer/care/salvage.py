"""The stored articles of a damaged segment: those that can be proved, and which are lost.

Nothing of the file is trusted. An article counts when its block has the right checksum and the
whole of it the right fingerprint, or everything but the fingerprints is whole. Of an article that
is lost, what the columns can still prove is told: its id, title and address.

A single flipped bit is the commonest damage. In an array that leads to many articles it is found by
trying each, which takes a fraction of a second for a few thousand bytes; the one that satisfies the
checksum is the content as it was written (two flips would satisfy 128 or 64 bits of checksum by
chance once in 10^15 such searches). Such arrays are 0.7% of a segment of Reuters; a flip in one
would else lose up to all of its articles.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError, IndexBrokenError
from indexer.segment.columns import ArrayFile, readable_lines
from indexer.segment.compressed_blocks import ARRAYS
from indexer.segment.idmap import to_text
from indexer.segment.segment import U32, U64, Strings
from indexer.segment.stored import CompressedArticles, article_from
from indexer.segment.terms import pack_strings, text_at
from indexer.store.durable import inaccessible
from indexer.update.assumed_language import as_read
from indexer.update.reading import fingerprint

MAX_MENDED_BYTES = 1 << 18

UNKNOWN_SOURCE = "(repaired)"
"""The source of articles of which it can no longer be told."""

LEADING = (
    "titles/offsets", "urls/offsets", *(f"stored/{name}" for name in ARRAYS if name != "blocks"),
)  # fmt: skip
"""Arrays of which one number tells where many articles are, or how they are read."""

Live = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LostArticle:
    """An article that cannot be read any more: what is still known of it, "" for the rest."""

    file: str
    id: str = ""
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """An article that was read: its source, itself, its fingerprint, and when the archive had it
    first, seconds since 1970, None where that cannot be read."""

    source: str
    article: Article
    fingerprint: int
    added: int | None


@dataclass(slots=True)
class Salvage:
    """The reading of one segment file; `lost` is complete when `articles` has come to its end.

    `listed` is how many live articles the table of contents says it has, None without one; then
    `unknown` tells that the file cannot even say how many are lost.
    """

    path: Path
    sources: tuple[str, ...]
    live: Live | None
    listed: int | None
    lost: list[LostArticle] = field(default_factory=list)
    unknown: bool = False

    def articles(self) -> Iterator[Saved]:
        """Yield the live articles that can be read and are as they were written.

        Raises InaccessibleError.
        """
        file = mended_array_file(self.path)
        try:
            if file is None:
                raise IndexBrokenError("its table cannot be read")
            stored, fingerprints, roots = _columns(file)
        except (IndexBrokenError, ValueError):
            self.unknown = self.listed is None
            self.lost = [LostArticle(self.path.name)] * (self.listed or 0)
            return
        lost = _naming(file, self.path.name)
        trusted = all(is_whole(file, name) for name in ("ids", "titles/", "urls/", "stored/"))
        added = file["added"] if "added" in file and is_whole(file, "added") else ()
        n_docs = len(fingerprints) if self.live is None else min(len(fingerprints), len(self.live))
        for doc in range(n_docs):
            if self.live is not None and not self.live[doc]:
                continue
            try:
                (one,) = stored.get([doc])
                article = article_from(one)
                own = fingerprint(as_read(one))
                if own != int(fingerprints[doc]) and not trusted:
                    raise ValueError("it is not as it was read")
            except (BroadsheetError, ValueError, IndexError, OverflowError, MemoryError):
                self.lost.append(lost(doc))
                continue
            root = int(roots[doc]) if doc < len(roots) else -1
            source = self.sources[root] if 0 <= root < len(self.sources) else UNKNOWN_SOURCE
            yield Saved(source, article, own, int(added[doc]) if doc < len(added) else None)


def _naming(file: ArrayFile, name: str) -> Callable[[int], LostArticle]:
    """Return what tells of a document what the columns of its damaged file prove."""
    ids = file["ids"] if is_whole(file, "ids") else np.empty(0, np.uint64)
    columns = [
        Strings(**file.group(part, Strings)) if is_whole(file, f"{part}/") else pack_strings(())
        for part in ("titles", "urls")
    ]

    def lost(doc: int) -> LostArticle:
        known = "".join(to_text(ids[doc : doc + 1]))
        texts = (text_at(one, doc) if doc < len(one.offsets) - 1 else "" for one in columns)
        return LostArticle(name, known, *texts)

    return lost


def is_whole(file: ArrayFile, prefix: str) -> bool:
    """Say whether the arrays whose names begin so have their checksums."""
    try:
        file.verify(prefix)
    except IndexBrokenError:
        return False
    return True


def _columns(file: ArrayFile) -> tuple[CompressedArticles, U64, U32]:
    """Return the stored articles, fingerprints and sources of a damaged segment, unverified."""
    articles = CompressedArticles(
        ids=file["ids"],
        urls=Strings(**file.group("urls", Strings)),
        titles=Strings(**file.group("titles", Strings)),
        **file.group("stored", CompressedArticles),
    )
    return articles, file["fingerprints"], file["roots"]


def mended(content: bytes, accepts: Callable[[bytes], bool]) -> bytes | None:
    """Return the content with the one bit flipped that makes it acceptable, or None."""
    if len(content) > MAX_MENDED_BYTES:
        return None
    tried = bytearray(content)
    for place in range(len(tried)):
        for bit in range(8):
            tried[place] ^= 1 << bit
            if accepts(bytes(tried)):
                return bytes(tried)
            tried[place] ^= 1 << bit
    return None


def mended_array_file(path: Path) -> ArrayFile | None:
    """Open an array file, whose table may be damaged or cut off; None when it is none, or missing.

    Of such a file the arrays are there whose lines in the table are. Of LEADING ones, those of no
    more than MAX_MENDED_BYTES may have a flipped bit each. The file is not changed: flips are
    undone in a private copy of its pages. Raises InaccessibleError.
    """
    try:
        with path.open("rb") as content:
            mapped = mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_COPY)
    except (FileNotFoundError, IsADirectoryError, ValueError):
        return None
    except OSError as error:
        raise inaccessible(path, error) from error
    view = memoryview(mapped)
    try:
        file = ArrayFile(view, str(path))
    except IndexBrokenError:
        file = ArrayFile(view, str(path), readable_lines(view))
    for row in map(file.row, filter(file.__contains__, LEADING)):
        array = bytes(view[row.place])
        if xxhash.xxh3_64_intdigest(array) != row.checksum:
            view[row.place] = mended(array, partial(_has_checksum, row.checksum)) or array
    return file


def _has_checksum(checksum: int, content: bytes) -> bool:
    return xxhash.xxh3_64_intdigest(content) == checksum
