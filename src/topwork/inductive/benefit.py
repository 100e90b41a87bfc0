"""Whether transfer helps here, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.evaluation.choice import class_weights
from topwork.evaluation.enough import too_few
from topwork.evaluation.paired import PairedTest, paired_items
from topwork.inductive.comparing import Comparing
from topwork.inductive.trial import Trial, targets_of

NEGLIGIBLE = 0.01
"""A gain that is surely smaller than this share is none."""


class Benefit(BaseModel):
    """What transfer brings over the best baseline.

    Attributes
    ----------
    baseline
        The best of the baselines.
    gain
        Balanced accuracy of the transfer minus that of the baseline, paired by items. For the one
        of them that was selected, the selection is repeated without each fold, as in the scores.
    helps
        ``True`` where the whole interval is above 0, ``False`` where it is below 0.01, ``None``
        where it says neither or the items are too few to compare.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    baseline: str
    gain: PairedTest
    helps: bool | None
    sentence: str


def benefit(
    baselines: Sequence[Trial],
    transfer: Trial,
    comparing: Comparing,
    *,
    selected: Trial,
    right: NDArray[np.bool_],
) -> Benefit:
    """Transfer against the best of the baselines, where both were judged.

    Parameters
    ----------
    selected
        The trial that ships.
    right
        Whether each held-out item was predicted right with the selection repeated without it,
        ``(r, n)``: what counts for the trial that ships, as in its scores.
    """
    rows, repeats = transfer.judged_rows, min(len(transfer.heads), len(right))
    codes, groups = targets_of(transfer.frozen).codes[rows], comparing.groups[rows]
    weights = class_weights(codes)

    def weighted(trial: Trial) -> NDArray[np.float64]:
        hits = right if trial is selected else trial.right
        return np.asarray(hits[:repeats, rows] * weights, np.float64)

    best = max(baselines, key=lambda trial: weighted(trial).mean())
    gain = paired_items(
        weighted(transfer) - weighted(best),
        groups=groups,
        n_folds=len(np.unique(comparing.folds[0])),
        n_judged=len(np.unique(comparing.folds[0, rows])),
        limit=1.0,
    )
    few = too_few(len(codes), groups, codes) is not None
    helps = None if few else _helps(gain)
    return Benefit(
        baseline=best.candidate.name,
        gain=gain,
        helps=helps,
        sentence=_sentence(best.candidate.name, gain, helps, few, transfer.frozen.data.kind.name),
    )


def _helps(gain: PairedTest) -> bool | None:
    if gain.low is None or gain.high is None:
        return None
    if gain.low > 0:
        return True
    return False if gain.high < NEGLIGIBLE else None


def _sentence(baseline: str, gain: PairedTest, helps: bool | None, few: bool, kind: str) -> str:
    points = f"{_points(gain.difference)} points of balanced accuracy over {baseline}"
    if gain.low is not None and gain.high is not None:
        points += f" (95 % confidence interval {_points(gain.low)} to {_points(gain.high)})"
    if few:
        return f"There are too few {kind}s per class to tell whether transfer helps: {points}."
    if helps:
        return f"Transfer helps here: {points}."
    if helps is False:
        return f"Transfer does not help here: {points}."
    if gain.error is not None and gain.difference > gain.error:
        return f"Transfer seems to help, but there are too few {kind}s to be sure: {points}."
    return f"No gain from transfer can be shown here: {points}."


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
