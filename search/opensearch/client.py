"""The connection to a cluster: address, credentials, and errors in the user's words.

An archive's address is the addresses of some nodes and its name: ``https://a:9200,b:9200/courier``;
behind a question mark may stand what its indices are made with: ``?shards=3&rollover=year``.
Credentials never stand on a command line: they come from ``BROADSHEET_USER`` and
``BROADSHEET_PASSWORD``, or from a file named by ``BROADSHEET_CREDENTIALS`` that holds
``user:password``. TLS certificates are verified; ``BROADSHEET_CA`` names a private authority's.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
from opensearchpy import OpenSearch, Transport, exceptions
from opensearchpy.exceptions import OpenSearchException
from opensearchpy.serializer import JSONSerializer

from corpus.core.errors import BadRequestError, BroadsheetError, IndexBrokenError, UnavailableError

DEFAULT_NAME = "broadsheet"
TIMEOUT_SECONDS = 30
RETRIES = 3
BUSY = (429, 502, 503, 504)
"""States of an answer after which the same request may be answered."""
PAUSES = (0.1, 0.3, 0.9)
"""Seconds before a request is sent again that some parts of the archive did not answer."""


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Where an archive is: node addresses (scheme, host and port), its name, its options."""

    nodes: tuple[str, ...]
    name: str = DEFAULT_NAME
    options: tuple[tuple[str, str], ...] = ()


def parse_address(url: str) -> ClusterAddress:
    """Read ``https://a:9200,b:9200/name``; a node without a scheme takes that of the first.

    Raises BroadsheetError for an address that is none.
    """
    scheme, name, nodes = "https", "", []
    where, _, asked = url.strip().partition("?")
    for part in filter(None, (piece.strip() for piece in where.split(","))):
        split = urlsplit(part if "://" in part else f"{scheme}://{part}")
        if split.scheme not in ("http", "https") or not split.hostname or name:
            raise BroadsheetError(f"'{part}' is not an address: write https://host:9200/archive.")
        if split.username:
            raise BroadsheetError(
                "An address must not hold a password: set BROADSHEET_USER and BROADSHEET_PASSWORD."
            )
        scheme = split.scheme
        nodes.append(f"{scheme}://{split.netloc}")
        name = unquote(split.path).strip("/")
    name = name or DEFAULT_NAME
    if not nodes:
        raise BroadsheetError("The cluster's address is missing: give --url https://host:9200.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", name):
        raise BroadsheetError(
            f"'{name}' cannot name an archive: use small letters, digits, hyphens, underscores."
        )
    return ClusterAddress(tuple(nodes), name, tuple(parse_qsl(asked, keep_blank_values=True)))


def credentials() -> tuple[str, str] | None:
    """Return user and password from the environment or the file it names, or None.

    Raises BroadsheetError when the file cannot be read or holds something else.
    """
    named = os.environ.get("BROADSHEET_CREDENTIALS", "")
    if named:
        try:
            text = Path(named).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BroadsheetError(
                f"The credentials in {named} cannot be read: {error.strerror}."
            ) from error
        user, colon, password = text.partition(":")
        if not colon:
            raise BroadsheetError(f"{named} must hold one line, user:password.")
        return user, password
    user = os.environ.get("BROADSHEET_USER", "")
    return (user, os.environ.get("BROADSHEET_PASSWORD", "")) if user else None


class _Serializer(JSONSerializer):
    """JSON by orjson, in a tenth of the time."""

    def loads(self, s: str) -> Any:
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError as error:
            raise exceptions.SerializationError(s, error) from error

    def dumps(self, data: Any) -> str:
        if isinstance(data, str):
            return data
        try:
            return orjson.dumps(data).decode()
        except TypeError:  # lone surrogates, which a command line may hold
            return str(super().dumps(data))


def connect(address: ClusterAddress, **transport: Any) -> OpenSearch:
    """Return a client that spreads requests over the nodes and tries another when one is lost.

    What is sent to another machine is compressed: that costs more than it saves on this one.
    """
    hosts = {urlsplit(node).hostname for node in address.nodes}
    return OpenSearch(
        hosts=list(address.nodes),
        **transport,
        http_auth=credentials(),
        ca_certs=os.environ.get("BROADSHEET_CA") or None,
        verify_certs=True,
        http_compress=not hosts <= {"localhost", "127.0.0.1", "::1"},
        serializer=_Serializer(),
        timeout=TIMEOUT_SECONDS,
        max_retries=RETRIES,
        retry_on_timeout=True,
        retry_on_status=BUSY,
    )


