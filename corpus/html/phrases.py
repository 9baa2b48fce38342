"""What publishers write around their articles: the wording of boilerplate.

The patterns, for whole paragraphs and headings, are data (`phrases.txt`). `is_boilerplate` tells
what is boilerplate wherever it stands, `ENDINGS` are headings after which nothing of the article
follows (`FINAL_ENDINGS` never stand in the middle of one), `OPENINGS` are lines above an article's
first sentence, `CLOSINGS` lines below its last, `CREDIT_LINE` credits a picture, and `CAPTION_LINE`
is a paragraph that ends as captions do.
"""

from __future__ import annotations

import re

from corpus.html.patterns import read_patterns

LONGEST_PHRASE = 400


class _Phrases:
    """Alternatives in lower case: to lower a text is faster than to match it in both cases."""

    __slots__ = ("_pattern", "_words")

    def __init__(self, section: str, words: str = "") -> None:
        """Take a section of patterns; each match has one of the `words`, if given: few texts do."""
        self._pattern = re.compile(_SECTIONS[section])
        self._words = words.split()

    def match(self, text: str) -> bool:
        """Tell whether a text begins with one of them."""
        return self._pattern.match(text.lower()) is not None

    def search(self, text: str) -> bool:
        """Tell whether one of them is in a text."""
        lower = text.lower()
        return (
            not self._words or any(word in lower for word in self._words)
        ) and self._pattern.search(lower) is not None


_SECTIONS = read_patterns("phrases")
BOILERPLATE_STARTS = _Phrases("boilerplate starts")
BOILERPLATE_WITHIN = _Phrases(
    "boilerplate within",
    "continue scroll consider support rely depend cookie captcha akismet javascript browser"
    " affiliate reserved vorbehalten",
)
ENDINGS = _Phrases("endings")
FINAL_ENDINGS = _Phrases("final endings")
OPENINGS = _Phrases("openings")
CREDIT_LINE = _Phrases("credit line")
CAPTION_LINE = _Phrases("caption line", "© ( : / photo image picture foto bild getty shutterstock")
CLOSINGS = _Phrases("closings")
SOCIAL = re.compile(_SECTIONS["networks"], re.IGNORECASE)
"""Names of the networks that publishers ask to be followed on."""


def is_boilerplate(text: str) -> bool:
    """Tell a short paragraph that is boilerplate wherever it stands."""
    return len(text) <= LONGEST_PHRASE and (
        BOILERPLATE_STARTS.match(text) or BOILERPLATE_WITHIN.search(text)
    )
