"""Distances from remembered places of good parts."""

from __future__ import annotations

import numpy as np

from topwork.heads.inspection.normality import held_out_distances
from topwork.heads.inspection.patch_memory import fit_patch_memory
from topwork.heads.inspection.place_gaussian import fit_place_gaussian, part_scores


def _moved(rng: np.random.Generator, n: int, odd: int = 0) -> np.ndarray:
    """One thing at a random place of each part, of another sort on the last ``odd`` of them."""
    rows = 0.1 * rng.normal(size=(n, 16, 3)).astype(np.float32)
    places = rng.integers(0, 16, n)
    rows[np.arange(n), places, 0] += 10
    rows[np.arange(n - odd, n), places[n - odd :], 0] -= 5
    return rows


def test_what_lies_anywhere_is_known_anywhere() -> None:
    """A distribution per place takes what is half as much for the usual mixture."""
    rng = np.random.default_rng(0)
    good, new = _moved(rng, 60), _moved(rng, 40, odd=20)
    remembered = part_scores(fit_patch_memory(good).distances(new))
    by_place = part_scores(fit_place_gaussian(good).distances(new))
    assert remembered[20:].min() > remembered[:20].max()
    assert by_place[20:].min() < by_place[:20].max()


def test_distances_are_those_of_the_nearest_patch() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(3, 1, size=(10, 4, 6)).astype(np.float32)
    memory = fit_patch_memory(rows, n_patches=7)
    assert memory.patches.shape == (7, 6)
    whitened = rows.reshape(-1, 6) @ memory.axes - memory.centre
    assert np.allclose(whitened.mean(axis=0), 0, atol=1e-4)
    assert np.allclose(np.cov(whitened.T, bias=True), np.eye(6), atol=0.01)
    apart = np.square(whitened[:, None] - memory.patches).mean(axis=2)
    expected = np.sqrt(apart.min(axis=1)).reshape(10, 4)
    assert np.abs(memory.distances(rows) - expected).max() < 1e-3
    assert memory.distances(rows[:0]).shape == (0, 4)


def test_few_patches_cover_what_there_is() -> None:
    rng = np.random.default_rng(2)
    centres = np.eye(5, 3) * 20 - np.eye(5, 3, -2) * 10
    rows = (centres[rng.integers(0, 5, 200)] + 0.1 * rng.normal(size=(200, 3))).astype(np.float32)
    memory = fit_patch_memory(rows.reshape(50, 4, 3), n_patches=5)
    near = memory.distances(centres.astype(np.float32)[None])
    assert near.max() < 0.1


def test_parts_that_are_only_judged_are_judged_by_other_folds() -> None:
    rng = np.random.default_rng(3)
    rows, folds = rng.normal(size=(20, 4, 6)).astype(np.float32), np.arange(20) % 4
    more = (rows[:8], folds[:8])
    for fit in (fit_place_gaussian, fit_patch_memory):
        found = held_out_distances(rows, folds, fit, more=more)
        assert found.shape == (28, 4)
        assert np.allclose(found[20:], found[:8])


def test_constant_features_give_numbers() -> None:
    rows = np.ones((4, 9, 3), np.float32)
    assert np.isfinite(fit_patch_memory(rows).distances(rows)).all()
