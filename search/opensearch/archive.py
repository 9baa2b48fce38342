"""How an archive lies on a cluster: its indices, and the one document that describes them.

``NAME-meta`` holds a single document: generation, time zone, languages, sources, rollover and the
indices that serve. It is written last, so that it is what makes a commit or a rebuild visible as a
whole; the alias ``NAME`` over the same indices is for other programs. An index is named
``NAME-00003`` (the third rebuild) or, with rollover, ``NAME-00003-2017`` by the period of the
articles in it, so that a search with dates asks only the indices that it needs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError

from corpus.core.errors import BadRequestError, BroadsheetError, IndexBrokenError
from corpus.core.stated_date import StatedDate
from corpus.text.languages import normal_code
from search.opensearch.client import ClusterAddress
from search.opensearch.mapping import VERSION

ROLLOVERS = ("none", "year", "month")
UNDATED = "undated"
_PERIOD = re.compile(r"-(\d{4})(?:-(\d{2}))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterArchive:
    """What the description of an archive says.

    `shards` to `language` are what its indices are made with, and can be asked for: `rollover` is
    "none", "year" or "month"; `timezone` is where days, months and years begin; `language` is what
    articles are taken to be in that do not tell theirs.
    """

    name: str
    generation: int = 0
    rebuild: int = 0
    shards: int = 1
    replicas: int = 1
    rollover: str = "none"
    timezone: str = "UTC"
    language: str = ""
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    committed: datetime | None = None

    def narrowed(self, bounds: tuple[int | None, int | None]) -> str:
        """Return the indices that hold articles of [start, end), joined for a request.

        Raises IndexBrokenError when the archive has no index at all.
        """
        if not self.indices:
            raise IndexBrokenError(f"The archive '{self.name}' is empty: run broadsheet index.")
        start, end = bounds
        if start is None and end is None:
            return ",".join(self.indices)
        kept = [index for index in self.indices if self._reaches(index, start, end)]
        return ",".join(kept or self.indices[:1])

    def _reaches(self, index: str, start: int | None, end: int | None) -> bool:
        """Say whether an index may hold articles of these dates; undated ones never have any."""
        if self.rollover == "none":
            return True
        found = _PERIOD.search(index)
        if found is None:
            return False
        year, month = int(found[1]), int(found[2] or 0)
        following = (year + 1, 1) if month in (0, 12) else (year, month + 1)
        zone = ZoneInfo(self.timezone)
        first = datetime(year, month or 1, 1, tzinfo=zone).timestamp()
        last = datetime(*following, 1, tzinfo=zone).timestamp() if year < 9999 else math.inf
        return (end is None or first < end) and (start is None or start < last)


def meta_index(name: str) -> str:
    """Return the name of the index that holds an archive's description."""
    return f"{name}-meta"


def index_for(base: str, rollover: str, published: StatedDate | None, timezone: str) -> str:
    """Return the index that an article belongs to."""
    if rollover == "none":
        return base
    if published is None:
        return f"{base}-{UNDATED}"
    local = published.start(ZoneInfo(timezone))
    month = f"-{local.month:02d}" if rollover == "month" else ""
    return f"{base}-{local.year:04d}{month}"


def settings_of(
    client: OpenSearch, address: ClusterAddress, *, any_version: bool = False
) -> ClusterArchive:
    """Read an archive's description.

    Raises IndexBrokenError when there is none, or one of another version unless `any_version` will
    do: stored articles can be read from each.
    """
    try:
        found: dict[str, Any] = client.get(index=meta_index(address.name), id="archive")["_source"]
    except NotFoundError as error:
        raise IndexBrokenError(
            f"There is no archive '{address.name}' on {', '.join(address.nodes)}: "
            "run broadsheet index SOURCE --engine opensearch --url URL."
        ) from error
    if found.get("version") != VERSION and not any_version:
        raise IndexBrokenError(
            f"The archive '{address.name}' was written by another version of Broadsheet "
            f"({found.get('version')}): rebuild it from what is stored in it with broadsheet "
            "reindex --engine opensearch --url URL --from-index URL."
        )
    found["committed"] = found.get("committed") and datetime.fromisoformat(found["committed"])
    known: dict[str, Any] = {
        field.name: tuple(value) if isinstance(value, list) else value
        for field in fields(ClusterArchive)
        if (value := found.get(field.name)) is not None
    }
    return ClusterArchive(**known | {"name": address.name})


def described(archive: ClusterArchive) -> dict[str, Any]:
    """Return the description of an archive as its document."""
    committed = archive.committed.isoformat() if archive.committed else None
    return asdict(archive) | {"version": VERSION, "committed": committed}


def with_options(archive: ClusterArchive, given: Sequence[tuple[str, str]]) -> ClusterArchive:
    """Return an archive with the options of an address; raises BroadsheetError for a wrong one."""
    asked: dict[str, str | int] = dict(given)
    for name, value in given:
        if name in ("shards", "replicas") and value.isdecimal():
            least = int(name == "shards")
            if not least <= int(value) <= 1024:
                raise BroadsheetError(f"{name}={value} is out of reach: use {least} to 1024.")
            asked[name] = int(value)
        elif name == "rollover":
            if value not in ROLLOVERS:
                known = ", ".join(ROLLOVERS)
                raise BadRequestError(f"There is no rollover '{value}': use {known}.")
        elif name == "timezone":
            try:
                ZoneInfo(value)
            except (KeyError, ValueError, OSError) as error:
                raise BroadsheetError(f"There is no time zone '{value}'.") from error
        elif name == "language":
            asked[name] = normal_code(value)
            if not asked[name]:
                raise BroadsheetError(f"'{value}' is no language here: use a code such as de.")
        else:
            raise BroadsheetError(
                f"'{name}={value}' is no option of a cluster: use shards, replicas, rollover, "
                "timezone, language."
            )
    return replace(archive, **asked)  # type: ignore[arg-type]
