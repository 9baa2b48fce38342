"""Versions of a story are found, and reports that only follow one pattern are kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article
from corpus.duplicates import clusters
from corpus.duplicates.clusters import MOST_ON_KEY, Part, cluster, words_of
from corpus.duplicates.signatures import (
    KEYS,
    MIN_WORDS,
    NO_KEY,
    NUMBERS_AT,
    SIZES,
    SKETCH_BYTES,
    Signatures,
    sign,
)
from corpus.duplicates.sketches import estimate, is_version

STORY = (
    "The council of Harrow Bay voted on Tuesday to close the northern ramp of the bridge for six "
    "weeks, after divers had found that two of its piers stand on less gravel than was thought.",
    "Repairs will begin on 4 March and cost 2.3 million crowns, the city engineer told members. "
    "She had counted on half of that, and on a mild winter.",
    "Lorries must go by way of Tarnwick, a detour of 31 kilometres, while the number 12 bus will "
    "turn round at the customs house. Cyclists may use the launch free of charge.",
    "Shopkeepers on the north side said that they had been told on the evening before. One of them "
    "has hung a wreath on the barrier.",
)


def article(
    number: int, *body: str, title: str = "Ramp of bridge to close", lead: str = ""
) -> Article:
    return Article(id=f"{number:016x}", title=title, lead=lead, body=body)


def clusters_of(articles: Sequence[Article]) -> list[int]:
    ids = np.arange(1, len(articles) + 1, dtype=np.uint64)
    return [int(number) for number in cluster([Part(sign(articles), ids)]).clusters]


def together(one: Article, other: Article) -> bool:
    first, second = clusters_of([one, other])
    return first == second != 0


ORIGINAL = article(1, *STORY)
VERSIONS = {
    "the same": article(2, *STORY),
    "another headline": article(2, *STORY, title="Divers close a bridge"),
    "cut to half": article(2, *STORY[:2]),
    "a sentence more": article(2, *STORY, "The mayor was not available for comment."),
    "first paragraph as lead": article(2, *STORY[1:], lead=STORY[0]),
    "an agency's dateline": article(2, f"HARROW BAY (Meridian Wire) — {STORY[0]}", *STORY[1:]),
    "other paragraphs": article(2, " ".join(STORY)),
    "curly quotes and dashes": article(
        2, *(text.replace(",", " —").replace("It", "“It”") for text in STORY)
    ),
    "a word changed here and there": article(
        2,
        *(
            text.replace("found", "discovered")
            .replace("told members", "said")
            .replace("hung", "put")
            for text in STORY
        ),
    ),
    "capitals": article(2, *(text.upper() for text in STORY)),
}


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())
def test_a_version_of_a_story_is_found(version: Article) -> None:
    assert together(ORIGINAL, version)


FED = (
    "The central bank entered the market to arrange {} billion crowns of repurchase agreements, a "
    "spokesman said. Dealers said that overnight money was trading at {} pct when it began its "
    "temporary supply of reserves to the banks."
)
OTHERS = {
    "another story": (
        ORIGINAL,
        article(2, *(text[::-1] for text in STORY)),
    ),
    "dividends of a pattern": (
        article(1, "Qtly div 12 cts vs 12 cts prior Pay April 1 Record March 15", title="Askew"),
        article(2, "Qtly div 12 cts vs 12 cts prior Pay April 1 Record March 15", title="Vane"),
    ),
    "results of a pattern": (
        article(1, "Shr 31 cts vs 27 cts Net 4,061,000 vs 3,500,000 Revs 51.2 mln vs 44.0 mln "
                   "Year Shr 1.10 dlrs vs 98 cts Net 14.5 mln vs 12.8 mln Revs 201 mln vs 180 mln"),
        article(2, "Shr 12 cts vs 19 cts Net 1,220,000 vs 1,914,000 Revs 33.9 mln vs 36.1 mln "
                   "Year Shr 56 cts vs 71 cts Net 5.6 mln vs 7.1 mln Revs 139 mln vs 144 mln"),
    ),
    "notices with other figures": (
        article(1, FED.format("1.5", "6-3/16")),
        article(2, FED.format("2.2", "5-7/8")),
    ),
    "one sentence in common": (
        article(1, *STORY[:2]),
        article(2, STORY[0], *(text[::-1] for text in STORY)),
    ),
    "a headline that recurs": (article(1, title="x " * 20), article(2, title="x " * 20)),
    "nothing at all": (article(1, title=""), article(2, title="")),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_version_stays_apart(one: Article, other: Article) -> None:
    assert clusters_of([one, other]) == [0, 0]


def test_a_short_text_is_a_version_of_the_same_words_only() -> None:
    text = "The ferry to Vell leaves at nine because of the fog."
    assert together(article(1, text), article(2, text.upper()))
    assert not together(article(1, text), article(2, text.replace("nine", "ten")))
    assert not together(article(1, text), article(2, text, title="Another headline"))


@pytest.mark.parametrize(
    "text",
    [
        "港の橋が閉鎖された。市の技師は二本の橋脚が予想よりも少ない砂利の上に立っていると述べた。修理は三月に始まる。",
        "Мост через гавань закрыт для грузовиков, потому что водолазы нашли трещины в двух опорах. "
        "Ремонт начнётся в марте и обойдётся городу в два миллиона крон, сказал инженер города, "
        "который рассчитывал на половину этой суммы и на мягкую зиму.",
    ],
    ids=["Japanese", "Russian"],
)
def test_other_scripts_are_read_too(text: str) -> None:
    assert together(article(1, text), article(2, text, title="別の見出し"))
    assert containment(*sign([article(1, text), article(2, text)]).sketches) == pytest.approx(1)


def test_containment_is_estimated() -> None:
    words = [f"w{number}" for number in range(800)]
    whole, half, other, mixed = (
        article(1, " ".join(words)),
        article(2, " ".join(words[:400])),
        article(3, " ".join(f"x{number}" for number in range(400))),
        article(4, " ".join(words[:200] + [f"x{number}" for number in range(200)])),
    )
    sketches = sign([whole, half, other, mixed]).sketches
    assert containment(sketches[0], sketches[1]) == pytest.approx(1, abs=0.15)
    assert containment(sketches[0], sketches[2]) == pytest.approx(0, abs=0.1)
    assert containment(sketches[0], sketches[3]) == pytest.approx(0.5, abs=0.2)
    assert resembles(sketches[0], sketches[1])
    assert not resembles(sketches[0], sketches[3])


def containment(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    return float(estimate(words_of(one), words_of(other))[1])


def resembles(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> bool:
    return bool(is_version(words_of(one), words_of(other)))


def naive_containment(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """The estimate, bin by bin."""
    bins = [
        (int(left) >> shift & 15, int(right) >> shift & 15)
        for left, right in zip(one[1:NUMBERS_AT], other[1:NUMBERS_AT], strict=True)
        for shift in (0, 4)
    ]
    used = sum(left > 0 or right > 0 for left, right in bins)
    both = sum(left > 0 and right > 0 for left, right in bins)
    same = sum(left == right > 0 for left, right in bins)
    if not used:
        return 0.0
    resemblance = max((same - both / 15) / (1 - 1 / 15), 0.0) / used
    sizes = float(SIZES[one[0]]), float(SIZES[other[0]])
    return min(resemblance / (1 + resemblance) * sum(sizes) / min(sizes), 1.0)


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=SKETCH_BYTES, max_size=SKETCH_BYTES), st.data())
def test_sketches_are_compared_as_bin_by_bin(sketch: bytes, data: st.DataObject) -> None:
    other = bytearray(sketch)
    for at in data.draw(st.lists(st.integers(0, SKETCH_BYTES - 1), max_size=SKETCH_BYTES)):
        other[at] = data.draw(st.integers(0, 255))
    sketches = np.frombuffer(sketch + bytes(other), np.uint8).reshape(2, SKETCH_BYTES).copy()
    sketches[:, 0] |= 1  # compared in part, not as a whole
    assert containment(*sketches) == pytest.approx(naive_containment(*sketches))


def test_signatures_do_not_depend_on_the_batch() -> None:
    articles = [article(n, *STORY[: n % 5]) for n in range(30)]
    whole = sign(articles)
    for n, one in enumerate(articles):
        alone = sign([one])
        assert np.array_equal(alone.keys[0], whole.keys[n])
        assert np.array_equal(alone.sketches[0], whole.sketches[n])
    assert len(sign([])) == 0


def test_lone_surrogates_and_zero_bytes_do_no_harm() -> None:
    assert len(sign([article(1, "\ud800 \x00 é" * 50), article(2, "\U0001f600" * 50)])) == 2


def known(signatures: Signatures, ids: npt.NDArray[np.uint64], numbers: Sequence[int]) -> Part:
    return Part(signatures, ids, np.array(numbers, np.uint64))


def test_an_article_that_stood_alone_is_named_when_a_version_comes() -> None:
    signatures = sign([ORIGINAL, article(9, *(text[::-1] for text in STORY))])
    archive = known(signatures, np.array([1, 9], np.uint64), [0, 0])
    found = cluster([Part(sign([VERSIONS["cut to half"]]), np.array([2], np.uint64))], [archive])
    assert found.joined == ((0, 0, int(found.clusters[0])),)
    assert found.clusters[0] != 0
    assert found.aliases == {}


def test_a_cluster_keeps_its_number() -> None:
    archive = known(sign([ORIGINAL, ORIGINAL]), np.array([1, 2], np.uint64), [77, 77])
    found = cluster([Part(sign([ORIGINAL]), np.array([3], np.uint64))], [archive])
    assert found.clusters.tolist() == [77]
    assert found.joined == ()


def test_an_article_that_joins_two_clusters_makes_the_later_an_alias_of_the_earlier() -> None:
    first, second = article(1, *STORY[:2]), article(2, *STORY[2:])
    archive = [
        known(sign([first]), np.array([1], np.uint64), [50]),
        known(sign([second]), np.array([2], np.uint64), [40]),
    ]
    found = cluster([Part(sign([ORIGINAL]), np.array([3], np.uint64))], archive, {90: 40})
    assert found.clusters.tolist() == [50]
    assert found.aliases == {40: 50, 90: 50}


def test_deleted_and_replaced_articles_take_no_part() -> None:
    signatures = sign([ORIGINAL])
    gone = Part(signatures, np.array([1], np.uint64), np.zeros(1, np.uint64), np.zeros(1, np.bool_))
    ids = np.array([2, 3], np.uint64)
    new = Part(sign([ORIGINAL] * 2), ids, live=np.array([True, False]))
    found = cluster([new], [gone])
    assert found.clusters.tolist() == [0, 0]
    assert found.joined == ()


# Property: batches do not matter. Articles are runs out of a few texts, so that they overlap in
# every way; the oracle compares all pairs and walks the graph.

_TEXTS = [[f"{text}{number}" for number in range(130)] for text in "abcd"]
_runs = st.tuples(st.integers(0, 3), st.integers(0, 70), st.integers(0, 60))


def _run(number: int, run: tuple[int, int, int]) -> Article:
    text, start, length = run
    return article(number, " ".join(_TEXTS[text][start : start + length]), title=f"t{text}")


def _partition(numbers: Sequence[int]) -> list[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for place, number in enumerate(numbers):
        groups.setdefault(number if number else -place - 1, set()).add(place)
    return sorted(map(frozenset, groups.values()), key=min)


def _oracle(signatures: Signatures) -> list[frozenset[int]]:
    keys = [set(row[row != NO_KEY].tolist()) for row in signatures.keys]
    n = len(signatures)
    group = list(range(n))
    for one in range(n):
        for other in range(one):
            if keys[one] & keys[other] and resembles(
                signatures.sketches[one], signatures.sketches[other]
            ):
                group = [group[other] if g == group[one] else g for g in group]
    return _partition([g + 1 for g in group])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(_runs, min_size=1, max_size=25),
    st.lists(st.integers(1, 24), max_size=6),
    st.sampled_from([20, 1 << 21]),
)
def test_clusters_do_not_depend_on_how_articles_come(
    runs: list[tuple[int, int, int]], cuts: list[int], share: int
) -> None:
    articles = [_run(number, run) for number, run in enumerate(runs, 1)]
    ids = np.arange(1, len(articles) + 1, dtype=np.uint64)
    signatures = sign(articles)
    at_once = cluster([Part(signatures, ids)]).clusters
    assert _partition(at_once.tolist()) == _oracle(signatures)

    borders = sorted({0, *(cut for cut in cuts if cut < len(articles)), len(articles)})
    parts: list[Part] = []
    aliases: dict[int, int] = {}
    for start, end in pairwise(borders):
        batch = Signatures(signatures.keys[start:end], signatures.sketches[start:end])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clusters, "_SHARE", share)
            found = cluster([Part(batch, ids[start:end])], parts, aliases)
        aliases |= found.aliases
        for part, number, joined in found.joined:
            parts[part].clusters[number] = joined
        parts.append(Part(batch, ids[start:end], found.clusters))
    assert not set(aliases.values()) & set(aliases)  # none in a chain
    by_batches = [
        aliases.get(number, number) for part in parts for number in part.clusters.tolist()
    ]
    assert _partition(by_batches) == _partition(at_once.tolist())


def test_work_is_linear() -> None:
    """Every article has the same boilerplate: comparing all pairs would be 2 million."""
    boilerplate = " ".join(f"disclaimer{number}" for number in range(40))
    articles = [
        article(n, " ".join(f"n{n}w{word}" for word in range(80)) + " " + boilerplate)
        for n in range(2000)
    ]
    ids = np.arange(1, len(articles) + 1, dtype=np.uint64)
    signatures = sign(articles)
    found = cluster([Part(signatures, ids)])
    assert not found.clusters.any()
    assert found.compared <= len(articles) * KEYS * MOST_ON_KEY
    again = sign(articles[:10])
    archive = Part(signatures, ids, found.clusters)
    more = cluster([Part(again, ids[:10] + np.uint64(5000))], [archive])
    assert more.compared <= 10 * KEYS * MOST_ON_KEY
    assert len(set(more.clusters.tolist())) == 10
    assert more.clusters.all()


def test_a_story_in_a_thousand_outlets_is_one_cluster() -> None:
    numbers = clusters_of([ORIGINAL] * 1000)
    assert len(set(numbers)) == 1
    assert numbers[0] != 0


def test_half_of_a_text_just_long_enough_is_found() -> None:
    words = " ".join(STORY).split()
    assert together(ORIGINAL, article(2, " ".join(words[: len(words) // 2])))
    assert len(words) // 2 >= MIN_WORDS
