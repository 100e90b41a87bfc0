"""What only a thorough fit finds out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.diagnosis.attributes import attributes
from topwork.diagnosis.modality import COVERABLE
from topwork.diagnosis.saliency import FeatureClassifier, Saliency, saliency
from topwork.errors import UserError
from topwork.features.opened_backbone import FrozenPart, OpenedBackbone, open_backbone, read_once
from topwork.heads import LinearHead
from topwork.intake.survey import Survey
from topwork.metrics.slices import Slices, judge_slices
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.calibrated import Calibrated
from topwork.trials.trial import Trial, judged, targets_of, untrained, worth_searching

MAX_UNTRAINED = 2000
"""Items that the untrained network is judged on at most."""

MAX_MAPS = 12
_SHUFFLED = 8


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What only a thorough fit finds out.

    Parameters
    ----------
    untrained
        The untrained network on a part of the items, where there are too many to compare it with
        the other trials.
    saliency
        Of the items in ``salient``, ``None`` where nothing is wrong.
    """

    slices: Slices
    untrained: Trial | None
    saliency: Saliency | None
    salient: tuple[int, ...]


def untrained_trial(
    frozen: FrozenPart, folds: NDArray[np.integer], context: RunContext[FitSettings]
) -> Trial | None:
    """The same network with random weights, on at most ``MAX_UNTRAINED`` items."""
    settings, progress = context.settings, context.steps("Untrained network")
    opened = _untrained(frozen, settings)
    if opened is None:
        return None
    rows = _part(folds[0], targets_of(frozen).codes)
    data = frozen.data.take(rows)
    read = read_once(data, opened.request, max_bad=1.0, progress=progress)
    if len(read.kept) < len(data):  # one went away since it was read
        return None
    part = replace(opened.part(data, read), data=data)
    candidate = untrained(frozen.opened.backbone.name)
    search = worth_searching(part)
    trial = judged(candidate, part, folds[:, rows], settings, search=search, progress=progress)
    return trial if len(rows) == len(frozen.data) else replace(trial, rows=rows)


def _untrained(frozen: FrozenPart, settings: FitSettings) -> OpenedBackbone | None:
    """``None`` for a backbone that has no weights or whose architecture isn't known by name."""
    name = frozen.opened.backbone.name
    if name == "pixels" or name.startswith("random:"):
        return None
    try:
        return open_backbone(untrained(name).backbone, settings)
    except UserError:
        return None


def _part(folds: NDArray[np.integer], codes: NDArray[np.integer]) -> NDArray[np.intp]:
    """Positions of at most ``MAX_UNTRAINED`` items, as many of each class and fold as fit."""
    n = len(codes)
    if n <= MAX_UNTRAINED:
        return np.arange(n)
    order = np.lexsort((np.random.default_rng(0).permutation(n), folds, codes))
    return np.sort(order[np.linspace(0, n - 1, MAX_UNTRAINED).round().astype(int)])


def diagnostics(
    seen: Survey,
    chosen: Trial,
    calibrated: Calibrated,
    predicted: NDArray[np.integer],
    untrained_part: Trial | None,
    *,
    groups: NDArray[np.integer],
    settings: FitSettings,
) -> Diagnostics:
    """The slices and the saliency maps of the selected trial.

    Parameters
    ----------
    predicted
        What it says of each held-out item that it was judged on, ``(m,)``.
    """
    rows, codes = calibrated.rows, calibrated.codes
    wrong = surely_wrong(calibrated.probabilities, predicted, codes)[:MAX_MAPS]
    kinds = {
        name: np.asarray(values)[rows]
        for name, values in attributes(seen, seed=settings.seed).items()
    }
    return Diagnostics(
        slices=judge_slices(predicted == codes, kinds, groups=groups[rows]),
        untrained=untrained_part if untrained_part and untrained_part.rows is not None else None,
        saliency=_saliency(chosen, predicted[wrong], rows[wrong], settings),
        salient=tuple(map(int, rows[wrong])),
    )


def surely_wrong(
    probabilities: NDArray[np.float32],
    predicted: NDArray[np.integer],
    codes: NDArray[np.integer],
) -> NDArray[np.intp]:
    """Positions of the wrong items, the most confident first."""
    wrong = np.flatnonzero(predicted != codes)
    order = np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")
    return wrong[order]


def _saliency(
    chosen: Trial,
    predicted: NDArray[np.integer],
    rows: NDArray[np.intp],
    settings: FitSettings,
) -> Saliency | None:
    """Maps of the items at ``rows``, for which ``predicted`` was said."""
    data, opened, head = chosen.frozen.data, chosen.frozen.opened, chosen.head.linear
    if not head.weight.any() or not len(rows):
        return None
    classifier = FeatureClassifier(opened.engine, head)
    without = _untrained(chosen.frozen, settings)
    randomised = (
        [FeatureClassifier(without.request.engine, head)]
        if without
        else [
            FeatureClassifier(opened.engine, _shuffled(head, settings.seed + i))
            for i in range(_SHUFFLED)
        ]
    )
    some = COVERABLE[data.kind.name](data.take(rows), opened)
    if some is None:
        return None
    return saliency(some.items, predicted, classifier, randomised, covering=some.covering)


def _shuffled(head: LinearHead, seed: int) -> LinearHead:
    """The head with its weights in random order."""
    weight = np.random.default_rng(seed).permuted(head.weight, axis=0)
    return replace(head, weight=weight)
