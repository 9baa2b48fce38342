"""From text to words, the same way in articles and in queries.

`tokenise` first finds *chunks*: runs of letters or of digits, with the signs that join them
(``O'Brien``, ``U.S.``, ``AT&T``, ``1,000``); then `expand` turns the folded chunk into the words
that stand in the term dictionary. A chunk is all that the kernel in `analysis_kernel` finds in a
text, so `expand` runs once for each distinct chunk of a corpus and may be as careful as it likes.

What readers can expect: case and accents fold; hyphens separate (``anti-Daesh``), but the closed
spelling stands beside the words (``take-over`` is also ``takeover``), as ``goering`` stands beside
``Göring`` where umlauts are foreign; so does the border of letters and digits, which makes
``F-16``, ``F16`` and ``F 16`` the same two words and lets ``covid`` find ``COVID-19``; possessives
and English clitics are cut (``Daesh's``, ``she'll``); elided articles are words of their own
(``l'économie``), but where no article is elided the closed spelling stands beside them
(``D'Arcy`` is also ``Darcy``), and so does a Turkish name without its endings; other
apostrophes join (``O'Brien`` is ``OBrien``); initials join (``U.S.`` is ``US``, ``Ph.D.`` is
``PhD``); ``C++`` and ``C#`` are words; ``1,000`` is ``1000`` and ``3.5`` is
one number; characters of scripts written without spaces are one word each, found again as phrases;
Korean words are pairs of their syllables, so that a noun is found whatever particle it carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis.characters import JOINERS, MARK, RING, TWO_LETTERS, UMLAUT, classify
from indexer.analysis.languages import stem, term, terms_in, terms_of

__all__ = [
    "LENGTHS", "MAX_CHUNK", "PARAGRAPH_GAP", "PART_GAP", "Beside", "Token", "analysed",
    "beside", "cased", "chunks", "encode_length", "expand", "fold", "fold_value", "in_two_letters",
    "is_number", "stem", "term", "terms_of", "tokenise",
]  # fmt: skip

MAX_CHUNK = 64
"""Folded UTF-8 bytes kept of a chunk; what is longer is cut, in queries as in articles."""

PARAGRAPH_GAP = 8
"""Positions left free between paragraphs, so that phrases do not reach across."""

PART_GAP = 32
"""Positions left free between the parts of an article in the field ``text``."""


class Token(NamedTuple):
    """A folded word, and the code points [start, end) of the original that it stands for."""

    text: str
    start: int
    end: int


class _Classes(dict[int, str]):
    """Code point to a character that names its class, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = name = " LDMUAPC&BHTN"[classify(code)[0]]
        return name


class _Folds(dict[int, str]):
    """Code point to what it folds to in a chunk: signs to ASCII, `TWO_LETTERS` with their marks."""

    def __missing__(self, code: int) -> str:
        kind, folded = classify(code)
        self[code] = folded = TWO_LETTERS.get(chr(code).lower(), folded or JOINERS.get(kind, ""))
        return folded


_CLASSES = _Classes()
_FOLDS = _Folds()

_PIECE = "(?:LM*+){1,2}+(?!L)"
_INITIALS = f"{_PIECE}(?:P{_PIECE}){{1,15}}"
_NAME = "(?:LM*+){1,3}(?:&(?:LM*+){1,3}){1,3}(?!L)"
_CHUNK = (
    f"{_INITIALS}"  # U.S., Ph.D.
    f"|{_NAME}"  # AT&T
    f"|{_PIECE}(?:TT(?![LT])|N(?![LDN]))"  # C++, C#
    f"|L[LM]*(?:(?:A|H(?!{_INITIALS}|{_NAME}))L[LM]*){{0,7}}"  # word, O'Brien, take-over
    "|D[DM]*(?:[PC]D[DM]*){0,7}"  # 1,000.5
    "|UM*"
)

_ELISIONS = frozenset(
    "l d j m t s c n qu jusqu lorsqu puisqu quoiqu presqu quelqu "
    "dell all nell sull dall coll un gl quest quell sant bell degl agl negl".split()
)
_CLITICS = frozenset(("s", "ll", "re", "ve"))
_PRONOUNS = frozenset("i you he she it we they who that there what where how".split())
is_number = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?").fullmatch
"""Tells a chunk that is one number: its commas are left out."""


# Compiled when first used: such sets of characters take a millisecond each.
_HAS_BESIDE = f"[-'{UMLAUT}{RING}\uac00-\ud7a3]"
_HANGUL = "[\uac00-\ud7a3]+"
_HANGUL_OR_NOT = "[\uac00-\ud7a3]+|[^\uac00-\ud7a3]+"
_MARKS = str.maketrans("", "", UMLAUT + RING)
_TWO = str.maketrans({UMLAUT: "e", RING: "a"})
_OWN_UMLAUTS = frozenset("de sv fi et tr hu az sk is da no nb nn eu kk".split())
"""Languages that write the letters of `TWO_LETTERS` themselves (for German its stemmer equates
both spellings): there only what is written is found."""


