"""What a detector of unknown items is worth, as plain data and in a sentence."""

from __future__ import annotations

import math

from topwork.data import Modality
from topwork.metrics.records import Record
from topwork.novelty.unknown import UnknownDetector
from topwork.novelty.unrelated import MIN_FOUND, UnrelatedFound


class UnknownDetection(Record):
    """Whether a model tells unknown items, and how well.

    Attributes
    ----------
    on
        Whether it calls items unknown at all.
    threshold
        Scores above it are unknown; None where it is switched off.
    false_alarm_rate
        Share of items of known classes that it was set to call unknown.
    n_items
        Held-out items that the threshold comes from.
    unrelated
        How many unrelated items it finds; None where that couldn't be measured.
    sentence
        The same for people.
    """

    on: bool
    threshold: float | None
    false_alarm_rate: float
    n_items: int
    unrelated: UnrelatedFound | None
    sentence: str


def describe_detector(detector: UnknownDetector, modality: Modality) -> UnknownDetection:
    """The record of a detector of items of a modality."""
    threshold = detector.used_threshold
    return UnknownDetection(
        on=threshold is not None,
        threshold=threshold,
        false_alarm_rate=detector.false_alarm_rate,
        n_items=detector.n_items,
        unrelated=detector.unrelated,
        sentence=_sentence(detector, modality),
    )


def _sentence(detector: UnknownDetector, modality: Modality) -> str:
    kind, made = modality.name, modality.words.unrelated
    rate, found = detector.false_alarm_rate, detector.unrelated
    alarms = f"{100 * rate:g} % false alarms"
    if math.isinf(detector.threshold):
        return (
            f"No {kind} is called unknown: {detector.n_items} held-out {kind}s are too few to set "
            f"a threshold at {alarms} ({math.ceil(1 / rate) - 1} independent ones needed)."
        )
    if found is None:
        return (
            f"How many unrelated {kind}s are called unknown was not measured: the ones to measure "
            f"by ({made}) resemble the training {kind}s."
        )
    share, high = found.share, found.share.high or 0.0
    measured = (
        f"{100 * share.value:.0f} % of {found.n_items} unrelated {kind}s ({made}) "
        f"[{100 * share.low:.0f} %, {100 * high:.0f} %]"
    )
    if detector.used_threshold is None:
        return (
            f"No {kind} is called unknown: at {alarms} {_only(found)}{measured} would be found"
            f"{_missed(found)}, so this is switched off and any {kind} gets one of the classes."
        )
    return (
        f"Calls {measured} unknown at {alarms}{_missed(found)}; expect about "
        f"{100 * found.expected:.0f} % of other unrelated {kind}s, and fewer of those that look "
        "like the classes."
    )


def _only(found: UnrelatedFound) -> str:
    return "only " if found.expected < MIN_FOUND else ""


def _missed(found: UnrelatedFound) -> str:
    return f", less than half of {', '.join(found.missed)}" if found.missed else ""
