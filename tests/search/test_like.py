"""Ask by example: the closest articles, and where passages ran before, oldest first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet import commands
from corpus.core.article import Article, make_id
from corpus.core.stated_date import StatedDate
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.example.like import LEAST_RUN, MOST_TEXT, article_of, like

QUOTE = "the kiln was never meant to burn through the winter without a keeper beside it"
VOCABULARY = [f"{a}{b}{c}" for a in "bdfgkm" for b in "aeiou" for c in ("lt", "rn", "sk", "mp")]


def made(own: str, day: str, *body: str) -> Article:
    return Article(
        id=make_id(own=own), title=f"Report {own}", body=body, source="The Kiln Post",
        published=StatedDate(day) if day else None, language="en",
    )  # fmt: skip


ARTICLES = [
    made("later", "2023-05-06", "A keeper spoke.", f"He said that {QUOTE}, and left."),
    made("first", "2021-03-04", f"“{QUOTE.capitalize()},” a mason wrote in a letter."),
    made("undated", "", QUOTE.replace("winter", "summer")),
    made("other", "2022-01-01", "Weirs and locks were mended along the whole river this spring."),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("like") / "index"
    writer = FolderStore(folder).writer()
    writer.put(ARTICLES, [1] * len(ARTICLES), "made")
    writer.commit()
    writer.close()
    return folder


@pytest.fixture(scope="module")
def engine(index: Path) -> Engine:
    return open_engine(index)


def test_passages_are_found_oldest_first(engine: Engine) -> None:
    found = like(engine, article_of(f"It is known that {QUOTE}. Nobody minded."))
    titles = [each.title for each in found.earlier]
    assert titles == ["Report first", "Report later", "Report undated"]
    whole = found.earlier[0].passages[0]
    assert whole.words == len(QUOTE.split())
    assert "".join(p.text for p in whole.own if p.match) == QUOTE
    assert "".join(p.text for p in whole.theirs if p.match) == QUOTE.capitalize()
    assert found.earlier[1].passages[0].words == len(QUOTE.split()) + 1  # "that", too
    assert (found.earlier[2].runs, found.earlier[2].words) == (1, 9)
    assert found.closest[0].title in {"Report later", "Report first", "Report undated"}
    assert not found.notes


def test_what_shares_no_passage_can_still_be_close(engine: Engine) -> None:
    found = like(engine, article_of("The locks of this river want mending."))
    assert found.closest[0].title == "Report other"
    assert not found.earlier


def test_texts_out_of_bounds_are_said_or_refused(engine: Engine) -> None:
    assert [note.code for note in like(engine, article_of(" … ")).notes] == ["no-words"]
    long = like(engine, article_of("kiln weir " * MOST_TEXT))
    assert "text-cut" in {note.code for note in long.notes}
    for text in (
        '"' * 5_000, "a " * 9_000, "( OR NOT " * 2_000, "\x00" * 50 + "kiln", "kiln*" * 3_000,
    ):  # fmt: skip
        like(engine, article_of(text))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_every_passage_of_eight_words_is_found(engine: Engine, data: st.DataObject) -> None:
    around = st.lists(st.sampled_from(VOCABULARY), min_size=0, max_size=30)
    words = QUOTE.split()
    start = data.draw(st.integers(0, len(words) - 8))
    length = data.draw(st.integers(8, len(words) - start))
    passage = words[start : start + length]
    text = " ".join([*data.draw(around), *passage, *data.draw(around)])
    found = like(engine, article_of(text))
    titles = {each.title for each in found.earlier}
    assert {"Report first", "Report later"} <= titles
    for each in found.earlier:
        assert all(one.words >= LEAST_RUN for one in each.passages)


def test_the_command_reads_files_and_standard_input(index: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        f"<html><head><title>A copy</title></head><body><article><h1>A copy</h1><p>{QUOTE}.</p>"
        f"<p>{'Nothing else was said of it that day. ' * 9}</p></article></body></html>"
    )
    run = CliRunner().invoke(commands, ["like", "--index", str(index), str(page)])
    assert run.exit_code == 0, run.output
    assert run.output.index("Report first") < run.output.index("Report later")
    options = ["like", "--index", str(index), "--json", "-"]
    piped = CliRunner().invoke(commands, options, input=QUOTE)
    assert json.loads(piped.stdout)["earlier"][0]["title"] == "Report first"
    picture = tmp_path / "photo.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    refused = CliRunner().invoke(commands, ["like", "--index", str(index), str(picture)])
    assert refused.exit_code == 1
    assert "cannot be read" in str(refused.exception)
