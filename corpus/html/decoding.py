"""Turn the bytes of a page into text.

A byte-order mark decides; else text that is valid UTF-8 is UTF-8, whatever it declares; else the
encoding of the HTTP header, of the page's own `<meta>` or XML declaration, when what comes of it is
plausible; else what `corpus.text.encodings` detects. Undecodable bytes become U+FFFD; decoding
never fails.
"""

from __future__ import annotations

import codecs
import re

from corpus.text.encodings import LEGACY, codec_name, detected, is_plausible, sample_of
from corpus.text.text import BOMS

_HEAD_BYTES = 4096
_DECLARED = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})"""
    rb"""|^\s{0,64}<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(rb"""<html[^>]{0,300}?\blang\s*=\s*["']?([a-z]{2})\b""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_BINARY = bytes({*range(0x20)} - {*b"\t\n\f\r\x1b"})
_LOOKED_AT = 16 * 1024


def is_text(raw: bytes) -> bool:
    """Tell text in any character set from pictures and from what is still compressed.

    One control character in two hundred is more than broken text has; what is compressed has
    twenty.
    """
    sample = raw[:_LOOKED_AT]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    odd = len(sample) - len(sample.translate(None, _BINARY))
    if odd * 200 <= len(sample):
        return True
    # UTF-16 without a mark: every other byte of Western text is zero.
    zeros, evens = sample.count(0), sample[::2].count(0)
    return zeros * 4 > len(sample) and not (evens and evens != zeros) and odd == zeros


def decode(markup: bytes, content_type: str = "") -> str:
    """Return the text of a page, without its byte-order mark."""
    for mark, name in BOMS:
        if markup.startswith(mark):
            return markup[len(mark) :].decode(name, "replace")
    try:
        return markup.decode("utf-8")
    except UnicodeDecodeError:
        pass
    name = declared_charset(markup, content_type)
    language = _declared_language(markup)
    if name == "cp1252" and language in LEGACY:
        # That encoding is the default of servers, and cannot write these languages.
        name = detected(markup, language)
    if name and name != "utf-8":
        try:
            text = markup.decode(name)
        except UnicodeDecodeError:
            pass
        else:
            found = "" if _is_plausible(markup, name) else detected(markup, language)
            return markup.decode(found, "replace") if found else text
    as_utf8 = markup.decode("utf-8", "replace")
    bad = as_utf8.count("\ufffd")
    non_ascii = len(as_utf8) - len(as_utf8.encode("ascii", "ignore"))
    if bad * 10 < non_ascii:  # UTF-8 with a few broken characters, as cut-off pages have
        return as_utf8
    if name and name != "utf-8" and _is_plausible(markup, name):
        text = markup.decode(name, "replace")
        if text.count("\ufffd") * 20 < non_ascii:
            return text
    return markup.decode(detected(markup, language), "replace")


def _is_plausible(markup: bytes, name: str) -> bool:
    return is_plausible(sample_of(markup).decode(name, "replace"))


def _declared_language(markup: bytes) -> str:
    found = _LANGUAGE.search(markup[:_HEAD_BYTES])
    return found.group(1).decode("ascii").lower() if found else ""


def declared_charset(markup: bytes, content_type: str = "") -> str:
    """Return the codec a page declares, or "": the HTTP header first, then its own head."""
    if found := _HEADER.search(content_type):
        return codec_name(found.group(1))
    if own := _DECLARED.search(markup[:_HEAD_BYTES]):
        name = codec_name((own.group(1) or own.group(2)).decode("ascii"))
        # A page whose ASCII says UTF-16 is not UTF-16: the declaration could not be read if it was.
        return "utf-8" if name.startswith(("utf-16", "utf-32")) else name
    return ""
