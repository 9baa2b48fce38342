"""Words are found the way readers expect, and the same way in articles and in queries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.core.article import Article
from indexer.analysis.analyser import (
    LENGTHS,
    MAX_CHUNK,
    encode_length,
    expand,
    fold,
    fold_value,
    tokenise,
)
from indexer.analysis.characters import TABLE_SIZE, character_tables, table_size
from indexer.analysis.tokenise import BREAK_NUMBER
from indexer.analysis.vocabulary import ChunkTable
from indexer.whoosh.archive_reader import open_segment_reader
from indexer.whoosh.schema import make_schema
from indexer.write.invert import build_segment


def words(text: str) -> list[str]:
    return [token.text for token in tokenise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Harbour Office", ["the", "harbour", "office"]),
        ("CAFÉ café cafe\u0301", ["cafe", "cafe", "cafe"]),
        ("Straße Ærø Łódź Ñandú", ["strasse", "aero", "lodz", "nandu"]),
        ("Daesh's Daesh’s", ["daesh", "daesh"]),
        ("anti-Daesh", ["anti", "daesh"]),
        ("U.S. US u.s", ["us", "us", "us"]),
        ("U.S.A. J.R.R. Tolkien", ["usa", "jrr", "tolkien"]),
        ("U.S.-led at 5 p.m.", ["us", "led", "at", "5", "pm"]),
        ("J.R.Ewing", ["jr", "ewing"]),
        ("AT&T, S&P 500, R&D", ["at&t", "s&p", "500", "r&d"]),
        ("Johnson&Johnson", ["johnson", "johnson"]),
        ("O'Brien O’Brien's", ["obrien", "obrien"]),
        ("Qur'an Sana'a Ba'ath", ["quran", "sanaa", "baath"]),
        ("she'll we're I'm I'd they've don't", ["she", "we", "i", "i", "they", "dont"]),
        ("l'économie d'Artagnan dell'arte", ["l", "economie", "d", "artagnan", "dell", "arte"]),
        ("c'est qu'il n'y aujourd'hui", ["c", "est", "qu", "il", "n", "y", "aujourdhui"]),
        ("3.5 1,000 1,000,000.25", ["3.5", "1000", "1000000.25"]),
        ("3,5 and 1,00 and 1.000.000", ["3", "5", "and", "1", "00", "and", "1", "000", "000"]),
        ("12.05.2017 10:30", ["12", "05", "2017", "10", "30"]),
        ("F-16 F16 COVID-19", ["f", "16", "f", "16", "covid", "19"]),
        ("G20 4x4 1980s", ["g", "20", "4", "x", "4", "1980", "s"]),
        ("example.com end.Start", ["example", "com", "end", "start"]),
        ("北京 ラジオ", ["北", "京", "ラ", "シ\u3099", "オ"]),
        ("서울 뉴스", ["서울", "뉴스"]),
        ("مُدَرِّس مدرس ـمـدرس", ["مدرس", "مدرس", "مدرس"]),
        ("٣٤ ３４ Ⅳ", ["34", "34", "iv"]),
        ("новый ёлка", ["новый", "елка"]),
        ("co\u00adoperate zero\u200bwidth", ["cooperate", "zero", "width"]),
        ("", []),
        ("… — ½ ™ 😀 \ud800 \x00", []),
    ],
)
def test_words_are_found_as_readers_expect(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Daesh's café", ["Daesh", "café"]),
        ("l'Économie d’O'Brien's", ["l", "Économie", "d", "O'Brien"]),
        ("a U.S. court", ["a", "U.S", "court"]),
        ("on 12.05.2017 1,000", ["on", "12", "05", "2017", "1,000"]),
        ("😀 Straße", ["Straße"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
    ],
)
def test_tokens_point_at_the_original(text: str, pieces: list[str]) -> None:
    assert [text[token.start : token.end] for token in tokenise(text)] == pieces


def test_a_very_long_word_is_cut_not_lost() -> None:
    (token,) = tokenise("x" * 5000)
    assert token.text == "x" * MAX_CHUNK
    assert (token.start, token.end) == (0, 5000)
    assert words("é" * 500) == ["e" * MAX_CHUNK]
    assert words("語" * 3) == ["語"] * 3


TRICKY = st.text(
    alphabet=st.one_of(
        st.sampled_from([*list("aAbsSUNu'’.,&&- 0123éßйのก語"), "́", "\u200d", "\x1f", "ll"]),
        st.characters(),
    ).map(lambda piece: piece[:1]),
    max_size=60,
)


@settings(max_examples=400, deadline=None)
@given(TRICKY)
@example("U.S.A.s a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s")
@example("A&B&C&D&E AT&T&Tower l'd'O'Brien's")
@example("1,000,00.5.5,123 1.2.3.4.5.6.7.8.9.10.11")
@example("a\u0301.b\u0301c x\U000e0100y \ud800z")
@example("e\u0301" * 70 + "ß" * 70 + "ﬃ" * 70)
def test_the_kernel_finds_the_words_that_the_reference_finds(text: str) -> None:
    text = text.replace("\x1e", " ")
    assert kernel_words([text]) == [words(text)]


SCRIPTS = [
    "Les œuvres de l'été à Saint-Étienne", "Größere Straßenbahn, Ärzte", "İstanbul'da ışık",
    "Ударные волны, ёлка", "Η Ελλάδα ψηφίζει", "اَلْعَرَبِيَّة في القاهرة", "הבחירות בישראל",
    "हिन्दी समाचार", "ข่าวด่วนวันนี้", "北京の大雨警報", "서울의 봄바람이", "Tiếng Việt hôm nay",
    "ქართული ამბები", "የአማርኛ ዜና",
    "C++ & AT&T: U.S.A., anti-E.U. o'clock", "3.5 % of 1,000,000 B-52s",
]  # fmt: skip
IN_SCRIPTS = st.lists(st.one_of(
    TRICKY,
    st.sampled_from(SCRIPTS),
    st.sampled_from([word for text in SCRIPTS for word in text.split()]),
), max_size=8).map(" ".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    IN_SCRIPTS,
    st.sampled_from(("en", "de", "fr", "tr", "ru", "el", "ar", "he", "th", "ja", "ko", "vi", "")),
)
def test_an_article_is_inverted_to_what_the_schemas_analyser_yields(
    text: str, language: str
) -> None:
    text = text.replace("\x1e", " ").encode("utf-8", "replace").decode()
    expected: dict[str, list[int]] = {}
    for token in make_schema(language)["title"].analyzer(text, positions=True):
        places = expected.setdefault(token.text, [])
        if token.pos not in places:
            places.append(token.pos)
    segment = build_segment([Article(id="0" * 16, title=text, language=language)])
    reader = open_segment_reader(segment)
    assert expected == {
        term.decode(): reader.postings("title", term).value_as("positions")
        for term in reader.lexicon("title")
    }


@settings(max_examples=50, deadline=None)
@given(st.lists(TRICKY, min_size=1, max_size=8))
def test_texts_side_by_side_do_not_touch(texts: list[str]) -> None:
    texts = [text.replace("\x1e", " ") for text in texts]
    assert kernel_words(texts) == [words(text) for text in texts]


def kernel_words(texts: list[str]) -> list[list[str]]:
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    table = ChunkTable()
    numbers, borders = table.chunk(b"".join(encoded), ends, np.zeros(len(texts), np.uint8))
    chunks = ["", *table.keys(1)[1]]
    found = []
    start = 0
    for end in borders.tolist():
        found.append([w for n in numbers[start:end].tolist() for w, _, _ in expand(chunks[n])])
        start = end
    return found


def test_chunks_keep_their_numbers_while_the_table_grows() -> None:
    table = ChunkTable()
    text = " ".join(f"word{n}x{n % 7}" for n in range(70_000)).encode()
    ends = np.array([len(text)], np.int64)
    language = np.zeros(1, np.uint8)
    first, _ = table.chunk(text, ends, language)
    first = first.copy()
    again, _ = table.chunk(text, ends, language)
    assert np.array_equal(first, again)
    chunks = ["", *table.keys(1)[1]]
    assert [chunks[n] for n in first[:4].tolist()] == ["word", "0", "x", "0"]
    assert len(set(chunks)) == len(chunks)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_tables_of_any_size_that_suffices_are_the_same(text: str) -> None:
    size = table_size(text.encode())
    assert size <= TABLE_SIZE
    assert all(ord(char) < size or ord(char) >= TABLE_SIZE for char in text)
    classes, folds, _ = character_tables(size)
    whole, all_folds, _ = character_tables(TABLE_SIZE)
    assert np.array_equal(classes, whole[:size])
    assert np.array_equal(folds, all_folds[:size])


def test_a_chunk_has_a_number_for_each_language() -> None:
    table = ChunkTable()
    numbers, _ = table.chunk(b"diedie", np.array([3, 6]), np.array([0, 1], np.uint8))
    languages, chunks = table.keys(1)
    assert (languages.tolist(), chunks) == ([0, 1], ["die", "die"])
    assert numbers.tolist() == [1, 2]


def test_paragraphs_are_separated_in_the_output() -> None:
    table = ChunkTable()
    numbers, _ = table.chunk(b"one\x1etwo", np.array([7]), np.zeros(1, np.uint8))
    assert numbers.tolist() == [1, BREAK_NUMBER, 2]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_values_fold_for_case_accents_and_space() -> None:
    assert fold_value("  United  STATES ") == fold_value("united states") == "united states"
    assert fold_value("Côte d’Ivoire") == fold_value("cote d'ivoire") == "cote d'ivoire"
    assert fold_value("« Paris–Nice »") == fold_value('" paris-nice "')


def test_lengths_are_exact_when_small_and_within_six_percent_after() -> None:
    lengths = np.unique(np.geomspace(1, 1_400_000, 5000).astype(int))
    decoded = LENGTHS[encode_length(lengths)].astype(np.float64)
    assert np.array_equal(decoded[lengths <= 40], lengths[lengths <= 40])
    assert (np.abs(decoded - lengths) / lengths).max() <= 0.06
    assert (np.diff(LENGTHS) > 0).all()
    assert LENGTHS.dtype == np.float32
    assert encode_length([0, 10**9]).tolist() == [0, 255]
