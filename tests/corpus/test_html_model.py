"""The stored models are what their cards say, and stay models when they are loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.html import byline_choice
from corpus.html.choice import expected_best
from corpus.html.decoding import decode
from corpus.html.features import FEATURES, features
from corpus.html.flatten import flatten
from corpus.html.model import Trees, load, model, model_path
from corpus.html.tree import parse_tree

PAGES = sorted((Path(__file__).parent / "fixtures" / "html").glob("*.html"))
MODELS = {"text": FEATURES, "byline": byline_choice.FEATURES}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_what_its_card_says(name: str) -> None:
    path = model_path(name)
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    trees = load(path, MODELS[name])
    arrays = (trees.feature, trees.threshold, trees.leaves, trees.value)
    assert hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest() == card["sha256"]
    assert trees.feature.shape == (card["leaves"] - 1, card["trees"])
    assert len(MODELS[name]) == card["features"]
    assert "CC-BY-4.0" in card["data"]


def test_a_model_of_other_features_is_refused(tmp_path: Path) -> None:
    with np.load(model_path("text")) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["features"] = arrays["features"][::-1]
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(ValueError, match="other features"):
        load(tmp_path / "other.npz", FEATURES)


def walked(trees: Trees, row: np.ndarray, tree: int) -> float:
    """The value of the first leaf, from the left, that no failed split strikes out."""
    reached = 0xFFFFFFFF
    for feature, threshold, leaves in zip(
        trees.feature[:, tree], trees.threshold[:, tree], trees.leaves[:, tree], strict=True
    ):
        if row[feature] > threshold:
            reached &= int(leaves)
    return float(trees.value[(reached & -reached).bit_length() - 1, tree])


def test_probabilities_are_those_of_every_tree_in_turn() -> None:
    trees = model("text", FEATURES)
    rows = np.random.default_rng(7).normal(0, 30, (5000, len(FEATURES))).astype(np.float32)
    read = trees.probabilities(rows)
    for number in range(0, len(rows), 617):
        score = sum(walked(trees, rows[number], t) for t in range(trees.feature.shape[1]))
        assert read[number] == pytest.approx(1 / (1 + np.exp(-score)))
    assert len(trees.probabilities(rows[:0])) == 0


def test_a_stored_model_gives_what_its_trainer_predicts() -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="only training needs it")
    from html_quality.train import PARAMETERS, as_numbers

    random = np.random.default_rng(3)
    rows = random.integers(0, 40, (3000, 8)).astype(np.float32) / np.float32(7)
    wanted = (rows[:, 0] * rows[:, 1] > rows[:, 2] * 2).astype(int)
    trained = lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, wanted), 30)
    edges = np.array([n["threshold"] for t in trained.dump_model()["tree_info"]
                      for n in splits_of(t["tree_structure"])])  # fmt: skip
    rows = np.repeat(edges.astype(np.float32)[:, None], 8, axis=1)  # the hardest: on the threshold
    read = as_numbers(trained).probabilities(rows)
    assert abs(read - np.asarray(trained.predict(rows))).max() < 1e-12


def splits_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "threshold" in node:
        yield node
        yield from splits_of(node["left_child"])
        yield from splits_of(node["right_child"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_lacks_is_a_number(page: Path) -> None:
    flat = flatten(parse_tree(decode(page.read_bytes())))
    assert np.isfinite(features(flat)).all()
    assert np.isfinite(features(flat, title="Ferry", description="x", said=("A ferry.",))).all()


@pytest.mark.parametrize("seed", range(20))
def test_no_other_set_of_blocks_promises_more(seed: int) -> None:
    random = np.random.default_rng(seed)
    chance, words = random.random(9), random.integers(1, 60, 9).astype(float)
    taken, promised = expected_best(chance, words)
    total = (chance * words).sum()
    best = max(
        2 * (chance * words)[chosen].sum() / (words[chosen].sum() + total)
        for bits in range(1, 2**9)
        for chosen in [[n for n in range(9) if bits >> n & 1]]
    )
    assert promised == pytest.approx(best)
    assert taken.any()
