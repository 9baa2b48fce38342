"""Bylines as newspapers print them: labels of many languages, pictures, editors, agencies."""

from __future__ import annotations

import pytest

from corpus.bylines.authors import split_byline
from corpus.bylines.labels import AFTER, BEFORE, PICTURES, labelled_parts, without_labels


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Ada Quill and Ben Moss", "Ada Quill|Ben Moss"),
        ("Words: Ada Quill. Pictures: Ben Moss", "Ada Quill"),
        ("Photographs by Ben Moss", ""),
        ("By Ada Quill for the Harrow Post", "Ada Quill"),
        ("BY ADA McQUILL", "Ada McQuill"),
        ("Deur Pieter Steyn", "Pieter Steyn"),
        ("Од Елена Ристова", "Елена Ристова"),
        ("Reporting by Ada Quill; Editing by Ben Moss", "Ada Quill"),
        ("Friday, June 4, 2021 7:15 pm by Ada Quill", "Ada Quill"),
        ('By <a href="/p/ada">Ada Quill</a> &amp; <b>Ben Moss</b>', "Ada Quill|Ben Moss"),
        ("Ein Gastbeitrag von Uwe Trost", "Uwe Trost"),
        ("Text und Fotos: Uwe Trost", "Uwe Trost"),
        ("Foto: Eva Lind Text: Uwe Trost", "Uwe Trost"),
        ("Von unserer Korrespondentin Eva Lind", "Eva Lind"),
        ("Texte : Anne Roux – Photos : Luc Petit", "Anne Roux"),
        ("Propos recueillis par Anne Roux", "Anne Roux"),
        ("Escrito por Inés Vega y Raúl Mora", "Inés Vega|Raúl Mora"),
        ("Reportagem de Rita Lobo", "Rita Lobo"),
        ("A cura di Gina Serra", "Gina Serra"),
        ("Tekst: Piet Vos Beeld: Jan Kok", "Piet Vos"),
        ("Text: Nils Alm Foto: Stina Ek", "Nils Alm"),
        ("Skrevet af Bo Lund", "Bo Lund"),
        ("Tekst: Kari Vik", "Kari Vik"),
        ("Teksti: Sanna Salo Kuvat: Timo Aho", "Sanna Salo"),
        ("Höfundur: Jón Páll", "Jón Páll"),
        ("Oprac. Ewa Lis, fot. Jan Bąk", "Ewa Lis"),
        ("Připravila Jana Malá", "Jana Malá"),
        ("Napísal Peter Vlk", "Peter Vlk"),
        ("Szerző: Nagy Béla", "Nagy Béla"),
        ("Fotó: Nagy Béla", ""),
        ("Scris de Ana Rusu", "Ana Rusu"),
        ("Автор: Мария Дойнова, снимки: Иван Колев", "Мария Дойнова"),
        ("Piše: Ana Babić", "Ana Babić"),
        ("Текст: Анна Котова Фото: Пётр Зуев", "Анна Котова"),
        ("Підготувала Олена Гай", "Олена Гай"),
        ("Autorius Jonas Petraitis", "Jonas Petraitis"),
        ("Της Ελένης Δούκα", "Ελένης Δούκα"),
        ("Γράφει ο Νίκος Ράπτης", "Νίκος Ράπτης"),
        ("Haber: Elif Kaya / Fotoğraf: Can Er", "Elif Kaya"),
        ("بقلم: سارة منصور", "سارة منصور"),
        ("كتبت ليلى حداد", "ليلى حداد"),
        ("نویسنده: رضا کریمی", "رضا کریمی"),
        ("מאת רון כהן", "רון כהן"),
        ("כתבה: נועה בר | צילום: דן לב", "נועה בר"),
        ("लेखक: अमित वर्मा", "अमित वर्मा"),
        ("লেখক: করিম খান", "করিম খান"),
        ("Penulis: Dewi Lestari; Editor: Agus", "Dewi Lestari"),
        ("Bài: Trần Minh - Ảnh: Lê Hoa", "Trần Minh"),
        ("โดย มานี ดีใจ", "มานี ดีใจ"),
        ("取材・文＝鈴木一郎　写真＝高橋花", "鈴木一郎"),
        ("鈴木一郎記者", "鈴木一郎"),
        ("文・マイケル・グリーン", "マイケル・グリーン"),
        ("박서준 특파원", "박서준"),
        ("글 이영희, 사진 최민호", "이영희"),
        ("本报记者 赵刚 孙丽", "赵刚|孙丽"),
        ("新华社记者赵刚", "赵刚"),
        ("作者：赵刚", "赵刚"),
        ("文/赵刚 图/孙丽", "赵刚"),
        ("来源：新民晚报", ""),
        # No labels: names that begin or end as labels do.
        ("Teksta Maro", "Teksta Maro"),
        ("Leonardo Di Marco", "Leonardo Di Marco"),
        ("王小文", "王小文"),
        ("文・山田春子　写真・高橋次郎", "山田春子"),
        ("文・写真　山田春子", "山田春子"),
        ("记者 赵小刚 摄影 孙丽", "赵小刚"),
        ("이하늘 기자 sky@post.example", "이하늘"),
        ("マイケル・グリーン", "マイケル・グリーン"),
        ("Photis Kontos", "Photis Kontos"),
        ("Byron Case", "Byron Case"),
    ],
)
def test_labels_are_no_part_of_names(byline: str, authors: str) -> None:
    assert "|".join(split_byline(byline).authors) == authors


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("Trost, U.", "U. Trost"),
        ("Trost, U.W.; Quill, A. B.", "U.W. Trost|A. B. Quill"),
        ("Trost, Uwe W.", "Uwe W. Trost"),
        ("Ada Quill, U.W. Trost", "Ada Quill|U.W. Trost"),
        ("Ada Quill, M.D.", "Ada Quill"),
        ("Ada Quill, RDN", "Ada Quill"),
    ],
)
def test_a_name_turned_around_keeps_its_initials(byline: str, authors: str) -> None:
    assert "|".join(split_byline(byline).authors) == authors


