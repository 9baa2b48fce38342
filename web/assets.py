"""The site's own files: a style sheet, a script, an icon; held in memory.

An address carries a digest of the file, so that a browser may keep it for a year and still takes
up the next version at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request

_TYPES = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
}  # fmt: skip
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class _Asset:
    """A file: its media type, its digest, and its body."""

    mimetype: str
    digest: str
    body: bytes


class Assets:
    """The files of a folder, served below ``/static/``."""

    def __init__(self, folder: Path) -> None:
        self._assets: dict[str, _Asset] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in _TYPES:
                body = path.read_bytes()
                digest = hashlib.blake2b(body, digest_size=6).hexdigest()
                self._assets[path.name] = _Asset(_TYPES[path.suffix], digest, body)

    @property
    def version(self) -> str:
        """Return a digest of all files together."""
        together = "".join(asset.digest for asset in self._assets.values())
        return hashlib.blake2b(together.encode(), digest_size=6).hexdigest()

    def address(self, name: str) -> str:
        """Return the address of a file, below the site's root."""
        return f"/static/{name}?v={self._assets[name].digest}"

    def install(self, app: Flask) -> None:
        """Serve the files from an application."""

        @app.get("/static/<name>", endpoint="static")
        def serve(name: str) -> Response:
            asset = self._assets.get(name)
            if asset is None:
                abort(404)
            if request.if_none_match.contains_weak(asset.digest):
                response = Response(status=304)
            else:
                response = Response(asset.body, mimetype=asset.mimetype)
            response.set_etag(asset.digest, weak=True)
            response.vary.add("Accept-Encoding")
            fresh = request.args.get("v") == asset.digest
            response.headers["Cache-Control"] = (
                f"public, max-age={_YEAR}, immutable" if fresh else "no-cache"
            )
            return response
