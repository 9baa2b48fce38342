"""The language of an article: an ISO 639-1 code, or '' when it cannot be told.

Three of the words that only the expected language has (the declared one, else English) decide most
texts in 2 µs, a vote of the commonest words of all most others in 10 µs; a letter-based detector
(py3langid, 80 µs) is asked only when the vote is not clear, and believed only when it is sure.
Both look at the first few hundred characters: an article is in one language.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

LANGUAGES = tuple(
    "en de fr es it pt nl sv da no fi pl cs sk hu ro bg ru uk sr hr sl el tr ar fa he hi bn ur ta "
    "th vi id ms zh ja ko ca et lv lt eu gl ga sw af ka hy az kk sq mk is".split()
)
"""The languages that newspapers are told apart in, as ISO 639-1 codes."""

_COMMON = {
    "en": "the a of and to in is that for it was on with as he his at by from are this have be or "
    "an had not but were which their they we has been will would said who about after its more "
    "what when you your than how can there all our these into up my no do if why",
    "de": "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch es "
    "an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum "
    "war haben nur oder aber vor zur bis mehr durch man sein wurde wir ich",
    "fr": "le la les de des et du en un une que est pour qui dans sur par au pas plus ne se sont "
    "avec il ce cette aux mais ont son elle être nous vous leur été fait comme ses deux après "
    "d'un d'une qu'il c'est a l'on",
    "es": "el la los las de que y en un una del por con para se no su al es lo como más pero sus "
    "le ha este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde "
    "todo nos durante han fue ser son",
    "it": "il lo la gli le di che e è un una del della dei delle in per con non si da al alla sono "
    "ha anche come più dal nel nella ma su ai questo dell'a l'ha gli essere stato hanno cui due "
    "dopo",
    "pt": "o a os as de que e do da em um uma para com não no na dos das por mais ao se como mas "
    "foi ele tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso são",
    "nl": "de het een en van ik te dat die in je is niet op aan met als voor zijn er maar om door "
    "over ze bij ook uit hij wordt naar nog dan heeft hebben worden werd kan deze tegen meer wel "
    "geen zich",
    "sv": "och att det i en som på är av för med den till inte har de ett om var han men sig från "
    "vi så kan när år säger under också efter eller nu sin där vid mot ska skulle",
    "da": "og i at det er en til på de af som med den for ikke der har et var han men sig om fra "
    "vi så kan når år efter eller nu sin hvor blev også være skal mod ved over havde",
    "no": "og i det er en til på som av for med at ikke den har de et var han men seg om fra vi så "
    "kan når år etter eller nå sin hvor ble også være skal mot ved over hadde sier",
    "fi": "ja on ei että se oli hän mutta ovat joka myös kun sen ole mukaan kuin ollut tai niin "
    "vuoden jo nyt jos kanssa vain voi sitä",
    "pl": "w i na się nie że z do to jest o jak za od po przez ale był dla co tym czy oraz które "
    "który są być tylko tego może jego ich przed już także roku",
    "cs": "a se v na je že o s z do to i za pro ve po jako by si ale jsou které který podle také "
    "od už tak byl jeho ze roku před jsem bude nebo až při",
    "sk": "a sa v na je že o s z do to i za pre vo po ako by si ale sú ktoré ktorý podľa tiež od "
    "už tak bol jeho zo roku pred som bude alebo až pri",
    "hu": "a az és hogy nem is egy ez van volt meg csak de már azt mint még el vagy ki szerint "
    "lesz most után kell minden lehet",
    "ro": "și în de la a cu pe că nu din care este o un pentru mai se să au fost sunt ca după dar "
    "prin fi al ale lui această",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi en ne kadar ise sonra var ama o "
    "değil diye dedi her olduğu",
    "ca": "el la els les de que i en un una del per amb a és al no es més com però també ha dels "
    "van són aquest aquesta ser",
    "id": "yang dan di ini dengan untuk itu dari dalam tidak akan pada juga ke karena ada mereka "
    "oleh bisa telah saat sudah",
    "vi": "và của là có không được cho trong một các với những người này đã khi về từ đến ở",
    "hr": "i je u na se da za su od s o ne što kako koji to je bi iz će nije ili samo kao ali "
    "nakon još",
}
_VOTES: dict[str, tuple[str, ...]] = {}
for _code, _words in _COMMON.items():
    for _word in set(_words.split()):
        _VOTES[_word] = (*_VOTES.get(_word, ()), _code)

_ALSO_ENGLISH = frozenset(
    "so am die war man plus pour par son me come per due door met over under men i co pro s sa "
    "most care her los las der des van dan eu est et att w ali hat den also no".split()
)
"""Common words of other languages that English texts have too: a headline such as *Two die in war*
is not German."""

_OWN = {
    code: frozenset(
        word for word in words.split() if _VOTES[word] == (code,) and word not in _ALSO_ENGLISH
    )
    for code, words in _COMMON.items()
}
"""The common words that no other language here has."""
_OWNER = {word: code for code, words in _OWN.items() for word in words}
_ENOUGH = 3
_CLEAR = 2
"""Words of its own by which another language than the stated one shows."""
# A script that one newspaper language alone is written in decides by itself.
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(f"[{ranges}]"))
    for code, ranges in (
        ("ja", "\u3040-\u30ff"),
        ("ko", "\uac00-\ud7af\u1100-\u11ff"),
        ("zh", "\u4e00-\u9fff\u3400-\u4dbf"),
        ("el", "\u0370-\u03ff"),
        ("he", "\u0590-\u05ff"),
        ("th", "\u0e00-\u0e7f"),
        ("hy", "\u0530-\u058f"),
        ("ka", "\u10a0-\u10ff"),
        ("ta", "\u0b80-\u0bff"),
        ("bn", "\u0980-\u09ff"),
    )
)
_LOOK = 400
_SHORT = 100
"""Code points below which what a document says is not doubted for want of common words."""
_DETECTED = 200
_MIN_LETTERS = 30
_SURE = 0.9


def language_of(*texts: str, hint: str = "") -> str:
    """Return the language that the texts (body first, then lead, title) are written in.

    `hint` is what the document says of itself ("en-US", "deu"); it is believed unless the text
    clearly says otherwise. Returns '' when unsure.
    """
    said = normal_code(hint)
    text = ""
    for more in texts:
        text = f"{text} {more}" if text else more
        if len(text) >= _LOOK:
            break
    text = text[:_LOOK]
    words = set(text.lower().split())
    first = said or "en"
    if first in _OWN and len(words & _OWN[first]) >= _ENOUGH:
        return first
    own = Counter([_OWNER[word] for word in words if word in _OWNER])
    voted = _vote(words, set(own))
    if not said or voted == said:
        return voted or _detect(text)
    if not _is_clear(words, own, voted, said) and (
        len(text) < _SHORT or not _VOTES.keys().isdisjoint(words)
    ):
        return said
    return voted or _detect(text) or said


def _is_clear(words: set[str], own: Counter[str], voted: str, said: str) -> bool:
    """Say whether a text that has no word of the stated language's own shows another one."""
    if not voted or said in own:
        return False
    if own[voted] >= _CLEAR:
        return True
    votes = Counter([code for word in words for code in _VOTES.get(word, ())])
    return votes[voted] > _CLEAR and not votes[said]


