"""Terms are found in a dictionary as in a sorted list."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.segment.terms import first_at_least, pack_strings, string_at, term_number, text_at

words = st.text(alphabet="ab\u00ff\uffff\U0010ffffé", max_size=4)


@settings(deadline=None)
@given(st.sets(words, max_size=30), words)
def test_terms_are_read_and_found(terms: set[str], wanted: str) -> None:
    ordered = sorted(terms)
    encoded = [term.encode() for term in ordered]
    strings = pack_strings(ordered)
    assert [string_at(strings, n) for n in range(len(ordered))] == encoded
    text = wanted.encode()
    assert term_number(strings, text) == (encoded.index(text) if text in encoded else -1)
    assert first_at_least(strings, text) == sum(term < text for term in encoded)
    assert [text_at(strings, n) for n in range(len(ordered))] == ordered
