"""Completion as one types: values of tags and topics, phrases of titles, words.

Nothing is built for it. Values and words are found by scanning their dictionaries, titles by the
postings of the field ``title``: of the articles with the rarest of the typed words the newest few
thousand are looked at, and the phrases of the newest that match are offered, those of most titles
first.

Behind the name of a field (``tag:uni``) its values are completed; the text before the word that is
being typed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from corpus.core.fields import ALIASES, PREFIXES
from indexer.analysis.analyser import fold, fold_value, tokenise
from indexer.analysis.languages import MARK
from indexer.analysis.stop_words import stop_words
from indexer.segment.arrays import Strings
from indexer.segment.segment import FacetColumn, Segment
from indexer.segment.terms import text_at
from indexer.store.snapshot import Leaf, Snapshot
from search.answer import Completion
from search.embedded.plan.terms import string_bounds
from search.embedded.typing import I64, U8, U32
from search.query.canonical import canonical
from search.query.nodes import Value
from search.snippets.text_search import keys_with, titles_with

MOST_TYPED = 100  # code points of what is being typed that are looked at, from the end
MOST_TITLES = 4_000  # titles that are looked at, the newest
MOST_HITS = 60  # titles whose phrases are gathered, the newest
_FURTHER = 2  # words that a phrase goes on for after the one being typed
_VALUES_SHOWN = 3
_WORDS_SHOWN = 3
_JOINTS = {" ", "-", "'", "’", ". ", ".", "/", "&", ""}
_STOPS = stop_words("en")
_FIELD = re.compile(r'(?:^|[\s(+-])([A-Za-z]+):(?:"([^"]*)|([^\s"()]*))$')
_TYPED = re.compile(r"[^\s()\"+-][^()\"]*$")


def complete(snapshot: Snapshot, text: str, size: int = 8) -> tuple[Completion, ...]:
    """Return completions of what is being typed, the likeliest first, `size` at most."""
    typed = text[-MOST_TYPED:]
    if size <= 0 or not typed.strip():
        return ()
    if field := _FIELD.search(typed):
        name = ALIASES.get(field[1].lower(), field[1].lower())
        if name in PREFIXES:
            return _field_values(snapshot, text, typed, field, name, size)
    found = _TYPED.search(typed)
    if found is None or found[0][-1:].isspace():
        return ()
    before = text[: len(text) - len(found[0])]
    words = [token.text for token in tokenise(found[0])]
    if not words:
        return ()
    return _merged(_offers(snapshot, before, found[0], words, size), text, size)


def _offers(
    snapshot: Snapshot, before: str, typed: str, words: list[str], size: int
) -> list[Completion]:
    """Return completions from every kind, more than are shown."""
    offers: list[Completion] = []
    for name in ("tags", "topic", "authors"):
        offers += [
            Completion(before + value, name, count)
            for value, count in _values(snapshot, name, fold_value(typed), _VALUES_SHOWN)
        ]
    offers.sort(key=lambda offer: (-offer.count, offer.text))
    phrases = [
        phrase._replace(text=before + phrase.text) for phrase in _phrases(snapshot, words, size)
    ]
    kept = before + typed[: tokenise(typed)[-1].start]
    single = [
        Completion(kept + word, "word", count)
        for word, count in _words(snapshot, words[-1], _WORDS_SHOWN)
    ]
    # Words beside others are a guess: those of a phrase are known to stand together.
    return offers + (single + phrases if len(words) == 1 else phrases + single)


def _merged(offers: list[Completion], text: str, size: int) -> tuple[Completion, ...]:
    """Return the first `size` offers that are not the same and not what is already there."""
    merged: dict[str, Completion] = {}
    for offer in offers:
        merged.setdefault(fold_value(offer.text), offer)
    merged.pop(fold_value(text), None)
    return tuple(merged.values())[:size]


def _field_values(
    snapshot: Snapshot, text: str, typed: str, field: re.Match[str], name: str, size: int
) -> tuple[Completion, ...]:
    """Return completions of the value that is being typed behind a field's name."""
    value = field[2] if field[2] is not None else field[3]
    before = text[: len(text) - len(typed) + field.start(1)]
    found = _values(snapshot, PREFIXES[name], fold_value(value), size)
    return tuple(
        [Completion(before + canonical(Value(one, name)), PREFIXES[name], n) for one, n in found]
    )


