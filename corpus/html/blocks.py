"""Flatten a page's tree into blocks: its paragraphs in reading order, with their surroundings.

One pass over the tree gives every run of inline text as a `Block`, with the elements around it
(by number), the furniture it lies in, and how much of it is links. Two line breaks in a row end a
paragraph as a `<p>` does. Everything later works on these flat lists, never on the tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from corpus.core.errors import UnreadableError
from corpus.html.prose import prose_size, size
from corpus.html.selectors import (
    BLOCKING_TAGS,
    CONTAINER_ARTICLE,
    CONTAINER_DECLARED,
    CONTAINER_MAIN,
    INLINE_TAGS,
    SKIPPED_TAGS,
    TEXTLESS_TAGS,
    container_rank,
    furniture_kind,
)

MAX_BLOCKS = 250_000
"""The most blocks that one page may have; a page of 20 MB of news has a tenth of them."""

LEAVES = frozenset(("p", "li", "dd", "dt", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"))
"""Elements that are one paragraph, whatever lies around them."""

MAX_DEPTH = 2000
"""The deepest that elements may be nested: the parser stops a little further down."""

SWALLOWED_PARAGRAPHS = 3
"""A button or menu with as many paragraphs is one that was never closed."""

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_KIND_OF_TAG = {
    **dict.fromkeys(_HEADINGS, "h"), **dict.fromkeys(("li", "dd", "dt"), "li"),
    **dict.fromkeys(("td", "th"), "cell"), "blockquote": "quote", "pre": "pre",
}  # fmt: skip
_PLAIN_TAGS = frozenset(("p", "div", "center", "font", "section"))
_SLUGGED = _HEADINGS | {"p", "li", "a", "body"}
"""Elements whose id is made from their text, or numbered, and says nothing about their kind."""
_PICTURES = frozenset(("img", "picture", "amp-img"))
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_REFERENCE = re.compile(r"[\[(]?(?:\d{1,3}|[a-z*†‡])[\])]?")
_WORD = re.compile(r"\w+")
_BESIDE_ROLES = frozenset(
    ("navigation", "complementary", "contentinfo", "banner", "search", "dialog")
)
_BREAK = "\x1e"
_BLANKS = " \t\r\n\xa0"
_SENTENCE_END = tuple(".!?…”\"'»)。！？")


@dataclass(slots=True)
class Mark:
    """An element that looks like boilerplate: its number and the kind."""

    node: int
    kind: str


@dataclass(slots=True)
class Node:
    """A block-level element: its parent's number, tag, and rank as a container of the article.

    Elements are numbered in the order of their start tags: those inside one have the numbers from
    its own to before `end`.
    """

    parent: int
    tag: str
    names: str
    rank: int
    depth: int
    end: int = 0


@dataclass(slots=True)
class Block:
    """One paragraph, heading, list item or cell.

    `size` is its length, and `prose` the same where it reads like sentences without many links,
    else 0. `kind` is "p", "h", "li", "quote", "cell" or "pre"; `node` the number of the element
    around it; `link` the characters that are link text; `marks` the numbers of the marks around it,
    outermost first; `italic` the characters set in italics; `image` tells that a picture stands
    between it and the block before; `holder` is the number of the element that holds the paragraph
    and those beside it. `tag` and `names` (class and id) are those of the element `node`.
    """

    text: str
    kind: str
    node: int
    link: int
    marks: tuple[int, ...]
    tag: str
    names: str
    image: bool
    holder: int
    italic: int
    size: int
    prose: int

    @property
    def link_density(self) -> float:
        """The share of the text that is links, 0 to 1."""
        return min(1.0, self.link / len(self.text))


@dataclass(slots=True)
class Flat:
    """A page as flat lists; `Block.node`, `Block.marks` and `Node.parent` index into them."""

    nodes: list[Node] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class _TextRun:
    """Inline text being gathered."""

    pieces: list[str] = field(default_factory=list)
    link: int = 0
    image: bool = False
    italic: int = 0


def normal(text: str) -> str:
    """Return a text's words, lower-cased, for comparing what differs in punctuation only."""
    return " ".join(_WORD.findall(text.lower()))


