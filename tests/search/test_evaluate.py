"""Evaluation: files as people have them, measures as TREC defines them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.core.article import Article, Origin, make_id
from corpus.core.errors import BroadsheetError, UnreadableError
from corpus.core.stated_date import StatedDate
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.evaluation.command import COMMANDS
from search.evaluation.evaluate import document_ids, evaluate, rank, score
from search.evaluation.files import Judgment, read_judgments, read_topics, run_lines
from search.request import Request

TOPICS = {
    "trec.txt": """
<top>
<num> Number: 301
<title> Topic: harbour walls
<desc> Description:
Walls of harbours
that broke.
<narr> Narrative: A document is relevant when a wall broke.
</top>
<top><num>302</num><title>ferries</title><desc>x</desc></top>
""",
    "lines.tsv": "\ufeff301\tharbour walls\n302\tferries\n",
    "headed.tsv": "qid\tquery\n301\tharbour walls\n302\tferries\n",
    "beir.jsonl": '{"_id": "301", "text": "harbour walls"}\n\n{"_id": 302, "text": "ferries"}\n',
    "long.jsonl": '{"id": 301, "title": "harbour walls", "description": "d"}\n'
    '{"id": 302, "query": "ferries"}\n',
}


@pytest.mark.parametrize("name", TOPICS)
def test_topics_are_read_whatever_their_layout(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(TOPICS[name], encoding="utf-8")
    topics = read_topics(path)
    assert [(topic.id, topic.text(["title"])) for topic in topics] == [
        ("301", "harbour walls"),
        ("302", "ferries"),
    ]


def test_the_parts_of_a_topic_make_the_query(tmp_path: Path) -> None:
    path = tmp_path / "topics"
    path.write_text(TOPICS["trec.txt"])
    topic = read_topics(path)[0]
    assert topic.text(["desc"]) == "Walls of harbours that broke."
    assert topic.text(["title", "desc"]) == "harbour walls Walls of harbours that broke."
    assert topic.text(["narr"]) == "A document is relevant when a wall broke."
    assert read_topics(path)[1].text(["narr"]) == "ferries"


JUDGMENTS = {
    "qrels": "301 0 a 1\n301 0 b 0\n302 Q0 c 2\n",
    "tabs": "301\t0\ta\t1\n301\t0\tb\t0\n302\t0\tc\t2\n",
    "beir": "query-id\tcorpus-id\tscore\n301\ta\t1\n301\tb\t0\n302\tc\t2\n",
}


@pytest.mark.parametrize("name", JUDGMENTS)
def test_judgments_are_read_whatever_their_layout(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(JUDGMENTS[name])
    assert read_judgments(path) == [
        Judgment("301", "a", 1),
        Judgment("301", "b", 0),
        Judgment("302", "c", 2),
    ]


@pytest.mark.parametrize(("content", "told"), [
    ("", "has no topics"),
    ("301 without a tab\n", "line 1: a topic is 'id TAB text'"),
    ('{"id": 1}\n{', "line 2: this is not JSON"),
    ("{" * 100_000, "line 1: this is not JSON"),
])  # fmt: skip
def test_what_is_not_topics_is_told_where(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "topics"
    path.write_text(content)
    with pytest.raises(UnreadableError, match=told):
        read_topics(path)


@pytest.mark.parametrize(("content", "told"), [
    ("", "has no judgments"),
    ("301 0 a 1\n302 0 b high\n", "line 2: 'high' is not a grade"),
    ("301 0 a 1\n302\n", "line 2: a judgment has three or four columns"),
    ("301 0 a 1e999\n301 0 b 1e999\n", "has no judgments"),
])  # fmt: skip
def test_what_is_not_judgments_is_told_where(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "qrels"
    path.write_text(content)
    with pytest.raises(UnreadableError, match=told):
        read_judgments(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_topics(tmp_path / "none")


def test_the_measures_are_those_of_trec() -> None:
    judgments = [Judgment("1", "a", 1), Judgment("1", "b", 1), Judgment("1", "c", 0)]
    found = score({"1": [("a", 3.0), ("c", 2.0), ("b", 1.0)]}, judgments).overall
    assert found["map"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["mrr"] == 1
    assert found["p@10"] == pytest.approx(0.2)
    assert found["recall@100"] == 1
    ideal = 1 + 1 / math.log2(3)
    assert found["ndcg@10"] == pytest.approx((1 + 1 / math.log2(4)) / ideal)


def test_a_topic_that_finds_nothing_counts_and_one_without_relevant_documents_does_not() -> None:
    judgments = [Judgment("1", "a", 1), Judgment("2", "b", 1), Judgment("3", "c", 0)]
    found = score({"1": [("a", 1.0)], "3": [("c", 1.0)]}, judgments)
    assert found.overall["map"] == 0.5
    assert set(found.topics) == {"1", "2"}


def test_equal_scores_keep_the_order_in_which_they_were_answered() -> None:
    judgments = [Judgment("1", "z", 1)]
    assert score({"1": [("z", 1.0), ("a", 1.0)]}, judgments).overall["mrr"] == 1
    assert score({"1": [("a", 1.0), ("z", 1.0)]}, judgments).overall["mrr"] == 0.5


def test_scores_of_a_run_always_fall() -> None:
    lines = list(run_lines("1", [("a", 2.0), ("b", 2.0), ("c", 0.0), ("d", 0.0)], "ours"))
    assert [line.split()[:4] for line in lines] == [
        ["1", "Q0", "a", "1"], ["1", "Q0", "b", "2"], ["1", "Q0", "c", "3"], ["1", "Q0", "d", "4"],
    ]  # fmt: skip
    scores = [float(line.split()[4]) for line in lines]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4
    assert all(line.endswith(" ours") for line in lines)


TEXTS = ["A harbour wall broke", "The harbour is open", "A ferry sails", "Nothing"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated") / "index"
    writer = FolderStore(folder).writer()
    articles = [
        Article(
            id=make_id(own=f"DOC-{number}", source="wire/docs.jsonl"), own_id=f"DOC-{number}",
            url="https://courier.example/wall" if number == 0 else "",
            title=text, body=(text + ".",), language="en",
            published=StatedDate.of(date(2021, 1, 1) + timedelta(days=number)),
            origin=Origin("data/wire/docs.jsonl" if number else "pages/wall.html", number + 1),
        )
        for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    writer.put(articles, list(range(1, len(articles) + 1)), "data")
    writer.commit()
    writer.close()
    return folder


@pytest.fixture(scope="module")
def engine(archive: Path) -> Iterator[Engine]:
    opened = open_engine(archive)
    yield opened
    opened.close()


def test_documents_are_found_by_whatever_they_are_called(engine: Engine) -> None:
    own = make_id(own="DOC-2", source="wire/docs.jsonl")
    wall = make_id(own="DOC-0", source="wire/docs.jsonl")
    names = [own, "DOC-2", "https://courier.example/wall", "wall.html", "wall", "docs", "DOC-9", ""]
    assert document_ids(engine, names) == {
        own: own,
        "DOC-2": own,
        "https://courier.example/wall": wall,
        "wall.html": wall,
        "wall": wall,
    }


def test_ids_of_articles_need_no_reading_of_the_archive(engine: Engine) -> None:
    own = make_id(own="DOC-2", source="wire/docs.jsonl")
    assert document_ids(engine, [own]) == {own: own}


def test_a_ranking_is_what_a_search_answers(engine: Engine) -> None:
    found = rank(engine, Request(text="harbour wall"))
    assert found[0][0] == make_id(own="DOC-0", source="wire/docs.jsonl")
    assert [value for _, value in found] == sorted((v for _, v in found), reverse=True)
    assert len(rank(engine, Request(text="harbour wall"), 1)) == 1
    assert len(rank(engine, Request(text="*"), 1000)) == len(TEXTS)


def test_topics_are_searched_and_judged(engine: Engine, tmp_path: Path) -> None:
    queries = {"1": "harbour wall", "2": "ferry", "3": "not judged"}
    judgments = [Judgment("1", "DOC-0", 1), Judgment("2", "DOC-2", 1), Judgment("2", "GONE", 1)]
    run = StringIO()
    found = evaluate(engine, queries, judgments, run=run)
    assert found.overall["map"] == pytest.approx((1 + 0.5) / 2)
    assert (found.judged, found.known) == (3, 2)
    rows = [line.split() for line in run.getvalue().splitlines()]
    assert {row[0] for row in rows} == {"1", "2"}
    assert [row[2] for row in rows if row[0] == "2"] == ["DOC-2"]


def test_the_command_prints_measures_and_writes_a_run(archive: Path, tmp_path: Path) -> None:
    queries, judgments, run = tmp_path / "q", tmp_path / "j", tmp_path / "run"
    queries.write_text("1\tharbour wall\n")
    judgments.write_text("1 0 DOC-0 1\n")
    command = [
        "--index", str(archive), "--queries", str(queries), "--judgments", str(judgments),
        "--run", str(run),
    ]  # fmt: skip
    shown = CliRunner().invoke(COMMANDS[0], command, catch_exceptions=False)
    assert shown.exit_code == 0
    assert "1 topics; 1 of 1 judged documents" in shown.output
    assert run.read_text().startswith("1 Q0 DOC-0 1 ")
    shown = CliRunner().invoke(COMMANDS[0], [*command, "--json", "--per-topic"])
    assert json.loads(shown.output)["by_topic"]["1"]["map"] == 1
    assert json.loads(shown.output)["measures"]["mrr"] == 1


@pytest.mark.parametrize(("judged", "other"), [("DOC-0", "DOC-1"), ("", "")])
def test_a_run_has_one_kind_of_name(
    archive: Path, engine: Engine, tmp_path: Path, judged: str, other: str
) -> None:
    ids = [name for name, _ in rank(engine, Request(text="harbour"))]
    judged, others = judged or ids[0], {other} if other else set(ids[1:])
    queries, judgments, run = tmp_path / "q", tmp_path / "j", tmp_path / "run"
    queries.write_text("1\tharbour\n")
    judgments.write_text(f"1 0 {judged} 1\n")
    command = [
        "--index", str(archive), "--queries", str(queries), "--judgments", str(judgments),
        "--run", str(run),
    ]  # fmt: skip
    assert CliRunner().invoke(COMMANDS[0], command, catch_exceptions=False).exit_code == 0
    names = {line.split()[2] for line in run.read_text().splitlines()}
    assert judged in names
    assert others <= names, "the others are called by the same kind of name"


def test_judgments_of_another_collection_are_told(archive: Path, tmp_path: Path) -> None:
    queries, judgments = tmp_path / "q", tmp_path / "j"
    queries.write_text("1\tharbour wall\n")
    judgments.write_text("1 0 OTHER 1\n")
    with pytest.raises(BroadsheetError, match="None of the 1 judged documents is in the archive"):
        CliRunner().invoke(
            COMMANDS[0],
            ["--index", str(archive), "--queries", str(queries), "--judgments", str(judgments)],
            catch_exceptions=False,
        )
