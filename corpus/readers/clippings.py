"""Clippings as text: what LexisNexis, Factiva and ProQuest hand out, many articles a file.

LexisNexis numbers documents ('3 of 50 DOCUMENTS') or ends them ('End of Document'); its header has
the outlet, the date and labelled lines, and the text lies between the length and the first label
of the tail. Factiva's header stands around a line that counts words and ends in a document number;
with indexing each part has a code. ProQuest draws a line between documents whose parts are all
labelled. The names of parts, by language, are in `corpus.print.clipping_labels`. The same lines
come out of RTF, Word and PDF files (`corpus.unwrap`) and of HTML (`corpus.readers.clippings_html`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import place_in
from corpus.compose import FieldCollector, page_label, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import Locale, parse_date
from corpus.print.clipping_labels import (
    BODY_HEADINGS,
    CODES,
    END_OF_DOCUMENT,
    FACTIVA_END,
    LABELS,
    LENGTH,
    PAGE_LINE,
    START_OF_DOCUMENT,
    TAIL_HEADINGS,
    WEEKDAYS,
    language_code,
)
from corpus.print.ocr_lines import joined_lines
from corpus.readers.protocol import MAX_ARTICLE_BYTES, NO, SURE, Skip, bounded_read, each
from corpus.tags import distinct
from corpus.text.text import clean, decode

NAME = "clippings"

Values = dict[str, list[str]]
"""What stands under each label of one clipping, by field (see `corpus.print.clipping_labels`)."""

_MAX_FILE_BYTES = 8 * MAX_ARTICLE_BYTES
_RULE = re.compile(r"^_{20,}\s*$", re.MULTILINE)
_LABEL = re.compile(r"^\s*(?P<name>[^\W\d_][^\n:]{1,40}?)\s?:(?=\s|$)[ \t]*")
_CODED = re.compile(r"^\s*(?P<code>[A-Z]{2,3})(?:\t+|\s*$|[ ]{2,}|[ ](?=\S))")
_COPYRIGHT = re.compile(r"^\s*(?:\(?copyright\b|©|\(c\)\s|all rights reserved|alle rechte|"
                        r"tous droits|todos los derechos)", re.IGNORECASE)  # fmt: skip
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_BYLINE = re.compile(r"^\s*(?:by|von|par|por|di|da|door|av|af)\s+\S", re.IGNORECASE)
_EDITION = re.compile(r"\b(?:edition|ausgabe|édition|edición|edizione|edição|editie)\b", re.I)
_BETWEEN_NAMES = re.compile(r"\s*(?:,|;|&|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b)\s*")
_CODE_OF_FIRM = re.compile(r"^\s*(?:NAICS|SIC|DUNS|Ticker)\s*:")
_NAME_OF_FIRM = re.compile(r"^\s*Name\s*:\s*")
_SHARE = re.compile(r"\s*\(\d{1,3}%\)")
_NAMED_CODE = re.compile(r"^\s*[a-z0-9]{2,8}\s*:\s*")
_DAY = re.compile(
    r"(?:[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}\.? (?:de |d')?[^\W\d_]{3,12}\.? "
    r"(?:de |del )?\d{4}|\d{4}年\d{1,2}月\d{1,2}日)(?:,? (?:at )?\d{1,2}:\d{2}(?: ?[AP]M)?(?: "
    r"[A-Z]{2,4})?)?",
    re.IGNORECASE,
)
_DATES_LOOKED_AT = 200


def sniff(head: bytes, path: str) -> float:
    """Tell clippings by the lines that stand around every one."""
    if head.lstrip()[:1] in (b"<", b"{", b"["):
        return NO
    text = decode(head)
    return SURE if any(splits(text) for splits in (_is_nexis, _is_proquest, _is_factiva)) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each clipping."""
    yield from clippings(decode(bounded_read(stream, _MAX_FILE_BYTES)), origin)


def clippings(text: str, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the articles of a text that holds clippings of one service."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\xa0", " ")
    parted = _nexis if _is_nexis(text) else _proquest if _is_proquest(text) else _factiva
    yield from each(parted(text), clipping, origin)


