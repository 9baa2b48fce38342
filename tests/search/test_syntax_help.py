"""The help teaches what the query language really does, with what the archive really has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.core.article import Article, make_id
from corpus.core.fields import PREFIXES, TEXTS, VALUES
from corpus.core.stated_date import StatedDate
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.query import limits
from search.query.foreign import DATE_FIELDS
from search.query.parse import parse
from search.query.syntax_help import Lesson, Subject, as_text, sections, subject, taught
from search.request import Request

SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"
NOW = datetime(2021, 3, 3, tzinfo=UTC)
FULL = Subject(values=dict.fromkeys(VALUES, 'The "North Sea" & Co') | {"tags": "United States"})


def examples(lessons: tuple[Lesson, ...]) -> list[str]:
    return [example.query for lesson in lessons for example in lesson.examples]


@pytest.mark.parametrize("about", [Subject(), FULL], ids=["default", "full"])
def test_every_example_is_read_without_a_note(about: Subject) -> None:
    for query in examples(sections(about)):
        found = parse(query, now=NOW)
        assert found.notes == (), query
        assert parse(found.parsed, now=NOW).node == found.node


def test_every_field_and_operator_is_taught() -> None:
    text = as_text(sections(FULL))
    for name in (*TEXTS, *PREFIXES, *DATE_FIELDS):
        assert f"{name}:" in text
    for sign in (" AND ", " OR ", " NOT ", " -", "+", "~10", "~1", "^3", "*", "?", "..", " TO "):
        assert sign in text


def test_the_limits_are_those_that_hold() -> None:
    text = sections(Subject())[-1].text
    for bound in ("MAX_TERMS", "MAX_DEPTH", "MAX_PATTERNS", "MAX_SLOP", "MAX_FUZZY", "MAX_WORD"):
        assert str(getattr(limits, bound)) in text
    assert f"{limits.MAX_LENGTH:,}" in text


def test_the_text_fits_a_terminal() -> None:
    for line in as_text(sections(FULL), 80).splitlines():
        assert len(line) <= 100


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("taught") / "index"
    titles = ["Lighthouse keeper honoured", "Lighthouse keeper retires", "Ferry strike"]
    articles = [
        Article(
            id=make_id(own=str(number)), title=title, tags=("Coast Guard",), section="Local",
            language="en", body=(f"{title} today.",), authors=("Ines Calder",),
            published=StatedDate(f"2021-03-{1 + number:02d}"),
        )
        for number, title in enumerate(titles)
    ]  # fmt: skip
    writer = FolderStore(folder).writer()
    writer.put(articles, [1, 2, 3], "invented")
    writer.commit()
    writer.close()
    opened = open_engine(folder)
    yield opened
    opened.close()


def test_the_subject_is_what_the_archive_has(engine: Engine) -> None:
    about = subject(engine)
    # One article has the one word without the other, and one has both and the third.
    assert (about.word, about.other, about.third) == ("keeper", "honoured", "lighthouse")
    assert about.phrase == "keeper honoured"
    assert about.values == {
        "tags": "Coast Guard", "section": "Local", "authors": "Ines Calder", "language": "en",
    }  # fmt: skip
    assert about.day == "2021-03-02"


def test_every_example_that_is_shown_finds_something(engine: Engine) -> None:
    lessons = taught(engine)
    for example in (each for lesson in lessons for each in lesson.examples):
        assert example.total == engine.search(Request(text=example.query, match="all")).total > 0
    kept, every = examples(lessons), examples(sections(subject(engine)))
    assert set(every) - set(kept) <= {
        # All have the tag, all are of one month, and none is of last week.
        'keeper -tag:"Coast Guard"',
        "after:2021-03",
        'date:"last week"',
        "date:yesterday",
    }


def test_words_of_the_examples_occur_together_and_apart(tmp_path: Path) -> None:
    """The sample newspaper has what every example needs, but no news of last week."""
    update(FolderStore(tmp_path / "index"), [str(SAMPLE)], processes=1)
    with closing(open_engine(tmp_path / "index")) as engine:
        lessons = taught(engine)
        lost = set(examples(sections(subject(engine)))) - set(examples(lessons))
    assert lost == {'date:"last week"', "date:yesterday"}


def test_an_empty_archive_is_taught_with_invented_words(tmp_path: Path) -> None:
    writer = FolderStore(tmp_path / "index").writer()
    writer.commit()
    writer.close()
    with closing(open_engine(tmp_path / "index")) as engine:
        assert taught(engine) == sections(Subject())
