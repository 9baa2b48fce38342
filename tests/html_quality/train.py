"""Train the model that chooses an article's text, and write it with its card.

    make train-pages

reads the development pages in `../shared`, leaves out the held fold, cross-validates by site, and
writes `corpus/html/text_model.npz` and `text_model.json`. It needs LightGBM (the extra `train`);
what it writes does not.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from corpus.html.blocks import Block, flatten
from corpus.html.body import said_text
from corpus.html.choice import expected_best
from corpus.html.declared import declared
from corpus.html.decoding import decode
from corpus.html.features import FEATURES, features
from corpus.html.headline import headline
from corpus.html.model import MODEL, Trees
from corpus.html.publisher import outlet
from corpus.html.tree import parse_tree
from html_quality.labels import labels
from html_quality.measures import word_score
from html_quality.pages import FOLDS, HELD, JudgedPage, load

TREES = 120
LEAVES = 20
FRAGMENTS_WEIGHT = 0.3
"""What a page with fragments counts for, beside one with its whole text."""

PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.1, "min_data_in_leaf": 60,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5,
    "max_bin": 127, "seed": 1, "deterministic": True, "num_threads": 2, "verbose": -1,
    "zero_as_missing": False, "use_missing": False,
}  # fmt: skip

ATTRIBUTION = (
    "Main text of 793 pages of WCXB: A Multi-Type Web Content Extraction Benchmark (M. Foley,"
    " 2026), licence CC-BY-4.0, and fragments of 464 pages of trafilatura's public evaluation"
    " (A. Barbaresi and contributors); four fifths of each, split by site."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A page as the model sees it: its blocks' features and labels (NaN where unknown)."""

    page: JudgedPage
    blocks: Sequence[Block]
    rows: NDArray[np.float32]
    labels: NDArray[np.float64]

    @property
    def words(self) -> NDArray[np.float64]:
        """The words of each block."""
        return np.array([float(len(block.text.split())) for block in self.blocks])


def sample(page: JudgedPage) -> Sample | None:
    """Return what the model sees of a page; None when it has no blocks."""
    root = parse_tree(decode(page.markup()))
    flat = flatten(root)
    if not flat.blocks:
        return None
    said = declared(root, url=page.url)
    title, _ = headline(said, outlet=outlet(said)[0])
    description = said.said("description") or said.meta("og:description", "description")
    rows = features(flat, title=title, description=description, said=said_text(said))
    return Sample(page, flat.blocks, rows, labels(page, flat.blocks))


def train(samples: Sequence[Sample]) -> lightgbm.Booster:
    """Return the model of these pages; each page counts the same, however long it is."""
    rows, wanted, weights = [], [], []
    for one in samples:
        known = ~np.isnan(one.labels)
        if not known.any():
            continue
        if one.page.corpus == "wcxb":
            share = np.sqrt(one.words[known] + 0.5)
            weight = share / share.sum() * np.maximum(0.2, 2 * abs(one.labels[known] - 0.5))
        else:
            weight = np.full(known.sum(), FRAGMENTS_WEIGHT / max(4, known.sum()))
        rows.append(one.rows[known])
        wanted.append(one.labels[known] > 0.5)
        weights.append(100 * weight)
    data = lightgbm.Dataset(
        np.concatenate(rows), np.concatenate(wanted).astype(int), weight=np.concatenate(weights)
    )
    return lightgbm.train(PARAMETERS, data, TREES)


def as_numbers(model: lightgbm.Booster) -> Trees:
    """Return a trained model as the arrays that `corpus.html.model` evaluates."""
    splits: list[list[tuple[int, float, int]]] = []
    values = np.zeros((32, TREES))
    for number, tree in enumerate(model.dump_model()["tree_info"]):
        found: list[tuple[int, float, int]] = []
        leaves = 0

        def walk(
            node: dict[str, Any], found: list[tuple[int, float, int]] = found, tree: int = number
        ) -> None:
            nonlocal leaves
            if "leaf_value" in node:
                values[leaves, tree] = node["leaf_value"]
                leaves += 1
                return
            first = leaves
            walk(node["left_child"])
            struck = sum(1 << leaf for leaf in range(first, leaves))
            found.append((node["split_feature"], node["threshold"], 0xFFFFFFFF ^ struck))
            walk(node["right_child"])

        walk(tree["tree_structure"])
        splits.append(found)
    most = max(map(len, splits))
    feature = np.zeros((most, TREES), np.int16)
    threshold = np.full((most, TREES), np.inf, np.float32)
    struck = np.full((most, TREES), 0xFFFFFFFF, np.uint32)
    for tree, found in enumerate(splits):
        for number, (column, limit, bits) in enumerate(found):
            feature[number, tree] = column
            below = np.float32(limit)  # the features are float32: round towards what goes left
            threshold[number, tree] = np.nextafter(below, -np.inf) if below > limit else below
            struck[number, tree] = bits
    return Trees(feature, threshold, struck, values)


def text_score(one: Sample, chance: NDArray[np.float64]) -> float:
    """Return the F1 over words of the blocks that these chances choose."""
    taken, _ = expected_best(chance, one.words)
    text = "\n".join(b.text for b, is_in in zip(one.blocks, taken, strict=True) if is_in)
    return word_score(one.page.truth["main_content"], text).f1


def digest(trees: Trees) -> str:
    """Return the SHA-256 of a model's numbers."""
    arrays = (trees.feature, trees.threshold, trees.leaves, trees.value)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def main(shared: Path) -> None:
    """Cross-validate, train, and write the model and its card."""
    pages = [page for name in ("wcxb", "news-pages-2") for page in load(shared, name)]
    samples = [one for page in pages if page.fold != HELD and (one := sample(page))]
    print(f"{len(samples)} pages, {sum(len(one.blocks) for one in samples):,} blocks")
    scores = []
    for fold in range(FOLDS):
        if fold == HELD:
            continue
        model = train([one for one in samples if one.page.fold != fold])
        scores += [
            text_score(one, np.asarray(model.predict(one.rows)))
            for one in samples
            if one.page.fold == fold and one.page.truth.get("main_content")
        ]
    print(f"cross-validated by site: F1 over words {np.mean(scores):.4f}, {len(scores)} pages")
    model = train(samples)
    trees = as_numbers(model)
    gap = max(
        float(abs(trees.probabilities(one.rows) - np.asarray(model.predict(one.rows))).max())
        for one in samples
    )
    print(f"largest difference from LightGBM's own prediction: {gap:.1e}")
    np.savez_compressed(
        MODEL, features=np.array(FEATURES), feature=trees.feature, threshold=trees.threshold,
        leaves=trees.leaves, value=trees.value,
    )  # fmt: skip
    card = {
        "what": "chooses the blocks of a web page that are the text of its article",
        "trained": datetime.now(UTC).date().isoformat(),
        "with": f"LightGBM {lightgbm.__version__}, make train-pages",
        "data": ATTRIBUTION,
        "licence": "Apache-2.0; the data are CC-BY-4.0, and this card is the attribution",
        "pages": len(samples),
        "trees": TREES,
        "leaves": LEAVES,
        "features": len(FEATURES),
        "cross-validated F1 over words": round(float(np.mean(scores)), 4),
        "sha256": digest(trees),
    }
    text = json.dumps(card, ensure_ascii=False, indent=2)
    MODEL.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
