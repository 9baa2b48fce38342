"""What a query finds, as its reader means it: a query and the articles that answer it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.query.matching import is_quoted
from search.query.parse import parse
from search.request import Request

NOW = datetime(2021, 6, 1, tzinfo=UTC)

ARTICLES: list[dict[str, object]] = [
    {"id": "lock", "title": "Lock repaired", "body": "The keeper of the lock said it would open.",
     "authors": ["Tove Marinsen"], "captions": ["An otter below the lock"],
     "url": "https://www.canal.example/2019/lock-repaired"},
    {"id": "tea", "title": "Tea sold", "source": "The Harbour Herald", "section": "Markets Daily",
     "body": "MOMBASA, May 4 (Reuters) - The tea was sold by the growers on Monday."},
    {"id": "tagged", "title": "Buyers meet in Tarn", "tags": ["palm-oil"],
     "body": "The talks were short and the buyers left the town early in the day."},
    {"id": "setup", "title": "Set-up praised", "body": "The set-up was praised by all of them."},
    {"id": "setup2", "title": "Setup changed", "body": "The setup was changed by the board."},
    {"id": "anti", "title": "Anti-U.S. march", "body": "An anti-U.S. march went by a school."},
    {"id": "rate", "title": "Rate held", "body": "The steel export rate was held for the year."},
    {"id": "rates", "title": "Rates cut", "body": "Steel export rates were cut. A rate is low."},
    {"id": "un", "title": "UN envoy", "body": "The UN envoy said it was up to us to help them."},
    {"id": "umlaut", "title": "Möller letters", "body": "The Möller letters were read to us all."},
    {"id": "digraph", "title": "Moeller trial", "body": "The Moeller trial was read about by all."},
    {"id": "aarhus", "title": "Fair in Århus", "body": "The fair in Århus was opened by a mayor."},
    {"id": "rd", "title": "R & D cut", "body": "The firm cut R & D by a third in the year."},
    {"id": "rd2", "title": "R&D grows", "body": "The firm said that R&D was to grow by a third."},
    {"id": "bsc", "title": "B.Sc. course", "body": "A B.Sc. course was opened by the college."},
    {"id": "csharp", "title": "C# taught", "body": "The college taught C# to all of them."},
    {"id": "cnote", "title": "Key of C", "body": "It was played in the key of C by the band."},
    {"id": "ko", "title": "제주에서 열린 회의", "language": "ko",
     "body": "제주에서는 어제 장관이 회의를 열었다. 물이 맑았다. 대한 국회는 쉬었다."},
]  # fmt: skip

FOUND = [
    # what stands on the page: bylines, captions, datelines, names of source and section
    ("marinsen", "lock"), ("tove marinsen", "lock"), ('"tove marinsen"', "lock"),
    ("marinsen lock", "lock"), ("otter", "lock"), ("mombasa", "tea"), ("harbour herald", "tea"),
    ("markets daily", "tea"), ("title:marinsen", ""), ("body:otter", ""), ("body:mombasa", ""),
    ("lock -otter", ""), ("lock -marinsen", ""), ("tea -herald", "tea"),
    ("https://www.canal.example/2019/lock-repaired", "lock"),
    ("http://canal.example/2019/lock-repaired/?utm_source=mail", "lock"),
    ("https://canal.example/2019/lock", ""), ("canal.example/2019/lock-repaired", "lock"),
    # labels are found, and do not exclude
    ("oil", "tagged"), ("talks -oil", "tagged"), ("talks NOT oil", "tagged"), ("talks -town", ""),
    ('talks -"oil"', "tagged"), ('talks -"town"', ""), ('talks -"palm oil"', "tagged"),
    # together or apart
    ("lock-rep*", "lock"), ("lock-k*", ""), ("keeper-of-the-l*", "lock"),
    ("opened-by a m*", "aarhus"), ('tag:"palm-*"', "tagged"), ('tag:"* oil"', ""),
    ("set-up", "setup setup2"), ("setup", "setup setup2"), ("setups", "setup setup2"),
    ('"setup"', "setup2"), ('"set-up"', "setup"), ("anti-us", "anti"), ("U.S.", "anti umlaut un"),
    # quotes mean as written, in capitals or not
    ('"steel export rates"', "rates"), ('"steel export rate"', "rate"),
    ('"Steel Export RATES"', "rates"), ("steel export rate", "rate rates"),
    ('title:"rate held"', "rate"), ('body:"export rates were"', "rates"),
    ("case:UN", "un"), ("case:un", ""), ("case:us", "umlaut un"), ("case:US", "anti"),
    ('case:"UN envoy"', "un"), ('case:"un envoy"', ""), ("envoy -case:UN", ""),
    # umlauts and two letters
    ("möller", "digraph umlaut"), ("moeller", "digraph umlaut"), ("moller", "umlaut"),
    ("aarhus", "aarhus"), ("århus", "aarhus"), ("arhus", "aarhus"),
    # signs
    ("r&d", "rd rd2"), ("r & d", "rd rd2"), ("bsc", "bsc"), ("B.Sc.", "bsc"), ("c#", "csharp"),
    ("key c", "cnote"),
    # Korean nouns, whatever particle they carry; not across words
    ("제주", "ko"), ("장관", "ko"), ("회의", "ko"), ("물", "ko"), ("제주*", "ko"), ("한국", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("found")
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES))
    update(FolderStore(folder / "archive"), [str(source)], processes=1)
    opened = open_engine(index=Path(folder / "archive"))
    yield opened
    opened.close()


def found(engine: Engine, text: str) -> list[str]:
    answer = engine.search(Request(text=text, size=50, match="all", collapse=False))
    return [str(engine.article(hit.id).own_id) for hit in answer.hits]  # type: ignore[union-attr]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_what_is_found(engine: Engine, text: str, expected: str) -> None:
    assert sorted(found(engine, text)) == sorted(expected.split())


@pytest.mark.parametrize(
    ("text", "first"),
    [("set-up", "setup"), ("setup", "setup2"), ("möller", "umlaut"), ("moeller", "digraph")],
)
def test_what_was_typed_ranks_first(engine: Engine, text: str, first: str) -> None:
    assert found(engine, text)[0] == first


@pytest.mark.parametrize(
    ("text", "where", "marked"),
    [("marinsen", "authors", "Marinsen"), ("otter", "captions", "otter"), ("oil", "tags", "oil"),
     ("mombasa", "place", "MOMBASA"), ("herald", "source", "Herald"), ("lock", "", "lock")],
)  # fmt: skip
def test_a_hit_says_where_it_was_found(engine: Engine, text: str, where: str, marked: str) -> None:
    (hit,) = engine.search(Request(text=text)).hits
    assert hit.found_in == where
    assert marked in [piece.text for piece in hit.snippet if piece.match]


def test_other_forms_follow_where_none_is_as_written(engine: Engine) -> None:
    answer = engine.search(Request(text='"export rates was held"'))
    assert [note.code for note in answer.notes] == ["not-as-written"]
    assert answer.total == 1
    request = Request(text='"export rates was held"')
    (hit,) = answer.hits
    assert engine.facet(request, "language").values[0].count == 1
    assert [article.own_id for article in engine.scan(request)] == ["rate"]
    assert engine.matches(request, hit.id)
    assert not engine.search(Request(text='"steel export rates"')).notes


def test_an_open_word_between_quoted_ones_may_find_nothing(engine: Engine) -> None:
    assert not engine.search(Request(text='"export * was"')).notes
    answer = engine.search(Request(text='"exports * was"'))
    assert (answer.total, [note.code for note in answer.notes]) == (1, ["not-as-written"])
    assert engine.search(Request(text='"rates wer*"')).total == 1
    assert [note.code for note in engine.search(Request(text='"exports rat*"')).notes] == [
        "not-as-written"
    ]
    answer = engine.search(Request(text='"export * steel"'))  # nor in any other form
    assert (answer.total, answer.notes) == (0, ())


def test_completion_offers_authors(engine: Engine) -> None:
    assert ("Tove Marinsen", "authors") in [
        (each.text, each.kind) for each in engine.complete("tove")
    ]


@pytest.mark.parametrize(
    "text", ["bank AND vote", "bank OR vote", "(bank OR vote) wall", 'bank^2 -"vote"', "NOT bank"]
)
def test_a_query_without_quotes_has_no_looser_form(text: str) -> None:
    assert not is_quoted(parse(text, now=NOW))


@pytest.mark.parametrize("text", ['"bank" AND vote', '("bank vote" OR b) c', '"bank v*"'])
def test_quoted_words_are_loosened_wherever_they_stand(text: str) -> None:
    assert is_quoted(parse(text, now=NOW))
