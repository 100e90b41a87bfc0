"""Names beside images: two small towers, the one for texts fitted to what the images show."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.trials.few_shot.colour_towers import NAMES, colour_images, features_of, meeting_towers
from topwork.backbones.towers.text_tower import open_text_tower
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import DataError, ParameterError
from topwork.inductive import FitSettings, fit
from topwork.inductive.items_by_name import items_by_name

pytest.importorskip("transformers")
pytest.importorskip("torch")


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    return colour_images(tmp_path_factory.mktemp("colours"))


@pytest.fixture(scope="module", params=["CLIP", "Siglip"])
def backbone(request, images: Path, tmp_path_factory) -> str:
    return meeting_towers(request.param, images, tmp_path_factory.mktemp("towers") / request.param)


def _one_of_each(folder: Path, labels: tuple[str, ...] = NAMES):
    return read([folder / name / "0.png" for name in NAMES], list(labels))


def test_a_text_ranks_images_as_both_towers_do(backbone: str, images: Path) -> None:
    tower = open_text_tower(backbone)
    X, codes = features_of(backbone, images)
    rows = tower.among_images(NAMES)
    assert rows.shape == (len(NAMES), X.shape[1])
    said = (X @ rows.T - (X @ rows.T).mean(axis=0)).argmax(axis=1)
    assert np.mean(said == codes) > 0.7
    assert open_text_tower("packaged:efficientnet_lite0") is None


def test_names_help_with_one_label_per_class(backbone: str, images: Path) -> None:
    settings = FitSettings(backbone=backbone, baselines=False, cache=False)
    named = fit(_one_of_each(images), settings)
    assert named.result.strategy == "probe"
    assert named.artifacts.chosen.candidate.name == "the names of the classes as training items"
    coded = {name: f"c{i}" for i, name in enumerate(NAMES)}
    plain = fit(_one_of_each(images, tuple(coded.values())), settings)
    assert "names" not in plain.artifacts.chosen.candidate.name
    every = [path for name in NAMES for path in sorted((images / name).iterdir())[1:]]
    truth = np.array([path.parent.name for path in every])
    right = np.mean(named.model.predict(every) == truth)
    assert right > np.mean(plain.model.predict(every) == [coded[name] for name in truth])


def test_names_that_mean_something_else_are_not_used(backbone: str, images: Path) -> None:
    settings = FitSettings(backbone=backbone, baselines=False, cache=False)
    turned = (*NAMES[1:], NAMES[0])
    found = fit(_one_of_each(images, turned), settings)
    assert "names" not in found.artifacts.chosen.candidate.name


def test_no_label_at_all(backbone: str, images: Path, tmp_path: Path, capsys) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    for path in images.rglob("*.png"):
        (pile / f"{path.parent.name[:2]}{path.name}").write_bytes(path.read_bytes())
    out = tmp_path / "m.topwork"
    command = ["fit", str(pile), "--classes", ",".join(NAMES), "--backbone", backbone]
    assert run([*command, "-o", str(out), "--json", "--no-baselines"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_items"], found["scores"]) == (len(NAMES), None)
    assert any("nearest to its name" in note for note in found["notes"])
    evaluated = tw.load(out).evaluate(read(images))
    assert evaluated.scores.accuracy.value > 0.7


def test_what_cannot_be_told_by_names_is_refused(backbone: str, images: Path) -> None:
    settings = FitSettings(backbone=backbone, cache=False)
    with pytest.raises(ParameterError) as refused:
        items_by_name(read(images), NAMES[:3], settings)
    assert refused.value.code == "too_few_classes"
    few = read([images / NAMES[0] / f"{i}.png" for i in range(3)], ["a", "b", "a"])
    with pytest.raises(DataError) as caught:
        items_by_name(few, NAMES, settings)
    assert caught.value.code == "too_few_items"
    with pytest.raises(ParameterError) as refused:
        items_by_name(read(images), NAMES, FitSettings(cache=False))
    assert refused.value.code == "no_texts"
