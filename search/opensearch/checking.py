"""Whether a cluster's archive is whole: its indices, and every stored article against its document.

What a shard holds is the cluster's to verify; this checks what Broadsheet put there: that each
index of the description is there and answers whole, and that each article can be read, lies where
it belongs, and has the fingerprint it was stored with.
"""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Iterator
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.helpers import scan

from corpus.core.errors import BroadsheetError
from corpus.core.wire import article_json
from indexer.care.check import Problem, Report
from indexer.update.assumed_language import as_read
from indexer.update.reading import fingerprint
from search.opensearch.archive import ClusterArchive, index_for, settings_of
from search.opensearch.client import ClusterAddress
from search.opensearch.mapping import article_of

SHOWN = 1_000  # problems that are reported; more of them tell nothing new


def check_cluster(client: OpenSearch, address: ClusterAddress) -> Report:
    """Check an archive; raises IndexBrokenError when there is none."""
    archive = settings_of(client, address)
    gone = [index for index in archive.indices if not client.indices.exists(index=index)]
    problems = [
        Problem(index, "the index is gone: restore a snapshot, or reindex") for index in gone
    ]
    present = ",".join(sorted(set(archive.indices) - set(gone)))
    if not present:
        return Report(generation=archive.generation, problems=tuple(problems))
    for shard in client.cat.shards(index=present, params={"format": "json"}):
        if shard["prirep"] == "p" and shard["state"] != "STARTED":
            what = f"shard {shard['shard']} has no node: start the nodes that are missing"
            problems.append(Problem(shard["index"], what))
    if not problems:
        for problem in _articles(client, archive, present):
            problems.append(problem)
            if len(problems) >= SHOWN:
                break
    stats = client.indices.stats(index=present, metric="store")
    return Report(
        generation=archive.generation,
        articles=int(client.count(index=present)["count"]),
        files=len(archive.indices),
        nbytes=stats["_all"]["total"]["store"]["size_in_bytes"],
        problems=tuple(problems),
    )


def _articles(client: OpenSearch, archive: ClusterArchive, present: str) -> Iterator[Problem]:
    query = {"query": {"match_all": {}}, "_source": ["article", "fingerprint"]}
    base = f"{archive.name}-{archive.rebuild:05d}"
    for hit in scan(client, query=query, index=present, size=500):
        what = _wrong(hit, base, archive)
        if what:
            yield Problem(hit["_index"], f"article {hit['_id']} {what}: reindex its source")


def _wrong(hit: dict[str, Any], base: str, archive: ClusterArchive) -> str:
    try:
        article = article_of(hit["_source"])
    except (BroadsheetError, binascii.Error, zlib.error, KeyError, TypeError, ValueError):
        return "cannot be read"
    if article.id != hit["_id"]:
        return f"is stored under another id than its own, {article.id}"
    if f"{fingerprint(as_read(article_json(article))):016x}" != hit["_source"].get("fingerprint"):
        return "is not as it was stored"
    place = index_for(base, archive.rollover, article.published, archive.timezone)
    return "" if place == hit["_index"] else f"belongs into {place}"
