"""One pass: read, decode and run the frozen part, the three overlapping, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines import Engine
from topwork.data import Content, Item, Modality, Preparation, Rejected, Remark
from topwork.errors import BadItem
from topwork.features.remarks import Remarks
from topwork.runtime import usable_cores
from topwork.runtime.progress import Progress, silent

Inputs = NDArray[Any]
"""What one item or a batch is to a network: pixels or tokens."""

Look = Callable[[int, Content], None]
"""Is shown the position of an item and what was read of it; may raise `BadItem`."""

T = TypeVar("T")
R = TypeVar("R")

WINDOW = 128
"""Items being read or decoded ahead of the network; bounds the memory."""


@dataclass(slots=True)
class Reading:
    """What became of the items.

    Parameters
    ----------
    kept
        Positions of the items that could be read, ``(m,)``.
    keys
        Their content keys, m of them.
    rejected
        The others, each with its reason.
    computed, cached
        How many went through the network, and how many didn't need to.
    cut_short
        Of how many the network doesn't see all, for their length.
    remarks
        Which of them were read otherwise than their owner may think.
    """

    kept: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    computed: int = 0
    cached: int = 0
    cut_short: int = 0
    remarks: Remarks = field(default_factory=Remarks)


@dataclass(frozen=True, slots=True)
class ExtraRequest:
    """What else is wanted of every item while it is open.

    Parameters
    ----------
    framing
        How it wants to see the item; equal ones are decoded once.
    known
        Content keys that it has already.
    take
        Is given batches: content keys and pixels ``(b, h, w, 3)`` or tokens ``(b, t)``.
    size
        Of a batch, at most.
    """

    framing: Preparation
    known: AbstractSet[bytes]
    take: Callable[[list[bytes], Inputs], None]
    size: int


@dataclass(frozen=True, slots=True)
class Computed:
    """One batch: positions of the items, their content keys, the network's outputs."""

    positions: list[int]
    keys: list[bytes]
    outputs: list[NDArray[np.float32]]


def forward(
    items: Sequence[Item],
    reading: Reading,
    *,
    kind: Modality,
    framing: Preparation,
    engine: Engine,
    known: AbstractSet[bytes] | None = None,
    extra_requests: Sequence[ExtraRequest] = (),
    look: Look | None = None,
    progress: Progress = silent,
) -> Iterator[Computed]:
    """Run the items through the engine, and note in ``reading`` what became of each.

    Parameters
    ----------
    known
        Content keys that need no computing; then equal items are computed once, too. ``None``
        computes every item.
    extra_requests
        Who else wants to see the items.
    look
        Is shown the content of every item that can be decoded, on any thread.

    Yields
    ------
    The batches in whatever order they are ready.
    """
    wishes = (
        (framing, known or frozenset()),
        *((one.framing, one.known) for one in extra_requests),
    )

    def prepare(index: int) -> _Prepared:
        return _prepare(index, items[index], kind, wishes, look)

    def prepared() -> Iterator[_Prepared]:
        positions = range(len(items))
        # one image is decoded sooner than threads are started
        ahead = (
            map(prepare, positions)
            if len(items) == 1
            else ordered_map(prepare, positions, window=WINDOW)
        )
        for done, one in enumerate(ahead, start=1):
            yield one
            progress(done, len(items))

    others = [_Batches(one.size, computed_once=True) for one in extra_requests]
    own = _Batches(engine.batch, computed_once=known is not None)

    def batches() -> Iterator[_Batch]:
        for one in prepared():
            _note(one, items[one.index].name, reading)
            for wish, waiting, inputs in zip(extra_requests, others, one.inputs[1:], strict=True):
                for batch, rows in waiting.add(one, inputs):
                    wish.take([p.key for p in batch], rows)
            ready = own.add(one, one.inputs[0] if one.inputs else None)
            reading.computed = own.taken
            yield from ready
        for wish, waiting in zip(extra_requests, others, strict=True):
            for batch, rows in waiting.rest():
                wish.take([p.key for p in batch], rows)
        yield from own.rest()

    for batch, outputs in engine.run(batches()):
        positions, keys = [one.index for one in batch], [one.key for one in batch]
        yield Computed(positions, keys, outputs)
    reading.cached = len(reading.kept) - reading.computed


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An item that was read, and what it is to each wish that doesn't know it yet."""

    index: int
    key: bytes = b""
    inputs: tuple[Inputs | None, ...] = ()
    cut_short: bool = False
    remarks: tuple[Remark, ...] = ()
    rejected: Rejected | None = None


def _prepare(
    index: int,
    item: Item,
    kind: Modality,
    wishes: Sequence[tuple[Preparation, AbstractSet[bytes]]],
    look: Look | None,
) -> _Prepared:
    try:
        content = kind.read(item)
        open_wishes = {framing for framing, known in wishes if content.key not in known}
        decoded = {framing: kind.decode(content, framing) for framing in open_wishes}
        cut_short, remarks = kind.cut_short(content, wishes[0][0]), kind.remarks(content)
        if look is not None:
            look(index, content)
    except BadItem as bad:
        none = (None,) * len(wishes)
        return _Prepared(index, b"", none, rejected=Rejected(item.name, bad.reason, bad.detail))
    inputs = tuple(None if content.key in known else decoded[framing] for framing, known in wishes)
    return _Prepared(index, content.key, inputs, cut_short, remarks)


def _note(one: _Prepared, name: str, reading: Reading) -> None:
    if one.rejected is not None:
        reading.rejected.append(one.rejected)
        return
    reading.kept.append(one.index)
    reading.keys.append(one.key)
    reading.cut_short += one.cut_short
    for remark in one.remarks:
        reading.remarks.add(remark, name)


_Batch = tuple[list[_Prepared], Inputs]


class _Batches:
    """Fills batches with what has to be computed, of one shape each."""

    def __init__(self, size: int, *, computed_once: bool) -> None:
        self.taken = 0
        self._size = size
        self._met: set[bytes] | None = set() if computed_once else None
        self._waiting: dict[tuple[int, ...], list[tuple[_Prepared, Inputs]]] = {}

    def add(self, one: _Prepared, inputs: Inputs | None) -> list[_Batch]:
        """The batch that this item fills, if it does."""
        if inputs is None or (self._met is not None and one.key in self._met):
            return []
        if self._met is not None:
            self._met.add(one.key)
        self.taken += 1
        waiting = self._waiting.setdefault(inputs.shape, [])
        waiting.append((_Prepared(one.index, one.key), inputs))
        return [_batch(self._waiting.pop(inputs.shape))] if len(waiting) == self._size else []

    def rest(self) -> list[_Batch]:
        """What is left, as batches, if anything is."""
        left, self._waiting = self._waiting, {}
        return [_batch(left[shape]) for shape in sorted(left)]


def _batch(waiting: list[tuple[_Prepared, Inputs]]) -> _Batch:
    return [p for p, _ in waiting], np.stack([inputs for _, inputs in waiting])


def ordered_map(
    function: Callable[[T], R], arguments: Iterable[T], *, window: int, threads: int | None = None
) -> Iterator[R]:
    """``map`` in threads, in order, with at most ``window`` results ahead of the reader."""
    with ThreadPoolExecutor(threads or usable_cores()) as pool:
        ahead: deque[Future[Any]] = deque()
        try:
            for argument in arguments:
                ahead.append(pool.submit(function, argument))
                if len(ahead) >= window:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()
