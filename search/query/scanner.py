"""The scanner of the query language: from a place in the text to the next token.

It knows nothing of precedence or meaning; it settles what depends on characters alone: where a
word ends, what is quoted or escaped, which punctuation is a mark (``-word``, ``!word``) or an
operator (``|``, ``||``, ``&&``) and which is nothing (a lone ``-``, a bracket, a comma). Each call
looks at a piece of text once and moves on, so the whole is linear.

An escaped character is replaced at once by one that has no meaning in the grammar (in a plane of
private use) and put back when a token's text is taken, so that nothing later has to know of
escapes; a filler keeps the positions of all others.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple
from unicodedata import normalize

from search.query.limits import MAX_LENGTH

QUOTES = '"“”„‟«»「」『』'
"""Each opens and closes: readers paste whatever their word processor made of them."""

_SHIELD = 0xF0000
_FILLER = chr(_SHIELD)
_UNUSABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\ufeff\ud800-\udfff\U000f0000-\U000fffff]"
)
_WIDE = str.maketrans("－−﹣‐‑＂＊｜（）！", '-----"*|()!')
"""Signs as keyboards of other scripts and word processors write them."""
_ESCAPE = re.compile(r"\\([\s\S])")
_SHIELDED = re.compile("[\U000f0000-\U000fffff]")

_GAP = re.compile(r"[\s,;—–…\[\]{}]+")
_RUN_PATTERN = rf"(?:[^\s,;—–…(){QUOTES}\[\]{{}}|&]|(?<=\d),(?=\d)|&(?!&))+"
_RUN = re.compile(_RUN_PATTERN)
_NAME_OR_RUN = re.compile(rf"([^\W\d]{{1,32}}):(?!//)|{_RUN_PATTERN}")
_VALUE = re.compile(rf"[^\s(){QUOTES}\[\]{{}}|]+")
_MARKS = re.compile(r"[-+!]+(?![-+!\s,;—–…)\[\]{}|]|\Z)")
NEAR = re.compile(
    r"(?:(?:AROUND|O?NEAR)\s?\((?:n=)?\d{1,3}\)|NEAR|ADJ"
    r"|(?i:near|adj|onear|pre|within|w|n|p)/(?i:\d{1,3}|s|p|sent|para)|(?i:near|adj|pre)\d{1,3}"
    r"|/(?i:\d{1,3}|s|p))(?![^\s()])"
)
_SIGNS = re.compile(r"\|\|?|&&")
SPACED_NAME = re.compile(
    r"(?:[^\W\d_]{1,3} & [^\W\d_]|[^\W\d_] & [^\W\d_]{1,3})(?![^\s,;.!?)])"  # AT & T
    r"|[^\W\d_]\.(?: [^\W\d_]\.){1,3}(?![^\s,;!?)])"  # J. K.
)
_QUOTED = re.compile(rf"([^{QUOTES}]*)([{QUOTES}]?)")
_QUOTE_IN_QUOTES = re.compile(rf'"((?:[^{QUOTES}]|[“„«「『][^{QUOTES}]*[”“»」』])*+)(")')
_SUFFIX = re.compile(r"(\*)?(?:~(\d{0,9})(?:\.\d{0,9})?)?(?:\^(\d{0,9}(?:\.\d{0,9})?))?", re.ASCII)
_RANGE = re.compile(r"[\[{][^\[\]{}()\"]{0,160}[\]}]")


class Kind(IntEnum):
    """What a token is."""

    AND = 1
    OR = 2
    NOT = 3
    PLUS = 4
    OPEN = 5
    CLOSE = 6
    NAME = 7
    RUN = 8
    QUOTED = 9
    RANGE = 10
    NEAR = 11


_OPERATORS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT, "ANDNOT": Kind.NOT}


class SyntaxToken(NamedTuple):
    """A token at [start, end) of the text.

    `text` is a run, what stands between quotes, a range with its brackets, a name before a colon,
    or an operator of nearness as it is written. `star`, `slop` and `boost` follow a closing quote
    or parenthesis, None where absent. `closed` is False for a quote that has no end.
    """

    kind: Kind
    start: int
    end: int
    text: str = ""
    star: str | None = None
    slop: str | None = None
    boost: str | None = None
    closed: bool = True

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands."""
        return self.start, self.end

    @property
    def head(self) -> tuple[int, int]:
        """Where its first character stands."""
        return self.start, self.start + 1