def flatten(root: etree._Element) -> Flat:
    """Return the blocks of a page below `root`, in reading order.

    Raises UnreadableError when there are more than `MAX_BLOCKS`, or they are nested deeper than
    `MAX_DEPTH`.
    """
    flat = Flat(nodes=[Node(-1, "html", "", 0, 0)])
    nodes, marks = flat.nodes, flat.marks
    run = _TextRun()
    parked: list[_TextRun] = []  # runs outside inline furniture
    node, in_link, in_italic = 0, 0, 0
    opened: list[tuple[str, int, tuple[int, ...]]] = []  # what to restore at an element's end
    mark_path: tuple[int, ...] = ()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            tag = element.tag
            if (
                not isinstance(tag, str)
                or (tag in SKIPPED_TAGS and not _swallows(tag, element))
                or (tag == "sup" and _is_reference(element))
            ):
                walk.skip_subtree()
                opened.append(("", node, mark_path))
                continue
            if tag == "br" or tag == "hr":
                if tag == "br":
                    run.pieces.append(_BREAK)
                else:
                    _flush(flat, run, node, mark_path)
                opened.append(("", node, mark_path))
                continue
            if tag in _PICTURES:
                run.image = True
            names = element.get("class", "")
            if tag not in _SLUGGED and (own := element.get("id")) is not None:
                names = f"{names} {own}"
            kind = _marked(tag, names, element)
            if tag in INLINE_TAGS:
                if kind and (tag != "a" or kind == "footnote"):
                    parked.append(run)
                    run = _TextRun()
                    marks.append(Mark(node, kind))
                    opened.append(("parked", node, mark_path))
                    mark_path = (*mark_path, len(marks) - 1)
                elif tag == "a":
                    in_link += 1
                    opened.append(("a", node, mark_path))
                elif tag in ("em", "i", "small"):
                    in_italic += 1
                    opened.append(("em", node, mark_path))
                else:
                    opened.append(("i", node, mark_path))
            else:
                _flush(flat, run, node, mark_path)
                opened.append(("block", node, mark_path))
                rank = _rank(tag, names, element)
                nodes.append(Node(node, tag, names, rank, nodes[node].depth + 1))
                node = len(nodes) - 1
                if kind:
                    marks.append(Mark(node, kind))
                    mark_path = (*mark_path, len(marks) - 1)
            if text := element.text:
                run.pieces.append(text)
                if in_link:
                    run.link += len(text.strip())
                if in_italic:
                    run.italic += len(text.strip())
        else:
            what, outer_node, outer_marks = opened.pop()
            if what == "block":
                _flush(flat, run, node, mark_path)
                nodes[node].end = len(nodes)
                node, mark_path = outer_node, outer_marks
            elif what == "parked":
                _flush(flat, run, node, mark_path)
                mark_path = outer_marks
                run = parked.pop()
            elif what == "a":
                in_link -= 1
            elif what == "em":
                in_italic -= 1
            if tail := element.tail:
                run.pieces.append(tail)
                if in_link:
                    run.link += len(tail.strip())
                if in_italic:
                    run.italic += len(tail.strip())
            if len(opened) > MAX_DEPTH:
                raise UnreadableError(
                    f"the page's markup is nested deeper than {MAX_DEPTH:,}; leave it out"
                )
            if len(flat.blocks) > MAX_BLOCKS:
                raise UnreadableError(
                    f"the page has more than {MAX_BLOCKS:,} paragraphs; split it or leave it out"
                )
    _flush(flat, run, node, mark_path)
    nodes[0].end = len(nodes)
    return flat


_DECLARED_BODY = re.compile(r"(?:^|[\s:])articleBody(?:\s|$)|^content:encoded$")


def _rank(tag: str, names: str, element: etree._Element) -> int:
    for attribute in ("itemprop", "property", "name"):
        if (value := element.get(attribute)) and _DECLARED_BODY.search(value):
            return CONTAINER_DECLARED
    rank = container_rank(names) if names and tag not in ("p", "li", "ul", "body", "a") else 0
    kinds = (tag, element.get("role"))
    if "article" in kinds:
        return max(rank, CONTAINER_ARTICLE)
    return max(rank, CONTAINER_MAIN) if "main" in kinds else rank