@lru_cache(maxsize=1 << 16)
def expand(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """Return the words of a folded chunk, each with the first and last of the parts it covers.

    The parts of a chunk are what its joining signs separate, counted from 0.

    >>> expand("l'economie"), expand("o'brien's"), expand("12.05.2017")
    ((('l', 0, 0), ('economie', 1, 1)), (('obrien', 0, 1),), \
(('12', 0, 0), ('05', 1, 1), ('2017', 2, 2)))
    """
    if chunk.isascii() and chunk.isalnum():
        return ((chunk, 0, 0),)
    if UMLAUT in chunk or RING in chunk:
        return expand(chunk.translate(_MARKS))
    if "-" in chunk:
        pieces = chunk.split("-")
        if chunk.isascii() and all(map(str.isalnum, pieces)):
            return tuple(zip(pieces, count(), count()))
        return tuple(_expand_hyphens(pieces))
    if "'" in chunk:
        return _expand_apostrophes(chunk.split("'"))
    if "&" in chunk:
        return ((chunk, 0, chunk.count("&")),)
    if re.search(_HANGUL, chunk):
        return tuple([(word, 0, 0) for word in _syllables(chunk)])
    if chunk[0].isdigit():
        return _expand_number(chunk)
    if "." in chunk:
        # Initials are one word; two short words that lack a space (``is.He``) are none.
        parts = chunk.split(".")
        if min(map(len, parts)) == 1:
            return (("".join(parts), 0, len(parts) - 1),)
        return tuple(zip(parts, count(), count()))
    return ((chunk, 0, 0),)


def _expand_hyphens(pieces: list[str]) -> Iterator[tuple[str, int, int]]:
    before = 0
    for piece in pieces:
        for word, first, last in expand(piece):
            yield word, before + first, before + last
        before += 1 + piece.count("'")


def _syllables(chunk: str) -> Iterator[str]:
    """Yield the pairs of syllables of Korean words, and whole what is of other scripts."""
    for run in re.findall(_HANGUL_OR_NOT, chunk):
        if len(run) == 1 or not re.match(_HANGUL, run):
            yield run
        else:
            yield from (run[at : at + 2] for at in range(len(run) - 1))


_SUFFIXES_APART = frozenset(("tr", "az"))
"""Languages that write an apostrophe between a name and its endings: *Ankara'dan* is *Ankara*."""
_ELIDING = frozenset("fr it ca oc pt gl".split())
"""Languages whose articles lose a vowel; in others *D'Arcy* is a name, also written *Darcy*."""

Beside = tuple[str, str, int]
"""A word under which a chunk is found besides its own: the word, how it is written in the text, and
which of the chunk's words it stands beside."""


@lru_cache(maxsize=1 << 14)
def beside(chunk: str, language: str) -> tuple[Beside, ...]:
    """Return the words that stand beside those of a folded chunk of a text in a language.

    None of them has a term that a word of the chunk itself has.

    >>> beside("take-over", "en"), beside('go"ring', "en"), beside("take", "en")
    ((('takeover', 'take-over', 0),), (('goering', 'göring', 0),), ())
    """
    if not re.search(_HAS_BESIDE, chunk):
        return ()
    pieces = chunk.split("-")
    if chunk.isascii() and all(map(str.isalnum, pieces)):  # nearly all
        if len(pieces) > _MOST_JOINED or not all(map(str.isalpha, pieces)):
            return ()
        *own, closed = terms_in([*pieces, "".join(pieces)], language)
        return () if closed in own else (("".join(pieces), chunk, 0),)
    found: list[Beside] = []
    plain = chunk.translate(_MARKS)
    words = _words(plain)
    if "-" in plain:
        joined = [expand(piece)[-1][0] for piece in plain.split("-")]
        if len(joined) <= _MOST_JOINED and all(map(str.isalpha, joined)):
            found.append(("".join(joined), "-".join(joined), words.index(joined[0])))
    elif "'" in plain:
        head, _, tail = plain.partition("'")
        if language in _SUFFIXES_APART:
            found.append((expand(head)[0][0], head, 0))
        elif len(words) > 1 and language not in _ELIDING:
            found.append((head + tail.replace("'", ""), plain, 0))
    if plain != chunk and language not in _OWN_UMLAUTS:
        other, spelled = _words(chunk.translate(_TWO)), _words(_with_umlauts(chunk))
        if len(other) == len(spelled) == len(words):
            found += [
                (other[at], spelled[at], at) for at, word in enumerate(words) if other[at] != word
            ]
    if re.search(_HANGUL, plain):
        at = 0
        for run in re.findall(_HANGUL_OR_NOT, plain):
            if re.match(_HANGUL, run):
                if len(run) > 1:
                    found.append((run[0], run, at))
                at += max(len(run) - 1, 1)
            else:
                at += len(expand(run)) if run[0].isalnum() else 0
    if not found:
        return ()
    known = set(terms_in(words, language))
    terms = terms_in([word for word, _, _ in found], language)
    return tuple([one for one, its in zip(found, terms, strict=True) if its not in known])


def _words(chunk: str) -> list[str]:
    return [word for word, _, _ in expand(chunk)]


_MOST_JOINED = 3
"""Words of a hyphenated chunk that are found as one, at most."""


def _with_umlauts(chunk: str) -> str:
    for letter, folded in TWO_LETTERS.items():
        chunk = chunk.replace(folded, letter)
    return chunk


def in_two_letters(text: str) -> str:
    """Return a text with its umlauts written as two letters (*Goering*), as it is without any."""
    return text.translate(_SPELLED)


_SPELLED = str.maketrans(
    {
        form: folded.translate(_TWO)
        for letter, folded in TWO_LETTERS.items()
        for form in (letter, letter.upper())
    }
)


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
    if is_number(chunk):
        return ((chunk.replace(",", ""), 0, chunk.count(",") + chunk.count(".")),)
    parts = chunk.replace(",", ".").split(".")
    return tuple([(part, number, number) for number, part in enumerate(parts) if part])


def fold(text: str) -> str:
    """Return text with case and accents folded, signs that join words in their ASCII form, and
    what else is no part of a word left as it is."""
    if text.isascii():
        return text.lower()
    folds = [(classify(ord(char)), char) for char in text]
    return "".join(
        [folded or JOINERS.get(kind, char) for (kind, folded), char in folds if kind != MARK]
    )


def fold_value(text: str) -> str:
    """Return the key of a facet's value: folded, its quotation marks and dashes the plain ones, its
    white space collapsed."""
    return " ".join(fold(text).translate(_PLAIN_SIGNS).split())


_PLAIN_SIGNS = str.maketrans("“”„«»–—−‒―", '"' * 5 + "-" * 5)


def cased(text: str) -> str:
    """Return a word of a text with its accents folded and its capitals kept.

    >>> cased("U.S."), cased("Göring")
    ('US', 'Goring')
    """
    folded = [(classify(ord(char))[1], char) for char in text]
    return "".join([fold.upper() if char.isupper() else fold for fold, char in folded])


def tokenise(text: str) -> list[Token]:
    """Return the words of a text in order; see the module's description for the rules."""
    tokens: list[Token] = []
    for chunk, classes, start, end in chunks(text):
        if chunk.isascii() and chunk.isalnum():
            tokens.append(Token(chunk, start, end))
        else:
            tokens.extend(_located(expand(chunk), classes, start, end))
    return tokens


def analysed(text: str, language: str) -> Iterator[tuple[Token, tuple[tuple[str, str], ...]]]:
    """Yield the words of a text in a language, each with those that stand beside it, as
    (word, how it is written)."""
    for chunk, classes, start, end in chunks(text):
        further = beside(chunk, language)
        for place, token in enumerate(_located(expand(chunk), classes, start, end)):
            yield token, tuple([(word, form) for word, form, at in further if at == place])


def chunks(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield the folded chunks of a text, each with the classes of the text, a letter for a code
    point, and the code points [start, end) that it stands for."""
    classes = text.translate(_CLASSES)
    simple = text.isascii()
    folded = text.lower()
    at = 0
    search = re.compile(_CHUNK).search
    while match := search(classes, at):
        start, at = match.span()
        if (
            at - start > MAX_CHUNK // 4
            and "H" in match[0]
            and len(text[start:at].encode("utf-8", "replace")) > MAX_CHUNK
        ):
            at = classes.index("H", start)  # too long to be kept whole
        chunk = folded[start:at] if simple else text[start:at].translate(_FOLDS)
        if len(chunk) > MAX_CHUNK // 4:
            chunk = _cut(text[start:at])
        yield chunk, classes, start, at


def _located(
    words: tuple[tuple[str, int, int], ...], classes: str, start: int, end: int
) -> Iterator[Token]:
    """Yield the words of a chunk at [start, end), placed by the chunk's joining signs."""
    signs = [at for at in range(start, end) if classes[at] in "APC&H"]
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


LENGTHS = np.arange(256, dtype=np.float32)
"""float32[256]: the length, in words, that a length byte stands for: 0 to 40 exactly, then steps of
5%, up to 1.4 million."""
LENGTHS[41:] = np.round(40.0 * 1.05 ** np.arange(1, 216))
LENGTHS.setflags(write=False)

_BORDERS = (LENGTHS[1:].astype(np.float64) + LENGTHS[:-1]) / 2


def encode_length(lengths: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return the length bytes, uint8[n], nearest to these lengths."""
    return np.searchsorted(_BORDERS, np.asarray(lengths), side="right").astype(np.uint8)
