"""Bring the features of items into stores, computing only what isn't there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from topwork.backbones.engines import Engine
from topwork.data import Item, Modality, Preparation
from topwork.features.forward import ExtraRequest, Inputs, Reading, forward
from topwork.features.store import FeatureStore
from topwork.runtime.progress import Progress, silent


@dataclass(slots=True)
class Extraction(Reading):
    """What became of the items, and how long it took in seconds."""

    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FeatureRequest:
    """Features that every item shall have: how it is seen, by what, and where they go."""

    framing: Preparation
    engine: Engine
    store: FeatureStore

    def take(self, keys: list[bytes], inputs: Inputs) -> None:
        """Compute and store the features of one batch."""
        for batch, (features, *_) in self.engine.run([(keys, inputs)]):
            self.store.append(batch, features)


def extract(
    items: Sequence[Item],
    request: FeatureRequest,
    *,
    kind: Modality,
    extra_requests: Sequence[FeatureRequest] = (),
    progress: Progress = silent,
) -> Extraction:
    """Bring the features of all items into the store, in one pass over the items.

    Memory does not grow with the number of items, their keys aside. What was stored stays
    stored when this is interrupted.

    Parameters
    ----------
    request
        The features that take the time, computed while further items are decoded.
    extra_requests
        Cheap ones of the same items, read and decoded along with them.
    """
    begun = time.monotonic()
    result = Extraction()
    others = [
        ExtraRequest(w.framing, w.store.known(), w.take, w.engine.batch) for w in extra_requests
    ]
    try:
        for batch in forward(
            items,
            result,
            kind=kind,
            framing=request.framing,
            engine=request.engine,
            known=request.store.known(),
            extra_requests=others,
            progress=progress,
        ):
            request.store.append(batch.keys, batch.outputs[0])
    finally:
        for one in (request, *extra_requests):
            one.store.flush()
    result.seconds = time.monotonic() - begun
    return result
