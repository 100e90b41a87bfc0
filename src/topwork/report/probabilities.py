"""What the probabilities are worth."""

from __future__ import annotations

from topwork.metrics.records import Record, Score


class ReliabilityBin(Record):
    """Items with about the same confidence: how often the prediction is right."""

    confidence: float
    accuracy: Score
    n: int


class SetSize(Record):
    """How many items get a prediction set of this many classes."""

    size: int
    n: int


class PredictionSets(Record):
    """Conformal prediction sets.

    Attributes
    ----------
    target
        The promised share of sets that hold the right class.
    coverage
        The share that was measured.
    """

    target: float
    coverage: Score
    mean_size: float
    sizes: tuple[SetSize, ...] = ()


class UnknownInputs(Record):
    """How inputs unlike the training data are told.

    Attributes
    ----------
    threshold
        None where no input is called unknown.
    false_alarm_rate
        The stated share of known inputs that are called unknown.
    measured_rate
        The share that was measured, if it was.
    sentence
        How many unrelated inputs are found, or why none is called unknown.
    """

    method: str
    threshold: float | None
    false_alarm_rate: float
    measured_rate: Score | None = None
    sentence: str = ""


class Probabilities(Record):
    """Calibration, prediction sets and unknown inputs.

    Attributes
    ----------
    error, error_before
        Calibration error with the temperature and without it.
    """

    reliability: tuple[ReliabilityBin, ...] = ()
    temperature: float | None = None
    error: Score | None = None
    error_before: Score | None = None
    sets: PredictionSets | None = None
    unknown: UnknownInputs | None = None
    sentence: str = ""
