"""Sets of ordered classes, of what is made in the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from topwork.data import read
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import stratified_folds
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.ordinal.nested import nested_classes, probabilities_of
from topwork.tasks.reading import interpreted
from topwork.trials.head_candidates import HeadCandidate
from topwork.trials.ordinal import (
    ORDINAL_TRIALS,
    FinishedOrdinal,
    HeldOutOrdinal,
    finish_ordinal,
    ordinal_targets,
)

N = 100


def finished(
    codes: np.ndarray, X: np.ndarray, *, constant: bool
) -> tuple[FinishedOrdinal, HeldOutOrdinal]:
    names = [f"{i}.jpg" for i in range(len(codes))]
    data = interpreted(read(names, [str(code) for code in codes]), "ordinal")
    extraction: Any = None
    part = FrozenPart(data, X, extraction, extraction)
    targets = ordinal_targets(part)
    folds = stratified_folds(codes, n_folds=5, seed=0)
    nested, k = None, len(targets.labels)
    held_out = HeldOutOrdinal(np.zeros((len(codes), k)), np.zeros(len(codes), np.int64))
    if constant:
        for fold in range(5):
            out = folds == fold
            p, rank = ORDINAL_TRIALS.predicted(targets.take(np.flatnonzero(~out)), out.sum())
            held_out.probabilities[out], held_out.predicted[out] = p, rank
    else:
        nested = nested_classes(FixedRows(X), codes, k, folds)
        held_out = HeldOutOrdinal(nested.probabilities, nested.predicted)
    losses = np.zeros(len(codes))
    candidate = HeadCandidate("name", "head", part, held_out, losses, nested, 0.0)
    unused: Any = None
    made = finish_ordinal(candidate, unused, FitSettings(), np.arange(len(codes)))
    return made, held_out


def test_sets_of_a_constant_hold_what_is_promised() -> None:
    codes = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [50, 30, 20]))
    X = np.zeros((N, 2), np.float32)
    made, _ = finished(codes, X, constant=True)
    p = probabilities_of(made.head.logits(X), made.link)
    inside = made.sets.of(p, np.ones(N, np.int64))
    assert made.sets.enough
    assert inside[np.arange(N), codes].mean() >= 0.9
    assert made.mean_set_size == inside.sum(axis=1).mean()


def test_the_size_of_sets_is_that_of_held_out_items() -> None:
    rng = np.random.default_rng(1)
    codes, X = rng.integers(0, 3, N), rng.normal(size=(N, 60)).astype(np.float32)
    X[:, 0] += codes
    made, held_out = finished(codes, X, constant=False)
    assert made.mean_set_size == made.sets.of(*held_out).sum(axis=1).mean()
