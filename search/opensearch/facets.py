"""Facets as aggregations: multi-select, exact, with publishers' spellings.

Each facet is counted under a filter of its own that leaves its own choices out. Shards report so
many values that nothing can be missed; where a cluster says that something could
(``doc_count_error_upper_bound``), the values are walked one by one instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS
from indexer.analysis.analyser import fold_value
from search.answer import Facet, FacetValue
from search.opensearch.mapping import Query
from search.request import Request

SHARD_VALUES = 20_000
"""Values that each shard reports at the most; beyond it the values are walked."""

WALK_PAGE = 5_000
PRECISE = 40_000
"""Distinct values that the cluster counts exactly; above it `Facet.distinct` is within 1%."""

DERIVED = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class Choices:
    """A request's chosen and excluded values as keys, by facet."""

    chosen: Mapping[str, tuple[str, ...]]
    excluded: Mapping[str, tuple[str, ...]]

    def filters(self, *, but: str = "") -> list[Query]:
        """Return the filters of all facets, those of one left out."""
        found: list[Query] = [
            {"terms": {name: list(keys)}} for name, keys in self.chosen.items() if name != but
        ]
        barred = [{"terms": {n: list(keys)}} for n, keys in self.excluded.items() if n != but]
        if barred:
            found.append({"bool": {"must_not": barred}})
        return found


def choices(request: Request) -> Choices:
    """Return the choices of a request; raises BadRequestError for a facet that there is none of."""
    for name in (*request.filters, *request.excluded, *request.facets):
        if name not in FACETS:
            raise BadRequestError(f"There is no facet '{name}': use one of {', '.join(FACETS)}.")

    def keys(values: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(dict.fromkeys(fold_value(value) for value in chosen))
            for name, chosen in values.items()
            if chosen
        }

    return Choices(keys(request.filters), keys(request.excluded))


def aggregation(
    name: str, picked: Choices, *, size: int, contains: str = "", by: str = "count"
) -> Query:
    """Return a facet's aggregation: its first values, the chosen ones, how many there are."""
    order = {"_key": "asc"} if by == "value" else [{"_count": "desc"}, {"_key": "asc"}]
    terms: Query = {
        "field": name, "size": size, "shard_size": max(size, SHARD_VALUES), "order": order,
        "show_term_doc_count_error": True,
    }  # fmt: skip
    pattern = f".*{_escaped(fold_value(contains))}.*"
    if contains:
        terms["include"] = pattern
    inner: Query = {"values": {"terms": terms}}
    if not contains:
        inner["distinct"] = {"cardinality": {"field": name, "precision_threshold": PRECISE}}
    marked = (*picked.chosen.get(name, ()), *picked.excluded.get(name, ()))
    if marked:
        inner["marked"] = {"filters": {"filters": {key: {"term": {name: key}} for key in marked}}}
    others = picked.filters(but=name)
    return {"filter": {"bool": {"filter": others}}, "aggs": inner}


def walk(search: Callable[[Query], Query], name: str, query: Query) -> list[tuple[str, int]]:
    """Return all values of a facet under a query with their counts, page by page."""
    found: list[tuple[str, int]] = []
    composite: Query = {"size": WALK_PAGE, "sources": [{"key": {"terms": {"field": name}}}]}
    while True:
        reply = search({"size": 0, "query": query, "aggs": {"all": {"composite": composite}}})
        page = reply["aggregations"]["all"]
        found += [(bucket["key"]["key"], bucket["doc_count"]) for bucket in page["buckets"]]
        if len(page["buckets"]) < WALK_PAGE:
            return found
        composite["after"] = page["after_key"]


def facet_of(
    name: str,
    found: Query,
    picked: Choices,
    *,
    size: int,
    offset: int = 0,
    spell: Callable[[str, Sequence[str]], Mapping[str, str]],
) -> Facet:
    """Return a facet of its aggregation's reply; `spell` gives publishers' spellings of keys."""
    counts = {bucket["key"]: bucket["doc_count"] for bucket in found["values"]["buckets"]}
    own = found.get("marked", {}).get("buckets", {})
    marked = {key: bucket["doc_count"] for key, bucket in own.items()}
    distinct = len(counts)
    if "distinct" in found and len(counts) >= size + offset:
        distinct = max(found["distinct"]["value"], len(counts))
    chosen = [key for key in marked if not offset]
    rest = [key for key in counts if key not in marked][offset : offset + size]
    keys = [*sorted(chosen, key=lambda key: (-marked[key], key)), *rest][: max(size, len(chosen))]
    spelt = spell(name, keys) if name not in DERIVED else {}
    values = tuple(
        FacetValue(
            spelt.get(key, key),
            marked.get(key, counts.get(key, 0)),
            key in picked.chosen.get(name, ()),
            key in picked.excluded.get(name, ()),
        )
        for key in keys
    )
    return Facet(name, values, distinct)


def facet_prefix(key: str) -> str:
    """Return the pattern of the keys that begin with this one, or have a word that does."""
    return f"(.* )?{_escaped(key)}.*"


def _escaped(text: str) -> str:
    return re.sub(r'([.?+*|{}\[\]()"\\#@&<>~^-])', r"\\\1", text)
