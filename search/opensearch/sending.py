"""Bulk requests, sent by a thread in the order of their actions while the next ones are made."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from opensearchpy import OpenSearch
from opensearchpy.helpers import streaming_bulk

BULK_DOCUMENTS = 500
BULK_BYTES = 8 << 20
BULK_RETRIES = 8
BACKOFF_SECONDS = 1

_ANSWER = "errors,items.*._id,items.*.status,items.*.error"
_AHEAD = 2
"""Requests that are made and not yet answered, at most."""


class Refused(NamedTuple):
    """A document that the cluster did not take: its id, why, and its JSON, None for a deletion."""

    id: str
    reason: str
    source: str | None


class BulkSender:
    """Collects actions and sends them, many at a time; the latest for an id is the one that stays.

    What the client raises comes out of a later call of `add`, or of `wait`.
    """

    def __init__(self, client: OpenSearch) -> None:
        self._client = client
        self._dumps = client.transport.serializer.dumps
        self._thread = ThreadPoolExecutor(1)
        self._sent: deque[Future[list[Refused]]] = deque()
        self._actions: list[tuple[dict[str, Any], str | None]] = []
        self._size = 0
        self._refused: list[Refused] = []

    def add(
        self, operation: str, index: str, id_: str, source: Mapping[str, Any] | None = None
    ) -> None:
        """Send an action, now or with later ones: "index", "update" or "delete"."""
        text = None if source is None else self._dumps(source)
        self._actions.append(({operation: {"_index": index, "_id": id_}}, text))
        self._size += len(text or "")
        if len(self._actions) >= BULK_DOCUMENTS or self._size >= BULK_BYTES:
            self._send()

    def _send(self) -> None:
        actions, self._actions, self._size = self._actions, [], 0
        while len(self._sent) >= _AHEAD or (self._sent and self._sent[0].done()):
            self._refused += self._sent.popleft().result()
        self._sent.append(self._thread.submit(lambda: list(self._answers(actions))))

    def wait(self) -> None:
        """Send what is held, and wait until all is answered."""
        if self._actions:
            self._send()
        while self._sent:
            self._refused += self._sent.popleft().result()

    def refused(self) -> list[Refused]:
        """Return what was refused, as far as it is known by now, since this was last asked."""
        refused, self._refused = self._refused, []
        return refused

    def close(self) -> None:
        """Send no more; what is being sent is waited for."""
        self._thread.shutdown(cancel_futures=True)

    def _answers(self, actions: list[tuple[dict[str, Any], str | None]]) -> Iterator[Refused]:
        """Send actions and yield what is refused; a node that asks for patience is given it."""
        for good, reply in streaming_bulk(
            self._client, actions, chunk_size=BULK_DOCUMENTS, max_chunk_bytes=BULK_BYTES,
            expand_action_callback=tuple, max_retries=BULK_RETRIES, yield_ok=False,
            initial_backoff=BACKOFF_SECONDS, max_backoff=30, raise_on_error=False,
            filter_path=_ANSWER,
        ):  # fmt: skip
            ((operation, result),) = reply.items()
            if not good and not (operation == "delete" and result.get("status") == 404):
                cause = result.get("error", {})
                reason = cause.get("reason", cause) if isinstance(cause, dict) else cause
                texts = {head.get(operation, {}).get("_id"): text for head, text in actions}
                yield Refused(result["_id"], str(reason), texts[result["_id"]])
