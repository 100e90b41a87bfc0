"""A small fitted model of each task, and items that it predicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import topwork as tw

FAST: Mapping[str, Any] = {"n_folds": 2, "baselines": False}
TEXTS = [
    f"the {subject} {part} was {judged}"
    for subject in ("film", "book", "song", "show")
    for part in ("plot", "end", "start", "idea")
    for judged in ("good and fine", "bad and poor")
]
GOOD = ["good" if "good" in text else "bad" for text in TEXTS]


def _files(drawn: Path) -> tuple[list[str], list[str]]:
    files = sorted(drawn.glob("*/*.png"))
    return [str(file) for file in files], [file.parent.name for file in files]


def classes(drawn: Path, backbone: str = "pixels") -> Any:
    return tw.ImageClassifier(backbone, **FAST).fit(drawn).model_


def labels(drawn: Path) -> Any:
    files, kinds = _files(drawn)
    several = [[kind, *(["even"] if i % 2 else [])] for i, kind in enumerate(kinds)]
    return tw.ImageTagger(backbone="pixels").fit(files, several).model_


def number(drawn: Path) -> Any:
    files, _ = _files(drawn)
    rng = np.random.default_rng(0)
    return tw.ImageRegressor(backbone="pixels").fit(files, rng.lognormal(size=len(files))).model_


def ordinal(drawn: Path) -> Any:
    files, kinds = _files(drawn)
    order = ["noise", "discs", "stripes"]
    return tw.OrdinalImageClassifier(order=order, backbone="pixels").fit(files, kinds).model_


def clusters(drawn: Path) -> Any:
    return tw.Clusterer(backbone="pixels").fit(drawn).model_


def one_class(drawn: Path) -> Any:
    files = [file for file in _files(drawn)[0] if "discs" in file]
    return tw.AnomalyDetector("efficientnet_lite0/64", false_alarms=0.1).fit(files).model_


def texts(_: Path) -> Any:
    return tw.TextClassifier(**FAST).fit(TEXTS, GOOD).model_


def words(_: Path) -> Any:
    """A model whose backbone is TF-IDF: classes hang on exact part numbers."""
    rng = np.random.default_rng(0)
    numbers = rng.permutation(np.arange(1000, 9999))[:24]
    chosen = [numbers[2 * rng.integers(12) + i % 2] for i in range(120)]
    orders = [f"please send {i % 7 + 2} of qx-{number} {i}" for i, number in enumerate(chosen)]
    fitted = tw.TextClassifier(n_folds=2).fit(orders, ["ab"[i % 2] for i in range(120)])
    assert fitted.model_.card.backbone == "tfidf"
    return fitted.model_


MODELS: Mapping[str, Callable[[Path], Any]] = {
    "classes": classes,
    "labels": labels,
    "number": number,
    "ordinal": ordinal,
    "clusters": clusters,
    "one-class": one_class,
    "texts": texts,
    "words": words,
}
"""All but a detector, which takes longer."""
