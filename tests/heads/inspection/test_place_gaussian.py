"""Distances of places from good parts: drawn defects on real surfaces, through the real network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.drawn_parts import DEFECTS, good_part, surface
from topwork.backbones import DEFAULT_BACKBONE, resolve
from topwork.backbones.engines import open_engine
from topwork.heads.inspection.joined_maps import join_maps, upsampling
from topwork.heads.inspection.normality import held_out_distances
from topwork.heads.inspection.place_gaussian import fit_place_gaussian, part_scores
from topwork.metrics.auroc import auroc


@pytest.fixture(scope="module")
def engine(session_cache: Path) -> Any:
    backbone, graphs = resolve(DEFAULT_BACKBONE), session_cache / "graphs"
    return open_engine(
        backbone,
        cut="blocks.4",
        also=("blocks.5",),
        name="openvino",
        precision="float32",
        graphs=graphs,
    )[0]


def _rows(engine: Any, images: list[Any]) -> np.ndarray:
    size = engine.batch
    parts = [(i, np.stack(images[i : i + size])) for i in range(0, len(images), size)]
    found = dict(engine.run(parts))
    return np.concatenate([join_maps(found[i]) for i, _ in parts])


@pytest.mark.parametrize("name", ["brick", "gravel", None])
def test_drawn_defects_are_found_and_located(engine: Any, name: str | None) -> None:
    rng = np.random.default_rng(0)
    upper = lower = None
    if name is not None:
        texture = surface(name)
        upper, lower = np.split(texture, 2)
    model = fit_place_gaussian(_rows(engine, [good_part(rng, upper) for _ in range(40)]))
    good = [good_part(rng, lower) for _ in range(20)]
    bad = [DEFECTS[kind](good_part(rng, lower), rng) for kind in DEFECTS for _ in range(7)]
    distances = model.distances(_rows(engine, good + [image for image, _ in bad]))
    defective = np.arange(len(distances)) >= len(good)
    assert auroc(part_scores(distances), defective)[0] >= 0.98
    grow = upsampling(14, 56)
    heat = grow @ distances.reshape(-1, 14, 14) @ grow.T
    truth = np.zeros(heat.shape, bool)
    truth[defective] = [mask[2::4, 2::4] for _, mask in bad]
    assert auroc(heat.ravel(), truth.ravel())[0] >= 0.95


def test_held_out_parts_are_as_far_as_new_ones() -> None:
    """Distances of the parts that a distribution was fitted on are much too small."""
    rng = np.random.default_rng(1)
    rows, new = (rng.normal(size=(n, 6, 20)).astype(np.float32) for n in (60, 2000))
    model = fit_place_gaussian(rows)
    own, fresh = (np.median(part_scores(model.distances(one))) for one in (rows, new))
    held_out = np.median(part_scores(held_out_distances(rows, np.arange(60) % 10)))
    assert own < 0.9 * fresh
    assert held_out == pytest.approx(fresh, rel=0.05)


def test_each_place_has_its_own_distribution() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(80, 2, 3)).astype(np.float32)
    rows[:, 1] = rows[:, 1] * 0.1 + 5
    model = fit_place_gaussian(rows)
    usual, exchanged = model.distances(
        np.array([[[0, 0, 0], [5, 5, 5]], [[5, 5, 5], [0, 0, 0]]], "f")
    )
    assert usual.max() < 0.5
    assert exchanged.min() > 4


def test_few_parts_and_constant_channels_give_numbers() -> None:
    rows = np.random.default_rng(3).normal(size=(4, 9, 30)).astype(np.float32)
    rows[..., 7] = 1.0
    assert np.isfinite(fit_place_gaussian(rows).distances(rows)).all()
    assert np.isfinite(
        fit_place_gaussian(np.ones((4, 9, 3), np.float32)).distances(rows[..., :3])
    ).all()


def test_a_channel_that_never_varied_does_not_outweigh_the_others() -> None:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(60, 4, 12)).astype(np.float32)
    rows[..., 7] = 0.0
    new = rng.normal(size=(20, 4, 12)).astype(np.float32)
    new[..., 7] = 0.01
    assert fit_place_gaussian(rows).distances(new).max() < 200


def test_maps_of_two_depths_lie_on_one_another() -> None:
    fine, coarse = np.zeros((1, 1, 4, 4), "f"), np.zeros((1, 1, 2, 2), "f")
    fine[0, 0, 3, 3] = coarse[0, 0, 1, 1] = 1
    first, second = join_maps([fine, coarse])[0].T.reshape(2, 4, 4)
    assert first.argmax() == second.argmax() == 15
    assert second[0, 0] == 0
    assert second[3, 3] == 1
