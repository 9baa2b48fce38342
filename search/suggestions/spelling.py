"""Which word of the archive a reader meant by one that it does not know, or hardly.

The archive's own words are the evidence, in proportion: a word of one article corrects nothing, a
short word needs more than a long one, and one that is two edits away must be long and well known.
Fewer edits beat more, and among equals the word that stands beside the query's other words in the
archive, then the more frequent one. A word is taken apart only where no word is near.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import NamedTuple

from whoosh.support.levenshtein import damerau_levenshtein as edits

from search.query.nodes import Node, Phrase
from search.suggestions.vocabulary import ArchiveVocabulary, CloseWord

# Slurs, which a misspelling must not be turned into: words that are hardly anything else, turned by
# 13 letters so that nobody reads them unasked. Whoever types one finds it like any other word.
_TURNED = (
    "ovpbg obyyren obhtabhyr puvanzna puvax pbba pehppb phag qntb qnexvr qnexl qlxr snt "
    "snttbg svabppuvb sebpvb tbyyvjbt tbbx tlccb urro wnc xnssve xnanxr xnanxra xrssve xvxr "
    "znevpba zbatbybvq zbenpb artre artreva avttn avttre avc cvpxnavaal cvxrl cbbs cbbsgre "
    "enturnq ergneq fnzob fpuyvgmnhtr fpujhpugry fyhg fcnfgvp fcvp fcvpx fdhnj fhqnpn greebar "
    "gbjryurnq genaal jrgonpx juber jbc lvq lbhcva mvtrhare "
)
_WORDS = frozenset(codecs.decode(_TURNED, "rot13").split())


def is_offensive(word: str) -> bool:
    """Whether a folded word, or its singular, is a slur."""
    return word in _WORDS or (word.endswith("s") and word[:-1] in _WORDS)


Count = Callable[[Node], int]
"""How many articles a tree finds."""

MAX_WORDS = 8  # words of one query that are looked up; each takes a few milliseconds
MUCH_MORE = 50  # how many times more frequent a word must be to replace one that the archive knows
KNOWN = 1_000  # a word that more than one in so many articles have is spelled as it should be
SHORTEST = 4
LONG = 7
"""Words of fewer letters than SHORTEST are kept; from LONG on, two edits are looked for."""

LEAST = {4: 5, 5: 3}
LEAST_OTHERWISE = 2
LEAST_OF_TWO_EDITS = 5
"""Articles that must have a word before it corrects another: by letters, and for two edits."""

SURE = 5  # articles from which on the correction of a word that no article has needs no question
MOST_TRIED = 12  # words near a common one that are tried beside its neighbours
MAX_HALVES = 3  # ways to write a word apart that are looked for
TOGETHER = 3  # articles in which two words must stand together to replace two that never do
_ENDINGS = frozenset(
    ["", "s", "es", "e", "ed", "d", "ing", "er", "ers", "y", "ies", "ied", "ly", "n", "en"]
)


class Spelling(NamedTuple):
    """A word, or several, in place of one; `sure` where no other can be meant."""

    text: str
    sure: bool


class Speller:
    """Corrects words by one vocabulary; `count` lets neighbours decide."""

    def __init__(self, vocabulary: ArchiveVocabulary, count: Count) -> None:
        self.vocabulary = vocabulary
        self._count = count
        self._left = MAX_WORDS
        self._known: dict[str, Spelling] = {}
        self._close: dict[tuple[str, int], list[CloseWord]] = {}

    def better(self, word: str, before: str = "", behind: str = "") -> Spelling:
        """Return the spelling of a folded word that stands between two others, itself if good."""
        own = Spelling(word, True)
        if len(word) < SHORTEST or not word.isalpha():
            return own
        if word not in self._known:
            if self._left <= 0:
                return own
            self._left -= 1
            self._known[word] = self._corrected(word, before, behind)
        return self._known[word]

    def _corrected(self, word: str, before: str, behind: str) -> Spelling:
        own = Spelling(word, True)
        (frequency,) = self.vocabulary.frequencies([word])
        written = self.vocabulary.written(word)
        if written and frequency * KNOWN > self.vocabulary.articles:
            return own
        floor = MUCH_MORE * frequency if written else 0
        near = self._near(word, 1, floor, inflected=frequency > 0)
        if not (near or written or frequency):
            for number, halves in self.halves(word)[:1]:
                if number > 1:
                    return Spelling(halves, number >= SURE)
        if not near and len(word) >= LONG and not written:
            near = self._near(word, 2, floor, inflected=frequency > 0)
        if not near:
            return own
        near = [other for other in near if other.word not in (before, behind)]
        if not near:
            return own
        best = self._among(word, near, before, behind)
        alone = len(word) >= LONG or not (before or behind)
        sure = not written and best.frequency >= SURE
        return Spelling(best.word, sure and (alone or self.together(before, best.word, behind) > 0))

    def _near(
        self, word: str, distance: int, floor: int, *, inflected: bool = False
    ) -> list[CloseWord]:
        """Return the words at a distance with evidence enough.

        Where the archive has other forms of the word (`inflected`), those are no corrections.
        """
        least = LEAST.get(len(word), LEAST_OTHERWISE)
        if distance > 1:
            least = max(least, LEAST_OF_TWO_EDITS)
        if (word, distance) not in self._close:
            self._close[word, distance] = self.vocabulary.close(word, distance)
        return [
            other
            for other in self._close[word, distance]
            if other.frequency > floor and other.word.isalpha() and other.word != word
            and other.frequency >= least * (1 + (other.word[0] != word[0]))
            and not is_offensive(other.word) and not (inflected and _inflects(word, other.word))
        ]  # fmt: skip

    def _among(self, word: str, near: list[CloseWord], before: str, behind: str) -> CloseWord:
        """Return the likeliest: a mistake in the first letter counts half an edit more."""

        def cost(other: CloseWord) -> float:
            return float(edits(word, other.word)) + 0.5 * (word[0] != other.word[0])

        least = min(map(cost, near))
        best = [other for other in near if cost(other) == least]
        best = sorted(best, key=lambda other: (-other.frequency, other.word))[:MOST_TRIED]
        if len(best) == 1:
            return best[0]
        return max(best, key=lambda other: self.together(before, other.word, behind))

    def together(self, before: str, word: str, behind: str) -> int:
        """Return in how many articles a word stands beside its neighbours ("" is none)."""
        pairs = [f"{before} {word}"] * bool(before) + [f"{word} {behind}"] * bool(behind)
        return sum([self._count(Phrase(pair)) for pair in pairs])

    def beside(self, word: str, other: str, *, first: bool) -> str:
        """Return the word near `word` that stands beside `other` where `word` never does, or "".

        `first` says that the word comes before the other.
        """
        if len(word) < SHORTEST or not word.isalpha():
            return ""
        near = sorted(self._near(word, 1, 0), key=lambda one: (-one.frequency, one.word))
        found = [
            (self.together(*(("", one.word, other) if first else (other, one.word, ""))), one.word)
            for one in near[:MOST_TRIED]
        ]
        most, best = max(found, key=lambda one: one[0], default=(0, ""))
        return best if most >= TOGETHER else ""

    def halves(self, word: str) -> list[tuple[int, str]]:
        """Return the pairs of words of the archive that a word is made of, likeliest first: in how
        many articles the rarer one is, and both with a blank between them."""
        cuts = [(word[:cut], word[cut:]) for cut in range(3, len(word) - 2)]
        cuts = [cut for cut in cuts if not any(map(is_offensive, cut))]
        counts = self.vocabulary.frequencies([half for cut in cuts for half in cut])
        least = map(min, zip(counts[::2], counts[1::2], strict=True))
        ranked = sorted(zip(least, cuts, strict=True), key=lambda one: -one[0])
        return [(number, " ".join(cut)) for number, cut in ranked[:MAX_HALVES] if number]

    def joined(self, word: str, other: str, *, unknown: bool = False) -> str:
        """Return two words side by side as one, where the archive writes them so, or a form of it
        if it lacks one of the two, as it must with `unknown`; else ""."""
        together = word + other
        if not together.isalpha() or len(together) < SHORTEST or is_offensive(together):
            return ""
        *own, frequency = self.vocabulary.frequencies([word, other, together])
        lacking = 0 in own
        known = frequency > 0 if lacking else not unknown and self.vocabulary.written(together)
        return together if known else ""


def _inflects(word: str, other: str) -> bool:
    """Whether two words differ in an ending only (wildfires, wildfire): one finds the other."""
    differing = (at for at, pair in enumerate(zip(word, other, strict=False)) if len({*pair}) > 1)
    same = next(differing, min(len(word), len(other)))
    return same >= 4 and word[same:] in _ENDINGS and other[same:] in _ENDINGS
