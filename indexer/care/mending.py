"""A single flipped bit, found by trying each: the commonest damage to small things that matter.

Where a checksum covers a few thousand bytes, such as a table of contents, all flips of one bit can
be tried in a fraction of a second; the one that satisfies the checksum is the content as it was
written (two flips would satisfy 128 or 64 bits of checksum by chance once in 10^15 such searches).
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import xxhash

from corpus.core.errors import IndexBrokenError
from indexer.segment.columns import END, ArrayFile
from indexer.store.durable import inaccessible

MAX_MENDED_BYTES = 1 << 18
_HEAD_BYTES = 16


def mended(content: bytes, accepts: Callable[[bytes], bool]) -> bytes | None:
    """Return the content with the one bit flipped that makes it acceptable, or None."""
    if len(content) > MAX_MENDED_BYTES:
        return None
    tried = bytearray(content)
    for place in range(len(tried)):
        for bit in range(8):
            tried[place] ^= 1 << bit
            if accepts(bytes(tried)):
                return bytes(tried)
            tried[place] ^= 1 << bit
    return None


def mended_array_file(path: Path, arrays: Sequence[str] = ()) -> ArrayFile | None:
    """Open an array file whose table may have a flipped bit; None when it is none, or missing.

    Of one that is cut short, the arrays are there whose lines in the table are. Of those that are
    named, those of no more than MAX_MENDED_BYTES may have one each. The file
    is not changed: flips are tried in a private copy of its pages. Raises InaccessibleError.
    """
    try:
        with path.open("rb") as content:
            mapped = mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_COPY)
    except (FileNotFoundError, IsADirectoryError, ValueError):
        return None
    except OSError as error:
        raise inaccessible(path, error) from error
    view = memoryview(mapped)
    file = _opened(view, str(path))
    if file is not None:
        for name in arrays:
            _mend_array(file, name, view)
    return file


def _opened(view: memoryview, name: str) -> ArrayFile | None:
    with suppress(IndexBrokenError):
        return ArrayFile(view, name)
    size = len(view)
    end = int.from_bytes(view[-len(END) :]) ^ int.from_bytes(END)
    if end.bit_count() > 1:
        return ArrayFile.cut_short(view, name)
    # The table lies at the end; where exactly only the trailer says, and it may be what is wrong.
    ends = range(max(size - MAX_MENDED_BYTES // 4, 0), size)
    for place in (*range(min(_HEAD_BYTES, size)), *reversed(ends)):
        for bit in range(8):
            view[place] ^= 1 << bit
            try:
                return ArrayFile(view, name)
            except IndexBrokenError:
                view[place] ^= 1 << bit
    return None


def _mend_array(file: ArrayFile, name: str, view: memoryview) -> None:
    if name in file:
        row = file.row(name)
        content = bytes(view[row.place])
        if xxhash.xxh3_64_intdigest(content) != row.checksum:
            whole = mended(content, lambda one: xxhash.xxh3_64_intdigest(one) == row.checksum)
            if whole is not None:
                view[row.place] = whole
