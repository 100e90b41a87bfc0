"""Heads on stored features, judged on the same folds, whatever they predict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.sources.tfidf import TFIDF
from topwork.features.columns.beside import BesideHead
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import FixedRows, Rows
from topwork.trials.columns.blocks import SideBlocks, side_blocks
from topwork.trials.columns.further import Beside
from topwork.trials.columns.further_columns import FurtherColumns
from topwork.trials.columns.trees import MIN_ROWS, TREES
from topwork.trials.modality import MODALITY_TRIALS
from topwork.trials.trial import transfer_from
from topwork.trials.word_features import Words, readable_texts, words_in
from topwork.trials.word_rows import WORDS, WordBasis, WordRows, word_network

PIXELS = "raw pixels"

Float64 = NDArray[np.float64]
Integers = NDArray[np.integer]

HeldOut = TypeVar("HeldOut", bound=tuple[NDArray[Any], ...])
"""Out-of-fold predictions: a named tuple of arrays whose first axis is the items."""


NestedT = TypeVar("NestedT")
"""Fits that were judged on every fold, and the one on all items."""


HeldOut_co = TypeVar("HeldOut_co", bound=tuple[NDArray[Any], ...], covariant=True)
NestedT_co = TypeVar("NestedT_co", covariant=True)


class FitsNested(Protocol[HeldOut_co, NestedT_co]):
    """Judges a head on every fold, and fits it on all items."""

    def __call__(
        self,
        rows: Rows,
        targets: Any,
        folds: Integers,
        *,
        groups: Integers | None,
        progress: Progress,
    ) -> tuple[HeldOut_co, NestedT_co]: ...


@dataclass(frozen=True, slots=True)
class LossWords:
    """How people read the loss that candidates are compared by.

    Parameters
    ----------
    name
        What it is called.
    value, difference
        Formats of a loss and of a difference of two.
    """

    name: str
    value: str
    difference: str


@dataclass(frozen=True, slots=True)
class HeadTrials(Generic[HeldOut, NestedT]):
    """What a task tries on stored features.

    Parameters
    ----------
    constant
        What the baseline is called that looks at no item.
    predicted
        What it predicts of m items, learnt from the targets of others.
    heads
        By name, from simple to complex; the first is the one that baselines have, and the one that
        is used where there are too few items to compare.
    losses
        Of the targets and their held-out predictions, ``(n,)``.
    words
        How people read these.
    unit
        Whether the heads see rows scaled to length 1.
    trees
        What boosted trees on columns say of held-out items; None where that is not tried.
    """

    constant: str
    predicted: Callable[[Any, int], HeldOut]
    heads: Mapping[str, FitsNested[HeldOut, NestedT]]
    losses: Callable[[Any, HeldOut], Float64]
    words: LossWords
    unit: bool = False
    trees: Callable[[FurtherColumns, Any, Integers], HeldOut] | None = None


class NetworkHead(NamedTuple):
    """A network with its features of n items, a head, and what columns add to its outputs."""

    frozen: FrozenPart
    head: LinearHead
    beside: BesideHead | None = None

    @property
    def outputs(self) -> Float64:
        """Of the n items, ``(n, k)``."""
        found = np.asarray(self.head.logits(self.frozen.features), np.float64)
        if self.beside is None or self.beside.fitted is None:
            return found
        return found + self.beside.fitted


@dataclass(frozen=True, eq=False)
class HeadCandidate(Generic[HeldOut, NestedT]):
    """An evaluated head on stored features.

    Parameters
    ----------
    name
        What people call it.
    head
        Which head it is; ``constant`` for none.
    frozen
        Where its features come from.
    held_out
        Out-of-fold predictions of the n items.
    losses
        Of each of them, ``(n,)``.
    nested
        Its fits; None for a constant.
    words
        Where the features are the words of the items.
    side
        Where columns beside the items are learnt from.
    above
        Whether it has to beat the best of the others significantly.
    selectable
        Whether it may become the model at all.
    """

    name: str
    head: str
    frozen: FrozenPart
    held_out: HeldOut
    losses: Float64
    nested: NestedT | None
    seconds: float
    baseline: bool = True
    words: Words | None = None
    side: SideBlocks | None = None
    above: bool = False
    selectable: bool = True

    @property
    def targets(self) -> Any:
        """The true ones."""
        return self.frozen.data.targets

    @property
    def backbone(self) -> str:
        """What its features come from."""
        return TFIDF if self.words is not None else self.frozen.opened.backbone.name

    def with_network(self, head: LinearHead, settings: FitSettings) -> NetworkHead:
        """A head on the features that were learnt from, and the network that gives these.

        Of words, the network is a table of what each of them adds to the outputs.
        """
        if self.side is not None:
            return NetworkHead(self.frozen, *self.side.kept(head))
        if self.words is None:
            return NetworkHead(self.frozen, head)
        basis = WordBasis.of(self.words, np.arange(len(self.frozen.data)), settings.seed)
        table = basis.axes @ head.weight
        frozen = word_network(self.words, basis.words, table, self.frozen, settings)
        unit = np.eye(table.shape[1], dtype=np.float32)
        return NetworkHead(frozen, LinearHead(unit, head.bias, normalise=False))


def head_candidates(
    of: HeadTrials[HeldOut, NestedT],
    frozen: FrozenPart,
    pixels: FrozenPart | None,
    *,
    folds: Integers,
    groups: Integers,
    context: RunContext[FitSettings],
    beside: Beside | None = None,
) -> list[HeadCandidate[HeldOut, NestedT]]:
    """The baselines and the transfer, from simple to complex, on the same folds.

    Parameters
    ----------
    beside
        What stands beside the items: alone a baseline, and together with the network tried above
        the transfer.
    """
    found = _baselines(of, frozen, pixels, folds=folds, groups=groups, context=context)
    transfer = transfer_from(frozen.opened.backbone.name).name
    rows = FixedRows(np.asarray(frozen.features, np.float32))
    progress = context.steps("Head and folds")
    judged = partial(_judged, of, folds=folds, groups=groups, progress=progress)
    first, sides, columns = next(iter(of.heads)), list[SideBlocks](), None
    if beside is not None:
        columns = beside.columns
        sides = side_blocks(frozen, beside, groups, name=transfer, unit=of.unit)
    found += [
        judged(first, side.name, frozen, side.rows, side=side) for side in sides if not side.above
    ]
    wanted = context.settings.baselines and len(folds) >= MIN_ROWS
    if columns is not None and of.trees is not None and wanted:
        found.append(_trees(of, of.trees, frozen, columns, folds))
    for head in of.heads:
        name = transfer if len(of.heads) == 1 else f"{transfer}, {head}"
        found.append(judged(head, name, frozen, rows, baseline=False))
    for side in sides:
        if side.above:
            more = judged(first, side.name, frozen, side.rows, side=side, baseline=False)
            found.append(replace(more, above=True))
    return found


def _baselines(
    of: HeadTrials[HeldOut, NestedT],
    frozen: FrozenPart,
    pixels: FrozenPart | None,
    *,
    folds: Integers,
    groups: Integers,
    context: RunContext[FitSettings],
) -> list[HeadCandidate[HeldOut, NestedT]]:
    if not context.settings.baselines:
        return []
    found = [_constant(of, pixels or frozen, folds)]
    progress, modality = context.steps("Baselines"), MODALITY_TRIALS[frozen.data.kind.name]
    head = next(iter(of.heads))
    judged = partial(_judged, of, head, folds=folds, groups=groups, progress=progress)
    if modality.words:
        words = words_in(readable_texts(frozen.data))
        rows: Rows = WordRows(words, context.settings.seed)
        found.append(judged(WORDS, frozen, rows, words=words))
    elif pixels is not None and frozen.opened.backbone.name != modality.plain:
        rows = FixedRows(np.asarray(pixels.features, np.float32))
        found.append(judged(PIXELS, pixels, rows))
    return found


def _constant(
    of: HeadTrials[HeldOut, NestedT], frozen: FrozenPart, folds: Integers
) -> HeadCandidate[HeldOut, NestedT]:
    """What the other folds' targets suggest, whatever the item."""
    begun, targets = time.monotonic(), cast("Any", frozen.data.targets)
    parts = []
    for fold in np.unique(folds):
        own = np.flatnonzero(folds == fold)
        others = targets.take(np.flatnonzero(folds != fold))
        parts.append((own, of.predicted(others, len(own))))
    held_out = put_together(parts, len(folds))
    losses, seconds = of.losses(targets, held_out), time.monotonic() - begun
    return HeadCandidate(of.constant, "constant", frozen, held_out, losses, None, seconds)


