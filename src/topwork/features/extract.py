"""Bring the features of items into stores, computing only what isn't there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topwork.backbones.engines import Engine
from topwork.data import PLAIN, Item, Modality, Preparation
from topwork.features.forward import ExtraRequest, Inputs, forward
from topwork.features.parts import Extraction, Pass, PassedItems, run_pass
from topwork.features.store import FeatureStore
from topwork.runtime.progress import Progress, silent


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
    return run_pass(extract_part, ItemPass(items, kind, request, tuple(extra_requests)), progress)


@dataclass(frozen=True)
class ItemPass(Pass):
    """Items that are read once for all requests; see `extract`."""

    request: FeatureRequest
    extra_requests: tuple[FeatureRequest, ...] = ()

    @property
    def stores(self) -> list[FeatureStore]:
        return [request.store for request in (self.request, *self.extra_requests)]

    @property
    def size(self) -> int:
        return self.request.engine.batch

    def known(self) -> dict[str, set[bytes]]:
        return {PLAIN: self.request.store.known()}


def extract_part(part: ItemPass, *, progress: Progress = silent) -> PassedItems:
    """Bring the features of some items into the stores, reading each once."""
    result, request = Extraction(), part.request
    others = [
        ExtraRequest(w.framing, w.store.known(), w.take, w.engine.batch)
        for w in part.extra_requests
    ]
    try:
        for batch in forward(
            part.items,
            result,
            kind=part.kind,
            framing=request.framing,
            engine=request.engine,
            known=request.store.known(),
            extra_requests=others,
            progress=progress,
        ):
            request.store.append(batch.keys, batch.outputs[0])
    finally:
        for store in part.stores:
            store.flush()
    return PassedItems(result, part.stores)
