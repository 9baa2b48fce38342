"""Words of many languages meet by their stems."""

from __future__ import annotations

import pytest

from indexer.analysis.analyser import fold
from indexer.analysis.languages import LANGUAGES, stem, stem_all
from indexer.analysis.stop_words import stop_words


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "harbours", "harbour"),
        ("en", "running", "runs"),
        ("de", "Häuser", "Häusern"),
        ("fr", "élevée", "élevés"),
        ("fr", "économiques", "économique"),
        ("es", "naciones", "nación"),
        ("it", "giornali", "giornale"),
        ("pt", "cidades", "cidade"),
        ("nl", "kranten", "krant"),
        ("ru", "новый", "новая"),
        ("ru", "газеты", "газета"),
    ],
)
def test_inflected_words_share_a_stem(language: str, one: str, other: str) -> None:
    assert stem(fold(one), language) == stem(fold(other), language)


_PLURALS = {
    "ar": "سيارة سيارات، حكومة حكومات، وزير الوزير، مدينة بالمدينة، شركة شركات، قرار قرارات",
    "ca": "ciutat ciutats، casa cases، platja platges، elecció eleccions، català catalans",
    "cs": "město města، žena ženy، kniha knihy، zákon zákony",
    "da": "dommer dommere، uge uger، by byer، mulighed mulighederne",
    "de": "Auto Autos، Problem Probleme، Museum Museen، Firma Firmen، China Chinas، Preis Preise",
    "el": "βιβλίο βιβλία، παιδί παιδιά، νόμος νόμοι، εκκλησία εκκλησίες",
    "en": "woman women، child children، bus buses، crisis crises، policeman policemen، box boxes",
    "es": "ciudad ciudades، año años، mujer mujeres، luz luces، juez jueces، gobierno gobiernos، "
    "francés franceses، interés intereses، ley leyes، dólar dólares، presidente presidentes",
    "fa": "کتاب کتاب‌ها، شهر شهرها، دولت دولت‌ها",
    "fi": "hallitus hallitukset، auto autot، vaali vaalit",
    "fr": "loi lois، jeu jeux، travail travaux، élu élus، conflit conflits، opinion opinions، "
    "journal journaux، emploi emplois، bateau bateaux",
    "ga": "leabhar leabhair، scoil scoileanna، oibrí oibrithe، seachtain seachtainí",
    "hi": "चुनाव चुनावों، मंत्री मंत्रियों، किताब किताबें",
    "hr": "zakon zakoni، knjiga knjige",
    "hu": "város városok، Budapest Budapesten، iskola iskolák",
    "it": "anno anni، arma armi، lago laghi، italiano italiani، uomo uomini، camera camere، "
    "concerto concerti، ufficio uffici، americana americane",
    "nl": "stad steden، mens mensen، woord woorden، nieuw nieuwe، politiek politieke، huis huizen",
    "no": "arbeider arbeidere، universitet universitetet، uke uker",
    "nb": "minister ministere، by byer",
    "pl": "miasto miasta، gazeta gazety، rząd rządy، strajk strajki",
    "pt": "eleição eleições، hospital hospitais، homem homens، mão mãos، papel papéis، ano anos، "
    "barril barris، inglês ingleses، mulher mulheres، lei leis",
    "ro": "lucru lucruri، centru centrul، copil copii، ministru ministrul",
    "sv": "månad månader، minister ministrar، marknad marknaden",
    "ta": "நகரம் நகரங்கள்، வீடு வீடுகள்",
    "tr": "kadın kadınlar، sınır sınırda، gazete gazeteler، başbakan başbakanlar، çocuk çocuğu، "
    "saldırı saldırılar، yıl yılında",
}


@pytest.mark.parametrize(
    ("language", "pair"),
    [(language, pair) for language, pairs in _PLURALS.items() for pair in pairs.split("، ")],
)
def test_a_noun_and_its_plural_share_a_stem(language: str, pair: str) -> None:
    one, other = (stem(fold(word), language) for word in pair.split())
    assert one == other


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("es", "Dios", "dio"), ("es", "hablamos", "habla más"), ("pt", "mães", "mãos"),
        ("fr", "mois", "moi"), ("de", "Chaos", "Chao"), ("tr", "oda", "od"),
        ("tr", "Türkiye", "Türk"), ("en", "omen", "Oman"), ("it", "ora", "oro"),
    ],
)  # fmt: skip
def test_other_words_are_no_plurals(language: str, one: str, other: str) -> None:
    assert stem(fold(one), language) != stem(fold(other), language)


@pytest.mark.parametrize("word", ["at&t", "3.5", "16", "北"])
def test_what_is_no_word_is_kept(word: str) -> None:
    assert stem(word, "en") == word


def test_words_of_an_unknown_language_are_kept() -> None:
    assert stem("running", "") == stem("running", "xx") == "running"


def test_every_language_stems_without_losing_a_word() -> None:
    for language in LANGUAGES:
        assert all(stem_all(["a", "es", "news", "правда", "ee"], language))


def test_stop_words_are_folded_and_known_for_the_main_languages() -> None:
    for language in (
        "en", "de", "fr", "es", "it", "pt", "nl", "ru", "da", "fi", "no", "nb", "nn", "sv", "tr",
    ):  # fmt: skip
        assert len(stop_words(language)) > 50
        assert all(fold(word) == word for word in stop_words(language))
    assert stop_words("xx") == stop_words("") == frozenset()


@pytest.mark.parametrize(
    ("word", "language"),
    [("estado", "es"), ("stato", "it"), ("wollen", "de"), ("два", "ru"), ("press", "sv")],
)
def test_words_that_news_are_made_of_are_no_stop_words(word: str, language: str) -> None:
    assert word not in stop_words(language)
