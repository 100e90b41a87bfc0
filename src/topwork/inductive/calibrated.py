"""What makes a trial's answers honest: temperature, prediction sets, detector of unknowns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.errors import DataError
from topwork.evaluation.conformal import PredictionSets, fit_prediction_sets
from topwork.evaluation.temperature import Temperature, fit_temperature
from topwork.evaluation.unknown import UnknownDetector, fit_unknown
from topwork.heads import softmax
from topwork.inductive.settings import FitSettings
from topwork.inductive.trial import Trial, targets_of


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The answers of a trial, made honest by its held-out ones.

    Parameters
    ----------
    probabilities
        Held out, at the temperature, ``(n, k)``.
    """

    temperature: Temperature
    probabilities: NDArray[np.float32]
    sets: PredictionSets | None
    detector: UnknownDetector


def calibrated_answers(trial: Trial) -> NDArray[np.float32]:
    """What a trial says of held-out items in every division into folds: ``(r, n, k)``."""
    codes = targets_of(trial.frozen).codes
    found = fit_temperature(trial.head.logits_oof, codes, seen=trial.head.seen)
    temperature = np.float32(found.value)
    return np.stack([softmax(head.logits_oof / temperature) for head in trial.heads])


def calibrate(
    trial: Trial, folds: NDArray[np.integer], groups: NDArray[Any], settings: FitSettings
) -> Calibrated:
    """Temperature, prediction sets and threshold of unknowns, all from held-out answers."""
    head, codes = trial.head, targets_of(trial.frozen).codes
    temperature = fit_temperature(head.logits_oof, codes, seen=head.seen)
    probabilities = softmax(head.logits_oof / np.float32(temperature.value))
    try:
        sets = fit_prediction_sets(
            probabilities,
            codes,
            error_rate=settings.error_rate,
            seen=head.seen,
            groups=groups,
        )
    except DataError:  # no class has two items
        sets = None
    detector = fit_unknown(
        trial.frozen.features,
        codes,
        folds=folds,
        groups=groups,
        false_alarm_rate=settings.false_alarm_rate,
        features_by_fold=trial.features_by_fold,
        seed=settings.seed,
    )
    return Calibrated(temperature, probabilities, sets, detector)
