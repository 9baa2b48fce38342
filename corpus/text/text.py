"""Bytes to text, and text to clean text: what every reader does before anything else.

`decode` finds the character set; `clean` makes one line of text fit to be stored, shown and
matched: no control characters, no lone surrogates, no invisible characters that reorder or break
words, one space between words, Unicode normal form C.
"""

from __future__ import annotations

import codecs
import re
from unicodedata import is_normalized, normalize

from corpus.text.encodings import codec_name, detected, is_plausible, sample_of

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""The marks with which a text may begin, and the encoding that each tells."""

# Controls; soft hyphen, zero-width space, word joiner, byte order mark; embeddings, overrides and
# isolates of text direction; interlinear marks; non-characters. The zero-width joiners stay, since
# Persian, Indic scripts and emoji are spelt with them; so do the plain direction marks.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def decode(raw: bytes, declared: str = "") -> str:
    """Return the text of `raw`; never raises.

    A byte order mark decides; else UTF-16 when nearly every other byte of the start is zero; else
    UTF-8 when all of it, or nearly all, is valid; else the `declared` character set, when what
    comes of it is plausible, else what `corpus.text.encodings` detects: Windows-1252 for Latin
    script with a few accents, its undefined bytes kept as Latin-1.
    """
    for mark, name in BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(name, "replace")
    if b"\0" in raw[:64]:
        # Text with zeros in it is UTF-16, Western text in which has one in every other byte; the
        # few others (line ends, typographic quotes) do not change the count by much.
        evens, odds = raw[0:400:2], raw[1:400:2]
        if odds.count(0) * 2 > len(odds) and not evens.count(0):
            return raw.decode("utf-16-le", "replace")
        if evens.count(0) * 2 > len(evens) and not odds.count(0):
            return raw.decode("utf-16-be", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # A document cut in the middle of its last character is still UTF-8.
        if error.start >= len(raw) - 3 and error.reason == "unexpected end of data":
            return raw.decode("utf-8", "ignore")
    mostly = raw.decode("utf-8", "replace")
    broken = mostly.count("\ufffd")
    if len(_BEYOND_ASCII.findall(mostly)) > 2 * broken:
        return mostly  # a few broken bytes in what is UTF-8 otherwise
    name = codec_name(declared.strip("\"' "))
    if name in ("", "utf-8") or not is_plausible(sample_of(raw).decode(name, "replace")):
        name = detected(raw)
    if name != "cp1252":
        return raw.decode(name, "replace")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def clean(text: str) -> str:
    """Return `text` as one clean line."""
    # str.isprintable is false for every character that needs care and for every space but the
    # plain one. It and str.split take 1 ns a character where a regular expression takes 10.
    if not text.isprintable():
        text = " ".join(text.split())
        if not text.isprintable():
            if _SURROGATE.search(text):
                text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            text = " ".join(_INVISIBLE.sub("", text).split())
    elif "  " in text:
        text = " ".join(text.split())
    if not text.isascii() and not is_normalized("NFC", text):
        text = normalize("NFC", text)
    return text.strip()


def paragraphs(text: str) -> tuple[str, ...]:
    """Split running text into clean paragraphs: at blank lines, else at line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\n" not in text:
        line = clean(text)
        return (line,) if line else ()
    parts = _BLANK_LINE.split(text) if _BLANK_LINE.search(text) else text.split("\n")
    return tuple(line for part in parts if (line := clean(part)))