@pytest.mark.parametrize(
    ("byline", "authors", "agency"),
    [
        ("Von Uwe Trost und dpa, Kiel", "Uwe Trost", "dpa"),
        ("Reuters, London", "", "Reuters"),
        ("By Ada Quill and Reuters in Paris", "Ada Quill", "Reuters"),
        ("Par Anne Roux (avec AFP)", "Anne Roux", "AFP"),
    ],
)
def test_agencies_are_no_authors(byline: str, authors: str, agency: str) -> None:
    found = split_byline(byline)
    assert ("|".join(found.authors), found.agency) == (authors, agency)


def test_the_tables_are_of_words() -> None:
    assert len(BEFORE) >= 24
    for table in (BEFORE, AFTER, PICTURES):
        for words in table.values():
            assert len(words) == len(set(words))
            assert all(word == word.lower() and word.strip(": ") for word in words)


@pytest.mark.parametrize(
    ("line", "wrote", "source"),
    [
        ("2024-05-07 09:40　来源：新民日报　记者：赵刚 孙丽", "赵刚; 孙丽", "新民日报"),
        ("7 May 2024 | Text: Nils Alm | Foto: Stina Ek | Källa: TT", "Nils Alm", "TT"),
        ("Redaktion: Eva Lind", "", ""),
        ("A sentence of the text, with nobody in it.", "", ""),
    ],
)
def test_a_line_says_who_wrote_and_where_it_is_from(line: str, wrote: str, source: str) -> None:
    assert labelled_parts(line) == (wrote, source)


@pytest.mark.parametrize(
    ("language", "byline", "author"),
    [
        ("ro", "de Mihai Rusu", "Mihai Rusu"),
        ("ca", "Per Jordi Vila", "Jordi Vila"),
        ("sv", "Per Anders Lind", "Per Anders Lind"),
        ("sq", "Nga Drita Leka", "Drita Leka"),
        ("es", "de la Cruz", "de la Cruz"),
        ("ro", "de Rusu", "de Rusu"),
    ],
)
def test_some_labels_are_none_in_other_languages(language: str, byline: str, author: str) -> None:
    assert without_labels((byline,), language) == (author,)