def _bytes(text: str) -> U8:
    return np.frombuffer(text.encode("utf-8", "replace"), np.uint8)


def _marked(keys: Strings, typed: str) -> U8:
    """Return 2 for each key that begins as typed, 1 where a word of it does, else 0."""
    marks = np.empty(keys.offsets.size - 1, np.uint8)
    keys_with(keys.data, keys.offsets, _bytes(typed), marks)
    return marks


def _live(leaf: Leaf, docs: U32) -> U32:
    return docs if leaf.live is None else docs[leaf.live[docs]]


def _values(snapshot: Snapshot, name: str, typed: str, size: int) -> list[tuple[str, int]]:
    """Return the values with a word that begins as typed, those that begin so themselves first."""
    totals: dict[str, tuple[bool, int, str]] = {}
    for leaf in snapshot.leaves:
        column = leaf.segment.facets.get(name)
        if column is None or column.keys.offsets.size < 2:
            continue
        for number, begins in _values_in(column, typed, 4 * size):
            first, last = int(column.value_starts[number]), int(column.value_starts[number + 1])
            count = _live(leaf, column.value_docs[first:last]).size
            if count:
                key = text_at(column.keys, number)
                before = totals.get(key)
                spelled = before[2] if before else text_at(column.values, number)
                totals[key] = (begins, count + (before[1] if before else 0), spelled)
    best = sorted(totals.values(), key=lambda value: (not value[0], -value[1], value[2]))
    return [(spelled, count) for _, count, spelled in best[:size]]


def _values_in(column: FacetColumn, typed: str, size: int) -> list[tuple[int, bool]]:
    """Return the numbers of a column's commonest values, and whether they begin as typed."""
    marks = _marked(column.keys, typed)
    numbers = np.flatnonzero(marks)
    counts = np.diff(column.value_starts)[numbers]
    order = np.lexsort((-counts, -marks[numbers].astype(np.int64)))[:size]
    return [(int(numbers[at]), bool(marks[numbers[at]] == 2)) for at in order]


def _words(snapshot: Snapshot, typed: str, size: int) -> list[tuple[str, int]]:
    """Return the commonest words of titles that begin as typed."""
    totals: dict[str, int] = {}
    for leaf in snapshot.leaves:
        column = leaf.segment.text["title"]
        forms, firsts = column.form_words, column.form_offsets
        first, last = _terms_like(leaf.segment, typed)
        begun = _marked(Strings(forms.data, forms.offsets[firsts[first] : firsts[last] + 1]), typed)
        found = firsts[first] + np.flatnonzero(begun == 2)
        # The first form of a term that begins as typed stands for it.
        terms, at = np.unique(np.searchsorted(firsts, found, "right") - 1, return_index=True)
        counts = column.starts[terms + 1] - column.starts[terms]
        best = np.argsort(-counts, kind="stable")[: 4 * size]
        for form, frequency in zip(found[at[best]].tolist(), counts[best].tolist(), strict=True):
            word = text_at(forms, form)
            if word not in _STOPS:
                totals[word] = totals.get(word, 0) + frequency
    return sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))[:size]


def _terms_like(segment: Segment, typed: str) -> tuple[int, int]:
    """Return [first, last) of the terms of titles with forms that may begin as typed.

    Terms are stems: one that is shorter than what is typed differs in its last letters only.
    """
    terms = segment.text["title"].terms
    common = typed[: max(2, len(typed) - 4)]
    first, last = string_bounds(terms, _bytes(common))
    return int(first), int(last)


