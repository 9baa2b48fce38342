"""The words and values of an archive that a prefix, a wildcard or a fuzzy word stands for.

At most MAX_EXPANSION terms are kept, those with the most postings. Patterns match the forms that
people write, and the dictionary is sorted by stems; since a stem seldom differs from its forms
before their last letters, only terms that begin with all but the last `TAIL` letters of a prefix
are looked at. Articles of an address are found in the column of addresses.
"""

from __future__ import annotations

import re

import numpy as np

from indexer.segment.arrays import U8, U32
from search.addresses import address_key
from search.embedded.collect.facets import FacetIndex
from search.embedded.execute.matches import frozen
from search.embedded.execute.operands import FieldReader, Row
from search.embedded.plan.terms import (
    ANY,
    ONE,
    close_forms,
    like_forms,
    rows_of_terms,
    string_bounds,
)
from search.embedded.reader import IndexView, LeafReader
from search.query.limits import MAX_EXPANSION

_LITERAL = re.compile(r"[^*?]*")
_STARS = re.compile(r"\*+")

TAIL = 4
_STEM = 2


def _bytes(text: str) -> U8:
    return np.frombuffer(text.encode(), np.uint8)


def _pattern(text: str) -> U8:
    """Return a pattern as the kernels take it, runs of ``*`` made one."""
    return _bytes(_STARS.sub("*", text).replace("*", chr(ANY)).replace("?", chr(ONE)))


def like_terms(reader: IndexView, field: str, pattern: str) -> list[list[Row]]:
    """Return for each leaf the rows of terms with forms like `pattern`."""
    literal = _LITERAL.match(pattern)[0]  # type: ignore[index]  # matches anywhere
    common = _bytes(literal[: max(_STEM, len(literal) - TAIL)] if len(literal) >= _STEM else "")
    wanted = _pattern(pattern)
    found = []
    for leaf in reader.leaves:
        column = leaf.segment.text[field]
        first, last = string_bounds(column.terms, common)
        masks = like_forms(column.form_words, column.form_offsets, first, last, wanted)
        found.append(_commonest(leaf.fields[field], first, masks))
    return found


def close_terms(reader: IndexView, field: str, word: str, distance: int) -> list[list[Row]]:
    """Return for each leaf the rows of terms with forms within `distance` edits of `word`."""
    found = []
    for leaf in reader.leaves:
        forms = np.array(close_forms(leaf.fields[field], word, distance), np.int64)
        offsets = leaf.segment.text[field].form_offsets
        masks = np.zeros(len(offsets) - 1, np.uint8)
        terms, counts = np.unique(np.searchsorted(offsets, forms, "right") - 1, return_counts=True)
        of_form = 1 << np.minimum(forms - np.repeat(offsets[terms], counts), 7)
        np.bitwise_or.at(masks, np.repeat(terms, counts), of_form.astype(np.uint8))
        masks[terms[counts == np.diff(offsets)[terms]]] = 255
        found.append(_commonest(leaf.fields[field], 0, masks))
    return found


def _commonest(field: FieldReader, first: int, masks: U8) -> list[Row]:
    """Return the rows of terms whose masks are not 0, the MAX_EXPANSION ones with most postings.

    `masks` are those of the terms from `first` on.
    """
    places = np.flatnonzero(masks)
    if len(places) > MAX_EXPANSION:
        starts = field.column.starts
        sizes = starts[first + places + 1] - starts[first + places]
        places = places[np.sort(np.argsort(-sizes, kind="stable")[:MAX_EXPANSION])]
    rows: list[Row] = rows_of_terms(field, first + places, masks[places])
    return rows


def like_values(facet: FacetIndex, pattern: str) -> list[list[U32]]:
    """Return for each leaf the documents of each value like `pattern`."""
    wanted = _pattern(pattern)
    found = []
    for leaf, column in enumerate(facet.columns):
        n = column.keys.offsets.size - 1
        ordinals = np.flatnonzero(like_forms(column.keys, np.arange(n + 1), 0, n, wanted))
        if ordinals.size > MAX_EXPANSION:
            sizes = np.diff(column.value_starts)[ordinals]
            ordinals = np.sort(ordinals[np.argsort(-sizes, kind="stable")[:MAX_EXPANSION]])
        found.append([facet.docs(leaf, ordinal) for ordinal in ordinals.tolist()])
    return found


def docs_at(leaf: LeafReader, key: str) -> U32:
    """Return the documents of a leaf with this key of an address, uint32[], ascending.

    The column is read through once, a gigabyte in about a second.
    """
    urls = leaf.segment.urls
    found = []
    host, slash, path = [re.escape(part.encode()) for part in key.partition("/")]
    wanted = re.compile(b"(?i:%b)%b%b" % (host, slash, path))
    for match in wanted.finditer(urls.data.data):
        doc = int(np.searchsorted(urls.offsets, match.start(), side="right")) - 1
        start, end = int(urls.offsets[doc]), int(urls.offsets[doc + 1])
        if address_key(urls.data[start:end].tobytes().decode("utf-8", "replace")) == key:
            found.append(doc)
    docs = np.array(sorted(set(found)), np.uint32)
    return frozen(docs)
