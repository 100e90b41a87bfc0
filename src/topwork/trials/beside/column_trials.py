"""Classes by the columns beside items: alone, and together with a network."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, softmax
from topwork.runtime.progress import Progress, silent
from topwork.settings import FitSettings
from topwork.trials.columns.blocks import SideBlocks, side_blocks
from topwork.trials.columns.further import Beside
from topwork.trials.columns.further_columns import FurtherColumns
from topwork.trials.columns.trees import MIN_ROWS, TREES, held_out_by_trees
from topwork.trials.trial import Candidate, Trial, targets_of
from topwork.validation import JudgedHead
from topwork.validation.crossval import seen_elsewhere, suited_head
from topwork.validation.nested_rows import cross_validate_rows

_SMALLEST = 1e-6
"""Probability: that of a class which no tree has seen is 0."""


def column_trials(
    transfer: Trial,
    beside: Beside | None,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    settings: FitSettings,
    *,
    progress: Progress = silent,
) -> tuple[Trial, ...]:
    """Each block alone, and the network with them, on the folds ``(r, n)`` of the transfer.

    None where nothing stands beside the items, or there are so few per class that no penalty can be
    chosen.
    """
    codes = targets_of(transfer.frozen).codes
    if beside is None or suited_head(codes) != "logistic":
        return ()
    name = transfer.candidate.name
    sides = side_blocks(transfer.frozen, beside, groups, name=name, unit=True)
    return tuple(
        replace(_judged(side, transfer, folds, settings, progress), above=side.above)
        for side in sides
    )


def trees_trial(
    transfer: Trial,
    columns: FurtherColumns | None,
    folds: NDArray[np.integer],
    settings: FitSettings,
) -> Trial | None:
    """Boosted trees on the columns alone, to be compared with; None where there is too little."""
    frozen = transfer.frozen
    codes = targets_of(frozen).codes
    k = len(targets_of(frozen).labels)
    if columns is None or not settings.baselines or len(codes) < MIN_ROWS:
        return None
    begun = time.monotonic()
    heads = [_by_trees(columns, codes, k, division) for division in folds]
    candidate = Candidate(TREES, transfer.candidate.backbone, "boosted trees")
    seconds = time.monotonic() - begun
    return Trial(candidate, frozen, tuple(heads), seconds, selectable=False)


def _by_trees(
    columns: FurtherColumns, codes: NDArray[np.integer], k: int, folds: NDArray[np.integer]
) -> JudgedHead:
    p = held_out_by_trees(columns, codes, folds, of="class")
    logits = np.log(np.maximum(p, _SMALLEST)).astype(np.float32)
    nothing = LinearHead(np.zeros((1, k), np.float32), np.zeros(k, np.float32))
    return JudgedHead(
        head="boosted trees",
        linear=nothing,
        logits_oof=logits,
        probabilities_oof=softmax(logits),
        seen=seen_elsewhere(codes, k, folds),
        C=None,
        C_of_fold=(),
        seconds=0.0,
    )


def _judged(
    side: SideBlocks,
    transfer: Trial,
    folds: NDArray[np.integer],
    settings: FitSettings,
    progress: Progress,
) -> Trial:
    begun, frozen = time.monotonic(), transfer.frozen
    targets = targets_of(frozen)
    heads = [
        cross_validate_rows(
            side.rows,
            targets.codes,
            len(targets.labels),
            folds=division,
            class_weight=settings.class_weight,
            progress=progress,
        )
        for division in folds
    ]
    linear, beside = side.kept(heads[0].linear)
    heads = [replace(head, linear=linear) for head in heads]
    candidate = Candidate(side.name, transfer.candidate.backbone, "logistic")
    seconds = time.monotonic() - begun
    return Trial(candidate, frozen, tuple(heads), seconds, beside=beside)
