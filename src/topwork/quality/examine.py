"""Bringing everything that was found together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets, Dataset, LabelTargets, Rejected
from topwork.errors import ParameterError
from topwork.features.rejected import RejectedRecord
from topwork.quality.boxes.examine_boxes import examine_boxes
from topwork.quality.doubtful import doubt_labels
from topwork.quality.doubtful_marks import doubtful_marks
from topwork.quality.duplicates import Duplicates
from topwork.quality.families import Families
from topwork.quality.findings import (
    ClassCount,
    DoubtfulLabel,
    DuplicateGroup,
    Family,
    Findings,
    Hint,
    Member,
    OddItem,
)
from topwork.quality.label_pairs import MAX_LABELS, label_pairs
from topwork.quality.label_texts import label_texts
from topwork.quality.names import name_hints
from topwork.quality.similarity import Pair, Similarity
from topwork.tasks.registry import task_of

MIN_DISTINCT = 5
"""Distinct images below which a class can't be judged: one for each fold of the usual five."""

SURE, TIMES = 0.5, 5.0
"""Probability of another class, and how many times that of the given one it must be, before a label
is called doubtful: below, most of them are right."""


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What models say of items that they have not seen.

    Parameters
    ----------
    probabilities
        (n, k); of several labels each by itself.
    judged
        (n,), or (n, k) of several labels: False where the models saw no item of the class.
    """

    probabilities: NDArray[np.floating]
    judged: NDArray[np.bool_] | None = None


def examine(
    data: Dataset,
    similarity: Similarity,
    duplicates: Duplicates,
    *,
    rejected: Sequence[Rejected] = (),
    cut_short: int = 0,
    splits: Sequence[str] | None = None,
    out_of_fold: OutOfFold | None = None,
    families: Families | None = None,
) -> Findings:
    """Say what was found about n readable items.

    Parameters
    ----------
    data
        The n items.
    similarity, duplicates
        What they look like, and which of them show the same image.
    rejected
        The items that could not be read.
    cut_short
        How many texts a network won't see to their end.
    splits
        The split that each of the n items lies in, where there are several: to find leaks.
    out_of_fold
        For doubtful labels.
    families
        Which items come from one original, where that was looked for.

    Raises
    ------
    ParameterError
        The lengths do not agree.
    """
    n = len(data)
    _check(n, similarity=similarity, groups=duplicates.groups, splits=splits)
    groups = _groups(data, duplicates, splits)
    classes = _class_counts(data, duplicates)
    counts = [count.n for count in classes]
    return Findings(
        task=task_of(data),
        modality=data.kind.name,
        n_items=n,
        cut_short=cut_short,
        rejected=tuple(RejectedRecord.of(rejected)),
        rejected_by_reason=dict(sorted(Counter(r.reason for r in rejected).items())),
        duplicates=groups,
        conflicts=_conflicts(data, groups),
        leaks=tuple(g for g in groups if len({m.split for m in g.members}) > 1),
        undecided_classes=_undecided(data, duplicates),
        hints=_hints(data, families),
        families=_families(data, families),
        classes=classes,
        small_classes=tuple(c.label for c in classes if c.distinct < MIN_DISTINCT),
        imbalance=max(counts) / max(min(counts), 1) if counts else None,
        odd_items=_odd_items(data, similarity),
        doubtful_labels=None if out_of_fold is None else _doubtful(data, out_of_fold),
        label_pairs=label_pairs(data.targets, duplicates.groups)
        if isinstance(data.targets, LabelTargets)
        else (),
        skipped=dict(data.ignored),
        notes=(*data.hints, *_not_looked_at(data)),
        boxes=examine_boxes(data),
    )


def _groups(
    data: Dataset, duplicates: Duplicates, splits: Sequence[str] | None
) -> tuple[DuplicateGroup, ...]:
    labels = label_texts(data)
    weakest: dict[int, Pair] = {}
    for pair in duplicates.pairs:
        group = int(duplicates.groups[pair.first])
        if group not in weakest or pair.similarity < weakest[group].similarity:
            weakest[group] = pair
    near = {int(duplicates.groups[p.first]) for p in duplicates.pairs if p.kind == "near"}

    def member(i: int) -> Member:
        return Member(
            path=data.items[i].name,
            label=labels[i] if labels else None,
            split=splits[i] if splits is not None else None,
        )

    def record(positions: NDArray[np.intp]) -> DuplicateGroup:
        number = int(duplicates.groups[positions[0]])
        return DuplicateGroup(
            group=number,
            kind="near" if number in near else "exact",
            similarity=weakest[number].similarity,
            members=tuple(member(int(i)) for i in positions),
        )

    return tuple(record(positions) for positions in duplicates.members())


def _conflicts(data: Dataset, groups: Sequence[DuplicateGroup]) -> tuple[DuplicateGroup, ...]:
    """Groups of several classes or sets of labels; numbers that were measured twice may differ."""
    if not isinstance(data.targets, ClassTargets | LabelTargets):
        return ()
    return tuple(g for g in groups if len({m.label for m in g.members}) > 1)


def _class_counts(data: Dataset, duplicates: Duplicates) -> tuple[ClassCount, ...]:
    if isinstance(data.targets, LabelTargets):
        return _label_counts(data.targets, duplicates)
    if not isinstance(data.targets, ClassTargets):
        return ()
    codes, k = data.targets.codes, len(data.targets.labels)
    distinct = np.unique(np.stack([codes, duplicates.groups]), axis=1)[0]
    rows = zip(
        data.targets.labels,
        np.bincount(codes, minlength=k),
        np.bincount(distinct, minlength=k),
        strict=True,
    )
    return tuple(ClassCount(label=str(label), n=int(n), distinct=int(d)) for label, n, d in rows)


def _label_counts(targets: LabelTargets, duplicates: Duplicates) -> tuple[ClassCount, ...]:
    columns = zip(targets.labels, targets.presence.T == 1, strict=True)
    return tuple(
        ClassCount(label=label, n=int(has.sum()), distinct=len(np.unique(duplicates.groups[has])))
        for label, has in columns
    )


def _undecided(data: Dataset, duplicates: Duplicates) -> tuple[str, ...]:
    if not isinstance(data.targets, ClassTargets):
        return ()
    codes = np.unique(data.targets.codes[duplicates.undecided])
    return tuple(str(data.targets.labels[code]) for code in codes)


def _hints(data: Dataset, families: Families | None) -> tuple[Hint, ...]:
    """Without those whose items are kept together anyway."""
    names = [item.name for item in data.items]
    groups = np.arange(len(names)) if families is None else families.groups
    return tuple(
        Hint(kind=hint.kind, stem=hint.stem, paths=tuple(names[i] for i in hint.positions))
        for hint in name_hints(names)
        if len(np.unique(groups[list(hint.positions)])) > 1
    )


def _families(data: Dataset, families: Families | None) -> tuple[Family, ...]:
    if families is None:
        return ()
    labels = label_texts(data)
    return tuple(
        Family(
            group=int(families.groups[rows[0]]),
            label=labels[rows[0]] if labels else None,
            paths=tuple(data.items[i].name for i in rows),
        )
        for rows in families.members()
    )


def _odd_items(data: Dataset, similarity: Similarity) -> tuple[OddItem, ...]:
    return tuple(
        OddItem(
            path=data.items[one.position].name,
            oddity=one.oddity,
            width=one.width,
            height=one.height,
        )
        for one in similarity.odd_items()
    )


def _not_looked_at(data: Dataset) -> Iterator[str]:
    """A sentence for what is left out for the number of labels."""
    targets = data.targets
    if isinstance(targets, LabelTargets) and len(targets.labels) > MAX_LABELS:
        yield (
            f"There are {len(targets.labels):,} labels: pairs that always or never occur together "
            f"are looked for among {MAX_LABELS:,} at most, so that none were."
        )


def _doubtful(data: Dataset, out_of_fold: OutOfFold) -> tuple[DoubtfulLabel, ...]:
    if isinstance(data.targets, LabelTargets):
        return tuple(_doubtful_marks(data, data.targets, out_of_fold))
    assert isinstance(data.targets, ClassTargets)
    codes, P = data.targets.codes, out_of_fold.probabilities
    labels = [str(label) for label in data.targets.labels]
    doubts = doubt_labels(P, codes, judged=out_of_fold.judged)
    return tuple(
        DoubtfulLabel(
            path=data.items[i].name,
            text=_text(data, i),
            given=labels[codes[i]],
            suggested=labels[doubts.suggested[i]],
            probability=float(P[i, doubts.suggested[i]]),
            given_probability=float(P[i, codes[i]]),
        )
        for i in doubts.ranked()
        if _is_sure(P[i, doubts.suggested[i]], P[i, codes[i]])
    )


def _doubtful_marks(
    data: Dataset, targets: LabelTargets, out_of_fold: OutOfFold
) -> Iterator[DoubtfulLabel]:
    P, presence = out_of_fold.probabilities, targets.presence
    for i, j in doubtful_marks(P, presence, judged=out_of_fold.judged):
        has, p = presence[i, j] == 1, float(P[i, j])
        suggested, given = (1 - p, p) if has else (p, 1 - p)
        if _is_sure(suggested, given):
            yield DoubtfulLabel(
                path=data.items[i].name,
                text=_text(data, i),
                label=targets.labels[j],
                given="present" if has else "absent",
                suggested="absent" if has else "present",
                probability=suggested,
                given_probability=given,
            )


def _text(data: Dataset, i: int) -> str | None:
    return data.kind.caption(data.items[i]) if data.kind.inline else None


def _is_sure(suggested: float, given: float) -> bool:
    return suggested >= SURE and suggested >= TIMES * given


def _check(n: int, **given: Sized | None) -> None:
    for name, values in given.items():
        if values is not None and len(values) != n:
            raise ParameterError(
                f"There are {n} items but {name} has {len(values)} entries.",
                remedy=f"Give one entry of {name} for each readable item, in the same order.",
            )
