"""Whether transfer helps here, and which of the trials to ship."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.evaluation.choice import Candidate, Verdict, choose
from topwork.evaluation.paired import PairedTest, paired_items
from topwork.inductive.trial import Trial, targets_of


class Benefit(BaseModel):
    """What transfer brings over the best baseline.

    Attributes
    ----------
    baseline
        The best of the baselines.
    gain
        Balanced accuracy of the transfer minus that of the baseline, paired by items.
    helps
        Whether the gain is beyond chance; ``None`` where the items are too few to tell, though
        the gain is more than its standard error.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    baseline: str
    gain: PairedTest
    helps: bool | None
    sentence: str


def choices_without_fold(
    trials: Sequence[Trial],
    transfer: Trial,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> NDArray[np.intp]:
    """Which trial would be chosen without the answers of an item's fold: ``(r, n)``.

    What is reported for the item is that trial's answer, so that the choice, too, is judged on
    items that it was not made on.
    """
    found = np.empty(folds.shape, np.intp)
    for division, row in zip(folds, found, strict=True):
        for fold in np.unique(division):
            others = division != fold
            chosen, _ = _chosen(trials, transfer, folds[:, others], groups[others], others)
            row[~others] = chosen
    return found


def choose_trial(
    trials: Sequence[Trial],
    transfer: Trial,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> tuple[Trial, Verdict]:
    """The simplest trial within one corrected standard error of the best.

    A test at 5 % would ship a model 22 points worse where 45 images can't prove the difference.
    Where nothing can be told the transfer is taken that was asked for.
    """
    everything = np.ones(folds.shape[1], bool)
    chosen, verdict = _chosen(trials, transfer, folds, groups, everything)
    return trials[chosen], verdict


def _chosen(
    trials: Sequence[Trial],
    transfer: Trial,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    rows: NDArray[np.bool_],
) -> tuple[int, Verdict]:
    """The position of the trial to use, by some rows; folds and groups are theirs."""
    verdict = choose(
        [Candidate(t.candidate.name, t.right[:, rows]) for t in trials],
        folds=folds,
        groups=groups,
        codes=targets_of(transfer.frozen).codes[rows],
        rule="one standard error",
        fallback=transfer.candidate.name,
    )
    return [t.candidate.name for t in trials].index(verdict.chosen), verdict


def benefit(
    baselines: Sequence[Trial],
    transfer: Trial,
    verdict: Verdict,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> Benefit:
    """Transfer against the best of the baselines."""
    codes = targets_of(transfer.frozen).codes
    scores = {standing.name: standing.score for standing in verdict.standings}
    best = max(baselines, key=lambda t: scores[t.candidate.name])
    counts = np.bincount(codes)
    weights = len(codes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    gain = paired_items(
        (transfer.right.astype(float) - best.right) * weights[codes],
        groups=groups,
        n_folds=len(np.unique(folds[0])),
    )
    helps = _helps(gain) if verdict.ranked else None
    return Benefit(
        baseline=best.candidate.name,
        gain=gain,
        helps=helps,
        sentence=_sentence(best.candidate.name, gain, helps),
    )


def _helps(gain: PairedTest) -> bool | None:
    if gain.difference > 0 and gain.significant:
        return True
    return None if gain.error is not None and gain.difference > gain.error else False


def _sentence(baseline: str, gain: PairedTest, helps: bool | None) -> str:
    points = f"{_points(gain.difference)} points of balanced accuracy over {baseline}"
    if gain.low is not None and gain.high is not None:
        points += f" (95 % interval {_points(gain.low)} to {_points(gain.high)})"
    if helps is None:
        return f"Transfer seems to help, but the images are too few to be sure: {points}."
    if helps:
        return f"Transfer helps here: {points}."
    return f"Transfer does not help here beyond chance: {points}."


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
