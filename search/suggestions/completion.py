"""Completion as one types: values of tags and topics, phrases of titles, words.

Nothing is built for it. Values and words are found by scanning their dictionaries, titles by a
query; the phrases of the newest are offered, those of most titles first.

Behind the name of a field (``tag:uni``) its values are completed; the text before the word that is
being typed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from corpus.core.fields import ALIASES, PREFIXES
from indexer.analysis.analyser import fold, fold_value, tokenise
from indexer.analysis.stop_words import stop_words
from indexer.segment.arrays import U8, Strings
from indexer.segment.terms import text_at
from search.answer import Completion
from search.embedded.execute.matches import Deadline
from search.embedded.plan.terms import string_bounds
from search.embedded.reader import IndexView
from search.embedded.searcher import ArchiveSearcher
from search.query.canonical import canonical
from search.query.nodes import Near, Prefix, Value, Word

MOST_TYPED = 100  # code points of what is being typed that are looked at, from the end
MOST_HITS = 60  # titles whose phrases are gathered, the newest
_FURTHER = 2  # words that a phrase goes on for after the one being typed
_VALUES_SHOWN = 3
_WORDS_SHOWN = 3
_JOINTS = {" ", "-", "'", "’", ". ", ".", "/", "&", ""}
_STOPS = stop_words("en")
_BETWEEN = np.isin(np.arange(256), list(b" '-/"))
"""Bytes behind which a word begins inside a value, bool[256]."""

_FIELD = re.compile(r'(?:^|[\s(+-])([A-Za-z]+):(?:"([^"]*)|([^\s"()]*))$')
_TYPED = re.compile(r"[^\s()\"+-][^()\"]*$")


def complete(searcher: ArchiveSearcher, text: str, size: int = 8) -> tuple[Completion, ...]:
    """Return completions of what is being typed, the likeliest first, `size` at most."""
    typed = text[-MOST_TYPED:]
    if size <= 0 or not typed.strip():
        return ()
    if field := _FIELD.search(typed):
        name = ALIASES.get(field[1].lower(), field[1].lower())
        if name in PREFIXES:
            return _field_values(searcher.arrays, text, typed, field, name, size)
    found = _TYPED.search(typed)
    if found is None or found[0][-1:].isspace():
        return ()
    before = text[: len(text) - len(found[0])]
    words = [token.text for token in tokenise(found[0])]
    if not words:
        return ()
    return _merged(_offers(searcher, before, found[0], words, size), text, size)


def _offers(
    searcher: ArchiveSearcher, before: str, typed: str, words: list[str], size: int
) -> list[Completion]:
    """Return completions from every kind, more than are shown."""
    reader = searcher.arrays
    offers: list[Completion] = []
    for name in ("tags", "topic", "authors"):
        offers += [
            Completion(before + value, name, count)
            for value, count in _values(reader, name, fold_value(typed), _VALUES_SHOWN)
        ]
    offers.sort(key=lambda offer: (-offer.count, offer.text))
    phrases = [
        phrase._replace(text=before + phrase.text) for phrase in _phrases(searcher, words, size)
    ]
    kept = before + typed[: tokenise(typed)[-1].start]
    single = [
        Completion(kept + word, "word", count)
        for word, count in _words(reader, words[-1], _WORDS_SHOWN)
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
    reader: IndexView, text: str, typed: str, field: re.Match[str], name: str, size: int
) -> tuple[Completion, ...]:
    """Return completions of the value that is being typed behind a field's name."""
    value = field[2] if field[2] is not None else field[3]
    before = text[: len(text) - len(typed) + field.start(1)]
    found = _values(reader, PREFIXES[name], fold_value(value), size)
    return tuple(
        [Completion(before + canonical(Value(one, name)), PREFIXES[name], n) for one, n in found]
    )


