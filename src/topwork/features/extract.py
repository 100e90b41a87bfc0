"""Bring the features of items into a store, computing only what isn't there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from topwork.backbones.engines import Engine
from topwork.data import Framing, Item, ItemKind
from topwork.features.forward import Progress, Reading, forward, silent
from topwork.features.store import FeatureStore


@dataclass(slots=True)
class Extraction(Reading):
    """What became of the items, and how long it took in seconds."""

    seconds: float = 0.0


def extract(
    items: Sequence[Item],
    *,
    kind: ItemKind,
    framing: Framing,
    engine: Engine,
    store: FeatureStore,
    progress: Progress = silent,
) -> Extraction:
    """Bring the features of all items into the store.

    Memory does not grow with the number of items, their keys aside. What was stored stays
    stored when this is interrupted.
    """
    begun = time.monotonic()
    result = Extraction()
    try:
        for batch in forward(
            items,
            result,
            kind=kind,
            framing=framing,
            engine=engine,
            known=store.known(),
            progress=progress,
        ):
            store.append(batch.keys, batch.outputs[0])
    finally:
        store.flush()
    result.seconds = time.monotonic() - begun
    return result
