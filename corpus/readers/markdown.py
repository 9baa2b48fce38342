"""Markdown with front matter (YAML, TOML or JSON), as static sites and editors keep articles.

The front matter is a record, read by the same field names as JSON; the text below it loses its
marks. A file without front matter opens with its headline. Drafts are skipped.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import yaml

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import date_in_url
from corpus.readers.protocol import ENDING, LIKELY, NO, SURE, Skip, bounded_read
from corpus.records.records import article_of
from corpus.text.markdown import markdown_parts
from corpus.text.text import clean, decode

NAME = "markdown"

_ENDINGS = (".md", ".markdown", ".mdown", ".mdx", ".qmd")
_FRONT = re.compile(
    r"\A\ufeff?\s*(?:---[ \t]*\r?\n(?P<yaml>.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
    r"|\+\+\+[ \t]*\r?\n(?P<toml>.*?)\r?\n\+\+\+[ \t]*(?:\r?\n|\Z))",
    re.DOTALL,
)
_KEY = re.compile(r"\A\ufeff?\s*(?:---[ \t]*\r?\n\s*[\w\"'-]+\s*:|\+\+\+[ \t]*\r?\n\s*[\w-]+\s*=)")
_HEADING = re.compile(r"#{1,2}[ \t]+(?P<atx>[^\n]+)(?:\n|\Z)|(?P<setext>[^\n]+)\n=+[ \t]*(?:\n|\Z)")
_TITLES = frozenset(("title", "headline", "titel", "titre"))
_MAX_BYTES = 1024 * 1024
_MAX_FRONT = 64 * 1024


def sniff(head: bytes, path: str) -> float:
    """Tell front matter by its fence and first key; Markdown alone by its ending."""
    text = decode(head)
    named = path.lower().endswith(_ENDINGS)
    if _KEY.match(text):
        return SURE if named else LIKELY
    if not named:
        return NO
    return LIKELY if _HEADING.match(text.lstrip()) else ENDING


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article that the file is."""
    text = decode(bounded_read(stream, _MAX_BYTES))
    front, text = _front_matter(text)
    if front.get("draft") is True or front.get("published") is False:
        raise UnreadableError("it is a draft, not published")
    text = text.lstrip("\ufeff \t\r\n")
    heading = _HEADING.match(text)
    record = {name: value for name, value in front.items() if isinstance(name, str)}
    if heading:
        title = clean(heading["atx"] or heading["setext"]).rstrip("# ")
        if _TITLES.isdisjoint(map(str.lower, record)):
            record["title"] = title
        if title == clean(str(record.get("title", ""))):
            text = text[heading.end() :]
    record.pop("body", None)
    body, captions = markdown_parts(text)
    record["body"] = list(body)
    if captions:
        record.setdefault("captions", list(captions))
    article = article_of(record, origin)
    if article.published is None and (day := date_in_url(origin.path)):
        provenance = (*article.provenance, ("published", "file name"))
        article = replace(article, published=day, date_source="file", provenance=provenance)
    yield article


def _front_matter(text: str) -> tuple[dict[Any, Any], str]:
    """Return the front matter as a record, and the text below it."""
    found = _FRONT.match(text)
    if found is None:
        return _json_front_matter(text)
    raw = found["yaml"] if found["yaml"] is not None else found["toml"]
    if len(raw) > _MAX_FRONT:
        raise UnreadableError("its front matter is larger than 64 KiB")
    try:
        if found["yaml"] is not None:
            # The base loader makes neither objects nor numbers of what is written.
            parsed = yaml.load(raw, _Loader)  # nosec B506 # safe, less aliases
        else:
            parsed = tomllib.loads(raw.replace("\r\n", "\n"))
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f" in line {place.line + 2}" if place else ""
        raise UnreadableError(f"its front matter cannot be read{where}") from error
    return (parsed if isinstance(parsed, dict) else {}), text[found.end() :]


def _json_front_matter(text: str) -> tuple[dict[Any, Any], str]:
    start = text.lstrip("\ufeff \r\n")
    if start.startswith("{"):
        with suppress(ValueError, RecursionError):
            parsed, end = json.JSONDecoder().raw_decode(start)
            return parsed, start[end:]
    return {}, text


class _Loader(yaml.SafeLoader):
    """YAML without aliases, by which a few lines could stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed in front matter")
        return super().compose_node(parent, index)
