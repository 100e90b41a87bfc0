"""Whether data that a model is judged on differ from those it was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import HASHED
from topwork.errors import DataError
from topwork.model.statistics import TrainingStatistics
from topwork.shift.shift import STRONG, ClassShift, ShiftTest, class_shift, shift_test

MAX_COMPARED = 2000
"""Items of either side that are compared at most."""

_CLASS_DISTANCE = 0.1


class DataShift(BaseModel):
    """How other data differ from the training data.

    Attributes
    ----------
    covariate_shift
        Whether they look different, class by class: what a classifier tells apart.
    classes
        How differently the classes are distributed.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    covariate_shift: ShiftTest | None
    classes: ClassShift | None
    sentence: str

    @property
    def noticeable(self) -> bool:
        """Whether the data look different enough to matter."""
        return self.covariate_shift is not None and self.covariate_shift.noticeable


def data_shift(
    statistics: TrainingStatistics,
    features: NDArray[np.float32],
    codes: NDArray[np.integer],
    *,
    keys: Sequence[bytes] = (),
    groups: NDArray[Any] | None = None,
    hashed: NDArray[np.float32] | None = None,
    seed: int = 0,
) -> DataShift | None:
    """Compare items with what the model stores; ``None`` where there are too few.

    Items that look different from those of training are compared with the domain that the model
    was adapted to, if it was. Items that the model was trained on, or adapted to, are not compared
    with themselves.

    Looks are compared on equally many items of each class from either side, so that a class that
    is rarer does not count as looking different.

    Parameters
    ----------
    features
        ``(m, d)``, of the other data.
    codes
        Their classes, ``(m,)``.
    keys
        Their content keys, by which those that the model knows are left out.
    groups
        What belongs together among them, ``(m,)``.
    hashed
        Their hashed words, where the backbone was made of the training texts: by these they are
        compared, and nothing is said of looks where the model stores none.
    """
    trained = _trained(statistics, hashed=hashed is not None)
    rows = features if hashed is None else hashed
    known = statistics.seen(keys) if len(keys) else np.zeros(len(codes), bool)
    new = _Known(rows, codes, groups)
    # where no rows are stored nothing is left out of a comparison
    left_out: NDArray[np.bool_] = known & (len(trained.codes) > 0)
    covariate_shift, to = _looks(trained, new.where(~known), seed), "trained on"
    if covariate_shift is not None and covariate_shift.noticeable and len(statistics.adapted):
        there = _Known(statistics.adapted, statistics.adapted_codes, None)
        left_out = known | (statistics.adapted_on(keys) if len(keys) else False)
        own = _looks(there, _Known(features, codes, groups).where(~left_out), seed)
        if own is not None or left_out.sum() > known.sum():
            covariate_shift, to = own, "adapted to"
    classes = _classes(statistics, codes, groups, seed)
    if covariate_shift is None and classes is None and not left_out.any():
        return None
    return DataShift(
        covariate_shift=covariate_shift,
        classes=classes,
        sentence=_sentence(covariate_shift, classes, to, int(left_out.sum())),
    )


def _classes(
    statistics: TrainingStatistics,
    codes: NDArray[np.integer],
    groups: NDArray[Any] | None,
    seed: int,
) -> ClassShift | None:
    """How differently the classes are distributed; None where there are too few items."""
    try:
        return class_shift(
            statistics.codes,
            codes,
            len(statistics.counts),
            first_groups=statistics.groups,
            second_groups=groups,
            seed=seed,
        )
    except DataError:
        return None


@dataclass(frozen=True, eq=False, slots=True)
class _Known:
    """Rows ``(r, d)`` with classes and groups, ``(r,)``: stored ones, or those of other data."""

    rows: NDArray[Any]
    codes: NDArray[np.integer]
    groups: NDArray[Any] | None

    def where(self, some: NDArray[np.bool_]) -> _Known:
        """Some of the rows."""
        groups = None if self.groups is None else self.groups[some]
        return _Known(self.rows[some], self.codes[some], groups)


def _trained(statistics: TrainingStatistics, *, hashed: bool) -> _Known:
    rows = statistics.hashed.reshape(-1, HASHED) if hashed else statistics.rehearsal
    n = len(rows)  # no hashed ones in models that were saved before
    return _Known(rows, statistics.rehearsal_codes[:n], statistics.rehearsal_groups[:n])


def _looks(known: _Known, new: _Known, seed: int) -> ShiftTest | None:
    """Whether items look different from what is stored; None where there are too few."""
    ours, theirs = _matched(known.codes, new.codes, seed)
    try:
        return shift_test(
            known.rows[ours].astype(np.float32),
            new.rows[theirs],
            first_groups=None if known.groups is None else known.groups[ours],
            second_groups=None if new.groups is None else new.groups[theirs],
            seed=seed,
        )
    except DataError:
        return None


