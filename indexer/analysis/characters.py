"""What each Unicode character is to the analyser: its class, and what it folds to.

Words are compared without case and accents, so every code point has a *class* (letter, digit,
mark to be passed over, a sign that may join words, or a separator) and a *fold*, the characters
it stands for in the term dictionary. Both are derived from the Unicode character database through
`unicodedata`; `character_tables` lays them out as flat arrays for the kernel.

Text is expected in composed form (NFC): a letter such as Cyrillic й keeps its breve, because to
its readers it is another letter, and only the composed form can be told apart from и.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

OTHER, LETTER, DIGIT, MARK, UNIGRAM, APOSTROPHE, PERIOD, COMMA, AMPERSAND, BREAK = range(10)
HYPHEN, PLUS, HASH = range(10, 13)
"""The classes. MARK is passed over inside a word, UNIGRAM is a word of its own (scripts written
without spaces), BREAK separates paragraphs in what the builder hands to the kernel."""

TABLE_SIZE = 0x32400
"""Code points with a row in the tables; above are no letters but only marks and separators."""

_SIGNS = {
    ord("'"): APOSTROPHE, 0x2019: APOSTROPHE, 0x2018: APOSTROPHE, 0x02BC: APOSTROPHE,
    0x02BB: APOSTROPHE, 0x02BE: APOSTROPHE, 0x02BF: APOSTROPHE, 0xFF07: APOSTROPHE,
    ord("."): PERIOD, ord(","): COMMA, ord("&"): AMPERSAND, 0x1E: BREAK,
    ord("-"): HYPHEN, 0x2010: HYPHEN, 0x2011: HYPHEN, 0xFE63: HYPHEN, 0xFF0D: HYPHEN,
    ord("+"): PLUS, 0xFF0B: PLUS, ord("#"): HASH, 0xFF03: HASH,
}  # fmt: skip

JOINERS = {
    APOSTROPHE: "'", PERIOD: ".", COMMA: ",", AMPERSAND: "&", HYPHEN: "-", PLUS: "+", HASH: "#",
}  # fmt: skip
"""What the signs that join the parts of a chunk become in it."""

UMLAUT, RING = '"', "`"
TWO_LETTERS = {
    "ä": "a" + UMLAUT, "ö": "o" + UMLAUT, "ü": "u" + UMLAUT, "ø": "o" + UMLAUT, "å": "a" + RING,
}  # fmt: skip
"""Letters that are also written as two (*Goering*, *Aarhus*), with the mark that chunks keep behind
what they fold to."""

_LETTERS = {
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i",
    "ŧ": "t", "ŋ": "n", "ĸ": "k", "ə": "e", "ς": "σ", "ـ": "",
    "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ۃ": "ه", "\u093c": "",
    "\u0901": "\u0902",
}  # fmt: skip
"""Letters without a decomposition that readers type without their stroke, and those of Arabic and
Hindi that keyboards and habits interchange."""

_WHOLE = {"й": "й", "ї": "ї", "ў": "ў", "ۀ": "ه"}
"""Letters whose mark makes another letter than their decomposition has: not taken apart."""

_MONGOLIAN = range(0x180B, 0x1810)
"""Mongolian variation selectors."""

_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007),
    (0x3021, 0x3029), (0x3038, 0x303B), (0x3041, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xF900, 0xFAFF), (0x1B000, 0x1B16F),
    (0x20000, 0x323AF),
)  # fmt: skip
"""Thai, Lao, Myanmar, Khmer, Han, kana, Bopomofo, Yi: each character is a word."""


@lru_cache(maxsize=1 << 16)
def classify(code: int) -> tuple[int, str]:
    """Return the class of a code point and what it folds to ("" for all but words' characters)."""
    sign = _SIGNS.get(code)
    if sign is not None:
        return sign, ""
    if 0x4E00 <= code <= 0x9FFF or 0x20000 <= code <= 0x2FA1D:
        folded = unicodedata.normalize("NFKC", chr(code)) if code > 0x2F7FF else chr(code)
        return UNIGRAM, folded
    if 0xAC00 <= code <= 0xD7A3:
        return LETTER, chr(code)
    char = chr(code)
    category = unicodedata.category(char)
    if category == "Cf":
        return (OTHER if code == 0x200B else MARK), ""  # the zero-width space ends a word
    if category in ("Nd", "No"):
        digit = unicodedata.digit(char, None)
        return (OTHER, "") if digit is None else (DIGIT, str(digit))
    if category[0] == "M":
        variation = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
        if category == "Me" or variation or unicodedata.combining(char) > 9 or code in _MONGOLIAN:
            return MARK, ""
    elif category[0] != "L" and category != "Nl":
        return OTHER, ""
    folded = _fold_letter(char)
    if not folded:
        return MARK, ""
    if folded.isdigit() or any(
        unicodedata.category(char)[0] not in "LM" and not char.isdigit() for char in folded
    ):
        return OTHER, ""
    unspaced = any(begin <= ord(folded[0]) <= last for begin, last in _UNSPACED)
    return (UNIGRAM if unspaced else LETTER), folded


def _fold_letter(char: str) -> str:
    out = []
    for lower in char.casefold():
        if lower in _WHOLE:
            out.append(_WHOLE[lower])
            continue
        for part in unicodedata.normalize("NFKD", lower).casefold():
            if unicodedata.combining(part) <= 9:
                out.append(_LETTERS.get(part, part))  # noqa: PERF401
    return "".join(out)


@lru_cache(maxsize=2)
def table_size(text: bytes) -> int:
    """Return a size of `character_tables` that suffices for UTF-8 text; told from its greatest
    byte, so that quotation marks and dashes do not take the tables of all scripts."""
    if text.isascii():
        return 128
    lead = int(np.frombuffer(text, np.uint8).max())
    if lead >= 0xF0:
        return TABLE_SIZE
    last = (lead & 0x0F) << 12 | 0xFFF if lead >= 0xE0 else (lead & 0x1F) << 6 | 0x3F
    return min(last + 1, TABLE_SIZE)


@cache
def character_tables(
    size: int = TABLE_SIZE, *, marked: bool = False
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return (classes, folds, pool) for the code points below `size`.

    classes: uint8[size]. folds: uint32[size], ``offset << 5 | length`` of the folded UTF-8 bytes
    in `pool`: uint8[]. With `marked`, `TWO_LETTERS` keep their marks. A table of 128 serves ASCII
    text and is made at once; the whole one takes about a tenth of a second. They are made once and
    shared: not to be written to.
    """
    classes = np.zeros(size, np.uint8)
    folds = np.zeros(size, np.uint32)
    pool = bytearray(b"\0")
    for code in range(size):
        if 0xD800 <= code <= 0xF8FF:
            continue
        kind, folded = classify.__wrapped__(code)
        classes[code] = kind
        folded = folded or JOINERS.get(kind, "")
        if marked:
            folded = TWO_LETTERS.get(chr(code).lower(), folded)
        if folded:
            encoded = folded.encode()
            folds[code] = len(pool) << 5 | len(encoded)
            pool += encoded
    return classes, folds, np.frombuffer(bytes(pool), np.uint8)