def _swallows(tag: str, element: etree._Element) -> bool:
    """Tell an element without its end tag: a button in which the rest of the page lies."""
    if tag in TEXTLESS_TAGS or next(element.iter("p", "h1", "article", "main"), None) is None:
        return False
    return (
        next(element.iter("h1", "article", "main"), None) is not None
        or sum(1 for _ in element.iter("p")) >= SWALLOWED_PARAGRAPHS
    )


def _is_reference(element: etree._Element) -> bool:
    """Tell whether a `<sup>` is a link to a footnote, not part of a word or number."""
    return (
        next(element.iter("a"), None) is not None
        and _REFERENCE.fullmatch("".join(element.itertext()).strip()) is not None
    )


def _marked(tag: str, names: str, element: etree._Element) -> str:
    """Return the kind of boilerplate that an element says it is, "" for none."""
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true":
        return "hidden"
    if (style := get("style")) and _HIDDEN_STYLE.search(style):
        return "hidden"
    if get("role") in _BESIDE_ROLES:
        return "nav"
    if itemprop := get("itemprop"):
        if "comment" in itemprop.lower():
            return "comments"
        if itemprop in ("author", "datePublished", "dateModified", "publisher", "keywords"):
            return "byline"
        if itemprop == "caption":
            return "caption"
    if tag in BLOCKING_TAGS:
        kind = BLOCKING_TAGS[tag]
        if kind in ("header", "figure", "table", "form", "details") and names:
            return furniture_kind(names) or kind
        return kind
    return furniture_kind(names) if names and tag not in ("body", "html") else ""


def _flush(flat: Flat, run: _TextRun, node: int, marks: tuple[int, ...]) -> None:
    if not run.pieces:
        return
    raw = "".join(run.pieces)
    link, italic = run.link, run.italic
    run.pieces.clear()
    run.link = run.italic = 0
    if raw.isspace():
        return
    image, run.image = run.image, False
    element = flat.nodes[node]
    tag = element.tag
    kind = _block_kind(flat.nodes, node)
    holder = node
    while flat.nodes[holder].tag in LEAVES and flat.nodes[holder].parent >= 0:
        holder = flat.nodes[holder].parent
    parts = _paragraphs(raw) if _BREAK in raw else (" ".join(raw.split()),)
    total = sum(map(len, parts)) or 1
    for text in parts:
        if text:
            share = len(text) / total
            linked, length = round(link * share), size(text)
            is_text = kind != "h" and 2 * linked <= len(text)
            flat.blocks.append(
                Block(
                    text, kind, node, linked, marks, tag, element.names, image, holder,
                    round(italic * share), length, prose_size(text, length) if is_text else 0,
                )
            )  # fmt: skip


def _block_kind(nodes: Sequence[Node], node: int) -> str:
    for _ in range(4):
        tag = nodes[node].tag
        if tag in _KIND_OF_TAG:
            return _KIND_OF_TAG[tag]
        if tag not in _PLAIN_TAGS or nodes[node].parent < 0:
            break
        node = nodes[node].parent
    return "p"


def _paragraphs(raw: str) -> list[str]:
    """Split at two line breaks, and at one that follows a full sentence or a short line."""
    paragraphs: list[list[str]] = []
    length, last, gap = 0, "", True
    for line in raw.split(_BREAK):
        text = " ".join(line.split())
        if not text:
            gap = True
            continue
        if (
            gap
            or line.lstrip(_BLANKS).startswith("\u3000")  # how Chinese and Japanese indent
            or (length > 120 and last.endswith(_SENTENCE_END))
            # Lines of a byline, an address, a poem.
            or (len(last) < 60 and not last.endswith((",", "-")) and not text[0].islower())
        ):
            paragraphs.append([text])
            length = 0
        else:
            paragraphs[-1].append(text)
        length += len(text)
        last, gap = text, False
    return [" ".join(lines) for lines in paragraphs]
