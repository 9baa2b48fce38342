"""Arrays that a stranger wrote, with every checksum right, lead no kernel out of bounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.core.article import Article, make_id
from corpus.core.errors import IndexBrokenError
from corpus.core.wire import article_json
from indexer.care.check import check_archive
from indexer.segment.compressed_blocks import ARRAYS
from indexer.segment.file import open_segment, segment_path, write_segment
from indexer.segment.segment import Strings
from indexer.segment.stored import CompressedArticles
from indexer.segment.validation import verify_whole
from indexer.store.durable import file_checksum
from indexer.store.generations import commit, hold
from indexer.store.toc import FileEntry
from indexer.update.reading import fingerprint
from indexer.whoosh.archive import Archive, FolderStore
from search.embedded.engine import EmbeddedEngine
from search.request import Request

NAME = "segment-00000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = FolderStore(tmp_path / "archive")
    writer = store.writer()
    articles = [
        Article(
            id=make_id(own=f"a{n}"),
            title=f"Report {n}",
            body=(f"The harbour runs and running runs of {n % 7} storms.", "A second paragraph."),
            tags=(f"t{n % 3}", "all"),
            language="en",
        )
        for n in range(300)
    ]
    writer.put(articles, [fingerprint(article_json(one)) for one in articles], "r")
    writer.commit()
    writer.close()
    return store.folder


def text(segment, **arrays):
    fields = segment.text | {"text": replace(segment.text["text"], **arrays)}
    return replace(segment, text=fields)


def tags(segment, **arrays):
    facets = segment.facets | {"tags": replace(segment.facets["tags"], **arrays)}
    return replace(segment, facets=facets)


def articles(segment, **arrays):
    stored = {name: getattr(segment.stored, name) for name in ARRAYS} | arrays
    columns = {"ids": segment.ids, "urls": segment.urls, "titles": segment.titles}
    return replace(segment, stored=CompressedArticles(**columns, **stored))


def beyond(array, place=-1):
    """Return a copy with one number far out of bounds."""
    changed = np.array(array)
    changed.flat[place] = np.iinfo(changed.dtype).max // 2
    return changed


def below(array, place=0):
    changed = np.array(array)
    changed.flat[place] = -5
    return changed


HOSTILE = {
    "documents that are not there": lambda s: text(s, postings=beyond(s.text["text"].postings)),
    "postings that end beyond": lambda s: text(s, starts=beyond(s.text["text"].starts)),
    "postings that begin before": lambda s: text(s, starts=below(s.text["text"].starts)),
    "postings that go back": lambda s: text(s, starts=np.sort(s.text["text"].starts)[::-1].copy()),
    "fewer blocks than postings": lambda s: text(
        s,
        block_tf=s.text["text"].block_tf[:-1],
        block_length=s.text["text"].block_length[:-1],
        block_positions=s.text["text"].block_positions[:-1],
    ),
    "positions beyond": lambda s: text(
        s, block_positions=beyond(s.text["text"].block_positions, 1)
    ),
    "positions without an end": lambda s: text(
        s, positions=np.full_like(s.text["text"].positions, 255)
    ),
    "more postings than positions": lambda s: text(
        s, positions=np.full_like(s.text["text"].positions, 5)
    ),
    "more positions than postings": lambda s: text(
        s, positions=np.full_like(s.text["text"].positions, 64)
    ),
    "no bytes of forms": lambda s: text(s, forms=s.text["text"].forms[:0]),
    "words of forms beyond": lambda s: text(s, form_offsets=beyond(s.text["text"].form_offsets)),
    "terms beyond": lambda s: text(
        s, terms=Strings(s.text["text"].terms.data, beyond(s.text["text"].terms.offsets))
    ),
    "floats for documents": lambda s: text(s, postings=s.text["text"].postings.astype(np.float64)),
    "values that are not there": lambda s: tags(s, ordinals=beyond(s.facets["tags"].ordinals)),
    "documents of values beyond": lambda s: tags(s, value_docs=beyond(s.facets["tags"].value_docs)),
    "facet borders beyond": lambda s: tags(s, offsets=beyond(s.facets["tags"].offsets)),
    "value borders beyond": lambda s: tags(s, value_starts=beyond(s.facets["tags"].value_starts)),
    "an order of dates beyond": lambda s: replace(s, by_date=beyond(s.by_date)),
    "an order of ids beyond": lambda s: replace(s, by_id=beyond(s.by_id)),
    "titles beyond": lambda s: replace(s, titles=Strings(s.titles.data, beyond(s.titles.offsets))),
    "sources that are not there": lambda s: replace(s, roots=beyond(s.roots)),
    "dictionaries that are not there": lambda s: articles(
        s, dictionary_of=np.full_like(s.stored.dictionary_of, 2)
    ),
    "dictionaries beyond": lambda s: articles(
        s, dictionary_starts=beyond(s.stored.dictionary_starts)
    ),
    "blocks of articles beyond": lambda s: articles(s, starts=beyond(s.stored.starts, 1)),
    "more articles than there are": lambda s: articles(s, firsts=beyond(s.stored.firsts, 1)),
    "bodies in one dimension": lambda s: replace(s, part_bounds=s.part_bounds.reshape(-1)),
}

REQUESTS = (
    Request(text='"harbour runs" body:storms title:report', facets=("tags", "year"), sort="newest"),
    Request(text="harbour NEAR/3 storms", facets=("tags",)),
    Request(text="run*", filters={"tags": ("t1",)}),
    Request(text="paragraph second", match="any"),
)


def _written(folder: Path, segment) -> None:
    """Put a segment in the archive's only one's place, and commit it with right checksums."""
    path = segment_path(folder, NAME)
    path.unlink()
    write_segment(segment, folder, NAME)
    held = hold(folder)
    held.release()
    entry = held.toc.segments[0]
    file = FileEntry(path.name, path.stat().st_size, file_checksum(path))
    commit(folder, held.toc._replace(segments=(entry._replace(files=(file,)),)))


def _used(folder: Path) -> None:
    """Open an archive and do everything that a reader and a writer do with it."""
    engine = EmbeddedEngine(folder)
    for request in REQUESTS:
        for hit in engine.search(request).hits[:2]:
            engine.article(hit.id)
    with Archive.open(folder) as archive:
        list(archive.articles())
    writer = FolderStore(folder).writer()
    try:
        writer.lookup([make_id(own="a1")])
        writer.commit(optimize=True)
    finally:
        writer.close()


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_array_is_refused_and_never_followed(what, folder):
    whole = open_segment(folder, NAME)
    try:
        _written(folder, HOSTILE[what](whole))
        Archive.open(folder).close()
    except (IndexBrokenError, IndexError, ValueError):
        if not segment_path(folder, NAME).exists():
            pytest.skip("it cannot even be written")
    assert [problem for problem in check_archive(folder).problems if NAME in problem.file]
    with pytest.raises(IndexBrokenError, match="broadsheet"):
        verify_whole(folder, NAME, 1)
    try:
        _used(folder)
    except IndexBrokenError as error:
        assert NAME in str(error)


def test_what_we_write_is_sound(folder):
    _used(folder)
    assert not check_archive(folder).problems
    assert verify_whole(folder, NAME, 1).n_docs == 300
