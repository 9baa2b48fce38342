"""A Whoosh index as a source of snapshots: the compiled engine over segments of any codec.

    EmbeddedEngine(WhooshSource(whoosh.index.open_dir(folder)))

Segments of an archive are taken as they are. All others are read through Whoosh's own readers,
once, and their postings kept in memory as our arrays, so that every query runs on them unchanged.
That takes 7 µs a posting, and the fields of `indexer.schema`: an index with a schema of its own is
rather a source to index (`corpus.readers.whoosh`). Whoosh unpickles its table of contents,
so open only what you trust.

Such an index has stems but not the words that they were made of: a word stands for all its forms.
The body of a document is all of its ``text``, and versions of a story are not known.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.fields import NUMERIC, Schema
from whoosh.index import Index
from whoosh.reading import IndexReader

from corpus.article import Article, make_id
from corpus.errors import IndexBrokenError, UnavailableError
from corpus.stated_date import Precision, StatedDate
from indexer.analysis import LENGTHS, encode_length
from indexer.archive_reader import ArchiveSegment
from indexer.invert import build_segment
from indexer.invert_kernels import find_block_maxima
from indexer.invert_postings import borders
from indexer.schema import NewsAnalyzer
from indexer.segment import BLOCK, I64, LAST, MORE, MOST_DOCS, TF_BITS, Segment, Strings, TextField
from indexer.segment_file import TEXTS
from indexer.snapshot import Leaf, Snapshot

__all__ = ["WhooshSource", "segment_of", "snapshot_of", "text_field"]

Posting = tuple[int, float, Sequence[int]]
"""A document, the weight of a term in it, and the term's positions."""

_MOST = 255
"""What is kept of positions, and of a weight."""

_GREATEST = np.iinfo(np.int32).max
"""The last position that can be, and the greatest weight."""

_LINES = ("url", "title", "lead", "topic", "section", "source", "place", "language")
_LISTS = ("tags", "authors", "places", "people", "orgs", "exchanges", "body")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)


