"""Pages as OCR wrote them, whatever the format: blocks of lines, with places and confidence.

`alto_page` and `page_xml` read the two formats of libraries (ALTO 1 to 4, PAGE). Blocks come in
reading order: the one that the file states, else that of the file, unless it goes from column to
column line by line, where columns are told by the white space between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from corpus.print.ocr_lines import joined_lines
from corpus.records.xml_elements import Element, every, local
from corpus.text.text import clean

_MOST_CUT = 2000
"""Blocks of a page that are put in order, at most: a newspaper's page has a few hundred."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in the units of the file."""


@dataclass(slots=True)
class OcrBlock:
    """A block of text: its lines, and the sum and number of the confidences (0 to 1) of words."""

    name: str
    lines: list[str] = field(default_factory=list)
    box: Box | None = None
    confidence: float = 0.0
    words: int = 0
    is_heading: bool = False

    @property
    def text(self) -> str:
        """The block as one paragraph."""
        return joined_lines(self.lines)


@dataclass(slots=True)
class OcrPage:
    """A page: its blocks in reading order, its number as printed or counted, its language.

    `groups` are the blocks that a name stands for, where blocks lie in larger ones.
    """

    blocks: list[OcrBlock]
    number: str = ""
    language: str = ""
    groups: dict[str, list[OcrBlock]] = field(default_factory=dict)


def alto_page(root: Element) -> OcrPage:
    """Return the first page of an ALTO document (Library of Congress, versions 1 to 4)."""
    page = next(root.iter("{*}Page"), None)
    if page is None:
        return OcrPage([])
    blocks: list[OcrBlock] = []
    groups: dict[str, list[OcrBlock]] = {}
    language = page.get("LANG") or ""
    for element in page.iter("{*}TextBlock"):
        block = OcrBlock(element.get("ID") or "", box=_alto_box(element))
        language = language or element.get("LANG") or element.get("language") or ""
        for text_line in element.iterchildren("{*}TextLine"):
            block.lines.append(_alto_line(text_line, block))
        blocks.append(block)
        for outer in element.iterancestors("{*}ComposedBlock", "{*}PrintSpace"):
            if name := outer.get("ID"):
                groups.setdefault(name, []).append(block)
        groups.setdefault(block.name, []).append(block)
    stated = [ref.get("REF") or "" for ref in root.iterfind(".//{*}ReadingOrder//{*}ElementRef")]
    number = page.get("PRINTED_IMG_NR") or page.get("PHYSICAL_IMG_NR") or ""
    return OcrPage(in_reading_order(blocks, stated), number, language, groups)


def _alto_line(text_line: Element, block: OcrBlock) -> str:
    """Return a line; a divided word stands whole where it begins, if the file has it whole."""
    words: list[str] = []
    divided = False
    for part in text_line:
        name = local(part)
        if name == "string":
            kind = part.get("SUBS_TYPE")
            whole = part.get("SUBS_CONTENT")
            if confidence := part.get("WC"):
                block.confidence += _number(confidence)
                block.words += 1
            if kind == "HypPart2" and whole:
                continue
            words.append(whole if kind == "HypPart1" and whole else part.get("CONTENT") or "")
            divided = kind == "HypPart1" and bool(whole)
        elif name == "hyp" and words and not divided:
            words[-1] += part.get("CONTENT") or "-"
    return " ".join(words)


def _alto_box(element: Element) -> Box | None:
    try:
        left, top = float(element.get("HPOS")), float(element.get("VPOS"))
        return left, top, left + float(element.get("WIDTH")), top + float(element.get("HEIGHT"))
    except (TypeError, ValueError):
        return None


