"""The stored articles of a damaged segment: those that can be proved, and which are lost.

Nothing of the file is trusted. An article counts when its block has the right checksum and the
whole of it the right fingerprint, or everything but the fingerprints is whole. A flipped bit in a
table or an array that leads to many articles is mended first (`indexer.care.mending`). Of an
article that is lost, what the columns can still prove is told: its id, title and address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError, IndexBrokenError
from indexer.care.mending import mended_array_file
from indexer.segment.columns import ArrayFile
from indexer.segment.compressed_blocks import ARRAYS
from indexer.segment.idmap import to_text
from indexer.segment.segment import U32, U64, Strings
from indexer.segment.stored import CompressedArticles, article_from
from indexer.update.assumed_language import as_read
from indexer.update.reading import fingerprint

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
        file = mended_array_file(self.path, LEADING)
        try:
            if file is None:
                raise IndexBrokenError("its table cannot be read")
            stored, fingerprints, roots = _columns(file)
        except (IndexBrokenError, ValueError):
            self.unknown = self.listed is None
            self.lost = [LostArticle(self.path.name)] * (self.listed or 0)
            return
        names = _Names(file, self.path.name)
        trusted = all(is_whole(file, name) for name in ("ids", "titles/", "urls/", "stored/"))
        added = file["added"] if is_whole(file, "added") else ()
        n_docs = len(fingerprints) if self.live is None else min(len(fingerprints), len(self.live))
        for doc in range(n_docs):
            if self.live is not None and not self.live[doc]:
                continue
            try:
                (one,) = stored.get([doc])
                article = article_from(one)
            except (BroadsheetError, ValueError, IndexError, OverflowError, MemoryError):
                self.lost.append(names.of(doc))
                continue
            own = fingerprint(as_read(one))
            if own != int(fingerprints[doc]) and not trusted:
                self.lost.append(names.of(doc))
                continue
            root = int(roots[doc]) if doc < len(roots) else -1
            known = 0 <= root < len(self.sources)
            yield Saved(
                self.sources[root] if known else UNKNOWN_SOURCE, article, own,
                int(added[doc]) if doc < len(added) else None,
            )  # fmt: skip


class _Names:
    """What the columns of a damaged file prove of an article."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._name = name
        self._ids = file["ids"] if is_whole(file, "ids") else None
        self._titles = _strings(file, "titles")
        self._urls = _strings(file, "urls")

    def of(self, doc: int) -> LostArticle:
        """Return what is known of a document."""
        known = self._ids is not None and doc < len(self._ids)
        return LostArticle(
            self._name,
            to_text(self._ids[doc : doc + 1])[0] if self._ids is not None and known else "",
            _text(self._titles, doc),
            _text(self._urls, doc),
        )


def is_whole(file: ArrayFile, prefix: str) -> bool:
    """Say whether the arrays whose names begin so have their checksums."""
    try:
        file.verify(prefix)
    except IndexBrokenError:
        return False
    return True


def _strings(file: ArrayFile, name: str) -> Strings | None:
    if not is_whole(file, f"{name}/"):
        return None
    return Strings(**file.group(name, Strings))


def _text(strings: Strings | None, at: int) -> str:
    if strings is None or not 0 <= at < len(strings.offsets) - 1:
        return ""
    piece = strings.data[int(strings.offsets[at]) : int(strings.offsets[at + 1])]
    return piece.tobytes().decode("utf-8", "replace")


def _columns(file: ArrayFile) -> tuple[CompressedArticles, U64, U32]:
    """Return the stored articles, fingerprints and sources of a damaged segment, unverified."""
    articles = CompressedArticles(
        ids=file["ids"],
        urls=Strings(**file.group("urls", Strings)),
        titles=Strings(**file.group("titles", Strings)),
        **file.group("stored", CompressedArticles),
    )
    return articles, file["fingerprints"], file["roots"]