_TOLD: tuple[tuple[Any, type[BroadsheetError], str], ...] = (
    (exceptions.SSLError, UnavailableError,
     "The certificate of {where} cannot be verified: name its authority in BROADSHEET_CA."),
    ((exceptions.ConnectionTimeout, exceptions.ConnectionError), UnavailableError,
     "The cluster of {where} does not answer: check --url and that its nodes run."),
    ((exceptions.AuthenticationException, exceptions.AuthorizationException), UnavailableError,
     "The cluster refuses access to {where}: check BROADSHEET_USER and BROADSHEET_PASSWORD."),
    (exceptions.NotFoundError, IndexBrokenError,
     "There is no archive {where}: run broadsheet index with --engine opensearch first."),
    (exceptions.RequestError, BadRequestError, "The cluster cannot answer this: {reason}."),
    (exceptions.TransportError, UnavailableError,
     "The cluster of {where} cannot answer now ({error.status_code}): {reason}."),
    (OpenSearchException, UnavailableError, "The cluster of {where} failed: {error}."),
)  # fmt: skip
"""The client's errors, the first that fits, and what is raised and said in place of each."""


@contextmanager
def translated(address: ClusterAddress) -> Iterator[None]:
    """Turn the client's errors into ours, with what to do next."""
    where = f"'{address.name}' on {', '.join(address.nodes)}"
    try:
        yield
    except OpenSearchException as error:
        kind, told = next((k, told) for known, k, told in _TOLD if isinstance(error, known))
        reason = _reason(error) if isinstance(error, exceptions.TransportError) else ""
        raise kind(told.format(where=where, reason=reason, error=error)) from error


def _reason(error: exceptions.TransportError) -> str:
    found = error.info if isinstance(error.info, dict) else {}
    cause = found.get("error", {})
    return (_root(cause) if isinstance(cause, dict) else str(cause)) or str(error.error)


def _root(cause: dict[str, Any]) -> str:
    """Return why a request was refused, in the words of the cluster."""
    roots = cause.get("root_cause") or [cause]
    return str(roots[0].get("reason") or cause.get("reason") or "")


class TellingTransport(Transport):
    """Sends requests to the cluster of an `address`; errors are in the user's words."""

    def __init__(self, *args: Any, cluster: ClusterAddress, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cluster = cluster

    def perform_request(self, *args: Any, **options: Any) -> Any:
        """Send a request, again after each of `PAUSES` while a node short of memory or of threads
        refuses it or the part of a shard.

        Raises BroadsheetError where the cluster does not answer it, or where what it counts and
        finds lacks the articles of a shard.
        """
        lacking = ""
        for pause in (0, *PAUSES):
            time.sleep(pause)
            with translated(self._cluster):
                try:
                    found = super().perform_request(*args, **options)
                except exceptions.TransportError as error:
                    if error.status_code not in BUSY or pause == PAUSES[-1]:
                        raise
                    continue
            replies = found.get("responses", (found,)) if isinstance(found, dict) else ()
            lacking = next(filter(None, map(_lacking, replies)), "")
            if not lacking:
                return found
        raise UnavailableError(
            f"{lacking}: try again, and see whether all nodes of the cluster run."
        )


def _lacking(reply: dict[str, Any]) -> str:
    """Say which share of the archive's parts a reply is of and why, or nothing for all."""
    if reply.get("status") in BUSY and "error" in reply:
        return f"No part of the archive answered ({_root(reply['error'])})"
    shards = reply.get("_shards", {}) if reply.keys() & {"hits", "count", "pit_id"} else {}
    if not shards or shards["successful"] == shards["total"]:
        return ""
    reasons = [_root(failure["reason"]) for failure in shards.get("failures", ())]
    why = f" ({reasons[0]})" if reasons else ""
    return f"Only {shards['successful']} of {shards['total']} parts of the archive answered{why}"
