"""A field that an archive was made without: it opens, has it empty, and takes it up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.core.article import Article, make_id
from corpus.core.errors import IndexBrokenError
from corpus.core.fields import FACETS, FIELDS, PARAMETERS, PREFIXES, VALUES
from corpus.core.wire import article_json
from indexer.care.check import check_archive
from indexer.segment.file import open_segment, segment_path, write_segment
from indexer.store.durable import file_checksum
from indexer.store.generations import commit, hold
from indexer.store.toc import FileEntry
from indexer.update.reading import fingerprint
from indexer.whoosh.archive import FolderStore
from search.embedded.engine import EmbeddedEngine
from search.request import Request

NAME = "segment-00000001"


def _put(folder: Path, *articles: Article, optimise: bool = False) -> None:
    writer = FolderStore(folder).writer()
    writer.put(articles, [fingerprint(article_json(one)) for one in articles], "r")
    writer.commit(optimize=optimise)
    writer.close()


def _with_facets(folder: Path, change) -> None:
    """Write the archive's only segment anew with other facets."""
    whole = open_segment(folder, NAME)
    changed = replace(whole, facets=change(dict(whole.facets)))
    path = segment_path(folder, NAME)
    path.unlink()
    write_segment(changed, folder, NAME)
    held = hold(folder)
    held.release()
    file = FileEntry(path.name, path.stat().st_size, file_checksum(path))
    commit(folder, held.toc._replace(segments=(held.toc.segments[0]._replace(files=(file,)),)))


def _article(name: str, kind: str) -> Article:
    return Article(id=make_id(own=name), title=f"Ferry {name}", kind=kind, tags=("sea",))


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """An archive from before there was a kind."""
    folder = tmp_path / "archive"
    _put(folder, _article("a", ""), _article("b", ""))
    _with_facets(folder, lambda facets: {n: f for n, f in facets.items() if n != "kind"})
    return folder


def test_an_archive_without_a_field_opens_and_has_it_empty(before: Path) -> None:
    assert check_archive(before).problems == ()
    engine = EmbeddedEngine(before)
    answer = engine.search(Request(text="ferry", facets=FACETS))
    assert answer.total == 2
    assert [facet.distinct for facet in answer.facets if facet.name == "kind"] == [0]
    assert engine.search(Request(text="kind:opinion")).total == 0
    assert engine.search(Request(filters={"kind": ("opinion",)})).total == 0
    assert engine.search(Request(excluded={"kind": ("opinion",)})).total == 2
    assert engine.facet(Request(), "kind").values == ()
    engine.close()


def test_it_takes_the_field_up(before: Path) -> None:
    _put(before, _article("c", "opinion"))
    for optimise in (False, True):
        engine = EmbeddedEngine(before)
        found = engine.search(Request(text="kind:opinion"))
        assert [hit.title for hit in found.hits] == ["Ferry c"]
        assert engine.search(Request(text="ferry", facets=("kind",))).facets[0].distinct == 1
        engine.close()
        if not optimise:
            _put(before, optimise=True)
    assert check_archive(before).problems == ()


def test_a_field_of_a_later_version_is_not_lost(before: Path) -> None:
    _with_facets(before, lambda facets: facets | {"mood": replace(facets["tags"], name="mood")})
    with pytest.raises(IndexBrokenError, match="mood"):
        EmbeddedEngine(before).search(Request(text="ferry"))


def test_each_field_is_declared_once_and_is_an_articles() -> None:
    names = [field.name for field in FIELDS]
    called = [name for field in FIELDS for name in (PARAMETERS[field.name], *field.aliases)]
    assert len(set(names)) == len(names)
    assert len(set(called)) == len(called)
    article = Article(id="0" * 16)
    for field in FIELDS:
        if field.kind in ("text", "value", "values"):
            several = field.kind == "values" or field.name == "body"
            assert getattr(article, field.name) == (() if several else "")
    assert set(PREFIXES.values()) == set(VALUES)


def test_the_printed_page_is_asked_for_beside_the_page_of_results(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from broadsheet import commands

    folder = tmp_path / "archive"
    _put(folder, *(replace(_article(name, ""), page=name.upper()) for name in ("a2", "b7")))
    asked = ["search", "--index", str(folder), "--printpage", "A2", "--page", "1", "--json"]
    shown = CliRunner().invoke(commands, asked, catch_exceptions=False)
    assert '"total":1' in shown.output.replace(" ", "")
