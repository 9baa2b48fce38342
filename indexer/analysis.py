"""From text to words, the same way in articles and in queries.

`tokenise` first finds *chunks*: runs of letters or of digits, with the signs that join them
(``O'Brien``, ``U.S.``, ``AT&T``, ``1,000``); then `expand` turns the folded chunk into the words
that stand in the term dictionary. A chunk is all that the kernel in `analysis_kernel` finds in a
text, so `expand` runs once for each distinct chunk of a corpus and may be as careful as it likes.

What readers can expect: case and accents fold; hyphens separate (``anti-Daesh``); so does the
border of letters and digits, which makes ``F-16``, ``F16`` and ``F 16`` the same two words and
lets ``covid`` find ``COVID-19``; possessives and English clitics are cut (``Daesh's``, ``she'll``);
elided articles are words of their own (``l'économie``); other apostrophes join (``O'Brien`` is
``OBrien``); initials join (``U.S.`` is ``US``); ``1,000`` is ``1000`` and ``3.5`` is one number;
characters of scripts written without spaces are one word each, found again as phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from indexer.analysis_characters import JOINERS, MARK, classify
from indexer.languages import stem, stop_words, term, terms_of

__all__ = [
    "LENGTHS", "MAX_CHUNK", "PARAGRAPH_GAP", "PART_GAP", "Token", "encode_length", "expand",
    "fold", "fold_value", "stem", "stop_words", "term", "terms_of", "tokenise",
]  # fmt: skip

MAX_CHUNK = 64
"""Folded UTF-8 bytes kept of a chunk; what is longer is cut, in queries as in articles."""

PARAGRAPH_GAP = 8
"""Positions left free between paragraphs, so that phrases do not reach across."""

PART_GAP = 32
"""Positions left free between the parts of an article in the field ``text``."""


@dataclass(frozen=True, slots=True)
class Token:
    """A folded word, and the code points [start, end) of the original that it stands for."""

    text: str
    start: int
    end: int


class _Classes(dict[int, str]):
    """Code point to a character that names its class, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = name = " LDMUAPC&B"[classify(code)[0]]
        return name


class _Folds(dict[int, str]):
    """Code point to what it folds to; apostrophes, periods, commas and ampersands to ASCII."""

    def __missing__(self, code: int) -> str:
        kind, folded = classify(code)
        self[code] = folded = folded or JOINERS.get(kind, "")
        return folded


_CLASSES = _Classes()
_FOLDS = _Folds()

_CHUNK = re.compile(
    "LM*+(?:PLM*+){1,15}(?!L)"  # U.S.
    "|(?:LM*+){1,3}(?:&(?:LM*+){1,3}){1,3}(?!L)"  # AT&T
    "|L[LM]*(?:AL[LM]*){0,3}"  # word, O'Brien
    "|D[DM]*(?:[PC]D[DM]*){0,7}"  # 1,000.5
    "|UM*"
)

_ELISIONS = frozenset(
    "l d j m t s c n qu jusqu lorsqu puisqu quoiqu presqu quelqu "
    "dell all nell sull dall coll un gl quest quell sant bell degl agl negl".split()
)
_CLITICS = frozenset(("s", "ll", "re", "ve"))
_PRONOUNS = frozenset("i you he she it we they who that there what where how".split())
_NUMBER = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?")


@lru_cache(maxsize=1 << 16)
def expand(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """Return the words of a folded chunk, each with the first and last of the parts it covers.

    The parts of a chunk are what its joining signs separate, counted from 0.

    >>> expand("l'economie"), expand("o'brien's"), expand("12.05.2017")
    ((('l', 0, 0), ('economie', 1, 1)), (('obrien', 0, 1),), \
(('12', 0, 0), ('05', 1, 1), ('2017', 2, 2)))
    """
    if chunk.isalnum():
        return ((chunk, 0, 0),)
    if "'" in chunk:
        return _expand_apostrophes(chunk.split("'"))
    if "&" in chunk:
        return ((chunk, 0, chunk.count("&")),)
    if not chunk[0].isdigit():
        return ((chunk.replace(".", ""), 0, chunk.count(".")),)
    return _expand_number(chunk)


def _expand_apostrophes(parts: list[str]) -> tuple[tuple[str, int, int], ...]:
    last = len(parts) - 1
    tail = parts[last]
    if last and (
        tail in _CLITICS
        or (tail == "m" and parts[0] == "i")
        or (tail == "d" and parts[0] in _PRONOUNS)
    ):
        last -= 1
    first = 0
    words = []
    while first < last and parts[first] in _ELISIONS:
        words.append((parts[first], first, first))
        first += 1
    joined = "".join(parts[first : last + 1])
    if joined:
        words.append((joined, first, last))
    return tuple(words)


def _expand_number(chunk: str) -> tuple[tuple[str, int, int], ...]:
    parts = re.split("[.,]", chunk)
    if chunk.count(".") <= 1 and _NUMBER.fullmatch(chunk):
        return ((chunk.replace(",", ""), 0, len(parts) - 1),)
    return tuple((part, number, number) for number, part in enumerate(parts) if part)


def fold(text: str) -> str:
    """Return text with case and accents folded and what is no part of a word left as it is."""
    folds = [(classify(ord(char)), char) for char in text]
    return "".join([folded or char for (kind, folded), char in folds if kind != MARK])


def fold_value(text: str) -> str:
    """Return the key of a facet's value: folded, its white space collapsed."""
    return " ".join(fold(text).split())


def tokenise(text: str) -> list[Token]:
    """Return the words of a text in order; see the module's description for the rules."""
    classes = text.translate(_CLASSES)
    simple = text.isascii()
    folded = text.lower()
    tokens: list[Token] = []
    for match in _CHUNK.finditer(classes):
        start, end = match.span()
        chunk = folded[start:end] if simple else text[start:end].translate(_FOLDS)
        if len(chunk) > MAX_CHUNK // 4:
            chunk = _cut(text[start:end])
        if chunk.isalnum():
            tokens.append(Token(chunk, start, end))
        else:
            tokens.extend(_located(expand(chunk), classes, start, end))
    return tokens


def _located(
    words: tuple[tuple[str, int, int], ...], classes: str, start: int, end: int
) -> Iterator[Token]:
    """Yield the words of a chunk at [start, end), placed by the chunk's joining signs."""
    signs = [at for at in range(start, end) if classes[at] in "APC&"]
    starts = [start, *(at + 1 for at in signs)]
    ends = [*signs, end]
    for word, first, last in words:
        yield Token(word, starts[first], ends[last])


def _cut(source: str) -> str:
    """Fold a chunk and keep whole characters up to MAX_CHUNK bytes."""
    kept = []
    size = 0
    for char in source:
        folded = _FOLDS[ord(char)]
        size += len(folded.encode())
        if size > MAX_CHUNK:
            break
        kept.append(folded)
    return "".join(kept)


def _length_table() -> npt.NDArray[np.float32]:
    """Lengths 0 to 40 exactly, then steps of 5%: greatest 1.4 million words."""
    table = np.arange(256, dtype=np.float64)
    table[41:] = np.round(40.0 * 1.05 ** np.arange(1, 216))
    return table.astype(np.float32)


LENGTHS: npt.NDArray[np.float32] = _length_table()
"""float32[256]: the length, in words, that a length byte stands for."""
LENGTHS.setflags(write=False)

_BORDERS = (LENGTHS[1:].astype(np.float64) + LENGTHS[:-1]) / 2


def encode_length(lengths: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return the length bytes, uint8[n], nearest to these lengths."""
    return np.searchsorted(_BORDERS, np.asarray(lengths), side="right").astype(np.uint8)
