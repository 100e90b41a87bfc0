"""What makes a trial's answers honest: temperature, prediction sets, detector of unknowns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.conformal import PredictionSets, fit_prediction_sets
from topwork.calibration.temperature import Temperature, fit_temperature
from topwork.errors import DataError
from topwork.heads import softmax
from topwork.novelty.unknown import UnknownDetector, fit_unknown
from topwork.novelty.unrelated_features import unrelated_features
from topwork.settings import FitSettings
from topwork.trials.trial import Trial, targets_of


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The answers of a trial, made honest by its held-out ones.

    Parameters
    ----------
    rows
        Positions of the m items that it was judged on.
    codes, probabilities
        Of these, ``(m,)``, and what was said of them held out, at the temperature, ``(m, k)``.
    """

    rows: NDArray[np.intp]
    codes: NDArray[np.int64]
    temperature: Temperature
    probabilities: NDArray[np.float32]
    sets: PredictionSets | None
    detector: UnknownDetector


def calibrated_probabilities(trial: Trial) -> NDArray[np.float32]:
    """What a trial says of held-out items in every division into folds: ``(r, n, k)``."""
    temperature = np.float32(_temperature(trial).value)
    return np.stack([softmax(head.logits_oof / temperature) for head in trial.heads])


def calibrate(
    trial: Trial, folds: NDArray[np.integer], groups: NDArray[Any], settings: FitSettings
) -> Calibrated:
    """Temperature, prediction sets and threshold of unknowns, all from held-out answers."""
    rows = np.flatnonzero(trial.judged_rows)
    head, codes = trial.head, targets_of(trial.frozen).codes
    temperature = _temperature(trial)
    probabilities = softmax(head.logits_oof[rows] / np.float32(temperature.value))
    try:
        sets = fit_prediction_sets(
            probabilities,
            codes[rows],
            error_rate=settings.error_rate,
            seen=head.seen[rows],
            groups=groups[rows],
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
        unrelated=lambda: unrelated_features(trial.frozen.opened, trial.frozen.data.kind),
        seed=settings.seed,
    )
    return Calibrated(rows, codes[rows], temperature, probabilities, sets, detector)


def _temperature(trial: Trial) -> Temperature:
    rows, codes = trial.judged_rows, targets_of(trial.frozen).codes
    return fit_temperature(trial.head.logits_oof[rows], codes[rows], seen=trial.head.seen[rows])
