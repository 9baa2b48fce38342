"""XML read element by element, with nothing fetched, expanded or kept.

Feeds in the wild hold bare ampersands and HTML's entities: `_Mended` makes text of both on the way
in, and of every entity that the document itself defines, so that there is nothing left to expand.
Document types are not loaded, nesting and text are bounded by libxml2's own limits (256 levels,
10 MB a text). The parser recovers from other flaws, but an element whose end it had to make up,
because the file is cut off, is never handed on.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from html.entities import name2codepoint
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

from corpus.core.errors import UnreadableError
from corpus.readers.foreign import root_of
from corpus.readers.protocol import CUT_OFF
from corpus.text.encodings import codec_name, detected, is_plausible, sample_of
from corpus.text.text import BOMS, clean

Element: TypeAlias = Any

_BOUNDED: dict[str, Any] = {
    "encoding": "utf-8", "resolve_entities": False, "no_network": True, "load_dtd": False,
    "huge_tree": False, "recover": True, "remove_comments": True, "remove_pis": True,
}  # fmt: skip
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_MOST_BETWEEN = 64 * 1024 * 1024
"""Bytes that may lie between the ends of two elements: the parser keeps what it has not given."""

_CUT_OFF = frozenset(
    "ERR_TAG_NOT_FINISHED ERR_DOCUMENT_END ERR_GT_REQUIRED ERR_CDATA_NOT_FINISHED "
    "ERR_LTSLASH_REQUIRED ERR_COMMENT_NOT_FINISHED ERR_DOCUMENT_EMPTY".split()
)


def has_root(head: str, *names: str) -> bool:
    """Tell whether a document starts with one of these root elements, whatever its prefix."""
    return root_of(head).lower() in names


def elements(stream: BinaryIO, *names: str) -> Iterator[Element]:
    """Yield each complete element with one of these local names, which do not lie in each other.

    An `UnreadableError` stands for one that the end of the file cut off. An element is emptied
    when the next is asked for, so memory stays flat. Raises `UnreadableError` when the file is no
    XML at all, or has too much between two of them.
    """
    mended = _Mended(stream, names)
    tags = [f"{{*}}{name}" for name in names]
    events = etree.iterparse(mended, events=("end",), tag=tags, dtd_validation=False, **_BOUNDED)
    held: Element | None = None
    found = False
    try:
        for _, element in events:
            found = True
            mended.since = 0
            if held is not None:
                yield held
                _forget(held)
            held = element
            if len(events.error_log):
                _drop_prefixes(element)
    except etree.XMLSyntaxError as error:
        if held is not None and not (mended.is_cut_off or _is_cut_off(events)):
            yield held
        raise UnreadableError(f"it is no well-formed XML: {_where(error)}") from error
    if held is not None:
        cut_off = mended.is_cut_off or _is_cut_off(events)
        yield UnreadableError(CUT_OFF) if cut_off else held
    elif not found and len(events.error_log):
        entry = events.error_log[0]
        raise UnreadableError(f"it is no well-formed XML: line {entry.line}, column {entry.column}")


def every(element: Element | None, path: str) -> list[Element]:
    """Return the elements at a path of lxml, whose names may be of any namespace; [] for None."""
    return [] if element is None else element.findall(_anywhere(path))


def first(element: Element | None, *paths: str) -> Element | None:
    """Return the first element at the first of such paths that leads to any."""
    found = (one for path in paths for one in every(element, path))
    return next(found, None)


def attribute(element: Element | None, *names: str) -> str:
    """Return the first of these attributes that has a value, '' where none has."""
    given = () if element is None else (element.get(name) for name in names)
    return next(filter(None, given), "")


@lru_cache(maxsize=1024)
def _anywhere(path: str) -> str:
    return re.sub(r"(?<![\w.@{}\[\]*'=:-])([A-Za-z_][\w-]*)", r"{*}\1", path)


def child_text(element: Element | None, *names: str) -> str:
    """Return the raw text of the first such child that has any, '' when none has."""
    texts = ("".join(one.itertext()) for name in names for one in every(element, name))
    return next((text for text in texts if text.strip()), "")


def line(element: Element | None) -> str:
    """Return all text in an element as one clean line, '' for None."""
    return "" if element is None else clean("".join(element.itertext()))


def parse_document(raw: bytes) -> Element:
    """Return the root of a document that is in memory. Raises UnreadableError where it has none,
    is cut off, or is not in the encoding that it names."""
    parser = etree.XMLParser(**_BOUNDED)
    mended = _Mended(io.BytesIO(raw), most=len(raw))
    try:
        root = etree.fromstring(b"".join(iter(lambda: mended.read(len(raw)), b"")), parser)
    except etree.XMLSyntaxError:
        root = None
    if any(entry.type_name == "ERR_TAG_NOT_FINISHED" for entry in parser.error_log):
        raise UnreadableError(CUT_OFF)
    if root is None:
        raise UnreadableError("it is no well-formed XML")
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace, '' for comments and the like."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def inner_markup(element: Element) -> str:
    """Return what an element holds as markup, for `corpus.text.markup`, without namespaces."""
    pieces = [element.text or ""]
    pieces.extend(etree.tostring(inner, encoding="unicode") for inner in element)
    return _PREFIX.sub(r"\1", "".join(pieces))


class _Mended:
    """The bytes of an XML file in UTF-8, in which every '&' outside of CDATA is one XML knows.

    A bare '&' and unknown entities become text ('&amp;'), HTML's entities become characters, and
    characters that XML forbids are dropped. `names` are the elements that are counted, to tell
    whether the last one has ended; `most` bounds the bytes between two of them.
    """

    def __init__(
        self, stream: BinaryIO, names: tuple[str, ...] = (), most: int = _MOST_BETWEEN
    ) -> None:
        self._stream = stream
        self._most = most
        wanted = "|".join(map(re.escape, names or ("",)))
        self._tag = re.compile(rf"<(/?)(?:[\w.-]+:)?(?:{wanted})(?=[\s>/])")
        self._open = 0
        self.since = 0  # bytes read since the last element that was asked for
        self._kept = ""
        self._in_cdata = False
        self._decoder: codecs.IncrementalDecoder | None = None

    @property
    def is_cut_off(self) -> bool:
        """Tell whether an element of those names has begun and not ended: the parser, which
        recovers, does not always know."""
        return self._open > 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, about `size` of them; b"" at the end."""
        while True:
            chunk = self._stream.read(max(size, 1 << 15))
            self.since += len(chunk)
            if self.since > self._most:
                raise UnreadableError(
                    f"it has {self._most >> 20} MiB of XML without the end of an article"
                )
            if self._decoder is None:
                self._decoder = codecs.getincrementaldecoder(_encoding(chunk))("replace")
            try:
                text = self._kept + _FORBIDDEN.sub("", self._decoder.decode(chunk, not chunk))
            except UnicodeError as error:  # UTF-16 without its mark, which "replace" does not mend
                raise UnreadableError(f"it is not in the encoding that it names: {error}") from None
            if not chunk:
                self._kept = ""
                return self._mend(text).encode("utf-8", "replace")
            # All but a tail that may be the beginning of something longer.
            length = len(text)
            starts = (text.rfind("&", -40), text.rfind("<", -40), text.find("]", -3))
            cut = min((start for start in starts if start >= max(0, length - 40)), default=length)
            self._kept = text[cut:]
            if mended := self._mend(text[:cut]):
                return mended.encode("utf-8", "replace")

    def _mend(self, piece: str) -> str:
        done = []
        at = 0
        while at < len(piece):
            mark = "]]>" if self._in_cdata else "<![CDATA["
            end = piece.find(mark, at)
            end = len(piece) if end < 0 else end + len(mark)
            part = piece[at:end]
            if not self._in_cdata:
                for tag in self._tag.finditer(part):
                    self._open += -1 if tag[1] else 1
            done.append(part if self._in_cdata else _AMPERSAND.sub(_entity, part))
            if part.endswith(mark):
                self._in_cdata = not self._in_cdata
            at = end
        return "".join(done)


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(\w{1,32});|#(\d{1,7});|#x([0-9a-fA-F]{1,6});)?"
)
_DECLARED = re.compile(rb"""\A[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})["']""")


