"""From sources to articles: each document read by the reader that is surest of it.

Everything streams: memory does not grow with the corpus. What cannot be read becomes a `Skip` and
never stops the rest.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePath
from typing import BinaryIO

from corpus.compose import completed
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.gate import admit
from corpus.core.wire import WrittenArticle, written
from corpus.readers import reader_of
from corpus.readers.foreign import foreign_binary
from corpus.readers.protocol import HEAD_BYTES, Skip, bounded_read
from corpus.reading_options import reading_options
from corpus.sources.streams import peeked
from corpus.sources.time_limit import limited
from corpus.sources.walk import Document, OnSkip, Unseen, system_reason, walk
from corpus.unwrap import MAX_CONTAINER_BYTES, Inside, unwrapper_of

_REPEATS_REMEMBERED = 200_000
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zstd")


def read(sources: Sequence[str | Path], on_skip: OnSkip) -> Iterator[Article]:
    """Yield every article of the sources in order; call `on_skip` for what cannot be read."""
    for document in walk(sources, on_skip):
        for item in read_document(document):
            if isinstance(item, Article):
                yield item
            else:
                on_skip(item)


def read_bytes(content: bytes, name: str) -> tuple[Article | None, str]:
    """Return the first article of a file's content, or None and why there is none.

    `name` is what the file is called, for its ending; archives are not opened.
    """
    reason = ""
    path = PurePath(name).name or "-"
    document = Document(path, path, "", (0, 0), lambda: io.BytesIO(content))
    for item in read_document(document):
        if isinstance(item, Article):
            return item, ""
        reason = reason or item.reason
    return None, reason


def read_document(document: Document) -> Iterator[Article | Skip]:
    """Yield the articles of one document in order, and a `Skip` for each that cannot be read."""
    for item in read_written(document):
        yield item if isinstance(item, Skip) else item.article()


def read_written(document: Document) -> Iterator[WrittenArticle | Skip]:
    """Yield what `read_document` does, articles as they are to be stored.

    Whatever goes wrong in a reader is a `Skip` too: over a million files written by others, one
    that a library chokes on must not stop the run.
    """
    position = 0
    try:
        for item in limited(_without_repeats(_items_of(document), document.path)):
            if isinstance(item, WrittenArticle):
                position = item.position
            yield item
    except UnreadableError as error:
        yield Skip(document.path, position and position + 1, str(error))
    except OSError as error:
        reason = f"it cannot be read: {system_reason(error)}"
        yield Unseen(document.path, position and position + 1, reason)
    except ImportError:
        raise  # a module that does not import is no fault of the document's
    except Exception as error:
        reason = f"its reader failed: {type(error).__name__}"
        yield Skip(document.path, position and position + 1, reason)


def _items_of(document: Document) -> Iterator[WrittenArticle | Skip]:
    """Yield what `read_written` does; whatever goes wrong is raised."""
    with closing(document.open()) as opened_stream:
        head, stream = peeked(opened_stream)
        if not head:
            yield Skip(document.path, 0, "it is empty")
            return
        items: Iterator[Article | WrittenArticle | Skip]
        if unwrapped := unwrapper_of(head):
            parts = unwrapped(bounded_read(stream, MAX_CONTAINER_BYTES))
            items = _unwrapped_items(parts, document.path)
        else:
            name = _without_ending(document.path)
            items = _items(head, stream, document.path, name, document.beside)
        of_folders = reading_options().folders_are_sections
        for item in items:
            if isinstance(item, Skip) or (isinstance(item, WrittenArticle) and not of_folders):
                yield item
            else:
                article = _article(item)
                if of_folders:  # which name the section
                    folder = PurePath(article.origin.path.replace("!", "/")).parent.name
                    article = completed(article, (("section", folder, "folder"),))
                yield from _admitted(article, document.path)


def _article(item: Article | WrittenArticle) -> Article:
    return item.article() if isinstance(item, WrittenArticle) else item


def _admitted(article: Article, path: str) -> Iterator[WrittenArticle | Skip]:
    """Yield an article as the gate lets it in, and a `Skip` for what of it was left out."""
    try:
        admitted, left_out = admit(article)
    except UnreadableError as error:
        yield Skip(path, article.origin.position, str(error))
        return
    if left_out:
        yield Skip(path, article.origin.position, left_out)
    yield written(admitted)


def _items(
    head: bytes, stream: BinaryIO, path: str, name: str,
    beside: Callable[[str], bytes] | None = None,
) -> Iterator[Article | WrittenArticle | Skip]:  # fmt: skip
    """Yield what the reader that is surest makes of a stream; `name` is where its ending is."""
    if foreign := foreign_binary(head):
        raise UnreadableError(foreign)
    reader = reader_of(head, name)
    if reader is None:
        raise UnreadableError("it is not text, and in no format that is known")
    empty = True
    origin = Origin(path, 1, reader.NAME)
    of_several = getattr(reader, "read_beside", None) if beside else None
    for item in of_several(stream, origin, beside) if of_several else reader.read(stream, origin):
        empty = False
        yield item
    if empty:
        yield Skip(path, 0, f"no article was found in it, read as {reader.NAME}")


def _unwrapped_items(parts: Iterator[Inside], path: str) -> Iterator[Article | Skip]:
    """Yield the articles of what an unwrapper found in a container, numbered all through it."""
    number = 0
    for part in parts:
        head, stream = part.content[:HEAD_BYTES], io.BytesIO(part.content)
        try:
            for item in _items(head, stream, path, PurePath(path).stem + part.ending):
                number += 1
                if isinstance(item, Skip):
                    yield Skip(path, number, item.reason)
                else:
                    article = _article(item)
                    origin = replace(article.origin, position=number)
                    yield completed(replace(article, origin=origin), part.known)
        except UnreadableError as error:
            number += 1
            yield Skip(path, number, str(error))


def _without_repeats(
    items: Iterator[WrittenArticle | Skip], path: str
) -> Iterator[WrittenArticle | Skip]:
    """Drop the articles that a document holds twice, word for word, under one id.

    One under the same id with other words goes on: it is a later version. The last 200,000 are
    remembered, so that memory stays flat.
    """
    seen: dict[str, tuple[int, int]] = {}
    for item in items:
        if isinstance(item, WrittenArticle):
            id_, content = item.id, hash(item.content)
            before = seen.get(id_)
            if before and before[0] == content:
                reason = f"it is the same article as number {before[1]} of this file"
                yield Skip(path, item.position, reason)
                continue
            if len(seen) >= _REPEATS_REMEMBERED:
                seen.clear()
            seen[id_] = (content, item.position)
        yield item


def _without_ending(path: str) -> str:
    """Return 'a.jsonl' for 'a.jsonl.gz': what the sniffers of formats should see."""
    while path.lower().endswith(_COMPRESSED):
        path = path[: path.rfind(".")]
    return path
