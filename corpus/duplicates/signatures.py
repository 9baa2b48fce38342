"""From articles to signatures: word shingles, the smallest of their hashes, and a sketch.

An article's text (lead and body, not its headline, which every outlet writes anew) is cut into
overlapping runs of five words, and each run is hashed. The six smallest hashes are its *keys*: of
two articles with much text in common, some are the same (Broder, "On the resemblance and
containment of documents", 1997). For the *sketch* the hashes are dealt into 62 bins and four bits
of the smallest one in each are kept, which estimates how much two texts share with one pass over
the hashes (Li, Owen and Zhang, "One Permutation Hashing", NIPS 2012). It ends with a Bloom filter
of 64 bits for the numbers in the text, each with the word after it: market reports of one pattern
differ in little else.

Five words are the shortest run that tells such reports apart. On Reuters-21578, of the pairs taken
for versions, 4.2% shared less than 0.6 of their text with runs of three words, 1.1% with four, 0.1%
with five; copies made with up to one word in 25 changed were found by 99.1, 98.6, 97.8 and, with
six, 97.1%; and from one length to the next half as many pairs had to be compared. A text of fewer
than `MIN_WORDS` words is a version only of one that is the same word by word, headline included:
dividend notices have a dozen words, most of which are in a hundred others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.core.article import Article
from corpus.duplicates import sketches

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]

SHINGLE: int = sketches.SHINGLE
"""Words a shingle."""

KEYS: int = sketches.KEYS
"""Keys an article: the smallest hashes of its shingles, 32 bits each, ascending."""

SKETCH_BYTES: int = sketches.SKETCH_BYTES
"""Bytes of a sketch: the number of shingles as a code, 62 bins of four bits, and the numbers."""

NUMBERS_AT: int = sketches.NUMBERS_AT
"""Where in a sketch the Bloom filter of the numbers begins."""

MIN_WORDS: int = sketches.MIN_WORDS
"""Words from which on parts of a text are compared; shorter ones must be equal."""

MIN_EXACT_WORDS: int = sketches.MIN_EXACT_WORDS
"""Words below which an article stands alone: many have a headline only, and it may recur."""

NO_KEY = np.uint32(0xFFFFFFFF)
"""Stands for no key: in signatures of short texts, and of those too short to have one."""

EXACT: int = sketches.EXACT
"""The size code of a text that is compared as a whole."""

SIZES = np.concatenate(([0.0], sketches.GROWTH ** np.arange(255.0)))
"""float64[256]: the number of shingles by size code, right to 2.3%, up to 69,000."""


class Signatures(NamedTuple):
    """Of n articles. keys: uint32[n, KEYS]; sketches: uint8[n, SKETCH_BYTES]."""

    keys: U32
    sketches: U8

    def __len__(self) -> int:
        return len(self.keys)


def no_signatures(n: int) -> Signatures:
    """Return n signatures of articles that stand alone."""
    return Signatures(np.full((n, KEYS), NO_KEY, np.uint32), np.zeros((n, SKETCH_BYTES), np.uint8))


def sign(articles: Sequence[Article]) -> Signatures:
    """Return the signatures of articles."""
    pieces = [
        part.encode("utf-8", "replace")
        for article in articles
        for part in (article.title, article.lead, "\n".join(article.body))
    ]
    ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
    borders = np.zeros((len(articles), 4), np.int64)
    borders[:, 1:] = ends.reshape(-1, 3)
    borders[1:, 0] = borders[:-1, 3]
    return sign_texts(b"".join(pieces), borders)


def sign_texts(text: bytes, borders: npt.NDArray[np.int64]) -> Signatures:
    """Return the signatures of n articles whose UTF-8 text lies in one buffer.

    borders: int64[n, 4], where each title begins and ends, and the lead and the body after it end.
    """
    signatures = no_signatures(len(borders))
    sketches.sign(np.frombuffer(text, np.uint8), borders, signatures.keys, signatures.sketches)
    return signatures
