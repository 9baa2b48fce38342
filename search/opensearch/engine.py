"""The cluster engine: the same requests and answers, over an OpenSearch archive.

A request becomes one multi-search: the page's hits, and (without hits) totals, facets and the span
of the dates; a second, small one counts the timeline between edges chosen for that span. Snippets,
titles and matches come from the stored articles by the same code as the embedded engine's.
"""

from __future__ import annotations

from search.opensearch import answers, browse, lookups, tallying
from search.opensearch.connection import Connection


class OpenSearchEngine(Connection):
    """Answers requests from a cluster; see `search.engine.Engine`."""

    search = answers.answer
    article = lookups.article
    related = lookups.related
    versions = lookups.versions
    neighbours = lookups.neighbours
    complete = browse.complete
    facet = browse.facet
    sparklines = browse.sparklines
    tallies = tallying.tallies
    word_counts = tallying.word_counts
    matches = lookups.matches
    scan = lookups.scan
    newcomers = lookups.newcomers
    status = browse.status
