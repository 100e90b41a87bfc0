"""Classes by the columns beside items: alone, and together with a network."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topwork.runtime.progress import Progress, silent
from topwork.settings import FitSettings
from topwork.trials.columns.blocks import SideBlocks, side_blocks
from topwork.trials.columns.further_columns import FurtherColumns
from topwork.trials.trial import Candidate, Trial, targets_of
from topwork.validation.crossval import suited_head
from topwork.validation.nested_rows import cross_validate_rows


def column_trials(
    transfer: Trial,
    columns: FurtherColumns | None,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    settings: FitSettings,
    *,
    progress: Progress = silent,
) -> tuple[Trial, ...]:
    """The columns alone, and the network with them, on the folds ``(r, n)`` of the transfer.

    None where there are no columns, or so few items per class that no penalty can be chosen.
    """
    codes = targets_of(transfer.frozen).codes
    if columns is None or not columns.encoding.columns or suited_head(codes) != "logistic":
        return ()
    name = transfer.candidate.name
    alone, both = side_blocks(transfer.frozen, columns, groups, name=name, unit=True)
    found = [_judged(side, transfer, folds, settings, progress) for side in (alone, both)]
    return found[0], replace(found[1], above=True)


def _judged(
    side: SideBlocks,
    transfer: Trial,
    folds: NDArray[np.integer],
    settings: FitSettings,
    progress: Progress,
) -> Trial:
    begun, frozen = time.monotonic(), transfer.frozen
    targets = targets_of(frozen)
    heads = [
        cross_validate_rows(
            side.rows,
            targets.codes,
            len(targets.labels),
            folds=division,
            class_weight=settings.class_weight,
            progress=progress,
        )
        for division in folds
    ]
    linear, beside = side.kept(heads[0].linear)
    heads = [replace(head, linear=linear) for head in heads]
    candidate = Candidate(side.name, transfer.candidate.backbone, "logistic")
    seconds = time.monotonic() - begun
    return Trial(candidate, frozen, tuple(heads), seconds, beside=beside)