def normal_code(tag: str) -> str:
    """Return the ISO 639-1 code of a language tag ('en_US', 'deu', 'pt-BR'), '' when unknown."""
    code = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0] if tag else ""
    code = _THREE.get(code, code)
    return code if code in _KNOWN else ""


_KNOWN = frozenset(LANGUAGES)
_THREE = dict(
    pair.split(":")
    for pair in "eng:en deu:de ger:de fra:fr fre:fr spa:es ita:it por:pt nld:nl dut:nl swe:sv "
    "dan:da nor:no nob:no nb:no nn:no fin:fi pol:pl ces:cs cze:cs slk:sk hun:hu ron:ro rum:ro "
    "bul:bg rus:ru ukr:uk srp:sr hrv:hr ell:el gre:el tur:tr ara:ar fas:fa per:fa heb:he iw:he "
    "hin:hi zho:zh chi:zh jpn:ja kor:ko cat:ca vie:vi ind:id tha:th".split()
)


def _vote(words: set[str], own: set[str]) -> str:
    """Return the language whose commonest words a text has, when no other comes near.

    `own`: the languages with words that no other has.
    """
    votes: dict[str, int] = {}
    for word in words:
        for code in _VOTES.get(word, ()):
            votes[code] = votes.get(code, 0) + 1
    if not votes:
        return ""
    best = max(votes, key=votes.__getitem__)
    most = votes.pop(best)
    second = max(votes.values(), default=0)
    if most >= 2 and own == {best} and most > second:
        return best
    return best if most >= 3 and most >= 2 * second and own <= {best} else ""


def _detect(text: str) -> str:
    """Ask the scripts, then the detector; '' unless one is sure."""
    letters = sum(map(str.isalpha, text))
    if not text.isascii():
        for code, script in _SCRIPTS:
            if len(script.findall(text)) * 3 > letters > 0:
                return code
    if letters < _MIN_LETTERS:
        return ""
    code, probability = _detector().classify(text[:_DETECTED])
    return str(code) if probability >= _SURE else ""


def probabilities(text: str) -> list[float]:
    """Return how likely a text is in each of `LANGUAGES`, by its letters alone; at least 1e-9."""
    ranked = dict(_detector().rank(text[:_DETECTED]))
    return [max(float(ranked[code]), 1e-9) for code in LANGUAGES]


@cache
def _detector() -> Any:
    """Load the detector on first need: it takes half a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(list(LANGUAGES))
    return detector