def page_xml(root: Element) -> OcrPage:
    """Return the page of a PAGE document (PRImA, 2009 to 2019)."""
    page = next(root.iter("{*}Page"), None)
    if page is None:
        return OcrPage([])
    blocks = []
    number = ""
    for region in page.iter("{*}TextRegion"):
        kind = (region.get("type") or "").lower()
        block = OcrBlock(region.get("id") or "", is_heading=kind in ("heading", "headline"))
        block.box = _points(region)
        for text_line in region.iterchildren("{*}TextLine"):
            words = (_equivalent(word, block) for word in text_line.iterchildren("{*}Word"))
            block.lines.append(_equivalent(text_line, block) or " ".join(words))
        if not any(block.lines):
            block.lines = _equivalent(region, block).split("\n")
        if kind == "page-number":
            number = number or clean(" ".join(block.lines))
        elif kind not in ("header", "footer", "signature-mark", "catch-word"):
            blocks.append(block)
    order = sorted(
        (int(ref.get("index") or 0), ref.get("regionRef") or "")
        for ref in page.iterfind("{*}ReadingOrder/{*}OrderedGroup/{*}RegionRefIndexed")
    )
    language = page.get("primaryLanguage") or ""
    return OcrPage(in_reading_order(blocks, [name for _, name in order]), number, language)


def _equivalent(element: Element, block: OcrBlock) -> str:
    """Return the text that stands for an element of PAGE, the best of several readings."""
    found = element.iterchildren("{*}TextEquiv")
    for equivalent in sorted(found, key=lambda one: one.get("index") or "0"):
        text = "".join("".join(part.itertext()) for part in every(equivalent, "Unicode"))
        if text.strip():
            if confidence := equivalent.get("conf"):
                block.confidence += _number(confidence)
                block.words += 1
            return text
    return ""


def _points(region: Element) -> Box | None:
    """Return the box around a region: the text of `points`, or elements of older versions."""
    coordinates = region.find("{*}Coords")
    if coordinates is None:
        return None
    text = coordinates.get("points") or " ".join(
        f"{point.get('x')},{point.get('y')}" for point in coordinates.iterchildren("{*}Point")
    )
    try:
        pairs = [tuple(map(float, pair.split(","))) for pair in text.split()]
        across, down = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return min(across), min(down), max(across), max(down)
    except (ValueError, IndexError):
        return None


def _number(text: str) -> float:
    """Return a confidence between 0 and 1, whichever scale it was given in."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return max(0.0, min(value / 100 if value > 1 else value, 1.0))


def in_reading_order(blocks: list[OcrBlock], stated: Iterable[str] = ()) -> list[OcrBlock]:
    """Return the blocks in the order in which they are read; `stated` are names in that order."""
    rank = {name: at for at, name in enumerate(stated)}
    if rank:
        return sorted(blocks, key=lambda block: rank.get(block.name, len(rank)))
    if len(blocks) <= _MOST_CUT and _goes_across(blocks):
        return list(_by_columns(blocks, 0))
    return blocks


def _goes_across(blocks: list[OcrBlock]) -> bool:
    """Tell whether blocks lie as the cells of a table do: right, then back and down, twice."""
    turns = 0
    for left, right, after in zip(blocks, blocks[1:], blocks[2:], strict=False):
        a, b, c = left.box, right.box, after.box
        if a is None or b is None or c is None:
            return False
        beside = b[0] >= a[2] and min(a[3], b[3]) - max(a[1], b[1]) > (b[3] - b[1]) * 0.5
        turns += beside and c[1] >= b[3] and c[2] <= b[0]
    return turns >= 2


def _by_columns(blocks: list[OcrBlock], depth: int) -> Iterator[OcrBlock]:
    """Yield blocks by cutting the page along white space, between columns before between rows
    (the recursive X-Y cut of Nagy and Seth, 1984)."""
    columns = _cut(blocks, 0)
    if len(columns) == 1:
        # What stands across the page parts it; the rows between two of these are columns together.
        columns = []
        for row in _cut(blocks, 1):
            if columns and len(_cut([*columns[-1], *row], 0)) > 1:
                columns[-1] += row
            else:
                columns.append(row)
    if len(columns) == 1 or depth > 20:
        yield from blocks
        return
    for column in columns:
        yield from _by_columns(column, depth + 1)


def _cut(blocks: list[OcrBlock], axis: int) -> list[list[OcrBlock]]:
    """Return the blocks in parts that do not overlap along an axis: 0 across, 1 down."""
    parts: list[list[OcrBlock]] = []
    reach = float("-inf")
    for block in sorted(blocks, key=lambda block: (block.box or (0, 0, 0, 0))[axis]):
        box = block.box or (0.0, 0.0, 0.0, 0.0)
        if box[axis] >= reach:
            parts.append([])
        parts[-1].append(block)
        reach = max(reach, box[axis + 2])
    return parts
