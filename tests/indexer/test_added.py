"""When each article was first seen: kept whatever is done to it and to the archive."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.core.article import Article, make_id
from corpus.core.stated_date import StatedDate
from indexer.store.generations import hold
from indexer.whoosh.archive import Archive, FolderStore
from indexer.write import writer as writing
from search.embedded.engine import EmbeddedEngine
from search.request import Request


class Clock:
    """Stands for the module `time`: a time that a test sets."""

    now = 1_700_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(writing, "time", clock)
    return clock


def article(name: str, text: str = "text", day: str = "2020-01-01") -> Article:
    return Article(id=make_id(own=name), title=name, body=(text,), published=StatedDate(day))


def put(folder: Path, *articles: Article, rebuild: bool = False, remove: tuple[str, ...] = ()):
    session = FolderStore(folder).writer(rebuild=rebuild)
    try:
        prints = [hash((one.title, one.body)) & 0xFFFF_FFFF | 1 for one in articles]
        session.put(articles, prints, "test")
        session.remove([make_id(own=name) for name in remove])
        session.commit()
    finally:
        session.close()


def came(folder: Path) -> dict[str, int]:
    """Return when each live article came, by title."""
    with Archive.open(folder) as archive:
        return {
            leaf.segment.stored.get([doc])[0] and _title(leaf, doc): int(leaf.segment.added[doc])
            for leaf in archive.snapshot().leaves
            for doc in range(leaf.segment.n_docs)
            if leaf.live is None or leaf.live[doc]
        }


def _title(leaf, doc: int) -> str:
    titles = leaf.segment.titles
    return bytes(titles.data[titles.offsets[doc] : titles.offsets[doc + 1]]).decode()


def test_an_article_keeps_the_time_at_which_it_came(tmp_path, clock):
    folder = tmp_path / "a"
    put(folder, article("one"), article("two"))
    first = clock.now
    assert came(folder) == {"one": first, "two": first}
    clock.now += 100
    put(folder, article("two", "changed"), article("three"))
    expected = {"one": first, "two": first, "three": first + 100}
    assert came(folder) == expected
    clock.now += 100
    FolderStore(folder).optimise()
    assert came(folder) == expected
    clock.now += 100
    put(folder, article("three"), article("two", "changed"), article("four"), rebuild=True)
    assert came(folder) == {"two": first, "three": first + 100, "four": first + 300}


def test_what_was_removed_comes_anew(tmp_path, clock):
    folder = tmp_path / "a"
    put(folder, article("one"), article("two"))
    clock.now += 50
    put(folder, remove=("one",))
    clock.now += 50
    put(folder, article("one"))
    assert came(folder) == {"one": clock.now, "two": clock.now - 100}


def test_each_generation_is_later_than_the_one_before_whatever_the_clock_does(tmp_path, clock):
    folder = tmp_path / "a"
    for number, step in enumerate((0, 0, -1000, 0, 5000)):
        clock.now += step
        held = hold(folder) if number else None
        before = int(held.toc.committed.timestamp()) if held else 0
        if held:
            held.release()
        put(folder, article(f"n{number}"))
        assert came(folder)[f"n{number}"] > before
    assert sorted(came(folder), key=came(folder).__getitem__) == [f"n{n}" for n in range(5)]


def test_versions_that_are_joined_to_a_newcomer_keep_theirs(tmp_path, clock):
    folder = tmp_path / "a"
    story = " ".join(f"word{n} of the long report" for n in range(60))
    put(folder, article("first", story))
    clock.now += 10
    put(folder, article("copy", story))
    assert came(folder) == {"first": clock.now - 10, "copy": clock.now}


def test_articles_are_found_and_ordered_by_when_they_came(tmp_path, clock):
    folder = tmp_path / "a"
    put(folder, article("old paper", day="2024-05-05"), article("older paper", day="2001-01-01"))
    first = datetime.fromtimestamp(clock.now, UTC)
    clock.now += 86_400 * 40
    put(folder, article("found late", day="1950-01-01"), article("undated late", day="2010"))
    put(folder, article("last paper", day="1900-01-01"))
    engine = EmbeddedEngine(folder)

    def titles(text: str = "", **options: object) -> list[str]:
        return [hit.title for hit in engine.search(Request(text=text, **options)).hits]

    assert set(titles(f"added:{first:%Y-%m-%d}")) == {"old paper", "older paper"}
    assert set(titles(f"added:{first:%Y-%m}..")) == set(titles())
    assert titles(f"paper -added:{first:%Y-%m-%d}") == ["last paper"]
    assert titles(f"late date:1950 added:{first:%Y-%m-%d}") == []
    assert titles("added:1999") == []
    newest = ["last paper", "undated late", "found late", "old paper", "older paper"]
    assert titles(sort="added") == newest
    paged, after = [], ""
    while True:
        answer = engine.search(Request(sort="added", size=2, after=after))
        paged += [hit.title for hit in answer.hits]
        after = answer.after
        if not after:
            break
    assert paged == newest
    with pytest.raises(Exception, match="cursor"):
        engine.search(
            Request(sort="newest", after=engine.search(Request(sort="added", size=2)).after)
        )
    engine.close()


def test_a_range_of_arrival_is_read_back(tmp_path):
    from search.query.canonical import canonical
    from search.query.parse import parse

    now = datetime(2024, 5, 6, tzinfo=UTC)
    parsed = parse("added:2024-05 storm", now=now, timezone="UTC")
    again = parse(canonical(parsed.node), now=now, timezone="UTC")
    assert again.node == parsed.node
    assert "added:2024-05" in canonical(parsed.node)
    assert not any(
        note.code == "disjoint-dates"
        for note in parse("added:2024 date:1950", now=now, timezone="UTC").notes
    )
