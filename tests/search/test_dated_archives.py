"""Dates are found, counted and shown as they were stated, in archives of any time zone.

The oracle knows no instants: a date that is known to a day, a month or a year lies in a period when
its text does, wherever the archive is.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet import commands
from corpus.core.article import Article
from corpus.core.stated_date import Precision, StatedDate, end_of, floor, second_of
from indexer.store.snapshot import Leaf, Settings, Snapshot
from indexer.write.invert import build_segment
from search.embedded.engine import EmbeddedEngine
from search.request import Request

ZONES = (
    "UTC", "America/New_York", "America/Los_Angeles", "Asia/Tokyo", "Asia/Kathmandu",
    "Pacific/Auckland", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Kiritimati",
)  # fmt: skip
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FIRST = date(2015, 12, 20)

moments = st.datetimes(datetime(2015, 12, 20), datetime(2018, 1, 10))
dates = st.one_of(
    st.none(),
    st.tuples(moments, st.sampled_from((4, 7, 10, 19))).map(
        lambda pair: StatedDate(StatedDate.of(pair[0])[: pair[1]])
    ),
)
days = st.integers(0, 750).map(lambda number: FIRST + timedelta(days=number))


class Memory:
    """One snapshot, as an engine takes it."""

    def __init__(self, stated: list[StatedDate | None], zone: str) -> None:
        chosen = Settings(timezone=zone)
        articles = [
            Article(id=f"{number:016x}", title=f"Gull {number}", body=("A gull.",), published=one)
            for number, one in enumerate(stated, start=1)
        ]
        segment = build_segment(articles, settings=chosen)
        leaf = Leaf(segment, None, len(articles))
        self._snapshot = Snapshot(generation=1, leaves=(leaf,), settings=chosen)

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def refresh(self) -> bool:
        return False

    def close(self) -> None:
        pass


def found(engine: EmbeddedEngine, **asked: object) -> set[int]:
    answer = engine.search(Request(size=100, collapse=False, snippets=False, **asked))  # type: ignore[arg-type]
    assert answer.total == len(answer.hits)
    return {int(hit.id, 16) for hit in answer.hits}


def within(stated: list[StatedDate | None], first: str, last: str) -> set[int]:
    """Return the dates that lie in the periods from `first` to `last` as a whole, by their text."""
    inside = set()
    for number, one in enumerate(stated, start=1):
        if one is None:
            continue
        day = one[:10]
        least, most = (day, day) if len(day) == 10 else (f"{day}-01-01"[:10], f"{day}-12-31")
        if len(day) == 7:
            following = StatedDate(day).day.replace(day=28) + timedelta(days=4)
            least = f"{day}-01"
            most = (following - timedelta(days=following.day)).isoformat()
        ending = {4: "-12-31", 7: "-31", 10: ""}[len(last)]
        if least >= first.ljust(10, "-")[: len(least)] and most <= last + ending and least >= first:
            inside.add(number)
    return inside


@quick
@given(st.lists(dates, min_size=1, max_size=12), st.sampled_from(ZONES), days, days)
def test_a_range_finds_what_lies_in_it_as_a_whole(
    stated: list[StatedDate | None], zone: str, one: date, other: date
) -> None:
    first, last = sorted((one, other))
    with_engine = EmbeddedEngine(Memory(stated, zone))
    for since, until in (
        (f"{first}", f"{last}"), (f"{first}"[:7], f"{last}"[:7]), (f"{first}"[:4], f"{last}"[:4]),
        (f"{first}", f"{first}"), (f"{first}"[:7], f"{first}"[:7]),
    ):  # fmt: skip
        expected = within(stated, since, until)
        assert found(with_engine, since=since, until=until) == expected
        assert found(with_engine, text=f"gull date:{since}..{until}") == expected
        assert found(with_engine, text=f"date:{since}..{until}") == expected


@quick
@given(st.lists(dates, min_size=1, max_size=12), st.sampled_from(ZONES))
def test_each_is_counted_and_shown_as_it_is_known(
    stated: list[StatedDate | None], zone: str
) -> None:
    engine = EmbeddedEngine(Memory(stated, zone))
    answer = engine.search(
        Request(size=100, collapse=False, facets=("year", "month", "day"), facet_size=100)
    )
    counts = {f.name: {v.value: v.count for v in f.values} for f in answer.facets}
    for name, length in (("year", 4), ("month", 7), ("day", 10)):
        known = [one[:length] for one in stated if one is not None and len(one) >= length]
        assert counts[name] == Counter(known)
        for value, count in counts[name].items():
            assert len(found(engine, filters={name: (value,)}, facets=(name,))) == count
            assert len(found(engine, filters={name: (value,)}, facets=())) == count
    for hit in answer.hits:
        one = stated[int(hit.id, 16) - 1]
        if one is None or not one.has_time:
            assert hit.published == one
        else:
            assert hit.published is not None and hit.published.has_zone
            assert hit.published[:19] == one or ZoneInfo(zone).key != "UTC"
            assert hit.published.start(UTC) == one.start(ZoneInfo(zone))
    timeline = answer.timeline
    assert timeline is not None
    assert sum(bar.count for bar in timeline.bars) + timeline.undated == len(stated)
    for bar in timeline.bars:
        if bar.count and timeline.interval not in ("hour",):
            first = bar.start.date().isoformat()
            last = (bar.end - timedelta(hours=3)).date().isoformat()
            assert len(found(engine, since=first, until=last)) >= bar.count


@quick
@given(moments, st.sampled_from((4, 7, 10, 19)), st.sampled_from(ZONES))
def test_seconds_and_precision_give_the_date_back(moment: datetime, length: int, zone: str) -> None:
    place = ZoneInfo(zone)
    stated = StatedDate(StatedDate.of(moment)[:length])
    second = second_of(stated, place)
    again = StatedDate.at(second, stated.precision, place)
    if length < 19:
        assert again == stated
        assert floor(second, stated.precision, place) == second
        assert floor(end_of(stated, place) - 1, stated.precision, place) == second
    else:
        assert again.start(UTC).timestamp() == second


@pytest.mark.parametrize(
    "text",
    ["", "21", "2021-6", "2021-13", "2021-02-30", "2021-06-01T", "2021-06-01T07:30",
     "2021-06-01 07:30:00", "2021-06-01T07:30:00Z", "2021-06-01T07:30:00+5:00", "20210601",
     "2021-06-01T25:00:00", "june"],
)  # fmt: skip
def test_no_other_text_is_a_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        StatedDate(text)


def test_what_is_certainly_earlier() -> None:
    def before(one: str, other: str) -> bool:
        return StatedDate(one).before(StatedDate(other))

    assert before("2021-06-01", "2021-06-02")
    assert before("2021-06-01T07:00:00+00:00", "2021-06-01T07:00:00-05:00")
    assert not before("2021-06-01", "2021-06-01T07:00:00")
    assert not before("2021", "2021-06")
    assert before("2020", "2021-06")
    assert StatedDate("2021-06").precision is Precision.MONTH


def run(*words: object) -> str:
    result = CliRunner().invoke(commands, list(map(str, words)))
    assert result.exit_code == 0, result.output
    return result.output


def test_a_day_is_the_same_day_west_of_greenwich(tmp_path: Path) -> None:
    rows = [
        {"title": "A ferry sails", "body": "Of a day.", "date": "2019-03-01"},
        {"title": "A ferry waits", "body": "Of a month.", "date": "2019-03"},
        {"title": "A ferry sinks", "body": "Of a year.", "date": "2019"},
        {"title": "A ferry docks", "body": "By the clock.", "date": "2019-03-01T23:30:00"},
        {"title": "A ferry turns", "body": "In Tokyo.", "date": "2019-03-02T08:00:00+09:00"},
    ]
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    folder = tmp_path / "index"
    run("index", "--index", folder, "--timezone", "America/New_York", source)

    def titles(query: str) -> dict[str, str]:
        answer = json.loads(run("search", "--index", folder, query, "--json"))
        return {hit["title"].split()[-1]: hit["published"] for hit in answer["hits"]}

    assert titles("ferry date:2019-03-01") == {
        "sails": "2019-03-01",
        "docks": "2019-03-01T23:30:00-05:00",
        "turns": "2019-03-01T18:00:00-05:00",
    }
    assert titles("ferry date:2019-02") == {}
    assert set(titles("ferry date:2019-03")) == {"sails", "waits", "docks", "turns"}
    assert set(titles("ferry date:2019")) == {"sails", "waits", "sinks", "docks", "turns"}
    assert titles("ferry date:2018") == {}
    exported = [json.loads(line) for line in run("export", "--index", folder).splitlines()]
    assert sorted(one["published"] for one in exported) == sorted(row["date"] for row in rows)


def test_inspect_says_when_it_is_filed_and_what_is_known(tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text(json.dumps({"title": "A", "body": "B", "date": "2019-03-01"}) + "\n")
    shown = json.loads(run("inspect", "--json", "--timezone", "America/New_York", source))
    assert shown["published"] == "2019-03-01T00:00:00-05:00"
    assert shown["stated"] == {"published": "2019-03-01", "updated": None}
    again = tmp_path / "shown.jsonl"
    again.write_text(json.dumps(shown) + "\n")
    assert json.loads(run("inspect", "--json", again))["stated"] == shown["stated"]
