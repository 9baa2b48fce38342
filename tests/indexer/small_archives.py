"""Small archives for the tests of segments, and their slow and obvious reading."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

from corpus.core.article import Article
from corpus.core.stated_date import StatedDate
from indexer.analysis.analyser import PARAGRAPH_GAP, PART_GAP, analysed, term
from indexer.segment.segment import Segment, Strings, TextField
from indexer.store.snapshot import Settings
from indexer.write.invert import PARTS

WORDS = (
    "run runs running runner dog dogs news paper papers général générale U.S. AT&T 1,000 l'eau "
    "новый новая 北京 new newer O'Brien's "
    + " ".join("gener" + end for end in "al ate ates ating ated ation ic ous ally als".split())
).split()
"""Few words, so that they meet; one of their stems has more than eight forms."""

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
lengths = st.sampled_from((4, 7, 10, 25))
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
values = st.sampled_from(["EU", "eu", "United States", "Running Dogs", "Übel", "ubel", " "])


def day_of(day: int) -> StatedDate:
    """The midnight, in UTC, that many days after `EPOCH`."""
    return StatedDate.of(EPOCH + timedelta(day))


@st.composite
def articles(draw: st.DrawFn, max_size: int = 12) -> list[Article]:
    """Some articles with different ids."""
    found = []
    for number in range(draw(st.integers(0, max_size))):
        day = draw(st.none() | st.integers(-40_000, 40_000))
        found.append(
            Article(
                id=f"{(number * 0x9E3779B97F4A7C15 + 1) % 2**64:016x}",
                url=draw(st.sampled_from(["", "https://example.org/a", "https://example.org/ü"])),
                title=draw(texts),
                lead=draw(texts),
                body=tuple(draw(st.lists(texts, max_size=3))),
                published=None if day is None else StatedDate(day_of(day)[: draw(lengths)]),
                tags=tuple(draw(st.lists(values, max_size=3))),
                topic=draw(st.sampled_from(["", "run", "Dogs"])),
                authors=tuple(draw(st.lists(values, max_size=2))),
                language=draw(st.sampled_from(["", "en", "fr", "ru"])),
            )
        )
    return found


def string_list(strings: Strings) -> list[str]:
    """The strings, decoded."""
    raw = strings.data.tobytes()
    return [
        raw[a:b].decode() for a, b in zip(strings.offsets[:-1], strings.offsets[1:], strict=True)
    ]


def positions_of(field: TextField, posting: int, block_start: int, offset: int) -> list[int]:
    """The positions of a posting, decoded from the start of its block one by one."""
    for _ in range(block_start, posting + 1):
        position, found, ended = -1, [], False
        while not ended:
            gap = shift = 0
            while (byte := int(field.positions[offset])) >= 128:
                gap |= (byte - 128) << shift
                shift += 7
                offset += 1
            offset += 1
            position += gap + (byte % 64 << shift)
            found.append(position)
            ended = byte >= 64
    return found


def record_of(field: TextField, at: int, numbers: int, width: int) -> tuple[list[int], int]:
    """The numbers of a record of position forms, and where the next one begins."""
    bits = count = 0
    while True:
        byte = int(field.position_forms[at])
        bits |= (byte % 128) << 7 * count
        count, at = count + 1, at + 1
        if byte >= 128:
            break
    assert count == -(-numbers * width // 7)
    return [bits >> i * width & (1 << width) - 1 for i in range(numbers)], at


Read = tuple[int, list[tuple[int, str]], set[str]]


def read_field(field: TextField) -> dict[str, dict[int, Read]]:
    """Term, document -> (weighted frequency, positions with forms, forms), by plain loops."""
    words = string_list(field.form_words)
    read: dict[str, dict[int, Read]] = {}
    for number, name in enumerate(string_list(field.terms)):
        first, last = int(field.starts[number]), int(field.starts[number + 1])
        forms = words[field.form_offsets[number] : field.form_offsets[number + 1]]
        read[name] = {}
        for posting in range(first, last):
            block, within = divmod(posting - first, 128)
            where = int(field.block_positions[field.blocks[number] + block])
            positions = positions_of(field, posting, posting - within, where)
            if len(forms) == 1:
                found = set(forms)
            else:
                at = int(field.form_starts[number]) + posting - first
                found = {
                    form
                    for i, form in enumerate(forms)
                    if field.forms[
                        at if len(forms) <= 8 or i < 7 else at + (1 + (i - 7) // 8) * (last - first)
                    ]
                    >> (i if len(forms) <= 8 or i < 7 else (i - 7) % 8)
                    & 1
                }
            doc, tf = divmod(int(field.postings[posting]), 256)
            if within == 0:
                record = int(field.block_position_forms[field.blocks[number] + block])
            present = sorted(found, key=str.encode)
            if len(present) > 1:
                width = (len(present) - 1).bit_length()
                which, record = record_of(field, record, len(positions), width)
            else:
                which = [0] * len(positions)
            places = [(at, present[n]) for at, n in zip(positions, which, strict=True)]
            read[name][doc] = (tf, places, found)
    return read


def expected_field(name: str, found: list[Article], settings: Settings) -> dict[str, Any]:
    """The same of articles, by the reference tokeniser."""
    expected: dict[str, Any] = defaultdict(dict)
    for doc, article in enumerate(found):
        start: int | None = None
        for part in PARTS:
            value = getattr(article, part)
            paragraphs = [value] if isinstance(value, str) else list(value)
            if not "\x1e".join(paragraphs) or (name != "text" and part != name):
                continue
            position = 0 if start is None else start + PART_GAP
            for number, paragraph in enumerate(paragraphs):
                position += PARAGRAPH_GAP if number else 0
                language = "" if part in ("authors", "place", "source") else article.language
                for token, further in analysed(paragraph, language):
                    weight = settings.weights[part] if name == "text" else 1
                    for word, form in (*further, (token.text, token.text)):
                        term_ = term(word, language)
                        tf, places, forms = expected[term_].get(doc, (0, [], set()))
                        places = [*places, (position, form)]
                        expected[term_][doc] = (tf + weight, places, forms | {form})
                    position += 1
            start = position
    return dict(expected)


def arrays_of(value: Any, prefix: str = "") -> dict[str, Any]:
    """Every array and number of a segment by its path, stored articles by document."""
    found: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        part = getattr(value, field.name)
        path = prefix + field.name
        if field.name == "name":
            continue
        if field.name == "stored":
            found[path] = part.get(range(value.n_docs))
        elif dataclasses.is_dataclass(part):
            found |= arrays_of(part, f"{path}/")
        elif isinstance(part, dict):
            for key, item in part.items():
                found |= arrays_of(item, f"{path}/{key}/")
        else:
            found[path] = part
    return found


def assert_same(one: Segment, other: Segment, *, but: tuple[str, ...] = ()) -> None:
    """Hold two segments equal, array by array."""
    left, right = arrays_of(one), arrays_of(other)
    assert left.keys() == right.keys()
    for path, array in left.items():
        if any(part in path for part in but):
            continue
        if isinstance(array, np.ndarray):
            assert array.dtype == right[path].dtype, path
            assert array.tolist() == right[path].tolist(), path
        else:
            assert array == right[path], path
