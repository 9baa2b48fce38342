"""Words that are never suggested: slurs, which a misspelling must not be turned into.

Whoever types one finds it like any other word. The list is short on purpose: words that are slurs
and hardly anything else, in the languages that suggestions are most often made in. They stand here
turned by 13 letters, so that nobody reads them unasked.
"""

from __future__ import annotations

import codecs

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
