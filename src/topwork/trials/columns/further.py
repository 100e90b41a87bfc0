"""What stands beside items: columns, and further images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.data import SAME_CELL, ClassTargets, Dataset, OrdinalTargets, Rejected
from topwork.features import extract
from topwork.features.columns.images import FilesOf, pooled
from topwork.features.opened_backbone import FrozenPart
from topwork.runtime.progress import Progress, silent
from topwork.trials.columns.further_columns import FurtherColumns, with_columns
from topwork.validation.crossval import suited_head

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FurtherImages:
    """The further images of n items.

    Parameters
    ----------
    names
        Of their columns.
    files, features
        The images of all items, each once, and their features ``(f, d)``, NaN where one can't be
        read.
    own
        Features of the items' first images, ``(n, d)``.
    """

    names: tuple[str, ...]
    files: FilesOf
    features: Float32
    own: Float32

    @property
    def several(self) -> bool:
        """Whether a cell names several images."""
        return any(self.files.rows.get(SAME_CELL, ()))

    def block(self, name: str, *, unit: bool) -> Float32:
        """Mean features of each item's images of a column, ``(n, d)``."""
        return pooled(self.files.rows[name], self.features, unit=unit)

    def first(self, *, unit: bool) -> Float32:
        """The same of the cell that names the item."""
        known = np.vstack([self.own, self.features])
        n = len(self.own)
        more = self.files.rows.get(SAME_CELL, [[] for _ in range(n)])
        rows = [[row, *(n + place for place in places)] for row, places in enumerate(more)]
        return pooled(rows, known, unit=unit)


@dataclass(frozen=True, eq=False)
class Beside:
    """What stands beside n items: columns, further images, or both."""

    columns: FurtherColumns | None
    images: FurtherImages | None


def with_beside(
    frozen: FrozenPart, progress: Progress = silent
) -> tuple[Beside | None, FrozenPart]:
    """What stands beside the items and can be learnt from, and what is said of it."""
    columns, frozen = with_columns(frozen)
    images, frozen = _with_images(frozen, progress)
    if columns is None and images is None:
        return None, frozen
    return Beside(columns, images), frozen


def _with_images(frozen: FrozenPart, progress: Progress) -> tuple[FurtherImages | None, FrozenPart]:
    items, data = frozen.data.items, frozen.data
    names = list(dict.fromkeys(name for item in items for name in item.images or ()))
    if not names:
        return None, frozen
    files = FilesOf.of(items, names)
    features = np.full((len(files.items), frozen.features.shape[1]), np.nan, np.float32)
    request = frozen.opened.request
    read = extract(files.items, request, kind=data.kind, progress=progress)
    features[read.kept] = request.store.read(read.keys)
    said = _said(names, files, read.rejected, data)
    hints = (*data.hints, *said)
    found = FurtherImages(
        tuple(name for name in names if name != SAME_CELL),
        files,
        features,
        np.asarray(frozen.features, np.float32),
    )
    return found, replace(frozen, data=replace(data, hints=hints))


def _said(
    names: Sequence[str], files: FilesOf, rejected: Sequence[Rejected], data: Dataset
) -> list[str]:
    found: list[str] = []
    n = len(data)
    further = [name for name in names if name != SAME_CELL]
    if further:
        counts = {name: sum(not own for own in files.rows[name]) for name in further}
        without = [f"{name} lacks {count} of {n}" for name, count in counts.items() if count]
        lacking = f" {'; '.join(without)}, for which the mean counts." if without else ""
        found.append(f"Further columns of images: {', '.join(further)}.{lacking}")
    if SAME_CELL in names:
        several = sum(bool(own) for own in files.rows[SAME_CELL])
        what, first = "cells name several images", "first"
        if data.plane:
            what, first = "volumes have several slices", "middle"
        done = "the mean of their features"
        if _are_too_few(data):
            done = f"there are too few items per class to use more than the {first} one"
        found.append(f"{several} of {n} {what}: {done}.")
    if rejected:
        listed = "; ".join(f"{one.path} ({one.why})" for one in rejected[:3])
        found.append(
            f"{len(rejected)} further images cannot be read and count as missing: {listed}."
        )
    return found


def _are_too_few(data: Dataset) -> bool:
    """Whether there are so few items per class that nothing is learnt from what is beside them."""
    targets = data.targets
    if not isinstance(targets, ClassTargets) or isinstance(targets, OrdinalTargets):
        return False
    return suited_head(targets.codes) != "logistic"
