"""XML read element by element, with nothing fetched, expanded or kept.

Feeds in the wild hold bare ampersands and HTML's entities: `_Mended` makes text of both on the way
in, and of every entity that the document itself defines, so that there is nothing left to expand.
Document types are not loaded, nesting and text are bounded by libxml2's own limits (256 levels,
10 MB a text). The parser recovers from other flaws, but an element whose end it had to make up,
because the file is cut off, is never handed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

from corpus.errors import UnreadableError
from corpus.text import clean

__all__ = [
    "Element",
    "child",
    "child_text",
    "elements",
    "has_root",
    "inner_markup",
    "line",
    "local",
]

Element: TypeAlias = Any

_ROOT = re.compile(
    r"\A[\ufeff\s]*(?:<\?xml.{0,300}?\?>\s*|<!--.{0,2000}?-->\s*|<\?[^>]{0,300}\?>\s*|"
    r"<!DOCTYPE[^>\[]{0,400}(?:\[[^\]]{0,4000}\]\s*)?>\s*)*<(?:[\w.-]+:)?(?P<root>[\w.-]+)",
    re.IGNORECASE | re.DOTALL,
)
_CUT_OFF = frozenset(
    ("ERR_TAG_NOT_FINISHED", "ERR_DOCUMENT_END", "ERR_GT_REQUIRED", "ERR_CDATA_NOT_FINISHED",
     "ERR_LTSLASH_REQUIRED", "ERR_COMMENT_NOT_FINISHED", "ERR_DOCUMENT_EMPTY")
)  # fmt: skip


def has_root(head: str, *names: str) -> bool:
    """Tell whether a document starts with one of these root elements, whatever its prefix."""
    found = _ROOT.match(head)
    return found is not None and found["root"].lower() in names


def elements(stream: BinaryIO, *names: str) -> Iterator[Element | None]:
    """Yield each complete element with one of these local names, which do not lie in each other.

    None stands for one that the end of the file cut off. An element is emptied when the next is
    asked for, so memory stays flat. Raises `UnreadableError` when the file is no XML at all.
    """
    mended = _Mended(stream, names)
    events = etree.iterparse(
        mended,
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    held: Element | None = None
    found = False
    try:
        for _, element in events:
            found = True
            if held is not None:
                yield held
                _forget(held)
            held = element
    except etree.XMLSyntaxError as error:
        if held is not None and not (mended.is_cut_off or _is_cut_off(events)):
            yield held
        raise UnreadableError(f"it is no well-formed XML: {_where(error)}") from error
    if held is not None:
        yield None if mended.is_cut_off or _is_cut_off(events) else held
    elif not found and len(events.error_log):
        entry = events.error_log[0]
        raise UnreadableError(f"it is no well-formed XML: line {entry.line}, column {entry.column}")


def child(element: Element, *names: str) -> Element | None:
    """Return the first child with one of these local names, in the order of the names."""
    for name in names:
        found = element.find(f"{{*}}{name}")
        if found is not None:
            return found
    return None


def child_text(element: Element, *names: str) -> str:
    """Return the raw text of the first such child that has any, '' when none has."""
    for name in names:
        for found in element.iterfind(f"{{*}}{name}"):
            text = "".join(found.itertext())
            if text.strip():
                return text
    return ""


def line(element: Element | None) -> str:
    """Return all text in an element as one clean line, '' for None."""
    return "" if element is None else clean("".join(element.itertext()))


def local(element: Element) -> str:
    """Return an element's name without its namespace, '' for comments and the like."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def inner_markup(element: Element) -> str:
    """Return what an element holds as markup, for `corpus.markup`, without namespaces."""
    pieces = [element.text or ""]
    pieces.extend(etree.tostring(inner, encoding="unicode") for inner in element)
    return _PREFIX.sub(r"\1", "".join(pieces))


class _Mended:
    """The bytes of an XML file, in which every '&' outside of CDATA is one that XML knows.

    A bare '&' and unknown entities become text ('&amp;'), HTML's entities become characters.
    Files in UTF-16 pass as they are: their '&' is not one byte.
    """

    def __init__(self, stream: BinaryIO, names: tuple[str, ...] = ()) -> None:
        self._stream = stream
        wanted = "|".join(map(re.escape, names or ("",)))
        self._tag = re.compile(rf"<(/?)(?:[\w.-]+:)?(?:{wanted})(?=[\s>/])".encode())
        self._open = 0
        self._kept = b""
        self._in_cdata = False
        self._passes: bool | None = None

    @property
    def is_cut_off(self) -> bool:
        """Tell whether an element of those names has begun and not ended: the parser, which
        recovers, does not always know."""
        return self._open > 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, about `size` of them; b"" at the end."""
        while True:
            chunk = self._stream.read(max(size, 1 << 15))
            if self._passes is None:
                self._passes = chunk.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"))
            if self._passes:
                return chunk
            if not chunk:
                rest, self._kept = self._mend(self._kept), b""
                return rest
            mended = self._mend_up_to_boundary(self._kept + chunk)
            if mended:
                return mended

    def _mend_up_to_boundary(self, piece: bytes) -> bytes:
        """Mend all but a tail that may be the beginning of something longer."""
        length = len(piece)
        starts = (piece.rfind(b"&", -40), piece.rfind(b"<", -40), piece.find(b"]", -3))
        cut = min((start for start in starts if start >= max(0, length - 40)), default=length)
        self._kept = piece[cut:]
        return self._mend(piece[:cut])

    def _mend(self, piece: bytes) -> bytes:
        done = []
        at = 0
        while at < len(piece):
            mark = b"]]>" if self._in_cdata else b"<![CDATA["
            end = piece.find(mark, at)
            end = len(piece) if end < 0 else end + len(mark)
            part = piece[at:end]
            if not self._in_cdata:
                for tag in self._tag.finditer(part):
                    self._open += -1 if tag[1] else 1
                part = _AMPERSAND.sub(_entity, part)
            done.append(part)
            if part.endswith(mark):
                self._in_cdata = not self._in_cdata
            at = end
        return b"".join(done)


_AMPERSAND = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(?:(\w{1,32});)?"
)


def _entity(found: re.Match[bytes]) -> bytes:
    name = found[1]
    if name is None:
        return b"&amp;"
    code = name2codepoint.get(name.decode("latin-1"))
    return b"&#%d;" % code if code else b"&amp;" + name + b";"


_PREFIX = re.compile(r"(</?)[\w.-]+:(?=[\w.-])")


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
