"""The text of a scraped page, parted from what is embedded in it.

Below the header stand paragraphs, one a block. A block of several lines opens with what was
embedded there (a picture's caption and credit, the headline of a related article) and ends with
the next paragraph. Topic, tags and related headlines close the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.bylines.datelines import take_dateline
from corpus.scraped.header import Line
from corpus.scraped.lines import (
    has_count,
    is_counters,
    is_credit,
    is_furniture,
    is_headline,
    is_sentence,
    is_tag_list,
    label_of,
    looks_like_caption,
    split_credit,
    without_count,
)
from corpus.tags import distinct

_EMBEDDED_LINES = 6
_SUBHEADING_WORDS = 6


@dataclass(slots=True)
class Body:
    """The parts of the page below its header."""

    paragraphs: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    topic: str = ""
    tags: tuple[str, ...] = ()


def read_body(lines: Sequence[Line]) -> Body:
    """Take apart the lines below the header."""
    body = Body()
    lines = _without_labels(lines, body)
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].block == lines[at].block:
            end += 1
        following = lines[end].text if end < len(lines) else ""
        one_block = at == 0 and end == len(lines) > _EMBEDDED_LINES
        _read_block([line.text for line in lines[at:end]], body, is_credit(following), one_block)
        at = end
    return body


def _without_labels(lines: Sequence[Line], body: Body) -> list[Line]:
    """Take the labelled parts out of the lines: topic, tags, related headlines."""
    kept: list[Line] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        label = label_of(line.text)
        at += 1
        if label is None:
            kept.append(line)
            continue
        name, value = label
        following = lines[at].text if at < len(lines) else ""
        if name == "related":
            if value:
                kept.append(line)  # it takes its place among the embedded headlines
                continue
            while at < len(lines):
                text = lines[at].text
                if label_of(text) or (is_sentence(text) and not is_headline(text)):
                    break
                body.related.append(text)
                at += 1
        elif name == "topic":
            if not value and following and not label_of(following) and not is_sentence(following):
                value = following
                at += 1
            elif value and not _is_value(value, lines[at:]):
                kept.append(line)
                continue
            body.topic = body.topic or without_count(value)
            while at < len(lines) and has_count(lines[at].text):
                at += 1  # a page may list several topics; the first is its own
        else:
            values = [value] if value else []
            if value and not _is_value(value, lines[at:]):
                kept.append(line)
                continue
            # A long list may run over several lines, each but the last ending in a comma.
            while at < len(lines) and (not values or values[-1].endswith(",")):
                if label_of(lines[at].text) or not is_tag_list(lines[at].text):
                    break
                values.append(lines[at].text)
                at += 1
            body.tags = distinct((*body.tags, *" ".join(values).split(",")))
    return kept


def _is_value(value: str, rest: Sequence[Line]) -> bool:
    """Tell a label's value from a sentence that happens to open with the label's word."""
    if not is_tag_list(value):
        return False
    # Labels stand below the text: real paragraphs after one mean that it is part of the text.
    return not any(is_sentence(line.text) and len(line.text) > 80 for line in rest)


def _read_block(lines: list[str], body: Body, above_credit: bool, one_block: bool) -> None:
    """Read one block: what is embedded comes first, the paragraph last.

    `above_credit` tells that the next block opens with a credit: a line without an end that
    stands alone above it is the caption. In a page of `one_block`, without blank lines, a
    sentence above a credit is a paragraph.
    """
    lines = [line for line in lines if not is_counters(line) and not is_furniture(line)]
    at = 0
    while at < len(lines):
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else None
        before_credit = following is not None and is_credit(following)
        label = label_of(line)
        if label and label[0] == "related":
            body.related.append(label[1])
        elif is_credit(line):
            body.credits.append(line)
            if following is not None:
                at += _read_below_credit(following, lines[at + 2 :], body)
        elif pair := split_credit(line):
            body.captions.append(pair[0])
            body.credits.append(pair[1])
            if following is not None:
                at += _read_below_credit(following, lines[at + 2 :], body)
        elif take_dateline(line):
            body.paragraphs.append(line)
        elif before_credit and looks_like_caption(line) and not (one_block and is_sentence(line)):
            body.captions.append(line)
        elif is_sentence(line):
            body.paragraphs.append(line)
        elif following is None and above_credit and looks_like_caption(line):
            body.captions.append(line)
        elif following is None:
            # A long headline that closes its block is another article's.
            lone = is_headline(line) and len(line.split()) > _SUBHEADING_WORDS
            (body.related if lone else body.paragraphs).append(line)
        elif is_headline(line):
            body.related.append(line)
        elif len(line.split()) <= _SUBHEADING_WORDS or not is_sentence(following):
            body.paragraphs.append(line)
        else:
            body.captions.append(line)
        at += 1


def _read_below_credit(line: str, rest: list[str], body: Body) -> int:
    """Take the related headline under a credit, when `line` is one; return how many lines."""
    of_next = rest and is_credit(rest[0]) and looks_like_caption(line)
    if of_next or is_credit(line) or split_credit(line) or is_sentence(line):
        return 0
    if is_headline(line) or rest:
        body.related.append(line)
        return 1
    return 0
