"""Writing to a cluster: bulk requests with back-pressure, and a rebuild that is swapped in.

Articles go to the indices by period (`archive.index_for`). A rebuild fills new indices beside
those that serve, and one description, written last, makes them the archive: searches go on all the
while. An incremental session shows its articles at `commit` and, unlike the embedded engine's,
cannot take back what was sent before a failure: running it again completes it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, NotFoundError, OpenSearchException
from opensearchpy.helpers import scan

from corpus.core.article import Article
from corpus.core.errors import IndexBrokenError, IndexLockedError
from corpus.core.wire import article_json
from indexer.care.check import Report
from indexer.segment.idmap import IdMap, IdSet, to_numbers
from indexer.segment.stored import article_from
from indexer.store.store import arrival_after
from search.opensearch.archive import (
    ClusterArchive,
    described,
    index_for,
    meta_index,
    settings_of,
    with_options,
)
from search.opensearch.checking import check_cluster
from search.opensearch.client import ClusterAddress, connect, parse_address, translated
from search.opensearch.clustering import Clusters
from search.opensearch.mapping import article_of, document, index_body, properties
from search.opensearch.sending import BulkSender

LOCK_SECONDS = 60.0
"""A lock whose holder has not renewed it for so long is taken over."""


class OpenSearchStore:
    """A cluster's archive as a place to write to; see `indexer.store.store.Store`."""

    def __init__(self, url: str) -> None:
        self._address = parse_address(url)
        with_options(ClusterArchive(name=self._address.name), self._address.options)
        self._client = connect(self._address)

    def writer(self, *, rebuild: bool = False) -> ClusterWriter:
        """Begin a session; raises IndexLockedError, saying who holds the lock."""
        with translated(self._address):
            return ClusterWriter(self._client, self._address, rebuild=rebuild)

    def check(self, on_progress: Callable[[float], None] = lambda _: None) -> Report:
        with translated(self._address):
            return check_cluster(self._client, self._address)

    def articles(self) -> Iterator[tuple[str, Article, int]]:
        with translated(self._address):
            archive = settings_of(self._client, self._address, any_version=True)
            query = {"query": {"match_all": {}}, "_source": ["article", "root", "added"]}
            pattern = archive.narrowed((None, None))
            for hit in scan(self._client, query=query, index=pattern, size=500):
                source = hit["_source"]
                yield source["root"], article_of(source), int(source.get("added", 0))

    def sources(self) -> tuple[str, ...]:
        try:
            with translated(self._address):
                return settings_of(self._client, self._address, any_version=True).sources
        except IndexBrokenError:
            return ()


