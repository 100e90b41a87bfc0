"""Whether a refined backbone is better than its start, from a few labelled items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.paired import paired_items
from topwork.metrics.records import Score
from topwork.selection.choice import Candidate, Selection, choose, class_weights
from topwork.selection.transferability import Transferability, transferability
from topwork.unsupervised.pretraining.items import LabelledItems


@dataclass(frozen=True, slots=True)
class Gain:
    """What refined features gain over the start's.

    Parameters
    ----------
    accuracy
        In balanced accuracy, each item or group held out; with its paired 95 % interval.
    brier
        By how much the Brier score falls, classes counting alike.
    """

    accuracy: Score
    brier: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What labelled items say of the objectives.

    Parameters
    ----------
    chosen
        The objective whose backbone is better than the start; ``None`` where none is.
    gains
        By objective; empty where there are too few items to compare.
    selection
        How it was chosen.
    """

    chosen: str | None
    gains: Mapping[str, Gain]
    selection: Selection


def judge_refined(
    labelled: LabelledItems, start: str, refined: Mapping[str, NDArray[np.floating]]
) -> Verdict:
    """Compare a probe on refined features with one on the start's.

    Probes are compared as `topwork.ranking` compares backbones: ridge regression that leaves each
    item or its whole group out, by the Brier score. A refined backbone is taken if it leads the
    start by more than one standard error.

    Parameters
    ----------
    start
        What the start is called.
    refined
        Features of the labelled items by objective, ``(l, d)`` each.
    """
    codes, groups = labelled.codes, labelled.groups
    n_classes = labelled.part.data.n_classes
    names = [start, *refined]
    probes = [
        transferability(features, codes, n_classes, groups=groups)
        for features in (labelled.part.features, *refined.values())
    ]
    scored = [
        Candidate(name, probe.negative_half_brier(codes))
        for name, probe in zip(names, probes, strict=True)
    ]
    selection = choose(scored, groups=groups, codes=codes, rule="best of several", fallback=start)
    if not selection.ranked:
        return Verdict(None, {}, selection)
    gains = {
        name: _gain(probe, probes[0], codes, groups)
        for name, probe in zip(names[1:], probes[1:], strict=True)
    }
    chosen = None if selection.chosen == start else selection.chosen
    return Verdict(chosen, gains, selection)


def _gain(
    refined: Transferability,
    start: Transferability,
    codes: NDArray[np.int64],
    groups: NDArray[np.int64],
) -> Gain:
    weights = class_weights(codes)
    right = refined.right(codes).astype(float) - start.right(codes)
    test = paired_items(right * weights, groups=groups, limit=1.0)
    closer = refined.negative_half_brier(codes) - start.negative_half_brier(codes)
    low, high = (-1.0, 1.0) if test.low is None else (test.low, test.high)
    return Gain(
        Score(value=test.difference, low=low, high=high), 2 * float((closer * weights).mean())
    )
