"""An adapted head, and its network if that was adapted too, as a model that can be saved."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topwork.evaluation.unknown import UnknownDetector, fit_unknown
from topwork.heads import stratified_folds
from topwork.model import AdaptedFrom, Model
from topwork.model.frozen import FrozenPart, OpenedBackbone
from topwork.model.graph import fuse
from topwork.transductive.calibration import temperature_towards
from topwork.transductive.distilled import Distilled
from topwork.transductive.origin import Origin

HEAD = "logistic"
_FALSE_ALARMS = 0.05


def assemble(
    start: Model,
    opened: OpenedBackbone,
    origin: Origin,
    target: FrozenPart,
    chosen: Distilled,
    *,
    everything: NDArray[np.float32],
    seed: int = 0,
) -> Model:
    """The model for the new domain.

    Its probabilities are as sure as all ways together; prediction sets are left out, because
    nothing can be promised about a domain without labels.

    Parameters
    ----------
    opened
        The network that gives the chosen features.
    everything
        What all ways say of the target together, ``(m, k)``.
    """
    detector = _detector(chosen, seed)
    threshold = detector.threshold
    card = start.card.model_copy(
        update={
            "head": HEAD,
            "temperature": temperature_towards(chosen.held_out, everything),
            "sets": None,
            "threshold": None,
            "unknown_threshold": threshold if math.isfinite(threshold) else None,
            "false_alarm_rate": detector.false_alarm_rate,
            "adapted_from": AdaptedFrom(
                identity=start.identity,
                method=chosen.proposal.name,
                n_items=len(target.data),
            ),
        }
    )
    parts = replace(
        start.parts,
        card=card,
        head=chosen.head,
        graph=fuse(opened.graph.read(), chosen.head),
        weights=opened.graph.weights,
        space=detector.space,
        facts={**start.parts.facts, "adapted_to": len(target.data), "source": origin.where},
        pages={},
    )
    return Model(parts, engine=start.engine, keep=opened.graph)


def _detector(chosen: Distilled, seed: int) -> UnknownDetector:
    """What looks like none of the classes in the new domain."""
    labels = chosen.proposal.labels.astype(np.int64)
    return fit_unknown(
        chosen.proposal.space.target,
        labels,
        folds=stratified_folds(labels, seed=seed),
        false_alarm_rate=_FALSE_ALARMS,
        seed=seed,
    )
