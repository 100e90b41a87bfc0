"""One of several ordered classes for each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import (
    BoxTargets,
    ClassTargets,
    Dataset,
    Label,
    LabelTargets,
    NumberTargets,
    OrdinalTargets,
    match_labels,
    read_numbers,
)
from topwork.errors import DataError, ParameterError
from topwork.heads import stratified_folds
from topwork.tasks.ordinal.scores import OrdinalScores, ordinal_scores

_OTHERS = {
    BoxTargets: "are annotated with boxes",
    LabelTargets: "have several labels each",
    NumberTargets: "have numbers as labels",
}
_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class OrdinalTask:
    """Ordered classes; predictions are their ranks, from 0."""

    name: Literal["ordinal"] = "ordinal"

    def parse(self, data: Dataset) -> Dataset:
        """The labels as classes, in the order of the numbers that they are.

        Raises
        ------
        topwork.errors.DataError
            They are no numbers, so that nothing says their order; or there is something else in
            place of classes.
        """
        targets = _classes_of(data)
        if targets is None or isinstance(targets, OrdinalTargets):
            return data
        found = read_numbers(targets.labels)
        if found.bad or found.why or any(number is None for number in found.numbers):
            raise _no_order(targets.labels)
        values = [number for number in found.numbers if number is not None]
        return ordered(data, [targets.labels[i] for i in np.argsort(values, kind="stable")])

    def strata(self, targets: OrdinalTargets) -> NDArray[np.int64]:
        """The rank of each item."""
        return np.asarray(targets.codes, np.int64)

    def folds(
        self,
        targets: OrdinalTargets,
        *,
        n_folds: int,
        groups: ArrayLike | None = None,
        seed: int = 0,
    ) -> NDArray[np.intp]:
        """Fold of each item, (n,), classes spread evenly."""
        return stratified_folds(targets.codes, n_folds=n_folds, groups=groups, seed=seed)

    def constant(self, targets: OrdinalTargets) -> NDArray[np.float64]:
        """The share of each class, ``(k,)``."""
        counts = targets.counts() + 0.5
        return np.asarray(counts / counts.sum())

    def losses(
        self, targets: OrdinalTargets, predicted: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Squared rank errors, ``(1, n)``."""
        return np.atleast_2d(np.square(np.asarray(predicted, np.float64) - targets.codes))

    def scores(
        self,
        targets: OrdinalTargets,
        predicted: NDArray[np.integer],
        *,
        groups: ArrayLike | None = None,
    ) -> OrdinalScores:
        """Quadratic weighted kappa, mean rank error and accuracy of ranks ``(n,)``."""
        return ordinal_scores(
            targets.codes, predicted, len(targets.labels), groups=groups, cross_validated=True
        )


ORDINAL = OrdinalTask()


def ordered_alike(data: Dataset, order: Sequence[Label]) -> Dataset:
    """The same data in the order of a model, of whose classes some may have no items.

    Raises
    ------
    topwork.errors.DataError
        Items have labels that it doesn't know; or they have no classes.
    """
    targets = _classes_of(data)
    if targets is None:
        raise DataError("The items have no labels.", remedy="Give labels.", code="no_labels")
    places = np.array(match_labels(targets.labels, order), np.int64)
    strange = [label for label, place in zip(targets.labels, places, strict=True) if place < 0]
    if strange:
        raise DataError(
            f"The model predicts {_some(order)}, and these items have other labels: "
            f"{_some(strange)}.",
            remedy="Write the labels as they were written for the fit.",
            code="other_labels",
        )
    return replace(data, targets=OrdinalTargets(places[targets.codes], tuple(order), True))


def ordered(data: Dataset, order: Sequence[Label]) -> Dataset:
    """The same data, the classes in this order.

    Parameters
    ----------
    order
        The classes, lowest first.

    Raises
    ------
    topwork.errors.DataError
        Items have other labels, or no item has one of these; or they have no classes.
    ParameterError
        The order is one text.

    Examples
    --------
    >>> from topwork.data import read
    >>> data = read(["a.jpg", "b.jpg", "c.jpg"], ["low", "high", "mid"])
    >>> ordered(data, ["low", "mid", "high"]).targets.codes.tolist()
    [0, 2, 1]
    """
    if isinstance(order, str):
        raise ParameterError(
            f"order is one text, {order!r}.",
            remedy='Give a list from low to high, such as order=["low", "mid", "high"].',
        )
    targets = _classes_of(data)
    if targets is None:
        return data
    places = np.array(match_labels(targets.labels, order), np.int64)
    missing = [order[i] for i in range(len(order)) if i not in places]
    strange = [label for label, place in zip(targets.labels, places, strict=True) if place < 0]
    if len(set(order)) < len(order) or strange or missing:
        raise _other_order(targets.labels, order, strange, missing)
    return replace(data, targets=OrdinalTargets(places[targets.codes], tuple(order), True))


def _classes_of(data: Dataset) -> ClassTargets | None:
    targets = data.targets
    if targets is None or isinstance(targets, ClassTargets):
        return targets
    raise DataError(
        f"These items {_OTHERS[type(targets)]}, and one of several ordered classes is needed here.",
        remedy="Give a table with the columns path and label.",
        code="other_task",
    )


def _no_order(labels: Sequence[Label]) -> DataError:
    return DataError(
        f"Nothing says in which order the {len(labels)} labels stand: {_some(labels)}.",
        remedy="Name them from low to high: --task ordinal --order LOWEST,...,HIGHEST "
        "(order=[...] in Python).",
        code="no_order",
    )


def _some(names: Sequence[Label]) -> str:
    more = ", ..." if len(names) > _MAX_SHOWN else ""
    return ", ".join(repr(name) for name in names[:_MAX_SHOWN]) + more


def _other_order(
    labels: Sequence[Label],
    order: Sequence[Label],
    strange: Sequence[Label],
    missing: Sequence[Label],
) -> DataError:
    listed = ",".join(map(str, order))
    if len(set(order)) < len(order):
        what = f"The order {listed} names a label twice."
    elif strange:
        what = f"The order {listed} lacks labels of these items: {_some(strange)}."
        if missing:
            what += f" No item has its labels {_some(missing)}."
    else:
        what = f"No item has these labels of the order: {_some(missing)}."
    return DataError(
        what,
        remedy=f"Name each of the labels {', '.join(map(str, labels))} once, from low to high: "
        "--order LOWEST,...,HIGHEST (order=[...] in Python).",
        code="other_order",
    )