def _shield(found: re.Match[str]) -> str:
    code = ord(found[1])
    return _FILLER + (chr(_SHIELD + code) if code < 0x10000 else found[1])


def clean(text: str) -> str:
    """Return the text without what no query can hold, and escapes shielded; places stay."""
    text = _UNUSABLE.sub(" ", text[:MAX_LENGTH])
    if not text.isascii():
        text = text.translate(_WIDE)
    if "\\" in text:
        text = _ESCAPE.sub(_shield, text).replace("\\", " ")
    return text


def unshield(text: str) -> str:
    """Return a token's text, composed, with its escaped characters as they were meant."""
    if text.isascii():
        return text
    text = _SHIELDED.sub(lambda found: chr(ord(found[0]) - _SHIELD).strip("\0"), text)
    return normalize("NFC", text)


def _quoted(text: str, at: int) -> SyntaxToken:
    found = _QUOTE_IN_QUOTES.match(text, at) or _QUOTED.match(text, at + 1)
    assert found is not None  # matches anywhere
    if not found[2]:
        return SyntaxToken(Kind.QUOTED, at, len(text), found[1], closed=False)
    suffix = _SUFFIX.match(text, found.end())
    assert suffix is not None  # matches anywhere
    return SyntaxToken(Kind.QUOTED, at, suffix.end(), found[1], suffix[1], suffix[2], suffix[3])


def _named_or_run(text: str, at: int) -> SyntaxToken:
    if text[at] in "NAnaoOpPwW/" and (near := NEAR.match(text, at)):
        return SyntaxToken(Kind.NEAR, at, near.end(), near[0])
    if spaced := SPACED_NAME.match(text, at):
        return SyntaxToken(Kind.RUN, at, spaced.end(), spaced[0].replace(" ", ""))
    found = _NAME_OR_RUN.match(text, at)
    assert found is not None  # nothing else begins here
    if found[1]:
        return SyntaxToken(Kind.NAME, at, found.end(), found[1])
    return SyntaxToken(_OPERATORS.get(found[0], Kind.RUN), at, found.end(), found[0])


def next_token(text: str, at: int) -> SyntaxToken | None:
    """Return the first token at or after `at`, None at the end."""
    length = len(text)
    while at < length:
        char = text[at]
        if char.isalnum():
            return _named_or_run(text, at)
        if gap := _GAP.match(text, at):
            at = gap.end()
        elif char == "(":
            return SyntaxToken(Kind.OPEN, at, at + 1)
        elif char == ")":
            suffix = _SUFFIX.match(text, at + 1)
            assert suffix is not None  # matches anywhere
            return SyntaxToken(Kind.CLOSE, at, suffix.end(), boost=suffix[3])
        elif char in QUOTES:
            token = _quoted(text, at)
            if token.closed or not at or not text[at - 1].isalnum():
                return token
            at += 1  # inches, as in 6" pipes
        elif char in "+-!" and (marks := _MARKS.match(text, at)):
            kind = Kind.PLUS if marks[0].strip("+") == "" else Kind.NOT
            return SyntaxToken(kind, at, marks.end())
        elif char in "|&" and (sign := _SIGNS.match(text, at)):
            return SyntaxToken(Kind.AND if sign[0] == "&&" else Kind.OR, at, sign.end(), sign[0])
        else:
            return _named_or_run(text, at)
    return None


def value_token(text: str, at: int, *, spaced: bool, words: bool) -> SyntaxToken | None:
    """Return the value that follows a field's colon, None when there is none.

    Behind a colon, marks and operators mean themselves. With `spaced`, blanks may come before the
    value; with `words` it ends where a word does, else it may hold commas and dashes.
    """
    length = len(text)
    if spaced:
        while at < length and text[at].isspace():
            at += 1
    if at >= length or text[at].isspace() or text[at] in "),;":
        return None
    char = text[at]
    if char == "(" or char in QUOTES:
        return next_token(text, at)
    if char in "[{":
        found = _RANGE.match(text, at)
        return SyntaxToken(Kind.RANGE, at, found.end(), found[0]) if found else None
    run = (_RUN if words else _VALUE).match(text, at)
    if run is None:
        return None
    value = run[0].rstrip(",;") or run[0]
    return SyntaxToken(Kind.RUN, at, at + len(value), value)
