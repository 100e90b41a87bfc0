"""Wider frozen features as a rung: other networks beside the first, mirrored views."""

from __future__ import annotations

import time

import numpy as np

from topwork.data import Dataset
from topwork.errors import BadItem, UserError
from topwork.heads.parallel import usable_cores
from topwork.inductive.ground import Ground
from topwork.inductive.trial import Candidate, Trial, judged
from topwork.model.frozen import OpenedBackbone, open_backbone, read_once

_SAFETY = 1.2
_TIMED_BATCHES = 4


def wider_trial(candidate: Candidate, first: Trial, ground: Ground) -> Trial | str:
    """The candidate's features and a head on the same folds, or why there is neither."""
    try:
        opened = open_backbone(candidate.backbone, ground.settings)
        wait = _SAFETY * _estimate(opened, first, ground.data)
        if wait > ground.left:
            return f"it would take {wait:.0f} s, and {max(ground.left, 0):.0f} s are left"
        progress = ground.steps(candidate.name.capitalize())
        read = read_once(ground.data, opened.wanted, max_bad=1.0, progress=progress)
    except (UserError, BadItem) as error:
        return str(error)
    if len(read.kept) < len(ground.data):
        return "some items went away since they were read"
    part = opened.part(ground.data, read)
    return judged(candidate, part, ground.comparing.folds, ground.settings, progress=progress)


def _estimate(opened: OpenedBackbone, first: Trial, data: Dataset) -> float:
    """Seconds that features and head will take, from a few items."""
    wider = opened.graph.shape[-1] / int(first.frozen.features.shape[1])
    missing = len(set(first.frozen.extraction.keys) - opened.wanted.store.known())
    if not missing:
        return first.seconds * wider
    engine, framing, kind = opened.wanted.engine, opened.framing, data.kind
    begun = time.monotonic()
    some = data.items[: engine.batch]
    images = np.stack([kind.decode(kind.read(item), framing) for item in some])
    decoding = (time.monotonic() - begun) / len(some) / usable_cores()
    list(engine.run([(0, images)]))
    begun = time.monotonic()
    list(engine.run([(i, images) for i in range(_TIMED_BATCHES)]))
    running = (time.monotonic() - begun) / (_TIMED_BATCHES * engine.batch)
    return missing * (decoding + running) + first.seconds * wider