def _candidates(leaf: Leaf, words: Sequence[str]) -> U32:
    """Return the newest documents that may have the words in their title, newest first."""
    segment = leaf.segment
    column = segment.text["title"]
    first, last = _terms_like(segment, words[-1])
    start, end = int(column.starts[first]), int(column.starts[last])
    for word in words[:-1]:
        # Terms of a word that is its own stem narrow the search; those of other words do not.
        low, high = string_bounds(column.terms, _bytes(word + MARK))
        if low < high and column.starts[high] - column.starts[low] < end - start:
            start, end = int(column.starts[low]), int(column.starts[high])
    if end - start > segment.n_docs // 16:
        newest = segment.by_date[-MOST_TITLES:][::-1].copy()
        return _live(leaf, newest)
    docs = _live(leaf, np.unique(column.docs(start, end)))
    order = np.argsort(segment.dates[docs], kind="stable")[::-1]
    newest_docs: U32 = docs[order[:MOST_TITLES]]
    return newest_docs


def _phrases(snapshot: Snapshot, words: list[str], size: int) -> list[Completion]:
    """Return phrases of the newest titles that begin with the typed words."""
    wanted = _bytes(" ".join(words))
    hits: list[tuple[int, str, str, bool]] = []
    for leaf in snapshot.leaves:
        segment = leaf.segment
        docs = _candidates(leaf, words)
        places: I64 = np.empty((MOST_HITS, 2), np.int64)
        titles = segment.titles
        count = titles_with(docs, titles.data, titles.offsets, wanted, places)
        for at, byte in places[:count].tolist():
            doc = int(docs[at])
            start, end = int(titles.offsets[doc]), int(titles.offsets[doc + 1])
            title = titles.data[start + byte : end].tobytes().decode("utf-8", "replace")
            identity = f"{int(segment.ids[doc]):016x}"
            hits.append((int(segment.dates[doc]), title, identity, byte == 0))
    hits.sort(key=lambda hit: -hit[0])
    return _grouped([hit[1:] for hit in hits], len(words), size)


def _grouped(titles: Sequence[tuple[str, str, bool]], typed: int, size: int) -> list[Completion]:
    """Return the phrases that titles (the newest first) go on with, each once, counted.

    Words of one title alone are a cut headline, and left out unless they are all of it.
    """
    found: dict[str, Completion] = {}
    whole: set[str] = set()
    for title, identity, from_start in titles[:MOST_HITS]:
        words = len(tokenise(title))
        for phrase, count in _beginnings(title, max(typed, 2), typed + _FURTHER):
            key = fold(phrase)
            if key not in found and from_start and count == words:
                whole.add(key)
            known = found.get(key, Completion(phrase, "title", 0, identity))
            found[key] = known._replace(count=known.count + 1)
    # A phrase that always goes on in the same way is shown with what it goes on with.
    longest = {(key.rpartition(" ")[0], phrase.count) for key, phrase in found.items()}
    shown = [
        phrase
        for key, phrase in found.items()
        if (key, phrase.count) not in longest and (phrase.count > 1 or key in whole)
    ]
    return sorted(shown, key=lambda phrase: -phrase.count)[:size]


def _beginnings(title: str, least: int, most: int) -> list[tuple[str, int]]:
    """Return the first words of a title, from `least` to `most` of them, and how many they are.

    A phrase ends before other punctuation than that of words, and not in a stop word.
    """
    head = title[:120]
    tokens = tokenise(head)[:most]
    if head.isupper():
        head = head.lower()
    found = []
    for number, token in enumerate(tokens, 1):
        if number > 1 and head[tokens[number - 2].end : token.start] not in _JOINTS:
            break
        if number >= least and token.text not in _STOPS:
            found.append((head[tokens[0].start : token.end], number))
    return found