def _marked(keys: Strings, typed: str) -> U8:
    """Return 2 for each key that begins as typed, 1 where a word of it does, else 0."""
    data, offsets, wanted = keys.data, keys.offsets, _bytes(typed)
    first, last = int(offsets[0]), int(offsets[-1])
    marks = np.zeros(offsets.size - 1, np.uint8)
    inside = first + 1 + np.flatnonzero(_BETWEEN[data[first:last]])
    for mark, places in ((1, inside), (2, offsets[:-1])):
        places = places[places + wanted.size <= last]
        for at, byte in enumerate(wanted):
            places = places[data[places + at] == byte]
        numbers = np.searchsorted(offsets, places, "right") - 1
        marks[numbers[places + wanted.size <= offsets[numbers + 1]]] = mark
    return marks


def _bytes(text: str) -> U8:
    return np.frombuffer(text.encode("utf-8", "replace"), np.uint8)


def _values(reader: IndexView, name: str, typed: str, size: int) -> list[tuple[str, int]]:
    """Return the values with a word that begins as typed, those that begin so themselves first."""
    totals: dict[str, tuple[int, int, str]] = {}
    for leaf in reader.leaves:
        column = leaf.segment.facets[name]
        marks = _marked(column.keys, typed)
        numbers = np.flatnonzero(marks)
        counts = np.diff(column.value_starts)[numbers]
        commonest = numbers[np.lexsort((-counts, -marks[numbers].astype(np.int64)))[: 4 * size]]
        for number in commonest.tolist():
            first, last = int(column.value_starts[number]), int(column.value_starts[number + 1])
            docs = column.value_docs[first:last]
            count = int(leaf.live[docs].sum()) if leaf.live.size else docs.size
            if count:
                key = text_at(column.keys, number)
                before = totals.get(key) or (0, 0, text_at(column.values, number))
                totals[key] = (-int(marks[number]), before[1] - count, before[2])
    best = sorted(totals.values())
    return [(spelled, -count) for _, count, spelled in best[:size]]


def _words(reader: IndexView, typed: str, size: int) -> list[tuple[str, int]]:
    """Return the commonest words of titles that begin as typed."""
    totals: dict[str, int] = {}
    for leaf in reader.leaves:
        column = leaf.segment.text["title"]
        forms, firsts = column.form_words, column.form_offsets
        # Terms are stems: one that is shorter than what is typed differs in its last letters only.
        first, last = string_bounds(column.terms, _bytes(typed[: max(2, len(typed) - 4)]))
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


def _phrases(searcher: ArchiveSearcher, words: list[str], size: int) -> list[Completion]:
    """Return phrases of the newest titles that have the typed words, the last one begun."""
    *whole, begun = words
    last = Prefix(begun, "title")
    before = [Word(word, "title", exact=True) for word in whole]
    plan = searcher.compile(Near((*before, last)) if whole else last).plan
    matches = searcher.matches(plan, False, Deadline())
    typed = " " + " ".join(words)
    hits: list[tuple[int, str, str, int]] = []
    for leaf, found in zip(searcher.arrays.leaves, matches, strict=True):
        segment, docs = leaf.segment, found.docs
        first = max(docs.size - MOST_HITS, 0)
        newest = np.argpartition(segment.dates[docs], first)[first:] if first else np.s_[:]
        for doc in docs[newest].tolist():
            title = text_at(segment.titles, doc)
            tokens = tokenise(title)
            said = "".join([" " + token.text for token in tokens])
            if (at := said.find(typed)) >= 0:
                start, identity = said.count(" ", 0, at), f"{int(segment.ids[doc]):016x}"
                text, words_of_it = title[tokens[start].start :], len(tokens) * (not start)
                hits.append((int(segment.dates[doc]), text, identity, words_of_it))
    hits.sort(key=lambda hit: -hit[0])
    return _grouped([hit[1:] for hit in hits], len(words), size)


def _grouped(titles: Sequence[tuple[str, str, int]], typed: int, size: int) -> list[Completion]:
    """Return the phrases that titles (the newest first) go on with, each once, counted.

    With each title are its article's id and, where it is shown from its start, its words.
    Words of one title alone are a cut headline, and left out unless they are all of it.
    """
    found: dict[str, Completion] = {}
    whole: set[str] = set()
    for title, identity, words in titles[:MOST_HITS]:
        for phrase, count in _beginnings(title, max(typed, 2), typed + _FURTHER):
            key = fold(phrase)
            if key not in found and count == words:
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