def _trees(
    of: HeadTrials[HeldOut, NestedT],
    trees: Callable[[FurtherColumns, Any, Integers], HeldOut],
    frozen: FrozenPart,
    columns: FurtherColumns,
    folds: Integers,
) -> HeadCandidate[HeldOut, NestedT]:
    """Boosted trees on the columns alone, to be compared with."""
    begun, targets = time.monotonic(), frozen.data.targets
    held_out = trees(columns, targets, folds)
    losses, seconds = of.losses(targets, held_out), time.monotonic() - begun
    return HeadCandidate(
        TREES, "boosted trees", frozen, held_out, losses, None, seconds, selectable=False
    )


def _judged(
    of: HeadTrials[HeldOut, NestedT],
    head: str,
    name: str,
    frozen: FrozenPart,
    rows: Rows,
    *,
    folds: Integers,
    groups: Integers,
    progress: Progress,
    baseline: bool = True,
    words: Words | None = None,
    side: SideBlocks | None = None,
) -> HeadCandidate[HeldOut, NestedT]:
    begun, targets = time.monotonic(), frozen.data.targets
    fit = of.heads[head]
    held_out, nested = fit(rows, targets, folds, groups=groups, progress=progress)
    seconds = time.monotonic() - begun
    losses = of.losses(targets, held_out)
    return HeadCandidate(
        name, head, frozen, held_out, losses, nested, seconds, baseline, words=words, side=side
    )


def put_together(parts: Sequence[tuple[NDArray[np.intp], HeldOut]], n: int) -> HeldOut:
    """Predictions of all n items, from those of some of them, each with their positions."""
    first = parts[0][1]
    columns = [np.empty((n, *column.shape[1:]), column.dtype) for column in first]
    for rows, some in parts:
        for column, own in zip(columns, some, strict=True):
            column[rows] = own
    return made_of(first, columns)


def made_of(like: HeldOut, columns: Sequence[NDArray[Any]]) -> HeldOut:
    return type(like)(*columns)
