"""Languages: Snowball stems, the terms of the index, and stop words, by ISO 639-1 code.

A *term* is a stem with its language behind a ``/``: ``forest/en`` and ``for/fr`` are what English
and French make of *forest*. An article's words become terms of its own language, a query's word
one term in each language of the archive, so that stems of one language never meet those of another.
Words without a stemmer (of other languages, with digits) are terms as they stand, without a mark.
Words arrive folded (without case and accents), so that a reader who leaves the accents out finds
the same articles.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import Stemmer

__all__ = [
    "LANGUAGES", "MARK", "stem", "stem_all", "stemmed_in", "stop_words", "term", "terms_in",
    "terms_of",
]  # fmt: skip

MARK = "/"
"""Stands between a stem and its language; no word has it."""

_DOUBLED = re.compile("(?<=e)es?$")

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hu": "hungarian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

LANGUAGES: tuple[str, ...] = tuple(_ALGORITHMS)
"""The languages that have a stemmer; words of any other are kept as they are."""

_STOP_WORDS = {
    "en": (
        "a about after all also am an and any are as at be because been before being between both "
        "but by can could did do does doing down during each few for from further had has have "
        "having he her here hers him his how i if in into is it its itself just me more most my no "
        "nor not now of off on once only or other our out over own same she should so some such "
        "than that the their them then there these they this those through to too under until up "
        "very was we were what when where which while who whom why will with would you your"
    ),
    "de": (
        "aber alle als also am an ander auch auf aus bei bin bis da damit dann das dass dein dem "
        "den denn der des dich die dies dir doch dort du durch ein eine einem einen einer eines er "
        "es etwas euer fur gegen habe haben hat hatte hier ich ihm ihn ihr im in ist ja jede kann "
        "kein keine konnte man mein mich mir mit muss nach nicht noch nun nur ob oder ohne sehr "
        "sein seine sich sie sind so soll sondern um und uns unter vom von vor war waren was weil "
        "wenn wer werden wie wir wird wo wurde wurden zu zum zur zwischen uber"
    ),
    "fr": (
        "a ai au aux avait avec avoir c ce ces cet cette comme d dans de des donc du elle elles en "
        "est et etait ete etre eu eux il ils j je l la le les leur leurs lui m ma mais me meme mes "
        "moi mon n ne nos notre nous on ont ou par pas plus pour qu que quel quelle qui s sa sans "
        "se ses si son sont sur t ta te tes toi ton tu un une vos votre vous y"
    ),
    "es": (
        "a al algo ante antes como con contra cual cuando de del desde donde durante e el ella "
        "ellas ellos en entre era es esa ese eso esta estaba este esto fue ha habia han hasta hay "
        "la las le les lo los mas me mi mucho muy nada ni no nos o otra otro para pero poco por "
        "porque que quien se ser si sin sobre son su sus tambien tan tanto te tiene todo tu un una "
        "uno unos y ya yo"
    ),
    "it": (
        "a ad agli ai al all alla alle allo anche che chi ci come con contro cui d da dagli dai "
        "dal dall dalla dalle degli dei del dell della delle dello di dove e ed era essere gli ha "
        "hanno i il in io l la le lei lo loro lui ma mi mia mio ne negli nei nel nell nella nelle "
        "noi non o per perche piu quale quanto quella quello questa questo se si sia sono su sua "
        "sugli sui sul sulla suo tra tu un una uno voi"
    ),
    "pt": (
        "a ao aos as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa "
        "esse esta este eu foi foram ha isso isto ja la lhe mais mas me mesmo meu minha muito na "
        "nao nas nem no nos nossa nosso num numa o os ou para pela pelas pelo pelos por qual "
        "quando que quem se sem ser seu sua suas seus sao so tambem te tem um uma voce"
    ),
    "nl": (
        "aan al alles als andere ben bij daar dan dat de der deze die dit doch doen door dus een "
        "en er ge geen had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je "
        "kan kon maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat ons ook "
        "op over te tegen toch toen tot u uit uw van veel voor want waren was wat werd wezen wie "
        "wij wil worden zal ze zelf zich zij zijn zo zonder zou"
    ),
    "ru": (
        "а без более бы был была были было быть в вам вас весь во вот все всех вы где да даже для "
        "до его ее если есть еще же за здесь и из или им их к как ко когда кто ли либо мне может "
        "мы на над надо наш не него нее нет ни них но ну о об однако он она они оно от очень по "
        "под при с со так также такой там те тем то того тоже той только том ты у уже хотя чего "
        "чей чем что чтобы чье эта эти это этот я"
    ),
}


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    algorithm = _ALGORITHMS.get(language)
    return Stemmer.Stemmer(algorithm, 0) if algorithm in Stemmer.algorithms() else None


@lru_cache(maxsize=1 << 14)
def stem(word: str, language: str) -> str:
    """Return the Snowball stem of a folded word, or the word where there is none.

    Words with a digit or a sign are kept. French participles lose the doubled e that folding
    their accent leaves behind (``élevée``), which the algorithm would take for another word.
    """
    return stem_all([word], language)[0]


def stem_all(words: list[str], language: str) -> list[str]:
    """Return the stem of each word."""
    stemmer = _stemmer(language)
    if stemmer is None:
        return words
    if language == "fr":
        words = [_DOUBLED.sub("", word) for word in words]
    return [
        stemmed if stemmed and word.isalpha() else word
        for word, stemmed in zip(words, stemmer.stemWords(words), strict=True)
    ]


@cache
def stemmed_in(language: str) -> str:
    """Return the language whose stemmer a language uses ("no" for "nb"), "" where it has none."""
    algorithm = _ALGORITHMS.get(language)
    return next((code for code, name in _ALGORITHMS.items() if name == algorithm), "")


def terms_in(words: list[str], language: str) -> list[str]:
    """Return the term of each word of an article in a language."""
    language = stemmed_in(language)
    if not language:
        return words
    mark = MARK + language
    return [
        stemmed + mark if word.isalpha() else word
        for word, stemmed in zip(words, stem_all(words, language), strict=True)
    ]


@lru_cache(maxsize=1 << 14)
def term(word: str, language: str) -> str:
    """Return the term of a word of an article in a language."""
    return terms_in([word], language)[0]


@lru_cache(maxsize=1 << 14)
def terms_of(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the terms that stand for a query's word in an archive of these languages, each once.

    They have no article in common, since each article is in one language.
    """
    return tuple(dict.fromkeys([term(word, language) for language in languages]))


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the folded stop words of a language, none where it is unknown."""
    return frozenset(_STOP_WORDS.get(language, "").split())
