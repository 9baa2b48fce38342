"""Which single or double byte encoding a text is in, where UTF-8 it is not.

What a document declares is believed when it makes a plausible text: `is_plausible` knows the looks
of Cyrillic read as Latin-1 ('Ñåâåðíûé'), of KOI8 read as Windows ('уЕБЕТОЩК'), of Polish read as
Western ('pó³nocny'). Else `detected` asks the language, then charset-normalizer, on a sample.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

LEGACY = dict(
    pair.split(":")
    for pair in "pl:cp1250 cs:cp1250 sk:cp1250 hu:cp1250 sl:cp1250 hr:cp1250 ro:cp1250 ru:cp1251 "
    "uk:cp1251 bg:cp1251 el:cp1253 tr:cp1254 he:cp1255 ar:cp1256 lv:cp1257 lt:cp1257 et:cp1257 "
    "th:cp874".split()
)
"""What a language was written in before UTF-8, where there was one such character set."""

_LATIN = frozenset(
    "cp1250 cp1254 cp1257 cp437 cp850 cp858 cp775 cp852 mac-roman iso8859-2 iso8859-4 iso8859-10 "
    "iso8859-13 iso8859-14 iso8859-15 iso8859-16".split()
)
"""What a short Western text is taken for, besides Windows-1252."""

_SAMPLE = 32 * 1024
_BETWEEN_TAGS = re.compile(rb">([^<>]{1,20000})<")
_HIGH = bytes(range(0x80, 0x100))
_DENSE = 6
"""One byte in this many beyond ASCII is more than Latin script has."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_LATIN_ONLY = re.compile(r"[\u00c0-\u024f]{3,}")
_TURNED_CASE = re.compile(r"[a-zа-яёіїєґα-ωάέήίόύώ][A-ZА-ЯЁІЇЄҐΑ-Ω]")
_SYMBOL_INSIDE = re.compile(r"[^\W\d_][¹²³¿¯£¢¦¨±¼½¾¶·¸¥¤§®©°\x80-\x9f][^\W\d_]")
_FEW = 4
_SHARE = 0.3
_SYMBOLS = 0.05


def is_plausible(text: str) -> bool:
    """Tell a text from what comes of the wrong encoding."""
    if text.count("\ufffd") > max(2, len(text) // 50):
        return False
    beyond = [word for word in _WORD.findall(text[:_SAMPLE]) if not word.isascii()]
    if len(beyond) < _FEW:
        return True
    accents = sum(_LATIN_ONLY.fullmatch(word) is not None for word in beyond)
    turned = sum(_TURNED_CASE.search(word) is not None for word in beyond)
    if turned > 1 and sum(map(str.isupper, beyond)) > 0.5 * len(beyond):
        return False  # small letters and capitals exchanged
    symbols = len(_SYMBOL_INSIDE.findall(text[:_SAMPLE]))
    return (
        accents < _SHARE * len(beyond)
        and turned < _SHARE * len(beyond)
        and symbols < max(2, _SYMBOLS * len(beyond))
    )


def detected(raw: bytes, language: str = "") -> str:
    """Return the likeliest codec of bytes that are not UTF-8, by Python's name.

    `language`, an ISO 639-1 code or "", is what the document says of its language.
    """
    sample = sample_of(raw)
    usual = LEGACY.get(language, "")
    if usual and is_plausible(sample.decode(usual, "replace")):
        return usual
    high = len(sample) - len(sample.translate(None, _HIGH))
    if high * _DENSE < len(sample):
        # Latin script with some accents: on so few the detector guesses wildly.
        western = is_plausible(sample.decode("cp1252", "replace"))
        central = not western and is_plausible(sample.decode("cp1250", "replace"))
        return "cp1250" if central else "cp1252"
    best = from_bytes(sample, steps=3).best()
    name = (codec_name(best.encoding) if best is not None else "") or "cp1252"
    if name in _LATIN and is_plausible(sample.decode("cp1252", "replace")):
        return "cp1252"
    return name


def sample_of(raw: bytes) -> bytes:
    """Return what of a document has text beyond ASCII, without tags and scripts, for `detected`."""
    raw = raw[: 16 * _SAMPLE]
    pieces = [piece for piece in _BETWEEN_TAGS.findall(raw) if not piece.isascii()]
    if pieces:
        return b" ".join(pieces)[:_SAMPLE]
    start = next((at for at in range(0, len(raw), 1024) if not raw[at : at + 1024].isascii()), 0)
    # No second byte of any of the encodings is a space or a line end.
    start = max(raw.rfind(b"\n", 0, start), raw.rfind(b" ", 0, start)) + 1
    return raw[start : start + _SAMPLE]


_WHATWG = dict(
    pair.split(":")
    for pair in "ascii:cp1252 big5:big5hkscs euc_kr:cp949 gb2312:gb18030 gbk:gb18030 hz:gb18030 "
    "iso8859-1:cp1252 iso8859-11:cp874 iso8859-9:cp1254 ks_c_5601-1987:cp949 shift_jis:cp932 "
    "tis-620:cp874".split()
)
_ALLOWED = re.compile(
    r"utf-(?:8|16|16-le|16-be|32|32-le|32-be)|cp\d{3,4}|iso8859-\d{1,2}|koi8-[ru]|mac-(?:roman|cyrillic)"
    r"|big5(?:hkscs)?|gb18030|gbk|gb2312|hz|euc_(?:jp|kr|jis_2004)|shift_jis(?:_2004|x0213)?"
    r"|iso2022_jp(?:_\w+)?|iso2022_kr|johab|tis-620|ascii"
)
"""Python's names of the encodings that pages are written in. Others (rot13, zlib, utf-7,
unicode_escape, …) are not character sets of the web and are never looked at."""


_DIRECTION = re.compile(r"(?<=8859-[68])-[ie]$")
"""How lines of Arabic and Hebrew are ordered, which labels of mail add to the character set."""


def codec_name(label: str) -> str:
    """Return Python's codec for a label, by the WHATWG's meaning of it
    (https://encoding.spec.whatwg.org/#names-and-labels); "" for what is none of the web."""
    try:
        name = codecs.lookup(_DIRECTION.sub("", label.strip().lower())).name
    except LookupError:
        return ""
    if not _ALLOWED.fullmatch(name):
        return ""
    return _WHATWG.get(name, name)
