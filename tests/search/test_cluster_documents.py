"""The document that a cluster has of an article: the words of its texts, as they are analysed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.core.article import Article
from corpus.core.wire import article_json
from indexer.analysis.analyser import analysed, cased, term
from search.opensearch.mapping import article_of, document

WORDS = st.text("abEZ019é.,;:()\"'!?-+#&/’\u4e00\uac00 ", max_size=40)
LONG = st.sampled_from(["a" * 64, "b" * 65, "C" * 200, "7" * 65])


@given(st.lists(st.one_of(WORDS, LONG), max_size=4), st.sampled_from(["en", "de", "fr", "tr", ""]))
def test_words_are_those_of_the_analysis_whatever_stands_around_them(paragraphs, language):
    article = Article(id="0" * 16, body=tuple(paragraphs), language=language)
    made = document(article, article_json(article), "UTC")
    texts = [text for text in paragraphs if text]
    found = [list(analysed(text, language)) for text in texts]
    words = [" ".join(word.text for word, _ in one) for one in found]
    assert made.get("body_x", []) == (words if any(words) else [])
    terms = [" ".join(term(word.text, language) for word, _ in one) for one in found]
    further = [term(word, language) for one in found for _, others in one for word, _ in others]
    assert made.get("body", []) == ([*terms, *further] if any(words) else [])
    capitals = [
        " ".join(cased(text[word.start : word.end]) for word, _ in one)
        for text, one in zip(texts, found, strict=True)
    ]
    assert made.get("cased", []) == capitals
    assert article_of(made) == article
