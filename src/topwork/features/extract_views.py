"""Bring the features of several views of every item into a store, in one pass over the items."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from topwork.backbones.engines import Engine
from topwork.data import Framing, Item, Modality, Rejected, framing_of
from topwork.errors import BadItem
from topwork.features.budget import DiskBudget
from topwork.features.extract import Extraction
from topwork.features.forward import Inputs, Look, ordered_map
from topwork.features.store import FeatureStore
from topwork.runtime.progress import Progress, silent

WINDOW = 32
"""Items decoded ahead of the network, in all their views; bounds the memory."""


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """Views that every item shall have features of.

    Parameters
    ----------
    views
        Their names; see `topwork.data.framing_of`.
    framing
        How the plain view is seen.
    engine
        Runs the network up to the cut.
    store
        Where the features go.
    shape
        Of one view's features.
    also
        Stores and shapes of the engine's further outputs, which are features at other cuts.
    """

    views: tuple[str, ...]
    framing: Framing
    engine: Engine
    store: FeatureStore
    shape: tuple[int, ...]
    also: tuple[tuple[FeatureStore, tuple[int, ...]], ...] = ()


def extract_views(
    items: Sequence[Item],
    request: ViewRequest,
    *,
    kind: Modality,
    keys: Sequence[bytes] | None = None,
    budget: DiskBudget | None = None,
    look: Look | None = None,
    progress: Progress = silent,
) -> Extraction:
    """Bring the features of all views of all items into the store, computing what isn't there.

    Every item is read once. Memory does not grow with the number of items, their keys aside.
    ``computed`` of the result counts views, ``cached`` too.

    Parameters
    ----------
    keys
        Content keys of the items, where they are known; for the budget.
    budget
        Checked before anything is computed; None for no check.
    look
        Is shown the content of every item that can be read, on any thread.

    Raises
    ------
    DataError
        There is no room for the features.
    """
    begun = time.monotonic()
    places = [(request.store, request.shape), *request.also]
    there = [{view: store.known(view) for view in request.views} for store, _ in places]
    known = {view: set.intersection(*(one[view] for one in there)) for view in request.views}
    if budget is not None:
        missing = [sum(_missing(items, keys, own) for own in one.values()) for one in there]
        values = sum(n * math.prod(shape) for n, (_, shape) in zip(missing, places, strict=True))
        what = f"the activations of {len(items):,} items in {len(request.views)} views"
        budget.check(1, (values,), what=what)
    result = Extraction()

    def seen(index: int) -> _Seen:
        return _see(index, items[index], kind, request, known, look=look)

    def rows() -> Iterator[tuple[_Row, Inputs]]:
        met: set[_Row] = set()
        ahead = ordered_map(seen, range(len(items)), window=WINDOW)
        for done, one in enumerate(ahead, start=1):
            if one.rejected is not None:
                result.rejected.append(one.rejected)
            else:
                result.kept.append(one.index)
                result.keys.append(one.key)
            for view, pixels in one.pixels.items():
                if (one.key, view) not in met:  # equal items are computed once
                    met.add((one.key, view))
                    result.computed += 1
                    yield (one.key, view), pixels
            progress(done, len(items))

    try:
        for batch, outputs in request.engine.run(_batches(rows(), request.engine.batch)):
            for (store, _), own, features in zip(places, there, outputs, strict=True):
                new = [i for i, (key, view) in enumerate(batch) if key not in own[view]]
                if new:
                    keys, views = [batch[i][0] for i in new], [batch[i][1] for i in new]
                    store.append(keys, features[new], views)
    finally:
        for store, _ in places:
            store.flush()
    result.cached = len(result.kept) * len(request.views) - result.computed
    result.seconds = time.monotonic() - begun
    return result


_Row = tuple[bytes, str]


def _missing(items: Sequence[Item], keys: Sequence[bytes] | None, known: set[bytes]) -> int:
    """How many items may have to be stored; of items without keys all that are more than known."""
    if keys is None:
        return max(0, len(items) - len(known))
    return len(set(keys) - known)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An item that was read, and its pixels in every view that isn't stored."""

    index: int
    key: bytes
    pixels: dict[str, Inputs]
    rejected: Rejected | None = None


def _see(
    index: int,
    item: Item,
    kind: Modality,
    request: ViewRequest,
    known: dict[str, set[bytes]],
    *,
    look: Look | None,
) -> _Seen:
    try:
        content = kind.read(item)
        if look is not None:
            look(index, content)
        pixels = {
            view: kind.decode(content, framing_of(view, request.framing, content.key))
            for view in request.views
            if content.key not in known[view]
        }
    except BadItem as bad:
        return _Seen(index, b"", {}, Rejected(item.name, bad.reason, bad.detail))
    return _Seen(index, content.key, pixels)


def _batches(rows: Iterator[tuple[_Row, Inputs]], size: int) -> Iterator[tuple[list[_Row], Inputs]]:
    waiting: list[tuple[_Row, Inputs]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == size:
            yield [r for r, _ in waiting], np.stack([pixels for _, pixels in waiting])
            waiting = []
    if waiting:
        yield [r for r, _ in waiting], np.stack([pixels for _, pixels in waiting])
