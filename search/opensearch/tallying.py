"""Counting alone: totals, dates and periods of many requests in few round trips, and words.

In how many articles of two results each word is, is counted on a sample of each: a cluster does not
add up its postings for a set of articles. The sample are the articles whose ids come first: ids are
digests, so that these are articles of any time and source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from corpus.core.fields import NAMES, WEIGHTS
from corpus.core.stated_date import Precision, StatedDate
from indexer.analysis.analyser import analysed, term
from indexer.analysis.languages import stemmed_in
from search.answer import Tally
from search.comparison.keyness import WordCounts, tells
from search.opensearch import hits
from search.opensearch.connection import Connection, Plan, plan_of
from search.opensearch.mapping import Query, article_of, texts
from search.query.matching import loosened, mode_of
from search.request import Request, notes_on
from search.timeline import check_period, first_day

_BATCH = 100
_MOST_PERIODS = 50_000
"""Days, months or years of one request: a cluster makes 65,535 buckets."""

_COUNTED_BY = {"day": "day", "week": "day", "month": "month", "year": "year"}
_TAIL = {"day": "", "week": "", "month": "-01", "year": "-01-01"}


def tallies(
    connection: Connection, requests: Iterable[Request], period: str = ""
) -> Iterator[Tally | BadRequestError]:
    """Yield the tally of each request, or what is wrong with it."""
    check_period(period)
    archive = connection.archive()
    rest = iter(requests)
    while batch := list(islice(rest, _BATCH)):
        plans: list[Plan | BadRequestError] = []
        for request in batch:
            try:
                plans.append(plan_of(request, archive))
            except BadRequestError as error:
                plans.append(error)
        found = _counted(connection, plans, period)
        # Quoted words that no article has as written are taken in any form.
        again = [
            replace(plan, parsed=loose)
            if isinstance(plan, Plan) and isinstance(tally, Tally) and not tally.total
            and (loose := loosened(plan.parsed, partial(connection.occurs, plan))) is not None
            else tally
            for plan, tally in zip(plans, found, strict=True)
        ]  # fmt: skip
        if any(isinstance(one, Plan) for one in again):
            loosely = _counted(connection, again, period)
            found = [
                more if isinstance(more, Tally) and more.total else tally
                for more, tally in zip(loosely, found, strict=True)
            ]
        yield from found


def _counted(
    connection: Connection, plans: Sequence[Plan | Tally | BadRequestError], period: str
) -> list[Tally | BadRequestError]:
    """Return the tallies of all plans in one round trip; what is none is handed on."""
    aggregations: Query = {"known": hits.by_precision(hits.SPAN)}
    if period:
        terms = {"field": _COUNTED_BY[period], "size": _MOST_PERIODS, "order": {"_key": "asc"}}
        aggregations["periods"] = {"terms": terms}
    body: Query = {"size": 0, "track_total_hits": True, "aggs": aggregations}
    lines: list[Query] = []
    for plan in [plan for plan in plans if isinstance(plan, Plan)]:
        lines += [{"index": plan.indices}, body | {"query": plan.query(mode_of(plan.request))}]
    replies = iter(connection.client.msearch(body=lines)["responses"] if lines else ())
    return [
        _tally(plan, next(replies), period) if isinstance(plan, Plan) else plan for plan in plans
    ]


def _tally(plan: Plan, reply: Query, period: str) -> Tally | BadRequestError:
    if error := hits.refused(reply):
        return error
    known = reply["aggregations"]["known"]["buckets"]
    zone = ZoneInfo(plan.archive.timezone)
    ends: list[StatedDate | None] = []
    for name, choose in (("first", min), ("last", max)):
        instants = [
            (int(known[str(int(one))][name]["value"]), one)
            for one in sorted(Precision) if known[str(int(one))]["doc_count"]
        ]  # fmt: skip
        # The finest date of those that are the first, or the last, one.
        end = choose(instants, key=lambda pair: pair[0], default=None)
        ends.append(StatedDate.at(*end, zone) if end else None)
    total = int(reply["hits"]["total"]["value"])
    counts: dict[str, int] = {}
    if period:
        found = reply["aggregations"]["periods"]
        if found["sum_other_doc_count"]:
            return BadRequestError("This spans too many days: count by month or year.")
        for bucket in found["buckets"]:
            day = datetime.fromisoformat(bucket["key"] + _TAIL[period]).date()
            name = first_day(period, day).isoformat()
            counts[name] = counts.get(name, 0) + int(bucket["doc_count"])
    undated = total - sum(counts.values()) if period else 0
    notes = notes_on(plan.request, datetime.now(UTC), plan.archive.timezone)
    return Tally(
        total, ends[0], ends[1], tuple(counts.items()), undated, (*plan.parsed.notes, *notes)
    )


SAMPLE = 1_000  # articles of each result that are read


def word_counts(connection: Connection, first: Request, second: Request) -> WordCounts:
    """Return how many articles of each of two requests have each word, stop words left out."""
    counted: list[Counter[str]] = []
    totals, found = [], []
    forms: dict[str, str] = {}
    for request in (first, second):
        plan = connection.plan(request)
        body = {
            "size": SAMPLE, "query": plan.query(mode_of(request)), "sort": [{"id": "asc"}],
            "_source": ["article"], "track_total_hits": True,
        }  # fmt: skip
        reply = connection.ask(body, **plan.where)["hits"]
        counts: Counter[str] = Counter()
        for hit in reply["hits"]:
            own = _terms(article_of(hit["_source"]))
            counts.update(own.keys())
            forms = own | forms
        counted.append(counts)
        totals.append(len(reply["hits"]))
        found.append(int(reply["total"]["value"]))
    rows = tuple(
        (form, counted[0][key], counted[1][key]) for key, form in forms.items() if tells(form, key)
    )
    return WordCounts(rows, (totals[0], totals[1]), (found[0], found[1]))


def _terms(article: Article) -> dict[str, str]:
    """Return the terms of an article, each with a form of it."""
    own: dict[str, str] = {}
    for name in WEIGHTS:
        if name in NAMES and stemmed_in(article.language):
            continue
        for text in texts(article, name):
            for word, further in analysed(text, article.language):
                for one, form in ((word.text, word.text), *further):
                    own.setdefault(term(one, article.language), form)
    return own
