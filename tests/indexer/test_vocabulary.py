"""Chunks become words, stems and numbers, whatever their language and however they come."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis.analyser import expand, term
from indexer.analysis.vocabulary import Vocabulary

CHUNKS = st.sampled_from(
    ["ships", "ship", "1,000", "3.5", "12.05.2017", "o'brien's", "l'economie", "'", "at&t", "u.s",
     "shipping", "économie", "elevee", "f", "16", "schiffe"]
)  # fmt: skip
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
    words, terms = vocabulary.words, vocabulary.terms
    assert len(set(terms)) == len(terms)
    assert len(words) == len(form_terms)
    assert len(starts) == sum(map(len, batches)) + 2
    for number, (language, chunk) in enumerate((pair for one in batches for pair in one), start=1):
        mine = forms[starts[number] : starts[number + 1]].tolist()
        expected = [word for word, _, _ in expand(chunk)]
        assert [words[form] for form in mine] == expected
        assert [terms[form_terms[form]] for form in mine] == [term(w, language) for w in expected]


def test_one_word_is_a_form_of_each_term_that_it_is_stemmed_to() -> None:
    vocabulary = Vocabulary()
    languages = np.array([vocabulary.language("en"), vocabulary.language("")], np.uint8)
    vocabulary.update(languages, ["ponies", "ponies"])
    assert vocabulary.terms == ["poni/en", "ponies"]
    assert vocabulary.words == ["ponies", "ponies"]


def test_more_languages_than_there_are_numbers_are_not_stemmed() -> None:
    vocabulary = Vocabulary()
    numbers = [vocabulary.language(f"language {n}") for n in range(300)]
    assert max(numbers) <= 255
    assert vocabulary.language("language 3") == numbers[3]
    vocabulary.update(np.array(numbers[-1:], np.uint8), ["ships"])
    assert vocabulary.terms == ["ships"]
