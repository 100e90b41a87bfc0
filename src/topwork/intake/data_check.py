"""The check of the data before anything is learnt from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.data import (
    BoxTargets,
    ClassTargets,
    Dataset,
    LabelTargets,
    NumberTargets,
    Targets,
    joined_labels,
    surveyed,
)
from topwork.data.folders.splits import Split
from topwork.data.targets.boxes import joined_boxes
from topwork.errors import DataError
from topwork.features.opened_backbone import FrozenPart
from topwork.features.remarks import data_remarks
from topwork.heads import stratified_folds
from topwork.intake.families import families_of
from topwork.intake.labelled import undivided
from topwork.intake.survey import survey
from topwork.quality import (
    DeduplicatedRow,
    Findings,
    OutOfFold,
    examine,
    find_duplicates,
    kept,
)
from topwork.quality.doubtful_marks import learnt_marks
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.labels.nested import nested_labels
from topwork.tasks.labels.task import LABELS
from topwork.tasks.registry import strata_of
from topwork.validation import cross_validate_head

MAX_DOUBTED = 200
"""Of more labels no fits are made to find doubtful ones."""

Reader = Callable[[Split], Dataset]


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What was found, and which items to keep.

    Parameters
    ----------
    data
        The items that can be read, of all splits.
    """

    data: Dataset
    findings: Findings
    rows: tuple[DeduplicatedRow, ...]
    splits: tuple[str, ...]


def read_splits(reader: Reader) -> tuple[Dataset, list[str]]:
    """All items of a source and the split of each; ``reader`` reads one split."""
    train = reader("train")
    try:
        test = reader("test") if train.split != "all" else None
    except DataError:  # there is no test split
        test = None
    if test is None:
        return train, ["train"] * len(train)
    joined = replace(_joined(train, test), ignored=reader("all").ignored)
    return joined, ["train"] * len(train) + ["test"] * len(test)


def check(
    data: Dataset,
    splits: list[str],
    context: RunContext[FitSettings],
    *,
    parts: bool = False,
) -> DataCheck:
    """Look for what is wrong with the data; nothing is changed.

    Parameters
    ----------
    splits
        The split of each item.
    parts
        Whether they are images of parts to inspect: these look alike, so that only equal content
        makes copies, and neither sizes nor labels of the kinds of defects are doubted.
    """
    every = replace(context.settings, baselines=False, max_bad=1.0)
    data = surveyed(data, context.settings.window)
    seen = survey(data, replace(context, settings=every))
    frozen, similarity = seen.frozen, seen.similarity
    codes = strata_of(frozen.data)
    duplicates = find_duplicates(
        frozen.extraction.keys, similarity, frozen.features, codes, near_duplicates=not parts
    )
    here = [splits[i] for i in frozen.extraction.kept]
    families = None
    if not parts:
        families = families_of(frozen, similarity, duplicates, context.settings)
    findings = examine(
        frozen.data,
        similarity,
        duplicates,
        rejected=frozen.extraction.rejected,
        cut_short=frozen.extraction.cut_short,
        splits=here,
        families=families,
        out_of_fold=None
        if parts
        else _out_of_fold(frozen, undivided(frozen.data, duplicates, families), context),
    )
    if parts:
        update = {"small_classes": (), "imbalance": None, "undecided_classes": ()}
        findings = findings.model_copy(update=update)
    remarks = data_remarks(frozen.extraction.remarks, frozen.data, findings.blank)
    notes = (*findings.notes, *_no_doubts(frozen.data))
    findings = findings.model_copy(update={"remarks": tuple(remarks), "notes": notes})
    rows = kept(frozen.data, similarity, duplicates, splits=here, families=families)
    return DataCheck(frozen.data, findings, rows, tuple(here))


def _no_doubts(data: Dataset) -> tuple[str, ...]:
    targets = data.targets
    if not isinstance(targets, LabelTargets) or len(targets.labels) <= MAX_DOUBTED:
        return ()
    return (
        f"There are {len(targets.labels):,} labels: doubtful ones are looked for among "
        f"{MAX_DOUBTED:,} at most, so that none were.",
    )


def _out_of_fold(
    frozen: FrozenPart, groups: NDArray[np.int64], context: RunContext[FitSettings]
) -> OutOfFold | None:
    targets = frozen.data.targets
    if isinstance(targets, LabelTargets):
        return _out_of_fold_labels(frozen, targets, groups, context)
    if not isinstance(targets, ClassTargets):
        return None
    counts = targets.counts()
    if len(counts) < 2 or counts.max() < 2:
        return None
    settings, progress = context.settings, context.steps("Labels")
    folds = stratified_folds(
        targets.codes, n_folds=settings.n_folds, groups=groups, seed=settings.seed
    )
    head = cross_validate_head(
        frozen.features, targets.codes, len(counts), folds=folds, progress=progress
    )
    return OutOfFold(head.probabilities_oof, head.seen)


def _out_of_fold_labels(
    frozen: FrozenPart,
    targets: LabelTargets,
    groups: NDArray[np.int64],
    context: RunContext[FitSettings],
) -> OutOfFold | None:
    if len(targets.labels) > MAX_DOUBTED or len(np.unique(groups)) < 2:
        return None
    settings, rows = context.settings, FixedRows(frozen.features)
    folds = LABELS.folds(targets, n_folds=settings.n_folds, groups=groups, seed=settings.seed)
    if len(np.unique(folds)) < 2:
        return None
    found = nested_labels(rows, targets.presence, folds, progress=context.steps("Labels"))
    return OutOfFold(found.probabilities, learnt_marks(targets.presence, folds))


def _joined(a: Dataset, b: Dataset) -> Dataset:
    """Two parts of one source as one."""
    assert a.targets is not None
    assert b.targets is not None
    return Dataset(
        items=[*a.items, *b.items],
        targets=_joined_targets(a.targets, b.targets),
        groups=_stacked(a.groups, b.groups),
        domains=_stacked(a.domains, b.domains),
        kind=a.kind,
        rejected=(*a.rejected, *b.rejected),
        hints=tuple(dict.fromkeys((*a.hints, *b.hints))),
        source=a.source,
        medical=a.medical or b.medical,
        shows_images=a.shows_images and b.shows_images,
    )


def _joined_targets(a: Targets, b: Targets) -> Targets:
    if isinstance(a, NumberTargets) and isinstance(b, NumberTargets):
        return NumberTargets(np.concatenate([a.numbers, b.numbers]))
    if isinstance(a, LabelTargets) and isinstance(b, LabelTargets):
        return joined_labels(a, b)
    if isinstance(a, BoxTargets) and isinstance(b, BoxTargets):
        return joined_boxes(a, b)
    assert isinstance(a, ClassTargets)
    assert isinstance(b, ClassTargets)
    return ClassTargets.from_labels([*a.values(), *b.values()])


def _stacked(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    return None if a is None or b is None else np.concatenate([a, b])
