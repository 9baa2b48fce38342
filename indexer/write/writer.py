"""A writing session on an index folder: collects articles, then commits them all at once.

Articles go to a segment builder. At `commit` they are given the clusters of their versions
(`indexer.write.versions`) and written; they replace those of the same id, and what was removed is
marked in each segment's bits of deleted articles; segments that have grown too many are merged
(`indexer.write.merge_policy`); everything is flushed to disk, and the pointer is moved. Nothing
shows before. A session that fails or is closed leaves at most files that no table of contents
lists, which the next writer removes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.fields import Schema
from whoosh.query import Query
from whoosh.reading import IndexReader
from whoosh.searching import Searcher
from whoosh.writing import CLEAR, NO_MERGE, OPTIMIZE, IndexingError, IndexWriter

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError, UnavailableError
from corpus.core.fields import WEIGHTS
from corpus.core.wire import article_json
from indexer.segment.file import open_segment, segment_path, verify_segment
from indexer.segment.idmap import IdMap, IdSet, find_sorted, to_numbers
from indexer.segment.segment import MOST_DOCS, Segment
from indexer.segment.stored import article_from
from indexer.store.durable import (
    checksum,
    disk_errors,
    fault_point,
    file_checksum,
    replace_file,
    sync_file,
    sync_folder,
    write_file,
)
from indexer.store.generations import GenerationLease, clean, commit, hold
from indexer.store.lock import WriterLock
from indexer.store.opening import open_snapshot
from indexer.store.snapshot import Settings, Snapshot
from indexer.store.store import arrival_after
from indexer.store.toc import SCHEMA, FileEntry, SegmentEntry, Toc
from indexer.update.assumed_language import languages_by_source
from indexer.update.file_manifest import REMEMBERED_NAME, Remembered
from indexer.update.reading import fingerprint
from indexer.whoosh.archive_reader import open_reader
from indexer.write.invert import SegmentBuilder
from indexer.write.memory import give_back
from indexer.write.merge import merge
from indexer.write.merge_policy import choose_merge, fitting
from indexer.write.versions import Added, find_versions

WRITTEN = "-"
"""The source of documents that were written one by one: there is nothing to read them from again,
as there is not for standard input."""

_DOCUMENTS = 256
_MOVED_AT_ONCE = 256
_STANDING = 192 << 20
"""Bytes of the memory that the interpreter, its libraries and a reading process take anyway."""

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class _Part:
    """A segment of the generation to be: `entry` is None until its file is flushed."""

    segment: Segment
    path: Path
    live: Mask
    entry: SegmentEntry | None = None
    by_id: U32 | None = None
    sorted_ids: U64 | None = None

    def find(self, ids: U64) -> tuple[npt.NDArray[np.int64], Mask]:
        """Return the document number of each id, int64[n], and whether it is here and live."""
        if self.by_id is None or self.sorted_ids is None:
            # A segment may have an id twice, of which one is live: what was put twice at once.
            self.by_id = self.segment.by_id[self.live[self.segment.by_id]]
            self.sorted_ids = self.segment.ids[self.by_id]
        at, found = find_sorted(self.sorted_ids, ids)
        docs = np.zeros(len(ids), np.int64)
        docs[found] = self.by_id[at[found]]
        found[found] = self.live[docs[found]]
        return docs, found


class ArchiveWriter(IndexWriter):  # type: ignore[misc]
    """One session, a `whoosh.writing.IndexWriter`.

    Documents come one by one, as Whoosh's writers take them (`add_document`), or in batches of
    articles (`put`, `put_stored`), which `indexer.store.store.Writer` describes. An id stands for
    one article: what is added replaces what has its id. It takes the lock over, and releases it in
    `commit`, `cancel` and `close`. `memory` bounds building and merging, in bytes, `most_docs` the
    articles of a segment.
    """

    def __init__(
        self,
        folder: Path,
        held: GenerationLease,
        lock: WriterLock,
        *,
        rebuild: bool = False,
        settings: Settings | None = None,
        memory: int = 512 << 20,
        most_docs: int = MOST_DOCS,
    ) -> None:
        self._folder = folder
        self._closed = False
        self._base: Snapshot | None = None
        self._most = most_docs
        self._held = held
        self._lock = lock
        self._rebuild = rebuild
        self._settings = settings or held.toc.settings
        if rebuild and settings is None:
            self._settings = replace(self._settings, weights=WEIGHTS)
        self._number = held.toc.next_number
        self._sources: dict[str, int] = {}  # in order, each with its number
        self._aliases: dict[int, int] = {}
        self._parts: list[_Part] = []
        if not rebuild:
            self._take_up()
        self._new_aliases = False
        self._arrival = 0
        self._came = IdMap()
        self._documents: list[Article] = []
        self._readings: Remembered | None = None
        self._seen = IdSet()
        self._pending = IdMap()  # what was put: its fingerprint; what was removed: 0
        building = max(memory - _STANDING, memory // 3)
        self._builder = SegmentBuilder(
            self._settings, memory_budget=building, scratch=folder, most_docs=most_docs
        )
        fault_point("update.begun")

    def _take_up(self) -> None:
        """Begin from the generation that counts."""
        base = self._base = open_snapshot(self._folder, self._held)
        self._sources = {source: number for number, source in enumerate(base.sources)}
        self._aliases = dict(base.aliases)
        for leaf, entry in zip(base.leaves, self._held.toc.segments, strict=True):
            live = np.ones(leaf.segment.n_docs, np.bool_) if leaf.live is None else leaf.live.copy()
            path = self._folder / entry.files[0].name
            self._parts.append(_Part(leaf.segment, path, live, entry))

    @property
    def schema(self) -> Schema:
        """The fields of the archive."""
        return self.reader().schema

    def reader(self, **options: Any) -> IndexReader:
        """Return a reader of the generation that this session began from."""
        return open_reader(self._base or Snapshot(generation=self._held.toc.generation, leaves=()))

    def add_field(self, fieldname: str, fieldtype: Any, **options: Any) -> None:
        """Refuse: all archives have the fields that `corpus.core.fields` declares."""
        raise UnavailableError(
            f"'{fieldname}' cannot be added: an archive has the fields of corpus/core/fields.py."
        )

    def remove_field(self, fieldname: str, **options: Any) -> None:
        """Refuse: all archives have the fields that `corpus.core.fields` declares."""
        raise UnavailableError(f"'{fieldname}' cannot be removed: each archive has all fields.")

    def add_reader(self, reader: IndexReader) -> None:
        """Add the documents of another index by their stored fields."""
        for _, stored in reader.iter_docs():
            self.add_document(**stored)

    def add_document(self, **fields: Any) -> None:
        """Add a document, in place of the one that has its id.

        See `indexer.write.documents` for what is taken, and which errors are raised.
        """
        from indexer.write.documents import document_article  # which imports what reads texts

        self._documents.append(document_article(fields))
        if len(self._documents) >= _DOCUMENTS:
            self._put_documents()

    def update_document(self, **fields: Any) -> None:
        """Add a document, in place of the one that has its id: what `add_document` does."""
        self.add_document(**fields)

    def _put_documents(self) -> None:
        """Hand on what was added one by one."""
        if self._documents:
            articles, self._documents = self._documents, []
            stored = list(map(article_json, articles))
            self.put_stored(stored, list(map(fingerprint, stored)), WRITTEN)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a document by its number in `reader`. What is deleted cannot be taken back."""
        if not delete:
            raise UnavailableError("What is deleted stays so: end the session with `cancel`.")
        self._put_documents()
        first = 0
        for leaf in self._base.leaves if self._base else ():
            if first <= docnum < first + leaf.segment.n_docs:
                self._remove(leaf.segment.ids[docnum - first : docnum - first + 1])
                return
            first += leaf.segment.n_docs
        raise IndexingError(f"there is no document {docnum}")

    def delete_by_query(self, q: Query, searcher: Searcher | None = None) -> int:
        """Delete the documents that a query finds; returns how many.

        Raises IndexingError for a searcher of another generation: its numbers are others.
        """
        if searcher is not None and searcher.reader().generation() != self._held.toc.generation:
            raise IndexingError("the searcher is of another generation: refresh it")
        return int(super().delete_by_query(q, searcher))

    @property
    def main_language(self) -> str:
        """The language that the archive is set to have, "" where none is."""
        return self._settings.language

    def languages(self) -> Mapping[str, Mapping[str, int]]:
        """Return for each source how many articles of the archive are in each language."""
        return languages_by_source((part.segment, part.live) for part in self._parts)

    def lookup(self, ids: Sequence[str]) -> Sequence[int]:
        """Return the fingerprint of each id, 0 where it is unknown; the ids count as seen."""
        self._put_documents()
        numbers = to_numbers(ids)
        found = self.fingerprints(numbers)
        self._seen.add(numbers[found != 0])
        known: list[int] = found.tolist()
        return known

    def fingerprints(self, ids: U64) -> U64:
        """Return the fingerprint of each id, uint64[n], 0 where it is unknown."""
        pending, found = self._pending.get(ids)
        for part in self._parts:
            docs, here = part.find(ids)
            here &= ~pending
            found[here] = part.segment.fingerprints[docs[here]]
        return found

    def put(self, articles: Sequence[Article], fingerprints: Sequence[int], root: str) -> None:
        """Add articles, or replace those of the same id, read from the source `root`."""
        self.put_stored(list(map(article_json, articles)), fingerprints, root)

    def put_stored(self, stored: Sequence[bytes], fingerprints: Sequence[int], root: str) -> None:
        """Add articles that are there as JSON, the form in which they are stored: a fifth of the
        work of `put` is making it. Raises ValueError where it is not what `article_json` writes.
        """
        self._put_documents()
        if not stored:
            return
        source = self._sources.setdefault(root, len(self._sources))
        zeros = [0] * len(stored)
        with disk_errors(self._folder):
            ids = self._builder.add(stored, fingerprints, [source] * len(stored), zeros)
        self._pending.put(ids, np.array(fingerprints, np.uint64))
        fault_point("update.batch-put")

    def came(self, id_: str, at: int) -> None:
        """Say when an article came first (see `Writer`)."""
        self._came.put(to_numbers([id_]), np.array([at], np.uint64))

    def rejected(self, *, wait: bool = False) -> Sequence[tuple[str, str, str]]:
        """Return nothing: a folder takes every article that was read."""
        return ()

    def remove(self, ids: Sequence[str]) -> int:
        """Remove articles by id; returns how many there were."""
        self._put_documents()
        return self._remove(np.unique(to_numbers(ids)))

    def _remove(self, ids: U64) -> int:
        ids = ids[self.fingerprints(ids) != 0]
        self._pending.put(ids)
        return len(ids)

    def prune(self, roots: Sequence[str]) -> int:
        """Remove sources' articles that were neither looked up nor put; returns how many."""
        numbers = [self._sources[root] for root in roots if root in self._sources]
        removed = 0
        for part in self._parts:
            ids = part.segment.ids[part.live & np.isin(part.segment.roots, numbers)]
            met = self._seen.has(ids) | self._pending.has(ids)
            removed += self._remove(ids[~met])
        return removed

    def commit(
        self, mergetype: Any = None, optimize: bool = False, merge: bool = True,
        *, always: bool = False,
    ) -> int:  # fmt: skip
        """Make everything visible at once and durable, and end the session.

        Returns the generation that counts now. With `optimize` all segments become one, or as few
        as can hold all; without `merge` none are merged; a merge type of Whoosh's stands for one of
        these: OPTIMIZE, NO_MERGE, MERGE_SMALL, or CLEAR, which leaves only what was added. Without
        any change there is no new generation, unless `always`. Raises BroadsheetError when the disk
        refuses: the archive is as it was.
        """
        try:
            self._put_documents()
            if mergetype is CLEAR:
                for part in self._parts:
                    self._remove(
                        np.setdiff1d(part.segment.ids[part.live], self._pending.items()[0])
                    )
            generation = self._commit(
                optimize or mergetype is OPTIMIZE, merge and mergetype is not NO_MERGE, always
            )
            if self._readings is not None:
                self._keep(self._readings)
            return generation
        finally:
            self.close()

    def cancel(self, **options: Any) -> None:
        """End the session; nothing of it stays."""
        self.close()

    def _commit(self, optimise: bool, merge: bool, always: bool) -> int:
        with disk_errors(self._folder):
            fault_point("commit.begun")
            before = self._held.toc.committed if self._held.toc.generation else None
            self._arrival = arrival_after(before, time.time())
            if not self._change() and not (self._rebuild or optimise or always):
                return self._held.toc.generation
            if optimise or self._rebuild:
                self._merge_all()
            elif merge:
                self._merge_some()
            generation = self._held.toc.generation + 1
            entries = tuple(self._entry(part, generation) for part in self._parts)
            if optimise and not self._rebuild and entries == self._held.toc.segments:
                return self._held.toc.generation
            aliases = self._write_aliases(generation)
            sync_folder(self._folder)
            fault_point("commit.segments-synced")
            toc = Toc(
                generation=generation,
                committed=datetime.fromtimestamp(max(time.time(), self._arrival), UTC),
                schema=SCHEMA,
                settings=self._settings,
                segments=entries,
                sources=tuple(self._sources),
                aliases=aliases,
                next_number=self._number,
            )
            commit(self._folder, toc)
            self._held.release()
            clean(self._folder, toc)
            return generation

    def _arrivals(self, ids: U64) -> I64:
        """Return when articles came first: in the generation before, as `came` was told, or with
        this session."""
        told, at = self._came.get(ids)
        found = np.where(told, at.astype(np.int64), self._arrival)
        base = self._base
        if base is None:  # a rebuild, which knows the articles again by their ids
            with suppress(BroadsheetError):
                base = open_snapshot(self._folder, self._held)
        for leaf in base.leaves if base is not None else ():
            segment = leaf.segment
            docs = segment.by_id if leaf.live is None else segment.by_id[leaf.live[segment.by_id]]
            places, here = find_sorted(segment.ids[docs], ids)
            found[here] = segment.added[docs[places[here]]]
        return found

    def _change(self) -> bool:
        """Build the new segment and mark what it replaces; False when nothing changes."""
        changed = self._new_aliases
        ids, wanted = self._pending.items()
        self._seen, self._pending = IdSet(), IdMap()  # the parts tell all from here on
        for part in self._parts:
            docs, here = part.find(ids)
            kept = here & (part.segment.fingerprints[docs] == wanted) if len(docs) else here
            wanted[kept] = 0  # put, put back as it was: it stays where it is
            gone = docs[here & ~kept]
            part.live[gone] = False
            changed = changed or len(gone) > 0
        if wanted.any():
            added = self._builder.added()
            live = _last_put(added, ids, wanted)
            del ids, wanted
            self._parts += self._build(added, live)
            changed = True
        self._parts = [part for part in self._parts if part.live.any()]
        return changed

    def _build(self, added: list[Added], live: Mask) -> list[_Part]:
        """Write the new segments; `live` says which of what was added is to be found."""
        archive = [(part.segment, part.live) for part in self._parts]
        found = find_versions(added, live, archive, self._aliases)
        moved = [self._parts[of].segment.ids[doc] for of, doc, _ in sorted(found.joined)]
        ids = np.concatenate([*(piece.ids for piece in added), np.array(moved, np.uint64)])
        added.clear()
        give_back()
        self._aliases |= found.aliases
        self._new_aliases = self._new_aliases or bool(found.aliases)
        clusters = np.concatenate((found.clusters, self._take_over(found.joined)))
        live = np.concatenate((live, np.ones(len(found.joined), np.bool_)))
        parts = []
        came = self._arrivals(ids)
        for meta in self._builder.finish(self._folder, self._next_name, clusters, came):
            segment = open_segment(self._folder, meta.name)
            path = segment_path(self._folder, meta.name)
            parts.append(_Part(segment, path, live[: meta.n_docs].copy()))
            live = live[meta.n_docs :]
        fault_point("segment.written")
        return parts

    def _take_over(self, joined: Sequence[tuple[int, int, int]]) -> U64:
        """Add documents of the archive that stood alone: (part, document, cluster), by part.

        Returns their clusters, uint64[n]. A segment is never changed, so they are deleted where
        they are; most articles have no version, and few are moved.
        """
        for place, part in enumerate(self._parts):
            mine = [doc for of, doc, _ in joined if of == place]
            for first in range(0, len(mine), _MOVED_AT_ONCE):
                docs = mine[first : first + _MOVED_AT_ONCE]
                stored = part.segment.stored.get(docs)
                list(map(article_from, stored))  # raises IndexBrokenError for what is none
                self._builder.add(
                    stored,
                    part.segment.fingerprints[docs].tolist(),
                    part.segment.roots[docs].tolist(),
                    [0] * len(docs),
                )
            part.live[mine] = False
        return np.array([cluster for *_, cluster in joined], np.uint64)

    def _merge_some(self) -> None:
        while places := choose_merge(
            [int(part.live.sum()) for part in self._parts],
            [part.segment.n_docs for part in self._parts],
            self._most,
        ):
            self._merge([self._parts[place] for place in places])

    def _merge_all(self) -> None:
        parts = list(self._parts)
        for group in fitting([int(part.live.sum()) for part in parts], self._most):
            if len(group) > 1 or not parts[group[0]].live.all():
                self._merge([parts[place] for place in group])

    def _merge(self, parts: list[_Part]) -> None:
        fault_point("merge.begun")
        for part in parts:
            if part.entry is not None:  # damage is not to be copied under a new checksum
                verify_segment(self._folder, part.entry.name)
        name = self._next_name()
        merge([(part.segment, part.live) for part in parts], self._folder, name)
        fault_point("merge.written")
        segment = open_segment(self._folder, name)
        for part in parts:
            self._parts.remove(part)
            if part.entry is None:  # made in this session: nobody else has it open
                part.path.unlink(missing_ok=True)
        path = segment_path(self._folder, name)
        self._parts.append(_Part(segment, path, np.ones(segment.n_docs, np.bool_)))

    def _next_name(self) -> str:
        name = f"segment-{self._number:08d}"
        self._number += 1
        return name

    def _entry(self, part: _Part, generation: int) -> SegmentEntry:
        """Flush what is new of a part and return its line in the table of contents."""
        entry = part.entry
        if entry is None:
            sync_file(part.path)
            size = part.path.stat().st_size
            files = (FileEntry(part.path.name, size, file_checksum(part.path)),)
            entry = SegmentEntry(part.path.stem, len(part.live), files)
        n_deleted = int(np.count_nonzero(~part.live))
        if n_deleted == entry.n_deleted:
            return entry  # an article that is deleted stays deleted
        name = f"deleted-{entry.name.removeprefix('segment-')}-{generation:08d}.bits"
        deleted = self._write(self._folder / name, np.packbits(~part.live).tobytes())
        fault_point("commit.deletes-written")
        return entry._replace(deleted=deleted, n_deleted=n_deleted)

    def _write_aliases(self, generation: int) -> FileEntry | None:
        if not self._new_aliases:
            return None if self._rebuild else self._held.toc.aliases
        pairs = np.array(sorted(self._aliases.items()), "<u8")
        return self._write(self._folder / f"aliases-{generation:08d}.pairs", pairs.tobytes())

    def _write(self, path: Path, content: bytes) -> FileEntry:
        path.unlink(missing_ok=True)  # left by a commit that was cut short
        write_file(path, content)
        return FileEntry(path.name, len(content), checksum(content))

    def recall(self) -> Remembered:
        """Return what earlier runs remembered of the files that they read."""
        return Remembered.load(self._folder / REMEMBERED_NAME)

    def remember(self, readings: Remembered) -> None:
        """Keep this for the next run, once what was read is committed."""
        self._readings = readings

    def _keep(self, readings: Remembered) -> None:
        path = self._folder / REMEMBERED_NAME
        content = readings.encode()
        with suppress(OSError):
            if path.read_bytes() == content:
                return
        with suppress(OSError, BroadsheetError):
            replace_file(path, content, beside="remember.beside", renamed="remember.renamed")

    def close(self) -> None:
        """End the session, if it has not ended; what was not committed is gone."""
        if self._closed:
            return
        self._closed = True
        self._base = None
        self._builder.close()
        self._held.release()
        with suppress(OSError, BroadsheetError):
            held = hold(self._folder)
            held.release()
            clean(self._folder, held.toc)
        self._lock.release()


def _last_put(added: Sequence[Added], ids: U64, wanted: U64) -> Mask:
    """Return which of what was added is the last with an id and the fingerprint that it is to have.

    ids: ascending; wanted: uint64[n], their fingerprints, 0 for those that are not to be here.
    """
    last = np.full(len(ids), -1, np.int64)
    first = 0
    for piece in added:
        at, _ = find_sorted(ids, piece.ids)
        docs = np.flatnonzero(wanted[at] == piece.fingerprints)
        last[at[docs]] = first + docs  # of one id the last stays
        first += len(piece.ids)
    live = np.zeros(first, np.bool_)
    live[last[last >= 0]] = True
    return live