def _matched(
    ours: NDArray[np.integer], theirs: NDArray[np.integer], seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions on either side, equally many of each class and at most ``MAX_COMPARED``."""
    rng = np.random.default_rng(seed)
    sides = [rng.permutation(len(codes)) for codes in (ours, theirs)]
    kept: tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]] = ([], [])
    common = np.intersect1d(ours, theirs)
    for c in common:
        first, second = (
            order[codes[order] == c] for order, codes in zip(sides, (ours, theirs), strict=True)
        )
        m = min(len(first), len(second), max(1, MAX_COMPARED // len(common)))
        kept[0].append(first[:m])
        kept[1].append(second[:m])
    nothing = [np.empty(0, np.intp)]
    return np.concatenate(nothing + kept[0]), np.concatenate(nothing + kept[1])


def _sentence(
    covariate_shift: ShiftTest | None, classes: ClassShift | None, to: str, left_out: int
) -> str:
    parts = [looks_sentence(covariate_shift, to, left_out)]
    if classes is not None and classes.p < 0.05 and classes.distance >= _CLASS_DISTANCE:
        parts.append(
            f"The classes are distributed differently: class priors differ by "
            f"{100 * classes.distance:.0f} % (total variation)."
        )
    return " ".join(part for part in parts if part)


def looks_sentence(test: ShiftTest | None, to: str, left_out: int) -> str:
    """What is known of the looks of items, some of which may have been left out of the test.

    Parameters
    ----------
    to
        ``trained on`` or ``adapted to``.
    left_out
        Items that the model was trained on or adapted to.

    Examples
    --------
    >>> looks_sentence(None, "trained on", 40)
    'The model was trained on 40 of these items: too few others to test how they look.'
    """
    if test is None:
        return (
            f"The model was {to} {left_out} of these items: too few others to test how they look."
            if left_out
            else ""
        )
    said = covariate_sentence(test, to)
    return f"{said} The {left_out} that it was {to} are left out of this." if left_out else said


def covariate_sentence(test: ShiftTest, to: str) -> str:
    """Whether items look like those of training, for people.

    Parameters
    ----------
    to
        ``trained on`` or ``adapted to``.

    Examples
    --------
    >>> covariate_sentence(ShiftTest(auc=0.5, p=0.6, n_first=50, n_second=50), "trained on")
    'These items look like those it was trained on (AUC 0.50, p 0.600).'
    """
    told = f"(AUC {test.auc:.2f}, p {test.p:.3f})"
    if test.noticeable:
        how = "very different from" if test.auc >= STRONG else "different from"
        return (
            f"These items look {how} those it was {to} {told}: the cross-validated "
            "scores don't apply to these data."
        )
    if test.p < 0.05:
        return f"These items look slightly different from those it was {to} {told}."
    return f"These items look like those it was {to} {told}."


def pooled_shift(
    known: NDArray[np.float32],
    known_groups: NDArray[np.integer],
    rows: NDArray[np.float32],
    *,
    groups: NDArray[Any] | None = None,
    seen: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> DataShift | None:
    """Compare images with those of training, where there are no classes of whole images.

    None where there are too few.

    Parameters
    ----------
    known, known_groups
        Pooled maps that the model stores, ``(r, c)``, and their groups, ``(r,)``.
    rows, groups
        Those of the other images, ``(m, c)``, and what belongs together among them, ``(m,)``.
    seen
        Which of them the model was trained on, ``(m,)``: they are left out.
    """
    if not known.size:
        return None
    alike = np.zeros(len(known), np.int64), np.zeros(len(rows), np.int64)
    return rows_shift(
        known, alike[0], known_groups, rows, alike[1], groups=groups, seen=seen, seed=seed
    )


def rows_shift(
    known: NDArray[Any],
    known_codes: NDArray[np.integer],
    known_groups: NDArray[np.integer],
    rows: NDArray[np.float32],
    codes: NDArray[np.integer],
    *,
    groups: NDArray[Any] | None = None,
    seen: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> DataShift | None:
    """Compare rows ``(m, d)`` with those that a model stores, ``(r, d)``, equally many per stratum.

    Parameters
    ----------
    known_codes, codes
        Stratum of each row on either side, ``(r,)`` and ``(m,)``.
    known_groups, groups
        What belongs together on either side.
    seen
        Which of the m items the model was trained on: they are left out.
    """
    seen = np.zeros(len(rows), bool) if seen is None else seen
    stored, new = _Known(known, known_codes, known_groups), _Known(rows, codes, groups)
    test = _looks(stored, new.where(~seen), seed)
    if test is None and not seen.any():
        return None
    sentence = looks_sentence(test, "trained on", int(seen.sum()))
    return DataShift(covariate_shift=test, classes=None, sentence=sentence)
