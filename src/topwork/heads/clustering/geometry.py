"""By what rows are near to the centres of clusters: cosine, or distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Geometry:
    """What k-means has to know of the rows.

    Parameters
    ----------
    nearness
        Of rows (n, a) to centres (k, a), (n, k); the larger, the nearer.
    gaps
        How far rows are from centres, (k, n), at least 0.
    centres
        Of the sums (k, a) of the clusters' rows, and how many rows these are; k other rows stand
        in for centres that can't be told.
    placed
        Rows brought to where rows may lie.
    """

    nearness: Callable[[Rows, Rows], Rows]
    gaps: Callable[[Rows, Rows], Rows]
    centres: Callable[[Rows, NDArray[np.integer[Any]], Rows], Rows]
    placed: Callable[[Rows], Rows]


def _cosines(rows: Rows, centres: Rows) -> Rows:
    found: Rows = rows @ centres.T
    return found


def _cosine_gaps(rows: Rows, centres: Rows) -> Rows:
    found: Rows = np.maximum(1 - centres @ rows.T, 0)
    return found


def _directions(sums: Rows, sizes: NDArray[np.integer[Any]], instead: Rows) -> Rows:  # noqa: ARG001
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    found: Rows = np.where(lengths > 1e-12, sums / np.maximum(lengths, 1e-12), instead)
    return found


def _unit(rows: Rows) -> Rows:
    found: Rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return found


def _nearness(rows: Rows, centres: Rows) -> Rows:
    squares = np.square(rows).sum(axis=1, keepdims=True)
    found: Rows = 2 * (rows @ centres.T) - np.square(centres).sum(axis=1) - squares
    return found


def _squared_distances(rows: Rows, centres: Rows) -> Rows:
    found: Rows = np.maximum(-_nearness(rows, centres).T, 0)
    return found


def _means(sums: Rows, sizes: NDArray[np.integer[Any]], instead: Rows) -> Rows:  # noqa: ARG001
    found: Rows = (sums / sizes[:, None]).astype(np.float32)
    return found


SPHERE: Final = Geometry(_cosines, _cosine_gaps, _directions, _unit)
"""Unit rows, by cosine."""

PLANE: Final = Geometry(_nearness, _squared_distances, _means, lambda rows: rows)
"""Rows wherever they lie, by squared distance."""
