"""Turn the bytes of a page into text.

A byte-order mark decides; else text that is valid UTF-8 is UTF-8, whatever it declares; else the
encoding of the HTTP header, of the page's own `<meta>` or XML declaration, by the WHATWG meaning
of its label (https://encoding.spec.whatwg.org/#names-and-labels); else a detector's guess on a
sample. Undecodable bytes become U+FFFD; decoding never fails.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

__all__ = ["declared_charset", "decode", "is_text"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD_BYTES = 4096
_SAMPLE_BYTES = 32 * 1024
_DECLARED = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})"""
    rb"""|^\s{0,64}<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(rb"""<html[^>]{0,300}?\blang\s*=\s*["']?([a-z]{2})\b""", re.IGNORECASE)
_LEGACY = {
    "pl": "cp1250", "cs": "cp1250", "sk": "cp1250", "hu": "cp1250", "sl": "cp1250", "hr": "cp1250",
    "ro": "cp1250", "ru": "cp1251", "uk": "cp1251", "bg": "cp1251", "el": "cp1253", "tr": "cp1254",
    "he": "cp1255", "ar": "cp1256", "lv": "cp1257", "lt": "cp1257", "et": "cp1257", "th": "cp874",
}  # fmt: skip
"""What pages in a language were written in before UTF-8, where there was one such character set."""
_HIGH = bytes(range(0x80, 0x100))
_DENSE = 6
"""One byte in this many beyond ASCII is more than Latin script has."""
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_WHATWG = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-11": "cp874",
    "iso8859-9": "cp1254",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
_ALLOWED = re.compile(
    r"utf-(?:8|16|16-le|16-be|32|32-le|32-be)|cp\d{3,4}|iso8859-\d{1,2}|koi8-[ru]|mac-(?:roman|cyrillic)"
    r"|big5(?:hkscs)?|gb18030|gbk|gb2312|hz|euc_(?:jp|kr|jis_2004)|shift_jis(?:_2004|x0213)?"
    r"|iso2022_jp(?:_\w+)?|iso2022_kr|johab|tis-620|ascii"
)
"""Python's names of the encodings that pages are written in. Others (rot13, zlib, utf-7,
unicode_escape, …) are not character sets of the web and are never looked at."""


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
    for mark, name in _BOMS:
        if markup.startswith(mark):
            return markup[len(mark) :].decode(name, "replace")
    try:
        return markup.decode("utf-8")
    except UnicodeDecodeError as problem:
        first_bad = problem.start
    name = declared_charset(markup, content_type)
    if name and name != "utf-8":
        try:
            return markup.decode(name)
        except UnicodeDecodeError:
            pass
    as_utf8 = markup.decode("utf-8", "replace")
    bad = as_utf8.count("\ufffd")
    non_ascii = len(as_utf8) - len(as_utf8.encode("ascii", "ignore"))
    if bad * 10 < non_ascii:  # UTF-8 with a few broken characters, as cut-off pages have
        return as_utf8
    if name and name != "utf-8":
        return markup.decode(name, "replace")
    return markup.decode(_guess(markup, first_bad), "replace")


def _guess(markup: bytes, first_bad: int) -> str:
    """Return the likeliest codec of a page that declares none and is not UTF-8."""
    if found := _LANGUAGE.search(markup[:_HEAD_BYTES]):
        language = found.group(1).decode("ascii").lower()
        if language in _LEGACY:
            return _LEGACY[language]
    start = max(0, first_bad - _SAMPLE_BYTES // 4)
    sample = markup[start : start + _SAMPLE_BYTES]
    high = len(sample) - len(sample.translate(None, _HIGH))
    if high * _DENSE < len(sample):
        return "cp1252"  # Latin script with some accents: on so few the detector guesses wildly
    best = from_bytes(sample, steps=3).best()
    return (_codec(best.encoding) if best is not None else "") or "cp1252"


def declared_charset(markup: bytes, content_type: str = "") -> str:
    """Return the codec a page declares, or "": the HTTP header first, then its own head."""
    if found := _HEADER.search(content_type):
        return _codec(found.group(1))
    if own := _DECLARED.search(markup[:_HEAD_BYTES]):
        name = _codec((own.group(1) or own.group(2)).decode("ascii"))
        # A page whose ASCII says UTF-16 is not UTF-16: the declaration could not be read if it was.
        return "utf-8" if name.startswith(("utf-16", "utf-32")) else name
    return ""


def _codec(label: str) -> str:
    try:
        name = codecs.lookup(label.strip().lower()).name
    except LookupError:
        return ""
    if not _ALLOWED.fullmatch(name):
        return ""
    return _WHATWG.get(name, name)
