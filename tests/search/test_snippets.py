"""Snippets: the right words marked, the best passage shown, against a slow and obvious reading."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article
from indexer.analysis.analyser import stem, tokenise
from indexer.analysis.languages import LANGUAGES
from indexer.analysis.stop_words import stop_words
from search.answer import Piece
from search.query.nodes import Node, Should, Word
from search.query.parse import parse
from search.snippets.snippets import SNIPPET_LENGTH, Fields, Highlighter
from search.snippets.words import QueryWords, Text

NOW = datetime(2017, 2, 1, tzinfo=UTC)


def tree(text: str) -> Node:
    return parse(text, now=NOW).node


def article(*body: str, title: str = "", lead: str = "", language: str = "en") -> Fields:
    return asdict(Article(id="0" * 16, title=title, lead=lead, body=body, language=language))


def marked(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.match else piece.text for piece in pieces)


def title(query: str, text: str, language: str = "en", languages: tuple[str, ...] = ()) -> str:
    highlighter = Highlighter(tree(query), languages or (language,))
    return marked(highlighter.snippets([article(title=text, language=language)])[0].title)


def snippet(query: str, *body: str, lead: str = "") -> str:
    return marked(
        Highlighter(tree(query), ("en",)).snippets([article(*body, lead=lead)])[0].passages
    )


MARKS = [
    # stems, case, accents
    ("mine", "Mining towns mined out", "[Mining] towns [mined] out"),
    ("MINING", "Mining towns mined out", "[Mining] towns [mined] out"),
    ('"mining"', "Mining towns mined out", "[Mining] towns mined out"),
    ("cafe", "A café closes", "A [café] closes"),
    ("café", "A cafe closes", "A [cafe] closes"),
    ("zurich", "ZÜRICH waits", "[ZÜRICH] waits"),
    ("strasse", "An der Straße", "An der [Straße]"),
    # words as readers expect them
    ("daesh", "Daesh's end, anti-Daesh fighters", "[Daesh]'s end, anti-[Daesh] fighters"),
    ("anti-daesh", "anti Daesh, Daesh anti", "[anti Daesh], Daesh anti"),
    ("anti daesh", "anti-Daesh fighters", "[anti-Daesh] fighters"),
    ("us", "U.S. talks, US troops", "[U.S]. talks, [US] troops"),
    ("f16", "An F-16 and an F16", "An [F-16] and an [F16]"),
    ("1000", "1,000 boats", "[1,000] boats"),
    ("economie", "L'économie va", "L'[économie] va"),
    ("京都", "東京都と京都", "東[京都]と[京都]"),
    # phrases and nearness
    ('"harbour wall"', "Wall at harbour: the harbour wall", "Wall at harbour: the [harbour wall]"),
    ('"harbour wall"', "the harbours walled in", "the harbours walled in"),
    ('"to the sea"', "to sea, to the sea", "to sea, [to the sea]"),
    ('"wall harbour"~1', "harbour stone wall, harbour", "[harbour] stone [wall], [harbour]"),
    ('"wall harbour"~1', "harbour of white stone wall", "harbour of white stone wall"),
    # patterns
    ("harb*", "Harbours harbour hard", "[Harbours] [harbour] hard"),
    ("h?rd", "hard herd hoard", "[hard] [herd] hoard"),
    ("*bour", "harbour labour bourse", "[harbour] [labour] bourse"),
    ("harbor~1", "harbour harbors harpoon", "[harbour] [harbors] harpoon"),
    # what is not asked for is not marked
    ("storm -sea", "Storm at sea", "[Storm] at sea"),
    ("storm NOT (sea OR at)", "Storm at sea", "[Storm] at sea"),
    ("body:storm sea", "Storm at sea", "Storm at [sea]"),
    ("title:storm", "Storm at sea", "[Storm] at sea"),
    ("tag:storm", "Storm at sea", "Storm at sea"),
    ("date:2017", "Storm of 2017", "Storm of 2017"),
    # stop words beside others are not marked, alone they are
    ("the storm", "The storm and the sea", "The [storm] and the sea"),
    ("will", "He will, willing", "He [will], [willing]"),
    ("will storm", "He will storm, willing", "He will [storm], willing"),
    # everything else
    ("storm", "", ""),
    ("*", "Storm", "Storm"),
    ("<b>", "a <b>bold</b> b", "a <[b]>bold</[b]> [b]"),
]


@pytest.mark.parametrize(("query", "text", "expected"), MARKS)
def test_the_words_of_the_query_are_marked(query: str, text: str, expected: str) -> None:
    assert title(query, text) == expected.replace("] [", " ")


def test_each_article_is_read_in_its_own_language() -> None:
    languages = ("en", "de")
    assert title("Haus", "Die Häuser am Hafen", "de", languages) == "Die [Häuser] am Hafen"
    assert title("die", "Die Häuser am Hafen", "de", ("de",)) == "[Die] Häuser am Hafen"
    assert title("die hard", "They die hard", "en", languages) == "They [die hard]"
    assert title("die hafen", "Die Häuser am Hafen", "de", languages) == "Die Häuser am [Hafen]"


@pytest.mark.parametrize(("language", "word", "text"), [
    ("de", "aerosole", "Ein Aerosol"), ("nl", "tempeld", "een getempeld"),
    ("tr", "pirinç", "pirinci"),
    ("fi", "array", "arrayn"), ("en", "die", "dying"), ("en", "sky", "skies"), ("fr", "y", "y"),
    ("ru", "корабль", "корабли"), ("id", "baca", "membaca"),
])  # fmt: skip
def test_stems_that_begin_unlike_their_words_are_found(language: str, word: str, text: str) -> None:
    stems = {token.text: stem(token.text, language) for token in tokenise(text)}
    wanted = stem(tokenise(word)[0].text, language)
    expected = sum(found == wanted for found in stems.values())
    found = QueryWords(Word(word), (language,)).find([Text(text, "title", language)])[0]
    assert len(found) == expected


@settings(max_examples=300, deadline=None)
@given(
    st.text("aeioudgtknrsyéñß", min_size=1, max_size=9), st.text("aeioudgtknrsy", max_size=4),
    st.sampled_from(LANGUAGES),
)  # fmt: skip
def test_words_with_one_stem_are_found_in_every_language(
    root: str, ending: str, language: str
) -> None:
    text = f"{root} {root}{ending} {root}s {root}en {root}ing {root}ed"
    wanted = stem(tokenise(root)[0].text, language)
    expected = [
        (token.start, token.end) for token in tokenise(text) if stem(token.text, language) == wanted
    ]
    found = QueryWords(Word(root), (language,)).find([Text(text, "title", language)])[0]
    assert [place[:2] for place in found] == expected


FILLER = "Nothing of note was said about it by anyone who had been there on that day. "


def test_the_passage_with_most_distinct_words_close_together_is_shown() -> None:
    text = (
        FILLER + "The harbour is old. " + FILLER * 3
        + "A storm broke the harbour wall. " + FILLER * 3 + "A wall is a wall. " + FILLER
    )  # fmt: skip
    assert "A [storm] broke the [harbour wall]." in snippet("storm harbour wall", text)


def test_a_passage_begins_and_ends_with_a_sentence() -> None:
    text = f"{FILLER * 3}Mr. Lee of the U.S. Navy saw the storm. {FILLER * 3}"
    shown = snippet("storm", text)
    assert "Mr. Lee of the U.S. Navy saw the [storm]." in shown
    assert shown.startswith(("Nothing", "Mr."))
    assert shown.endswith(".")


def test_words_in_different_places_are_shown_together_with_an_ellipsis() -> None:
    shown = snippet("storm council", "A storm came. " + FILLER * 20 + "The council met.")
    assert shown.startswith("A [storm] came. Nothing of note")
    assert " … Nothing of note" in shown
    assert shown.endswith("The [council] met.")


def test_a_passage_stays_inside_its_paragraph() -> None:
    shown = snippet("storm", "The sea rose.", "The storm came.", "The sea fell.")
    assert shown == "The [storm] came."


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    shown = snippet("storm", "and so on, " * 60 + "a storm, " + "and so forth, " * 60)
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "[storm]" in shown
    assert not {"n", "nd", "fort", "ort"} & set(shown.strip("… ").replace(",", "").split())


def test_the_lead_counts_as_text() -> None:
    assert snippet("storm", FILLER, lead="A storm is coming.") == "A [storm] is coming."


def test_without_a_match_the_beginning_is_shown() -> None:
    assert snippet("tag:sea", "First this. Then that.", lead="") == "First this. Then that."
    assert snippet("", "First.", lead="The lead.") == "The lead."
    assert snippet("storm") == ""


def test_lines_are_joined() -> None:
    assert snippet("storm", "A\n  storm\tcame.") == "A [storm] came."


def test_matches_are_places_in_the_parts_of_an_article() -> None:
    found = Highlighter(tree("storm"), ("en",)).matches(
        article(
            "No match.", "A storm, two storms.", "", "Störm? storm", title="Storm", lead="a storm"
        )
    )
    assert found == (
        ("title", 0, 5),
        ("lead", 2, 7),
        ("body/1", 2, 7),
        ("body/1", 13, 19),
        ("body/3", 0, 5),
        ("body/3", 7, 12),
    )


def test_paragraphs_with_the_separator_in_them_keep_their_places() -> None:
    found = Highlighter(tree("storm"), ("en",)).matches(article("a\x1estorm", "storm"))
    assert found == (("body/0", 2, 7), ("body/1", 0, 5))


WORDS = [
    "storm", "Storms", "storming", "the", "harbour", "Harbour's", "l'orage", "U.S.", "U.S", "AT&T",
    "1,000.5", "F-16", "dying", "die", "skies", "café", "naïve", "ÉTÉ", "Straße", "東京", "ไทย",
    "й", "mü", "O'Brien", "—", "…", "(", "a\u0301", "\U0001f30a", "x\u200dy", "ﬁsh", "Ⅷ", "²", "ﷺ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    TEXTS, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.sampled_from(["en", "fr", "de", "ru", ""]),
)  # fmt: skip
def test_single_words_are_found_as_by_reading_every_word(
    text: str, wanted: list[str], language: str
) -> None:
    tokens = [token.text for word in wanted for token in tokenise(word)]
    nodes = [Word(token) for token in tokens]
    languages = (language,) if language else ()
    stems = {stem(word, language) for word in tokens}
    common = stop_words(language)
    only_common = all(word in common for word in tokens)
    content = {stem(word, language) for word in tokens if word not in common or only_common}
    expected = [
        (token.start, token.end)
        for token in tokenise(text)
        if stem(token.text, language) in (stems if token.text not in common else content)
        and (only_common or stem(token.text, language) in content)
    ]
    node = nodes[0] if len(nodes) == 1 else Should(tuple(nodes))
    found = QueryWords(node, languages).find([Text(text, "title", language)])[0]
    assert [place[:2] for place in found] == expected


@settings(max_examples=300, deadline=None)
@given(
    st.lists(TEXTS, max_size=4),
    TEXTS,
    TEXTS,
    st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
)
def test_pieces_are_the_text_and_bounded(
    body: list[str], heading: str, lead: str, query: str
) -> None:
    found = Highlighter(tree(query), ("en", "fr")).snippets(
        [article(*body, title=heading, lead=lead)]
    )[0]
    assert "".join(piece.text for piece in found.title) == heading
    assert all(piece.text for piece in (*found.title, *found.passages))
    assert len("".join(piece.text for piece in found.passages)) <= SNIPPET_LENGTH + 60
    whole = " ".join("\x1e".join((lead, *body)).split())
    for piece in found.passages:
        if piece.match:
            assert piece.text in whole


def test_long_texts_take_bounded_time() -> None:
    long = article("storm " * 400_000, "harbour " * 1000)
    start = time.process_time()
    shown = Highlighter(tree('storm harbour "storm harbour"~3 st* ha*r'), ("en",)).snippets([long])
    assert time.process_time() - start < 3
    assert shown[0].passages
