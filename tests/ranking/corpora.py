"""Strategies: small archives in which words, values and dates collide, and trees over them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from corpus.core.article import Article
from corpus.core.stated_date import StatedDate
from search.query import nodes as q

WORDS = (
    "rate rates rated rating bank banks Bank oil anti-oil the of not price prices U.S. Côte wir "
    "Banken die der cocoa coffees 1987 B-52 état états"
).split()
TAGS = ("Côte d'Ivoire", "cote d'ivoire", "oil", "Oil Price", "US", "bank")
START = datetime(2016, 12, 31, 20, tzinfo=UTC)

words = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


def dated(hours: int, length: int) -> StatedDate:
    """Return a date that is known to its year, month or day, or to the second."""
    return StatedDate(StatedDate.of(START + timedelta(hours=hours))[:length])


@st.composite
def articles(draw: st.DrawFn, number: int) -> Article:
    hours = draw(st.none() | st.integers(0, 3000))
    return Article(
        id=f"{number:016x}",
        title=draw(words),
        lead=draw(words),
        body=tuple(draw(st.lists(words, max_size=3))),
        tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=3, unique=True))),
        topic=draw(st.sampled_from(("", "Oil price", "Rates"))),
        authors=tuple(
            draw(st.lists(st.sampled_from(("Cy", "Rates Bank")), max_size=2, unique=True))
        ),
        source=draw(st.sampled_from(("", "Post", "Bank Rates"))),
        language=draw(st.sampled_from(("en", "en", "en", "de", "fr", ""))),
        published=None if hours is None else dated(hours, draw(st.sampled_from((4, 7, 10, 25)))),
    )


@st.composite
def archives(draw: st.DrawFn) -> tuple[list[list[Article]], list[str]]:
    """Return groups of articles, one a segment, later ones replacing earlier; and those removed."""
    count = draw(st.integers(1, 9))
    groups = []
    for _ in range(draw(st.integers(1, 3))):
        numbers = draw(st.lists(st.integers(1, count), min_size=1, max_size=count, unique=True))
        groups.append([draw(articles(number)) for number in numbers])
    removed = draw(st.lists(st.integers(1, count), max_size=2, unique=True))
    return groups, [f"{number:016x}" for number in removed]


fields = st.sampled_from(("", "", "", "title", "lead", "body"))
word = st.sampled_from([*WORDS, "absent", "banking", "côtes"])
instants = st.none() | st.integers(0, 3000).map(
    lambda hours: int((START + timedelta(hours=hours)).timestamp())
)
leaves = st.one_of(
    st.builds(q.Word, word, fields, st.booleans()),
    st.builds(q.Word, word),
    st.builds(q.Word, word),
    st.builds(q.Phrase, st.lists(word, min_size=1, max_size=3).map(" ".join), fields,
              st.sampled_from((0, 0, 1, 4)), st.booleans()),
    st.builds(q.Cased, st.lists(word, min_size=1, max_size=2).map(" ".join)),
    st.builds(q.Prefix, st.sampled_from(("ra", "ban", "c", "pric", "rati")), fields),
    st.builds(q.Prefix, st.sampled_from(("oil", "co")), st.sampled_from(("tag", "topic"))),
    st.builds(q.Wildcard, st.sampled_from(("*a*", "b?nk*", "?il", "r*s", "cot?")), fields),
    st.builds(
        q.Fuzzy, st.sampled_from(("bakn", "rtae", "cocoo", "etat")), st.integers(1, 2), fields
    ),
    st.builds(q.Value, st.sampled_from([*TAGS, "none"]), st.just("tag")),
    st.builds(q.Value, st.sampled_from(("ana bo", "en", "post", "RATES")),
              st.sampled_from(("author", "lang", "source", "topic"))),
    st.builds(q.DateRange, instants, instants),
    st.just(q.Everything()),
    st.just(q.Nothing()),
)  # fmt: skip


def _parts(
    nodes: st.SearchStrategy[q.Node], least: int = 1
) -> st.SearchStrategy[tuple[q.Node, ...]]:
    return st.lists(nodes, min_size=least, max_size=4).map(tuple)


trees = st.recursive(
    leaves,
    lambda nodes: st.one_of(
        st.builds(q.And, _parts(nodes)),
        st.builds(q.Or, _parts(nodes)),
        st.builds(q.Should, _parts(nodes), _parts(nodes, 0), _parts(nodes, 0)),
        st.builds(q.Not, nodes),
        st.builds(q.Boost, nodes, st.sampled_from((0.5, 2.0, 3.25))),
    ),
    max_leaves=8,
)
