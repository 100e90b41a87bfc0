"""Volumes in Python: numbers from NIfTI files whose middle slices say nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import topwork as tw
from topwork.data import read, with_volumes

nibabel: Any = pytest.importorskip("nibabel")


def brains(folder: Path, n: int, seed: int) -> tuple[list[str], list[float]]:
    """Files of noise with an age, by which four of twelve coronal slices are brighter."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    paths, ages = [], []
    for i in range(n):
        age = float(rng.uniform(20, 90))
        values = np.kron(rng.normal(150, 30, (4, 4, 4)), np.ones((3, 3, 3)))
        values[:, [1, 2, 9, 10]] += 4 * age
        path = folder / f"sub-{seed}x{i}_T1w.nii.gz"
        nibabel.save(nibabel.Nifti1Image(values.astype(np.int16), np.eye(4)), path)
        paths.append(str(path))
        ages.append(age)
    return paths, ages


def test_numbers_of_volumes(session_cache: Path, tmp_path: Path) -> None:
    (paths, ages), (new, true) = brains(tmp_path / "a", 60, 1), brains(tmp_path / "b", 20, 2)
    data = with_volumes(read(paths, ages), "coronal")
    regressor = tw.ImageRegressor(backbone="pixels", cache=False, window="800,400").fit(data)
    assert any("60 of 60 volumes have several slices" in note for note in regressor.result_.notes)
    card = regressor.model_.card
    assert card.several_images
    assert card.appearance.plane == "coronal"
    assert np.corrcoef(regressor.predict(new), true)[0, 1] > 0.85
    assert regressor.score(new, true) > 0.7
    assert regressor.model_.evaluate(new, true).scores.r2.value > 0.7