def _encoding(start: bytes) -> str:
    """Return the character set of a file that starts so: by its mark, its declaration, its
    bytes."""
    for mark, name in BOMS:
        if start.startswith(mark):
            return name
    if start[:64].count(0) * 3 > len(start[:64]):
        return "utf-16-be" if start.startswith(b"\0") else "utf-16-le"
    declared = _DECLARED.match(start)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"utf-16"):
        name = codec_name(declared[1].decode("latin-1"))
        if name and is_plausible(sample_of(start).decode(name, "replace")):
            return name
        if name:
            return detected(start)
    text = start.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return detected(start) if broken * 3 > beyond + 2 else "utf-8"


def _entity(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    if name is not None:
        code = name2codepoint.get(name)
        return f"&#{code};" if code else f"&amp;{name};"
    if decimal is None and hexadecimal is None:
        return "&amp;"
    code = int(decimal) if decimal else int(hexadecimal, 16)
    # libxml2, recovering, would store a surrogate as bytes that are no text.
    valid = code <= 0x10FFFF and not _FORBIDDEN.match(chr(code))
    return found[0] if valid else ""


_PREFIX = re.compile(r"(</?)[\w.-]+:(?=[\w.-])")


def _drop_prefixes(element: Element) -> None:
    """Name elements whose prefix nobody declared ('dc:creator') without it, as if it was none."""
    for one in element.iter():
        if isinstance(one.tag, str) and ":" in one.tag and not one.tag.startswith("{"):
            with suppress(ValueError):  # what a damaged file has behind the colon may be no name
                one.tag = one.tag.rpartition(":")[2] or one.tag


def _forget(element: Element) -> None:
    """Empty an element that has been read, and drop those before it."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _is_cut_off(events: etree.iterparse) -> bool:
    return any(entry.type_name in _CUT_OFF for entry in events.error_log)


def _where(error: etree.XMLSyntaxError) -> str:
    place = getattr(error, "position", None) or (0, 0)
    return f"line {place[0]}, column {place[1]}"
