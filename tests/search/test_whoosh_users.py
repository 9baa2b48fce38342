"""Whoosh is at the centre: what its users are promised, and that nothing goes round it."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import index, reading, searching, writing
from whoosh.qparser import QueryParser
from whoosh.query import Query

import search
from corpus.core.article import Article, make_id
from indexer.store.store import Writer
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.embedded.engine import EmbeddedEngine
from search.index import ArchiveIndex, open_index
from search.query.parse import parse

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2021, 2, 3, tzinfo=UTC)
CODE = Path(search.__file__).resolve().parents[1]
"""Where the packages are: in the checkout, or where they were installed."""
SAMPLE = ROOT / "corpus" / "sample"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whoosh") / "archive"
    update(FolderStore(folder), [str(SAMPLE)], processes=1)
    return folder


def test_what_the_readme_shows_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    update(FolderStore(tmp_path / "archive"), [str(SAMPLE)], processes=1)
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "README.md").read_text("utf-8").split("## For people who know Whoosh", 1)[1]
    (code,) = re.findall(r"```python\n(.*?)```", page.split("\n## ", 1)[0], re.DOTALL)
    space: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), space)
    shown = capsys.readouterr().out
    assert 'class="match' in shown
    assert "['harbour']" in shown
    archive = space["index"]
    assert isinstance(archive, ArchiveIndex)
    with archive.searcher() as searcher:
        (hit,) = searcher.search(QueryParser("title", archive.schema).parse('"old harbour" ferry'))
        assert (hit["own_id"], hit["published"]) == ("my-report", "2021-02-03")


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        ("harbours", "harbour"), ('"harbour wall"', '"harbour wall"'), ("harb*", "harb*"),
        ("h?rbour", "h?rbour"), ("tags:harbour", "tag:harbour"), ("title:ferry", "title:ferry"),
        ("harbour NOT ferry", "harbour NOT ferry"), ("date:2017-01", "date:2017-01"),
        ("date:[2016 TO 2017]", "date:2016..2017"), ("puerto OR hafen", "puerto OR hafen"),
        ("harbour AND date:2017", "harbour AND date:2017"), ("source:*", "source:*"),
    ],
)  # fmt: skip
def test_whooshs_parser_finds_what_our_syntax_finds(sample: Path, typed: str, ours: str) -> None:
    with open_index(sample) as archive, archive.searcher() as searcher:
        found = set(searcher.docs_for_query(QueryParser("text", archive.schema).parse(typed)))
        assert found == set(searcher.docs_for_query(parse(ours, now=NOW).node))


def test_a_word_of_whooshs_parser_has_the_archives_languages(tmp_path: Path) -> None:
    made = [
        Article(id=make_id(own="a"), title="Forests", body=("Forests burn.",), language="en"),
        Article(id=make_id(own="b"), title="Reglas", body=("Los forestales.",), language="es"),
        Article(id=make_id(own="c"), title="Wälder", body=("Wälder brennen.",), language="de"),
        Article(id=make_id(own="d"), title="Forest", body=("A forest.",), language="en"),
    ]
    writer = FolderStore(tmp_path / "a").writer()
    writer.put(made, [1, 2, 3, 4], "r")
    writer.commit()
    with open_index(tmp_path / "a") as archive, archive.searcher() as searcher:
        parser = QueryParser("text", archive.schema)
        assert {hit["title"] for hit in searcher.search(parser.parse("forest"))} == {
            "Forests", "Forest",
        }  # fmt: skip
        assert {hit["title"] for hit in searcher.search(parser.parse("wälder brennen"))} == {
            "Wälder"
        }
        correction = searcher.correct_query(parser.parse("forset burn"), "forset burn")
        assert correction.string == "forest burn"
        assert len(searcher.search(correction.query)) == 1


def test_everything_is_of_whooshs_classes(sample: Path) -> None:
    with open_index(sample) as archive:
        assert isinstance(archive, index.Index)
        with archive.reader() as reader:
            assert isinstance(reader, reading.IndexReader)
        assert isinstance(archive.searcher(), searching.Searcher)
        with archive.searcher() as searcher:
            assert isinstance(searcher.search(parse("harbour", now=NOW).node), searching.Results)
        writer = archive.writer()
        assert isinstance(writer, writing.IndexWriter)
        assert isinstance(writer, Writer)
        writer.cancel()
    engine = EmbeddedEngine(sample)
    assert isinstance(engine.searcher, searching.Searcher)
    engine.close()


def imports(path: Path) -> set[tuple[str, str]]:
    """Return the (module, name) pairs that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {(node.module, alias.name) for alias in node.names}
    return found


ONLY = {
    ("search.embedded.collect.gathering", "gather"): {"search/embedded/searcher.py"},
    ("search.embedded.execute.execute", "matches_of"): {
        "search/embedded/searcher.py", "search/embedded/collect/gathering.py",
    },
    ("search.embedded.collect.ranking", "best_of_word"): {"search/embedded/searcher.py"},
    ("search.embedded.plan.compile", "compile_query"): {"search/embedded/searcher.py"},
    ("indexer.write.invert", "SegmentBuilder"): {"indexer/write/writer.py"},
    ("indexer.write.merge", "merge"): {"indexer/write/writer.py", "indexer/write/invert.py"},
}  # fmt: skip
"""What runs queries and what writes segments, and the only modules that may have it."""


def test_no_request_goes_round_the_searcher_and_no_document_round_the_writer() -> None:
    users: dict[tuple[str, str], set[str]] = {name: set() for name in ONLY}
    for package in ("corpus", "indexer", "search", "web"):
        for path in (CODE / package).rglob("*.py"):
            for name in imports(path) & ONLY.keys():
                users[name].add(path.relative_to(CODE).as_posix())
    assert users == ONLY


def nodes(tree: object) -> list[object]:
    """Return a tree's nodes, those that are excluded included."""
    found = [tree]
    for name in ("subqueries", "parts", "required", "excluded"):
        found += [node for part in getattr(tree, name, ()) for node in nodes(part)]
    for name in ("query", "child"):
        if hasattr(tree, name):
            found += nodes(getattr(tree, name))
    return found


PIECES = ("storm", "AND", "OR", "NOT ", "-", "(", ")", '"a b"', "tag:x", "date:2017", "ha*", "b~1",
          "^2", "NEAR/3", "title:(c d)", '"x* y"', "*", " ")  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join))
def test_every_tree_is_whooshs(text: str) -> None:
    assert all(isinstance(node, Query) for node in nodes(parse(text, now=NOW).node))
