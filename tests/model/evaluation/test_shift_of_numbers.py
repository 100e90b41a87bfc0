"""Whether items look different from those that a regressor was fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.model.storage.test_golden import unpacked
from topwork.model import NumberModel

BACKBONE = "packaged:efficientnet_lite0/64"


def discs(n: int, seed: int, *, dark: bool = False) -> tuple[list[np.ndarray], list[float]]:
    """Discs on noise, and their radius in pixels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:64, :64]
    pictures, radii = [], []
    for _ in range(n):
        radius = rng.uniform(4, 28)
        inside = np.hypot(x - rng.uniform(28, 36), y - rng.uniform(28, 36)) < radius
        grey = np.where(inside, rng.integers(0, 90), rng.integers(150, 230))
        rgb = grey[..., None] + rng.normal(0, 12, (64, 64, 3))
        pictures.append((rgb * (0.3 if dark else 1)).clip(0, 255).astype(np.uint8))
        radii.append(float(radius))
    return pictures, radii


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> NumberModel:
    regressor = tw.ImageRegressor(backbone=BACKBONE, cache=False, baselines=False)
    fitted = regressor.fit(*discs(120, 0)).model_
    saved = tw.load(fitted.save(tmp_path_factory.mktemp("saved") / "discs.topwork"))
    assert isinstance(saved, NumberModel)
    return saved


def test_like_items_look_alike(model: NumberModel) -> None:
    shift = model.evaluate(*discs(80, 1)).shift
    assert shift is not None
    assert shift.covariate_shift is not None
    assert not shift.noticeable


def test_other_looks_are_told(model: NumberModel) -> None:
    shift = model.evaluate(*discs(80, 1, dark=True)).shift
    assert shift is not None
    assert shift.noticeable
    assert "different from those it was trained on" in shift.sentence


def test_other_numbers_are_no_other_looks(model: NumberModel) -> None:
    """Large discs alone are compared with the large ones of training."""
    pictures, radii = discs(160, 2)
    large = [i for i, radius in enumerate(radii) if radius > 18]
    shift = model.evaluate([pictures[i] for i in large], [radii[i] for i in large]).shift
    assert shift is not None
    assert not shift.noticeable


def test_training_items_are_not_compared_with_themselves(model: NumberModel) -> None:
    shift = model.evaluate(*discs(120, 0)).shift
    assert shift is not None
    assert shift.covariate_shift is None
    assert "The model was trained on 120 of these items" in shift.sentence


def test_models_saved_before_say_nothing(tmp_path: Path) -> None:
    earlier = tw.load(unpacked("schema2-image-numbers", tmp_path))
    assert isinstance(earlier, NumberModel)
    assert earlier.evaluate(*discs(20, 3)).shift is None
