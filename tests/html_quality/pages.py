"""The development pages, split by site: four fifths to train on and try, one held back.

Two articles of one site share a template, so that a split by page would measure how well templates
are remembered. The held part is measured by the quality gate and by nothing else.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FOLDS = 5
HELD = 0
"""The fold that nothing is trained on or tried with."""

_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """One page with what its judges noted: `truth` is their JSON object."""

    corpus: str
    path: Path
    truth: dict[str, Any]
    site: str

    @property
    def url(self) -> str:
        """The address it was fetched from, "" when that was not kept."""
        url = str(self.truth.get("url") or "")
        return url if url.startswith("http") else ""

    @property
    def fold(self) -> int:
        """The fold of its site, 0 to `FOLDS` - 1."""
        return int(hashlib.sha256(f"pages{self.site}".encode()).hexdigest()[:8], 16) % FOLDS

    def markup(self) -> bytes:
        """Return the page as it was fetched."""
        return gzip.decompress(self.path.read_bytes())


def load(shared: Path, corpus: str) -> list[JudgedPage]:
    """Return the pages of `wcxb` or `news-pages-2` below the shared folder."""
    folder = shared / "corpora" / corpus
    found = []
    for line in (folder / "truth.jsonl").read_bytes().splitlines():
        truth = json.loads(line)
        site = _site(str(truth.get("url") or ""), truth["file"])
        found.append(JudgedPage(corpus, folder / "html" / truth["file"], truth, site))
    return found


def _site(url: str, file: str) -> str:
    """Return the registered domain of a page, from its address or else its file's name."""
    host = (urlsplit(url).hostname or "") if url.startswith("http") else file.split("-")[0]
    labels = (host or file).removeprefix("www.").split(".")
    many = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-many:])
