"""Train the models that choose an article's text and its authors, and write them with their cards.

    make train-pages

reads the development pages in `../shared`, leaves out the held fold, cross-validates by site, and
writes `corpus/html/NAME_model.npz` and `NAME_model.json`. It needs LightGBM (the extra `train`);
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

from corpus.html import byline_choice
from corpus.html.blocks import Block, Flat
from corpus.html.body import said_text, scored
from corpus.html.bylines import Candidates, gather
from corpus.html.choice import expected_best
from corpus.html.declared import Declared, declared
from corpus.html.decoding import decode
from corpus.html.features import FEATURES, features
from corpus.html.flatten import flatten
from corpus.html.headline import headline
from corpus.html.model import Trees, model_path
from corpus.html.publisher import outlet
from corpus.html.tree import parse_tree
from html_quality.labels import labels, names_of
from html_quality.measures import word_score
from html_quality.pages import FOLDS, HELD, JudgedPage, load

TREES, LEAVES = 120, 20
BYLINE_TREES, BYLINE_LEAVES = 300, 8
NO_AUTHOR_WEIGHT = {"wcxb": 1.0, "news-pages-2": 0.1}
"""What a page counts for whose judges noted no author: there may be one all the same."""

FRAGMENTS_WEIGHT = 0.3
"""What a page with fragments counts for, beside one with its whole text."""

PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.1, "min_data_in_leaf": 60,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5,
    "max_bin": 127, "seed": 1, "deterministic": True, "num_threads": 1, "verbose": -1,
    "zero_as_missing": False, "use_missing": False,
}  # fmt: skip
BYLINE_PARAMETERS = PARAMETERS | {
    "num_leaves": BYLINE_LEAVES, "learning_rate": 0.03, "min_data_in_leaf": 12, "lambda_l2": 3,
    "feature_fraction": 0.3,
}  # fmt: skip

ATTRIBUTION = (
    "Main text of 793 pages of WCXB: A Multi-Type Web Content Extraction Benchmark (M. Foley,"
    " 2026), licence CC-BY-4.0, and fragments of 464 pages of trafilatura's public evaluation"
    " (A. Barbaresi and contributors); four fifths of each, split by site."
)


HELD_BACK = "a fifth of the sites, never trained on; its figures were looked at seven times so far"


@dataclass(frozen=True, slots=True)
class Sample:
    """A page as the models see it: its blocks' features and labels (NaN where unknown)."""

    page: JudgedPage
    said: Declared
    title: str
    source: str
    flat: Flat
    rows: NDArray[np.float32]
    labels: NDArray[np.float64]

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks of the page."""
        return self.flat.blocks

    @property
    def words(self) -> NDArray[np.float64]:
        """The words of each block."""
        return np.array([float(len(block.text.split())) for block in self.blocks])


@dataclass(frozen=True, slots=True)
class Bylines:
    """A page's candidates for its authors: features, and which of them is what the judges noted."""

    page: JudgedPage
    found: Candidates
    rows: NDArray[np.float32]
    right: NDArray[np.bool_]


def sample(page: JudgedPage) -> Sample | None:
    """Return what the model of the text sees of a page; None when it has no blocks."""
    root = parse_tree(decode(page.markup()))
    flat = flatten(root)
    if not flat.blocks:
        return None
    said = declared(root, url=page.url)
    source, _ = outlet(said)
    title, _ = headline(said, outlet=source)
    description = said.said("description") or said.meta("og:description", "description")
    rows = features(flat, title=title, description=description, said=said_text(said))
    return Sample(page, said, title, source, flat, rows, labels(page, flat.blocks))


def bylines(one: Sample, chance: NDArray[np.float64]) -> Bylines:
    """Return what the model of bylines sees of a page whose blocks have these chances."""
    blocks = scored(one.flat, chance, title=one.title)
    found = gather(one.said, one.flat, blocks.taken, blocks.heading, outlet=one.source)
    texts = [block.text for block in one.blocks[max(0, blocks.heading) :]]
    wanted = names_of(one.page.truth.get("author") or ())
    right = [bool(wanted) and names_of(each.names) == wanted for each in found.found.values()]
    rows = byline_choice.describe(found, texts)
    return Bylines(one.page, found, rows, np.array(right, bool))


