"""The items of a pretraining: those that are learnt from, and the labelled ones that judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.features.opened_backbone import FrozenPart, OpenedBackbone, read_once
from topwork.features.rejected import RejectedRecord
from topwork.heads import fit_logistic
from topwork.intake.families import families_of
from topwork.intake.labelled import check_labels, undivided
from topwork.quality import find_duplicates
from topwork.quality.item_fingerprints import ItemFingerprints, fingerprints_of
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings, PretrainSettings
from topwork.trials.trial import targets_of

MIN = 32
"""Unlabelled items below which nothing is learnt."""


@dataclass(frozen=True, eq=False, slots=True)
class LabelledItems:
    """Labelled items that were not learnt from.

    Parameters
    ----------
    part
        The l items and their features by the start.
    groups
        What is held out together, ``(l,)``.
    """

    part: FrozenPart
    groups: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.part.data)

    @property
    def codes(self) -> NDArray[np.int64]:
        """Class of each, ``(l,)``."""
        return targets_of(self.part).codes


@dataclass(frozen=True, eq=False, slots=True)
class PretrainingItems:
    """What is learnt from, and what judges.

    Parameters
    ----------
    data, keys
        The n unlabelled items without copies of labelled ones, and their content keys.
    n_copies
        Those that were left out.
    """

    data: Dataset
    keys: tuple[bytes, ...]
    labelled: LabelledItems | None
    n_copies: int
    rejected: tuple[RejectedRecord, ...]


def pretraining_items(
    data: Dataset,
    labelled: Dataset | None,
    opened: OpenedBackbone,
    context: RunContext[PretrainSettings],
) -> PretrainingItems:
    """Read both once; what shows the same as a labelled item is not learnt from.

    Raises
    ------
    DataError
        Too few items are left, or the labelled ones have no labels that can be compared.
    """
    sketches = fingerprints_of(data.kind.name, keep=context.settings.cache)
    found = _Reader(opened, sketches, context)
    judging = None
    if labelled is not None:
        judging = found.part(labelled, "Features of labelled items")
        check_labels(judging.data)
    part = found.part(data, "Features of unlabelled items")
    copies = np.zeros(len(part.data), bool) if judging is None else found.copies(part, judging)
    kept = np.flatnonzero(~copies)
    _enough(len(kept), data.kind.name)
    rejected = [*(judging.extraction.rejected if judging else ()), *part.extraction.rejected]
    return PretrainingItems(
        part.data.take(kept),
        tuple(part.extraction.keys[i] for i in kept),
        None if judging is None else LabelledItems(judging, found.groups(judging)),
        int(copies.sum()),
        tuple(RejectedRecord.of(rejected)),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Reader:
    """Reads items with the start, and compares them."""

    opened: OpenedBackbone
    sketches: ItemFingerprints
    run: RunContext[PretrainSettings]

    def part(self, data: Dataset, what: str) -> FrozenPart:
        read = read_once(
            data,
            self.opened.request,
            extra_requests=[self.sketches.request],
            max_bad=self.run.settings.max_bad,
            progress=self.run.steps(what),
        )
        return self.opened.part(data, read)

    def groups(self, part: FrozenPart) -> NDArray[np.int64]:
        """What of labelled items must not be divided: copies, families, the user's groups."""
        keys, codes = part.extraction.keys, targets_of(part).codes
        similarity = self.sketches.similarity(keys, part.data)
        duplicates = find_duplicates(keys, similarity, part.features, codes)
        families = families_of(part, similarity, duplicates, FitSettings())
        return undivided(part.data, duplicates, families)

    def copies(self, part: FrozenPart, labelled: FrozenPart) -> NDArray[np.bool_]:
        """Which of n unlabelled items show what a labelled one shows, ``(n,)``.

        What looks alike in several classes is no copy; a probe's predictions do for classes here.
        """
        codes = targets_of(labelled).codes
        probe = fit_logistic(labelled.features, codes, labelled.data.n_classes)
        predicted = probe.logits(part.features).argmax(axis=1)
        keys = [*labelled.extraction.keys, *part.extraction.keys]
        both = Dataset([*labelled.data.items, *part.data.items], kind=part.data.kind)
        found = find_duplicates(
            keys,
            self.sketches.similarity(keys, both),
            np.concatenate([labelled.features, part.features]),
            np.concatenate([codes, predicted]),
        )
        n = len(labelled.data)
        return np.isin(found.groups[n:], found.groups[:n])


def _enough(n: int, kind: str) -> None:
    if n < MIN:
        raise DataError(
            f"There are {n} unlabelled {kind}s to learn from that can be read and are no copies "
            "of labelled ones.",
            remedy=f"Give at least {MIN}; a thousand are much better.",
            code="too_few_items",
        )
