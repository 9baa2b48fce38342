"""Choose the authors of a page among its candidates, by a model like that of the text.

Each candidate is described by its evidence and by its form: how many names, whether their words
stand in lower case elsewhere in the text, how many sources agree. The model gives each its chance
to be exactly what a reader would note; below `LEAST` for the best of them nobody is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.bylines.authors import Byline
from corpus.html.bylines import FAR, ROLE, Candidates, is_signed
from corpus.html.model import model
from corpus.html.phrases import is_boilerplate

LEAST = 0.2
"""The least chance of the best candidate; below it nobody is named. Of the names with a chance of
0.15 to 0.2, 4 were right, 5 wrong, and 28 on pages whose judges noted none, cross-validated."""

_DECLARED = ("person", "organisation", "meta", "other meta", "labelled meta", "microdata", "rel")
_SHOWN = ("labelled", "under a label", "named", "dated", "under headline", "above headline", "near",
          "after end", "count", "in list", "link", "boilerplate", "link density", "whole line",
          "role after", "signature", "copyright", "alone", "site", "heading",
          "presented")  # fmt: skip
_FORM = ("names", "words", "single", "signed", "lower", "digits", "outlet", "raw", "phrase",
         "described", "order", "agreeing", "overlapping", "wider", "part of another",
         "declared", "people", "any labelled", "candidates", "role", "others declared",
         "others shown")  # fmt: skip
FEATURES = (*_DECLARED, *_SHOWN, *_FORM)
"""The names of the features, in the order of their columns."""

_SHOWN_AS_BYLINE = ("labelled", "under a label", "named", "link", "alone")

_LOWER = re.compile(r"\b[a-zà-ÿ][\w'’-]*")
_PHRASE = re.compile(
    r"^\W*(?:©|photo|image|foto|credit|bild|quelle|source|by$|from |comments?|filed|fact|in th|key"
    r"|(?:view|see|read|all|more|full|show|follow|share|posts?|articles?|profile|bio|text|about|pin"
    r"|print|learn|stay|related|popular|join|next|back|home|menu|search|latest|contact"
    r"|mon|tue|wed|thu|fri|sat|sun|dec|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov)\b)",
    re.IGNORECASE,
)
_PRESENTS = re.compile(
    r"^\W*(?:(?:is|was|ist|est|es|è|é|has|leitet)\b|(?:writes|covers|reports|works|lives|joined)\b"
    r"|,|\()",
    re.IGNORECASE,
)


def choose(found: Candidates, texts: Sequence[str]) -> tuple[Byline, str]:
    """Return the authors and the agency, and where they came from; an empty one when unknown.

    `texts` are the paragraphs of the page from its headline on.
    """
    everyone = list(found.found.values())
    if everyone:
        rows = describe(found, texts)
        chance = model("byline", FEATURES).probabilities(rows)
        if chance.max() >= LEAST:
            one = everyone[int(chance.argmax())]
            return Byline(tuple(dict.fromkeys(one.names)), found.agency), one.where
    return Byline((), found.agency), "byline" if found.agency else ""


def describe(found: Candidates, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the features of each candidate: float32, candidates by `len(FEATURES)`."""
    everyone = list(found.found.items())
    whole = "\n".join(texts)
    presenting = [text.lstrip(" –—-•*")[:120].casefold() for text in texts if len(text) > 60]
    declared = _with_evidence(found, _DECLARED)
    shown = _with_evidence(found, _SHOWN_AS_BYLINE) & _with_evidence(found, ["under headline"])
    any_labelled = float(any(one.evidence.get("labelled") for _, one in everyone))
    rows = np.zeros((len(everyone), len(FEATURES)), np.float32)
    for number, (keys, one) in enumerate(everyone):
        seen = one.evidence
        seen.setdefault("near", FAR + 1.0)
        seen.setdefault("after end", FAR + 1.0)
        words = [word for name in one.names for word in name.split()]
        first = one.names[0].casefold()
        others = [other for other, _ in everyone if other is not keys]
        form: dict[str, float] = {
            "names": len(one.names),
            "words": len(words) / len(one.names),
            "single": _share(" " not in name for name in one.names),
            "signed": _share(is_signed(name) for name in one.names),
            "lower": _share(_is_lower(word.lower(), whole, texts) for word in words),
            "digits": any(map(str.isdigit, "".join(one.names))),
            "outlet": found.outlet in keys,
            "raw": one.is_raw,
            "phrase": any(_PHRASE.match(name) or is_boilerplate(name) for name in one.names),
            "described": any(
                text.startswith(first) and _PRESENTS.match(text[len(first) :])
                for text in presenting
            ),
            "order": number,
            "agreeing": sum(seen.get(kind, 0) > 0 for kind in _DECLARED) + ("count" in seen),
            "overlapping": sum(not keys.isdisjoint(other) for other in others),
            "wider": sum(keys > other for other in others),
            "part of another": sum(
                any(a != b and (a in b or b in a) for a in keys for b in other) for other in others
            ),
            "declared": found.declared,
            "people": found.people,
            "any labelled": any_labelled,
            "candidates": min(30, len(everyone)),
            "role": any(ROLE.search(name) for name in one.names),
            "others declared": len(declared - {keys}),
            "others shown": len(shown - {keys}),
        }
        rows[number] = [seen.get(name, 0.0) for name in (*_DECLARED, *_SHOWN)] + [
            form[name] for name in _FORM
        ]
    return rows


def _is_lower(word: str, whole: str, texts: Sequence[str]) -> bool:
    """Tell whether a word is written in lower case in one of the texts; `whole` is all of them."""
    return word in whole and any(word in text and word in _LOWER.findall(text) for text in texts)


def _with_evidence(found: Candidates, kinds: Iterable[str]) -> set[frozenset[str]]:
    """Return the candidates, by their names' words, for which something of these kinds speaks;
    the outlet is none of them."""
    return {
        keys
        for keys, one in found.found.items()
        if found.outlet not in keys and any(map(one.evidence.get, kinds))
    }


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / max(1, len(listed))
