"""Nested cross-validation for numbers: penalty and transform chosen inside each fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.runtime.parallel import side_by_side
from topwork.tasks.number.ridge import NumberFit, NumberRidge, fit_numbers
from topwork.tasks.number.transform import possible

Float64 = NDArray[np.float64]


class Rows(Protocol):
    """Features that may depend on the items to learn from.

    ``standardised`` says whether their columns are brought to one scale first.
    """

    @property
    def standardised(self) -> bool: ...

    def __len__(self) -> int: ...

    def learnt_on(self, rows: NDArray[np.intp]) -> NDArray[np.floating]:
        """Of all n items, ``(n, d)``, as learnt from some of them."""


@dataclass(frozen=True, eq=False)
class FixedRows:
    """Features ``(n, d)`` of a network that never changes."""

    features: NDArray[np.floating]

    standardised = True

    def __len__(self) -> int:
        return len(self.features)

    def learnt_on(self, rows: NDArray[np.intp]) -> NDArray[np.floating]:  # noqa: ARG002
        return self.features


@dataclass(frozen=True, eq=False)
class NestedNumbers:
    """Out-of-fold predictions, and the fit on all items.

    Parameters
    ----------
    predicted
        ``(n,)``: each by the fit that did not see the item's fold.
    ridge, whole
        All items decomposed, and the fit on them.
    """

    predicted: Float64
    ridge: NumberRidge
    whole: NumberFit


def nested_numbers(
    rows: Rows,
    numbers: Float64,
    folds: NDArray[np.integer],
    *,
    groups: NDArray[np.integer] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NestedNumbers:
    """Judge the ridge on every fold, and fit it on all items.

    Parameters
    ----------
    numbers
        ``(n,)``.
    folds, groups
        Fold and group of each item, ``(n,)``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 4)).astype(np.float32)
    >>> y = X[:, 0] + 0.1 * rng.normal(size=60)
    >>> found = nested_numbers(FixedRows(X), y, np.arange(60) % 5)
    >>> bool(np.abs(found.predicted - y).mean() < 0.2)
    True
    """
    names = [int(fold) for fold in np.unique(folds)]
    allowed = possible(numbers)
    done = 0

    def fitted(fold: int | None) -> tuple[NumberRidge, NumberFit, Float64]:
        nonlocal done
        part = np.flatnonzero(folds != fold) if fold is not None else np.arange(len(numbers))
        features = rows.learnt_on(part)
        ridge = NumberRidge.prepare(
            features[part],
            None if groups is None else groups[part],
            standardise=rows.standardised,
        )
        fit = fit_numbers(ridge, numbers[part], transforms=allowed)
        held_out = fit.predict(features[folds == fold]) if fold is not None else np.empty(0)
        done += 1
        if progress:
            progress(done, len(names) + 1)
        return ridge, fit, held_out

    fits = side_by_side(fitted, [*names, None])
    predicted = np.empty(len(numbers))
    for name, (_, _, held_out) in zip(names, fits, strict=False):
        predicted[folds == name] = held_out
    ridge, whole, _ = fits[-1]
    return NestedNumbers(predicted, ridge, whole)