class WhooshSource:
    """Snapshots of a Whoosh index; see `search.embedded.engine.Source`.

    Raises UnavailableError for an index whose fields are not those of `indexer.schema`.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._segments: dict[str, Segment] = {}
        self._snapshot = self._read()

    def _read(self) -> Snapshot:
        generation = self._index.latest_generation()
        with self._index.reader() as reader:
            snapshot = snapshot_of(reader, generation, self._segments)
        self._segments = {leaf.segment.name: leaf.segment for leaf in snapshot.leaves}
        return snapshot

    def snapshot(self) -> Snapshot:
        """Return the generation that was taken up last."""
        return self._snapshot

    def take_up(self) -> bool:
        """Take up the newest generation; only segments that are new are read."""
        self._index.refresh()
        if self._index.latest_generation() == self._snapshot.generation:
            return False
        self._snapshot = self._read()
        return True

    def close(self) -> None:
        """Let go of what is open."""
        self._segments = {}
        self._index.close()


def snapshot_of(
    reader: IndexReader, generation: int = 0, known: dict[str, Segment] | None = None
) -> Snapshot:
    """Return what a reader shows as a snapshot; `known` are segments by name that stay as they are.

    Raises UnavailableError for fields other than those of `indexer.schema`.
    """
    leaves = []
    languages: dict[str, None] = {}
    for leaf, _ in reader.leaf_readers():
        own = leaf.segment()
        if isinstance(own, ArchiveSegment):
            segment, live = own.arrays, own.deleted.live
        elif leaf.doc_count_all():
            name = own.segment_id() if own is not None else ""
            segment = (known or {}).get(name) or segment_of(leaf, name)
            live = _live(leaf)
            languages[_language(leaf)] = None
        else:
            continue
        n_live = segment.n_docs if live is None else int(np.count_nonzero(live))
        leaves.append(Leaf(segment, live, n_live))
    return Snapshot(generation=generation, leaves=tuple(leaves), languages=tuple(languages))


def _live(reader: IndexReader) -> npt.NDArray[np.bool_] | None:
    """Return bool[n_docs], False for deleted documents; None where none is."""
    if not reader.has_deletions():
        return None
    deleted = map(reader.is_deleted, range(reader.doc_count_all()))
    return ~np.fromiter(deleted, np.bool_, reader.doc_count_all())


def segment_of(reader: IndexReader, name: str) -> Segment:
    """Return the segment that a reader of one shows, in memory.

    Documents keep their numbers; what is deleted is in no posting list. Raises UnavailableError
    and IndexBrokenError.
    """
    n_docs = reader.doc_count_all()
    if n_docs > MOST_DOCS:
        raise UnavailableError(f"The segment {name} has more than {MOST_DOCS:,} documents.")
    _check(reader.schema)
    fields = {field: text_field(field, _terms(reader, field), n_docs) for field in TEXTS}
    bounds = np.zeros((n_docs, 3), np.uint32)
    bounds[:, 1:] = _GREATEST
    return replace(build_segment(_articles(reader), name), text=fields, part_bounds=bounds)


def _check(schema: Schema) -> None:
    """Raise UnavailableError for fields that are not made as those of `indexer.schema` are."""
    strange = [
        name for name in TEXTS
        if name in schema and not (
            isinstance(schema[name].analyzer, NewsAnalyzer)
            and schema[name].format.supports("positions")
        )
    ]  # fmt: skip
    if "date" in schema and (type(schema["date"]) is not NUMERIC or schema["date"].shift_step):
        strange.append("date")
    if "text" not in schema or strange:
        why = f"fields of other rules than ours ({', '.join(strange)})" if strange else "no text"
        raise UnavailableError(
            f"This index of Whoosh has {why}: give its folder to `broadsheet index`, which reads"
            " its stored fields."
        )


def _terms(reader: IndexReader, field: str) -> Iterator[tuple[bytes, list[Posting]]]:
    """Yield the terms of a field in order, each with its postings."""
    if field not in reader.schema or field not in set(reader.indexed_field_names()):
        return
    for term in reader.lexicon(field):
        postings = []
        matcher = reader.postings(field, term)
        while matcher.is_active():
            postings.append((matcher.id(), matcher.weight(), matcher.value_as("positions")))
            matcher.next()
        if postings:
            yield term, postings


def text_field(
    name: str, terms: Iterable[tuple[bytes, Sequence[Posting]]], n_docs: int
) -> TextField:
    """Return the field of these terms, given in byte order, each with postings by document.

    Weights are rounded. Each term is its own and only form. Raises IndexBrokenError for postings
    that are not in order, or lie outside of what can be.
    """
    texts: list[bytes] = []
    starts, packed = [0], array("I")
    positions, block_positions = bytearray(), array("q")
    weights = np.zeros(n_docs, np.float64)
    for term, postings in terms:
        texts.append(term)
        before = -1
        for number, (doc, weight, places) in enumerate(postings):
            if not (before < doc < n_docs and 0 <= weight <= _GREATEST):
                raise _broken(name, term)
            before = doc
            if number % BLOCK == 0:
                block_positions.append(len(positions))
            packed.append(doc << TF_BITS | min(max(round(weight), 1), _MOST))
            weights[doc] += weight
            if not _put_positions(positions, sorted(set(places))):
                raise _broken(name, term)
        starts.append(len(packed))
    block_positions.append(len(positions))
    offsets = borders(np.array(list(map(len, texts)), np.int64))
    dictionary = Strings(np.frombuffer(b"".join(texts), np.uint8), offsets)
    borders_of_terms = np.array(starts, np.int64)
    blocks: I64 = borders(-(-np.diff(borders_of_terms) // BLOCK))
    lengths = encode_length(weights)
    field = TextField(
        name=name,
        terms=dictionary,
        starts=borders_of_terms,
        postings=np.array(packed, np.uint32),
        forms=np.zeros(0, np.uint8),
        form_starts=np.full(len(texts), -1, np.int64),
        form_words=dictionary,
        form_offsets=np.arange(len(texts) + 1, dtype=np.int64),
        blocks=blocks,
        block_tf=np.zeros(int(blocks[-1]), np.uint8),
        block_length=np.zeros(int(blocks[-1]), np.uint8),
        positions=np.frombuffer(bytes(positions), np.uint8),
        block_positions=np.array(block_positions, np.int64),
        lengths=lengths,
        total_length=round(float(LENGTHS[lengths].sum(dtype=np.float64))),
    )
    find_block_maxima(
        field.starts, field.blocks, field.postings, lengths, field.block_tf, field.block_length
    )
    return field


def _broken(field: str, term: bytes) -> IndexBrokenError:
    return IndexBrokenError(
        f"The postings of {term.decode(errors='replace')!r} in the field {field} are damaged: index"
        " again."
    )


def _put_positions(positions: bytearray, places: Sequence[int]) -> bool:
    """Add the ascending positions of a posting as `TextField.positions` has them; False where
    there are none, or such that cannot be."""
    if not places or places[0] < 0 or places[-1] > _GREATEST:
        return False
    before = -1
    for place in places[:_MOST]:
        gap, before = place - before, place
        while gap >= LAST:
            positions.append(gap & 127 | MORE)
            gap >>= 7
        positions.append(gap)
    positions[-1] |= LAST
    return True


def _articles(reader: IndexReader) -> list[Article]:
    """Return an article for each document, of its stored fields and its date."""
    dates = _dates(reader)
    language = _language(reader)
    return [
        _article(reader.stored_fields(doc), dates.get(doc), language)
        for doc in range(reader.doc_count_all())
    ]


def _language(reader: IndexReader) -> str:
    """Return the language that the words of an index are stemmed in."""
    return str(getattr(reader.schema["text"].analyzer, "language", ""))


def _dates(reader: IndexReader) -> dict[int, StatedDate]:
    """Return the dates of documents: those that are indexed, in seconds since 1970."""
    dates: dict[int, StatedDate] = {}
    if "date" in reader.schema and "date" in set(reader.indexed_field_names()):
        kind = reader.schema["date"]
        for term in reader.lexicon("date"):
            seconds = int(kind.from_bytes(term))
            if _FIRST <= seconds <= _LAST:
                moment = StatedDate.at(seconds, Precision.MOMENT, UTC)
                dates |= dict.fromkeys(reader.postings("date", term).all_ids(), moment)
    return dates


def _article(stored: dict[str, Any], date: StatedDate | None, language: str) -> Article:
    fields: dict[str, Any] = {
        name: value for name in _LINES if isinstance(value := stored.get(name), str)
    }
    for name in _LISTS:
        value = stored.get(name)
        values = [value] if isinstance(value, str) else value
        if isinstance(values, (list, tuple)):
            fields[name] = tuple(part for part in values if isinstance(part, str))
    fields.setdefault("language", language)
    own = str(stored.get("id", ""))
    if len(own) != 16 or not set(own) <= set("0123456789abcdef"):
        fields["own_id"] = own
        own = make_id(own=own, content=repr(sorted(stored.items())))
    return Article(id=own, published=date, **fields)
