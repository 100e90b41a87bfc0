"""What more labels would bring, measured where that costs little."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads.logistic import LogisticProblem
from topwork.heads.penalty import DEFAULT_C
from topwork.settings import FitSettings
from topwork.trials.trial import Trial, targets_of
from topwork.validation.learning_curve import MIN, LearningCurve, learning_curve, logistic_judge

MIN_FOLDS: Final = 5
"""For a learning curve: each fold has its own chain of subsets."""

FAR: Final = 100
"""Labels per class above which a curve is measured only by a thorough fit."""

QUICK: Final = 5000
"""Items times classes up to which the curve takes a small share of any fit."""


def curve_of_labels(
    chosen: Trial,
    probe: Trial,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    settings: FitSettings,
) -> LearningCurve | None:
    """The learning curve of the selected model, or of the probe where that trained more.

    It is measured by a thorough fit; with up to 100 labels per class also by a search, and by any
    fit of so few items and classes that nobody waits for it.

    Returns
    -------
    None where it is not measured: with fewer than five folds, too few labels (but a thorough fit
    says so), or heads that learn nothing from more of them.
    """
    n, k = len(folds), targets_of(probe.frozen).counts().size
    learns = [trial for trial in (chosen, probe) if _learns(trial)]
    wanted = settings.thorough or (
        _largest_part(n, folds) / k >= MIN
        and n <= FAR * k
        and (settings.searches or n * k <= QUICK)
    )
    if not wanted or not learns or len(np.unique(folds)) < MIN_FOLDS:
        return None
    trial = learns[0]
    targets = targets_of(trial.frozen)
    problem = LogisticProblem.prepare(
        trial.frozen.features,
        targets.codes,
        len(targets.labels),
        class_weight=settings.class_weight,
    )
    judge = logistic_judge(problem, trial.head.C or DEFAULT_C)
    curve = learning_curve(judge, targets.codes, folds=folds, groups=groups, seed=settings.seed)
    if trial is chosen or not curve.measured:
        return curve
    return curve.model_copy(update={"sentence": _of_probe(curve.sentence)})


def _learns(trial: Trial) -> bool:
    """Whether it is a logistic head on frozen features and nothing else."""
    frozen = trial.features_by_fold is None and trial.candidate.strategy == "probe"
    return frozen and trial.beside is None and trial.head.head == "logistic"


def _largest_part(n: int, folds: NDArray[np.integer]) -> float:
    """Items that the head of a fold learns from, on average."""
    return (1 - 1 / len(np.unique(folds))) * n


def _of_probe(sentence: str) -> str:
    return f"For the head on frozen features alone: {sentence[0].lower()}{sentence[1:]}"
