"""What every answer carries: the headers that keep a browser safe, and those that save its time.

Outgoing: a content security policy that allows nothing but the site's own files, entity tags,
compression. Incoming: an address that was answered for this generation already gets 304 before
anything is searched, and a page that was rendered a moment ago comes from memory.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from flask import Flask, Response, g, request
from werkzeug.http import parse_accept_header

from web.i18n.wording import language
from web.pagecache import ENCODINGS, CachedPage, compress
from web.site import Site

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_SAFETY = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

_CACHED = frozenset({
    "pages.home", "pages.results", "pages.facet", "pages.help_page", "articles.show",
    "articles.versions", "articles.related", "browse.index", "browse.values",
    "browse.calendar", "browse.year", "compare.show",
})  # fmt: skip
"""Endpoints whose pages are kept in memory."""

_TAGGED = _CACHED | {
    "feeds.atom", "feeds.json_feed", "feeds.export", "articles.cite", "api.search", "api.article",
    "api.related", "compare.as_csv", "api.versions", "api.facet", "api.complete",
}  # fmt: skip
"""Endpoints whose answer depends on nothing but the edition, the address and the language."""

_COMPRESSIBLE = ("text/", "application/json", "application/atom+xml", "application/feed+json",
                 "application/problem+json", "application/x-ndjson", "application/xml",
                 "application/opensearchdescription+xml", "image/svg+xml",
                 "application/x-research-info-systems", "application/javascript")  # fmt: skip
_SMALLEST = 600


def install(app: Flask, site: Site, version: str) -> None:
    """Add the handlers to an application; `version` changes with the site's own files."""

    @app.before_request
    def known_already() -> Response | None:
        g.page_key = None
        if request.method not in ("GET", "HEAD") or request.endpoint not in _TAGGED:
            return None
        if site.status().state not in ("ready", "degraded"):
            return None
        key = (*site.edition(), language(), request.script_root, request.host, request.full_path)
        g.page_key = key
        g.page_tag = hashlib.blake2b(repr((version, key)).encode(), digest_size=12).hexdigest()
        known = request.if_none_match
        # "*" asks whether there is anything, which only the view can tell.
        if not known.star_tag and known.contains_weak(g.page_tag):
            return _tagged(Response(status=304))
        kept = site.pages.get(key) if request.endpoint in _CACHED else None
        if kept is None:
            return None
        g.page_kept = True
        encoding = _encoding()
        response = Response(kept.body(encoding))
        for name, value in kept.headers:
            response.headers[name] = value
        if encoding:
            response.headers["Content-Encoding"] = encoding
        return _tagged(response)

    @app.after_request
    def finished(response: Response) -> Response:
        for name, value in _SAFETY.items():
            response.headers.add(name, value)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if g.get("page_kept") or response.status_code == 304:
            return response
        if g.get("page_key") is not None and response.status_code == 200:
            _tagged(response)
        elif "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return _compressed(response, site)

    def _tagged(response: Response) -> Response:
        response.set_etag(g.page_tag, weak=True)
        # Private: what one reader may see is not for a cache that others share.
        response.headers["Cache-Control"] = "private, no-cache"
        return _varying(response, "Accept-Encoding, Accept-Language, Cookie")


def _varying(response: Response, names: str) -> Response:
    """Say what an answer depends on besides its address; `Response.vary` takes ten times longer."""
    given = response.headers.get("Vary")
    response.headers["Vary"] = f"{given}, {names}" if given else names
    return response


def _encoding() -> str:
    """Return the best content coding that the client takes, "" for none."""
    return _best(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=256)
def _best(accepted: str) -> str:
    given = parse_accept_header(accepted)
    return next((each for each in ENCODINGS if given.quality(each) > 0), "")


def _compressed(response: Response, site: Site) -> Response:
    """Compress an answer that is worth it, and keep a page that may be asked for again."""
    if response.headers.get("Content-Encoding") or response.direct_passthrough:
        return response
    if not (response.mimetype or "").startswith(_COMPRESSIBLE):
        return response
    if "Accept-Encoding" not in response.headers.get("Vary", ""):
        _varying(response, "Accept-Encoding")
    encoding = _encoding()
    if response.is_streamed:
        # Only gzip is streamed: its compressor can be flushed after every batch.
        if encoding and request.accept_encodings.quality("gzip") > 0:
            response.response = _gzipped(response.response)
            response.headers["Content-Encoding"] = "gzip"
        return response
    body = response.get_data()
    keep = (
        g.get("page_key") is not None
        and response.status_code == 200
        and request.endpoint in _CACHED
        and request.method == "GET"
    )
    if len(body) >= _SMALLEST and encoding:
        packed = compress(body, encoding)
        response.set_data(packed)
        response.headers["Content-Encoding"] = encoding
    else:
        packed, encoding = body, ""
    if keep:
        kept = tuple(
            (name, value)
            for name, value in response.headers
            if name in ("Content-Type", "Link", "Content-Language")
        )
        site.pages.put(g.page_key, CachedPage({"": body, encoding: packed}, kept))
    return response


def _gzipped(chunks: Iterable[bytes | str]) -> Iterator[bytes]:
    """Compress a stream as it passes."""
    packer = zlib.compressobj(level=5, wbits=31)
    for chunk in chunks:
        packed = packer.compress(chunk.encode() if isinstance(chunk, str) else chunk)
        if packed:
            yield packed
    yield packer.flush()
