"""Precision and recall of finding versions, on copies made of real and invented articles.

The hard negatives are Reuters' own: thousands of dividend notices, quarterly results, bond issues
and weekly statistics that follow one pattern each. What truly is a version among the originals
(Reuters sent many reports twice, corrected or extended) is told by an oracle that compares whole
texts: 0.6 of the shorter one's runs of four words are in the longer one.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from corpus.core.article import Article
from corpus.duplicates.clusters import Part, cluster
from corpus.duplicates.signatures import sign
from corpus.readers.protocol import Skip
from corpus.reading import read

MIN_PRECISION, MIN_RECALL = 0.98, 0.95
SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"
KINDS = ("re-headlined", "agency changed", "truncated", "cut to half", "edited", "cut and edited")


def copies_of(text: str, kind: str, chance: random.Random, other_words: Sequence[str]) -> str:
    words = text.split()
    match kind:
        case "agency changed":
            return f"PORT VELL, March 3 (Coast Press) — {text} Additional reporting by our desk."
        case "truncated":
            return " ".join(words[: int(len(words) * chance.uniform(0.5, 0.9))])
        case "cut to half":
            return " ".join(words[: len(words) // 2])
        case "edited":
            return " ".join(edited(words, chance.uniform(0.01, 0.04), chance, other_words))
        case "cut and edited":
            kept = words[: int(len(words) * chance.uniform(0.5, 0.8))]
            return " ".join(edited(kept, 0.02, chance, other_words))
    return text


def edited(
    words: Sequence[str], rate: float, chance: random.Random, other_words: Sequence[str]
) -> list[str]:
    """Replace, drop or add words, `rate` of them in all."""
    out = []
    for word in words:
        turn = chance.random() / rate
        if turn < 0.5:
            out.append(chance.choice(other_words))
        elif turn >= 0.75:
            out.append(word)
            if turn < 1:
                out.append(chance.choice(other_words))
    return out


def fail(skip: Skip) -> None:
    if "no page of their own" not in skip.reason:
        pytest.fail(str(skip))


def text_of(article: Article) -> str:
    return " ".join((article.lead, *article.body)).strip()


@cache
def shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = "".join(char if char.isalnum() else " " for char in text.lower()).split()
    return frozenset(zip(*(words[at:] for at in range(4)), strict=False))


def is_version(one: str, other: str) -> bool:
    if one == other:
        return True
    left, right = shingles(one), shingles(other)
    return len(left & right) >= 0.6 * max(min(len(left), len(right)), 1)


def measure(originals: list[Article], n_sources: int, report: Callable[[str], None]) -> None:
    chance = random.Random(7)
    long_enough = [n for n, one in enumerate(originals) if len(text_of(one).split()) >= 60]
    sources = chance.sample(long_enough, min(n_sources, len(long_enough)))
    other_words = [word for n in sources[:300] for word in text_of(originals[n]).split()]
    articles, made_of, kinds = list(originals), list(range(len(originals))), [""] * len(originals)
    for n in sources:
        for kind in KINDS:
            body = copies_of(text_of(originals[n]), kind, chance, other_words)
            title = "What is known so far" if kind == "re-headlined" else originals[n].title
            articles.append(Article(id=f"{len(articles):016x}", title=title, body=(body,)))
            made_of.append(n)
            kinds.append(kind)
    ids = np.arange(1, len(articles) + 1, dtype=np.uint64)
    found = cluster([Part(sign(articles), ids)]).clusters

    hits = [found[n] == found[made_of[n]] != 0 for n in range(len(originals), len(articles))]
    of_kind = defaultdict(list)
    for kind, hit in zip(kinds[len(originals) :], hits, strict=True):
        of_kind[kind].append(hit)
    recall = float(np.mean(hits))

    members = defaultdict(list)
    for n, number in enumerate(found.tolist()):
        if number:
            members[number].append(made_of[n])
    texts = [text_of(one) for one in originals]
    right = wrong = right_among_originals = wrong_among_originals = 0
    for group in members.values():
        own = set(group)
        for place, one in enumerate(group):
            for other in group[:place]:
                true = one == other or is_version(texts[one], texts[other])
                right, wrong = right + true, wrong + (not true)
        if len(own) > 1:
            for one in own:
                true = any(is_version(texts[one], texts[other]) for other in own - {one})
                right_among_originals += true
                wrong_among_originals += not true
    precision = right / (right + wrong)
    report(
        f"{len(originals)} originals, {len(hits)} copies: precision {precision:.4f}, "
        f"recall {recall:.4f} ("
        + ", ".join(f"{kind} {np.mean(of):.3f}" for kind, of in of_kind.items())
        + f"); originals joined {right_among_originals} rightly, {wrong_among_originals} wrongly"
    )
    assert precision >= MIN_PRECISION
    assert recall >= MIN_RECALL
    assert all(np.mean(of) >= 0.9 for of in of_kind.values())
    assert wrong_among_originals <= 0.02 * max(right_among_originals, 1)


@cache
def reuters(folder: Path) -> list[Article]:
    return list(read([folder / "reuters21578"], fail))


def test_on_the_sample_newspaper(record_property: Callable[[str, object], None]) -> None:
    articles = list(read([SAMPLE], fail))
    measure(articles, 200, lambda line: record_property("sample", line))


def test_on_reuters(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = reuters(shared)

    def report(line: str) -> None:
        with capsys.disabled():
            print(f"\nversions of Reuters stories: {line}")

    measure(articles, 3000, report)


def test_reuters_dividend_notices_stay_apart(shared: Path) -> None:
    """Of notices with the same words, only those of the same company are versions."""
    notices = [
        article
        for article in reuters(shared)
        if " div " in f" {text_of(article).lower()} " and len(text_of(article).split()) < 24
    ]
    assert len(notices) > 500
    ids = np.arange(1, len(notices) + 1, dtype=np.uint64)
    found = cluster([Part(sign(notices), ids)]).clusters
    groups = defaultdict(set)
    for article, number in zip(notices, found.tolist(), strict=True):
        if number:
            groups[number].add(article.title.lower())
    assert [titles for titles in groups.values() if len(titles) > 1] == []
