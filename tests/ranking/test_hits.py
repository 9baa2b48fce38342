"""Hits read their fields from columns when asked, and are plain immutable values all the same."""

from __future__ import annotations

import copy
import pickle
import zlib
from dataclasses import FrozenInstanceError, asdict, fields, replace
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ranking.corpora import archives
from ranking.oracle import Memory, snapshot_of

from corpus.core.article import Article
from corpus.core.fields import VALUES
from corpus.core.stated_date import Precision, StatedDate
from indexer.analysis.analyser import fold_value
from indexer.segment.segment import FIRST_DATE, LAST_DATE
from indexer.whoosh.archive import FolderStore
from search.answer import Hit, Piece
from search.embedded.engine import EmbeddedEngine
from search.request import Request

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

EVERYTHING = Request(size=100, snippets=False, collapse=False)
ARTICLE = Article(
    id=f"{7:016x}", title="Côte ferry closes", url="https://post.example/ferry", language="fr",
    published=StatedDate("1969-07-20T20:17:00+00:00"), section="Sea", topic="Ships",
    tags=("Ferries", "Côte d'Azur"), authors=("Ana Bo", "Cy"), source="Post", kind="opinion",
    place="Nice", page="A4", places=("Nice",), people=("Ana Bo",), orgs=("Ferries AG", "Post"),
    exchanges=("liffe",),
)  # fmt: skip


def expected(article: Article, **shown: object) -> Hit:
    return Hit(
        id=article.id, title=article.title, url=article.url, published=article.published,
        **{name: getattr(article, name) for name in VALUES},
        title_pieces=(Piece(article.title),), **shown,  # type: ignore[arg-type]
    )  # fmt: skip


def put(folder: Path, *articles: Article) -> None:
    writer = FolderStore(folder).writer()
    writer.put(list(articles), [zlib.crc32(article.title.encode()) for article in articles], "test")
    writer.commit()
    writer.close()


def only_hit(engine: EmbeddedEngine) -> Hit:
    (hit,) = engine.search(EVERYTHING).hits
    return hit


@quick
@given(archives())
def test_a_hit_is_equal_to_one_made_of_the_article(
    archive: tuple[list[list[Article]], list[str]],
) -> None:
    snapshot, alive = snapshot_of(*archive)
    engine = EmbeddedEngine(Memory(snapshot))
    hits = engine.search(EVERYTHING).hits
    by_id = {article.id: article for article in alive}
    assert len(hits) == len(alive)
    for hit, same in zip(hits, engine.search(EVERYTHING).hits, strict=True):
        article = by_id[hit.id]
        folded = list(dict.fromkeys(map(fold_value, article.tags)))  # spelt in one way a segment
        assert list(map(fold_value, hit.tags)) == folded
        whole = replace(expected(article), tags=hit.tags, topic=hit.topic)
        assert asdict(hit) == asdict(whole)
        assert hit == same != replace(hit, versions=2)
        assert hash(hit) == hash(same)


@quick
@given(
    st.lists(
        st.tuples(
            st.integers(FIRST_DATE, LAST_DATE) | st.integers(-5_000_000_000, 5_000_000_000),
            st.sampled_from(Precision),
        ),
        min_size=1,
        max_size=40,
    )
)
@example([(FIRST_DATE, Precision.MOMENT), (LAST_DATE - 1, Precision.YEAR), (-1, Precision.DAY)])
@example([(951_782_399 + 86_400 * day, Precision.MOMENT) for day in range(3)])
def test_the_date_of_a_hit_is_that_of_its_article(stated: list[tuple[int, Precision]]) -> None:
    dates = [StatedDate.at(second, precision, UTC) for second, precision in stated]
    articles = [
        Article(id=f"{at:016x}", title="Tide", published=date) for at, date in enumerate(dates)
    ]
    hits = EmbeddedEngine(Memory(snapshot_of([articles])[0])).search(EVERYTHING).hits
    shown = {int(hit.id, 16): hit.published for hit in hits}
    assert [shown[at] for at in range(len(dates))] == dates
    assert all(type(date) is StatedDate for date in shown.values())


@pytest.mark.parametrize("name", [field.name for field in fields(Hit)])
def test_any_field_can_be_read_first_and_none_can_be_set(name: str, tmp_path: Path) -> None:
    put(tmp_path, ARTICLE)
    hit = only_hit(EmbeddedEngine(tmp_path))
    assert getattr(hit, name) == getattr(expected(ARTICLE), name)
    assert getattr(hit, name) is getattr(hit, name)
    with pytest.raises(FrozenInstanceError):
        setattr(hit, name, None)
    with pytest.raises(AttributeError, match="headline"):
        hit.headline  # type: ignore[attr-defined]  # noqa: B018


def test_hits_that_are_held_stay_as_they_were(tmp_path: Path) -> None:
    put(tmp_path, ARTICLE)
    engine = EmbeddedEngine(tmp_path)
    held, twin = only_hit(engine), only_hit(engine)
    later = replace(ARTICLE, title="Ferry opens", tags=("Harbours",))
    put(tmp_path, later)
    for number in range(8, 20):  # enough commits for segments to be merged and removed
        put(tmp_path, replace(later, id=f"{number:016x}"))
        assert engine.refresh()
    now = {hit.id: hit for hit in engine.search(EVERYTHING).hits}
    assert asdict(now[later.id]) == asdict(expected(later))
    engine.close()
    del engine, now
    assert asdict(held) == asdict(expected(ARTICLE))
    assert twin.tags == ARTICLE.tags


def test_hits_are_copied_replaced_and_printed_like_any_value(tmp_path: Path) -> None:
    put(tmp_path, ARTICLE)
    engine = EmbeddedEngine(tmp_path)
    assert asdict(replace(only_hit(engine), score=2.0)) == asdict(expected(ARTICLE, score=2.0))
    assert asdict(copy.copy(only_hit(engine))) == asdict(expected(ARTICLE))
    assert asdict(pickle.loads(pickle.dumps(only_hit(engine)))) == asdict(expected(ARTICLE))
    assert repr(only_hit(engine)).endswith(repr(expected(ARTICLE)).removeprefix("Hit"))