def clipping(values: Values, origin: Origin) -> Article:
    """Return the article that the labelled parts of one clipping are; raises `UnreadableError`."""
    found = FieldCollector()

    def one(name: str) -> str:
        return clean(" ".join(values.get(name, ())))

    found("title", one("title"), "headline")
    found("source", re.sub(r"(?:;|, no\. ).*", "", one("source")).strip(" ,."), "outlet")
    section, _, more = one("section").partition(";")
    found("section", section.strip(), "section")
    found("page", page_label(one("page")) or _page_in(more), "page")
    found("lead", one("lead") if one("lead").lower() not in _NOTHING else "", "highlight")
    body = tuple(line for part in values.get("body", ()) if (line := clean(part)))
    found("body", tuple(line for line in body if not _COPYRIGHT.match(line)), "text")
    stated = f"{one('published')} {one('time')}".strip()
    found("published", date_in(stated, language_code(one("language"))), "date line")
    found.byline(split_byline("; ".join(values.get("authors", ()))), "byline")
    for name in ("tags", "people", "orgs", "places"):
        found(name, distinct(_terms(values.get(name, ()))), name)
    found("topic", one("topic"), "series")
    found("captions", tuple(map(clean, values.get("captions", ()))), "graphic")
    found("place", place_in(one("place")), "dateline")
    found("url", web_address(one("url").split("?accountid=")[0]), "address")
    if "title" not in found.fields and "body" not in found.fields:
        raise UnreadableError("this clipping has neither a headline nor a text")
    own = one("own").removeprefix("Document ")
    return found.article(origin, own=own, language=language_code(one("language")))


def _page_in(section: str) -> str:
    """Return the page in what follows a section's name ('Metro Desk; Pg. 4')."""
    pages = (page_label(part) for part in section.split(";") if not part.strip().isdecimal())
    return next(filter(None, pages), "")


_NOTHING = frozenset(("none available.", "none available", "no disponible.", "non disponible."))


def _terms(parts: Iterable[str]) -> Iterator[str]:
    """Yield the single terms of 'PORTS (90%); FERRIES (78%)' and of 'gtran : Transport | …'."""
    for part in parts:
        for term in re.split(r"[;|\n]", part):
            if not _CODE_OF_FIRM.match(term):
                yield _NAMED_CODE.sub("", _SHARE.sub("", _NAME_OF_FIRM.sub("", term)))


def date_in(stated: str, language: str) -> Any:
    """Return the moment in a date line, which may name the weekday and an edition too."""
    stated = clean(WEEKDAYS.sub(" ", stated[:_DATES_LOOKED_AT])).strip(" ,")
    if moment := parse_date(stated, Locale(language)):
        return moment
    found = _DAY.search(stated)
    return parse_date(found[0], Locale(language)) if found else None


def _is_nexis(text: str) -> bool:
    if START_OF_DOCUMENT.search(text) and not _RULE.search(text):
        return True
    labels = {LABELS.get(label) for line in text.split("\n")[:400] if (label := _label(line))}
    ended = END_OF_DOCUMENT.search(text) is not None
    lines = {line.strip().lower() for line in text.split("\n")[:400]}
    return "length" in labels and (ended or not BODY_HEADINGS.isdisjoint(lines))


def _is_proquest(text: str) -> bool:
    return _RULE.search(text) is not None and any(
        LABELS.get(label) in ("body", "source", "own")
        for line in text.split("\n")[:600]
        if (label := _label(line))
    )


