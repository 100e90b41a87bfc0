"""One pass: read, decode and run the frozen part, the three overlapping, in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines import Engine
from topwork.data import Framing, Item, ItemKind, Rejected
from topwork.errors import BadItem

Pixels = NDArray[np.uint8]
T = TypeVar("T")
R = TypeVar("R")

WINDOW = 128
"""Items being read or decoded ahead of the network; bounds the memory."""


class Progress(Protocol):
    """Is told how far a long step is."""

    def __call__(self, done: int, total: int) -> None: ...


def silent(done: int, total: int) -> None:
    """Shows nothing."""


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
    """

    kept: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    computed: int = 0
    cached: int = 0


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
    kind: ItemKind,
    framing: Framing,
    engine: Engine,
    known: AbstractSet[bytes] | None = None,
    progress: Progress = silent,
) -> Iterator[Computed]:
    """Run the items through the engine, and note in ``reading`` what became of each.

    Parameters
    ----------
    known
        Content keys that need no computing; then equal items are computed once, too. ``None``
        computes every item.

    Yields
    ------
    The batches in whatever order they are ready.
    """

    def prepare(index: int) -> _Prepared:
        return _prepare(index, items[index], kind, framing, known or frozenset())

    def prepared() -> Iterator[_Prepared]:
        for done, one in enumerate(ordered_map(prepare, range(len(items)), window=WINDOW), start=1):
            yield one
            progress(done, len(items))

    for batch, outputs in engine.run(
        _batches(prepared(), reading, size=engine.batch, once=known is not None)
    ):
        positions, keys = [one.index for one in batch], [one.key for one in batch]
        yield Computed(positions, keys, outputs)


@dataclass(frozen=True, slots=True)
class _Prepared:
    index: int
    key: bytes = b""
    pixels: Pixels | None = None
    rejected: Rejected | None = None


def _prepare(
    index: int, item: Item, kind: ItemKind, framing: Framing, known: AbstractSet[bytes]
) -> _Prepared:
    try:
        content = kind.read(item)
        if content.key in known:
            return _Prepared(index, content.key)
        return _Prepared(index, content.key, kind.decode(content, framing))
    except BadItem as bad:
        return _Prepared(index, rejected=Rejected(item.name, bad.reason, bad.detail))


def _batches(
    prepared: Iterable[_Prepared], reading: Reading, *, size: int, once: bool
) -> Iterator[tuple[list[_Prepared], Pixels]]:
    """Fill batches with what has to be computed."""
    batch: list[tuple[_Prepared, Pixels]] = []
    met: set[bytes] = set()
    for one in prepared:
        pixels = _noted(one, reading, met if once else None)
        if pixels is not None:
            batch.append((_Prepared(one.index, one.key), pixels))
        if len(batch) == size:
            yield [p for p, _ in batch], np.stack([pixels for _, pixels in batch])
            batch = []
    if batch:
        yield [p for p, _ in batch], np.stack([pixels for _, pixels in batch])


def _noted(one: _Prepared, reading: Reading, met: set[bytes] | None) -> Pixels | None:
    """Count one item; its pixels if it has to be computed."""
    if one.rejected is not None:
        reading.rejected.append(one.rejected)
        return None
    reading.kept.append(one.index)
    reading.keys.append(one.key)
    if one.pixels is None or (met is not None and one.key in met):
        reading.cached += 1
        return None
    if met is not None:
        met.add(one.key)
    reading.computed += 1
    return one.pixels


def ordered_map(
    function: Callable[[T], R], arguments: Iterable[T], *, window: int, threads: int | None = None
) -> Iterator[R]:
    """``map`` in threads, in order, with at most ``window`` results ahead of the reader."""
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
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
