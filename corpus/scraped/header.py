"""What stands above the text of a scraped page: caption, headline, credit, section, topic.

Every part may be missing or repeated. The header ends at the line of counters, else at the topic,
else where the first sentence begins; inside it the credit tells the captions and the headline
(before it) from the section (after it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import take_dateline
from corpus.scraped.lines import (
    is_counters,
    is_credit,
    is_furniture,
    is_headline,
    is_section,
    is_sentence,
    is_short,
    label_of,
    split_credit,
    without_count,
)

_BYLINE = re.compile(r"^(?:by|author|text)\b\s*:?\s+(?=[A-ZÀ-Ý])", re.IGNORECASE)
_MOST_LINES = 16
_SHORT_PARAGRAPH = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty, and the number of its block: blank lines part blocks."""

    text: str
    block: int


@dataclass(slots=True)
class Header:
    """The parts of the header; `length` is the number of lines that it took, `last_block` the
    number of the page's last block."""

    title: str = ""
    section: str = ""
    topic: str = ""
    captions: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    authors: tuple[str, ...] = ()
    has_counters: bool = False
    last_block: int = 0
    length: int = 0

    @property
    def is_full(self) -> bool:
        """Tell a header with more than a headline: what follows it opens with the lead."""
        return bool(self.has_counters or self.topic or self.section)


def read_header(lines: Sequence[Line], stamp_block: int = -1) -> Header:
    """Take the header off the lines below the stamp, which stands in the block `stamp_block`."""
    header = Header(last_block=lines[-1].block if lines else 0)
    end = _end(lines)
    header.length = end
    before: list[Line] = []
    after: list[Line] = []
    at = 0
    seen_credit = seen_meta = False
    while at < end:
        line = lines[at]
        at += 1
        text = line.text
        if is_counters(text):
            header.has_counters = True
        elif (label := label_of(text)) and label[0] == "topic":
            value = label[1]
            if not value and at < end and not is_counters(lines[at].text):
                value = lines[at].text
                at += 1
            header.topic = header.topic or without_count(value)
            seen_meta = True
        elif is_furniture(text):
            continue
        elif _BYLINE.match(text) and (byline := split_byline(text)).authors:
            header.authors = byline.authors
        elif is_credit(text):
            header.credits.append(text)
            seen_credit = True
        elif pair := split_credit(text):
            header.captions.append(pair[0])
            header.credits.append(pair[1])
            seen_credit = True
        elif seen_credit or seen_meta:
            after.append(line)
        else:
            before.append(line)
    _assign(header, before, after, seen_credit, stamp_block)
    return header


def _end(lines: Sequence[Line]) -> int:
    """Return the number of lines that the header takes."""
    near = lines[:_MOST_LINES]
    topic = -1
    for at, line in enumerate(near):
        if is_counters(line.text):
            return at + 1
        label = label_of(line.text)
        if label and label[0] == "topic" and topic < 0:
            value = label[1]
            if len(value) <= 80 or (len(value) <= 120 and not is_sentence(value)):
                topic = at if value else at + 1
        elif label and label[0] == "tags":
            break
    # Where the article's text has begun, a topic is the one below it.
    begun = [line for line in near[:topic] if is_sentence(line.text) and not is_credit(line.text)]
    if 0 <= topic < len(lines) and len(begun) <= 2:
        return topic + 1
    return _end_without_marks(near)


def _end_without_marks(lines: Sequence[Line]) -> int:
    """Return where the header ends when it has neither counters nor a topic."""
    near = lines[:6]
    for at, line in enumerate(near):
        # The first line may be a caption that is a sentence.
        if at and (take_dateline(line.text) or _is_paragraph(line.text)):
            near = lines[:at]
            break
        if at and is_section(line.text):
            return at + 1
    credits = [at for at, line in enumerate(near) if is_credit(line.text)]
    if credits:
        end = credits[0] + 1
        while end < len(lines) and is_credit(lines[end].text):
            end += 1
        # The credit may belong to the first picture, above the headline.
        while end < len(lines) and end - credits[0] <= 3:
            text = lines[end].text
            if not (is_short(text) or is_headline(text)) or _is_paragraph(text):
                break
            end += 1
        return end
    paragraphs = (at for at, line in enumerate(lines[:4]) if at and _is_paragraph(line.text))
    return next(paragraphs, min(1, len(lines)))


def _is_paragraph(text: str) -> bool:
    return is_sentence(text) and len(text) >= _SHORT_PARAGRAPH


def _assign(
    header: Header, before: list[Line], after: list[Line], seen_credit: bool, stamp_block: int
) -> None:
    """Decide which of the lines without a mark of their own are headline, section, captions."""
    first = [line.text for line in before]
    last = [line.text for line in after]
    if seen_credit:
        if len(last) >= 2 and not is_section(last[0]) and (not first or is_headline(last[0])):
            # The credit stands right under its picture, above the headline.
            header.captions[:0] = first
            header.title, *rest = last
            last = rest
        elif len(last) == 1 and not _is_section_like(last[0]) and is_headline(last[0]):
            header.captions[:0] = first
            header.title = last.pop()
        elif (
            len(first) == 1
            and before[0].block == stamp_block != header.last_block
            and not is_headline(first[0])
        ):
            # A headline is a block of its own; what is glued to the stamp is the caption.
            header.captions[:0] = first
        elif first:
            header.captions[:0] = first[:-1]
            header.title = first[-1]
        _take_section(header, last)
        return
    lines = first
    section = ""
    if len(lines) >= 2 and _is_section_like(lines[-1]):
        marked = header.has_counters or header.topic
        if is_section(lines[-1]) or marked or len(lines) >= 3:
            section = lines[-1]
            lines = lines[:-1]
    header.section = section
    if lines:
        header.title = lines[-1]
        header.captions[:0] = lines[:-1]
    _take_section(header, last)


def _take_section(header: Header, lines: list[str]) -> None:
    """Take the section from what follows the credit or the topic."""
    for text in lines:
        if not header.section and _is_section_like(text):
            header.section = text
        elif not header.title and is_headline(text):
            header.title = text
        elif is_credit(text):
            header.credits.append(text)


def _is_section_like(text: str) -> bool:
    return is_section(text) or is_short(text)
