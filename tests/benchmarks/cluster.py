"""Send Reuters-21578 to one node of OpenSearch, and beside it what its bulk helper reaches.

    python tests/benchmarks/cluster.py [--shared FOLDER] [--turns 3]

In turns, `broadsheet index` fills an archive on the node (the whole command: it reads the articles,
analyses them and looks for versions of a story), and `opensearchpy.helpers.streaming_bulk` sends
the documents that it stored, which cost nothing to make then, to an index of the same mapping.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.helpers import scan, streaming_bulk

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # beside this file lie modules that are named as packages

from search.opensearch.mapping import index_body  # noqa: E402
from search.opensearch.sending import BULK_BYTES, BULK_DOCUMENTS  # noqa: E402
from tests.cluster.nodes import Cluster  # noqa: E402


def indexed(url: str, source: Path) -> float:
    """Return the seconds that the command takes to make the archive anew."""
    command = [sys.executable, str(ROOT / "broadsheet.py"), "reindex", "--engine", "opensearch"]
    started = time.perf_counter()
    subprocess.run([*command, "--url", url, str(source)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def sent(client: OpenSearch, documents: list[dict[str, Any]]) -> float:
    """Return the seconds that the bulk helper takes to send the documents to a new index."""
    client.indices.delete(index="plain", ignore_unavailable=True)
    body = index_body(shards=1, replicas=0, meta={})
    body["settings"]["refresh_interval"] = "-1"
    client.indices.create(index="plain", body=body)
    started = time.perf_counter()
    for _ in streaming_bulk(
        client, documents, chunk_size=BULK_DOCUMENTS, max_chunk_bytes=BULK_BYTES
    ):
        pass
    client.indices.flush(index="plain")
    client.indices.refresh(index="plain")
    return time.perf_counter() - started


def main() -> None:
    """Measure in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    source = asked.shared / "corpora" / "reuters21578"
    with Cluster(size=1) as cluster:
        url = f"{cluster.url}/bench?shards=1&replicas=0"
        client = OpenSearch(cluster.url, timeout=120)
        ours, plain = [indexed(url, source)], []
        documents = [
            {"_op_type": "index", "_index": "plain", "_id": hit["_id"], "_source": hit["_source"]}
            for hit in scan(client, index="bench", size=500)
        ]
        for _ in range(asked.turns):
            plain.append(sent(client, documents))
            ours.append(indexed(url, source))
    count = len(documents)
    rates = [count / statistics.median(seconds) for seconds in (ours, plain)]
    print(f"{count} articles: broadsheet {rates[0]:.0f} a second, bulk helper {rates[1]:.0f}")
    print(f"share: {rates[0] / rates[1]:.2f}")


if __name__ == "__main__":
    main()