class ClusterWriter:
    """One session; `indexer.store.store.Writer` says what its methods promise."""

    def __init__(self, client: OpenSearch, address: ClusterAddress, *, rebuild: bool) -> None:
        self._client = client
        self._address = address
        self._lock = _Lock(client, address)
        try:
            self._old = self._current(any_version=rebuild)
            before = self._old or ClusterArchive(name=address.name)
            asked = with_options(before, address.options)
        except BaseException:
            self._lock.release()
            raise
        fresh = rebuild or self._old is None
        if fresh:
            made = replace(asked, languages=(), sources=(), indices=())
        else:  # how its indices are made holds from the next rebuild on
            made = replace(before, languages=(), shards=asked.shards, replicas=asked.replicas)
        self._archive = replace(
            made, generation=before.generation + 1, rebuild=before.rebuild + fresh, committed=None
        )
        self._fresh = fresh
        self._arrival = arrival_after(before.committed, time.time())
        self._base = f"{address.name}-{self._archive.rebuild:05d}"
        self._made: set[str] = set(self._archive.indices)
        if fresh:
            self._drop_orphans()
        elif self._made:  # it may have been made before a field was there
            client.indices.put_mapping(index=self._pattern(), body={"properties": properties()})
        self._roots: list[str] = list(self._archive.sources)
        self._where: dict[str, str] = {}
        self._clusters = Clusters(self._find)
        self._seen = IdSet()
        self._came = IdMap()  # as told
        self._stood = IdMap()  # what was met in the archive before this session, and when it came
        self._sent = IdMap()  # fingerprints of this session, 0 for what was removed or refused
        self._sender = BulkSender(client)
        self._changed = fresh
        self._unrefreshed = False
        self._searched = not fresh  # whether a search finds anything yet
        self._done = False

    def _current(self, *, any_version: bool) -> ClusterArchive | None:
        try:
            return settings_of(self._client, self._address, any_version=any_version)
        except IndexBrokenError:
            return None

    def _drop_orphans(self) -> None:
        """Remove what a rebuild that was killed left behind."""
        serving = set(self._old.indices) if self._old else set()
        listed = self._client.indices.get(index=f"{self._address.name}-0*", ignore_unavailable=True)
        for name in set(listed) - serving:
            self._client.indices.delete(index=name)

    def lookup(self, ids: Sequence[str]) -> Sequence[int]:
        numbers = to_numbers(ids)
        self._seen.add(numbers)
        sent, fingerprints = self._sent.get(numbers)
        found = dict(zip(ids, fingerprints.tolist(), strict=True))
        stood: dict[str, int] = {}
        with translated(self._address):
            asked = [one for one, there in zip(ids, sent, strict=True) if not there]
            # What stood in the archive before this session
            for hit in self._stored(asked, self._old.indices) if self._old else ():
                columns = hit["fields"]
                stood[hit["_id"]] = columns.get("added", [0])[0]
                if not self._fresh:
                    found[hit["_id"]] = int(columns["fingerprint"][0], 16)
                    if self._archive.rollover != "none":
                        self._where[hit["_id"]] = hit["_index"]
        self._stood.put(to_numbers(list(stood)), np.array(list(stood.values()), np.uint64))
        return [found[article_id] for article_id in ids]

    def came(self, id_: str, at: int) -> None:
        self._came.put(to_numbers([id_]), np.array([at], np.uint64))

    def _arrivals(self, ids: Sequence[str]) -> list[int]:
        """Return when articles came first: as the archive had them before this session, as `came`
        was told, or with this session."""
        numbers = to_numbers(ids)
        unknown = np.flatnonzero(~self._seen.has(numbers))
        if len(unknown):
            self.lookup([ids[place] for place in unknown.tolist()])
        stood, before = self._stood.get(numbers)
        told, at = self._came.get(numbers)
        came: list[int] = np.where(stood, before, np.where(told, at, self._arrival)).tolist()
        return came

    def _stored(self, ids: Sequence[str], indices: Sequence[str]) -> Iterator[dict[str, Any]]:
        for begin in range(0, len(ids), 1_000):
            body = {
                "size": 1_000,
                "query": {"ids": {"values": list(ids[begin : begin + 1_000])}},
                "_source": False,
                "docvalue_fields": ["fingerprint", "added"],
            }
            yield from self._client.search(index=",".join(indices), body=body)["hits"]["hits"]

    def _pattern(self) -> str:
        return ",".join(sorted(self._made))

    def _show(self) -> None:
        """Make what was put visible to searches."""
        if self._unrefreshed:
            self._sender.wait()
            self._client.indices.refresh(index=self._pattern())
            self._clusters.refreshed()
            self._unrefreshed = False
            self._searched = True

    def put(self, articles: Sequence[Article], fingerprints: Sequence[int], root: str) -> None:
        self.put_stored(list(map(article_json, articles)), fingerprints, root)

    def put_stored(self, stored: Sequence[bytes], fingerprints: Sequence[int], root: str) -> None:
        if not stored:
            return
        if root not in self._roots:
            self._roots.append(root)
        with translated(self._address):
            self._lock.renew()
            self._put(stored, fingerprints, root)

    @property
    def main_language(self) -> str:
        return self._archive.language

    def languages(self) -> Mapping[str, Mapping[str, int]]:
        spoken = {"languages": {"terms": {"field": "language", "size": 200}}}
        aggs = {
            "sources": {"terms": {"field": "source", "size": 10_000}, "aggs": spoken},
            "none": {"missing": {"field": "source"}, "aggs": spoken},
        }
        found = self._find({"size": 0, "aggs": aggs}).get("aggregations")
        if not found:
            return {}
        groups = [(bucket["key"], bucket) for bucket in found["sources"]["buckets"]]
        return {
            source: {one["key"]: one["doc_count"] for one in group["languages"]["buckets"]}
            for source, group in [*groups, ("", found["none"])]
        }

    def _put(self, stored: Sequence[bytes], fingerprints: Sequence[int], root: str) -> None:
        articles = list(map(article_from, stored))
        ids = [article.id for article in articles]
        came = self._arrivals(ids)
        self._sent.put(to_numbers(ids), np.array(fingerprints, np.uint64))
        rollover, timezone = self._archive.rollover, self._archive.timezone
        places = [index_for(self._base, rollover, one.published, timezone) for one in articles]
        for index in dict.fromkeys(places):
            self._make(index)
        if self._clusters.full:
            self._show()
        batch = self._clusters.find(articles, places)
        self._changed = self._unrefreshed = True
        for number, (article, index) in enumerate(zip(articles, places, strict=True)):
            old = self._where.get(article.id)
            if old not in (None, index):
                self._sender.add("delete", old, article.id)
            if rollover != "none":
                self._where[article.id] = index
            source = document(article, stored[number], timezone) | {
                "fingerprint": f"{fingerprints[number]:016x}",
                "added": came[number],
                "root": root,
            }
            if batch.clusters[number]:
                source["cluster"] = batch.clusters[number]
            if batch.keys[number]:
                source |= {"bands": batch.keys[number], "sketch": batch.sketches[number]}
            self._sender.add("index", index, article.id, source)
        for member in batch.joined:
            update = {"doc": {"cluster": member.cluster}}
            self._sender.add("update", member.index, member.id, update)

    def _find(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self._made or not self._searched:
            return {"hits": {"hits": []}}
        found: dict[str, Any] = self._client.search(index=self._pattern(), body=body)
        return found

    def _join(self, pattern: str) -> None:
        """Write into the documents of clusters that were joined to others where they belong."""
        for joined, into in self._clusters.aliases.items():
            self._client.update_by_query(
                index=pattern,
                body={
                    "query": {"term": {"cluster": f"{joined:016x}"}},
                    "script": {
                        "source": "ctx._source.cluster = params.into",
                        "params": {"into": f"{into:016x}"},
                    },
                },
                params={"conflicts": "proceed", "refresh": "true"},
            )

    def _make(self, index: str) -> None:
        if index in self._made:
            return
        body = index_body(
            shards=self._archive.shards,
            replicas=self._archive.replicas,
            meta={"broadsheet": self._address.name, "rebuild": self._archive.rebuild},
        )
        if self._fresh:
            body["settings"]["refresh_interval"] = "-1"
        self._client.indices.create(index=index, body=body)
        self._made.add(index)

    def rejected(self, *, wait: bool = False) -> Sequence[tuple[str, str, str]]:
        if wait:
            with translated(self._address):
                self._sender.wait()
        refused = self._sender.refused()
        self._sent.put(to_numbers([one.id for one in refused]))
        documents = [orjson.loads(one.source or "{}") for one in refused]
        paths = [article_of(one).origin.path if "article" in one else "" for one in documents]
        return [(one.id, path, one.reason) for one, path in zip(refused, paths, strict=True)]

    def remove(self, ids: Sequence[str]) -> int:
        if not self._made:
            return 0
        self._sent.put(to_numbers(ids))
        with translated(self._address):
            self._show()
            found = list(self._stored(ids, sorted(self._made)))
            for hit in found:
                self._sender.add("delete", hit["_index"], hit["_id"])
                self._changed = self._unrefreshed = True
        return len(found)

    def prune(self, roots: Sequence[str]) -> int:
        if not self._made:
            return 0
        removed = 0
        with translated(self._address):
            self._show()
            query = {"query": {"terms": {"root": list(roots)}}, "_source": False}
            hits = scan(self._client, query=query, index=self._pattern(), size=5_000)
            while ids := [hit["_id"] for hit in islice(hits, 5_000)]:
                unseen = ~self._seen.has(to_numbers(ids))
                removed += self.remove([ids[place] for place in np.flatnonzero(unseen)])
        return removed

    def commit(self) -> int:
        with translated(self._address):
            if not self._changed and self._old is not None:
                return self._old.generation
            if not self._made:
                self._make(index_for(self._base, self._archive.rollover, None, "UTC"))
            self._sender.wait()
            pattern = self._pattern()
            if self._fresh:
                settings = {"index": {"refresh_interval": "1s"}}
                self._client.indices.put_settings(index=pattern, body=settings)
            self._client.indices.flush(index=pattern)
            self._client.indices.refresh(index=pattern)
            self._join(pattern)
            self._archive = replace(
                self._archive,
                languages=self._languages(pattern),
                sources=tuple(self._roots),
                indices=tuple(sorted(self._made)),
                committed=max(datetime.now(UTC), datetime.fromtimestamp(self._arrival, UTC)),
            )
            self._swap()
            self._done = True
        return self._archive.generation

    def _languages(self, pattern: str) -> tuple[str, ...]:
        aggs = {
            "languages": {"terms": {"field": "language", "size": 200}},
            "unknown": {"missing": {"field": "language"}},
        }
        found = self._client.search(index=pattern, body={"size": 0, "aggs": aggs})["aggregations"]
        known = [bucket["key"] for bucket in found["languages"]["buckets"]]
        return (*known, *(("",) if found["unknown"]["doc_count"] or not known else ()))

    def _swap(self) -> None:
        """Make the new indices the archive; remove those that no longer are."""
        name = self._address.name
        old = set(self._old.indices) if self._old else set()
        new = set(self._archive.indices)
        actions: list[dict[str, Any]] = [
            {"add": {"index": index, "alias": name}} for index in sorted(new - old)
        ]
        actions += [{"remove": {"index": index, "alias": name}} for index in sorted(old - new)]
        if actions:
            self._client.indices.update_aliases(body={"actions": actions})
        self._client.index(
            index=meta_index(name), id="archive", body=described(self._archive), refresh=True
        )
        for index in sorted(old - new):
            self._client.indices.delete(index=index)

    def close(self) -> None:
        try:
            self._sender.close()
            with translated(self._address):
                if self._fresh and not self._done:
                    for index in sorted(self._made):
                        self._client.indices.delete(index=index)
        finally:
            self._lock.release()


class _Lock:
    """One writer at a time: a document that only one can create, renewed while it works."""

    def __init__(self, client: OpenSearch, address: ClusterAddress) -> None:
        self._client = client
        self._index = meta_index(address.name)
        self._renewed = 0.0
        self._holder = f"process {os.getpid()} on {socket.gethostname()}"
        client.indices.create(
            index=self._index,
            body={
                "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-2"},
                "mappings": {"dynamic": False},
            },
            params={"ignore": 400},
        )
        try:
            client.create(index=self._index, id="lock", body=self._body())
        except ConflictError:
            self._take_over(address)
        self._renewed = time.monotonic()

    def _body(self) -> dict[str, Any]:
        return {"holder": self._holder, "renewed": time.time()}

    def _take_over(self, address: ClusterAddress) -> None:
        """Take the lock of a holder that has gone; raises IndexLockedError when it has not."""
        try:
            found = self._client.get(index=self._index, id="lock")
            held = found["_source"]
            if time.time() - held["renewed"] > LOCK_SECONDS:
                self._client.index(
                    index=self._index,
                    id="lock",
                    body=self._body(),
                    params={
                        "if_seq_no": found["_seq_no"],
                        "if_primary_term": found["_primary_term"],
                    },
                )
                return
        except (ConflictError, NotFoundError) as error:
            raise IndexLockedError(f"Another writer has just taken '{address.name}'.") from error
        since = datetime.fromtimestamp(held["renewed"], UTC)
        raise IndexLockedError(
            f"'{address.name}' is being written by {held['holder']} (last heard {since:%H:%M:%S} "
            f"UTC): wait for it; a lock is free {LOCK_SECONDS:.0f} seconds after its holder died."
        )

    def renew(self) -> None:
        """Say that the holder lives, a few times a minute."""
        if time.monotonic() - self._renewed > LOCK_SECONDS / 4:
            self._client.index(index=self._index, id="lock", body=self._body())
            self._renewed = time.monotonic()

    def release(self) -> None:
        """Give the lock back; one that cannot be given back runs out by itself."""
        with suppress(OpenSearchException):
            self._client.delete(index=self._index, id="lock", params={"ignore": 404})
