"""Models that cannot be gone on from, and data that bring nothing."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from topwork.data import read
from topwork.errors import BundleError, DataError, ParameterError
from topwork.inductive import FitSettings, fit
from topwork.model import Model, load


def _changed(bundle: Path, path: Path, **card: object) -> Path:
    model = load(bundle)
    parts = replace(model.parts, card=model.card.model_copy(update=card))
    return Model(parts).save(path)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"backbone_fingerprint": "another"}, "other_features"),
        ({"framing": None}, "other_features"),
    ],
)
def test_features_can_not_be_others(
    bundle: Path, noise: Path, tmp_path: Path, change: dict, code: str
) -> None:
    if "framing" in change:
        change = {"framing": replace(load(bundle).card.framing, crop_fraction=0.5)}
    path = _changed(bundle, tmp_path / "m.topwork", **change)
    with pytest.raises(BundleError, match="can't be used with new items") as caught:
        fit(read(noise), FitSettings(start=path))
    assert caught.value.code == code


def test_a_model_that_remembers_nothing(bundle: Path, noise: Path, tmp_path: Path) -> None:
    model = load(bundle)
    past = model.parts.statistics
    rows = {name: value[:0] for name, value in asdict(past).items() if "rehearsal" in name}
    empty = replace(past, **rows)
    path = Model(replace(model.parts, statistics=empty)).save(tmp_path / "m.topwork")
    with pytest.raises(BundleError, match="holds no features"):
        fit(read(noise), FitSettings(start=path))


def test_a_folder_that_is_no_model(images: Path, noise: Path) -> None:
    with pytest.raises(BundleError, match="is not a model"):
        fit(read(noise), FitSettings(start=images))


def test_a_model_of_a_newer_version(bundle: Path, noise: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "m.topwork"))
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "schema_version": 99}))
    with pytest.raises(BundleError, match="newer version of topwork"):
        fit(read(noise), FitSettings(start=copy))


def test_nothing_new(bundle: Path, images: Path) -> None:
    with pytest.raises(DataError, match="were already used to train") as caught:
        fit(read(images), FitSettings(start=bundle))
    assert caught.value.code == "nothing_new"


def test_nothing_that_can_be_read(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "x.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="1 of 1 items cannot be read"):
        fit(read(tmp_path / "data"), FitSettings(start=bundle, max_bad=1.0))


def test_no_labels(bundle: Path, noise: Path) -> None:
    paths = [item.path for item in read(noise).items]
    with pytest.raises(DataError, match="no labels"):
        fit(read(paths), FitSettings(start=bundle))


@pytest.mark.parametrize(
    "wrong",
    [{"backbone": "resnet50"}, {"geometry": "pad"}, {"strategy": "auto"}, {"thorough": True}],
)
def test_what_the_model_decides(wrong: dict) -> None:
    with pytest.raises(ParameterError, match="when continuing from a model") as caught:
        FitSettings(start="m.topwork", **wrong)
    assert "without --from" in caught.value.remedy
