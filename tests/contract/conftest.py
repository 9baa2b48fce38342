"""The cluster that both suites of the contract run on, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cluster.nodes import Cluster, cluster_or_skip


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with cluster_or_skip() as running:
        yield running
