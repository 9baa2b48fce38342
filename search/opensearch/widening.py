"""Whether articles with some of the words are shown as well: where few of the archive have all."""

from __future__ import annotations

from dataclasses import replace

from search.opensearch.connection import Connection, Plan
from search.opensearch.dsl import Mode
from search.query.matching import FEW, mode_of
from search.query.nodes import Node, Should


def modes(connection: Connection, plan: Plan) -> tuple[Mode, ...]:
    """Return how what is shown matches: the last mode finds all of it, one before it comes first.

    How many have all the words is asked of the text alone, without the request's filters.
    """
    request = plan.request
    first = mode_of(request)
    if request.match != "auto" or not _can_relax(plan.parsed.node):
        return (first,)
    bare = replace(request, filters={}, excluded={}, since="", until="")
    body = {"query": connection.plan(bare).query(first)}
    index = plan.archive.narrowed((None, None))
    few = int(connection.client.count(index=index, body=body)["count"]) < FEW
    return (first, "any") if few else (first,)


def _can_relax(node: Node) -> bool:
    """Say whether some of the words can be fewer than all of them."""
    return isinstance(node, Should) and len(node.parts) > 1
