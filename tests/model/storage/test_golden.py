"""Models that earlier versions saved still load, and predict what they predicted then."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from topwork.errors import BundleError

GOLDEN = Path(__file__).with_name("golden")
IMAGES = [np.full((16, 16, 3), level, np.uint8) for level in (38, 198)]
TEXTS = ["a good film", "a bore"]
CLASSES = {
    "schema1-images": (IMAGES, ["dark", "light"], [[0.999983, 1.7e-05], [1.7e-05, 0.999983]]),
    "schema1-texts": (TEXTS, ["bad", "good"], [[0.0, 1.0], [0.999999, 1e-06]]),
}
CLASSES["schema2-images"] = CLASSES["schema1-images"]
IDENTITIES = {
    "schema1-images": "f49282a903ca539392fc3b726329728014884745a630a6229965d91d2ecc067c",
    "schema2-images": "f49282a903ca539392fc3b726329728014884745a630a6229965d91d2ecc067c",
    "schema1-texts": "8fe90581be1f0917f890ed5808389aa649fe3b20dd871235930c41c92c004253",
}


NUMBERS = {
    "schema2-image-numbers": (
        IMAGES,
        [(37.974064, 37.626648, 38.321481), (197.977160, 197.629744, 198.324576)],
    ),
    "schema2-text-numbers": (
        ["good good fine fine", "good good good good"],
        [(4.425327, None, None), (8.768296, None, None)],
    ),
}


def unpacked(name: str, folder: Path) -> Path:
    """The bundle of that name, in a folder of its own."""
    with zipfile.ZipFile(GOLDEN / f"{name}.zip") as file:
        file.extractall(folder / name)
    return folder / name


@pytest.mark.parametrize("name", CLASSES)
def test_classifiers_predict_as_they_did(name: str, tmp_path: Path) -> None:
    inputs, labels, probabilities = CLASSES[name]
    model = tw.load(unpacked(name, tmp_path))
    assert (model.task, model.labels) == ("classes", labels)
    assert model.identity == IDENTITIES[name]
    np.testing.assert_allclose(model.predict_proba(inputs), probabilities, atol=2e-5)
    again = tw.load(model.save(tmp_path / "again.topwork"))
    assert json.loads((tmp_path / "again.topwork/manifest.json").read_text())["schema_version"] == 2
    assert again.identity == model.identity


def test_a_task_that_schema_1_did_not_know_is_refused(tmp_path: Path) -> None:
    folder = unpacked("schema1-images", tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "task": "number"}))
    with pytest.raises(BundleError):
        tw.load(folder)


@pytest.mark.parametrize("name", NUMBERS)
def test_regressors_of_schema_2_predict_as_they_did(name: str, tmp_path: Path) -> None:
    inputs, expected = NUMBERS[name]
    model = tw.load(unpacked(name, tmp_path))
    assert model.task == "number"
    for found, (value, low, high) in zip(model.predictions(inputs), expected, strict=True):
        assert found.value == pytest.approx(value, rel=1e-4)
        assert found.low == (None if low is None else pytest.approx(low, rel=1e-4))
        assert found.high == (None if high is None else pytest.approx(high, rel=1e-4))
    again = tw.load(model.save(tmp_path / "again.topwork"))
    assert again.identity == model.identity
