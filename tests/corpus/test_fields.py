"""Bylines, datelines, tags and languages, as publishers write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import agency_named, take_dateline
from corpus.tags import split_tags
from corpus.text.languages import language_of, normal_code
from corpus.text.text import clean, decode, paragraphs


@pytest.mark.parametrize(
    ("byline", "authors", "agency"),
    [
        ("By JANE DOE and John Roe, AP", ("Jane Doe", "John Roe"), "AP"),
        ("Carla K. Johnson, AP", ("Carla K. Johnson",), "AP"),
        ("    by Jane Doe, Reuters", ("Jane Doe",), "Reuters"),
        ("BY TED D'AFFLISIO, Reuters", ("Ted D'Afflisio",), "Reuters"),
        ("MATTHEW DOE and MARCY ROE, AP", ("Matthew Doe", "Marcy Roe"), "AP"),
        ("Jane Doe, ContributorWriter, Mother, Speaker", ("Jane Doe",), ""),
        ("Doe, Jane", ("Jane Doe",), ""),
        ("Doe, Jane; Roe, John", ("Jane Doe", "John Roe"), ""),
        ("Jane Doe, John Roe and Max Müller (dpa)", ("Jane Doe", "John Roe", "Max Müller"), "dpa"),
        ("Von Anna Schmidt", ("Anna Schmidt",), ""),
        ("par Jean Dupont avec AFP", ("Jean Dupont",), "AFP"),
        ("Por María José García y Juan López / EFE", ("María José García", "Juan López"), "EFE"),
        ("AFP", (), "AFP"),
        ("Reuters Staff", (), "Reuters"),
        ("By Associated Press", (), "AP"),
        ("Jane Doe, Staff Writer", ("Jane Doe",), ""),
        ("By Jane Doe | The Daily Bugle", ("Jane Doe",), ""),
        ("Jane Doe in London and John Roe in Paris", ("Jane Doe", "John Roe"), ""),
        ("By Mary E Smith", ("Mary E Smith",), ""),
        ("jane doe", ("Jane Doe",), ""),
        ("Martin Luther King, Jr.", ("Martin Luther King Jr.",), ""),
        ("Dr. Jane Doe, M.D.", ("Jane Doe",), ""),
        ("By LUDWIG VAN BEETHOVEN", ("Ludwig van Beethoven",), ""),
        ("O'NEILL MCDONALD", ("O'Neill McDonald",), ""),
        ("Jane Doe on January 3, 2019", ("Jane Doe",), ""),
        ("jane.doe@paper.example", (), ""),
        ("https://paper.example/authors/jane", (), ""),
        ("Jane Doe, Jane Doe", ("Jane Doe",), ""),
        ("admin", (), ""),
        ("", (), ""),
        (["Doe, Jane", "John Roe", "AP"], ("Jane Doe", "John Roe"), "AP"),
        ([None, 3, {"a": 1}, "Jane Doe"], ("Jane Doe",), ""),
    ],
)
def test_bylines(byline: object, authors: tuple[str, ...], agency: str) -> None:
    found = split_byline(byline)  # type: ignore[arg-type]
    assert (found.authors, found.agency) == (authors, agency)


@pytest.mark.parametrize(
    ("text", "place", "agency"),
    [
        ("MOSCOW (Sputnik)\xa0— Text", "MOSCOW", "Sputnik"),
        ("MOSCOW, January 30 (Sputnik) — Text", "MOSCOW", "Sputnik"),
        ("(Reuters) - Text", "", "Reuters"),
        ("LONDON, Jan 30 (Reuters) - Text", "LONDON", "Reuters"),
        ("KANSAS CITY, Mo. (AP) — Text", "KANSAS CITY, Mo.", "AP"),
        ("Berlin (dpa/lnw) - Text", "Berlin", "dpa"),
        ("Paris, 30 jan 2017 (AFP) - Text", "Paris", "AFP"),
        ("MADRID, 30 Ene. (EUROPA PRESS) - Text", "MADRID", "Europa Press"),
        ("Madrid, 30 ene (EFE).- Text", "Madrid", "EFE"),
        ("(ANSA) - ROMA, 30 GEN - Text", "ROMA", "ANSA"),
        ("МОСКВА, 30 янв — РИА Новости. Text", "МОСКВА", "RIA Novosti"),
        ("МОСКВА, 30 января. /ТАСС/. Text", "МОСКВА", "TASS"),
        ("BEIJING, Jan. 30 (Xinhua) -- Text", "BEIJING", "Xinhua"),
        ("NEW YORK, Jan. 30, 2017 /PRNewswire/ -- Text", "NEW YORK", "PR Newswire"),
        ("NEW YORK--(BUSINESS WIRE)--Text", "NEW YORK", "Business Wire"),
        ("(CNN)Text", "", "CNN"),
        ("PARIS — Text", "PARIS", ""),
        ("DALLAS, Feb 26 - Text", "DALLAS", ""),
        ("ST. LOUIS, Oct 19 - Text", "ST. LOUIS", ""),
        ("L'AQUILA (ANSA) - Text", "L'AQUILA", "ANSA"),
        ("DAMASCUS (SANA) - Text", "DAMASCUS", "SANA"),
    ],
)
def test_datelines_are_taken_off(text: str, place: str, agency: str) -> None:
    found = take_dateline(clean(text))
    assert found is not None
    assert (found.place, found.agency, found.rest) == (place, agency, "Text")


def test_a_dateline_may_name_its_reporter() -> None:
    found = take_dateline("MOSCOW (Sputnik), Jane Doe — Text")
    assert found is not None
    assert (found.place, found.byline, found.rest) == ("MOSCOW", "Jane Doe", "Text")


@pytest.mark.parametrize(
    "text",
    [
        "NATO — the alliance — has met.",
        "UPDATE — Text",
        "The man (AP) said so.",
        "Moscow — and only Moscow — knows.",
        "Daesh (ISIS) fighters said",
        "IMF (International Monetary Fund) said",
        "U.S. President Donald Trump - who came late - left.",
        "He said: (no more) - Text",
        "A (b) - c",
        "",
        "—",
        "(",
    ],
)
def test_sentences_are_no_datelines(text: str) -> None:
    assert take_dateline(text) is None


def test_agencies_by_all_their_names() -> None:
    assert agency_named("Associated Press") == "AP"
    assert agency_named("reuters") == "Reuters"
    assert agency_named("Pa") == "", "a short name only as the agency writes it"
    assert agency_named("Harrow Bay Courier") == ""


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("Daesh, Sergei Lavrov, United States", ("Daesh", "Sergei Lavrov", "United States")),
        ("a; b, c; d", ("a", "b, c", "d")),
        ("a|b| b |B", ("a", "b")),
        ("#one, #Two", ("one", "Two")),
        (["a, b"], ("a", "b")),
        (["a, b", "c"], ("a, b", "c")),
        ("U.S., Inc., end.", ("U.S.", "Inc", "end")),
        ("", ()),
        (None, ()),
        (["", None, 3], ()),
        ("x" * 101, ()),
        ("中国、美国", ("中国", "美国")),
        ('"Deep Frost"', ("Deep Frost",)),
        (['Exercise "Deep Frost"', "x"], ('Exercise "Deep Frost"', "x")),
        (["Film «Der Kai».", "“Kai” Film"], ("Film «Der Kai»", "“Kai” Film")),
        (
            ['"Frost" and "Thaw"', '"He said "no" twice"'],
            ('"Frost" and "Thaw"', 'He said "no" twice'),
        ),
        (['"open', "shut'", 'Film "open'], ("open", "shut", 'Film "open')),
        (["F#", "#F#", "Sand [band]", "[sic]"], ("F#", "F", "Sand [band]", "sic")),
        (["[Sand] and [Sea]", "[Sea] bed", "bed]"], ("[Sand] and [Sea]", "[Sea] bed", "bed")),
    ],
)
def test_tags(tags: object, expected: tuple[str, ...]) -> None:
    assert split_tags(tags) == expected  # type: ignore[arg-type]


SENTENCES = {
    "en": "The council voted on Tuesday to keep the old bridge open for another year.",
    "de": "Die Bundesregierung hat am Montag neue Regeln für den Verkehr beschlossen.",
    "fr": "Le gouvernement a annoncé lundi de nouvelles règles pour la circulation.",
    "es": "El gobierno anunció el lunes nuevas normas para el tráfico en la capital.",
    "it": "Il governo ha annunciato lunedì nuove regole per il traffico nella capitale.",
    "pt": "O governo anunciou na segunda-feira novas regras para o trânsito na capital.",
    "nl": "De regering heeft maandag nieuwe regels voor het verkeer aangekondigd.",
    "sv": "Regeringen meddelade i måndags att nya regler för trafiken ska gälla.",
    "fi": "Hallitus ilmoitti maanantaina uusista liikennesäännöistä, jotka tulevat voimaan.",
    "pl": "Rząd ogłosił w poniedziałek nowe zasady ruchu drogowego w stolicy.",
    "cs": "Vláda v pondělí oznámila nová pravidla silničního provozu v hlavním městě.",
    "ru": "Правительство объявило в понедельник новые правила дорожного движения.",
    "uk": "Уряд оголосив у понеділок нові правила дорожнього руху в столиці.",
    "tr": "Hükümet pazartesi günü başkentte yeni trafik kuralları açıkladı.",
    "el": "Η κυβέρνηση ανακοίνωσε τη Δευτέρα νέους κανόνες κυκλοφορίας.",
    "he": "הממשלה הודיעה ביום שני על כללי תנועה חדשים",
    "ar": "أعلنت الحكومة يوم الاثنين قواعد جديدة للمرور في العاصمة",
    "zh": "政府周一宣布了新的交通规则，将于下月生效。",
    "ja": "政府は月曜日に新しい交通規則を発表しました。",
    "ko": "정부는 월요일 새로운 교통 규칙을 발표했다.",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_languages_are_told_by_a_sentence(code: str) -> None:
    assert language_of(SENTENCES[code]) == code


def test_a_language_is_not_guessed() -> None:
    assert language_of("") == ""
    assert language_of("Su-34") == ""
    assert language_of("12 2141 0 0") == ""


def test_what_a_document_says_of_its_language_decides_only_when_the_text_does_not() -> None:
    assert language_of("Su-34", hint="ru") == "ru"
    assert language_of(SENTENCES["en"], hint="de-DE") == "en"
    assert normal_code("deu") == normal_code("de_AT") == normal_code("DE-de") == "de"
    assert normal_code("xx") == normal_code("") == ""


def test_text_in_any_character_set() -> None:
    text = "Café – “naïve” façade, Zürich"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        assert decode(text.encode(encoding)) == text, encoding
    assert decode("Привет, мир".encode("cp1251"), "windows-1251") == "Привет, мир"
    assert decode("日本語の記事".encode("shift_jis"), "Shift_JIS") == "日本語の記事"
    assert decode(text.encode("cp1252"), "no-such-set") == text
    assert decode("Café".encode()[:-1]) == "Caf", "cut inside a character"
    assert decode("ééééé".encode() + b"\xff") == "ééééé\ufffd"


def test_paragraphs_are_split_at_blank_lines_else_at_lines() -> None:
    assert paragraphs("One\nstill\n\nTwo\n \n\nThree") == ("One still", "Two", "Three")
    assert paragraphs("One\r\nTwo\rThree") == ("One", "Two", "Three")
    assert paragraphs(" \n ") == ()


@given(st.text())
def test_clean_text_is_one_printable_line(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert "\n" not in cleaned and "\0" not in cleaned and "  " not in cleaned
    cleaned.encode()


@given(st.binary())
def test_any_bytes_are_some_text(raw: bytes) -> None:
    decode(raw)


@given(st.text(max_size=300))
def test_any_text_has_fields_that_are_clean(text: str) -> None:
    found = split_byline(text)
    assert all(clean(author) == author for author in found.authors)
    assert all(clean(tag) == tag for tag in split_tags(text))
    dateline = take_dateline(clean(text))
    assert dateline is None or clean(text).endswith(dateline.rest)


@pytest.mark.parametrize(
    "text",
    ["A, " * 3000, "MOSCOW (" * 3000, "By " * 3000, "A" * 9000, "A. " * 3000, "A-" * 3000,
     "(" * 9000, "Jane Doe and " * 1000, "A b " * 2000, "É" * 9000],
    ids=lambda text: text[:9],
)  # fmt: skip
def test_hostile_text_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    split_byline(text)
    take_dateline(text)
    split_tags(text)
    language_of(text)
    assert time.perf_counter() - started < 1
