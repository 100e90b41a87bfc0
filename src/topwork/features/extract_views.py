"""Bring the features of several views of every item into a store, in one pass over the items."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from topwork.backbones.engines import Engine
from topwork.data import Content, Framing, Item, Modality, Rejected, framing_of
from topwork.errors import BadItem
from topwork.features.budget import DiskBudget
from topwork.features.forward import Inputs, ordered_map
from topwork.features.parts import Extraction, Pass, PassedItems, run_pass
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

    @property
    def places(self) -> list[tuple[FeatureStore, tuple[int, ...]]]:
        """The store and the shape at each cut."""
        return [(self.store, self.shape), *self.also]


def extract_views(
    items: Sequence[Item],
    request: ViewRequest,
    *,
    kind: Modality,
    keys: Sequence[bytes] | None = None,
    budget: DiskBudget | None = None,
    measure: Callable[[Content], object] | None = None,
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
    measure
        Measures the content of each item, on any thread; may raise `BadItem`. What it gives is
        ``measured`` of the result.

    Raises
    ------
    DataError
        There is no room for the features.
    """
    there = [{view: store.known(view) for view in request.views} for store, _ in request.places]
    if budget is not None:
        missing = [sum(_missing(items, keys, own) for own in one.values()) for one in there]
        shapes = zip(missing, request.places, strict=True)
        values = sum(n * math.prod(shape) for n, (_, shape) in shapes)
        what = f"the activations of {len(items):,} items in {len(request.views)} views"
        budget.check(1, (values,), what=what)
    return run_pass(extract_views_part, ViewPass(items, kind, request, there, measure), progress)


@dataclass(frozen=True)
class ViewPass(Pass):
    """Items, and the views that they shall have features of; see `extract_views`.

    Parameters
    ----------
    there
        For each cut the keys of each view that are in its store.
    """

    request: ViewRequest
    there: Sequence[Mapping[str, set[bytes]]]
    measure: Callable[[Content], object] | None = None

    @property
    def stores(self) -> list[FeatureStore]:
        return [store for store, _ in self.request.places]

    @property
    def size(self) -> int:
        return self.request.engine.batch

    def known(self) -> dict[str, set[bytes]]:
        return {
            view: set.intersection(*(one[view] for one in self.there))
            for view in self.request.views
        }


def extract_views_part(part: ViewPass, *, progress: Progress = silent) -> PassedItems:
    """Bring the features of all views of some items into the stores, reading each once."""
    request, items, result = part.request, part.items, Extraction()
    known = part.known()

    def seen(index: int) -> _Seen:
        return _see(index, items[index], part.kind, request, known, measure=part.measure)

    def rows() -> Iterator[tuple[_Row, Inputs]]:
        met: set[_Row] = set()
        ahead = ordered_map(seen, range(len(items)), window=WINDOW)
        for done, one in enumerate(ahead, start=1):
            if one.rejected is not None:
                result.rejected.append(one.rejected)
            else:
                result.kept.append(one.index)
                result.keys.append(one.key)
                result.measured.append(one.measured)
            for view, pixels in one.pixels.items():
                if (one.key, view) not in met:  # equal items are computed once
                    met.add((one.key, view))
                    result.computed += 1
                    yield (one.key, view), pixels
            progress(done, len(items))

    try:
        for batch, outputs in request.engine.run(_batches(rows(), request.engine.batch)):
            for store, own, features in zip(part.stores, part.there, outputs, strict=True):
                new = [i for i, (key, view) in enumerate(batch) if key not in own[view]]
                if new:
                    keys, views = [batch[i][0] for i in new], [batch[i][1] for i in new]
                    store.append(keys, features[new], views)
    finally:
        for store in part.stores:
            store.flush()
    result.cached = len(result.kept) * len(request.views) - result.computed
    return PassedItems(result, part.stores)


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
    measured: object = None
    rejected: Rejected | None = None


def _see(
    index: int,
    item: Item,
    kind: Modality,
    request: ViewRequest,
    known: dict[str, set[bytes]],
    *,
    measure: Callable[[Content], object] | None,
) -> _Seen:
    try:
        content = kind.read(item)
        measured = None if measure is None else measure(content)
        pixels = {
            view: kind.decode(content, framing_of(view, request.framing, content.key))
            for view in request.views
            if content.key not in known[view]
        }
    except BadItem as bad:
        return _Seen(index, b"", {}, rejected=Rejected(item.name, bad.reason, bad.detail))
    return _Seen(index, content.key, pixels, measured)


def _batches(rows: Iterator[tuple[_Row, Inputs]], size: int) -> Iterator[tuple[list[_Row], Inputs]]:
    waiting: list[tuple[_Row, Inputs]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == size:
            yield [r for r, _ in waiting], np.stack([pixels for _, pixels in waiting])
            waiting = []
    if waiting:
        yield [r for r, _ in waiting], np.stack([pixels for _, pixels in waiting])
