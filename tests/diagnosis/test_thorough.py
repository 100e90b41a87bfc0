"""What a thorough fit adds, on real pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage import data as photographs

from topwork.cli.prediction import predict_result
from topwork.data import read, read_items
from topwork.diagnosis.saliency import GRID, FeatureClassifier, covered_places, occlusion, saliency
from topwork.diagnosis.thorough import MAX_UNTRAINED, _part
from topwork.errors import ParameterError
from topwork.inductive import FitSettings, Fitted, fit
from topwork.runtime.progress import silent


def _crops(n: int, rng: np.random.Generator, *names: str) -> tuple[list[np.ndarray], list[str]]:
    pictures, labels = [], []
    for name in names:
        whole = np.atleast_3d(getattr(photographs, name)())[..., :3]
        whole = np.broadcast_to(whole, (*whole.shape[:2], 3))
        for _ in range(n):
            y, x = (rng.integers(0, side - 64) for side in whole.shape[:2])
            pictures.append(np.ascontiguousarray(whole[y : y + 64, x : x + 64]))
            labels.append(name)
    return pictures, labels


@pytest.fixture(scope="module")
def fitted(session_cache: Path) -> Fitted:
    pictures, labels = _crops(30, np.random.default_rng(0), "brick", "grass", "gravel", "coffee")
    return fit(read(pictures, labels), FitSettings(thorough=True))


def test_it_repeats_and_compares_with_the_untrained_network(fitted: Fitted) -> None:
    assert fitted.artifacts.folds.shape == (3, 120)
    assert len({tuple(row) for row in fitted.artifacts.folds}) == 3
    names = [one.name for one in fitted.result.tried]
    assert names[:3] == ["the majority class", "raw pixels", "the untrained network"]
    trained, untrained = fitted.result.tried[3], fitted.result.tried[2]
    assert trained.scores.balanced_accuracy.value >= untrained.scores.balanced_accuracy.value
    assert fitted.artifacts.trials[0].right.shape == (3, 120)


def test_it_tells_what_more_labels_bring_and_where_it_fails(fitted: Fitted) -> None:
    curve = fitted.result.learning_curve
    assert curve is not None
    assert "With twice the labels (60 per class instead of 30)" in curve.sentence
    assert max(p.labels_per_class for p in curve.fitted) <= 4 * 30
    kinds = {one.attribute for one in fitted.result.slices}
    assert {"brightness", "sharpness", "cluster of features", "colour"} <= kinds
    page = fitted.model.parts.pages["report.html"]
    assert "What more labels would bring" in page
    assert "<h3>Slices</h3>" in page


def test_a_plain_fit_has_none_of_it(session_cache: Path) -> None:
    pictures, labels = _crops(12, np.random.default_rng(1), "brick", "grass")
    result = fit(read(pictures, labels)).result
    assert result.slices == []
    assert "the untrained network" not in [one.name for one in result.tried]


def test_maps_show_what_the_answer_rests_on(fitted: Fitted) -> None:
    """Half coffee cup, half grass: the answer rests on the half that it names."""
    transfer = fitted.artifacts.transfer
    opened, head = transfer.frozen.opened, transfer.head.linear
    answering = FeatureClassifier(opened.request.engine, head)
    side = opened.framing.height
    picture = np.zeros((side, side, 3), np.uint8)
    grass = np.atleast_3d(photographs.grass()).repeat(3, axis=2)
    picture[:, : side // 2] = photographs.coffee()[100 : 100 + side, 150 : 150 + side // 2]
    picture[:, side // 2 :] = grass[:side, : side // 2]
    labels = fitted.model.labels
    for name, half in (("coffee", slice(0, 4)), ("grass", slice(5, None))):
        found = occlusion(picture, labels.index(name), answering, covering=covered_places)
        found = found.reshape(GRID, GRID)
        other = slice(5, None) if half.start == 0 else slice(0, 4)
        assert found[:, half].mean() > found[:, other].mean()


def test_maps_that_ignore_what_was_learnt_are_not_shown(fitted: Fitted) -> None:
    transfer = fitted.artifacts.transfer
    answering = FeatureClassifier(transfer.frozen.opened.request.engine, transfer.head.linear)
    side = transfer.frozen.opened.framing.height
    images = np.stack([photographs.coffee()[:side, :side], photographs.astronaut()[:side, :side]])
    codes = np.array([0, 1])
    same = saliency(images, codes, answering, [answering], covering=covered_places)
    assert same.agreement == pytest.approx(1, abs=1e-3)
    assert not same.sane


def test_a_part_holds_as_many_of_each_class_and_fold_as_fit() -> None:
    codes = np.arange(6000) % 3
    folds = (np.arange(6000) // 3) % 5
    rows = _part(folds, codes)
    assert len(np.unique(rows)) == len(rows) == MAX_UNTRAINED
    counts = np.bincount(codes[rows] * 5 + folds[rows])
    assert counts.min() >= counts.max() - 2


@pytest.mark.parametrize(
    ("costs", "text"),
    [({"brick": -1}, "positive"), ({"nothing": 3}, "not a class"), ({"a": float("nan")}, "posit")],
)
def test_bad_costs_are_refused(costs, text, session_cache: Path) -> None:
    pictures, labels = _crops(6, np.random.default_rng(2), "brick", "grass")
    with pytest.raises(ParameterError, match=text):
        fit(read(pictures, labels), FitSettings(backbone="pixels", costs=costs))


def test_costs_are_for_two_classes(session_cache: Path) -> None:
    pictures, labels = _crops(6, np.random.default_rng(2), "brick", "grass", "coffee")
    with pytest.raises(ParameterError, match="two classes"):
        fit(read(pictures, labels), FitSettings(backbone="pixels", costs={"brick": 3}))


def test_what_is_dear_to_miss_is_missed_less(session_cache: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    pictures = [np.full((16, 16, 3), g, np.uint8) for g in rng.normal(118, 12, 80).clip(0, 255)]
    pictures += [np.full((16, 16, 3), g, np.uint8) for g in rng.normal(138, 12, 80).clip(0, 255)]
    labels = ["sick"] * 80 + ["well"] * 80
    plain = fit(read(pictures, labels), FitSettings(backbone="pixels"))
    careful = fit(read(pictures, labels), FitSettings(backbone="pixels", costs={"sick": 20}))
    assert careful.result.costs.threshold == pytest.approx(20 / 21)

    def missed(fitted: Fitted) -> float:
        return 1 - next(c for c in fitted.result.per_class if c.label == "sick").recall.value

    assert missed(careful) < missed(plain)
    assert careful.result.costs.cost <= careful.result.costs.cost_at_half
    items = read_items(pictures)
    shown = predict_result(careful.model, items, 2, silent).predictions
    said = careful.model.predict(pictures)
    assert [one.label for one in shown] == said.tolist()
    costs = careful.result.costs
    assert "Predicts 'sick' from a probability of 5 %: finds" in costs.sentence
    assert costs.found == pytest.approx(1 - missed(careful))
    row = next(t for t in careful.result.tried if t.chosen)
    assert row.cost == pytest.approx(costs.cost)
    assert row.cost <= min(t.cost for t in careful.result.tried) + costs.saved.error
    assert "mean cost" in careful.result.transfer.sentence
    assert "points" not in careful.result.choice.reason
    assert careful.result.costs.sentence.split(":")[0] in careful.model.parts.pages["README.md"]
    assert (said == "sick").sum() > (plain.model.predict(pictures) == "sick").sum()


def test_costs_may_name_integers(session_cache: Path) -> None:
    pictures, labels = _crops(6, np.random.default_rng(2), "brick", "grass")
    codes = [int(label == "grass") for label in labels]
    result = fit(read(pictures, codes), FitSettings(backbone="pixels", costs={0: 1, 1: 9})).result
    assert result.costs.threshold == pytest.approx(0.1)
