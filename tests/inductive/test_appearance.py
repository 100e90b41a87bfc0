"""One scale and one background for the images of a fit, kept for what the model predicts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from topwork.data import Appearance, read
from topwork.features.remarks import ReadingWarning
from topwork.inductive import FitSettings, fit
from topwork.intake.data_check import check, read_splits
from topwork.model import Card, load
from topwork.runtime.run_context import RunContext

SETTINGS = FitSettings(backbone="pixels")


def _levels(folder: Path, dtype: str, factor: int, ending: str = "png") -> Path:
    """Two classes of the same patterns at other levels, of 12 bits."""
    rng = np.random.default_rng(0)
    for label, low in (("cold", 600), ("hot", 2400)):
        (folder / label).mkdir(parents=True)
        for i in range(10):
            values = (low + rng.integers(0, 600, (24, 24))) // factor
            if factor == 1 and i == 0:
                values[5, 5] = 65535
            Image.fromarray(values.astype(dtype)).save(folder / label / f"{i}.{ending}")
    return folder


def _glyphs(folder: Path, grey: int) -> Path:
    """Bars across or down, cut out of nothing."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32]
    for label, along in (("across", y), ("down", x)):
        (folder / label).mkdir(parents=True)
        for i in range(8):
            out = np.full((32, 32, 4), grey, np.uint8)
            out[..., 3] = 255 * ((along + rng.integers(0, 9)) // rng.integers(3, 6) % 2)
            Image.fromarray(out).save(folder / label / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _levels(tmp_path_factory.mktemp("levels") / "deep", "uint16", 1)


@pytest.fixture(scope="module")
def sealed(deep: Path, session_cache: Path) -> Path:
    return _saved(deep, deep.with_name("deep.topwork"))


def _saved(data: Path, target: Path) -> Path:
    fit(read(data), SETTINGS, save_to=target)
    return target


@pytest.mark.parametrize(
    ("dtype", "factor", "ending"), [("uint8", 16, "png"), ("uint16", 1, "tif")]
)
def test_levels_tell_classes_apart_at_every_depth(tmp_path, dtype, factor, ending) -> None:
    result = fit(read(_levels(tmp_path / "data", dtype, factor, ending)), SETTINGS).result
    assert result.scores.accuracy.value == 1
    codes = [remark.code for remark in result.remarks]
    assert codes == (["common_range"] if factor == 1 else [])


def test_the_scale_is_sealed_into_the_model(deep: Path, sealed: Path, tmp_path: Path) -> None:
    model = load(sealed)
    low, high = model.card.appearance.levels
    assert 400 <= low <= 650
    assert 2900 <= high <= 3300
    one = tmp_path / "one.png"
    Image.fromarray(np.full((24, 24), 2700, np.uint16)).save(one)
    assert model.predict([one]).tolist() == ["hot"]  # though it has no range of its own
    again = model.evaluate(read(deep))
    assert (again.scores.accuracy.value, again.remarks, again.seen_in_training) == (1, [], 20)
    array = np.full((24, 24), 2700, np.uint16)
    assert model.predict([array, Image.fromarray(array)]).tolist() == ["hot", "hot"]
    page = model.parts.pages["report.html"]
    assert "more than 8 bits per channel" in page


def test_another_depth_is_called_out(deep: Path, sealed: Path, tmp_path: Path) -> None:
    eight = _levels(tmp_path / "eight", "uint8", 16)
    other = load(_saved(eight, tmp_path / "eight.topwork"))
    paths = {folder: sorted((folder / "hot").glob("*.png")) for folder in (deep, eight)}
    for model, strange, code in ((load(sealed), eight, "eight_bits"), (other, deep, "own_range")):
        with pytest.warns(ReadingWarning, match="8 bits per channel"):
            model.predict(paths[strange])
        (remark,) = model.predictions(read(strange).items).remarks
        assert (remark.code, remark.n_items, len(remark.paths)) == (code, 20, 5)
        assert "15 more" in remark.sentence


def test_white_on_nothing_is_as_good_as_black(tmp_path: Path) -> None:
    scores = {}
    for grey in (0, 255):
        folder = _glyphs(tmp_path / str(grey), grey)
        found = fit(read(folder), SETTINGS, save_to=tmp_path / f"{grey}.topwork").result
        scores[grey] = found.scores.accuracy.value
        assert [remark.code for remark in found.remarks] == (["background"] if grey else [])
    assert scores[255] >= scores[0] - 0.1
    assert load(tmp_path / "255.topwork").card.appearance == Appearance(background=0)


def test_blank_images_are_named(tmp_path: Path) -> None:
    folder = _glyphs(tmp_path / "data", 0)
    for i in range(7):
        Image.new("RGB", (32, 32), (200, 0, 0)).save(folder / "down" / f"empty{i}.jpg")
    (remark,) = fit(read(folder), SETTINGS).result.remarks
    assert (remark.code, remark.n_items) == ("blank", 7)
    assert "empty0.jpg" in remark.sentence
    assert "and 2 more" in remark.sentence
    data, splits = read_splits(lambda split: read(folder, split=split))
    assert check(data, splits, RunContext(SETTINGS)).findings.remarks == (remark,)


def test_only_what_is_new_is_computed(tmp_path: Path) -> None:
    folder = _levels(tmp_path / "data", "uint16", 1)
    fit(read(folder), SETTINGS)
    Image.fromarray(np.full((24, 24), 2800, np.uint16)).save(folder / "hot" / "new.png")
    features = fit(read(folder), SETTINGS).result.features
    assert (features.computed, features.cached) == (1, 20)


@pytest.mark.parametrize(
    "appearance", [{"levels": [5, 1]}, {"levels": [0, 1e999]}, {"background": -1}]
)
def test_an_appearance_that_cannot_be_is_refused(sealed: Path, appearance) -> None:
    card = json.loads((sealed / "model.json").read_text())
    assert Card.model_validate(card).appearance.levels is not None
    with pytest.raises(ValidationError, match=r"rising order|expected 0 to 255"):
        Card.model_validate({**card, "appearance": appearance})
