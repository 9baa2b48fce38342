"""What a plural is the plural of, by language: the light step before the Snowball stemmers.

Snowball takes off endings by the regions of a word, so it often parts a noun from its plural:
*ciudad* becomes *ciud* and *ciudades* *ciudad*; *ano* and *anos* both stay. The rules here bring
the two to one form first, whatever Snowball makes of it then. They read folded words (without
accents). For Turkish they stand alone, since Snowball's own rules need the accents.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple


class _Rules(NamedTuple):
    """Irregular plurals ("men man, feet foot"), words that no rule is for, rules of which the first
    that fits is applied, and rules that are all applied then: a pattern and what replaces it."""

    irregular: str = ""
    kept: str = ""
    first: tuple[tuple[str, str], ...] = ()
    then: tuple[tuple[str, str], ...] = ()


_AS_IT_IS = r"\g<0>"
_MEN = (
    "air business camera chair clergy congress council country crafts fire fisher frontier gun "
    "husband jury lay law mad middle militia police rifle sales sea service spokes sports states "
    "trades wo work"
)
_TURKISH = (
    "l[ae]r(?:i(?:n(?:i|[ae]|d[ae]n?)?)?|[ae]|d[ae]n?)?"  # plurals
    "|(?:[sn]?[iu]n?)?d[ae]n?|t[ae]n?|y?l[ae]|n?[iu]n|s[iu]"  # cases, possessives
)
_DUTCH_ENDS = (
    "(?:(?<=[rl][dtskgpfmn])|(?<=[nm][dtskgpf])|(?<=[dkpt]s)|(?<=[gcfsph]t)|(?<=s[kp])"
    "|(?<=(?:ie|oe|ui|ei|ij|eu|ou|au)[bdfgklmnprst])|(?<=uw))"
)

_LANGUAGES = {
    "ar": _Rules(
        then=(
            ("^[وف]?[بك]?ال(?=...)|^[وف]?لل(?=...)", ""),
            ("(?<=...)ات(?:ه|ها|هم|نا|ي)?$|ه$", "ة"),  # which folding made ه of
        )
    ),
    "ca": _Rules(
        kept="mes gas pais pas cas gos",
        first=(
            ("[aei][mu]$", _AS_IT_IS),
            ("(?<=..)ssos$", "s"),
            ("(?<=..[sxcz])os$", ""),
            ("ions$", "io"),
            ("(?<=..)ans$", "a"),
            ("(?<=..)ins$", "i"),
            ("(?<=.)(?:que|ce)s?$", "ca"),
            ("(?<=.)gues?$", "ga"),
            ("(?<=.)ges?$", "ja"),
            ("(?<=..)es?$", "a"),
            ("(?<=.[^s])s$", ""),
        ),
    ),
    "da": _Rules("uger uge, ugen uge, ugerne uge, byer by, byen by, byerne by, maend mand"),
    "de": _Rules(
        "nazis nazi, taxis taxi, profis profi, skis ski, kombis kombi, alibis alibi",
        "etwas atlas was news gips kollaps schnaps chaos",
        (
            ("(?:los|gas|glas|gras)$", _AS_IT_IS),
            ("(?<=...[ao])s$|(?<=..[ypwc])s$|(?<=herr)n$|(?<=nachbar)n$", ""),  # autos, chinas
            ("(?<=..[ei])ums?$|(?<=zentr)ums?$|(?<=dat)ums?$|(?<=firm|them|dram)a$", "en"),
            ("(?<=probl)em$|(?<=extr)em$|(?<=mod)ern$", _AS_IT_IS + "e"),
            ("(?<=^frei)e[nmrs]?$|(?<=einzeln)e[nmrs]?$", ""),
        ),
    ),
    "el": _Rules(first=(("(?<=..[^αευο])ι(?:α|ου|ων)?$", "ιο"),)),  # βιβλια, βιβλιο; παιδια, παιδι
    "en": _Rules(
        "men man, children child, grandchildren grandchild, schoolchildren schoolchild, feet foot, "
        "teeth tooth, geese goose, mice mouse, wives wife, housewives housewife, midwives midwife, "
        "knives knife, wolves wolf, shelves shelf, halves half, thieves thief, loaves loaf, "
        "calves calf, scarves scarf, hooves hoof, buses bus, gases gas, crises crisis, "
        "analyses analysis, hypotheses hypothesis, theses thesis, diagnoses diagnosis, "
        "criteria criterion, phenomena phenomenon, "
        + ", ".join([f"{first}men {first}man" for first in _MEN.split()])
    ),
    "es": _Rules(
        "meses mes",
        "dios mas mes tres",
        (
            ("(?<=[^s])mos$|is$|(?<=[adnv])ernos$|(?<=[ai])rnos$|(?<=ndo)nos$", _AS_IT_IS),
            ("ces$|z$", "c"),  # luces, luz
            ("(?<=..)eses$", "e"),  # ingleses, as ingles becomes by the last rule
            ("(?<=..[aeiou][dlnrsyj])es$|(?<=[aeiou]y)es$", ""),
            ("(?<=..[aeo])s$", ""),
        ),
    ),
    "fi": _Rules(first=(("(?<=..[uy])s$", "kse"),)),  # hallitus, hallitukset
    "fr": _Rules(
        "travaux travail, vitraux vitrail, bijoux bijou, genoux genou, choux chou, "
        "cailloux caillou, hiboux hibou",
        "mois fois trois bois paris mais jamais tous nous vous sous pays francais anglais "
        "irlandais depuis puis suis plus fils temps corps sens alors lors cours jus bus virus",
        (("(?<=eau)x$|(?<=eu)x$|(?<=..[iouyrtndlgmcpfbhv])s$", ""),),
    ),
    "ga": _Rules(
        first=(("(?<=..)(?:e?a(?:nna|cha)|[ai]{0,2}t(?:he|a|e)|ai|i|a|e)$", ""),),
        then=(("(?<=a)i(?=[^aeiou]+$)", ""), ("ei(?=[^aeiou]+$)", "ea")),  # leabhair, ospideil
    ),
    "it": _Rules(
        "uomini uomo, ore ora, camere camera, lettere lettera, opere opera",
        first=(
            ("(?<=..)an[aei]$", "ano"),  # americani, americana
            ("(?<=[cg])h(?=[ie]$)", ""),
            ("(?<=ic|.a)io$", "i"),
            ("(?<=.)iere$", "iera"),
            ("^(conc|esp|ap|c|inc|off|des|cop|scop)erti$", r"\1erto"),
            ("^(div|v|avv|p|disp|imm|comm|univ)ersi$", r"\1erso"),
            ("^([aeiou](?:[^aeiou]{2,3}|cqu))[aeio]$", r"\1"),  # anno, armi
        ),
    ),
    "nl": _Rules(
        "steden stad, kinderen kind, leden lid, schepen schip, musea museum",
        first=(
            (f"{_DUTCH_ENDS}en?$", ""),
            ("(?<=ij)e$|(?<=ooi)e$|(?<=..er)e$|(?<=..(?:je|[ia]e|ge|en|el))s$", ""),
            ("(?<=[rln])zen?$", "s"),
            ("(?<=[rl])ven?$", "f"),
        ),
    ),
    "no": _Rules(
        "uker uke, uken uke, ukene uke, byer by, byen by, byene by, menn mann, mennene mann"
    ),
    "pt": _Rules(
        "meses mes",
        "maes mes pais mais seis",
        (
            ("[aei]mos$", _AS_IT_IS),
            ("(?<=..)eses$", "e"),
            ("(?:oes|aes|aos)$", "ao"),
            ("ns$", "m"),
            ("(?<=..)ais$", "al"),
            ("(?<=..)eis$|(?<=..)il$|(?<=..[bcdfglmnprtvz])is$", "el"),  # tuneis, fossil, barris
            ("(?<=..)ois$", "ol"),
            ("(?<=.)uis$", "ul"),
            ("(?<=[aeiou][rlsz])es$|(?<=[lr]ei)s$|(?<=.[aeou])s$", ""),
        ),
    ),
    "ro": _Rules(
        "ani an, anii an, anilor an, anul an, anului an, copii copil, copiii copil, copiilor copil",
        first=(
            ("ioane(?:le|lor)?$", "ion"),
            ("(?<=..)uri(?:le|lor)?$|(?<=..[bcdfglmnprstz])u$", ""),  # lucruri, lucru
            ("(?<=..[dt]r)ul$|(?<=[dt]r)i$", ""),
        ),
    ),
    "sv": _Rules(
        "bocker bok, bockerna bok, ministrar minister, ministrarna minister",
        first=(("(?<=manad)(?:en|erna|er)?s?$", "er"),),
    ),
    "tr": _Rules(
        kept="turkiye",
        then=(
            (f"(?<=...)(?:(?:{_TURKISH})(?:{_TURKISH}|y?[iuae]){{0,2}}$)", ""),
            (f"(?<=....)y?[iuae](?:{_TURKISH}|y?[iuae])?$", ""),
            ("(?<=...)b$", "p"),
            ("(?<=...)d$", "t"),
            ("(?<=...)g$", "k"),
        ),
    ),
}


_SAME = {"nb": "no", "nn": "no"}


@cache
def _irregular(language: str) -> dict[str, str]:
    """Return the singulars of irregular plurals."""
    rules = _LANGUAGES.get(_SAME.get(language, language), _Rules())
    pairs = [(pair.split()[0], pair.split()[1]) for pair in rules.irregular.split(", ") if pair]
    return dict(pairs)


def irregular_plurals(word: str, language: str) -> list[str]:
    """Return the irregular plurals that a folded word has, or is one of."""
    known = _irregular(language)
    single = known.get(word, word)
    return [plural for plural, singular in known.items() if singular == single]


@cache
def singular_in(language: str) -> Callable[[str], str] | None:
    """Return what makes a folded word of a language its singular, None where nothing does."""
    rules = _LANGUAGES.get(_SAME.get(language, language))
    if rules is None:
        return None
    known = dict(zip(rules.kept.split(), rules.kept.split(), strict=True)) | _irregular(language)
    first = [(re.compile(pattern), replaced) for pattern, replaced in rules.first]
    then = [(re.compile(pattern), replaced) for pattern, replaced in rules.then]

    def singular(word: str) -> str:
        if word in known:
            return known[word]
        for pattern, replaced in first:
            if match := pattern.search(word):
                word = word[: match.start()] + match.expand(replaced) + word[match.end() :]
                break
        for pattern, replaced in then:
            word = pattern.sub(replaced, word, count=1)
        return word

    return singular
