"""Parts of a segment that are taken out of its file when they are first read.

A segment, text field or facet that is opened is a subclass of the class that `segment` describes,
with nothing in its slots: Python asks `__getattr__` for a slot that is empty, which loads the part
and fills the slot, so that later reads cost what reading a slot costs. Loading is mapping, for
arrays that are kept narrow widening, or making what follows from other parts; `forget` undoes it.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from indexer.segment.arrays import rows
from indexer.segment.columns import ArrayFile
from indexer.segment.segment import FacetColumn, Segment, TextField

Whole = TypeVar("Whole", Segment, TextField, FacetColumn)


class _Clock(threading.local):
    """Processor time that a thread spent on loading parts; one made of others counts once."""

    seconds = 0.0
    loading = False


_clock = _Clock()


def loading_seconds() -> float:
    """Return the seconds of processor time that this thread spent on loading parts, checksums
    included."""
    return _clock.seconds


class FileParts:
    """The parts of a segment, or with a prefix of a field or facet of it, as its file has them:
    nothing is verified (`validation` does that). `sizes` are those of its arrays; any thread may
    ask."""

    def __init__(self, file: ArrayFile, prefix: str, kind: type, sizes: Mapping[str, int]) -> None:
        self.file = file
        self.prefix = prefix
        self.rows = rows(kind)
        self.sizes = sizes

    def load(self, whole: Any, name: str) -> Any:
        """Return a part of `whole` and keep it there. Raises IndexBrokenError."""
        return kept(whole, name, lambda: self.read(whole, name))

    def read(self, whole: Any, name: str) -> Any:
        """Return a part, which may ask `whole` for others."""
        row, place = self.rows[name], self.prefix + name
        if row.derived is not None:
            return row.derived(whole)
        if row.is_group:
            given: dict[str, Any] = self.file.group(place, row.kind)
            if name == "stored":
                given |= {other: getattr(whole, other) for other in ("ids", "urls", "titles")}
                given["place"] = self.file.name
            return row.kind(**given)
        if row.later and place not in self.file:
            return row.empty(self.sizes)
        array = self.file[place]
        return array if row.adapted is None else row.adapted(array)


def _lazy(base: type[Whole]) -> type[Whole]:
    names = frozenset(field.name for field in dataclasses.fields(base))

    def load(self: Any, name: str) -> Any:
        if name not in names:
            raise AttributeError(name)
        return object.__getattribute__(self, "_parts").load(self, name)

    space = {"__slots__": ("_loaded", "_parts"), "__getattr__": load}
    return cast("type[Whole]", type(f"Lazy{base.__name__}", (base,), space))


LazyText = _lazy(TextField)
LazyFacet = _lazy(FacetColumn)
LazySegment = _lazy(Segment)


def made(kind: type[Whole], parts: FileParts, **given: Any) -> Whole:
    """Return a lazy one with the fields that are given; the others are loaded from `parts`."""
    whole = kind.__new__(kind)
    for name, value in {"_parts": parts, "_loaded": set(), **given}.items():
        object.__setattr__(whole, name, value)
    return whole


def kept(whole: Any, name: str, load: Callable[[], Any]) -> Any:
    """Return a part that is there, or load it and keep it: what `FileParts.load` does."""
    try:
        return object.__getattribute__(whole, name)
    except AttributeError:
        value = _timed(load)
        object.__getattribute__(whole, "_loaded").add(name)
        object.__setattr__(whole, name, value)
        return value


def _timed(load: Callable[[], Any]) -> Any:
    if _clock.loading:
        return load()
    _clock.loading = True
    started = time.thread_time()
    try:
        return load()
    finally:
        _clock.loading = False
        _clock.seconds += time.thread_time() - started


def with_columns(segment: Segment, **columns: Any) -> Segment:
    """Return a segment with other columns; what it has not loaded yet is not loaded."""
    if not hasattr(segment, "_parts"):
        return dataclasses.replace(segment, **columns)
    given = {name: getattr(segment, name) for name in ("name", "n_docs", "text", "facets")}
    parts = object.__getattribute__(segment, "_parts")
    return made(LazySegment, parts, **columns, **given)


def forget(segment: Segment) -> None:
    """Drop what was loaded of a segment, and give back the pages of its file.

    What is read again is loaded again; arrays that the caller holds stay valid. A pass over
    segments larger than the memory budget calls this as it goes. Does nothing to a segment that
    was made in memory.
    """
    parts: FileParts | None = getattr(segment, "_parts", None)
    if parts is not None:
        for whole in (segment, *segment.text.values(), *segment.facets.values()):
            loaded: set[str] = getattr(whole, "_loaded", set())
            while loaded:
                object.__delattr__(whole, loaded.pop())
        parts.file.release()
