"""Small objects: seen in tiles where their boxes ask for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from benchmarks.composites import Scene, scenes
from tests.small_detectors import SMALL, small_detectors
from topwork.data import BoxTargets, ImageBoxes
from topwork.errors import BundleError, DataError, ParameterError
from topwork.inductive.detection.fitting import fit_boxes
from topwork.metrics.detection import Detections, match_detections
from topwork.model import DetectorModel
from topwork.model.detection.annotated import annotated
from topwork.model.storage.detector_limits import check_detector_card
from topwork.reporting.detection.section import froc_points
from topwork.settings import FitSettings
from topwork.settings.detection import check_no_promise
from topwork.trials.detection.plan import needed_tiles

SIDE = 96


def small_scenes(n: int, seed: int) -> list[Scene]:
    return scenes(n, seed=seed, width=320, height=240, share=(0.06, 0.08))


@pytest.fixture(scope="module")
def drawn() -> list[Scene]:
    return small_scenes(24, seed=0)


@pytest.fixture(scope="module")
def fitted(drawn: list[Scene]) -> DetectorModel:
    images, boxes = zip(*drawn, strict=True)
    with small_detectors(SIDE, steps=40, at_least=40):
        detector = tw.ObjectDetector(
            SMALL, n_folds=2, baselines=False, name_groups=False, minutes=1e-3
        )
        model = detector.fit(list(images), list(boxes)).model_
    assert isinstance(model, DetectorModel)
    return model


def test_small_boxes_are_seen_in_tiles_unless_it_is_said_otherwise(
    drawn: list[Scene], fitted: DetectorModel
) -> None:
    assert fitted.card.tiles > 1
    images, boxes = zip(*drawn, strict=True)
    data = annotated(list(images), list(boxes), split="train")
    settings = FitSettings(
        backbone=SMALL, n_folds=2, baselines=False, name_groups=False, minutes=1e-3, tiles=1
    )
    with small_detectors(SIDE, steps=4, at_least=4):
        result = fit_boxes(data, settings).result
    assert result.input.tiles == 1
    assert result.tried[0].name == "frozen network"


def test_auto_compares_tiles_with_none(drawn: list[Scene]) -> None:
    images, boxes = zip(*drawn[:12], strict=True)
    data = annotated(list(images), list(boxes), split="train")
    settings = FitSettings(
        backbone=SMALL, strategy="auto", n_folds=2, baselines=False, name_groups=False, minutes=2
    )
    with small_detectors(SIDE, steps=4, at_least=4) as patch:
        patch.setattr("topwork.search.detectors.DetectorLadder._tuned", lambda *_: iter(()))
        patch.setattr("topwork.search.detectors.DetectorLadder._whole", lambda *_: iter(()))
        result = fit_boxes(data, settings).result
    assert [one.name for one in result.tried] == ["frozen network", "frozen network, tiles"]
    assert result.choice is not None


def test_a_saved_model_answers_alike_for_one_image_and_many(
    fitted: DetectorModel, tmp_path: Path
) -> None:
    new = [one.image for one in small_scenes(3, seed=9)]
    there = fitted.predictions(new, threshold=0.0)
    loaded = tw.load(fitted.save(tmp_path / "small.topwork"))
    assert loaded.identity == fitted.identity
    assert loaded.predictions(new, threshold=0.0).columns() == there.columns()
    for least in (0.05, 0.3):
        cut = loaded.predictions(new, threshold=least).detections
        for one, other in zip(cut, there.detections, strict=True):
            assert np.array_equal(one.corners, other.at_least(least).corners)
    alone = [loaded.predictions([one], threshold=0.0).detections[0] for one in new]
    assert sum(map(len, alone)) > 0
    for one, other in zip(alone, there.detections, strict=True):
        assert np.array_equal(one.corners, other.corners)
        assert np.array_equal(one.scores, other.scores)
        assert np.array_equal(one.corners, np.clip(one.corners, 0, [320, 240, 320, 240]))


def test_objects_are_found_that_are_too_small_as_a_whole(fitted: DetectorModel) -> None:
    new = small_scenes(20, seed=5)
    tiled = fitted.evaluate([one.image for one in new], [one.boxes for one in new])
    plain = fitted.card.model_copy(update={"tiles": 1})
    whole = DetectorModel(replace(fitted.parts, card=plain)).evaluate(
        [one.image for one in new], [one.boxes for one in new]
    )
    assert tiled.scores.ap50.value > whole.scores.ap50.value + 0.05


def test_without_room_for_tiles_there_are_fewer_or_none(
    drawn: list[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    images, boxes = zip(*drawn[:12], strict=True)
    data = annotated(list(images), list(boxes), split="train")
    monkeypatch.setattr("topwork.trials.detection.maps.MAX_BYTES", 4 * 2**20)
    parameters = {"n_folds": 2, "baselines": False, "name_groups": False, "minutes": 5}
    with small_detectors(SIDE, steps=4, at_least=4) as patch:
        first = fit_boxes(data, FitSettings(backbone=SMALL, **parameters)).result
        for rung in ("_tuned", "_whole"):
            patch.setattr(f"topwork.search.detectors.DetectorLadder.{rung}", lambda *_: iter(()))
        auto = fit_boxes(data, FitSettings(backbone=SMALL, strategy="auto", **parameters)).result
        with pytest.raises(DataError, match="4 tiles per side need more than"):
            fit_boxes(data, FitSettings(backbone=SMALL, tiles=4, **parameters))
    assert first.input.tiles < 4
    assert auto.input.tiles == 1
    assert "tiles per side need more than" in " ".join(rung.reason for rung in auto.ladder)


@pytest.mark.parametrize("tiles", [0, -1, 5, 1_000_000])
def test_tiles_out_of_range_are_refused(fitted: DetectorModel, tiles: int) -> None:
    with pytest.raises(BundleError, match="tiles"):
        check_detector_card(fitted.card.model_copy(update={"tiles": tiles}))
    with pytest.raises(ParameterError, match="tiles must be from 1 to 4"):
        FitSettings(tiles=tiles)


def test_a_detector_that_finds_nothing_has_a_report_all_the_same() -> None:
    nothing = match_detections(
        BoxTargets(("a",), [ImageBoxes.of([(1, 1, 9, 9)], [0])]), [Detections.none()]
    )
    assert froc_points(nothing, 1) == ()


def test_only_detectors_have_tiles() -> None:
    with pytest.raises(ParameterError, match=r"--tiles .* works for boxes only"):
        check_no_promise(FitSettings(tiles=2), "classes")


@pytest.mark.parametrize(
    ("side", "width", "expected"),
    [
        (30, 320, 1),  # large enough
        (9, 512, 1),  # nothing to be gained: the image has no more pixels
        (22, 1400, 3),
        (12, 4000, 4),
    ],
)
def test_tiles_that_boxes_need(side: int, width: int, expected: int) -> None:
    boxes = [ImageBoxes.of([(5, 5, 5 + side, 5 + side)], [0])] * 10
    assert needed_tiles(boxes, [(width, width)] * 10, n_classes=1) == expected
