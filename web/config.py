"""What a site can be told: one frozen value, filled by `broadsheet serve` or by a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

_NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """The settings of a site; every default is right for one reader on one machine.

    `name` is the archive's name in titles and feeds. `hosts` are the host names that requests may
    ask for (a leading dot takes in subdomains), empty for any. `proxies` is the number of
    reverse proxies in front whose ``X-Forwarded-*`` headers are believed. `users` maps a name to
    a hashed password (see `web.security.access`), `users_file` is where they are from, and read
    again when it changes, `auth_header` names a header in which a proxy passes on
    whom it let in; with either of them nothing is readable without it. `cors` are the origins
    whose scripts may read the API, or ``("*",)``. `rate_limit` and `export_limit` are limits for
    one client in the notation of the package `limits`, "" for none; `max_exports` is how many
    exports are written at a time, so that slow readers of long files leave threads to the others.
    `shelf` is the folder in which what readers keep is stored, None where nothing is: with `users`
    or `auth_header` it is each person's own, otherwise there is one reader, and `shelf` belongs to
    a site that only this machine reaches.
    `log_queries` puts what was searched for into the log, `sitemap` lists every article to search
    engines. `max_values` bounds the values of one
    filter, `max_queries` the lines of a list that is counted at once, `max_depth` the rank of the
    last hit that can be paged to, and `max_body` the bytes of a request's body.
    `cache_bytes` bounds the rendered pages kept in memory, 0 for none.
    """

    name: str = "Broadsheet"
    hosts: tuple[str, ...] = ()
    proxies: int = 0
    users: Mapping[str, str] = field(default_factory=lambda: _NOBODY)
    users_file: Path | None = None
    auth_header: str = ""
    cors: tuple[str, ...] = ()
    rate_limit: str = "1200 per minute"
    export_limit: str = "60 per minute"
    max_exports: int = 4
    shelf: Path | None = None
    log_queries: bool = False
    sitemap: bool = False
    max_values: int = 20
    max_queries: int = 10_000
    max_depth: int = 10_000
    max_body: int = 1 << 20
    cache_bytes: int = 32 << 20
