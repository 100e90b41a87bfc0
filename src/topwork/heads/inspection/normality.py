"""The ways to describe good parts, from simple to complex."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.heads.inspection.patch_memory import PatchMemory, fit_patch_memory
from topwork.heads.inspection.place_gaussian import PlaceGaussian, fit_place_gaussian

Float32 = NDArray[np.float32]

Normality: TypeAlias = PlaceGaussian | PatchMemory
"""What good parts look like: has ``distances(rows)``."""

NormalityName = Literal["place-gaussian", "patch-memory"]


@dataclass(frozen=True, slots=True)
class Description:
    """One way.

    Parameters
    ----------
    made
        The class.
    fit
        From features ``(n, p, c)`` of good parts.
    shapes
        Of its arrays: c channels, a axes, p places, m patches.
    called
        What people call it.
    """

    made: Callable[..., Normality]
    fit: Callable[[Float32], Normality]
    shapes: Mapping[str, tuple[str, ...]]
    called: str


DESCRIPTIONS: Mapping[NormalityName, Description] = {
    "place-gaussian": Description(
        PlaceGaussian,
        fit_place_gaussian,
        {"axes": ("c", "a"), "means": ("p", "a"), "whitening": ("p", "a", "a")},
        "a normal distribution per place",
    ),
    "patch-memory": Description(
        PatchMemory,
        fit_patch_memory,
        {"axes": ("c", "a"), "centre": ("a",), "patches": ("m", "a")},
        "a memory of patches",
    ),
}


def name_of(head: Normality) -> NormalityName:
    """Which of the ways it is."""
    return "patch-memory" if isinstance(head, PatchMemory) else "place-gaussian"


def held_out_distances(
    rows: Float32,
    folds: NDArray[np.integer],
    fit: Callable[[Float32], Any] = fit_place_gaussian,
    *,
    more: tuple[Float32, NDArray[np.integer]] | None = None,
) -> Float32:
    """Distances ``(n, p)`` of each part from the good ones of the other folds.

    Parameters
    ----------
    rows
        ``(n, p, c)``.
    folds
        Fold of each part, ``(n,)``.
    fit
        From rows of good parts to what has ``distances``.
    more
        Rows ``(m, p, c)`` that are judged only, and the folds of the parts that they are made of,
        ``(m,)``; their distances follow: ``(n + m, p)``.
    """
    others, of = more or (rows[:0], folds[:0])
    distances = np.empty((len(rows) + len(others), rows.shape[1]), np.float32)
    first, second = distances[: len(rows)], distances[len(rows) :]
    for fold in np.unique(folds):
        fitted = fit(rows[folds != fold])
        first[folds == fold] = fitted.distances(rows[folds == fold])
        second[of == fold] = fitted.distances(others[of == fold])
    return distances
