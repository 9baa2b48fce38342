"""Chunks become words, stems and numbers, whatever their language and however they come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis.analyser import expand, is_number, term
from indexer.analysis.vocabulary import BESIDE, Vocabulary
from indexer.analysis.word_table import WordTable, copy_spans, plain_words, sort_strings
from indexer.segment.segment import Strings
from indexer.segment.terms import pack_strings, text_at

CHUNKS = st.sampled_from(
    ["ships", "ship", "1,000", "3.5", "12.05.2017", "o'brien's", "l'economie", "'", "at&t", "u.s",
     "shipping", "économie", "elevee", "f", "16", "schiffe"]
)  # fmt: skip


def texts(strings: Strings) -> list[str]:
    return [text_at(strings, number) for number in range(len(strings.offsets) - 1)]


LANGUAGES = ("en", "fr", "", "de", "xx")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from(LANGUAGES), CHUNKS), max_size=9), max_size=4))
def test_every_chunk_has_the_forms_and_terms_of_its_words(
    batches: list[list[tuple[str, str]]],
) -> None:
    vocabulary = Vocabulary()
    for batch in batches:
        languages = [vocabulary.language(language) for language, _ in batch]
        vocabulary.update(np.array(languages, np.uint8), [chunk for _, chunk in batch])
    starts, forms, form_terms = vocabulary.arrays()
    words, terms = texts(vocabulary.words), texts(vocabulary.terms)
    assert len(set(terms)) == len(terms)
    assert len(words) == len(form_terms)
    assert len(starts) == sum(map(len, batches)) + 2
    for number, (language, chunk) in enumerate((pair for one in batches for pair in one), start=1):
        mine = [form for form in forms[starts[number] : starts[number + 1]] if form < BESIDE]
        expected = [word for word, _, _ in expand(chunk)]
        assert [words[form] for form in mine] == expected
        assert [terms[form_terms[form]] for form in mine] == [term(w, language) for w in expected]


def test_one_word_is_a_form_of_each_term_that_it_is_stemmed_to() -> None:
    vocabulary = Vocabulary()
    languages = np.array([vocabulary.language("en"), vocabulary.language("")], np.uint8)
    vocabulary.update(languages, ["ponies", "ponies"])
    assert texts(vocabulary.terms) == ["poni/en", "ponies"]
    assert texts(vocabulary.words) == ["ponies", "ponies"]


def test_more_languages_than_there_are_numbers_are_not_stemmed() -> None:
    vocabulary = Vocabulary()
    numbers = [vocabulary.language(f"language {n}") for n in range(300)]
    assert max(numbers) <= 255
    assert vocabulary.language("language 3") == numbers[3]
    vocabulary.update(np.array(numbers[-1:], np.uint8), ["ships"])
    assert texts(vocabulary.terms) == ["ships"]


WORDS = st.text("ab\x00é가😀", max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(WORDS, st.integers(0, 2)), max_size=60), st.integers(1, 9))
def test_a_table_numbers_words_of_owners(pairs: list[tuple[str, int]], step: int) -> None:
    table, known = WordTable(), dict[tuple[str, int], int]()
    for first in range(0, len(pairs), step):
        part = pairs[first : first + step]
        owners = np.array([owner for _, owner in part], np.uint32)
        found = table.add([word for word, _ in part], owners).tolist()
        assert found == [known.setdefault(pair, len(known)) for pair in part]
    assert table.owners_of().tolist() == [owner for _, owner in known]
    assert texts(Strings(*table.strings([]))) == [word for word, _ in known]
    marked = Strings(*table.strings([b"", b"/en", b"/de"]))
    assert texts(marked) == [word + ("", "/en", "/de")[owner] for word, owner in known]


def test_a_table_grows() -> None:
    table = WordTable()
    words = [f"word{number}" * 3 for number in range(20_000)]
    none = np.zeros(len(words), np.uint32)
    assert table.add(words, none).tolist() == table.add(words, none).tolist()
    assert len(table) == len(words)
    assert texts(Strings(*table.strings([])))[-1] == words[-1]
    assert table.nbytes > 15 * len(words)


@given(st.lists(WORDS, unique=True, max_size=40))
def test_strings_are_sorted_by_their_bytes(words: list[str]) -> None:
    strings = pack_strings(words)
    expected = sorted(range(len(words)), key=lambda number: words[number].encode())
    assert sort_strings(strings.data, strings.offsets).tolist() == expected


def test_spans_that_are_not_there_are_not_copied() -> None:
    data = np.frombuffer(b"abcdef", np.uint8)
    copied = copy_spans(data, np.array([[2, 4], [0, 0], [0, 3]]))
    assert (copied[0].tobytes(), copied[1].tolist()) == (b"cdabc", [0, 2, 2, 5])
    for span in ([5, 7], [-1, 2], [3, 2]):
        with pytest.raises(IndexError):
            copy_spans(data, np.array([span]))


def test_chunks_that_are_no_word_as_they_are() -> None:
    chunks = ["ship", "o'brien", "f16", "économie", "학교", "1,000", "서울a", "東", "c++"]
    words, odd = plain_words(chunks)
    assert [chunks[at] for at in odd] == ["o'brien", "학교", "서울a", "c++"]
    assert words == ["1000" if chunk == "1,000" else chunk for chunk in chunks]


@given(st.from_regex(r"[0-9]{1,4}([,.][0-9]{1,4}){0,3}[,.]?", fullmatch=True))
def test_numbers_are_those_of_the_analyser(chunk: str) -> None:
    words, odd = plain_words([chunk])
    is_one = chunk.isdigit() or is_number(chunk) is not None
    assert (odd == []) is is_one
    assert words == [chunk.replace(",", "") if is_one else chunk]