def train_bylines(samples: Sequence[Bylines]) -> lightgbm.Booster:
    """Return the model of these pages' candidates; each page counts by the root of their number."""
    rows, right, weights = [], [], []
    for one in (one for one in samples if len(one.rows)):
        weight = 1.0 if one.page.truth.get("author") else NO_AUTHOR_WEIGHT[one.page.corpus]
        rows.append(one.rows)
        right.append(one.right)
        weights.append(np.full(len(one.rows), 10 * weight / np.sqrt(len(one.rows))))
    data = lightgbm.Dataset(
        np.concatenate(rows), np.concatenate(right).astype(int), weight=np.concatenate(weights)
    )
    return lightgbm.train(BYLINE_PARAMETERS, data, BYLINE_TREES)


def is_right(one: Bylines, chance: NDArray[np.float64]) -> bool:
    """Tell whether what these chances choose is what the judges noted."""
    return bool(
        len(chance) and chance.max() >= byline_choice.LEAST and one.right[int(chance.argmax())]
    )


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
    trees = model.num_trees()
    values = np.zeros((32, trees))
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
    feature = np.zeros((most, trees), np.int16)
    threshold = np.full((most, trees), np.inf, np.float32)
    struck = np.full((most, trees), 0xFFFFFFFF, np.uint32)
    for tree, found in enumerate(splits):
        for number, (column, limit, bits) in enumerate(found):
            feature[number, tree] = column
            below = np.float32(limit)  # the features are float32: round towards what goes left
            is_above = float(below) > limit  # as doubles: numpy would round the limit, too
            threshold[number, tree] = (
                np.nextafter(below, np.float32(-np.inf)) if is_above else below
            )
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


def store(
    name: str, what: str, model: lightgbm.Booster, names: Sequence[str], **card: object
) -> None:
    """Write a model and its card; the other arguments are further lines of the card."""
    trees = as_numbers(model)
    path = model_path(name)
    np.savez_compressed(
        path, features=np.array(names), feature=trees.feature, threshold=trees.threshold,
        leaves=trees.leaves, value=trees.value,
    )  # fmt: skip
    lines = {
        "what": what,
        "trained": datetime.now(UTC).date().isoformat(),
        "with": f"LightGBM {lightgbm.__version__}, make train-pages",
        "data": ATTRIBUTION,
        "licence": "Apache-2.0; the data are CC-BY-4.0, and this card is the attribution",
        "held back": HELD_BACK,
        "trees": trees.feature.shape[1],
        "leaves": trees.feature.shape[0] + 1,
        "features": len(names),
        **card,
        "sha256": digest(trees),
    }
    text = json.dumps(lines, ensure_ascii=False, indent=2)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def main(shared: Path) -> None:
    """Cross-validate, train, and write the models and their cards."""
    pages = [page for name in ("wcxb", "news-pages-2") for page in load(shared, name)]
    samples = [one for page in pages if page.fold != HELD and (one := sample(page))]
    print(f"{len(samples)} pages, {sum(len(one.blocks) for one in samples):,} blocks")
    chances: dict[int, NDArray[np.float64]] = {}
    for fold in range(FOLDS):
        if fold == HELD:
            continue
        model = train([one for one in samples if one.page.fold != fold])
        for number, one in enumerate(samples):
            if one.page.fold == fold:
                chances[number] = np.asarray(model.predict(one.rows))
    text = np.mean([
        text_score(one, chances[number])
        for number, one in enumerate(samples) if one.page.truth.get("main_content")
    ])  # fmt: skip
    print(f"cross-validated by site: F1 over words {text:.4f}")
    model = train(samples)
    trees = as_numbers(model)
    gap = max(
        float(abs(trees.probabilities(one.rows) - np.asarray(model.predict(one.rows))).max())
        for one in samples
    )
    if gap > 1e-9:
        raise SystemExit(f"the numbers differ from LightGBM's own prediction by {gap:.1e}")
    store(
        "text", "chooses the blocks of a web page that are the text of its article", model,
        FEATURES, pages=len(samples), **{"cross-validated F1 over words": round(float(text), 4)},
    )  # fmt: skip
    signed = [bylines(one, chances[number]) for number, one in enumerate(samples)]
    right: dict[str, list[bool]] = {}
    for fold in range(FOLDS):
        if fold == HELD:
            continue
        model = train_bylines([one for one in signed if one.page.fold != fold])
        for each in signed:
            if each.page.fold == fold and each.page.truth.get("author"):
                chance = np.asarray(model.predict(each.rows)) if len(each.rows) else np.zeros(0)
                right.setdefault(each.page.corpus, []).append(is_right(each, chance))
    exact = {name: round(float(np.mean(values)), 4) for name, values in right.items()}
    print(f"cross-validated by site: authors exactly as noted {exact}")
    store(
        "byline", "chooses the authors of a web page among the names that it offers",
        train_bylines(signed), byline_choice.FEATURES, pages=len(signed),
        **{"cross-validated share of authors exactly as noted": exact},
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
