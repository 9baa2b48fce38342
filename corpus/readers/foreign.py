"""Text that is no prose: formats known by how they begin, which no reader here takes.

The plain-text reader takes what nobody else wants, so it asks here first: markup, code and tables
of numbers that were indexed as prose would be found by their tags, and not by what they say.
"""

from __future__ import annotations

import re

READ_INSTEAD = (
    "of XML, feeds, sitemaps, NITF, NewsML-G2, ALTO, METS, PAGE, WordPress, Factiva, ProQuest, "
    "RCV1 and Delpher are read"
)
"""What would be readable in the place of XML that is not."""

# Possessive: what stands before the root is read in one way only, however it ends.
_ROOT = re.compile(
    r"\A[\ufeff\s]*+(?:<\?[^>]{0,400}+>\s*+|<!--(?>.{0,2000}?-->)\s*+|"
    r"<!DOCTYPE[^>\[]{0,400}+(?:\[[^\]]{0,8000}+\]\s*+)?>\s*+)*+<([A-Za-z_][\w:.-]{0,80})",
    re.DOTALL | re.IGNORECASE,
)
_STARTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(r"\A[\ufeff\s]*" + pattern, re.IGNORECASE))
    for name, pattern in (
        ("RTF", r"\{\\rtf"),
        ("PostScript", r"%!PS"),
        ("a PDF file", r"%PDF-"),
        ("LaTeX", r"(?:%[^\n]*\n\s*)*\\(?:documentclass|documentstyle|begin\{document\})"),
        ("an address book or calendar", r"BEGIN:(?:VCARD|VCALENDAR)"),
        ("a key or certificate", r"-----BEGIN [A-Z ]+-----"),
        ("a change to source code", r"(?:diff --git |Index: \S+\n=+\n|--- \S+\t?[^\n]*\n\+\+\+ )"),
        ("a program", r"(?:#!\s*/|<\?php|<%@)"),
        ("a dump of a database", r"(?:--[^\n]*\n\s*)*(?:CREATE TABLE|INSERT INTO|DROP TABLE)\b"),
        ("an encoded attachment", r"begin [0-7]{3} \S+\n"),
        ("subtitles", r"WEBVTT|\d+\r?\n\d\d:\d\d:\d\d[,.]\d{3} --> "),
    )
)
_TAG = re.compile(r"<[/!?]?[A-Za-z][^<>]{0,2000}>")
_CONTROL_WORD = re.compile(r"\\[a-z]{2,16}(?:-?\d+|\b)|[{}]")
_LOOKED_AT = 16_384
_FEWEST_TAGS = 6
_LARGEST_SHARE = 0.2


_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "an old Office file (.doc, .xls): save it as DOCX or CSV"),
    (b"PAR1", "a Parquet table: export it as JSON Lines or CSV"),
    (b"SQLite format 3", "an SQLite database: export its table as JSON Lines or CSV"),
    (b"ARROW1", "an Arrow table: export it as JSON Lines or CSV"),
    (b"\xff\xd8\xff", "a picture: add a text with an OCR program"),
    (b"\x89PNG", "a picture: add a text with an OCR program"),
    (b"II*\0", "a scanned picture (TIFF): add a text with an OCR program"),
    (b"MM\0*", "a scanned picture (TIFF): add a text with an OCR program"),
    (b"Rar!", "a RAR archive: pack it as zip or tar"),
    (b"7z\xbc\xaf", "a 7z archive: pack it as zip or tar"),
    (b"AT&TFORM", "a DjVu file: save it as PDF or text"),
)


def root_of(text: str) -> str:
    """Return the name of the root element that a text begins with, without its prefix, or ''."""
    found = _ROOT.match(text)
    return found[1].rpartition(":")[2] if found else ""


def foreign_binary(head: bytes) -> str:
    """Return what a file is that is no text and not read, with what would be readable; '' when it
    is of no such format."""
    if head[60:68] in (b"BOOKMOBI", b"TEXtREAd"):
        return "it is a Kindle book (MOBI): save it as EPUB"
    named = next((what for magic, what in _MAGIC if head.startswith(magic)), "")
    return f"it is {named}" if named else ""


def foreign_format(text: str) -> str:
    """Return why a text is not to be read as prose, in words that are safe to show; '' when it is
    prose as far as one can tell."""
    start = text[:_LOOKED_AT]
    declared = start.lstrip("\ufeff \t\r\n").startswith("<?xml")
    if (kind := root_of(start)) and (declared or _is_marked_up(start)):
        return f"it is XML of a kind that is not read (<{kind}>): {READ_INSTEAD}"
    for name, pattern in _STARTS:
        if pattern.match(start):
            return f"it is {name}, not an article as text"
    if _is_marked_up(start):
        return "it is marked-up text of a kind that is not read; HTML and plain text are"
    return ""


def _is_marked_up(text: str) -> bool:
    """Tell text of which a fifth or more is tags, or control words of TeX and RTF."""
    for pattern in (_TAG, _CONTROL_WORD):
        found = pattern.findall(text)
        if len(found) >= _FEWEST_TAGS and sum(map(len, found)) > len(text) * _LARGEST_SHARE:
            return True
    return False
