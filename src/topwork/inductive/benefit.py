"""Whether transfer helps here, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.evaluation.paired import PairedTest, paired_items
from topwork.inductive.comparing import Comparing
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


def benefit(baselines: Sequence[Trial], transfer: Trial, comparing: Comparing) -> Benefit:
    """Transfer against the best of the baselines, where both were judged."""
    verdicts = {id(trial): comparing.verdict([trial, transfer]) for trial in baselines}
    best = max(baselines, key=lambda trial: verdicts[id(trial)].standings[0].score)
    rows, repeats = transfer.judged_rows, len(transfer.heads)
    codes = targets_of(transfer.frozen).codes[rows]
    counts = np.bincount(codes)
    weights = len(codes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    differences = transfer.right[:, rows].astype(float) - best.right[:repeats, rows]
    gain = paired_items(
        differences * weights[codes],
        groups=comparing.groups[rows],
        n_folds=len(np.unique(comparing.folds[0])),
        n_judged=len(np.unique(comparing.folds[0, rows])),
    )
    helps = _helps(gain) if verdicts[id(best)].ranked else None
    return Benefit(
        baseline=best.candidate.name,
        gain=gain,
        helps=helps,
        sentence=_sentence(best.candidate.name, gain, helps, transfer.frozen.data.kind.name),
    )


def _helps(gain: PairedTest) -> bool | None:
    if gain.difference > 0 and gain.significant:
        return True
    return None if gain.error is not None and gain.difference > gain.error else False


def _sentence(baseline: str, gain: PairedTest, helps: bool | None, kind: str) -> str:
    points = f"{_points(gain.difference)} points of balanced accuracy over {baseline}"
    if gain.low is not None and gain.high is not None:
        points += f" (95 % interval {_points(gain.low)} to {_points(gain.high)})"
    if helps is None and not (gain.error and gain.difference > gain.error):
        return f"The {kind}s are too few to tell whether transfer helps here: {points}."
    if helps is None:
        return f"Transfer seems to help, but the {kind}s are too few to be sure: {points}."
    if helps:
        return f"Transfer helps here: {points}."
    return f"Transfer does not help here beyond chance: {points}."


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