def _is_factiva(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return _has_codes(lines) or any(
        LENGTH.match(line) and any(date_in(near, "") for near in lines[at + 1 : at + 3])
        for at, line in enumerate(lines)
    )


def _has_codes(lines: list[str]) -> bool:
    codes = {match["code"] for line in lines if (match := _CODED.match(line))}
    return {"HD", "PD"} <= codes and bool({"LP", "TD"} & codes)


def _label(line: str) -> str:
    """Return the known label that a line begins with, in small letters; '' when there is none."""
    found = _LABEL.match(line)
    name = found["name"].strip().lower() if found else ""
    return name if name in LABELS else ""


def _value(block: str) -> str:
    return joined_lines(_LABEL.sub("", block, count=1).split("\n"), divided=False)


def _blocks(text: str) -> list[str]:
    kept = (line for line in text.split("\n") if not PAGE_LINE.match(line))
    return [block for block in _BLANK_LINE.split("\n".join(kept).strip("\n")) if block.strip()]


def _nexis(text: str) -> Iterator[Values]:
    """Yield the parts of each document of LexisNexis, of either layout."""
    if START_OF_DOCUMENT.search(text):
        for part in START_OF_DOCUMENT.split(text)[1:]:
            yield _nexis_parts(_blocks(part), newer=False)
        return
    for part in END_OF_DOCUMENT.split(text):
        blocks = _blocks(part)
        if any(LABELS.get(_label(block)) == "length" for block in blocks):
            yield _nexis_parts(blocks, newer=True)


def _nexis_parts(blocks: list[str], *, newer: bool) -> Values:
    """Return the parts of one document.

    The older layout begins with outlet, date, headline; the newer one, perhaps after a cover page,
    with headline, outlet, date, and marks where the text begins.
    """
    labels = [_label(block) for block in blocks]
    values: Values = {}
    start = next(
        (at for at, (block, label) in enumerate(zip(blocks, labels, strict=True))
         if label or block.strip().lower() in BODY_HEADINGS or _COPYRIGHT.match(block)),
        len(blocks),
    )  # fmt: skip
    dated = next(
        (at for at in (reversed(range(start)) if newer else range(min(start, 3)))
         if len(blocks[at]) < _DATES_LOOKED_AT and date_in(blocks[at].strip().split("\n")[0], "")),
        -1,
    )  # fmt: skip
    if dated >= 0:
        values["published"] = [blocks[dated].strip().split("\n")[0]]
    if newer:
        values["title"] = [_value(blocks[max(dated - 2, 0)])] if start else []
        values["source"] = [_value(blocks[dated - 1])] if dated > 1 else []
    else:
        values["source"] = [_value(blocks[0])] if dated and start else []
        heads = list(blocks[max(dated, 0) + 1 : start])
        if len(heads) > 1 and _EDITION.search(heads[0]):
            del heads[0]
        values["title"] = [_value(block) for block in heads[:1]]
        values["lead"] = [_value(block) for block in heads[1:]]
    begin = _body_begins(blocks, labels, start)
    end = next(
        (at for at in range(begin, len(blocks)) if _is_tail(blocks, labels, at, newer)), len(blocks)
    )
    for at in (*range(start, begin), *range(end, len(blocks))):
        if not labels[at]:
            continue
        if LABELS[labels[at]] == "title":
            values["title"] = []
        for line in _labelled(blocks[at]):
            values.setdefault(LABELS[_label(line)], []).append(_value(line))
    values["body"] = [
        *values.get("body", ()),
        *(joined_lines(block.split("\n"), divided=False) for block in blocks[begin:end]),
    ]
    return values


def _body_begins(blocks: list[str], labels: list[str], start: int) -> int:
    """Return where the text begins: after the heading that says so, else after the length and the
    labels that follow it, else after the first labels."""
    for at in range(start, len(blocks)):
        if blocks[at].strip().lower() in BODY_HEADINGS:
            return at + 1
    fields = [LABELS.get(label) for label in labels]
    at = fields.index("length") if "length" in fields else start - 1
    at += 1
    while at < len(blocks) and (labels[at] or _COPYRIGHT.match(blocks[at])):
        if fields[at] == "body":
            return at + (not _value(blocks[at]))
        at += 1
    return at


def _is_tail(blocks: list[str], labels: list[str], at: int, newer: bool) -> bool:
    """Tell the block with which the text is over.

    A label of the tail stands before others; one that stands before text begins a paragraph
    ('SUBJECT: to approval, he said'), unless only the tail has it.
    """
    name, label = blocks[at].strip(), labels[at]
    if name.lower() in TAIL_HEADINGS or _COPYRIGHT.match(name):
        return at + 1 == len(blocks) or bool(labels[at + 1]) or name.lower() in TAIL_HEADINGS
    if not label or LABELS[label] == "body" or not (newer or name[: len(label)].isupper()):
        return False
    last = at + 1 == len(blocks) or bool(labels[at + 1] or _COPYRIGHT.match(blocks[at + 1]))
    return last or LABELS[label] in ("captions", "")


def _labelled(block: str) -> list[str]:
    """Return a block of several labelled lines as one text for each label."""
    parts: list[str] = []
    for line in block.split("\n"):
        if _label(line) or not parts:
            parts.append(line)
        else:
            parts[-1] += "\n" + line
    return parts


def _proquest(text: str) -> Iterator[Values]:
    """Yield the parts of each document of ProQuest."""
    for part in _RULE.split(text):
        values: Values = {}
        field = "above"
        for line in part.split("\n"):
            if label := _label(line):
                field = LABELS[label]
                line = _LABEL.sub("", line, count=1)
            if line.strip():
                values.setdefault(field, []).append(line)
        if values.keys() & {"title", "body", "source"}:
            if "title" not in values:
                above = [line for line in values["above"] if not START_OF_DOCUMENT.match(line)]
                values["title"] = above[:1]
            values["title"] = values["title"][:1]
            values["authors"] = [name.rstrip(" .") for name in values.get("authors", ())]
            yield values


def _factiva(text: str) -> Iterator[Values]:
    """Yield the parts of each document of Factiva, with codes or without."""
    lines = [line for line in text.split("\n") if not PAGE_LINE.match(line)]
    if _has_codes(lines):
        yield from _coded(lines)
        return
    chunk: list[str] = []
    for line in lines:
        end = FACTIVA_END.match(line)
        if end is None:
            chunk.append(line)
            continue
        yield {**uncoded(chunk), "own": [end["own"]]}
        chunk = []
    if any(map(LENGTH.match, chunk)):
        yield uncoded(chunk)


def _coded(lines: list[str]) -> Iterator[Values]:
    values: Values = {}
    field = ""
    for line in lines:
        found = _CODED.match(line)
        if found and found["code"] in CODES:
            code, line = found["code"], line[found.end() :]
            if values.get("own") and code != "AN":
                yield values
                values = {}
            field = CODES[code]
        if field and line.strip():
            values.setdefault(field, []).append(FACTIVA_END.sub(r"\g<own>", line))
    if values.keys() & {"title", "body"}:
        yield values


def uncoded(lines: list[str]) -> Values:
    """Return the parts of a document without codes, by their order around the count of words."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    count = next((n for n, at in enumerate(filled) if LENGTH.match(lines[at])), -1)
    if count < 0:
        return {"title": [lines[at] for at in filled[:1]], "body": [lines[at] for at in filled[1:]]}
    above = [clean(lines[at]) for at in filled[:count]]
    values: Values = {}
    if len(above) > 1 and (_BYLINE.match(above[-1]) or _is_names(above[-1])):
        values["authors"] = [above.pop()]
    if len(above) > 1 and len(above[0].split()) <= 3:
        values["section"] = [above.pop(0)]
    values["title"] = [" ".join(above)]
    below = filled[count + 1 :]
    header = next(
        (n for n, at in enumerate(below[:12]) if _COPYRIGHT.match(lines[at])),
        next((n for n, at in enumerate(below[:12]) if language_code(lines[at])), 2),
    )
    about = [clean(lines[at]) for at in below[: header + 1]]
    values["published"] = about[:1]
    rest = about[1:]
    if rest and re.match(r"\d{1,2}:\d{2}\b", rest[0]):
        values["time"] = [rest.pop(0)]
    values["source"] = rest[:1]
    values["language"] = [line for line in rest[1:] if len(line) < 40 and language_code(line)][:1]
    begin = below[header] + 1 if header < len(below) else len(lines)
    text = [clean(line) for line in lines[begin:] if line.strip()]
    values["body"] = _without_holder(text, about[-1] if about else "")
    return values


def _is_names(line: str) -> bool:
    """Tell a byline without a word that says so: names, and nothing else."""
    if len(line) > 120 or line.endswith((".", "?", "!", ":")):
        return False
    parts = _BETWEEN_NAMES.split(line)
    return all(len(part.split()) in (2, 3) and part.istitle() for part in parts) and bool(
        split_byline(line).authors
    )


def _without_holder(lines: list[str], copyright_line: str) -> list[str]:
    """Return lines without a last one that only names who holds the rights."""
    words = lines[-1].split()[:2] if lines else []
    if words and len(lines[-1]) < 60 and not lines[-1].endswith((".", "!", "?", '"', "”")):
        return lines[:-1] if " ".join(words) in copyright_line else lines
    return lines
