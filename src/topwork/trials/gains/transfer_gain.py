"""Whether transfer helps here, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.metrics.paired import PairedTest, paired_items
from topwork.selection.enough import too_few
from topwork.trials.comparison import ModelComparison
from topwork.trials.trial import Trial, targets_of

NEGLIGIBLE = 0.01
"""A gain that is surely smaller than this share is none."""


class TransferGain(BaseModel):
    """What transfer brings over the best baseline.

    Attributes
    ----------
    baseline
        The best of the baselines.
    gain
        Balanced accuracy of the transfer minus that of the baseline, paired by items; with costs,
        the mean cost per item that it saves. For the one of them that was selected, the selection
        is repeated without each fold, as in the scores.
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


def transfer_gain(
    baselines: Sequence[Trial],
    transfer: Trial,
    comparison: ModelComparison,
    *,
    selected: Trial,
    scores: NDArray[np.generic],
) -> TransferGain:
    """Transfer against the best of the baselines, where both were judged.

    Parameters
    ----------
    selected
        The selected trial.
    scores
        Of each held-out item with the selection repeated without it, ``(r, n)``: what counts for
        the selected trial, as in its scores.
    """
    rows, repeats = transfer.judged_rows, min(len(transfer.heads), len(scores))
    codes, groups = targets_of(transfer.frozen).codes[rows], comparison.groups[rows]
    weights = comparison.weights(codes)

    def weighted(trial: Trial) -> NDArray[np.float64]:
        own = scores if trial is selected else comparison.scores(trial)
        return np.asarray(own[:repeats, rows], np.float64) * weights

    best = max(baselines, key=lambda trial: weighted(trial).mean())
    gain = paired_items(
        weighted(transfer) - weighted(best),
        groups=groups,
        n_folds=len(np.unique(comparison.folds[0])),
        n_judged=len(np.unique(comparison.folds[0, rows])),
        limit=1.0 if comparison.costs is None else None,
    )
    few = too_few(len(codes), groups, codes) is not None
    name, kind = best.candidate.name, transfer.frozen.data.kind.name
    lacking = f"{kind}s per class" if few else None
    if comparison.costs is None:
        return gain_in_points(name, gain, "balanced accuracy", kind=kind, lacking=lacking)
    helps = None if few else _helps(gain, NEGLIGIBLE * float(comparison.costs.max()))
    sentence = _sentence(_saved(name, gain), gain, helps, kind, lacking)
    return TransferGain(baseline=name, gain=gain, helps=helps, sentence=sentence)


def gain_in_points(
    baseline: str, gain: PairedTest, metric: str, *, kind: str, lacking: str | None
) -> TransferGain:
    """What a gain in a score between 0 and 1 says.

    Parameters
    ----------
    metric
        The name of the score.
    kind
        What items are.
    lacking
        What there are too few of to compare anything; None where there are enough.

    Examples
    --------
    >>> gain = PairedTest(difference=0.3, error=0.1, low=0.1, high=0.5, p=0.01, degrees=9)
    >>> gain_in_points("raw pixels", gain, "AP50", kind="image", lacking=None).sentence
    'Transfer helps here: +30.0 points of AP50 over raw pixels (95 % confidence interval +10.0 to \
+50.0).'
    """
    helps = None if lacking else _helps(gain, NEGLIGIBLE)
    sentence = _sentence(_points(baseline, gain, metric), gain, helps, kind, lacking)
    return TransferGain(baseline=baseline, gain=gain, helps=helps, sentence=sentence)


def _helps(gain: PairedTest, negligible: float) -> bool | None:
    if gain.low is None or gain.high is None:
        return None
    if gain.low > 0:
        return True
    return False if gain.high < negligible else None


def _sentence(
    told: str, gain: PairedTest, helps: bool | None, kind: str, lacking: str | None
) -> str:
    if lacking:
        measured = f": {told}" if gain.error else ""
        return f"There are too few {lacking} to tell whether transfer helps{measured}."
    if helps:
        return f"Transfer helps here: {told}."
    if helps is False:
        return f"Transfer does not help here: {told}."
    if gain.error is not None and gain.difference > gain.error:
        return f"Transfer seems to help, but there are too few {kind}s to be sure: {told}."
    return f"No gain from transfer can be shown here: {told}."


def _points(baseline: str, gain: PairedTest, metric: str) -> str:
    def points(share: float) -> str:
        return f"{100 * share:+.1f}".replace("-", "−")

    told = f"{points(gain.difference)} points of {metric} over {baseline}"
    if gain.low is None or gain.high is None:
        return told
    return f"{told} (95 % confidence interval {points(gain.low)} to {points(gain.high)})"


def _saved(baseline: str, gain: PairedTest) -> str:
    def cost(value: float) -> str:
        return f"{value:.3f}".replace("-", "−")

    told = f"a mean cost lower by {cost(gain.difference)} per item than {baseline}"
    if gain.low is None or gain.high is None:
        return told
    return f"{told} (95 % confidence interval {cost(gain.low)} to {cost(gain.high)})"
