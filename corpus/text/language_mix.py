"""The languages of texts that are each too short to tell: by what the detector makes of them all.

One headline fits several languages, a hundred of them do not. `mix` estimates how many of the texts
are in each language, beside articles whose language is told, by expectation maximisation over the
detector's probabilities (Saerens, Latinne and Decaestecker, *Adjusting the outputs of a classifier
to new a priori probabilities*, Neural Computation 14, 2002). `likeliest` reads one text in the
light of such shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from corpus.text.languages import LANGUAGES, probabilities

_ROUNDS = 30
_DOUBT = 3.0
"""Texts of no language in particular that are taken into account with all others."""
_SURE = 0.5


def mix(texts: Sequence[str], counts: Mapping[str, int], scale: float = 1.0) -> dict[str, float]:
    """Return the share, 0 to 1, that each of `LANGUAGES` has in some texts and in articles told.

    `counts`: articles that are told to be in each language; each text stands for `scale` of them.
    """
    told = np.array([counts.get(code, 0) for code in LANGUAGES]) + _DOUBT / len(LANGUAGES)
    shares: npt.NDArray[np.float64] = told / told.sum()
    if texts:
        likely = np.array([probabilities(text) for text in texts])
        for _ in range(_ROUNDS):
            each = likely * shares
            each /= each.sum(axis=1, keepdims=True)
            shares = told + scale * each.sum(axis=0)
            shares /= shares.sum()
    return dict(zip(LANGUAGES, shares.tolist(), strict=True))


def likeliest(text: str, shares: Mapping[str, float]) -> str:
    """Return the language that a text is in, given the shares of all; "" where none is likely."""
    each = np.array(probabilities(text)) * [shares[code] for code in LANGUAGES]
    best = int(each.argmax())
    return LANGUAGES[best] if each[best] >= _SURE * each.sum() else ""
