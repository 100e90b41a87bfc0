"""8-bit integers: taken where the folds say that nothing is lost, and not elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_folder
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import BackboneError, BundleError, ParameterError
from topwork.heads import stratified_folds
from topwork.inductive import FitSettings, fit
from topwork.model import load
from topwork.trials import int8

SETTINGS = FitSettings(backbone="packaged:efficientnet_lite0/64", baselines=False, int8=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("int8") / "shapes", 30)


@pytest.fixture(scope="module")
def fitted(folder: Path, tmp_path_factory: pytest.TempPathFactory, session_cache: Path):
    place = tmp_path_factory.mktemp("models") / "m.topwork"
    return fit(read(folder), SETTINGS, save_to=place), place


def test_they_are_used_where_nothing_is_lost(fitted, folder: Path) -> None:
    found, place = fitted
    check = found.result.int8
    assert check.used
    assert check.difference.low > -int8.MARGIN
    assert found.result.precision.startswith("int8-")
    assert check.sentence in (place / "report.html").read_text()
    model = load(place)
    assert model.card.int8
    kinds = {op.get_type_name() for op in model.parts.graph.get_ops()}
    assert "FakeQuantize" in kinds
    assert np.mean(model.predict(folder) == [i.path.parent.name for i in read(folder).items]) > 0.9


def test_what_was_measured_is_what_ships(fitted, folder: Path) -> None:
    found, place = fitted
    features = found.artifacts.chosen.frozen.features
    predicted = load(place).predict(folder)
    expected = np.array(found.model.labels)[found.model.parts.head.logits(features).argmax(axis=1)]
    assert list(predicted) == list(expected)


def test_a_second_fit_computes_nothing(fitted, folder: Path) -> None:
    again = fit(read(folder), SETTINGS).result
    assert again.features.computed == 0
    assert again.int8.used


def test_floating_point_stays_where_something_is_lost(
    folder: Path, session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranges that were measured on black pictures fit no others."""
    black = np.zeros((20, 64, 64, 3), np.uint8)
    monkeypatch.setattr(int8, "_images", lambda *_: black)
    result = fit(read(folder), SETTINGS).result
    assert not result.int8.used
    assert result.precision == "float32"
    assert "can't be ruled out" in result.int8.sentence


def test_the_missing_package_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "nncf", None)
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path))
    with pytest.raises(BackboneError, match="nncf") as raised:
        fit(read(folder), SETTINGS)
    assert "[int8]" in raised.value.remedy


def test_it_needs_the_compiled_engine_and_two_items_a_class(folder: Path) -> None:
    with pytest.raises(ParameterError, match="openvino"):
        fit(read(folder), FitSettings(backbone=SETTINGS.backbone, int8=True, engine="torch"))
    one = [next(place.iterdir()) for place in sorted(folder.iterdir())]
    with pytest.raises(ParameterError, match="one image per class"):
        fit(read(one, ["a", "b", "c"]), SETTINGS)


def test_nothing_goes_on_from_it(fitted, folder: Path) -> None:
    with pytest.raises(BundleError, match="8-bit"):
        fit(read(folder), FitSettings(start=fitted[1]))


def test_the_command_says_what_it_found(folder: Path, tmp_path: Path, capsys) -> None:
    command = ["fit", str(folder), "--backbone", SETTINGS.backbone, "--int8", "--no-baselines"]
    assert run([*command, "-o", str(tmp_path / "m.topwork")]) == 0
    assert "runs in 8-bit integers" in " ".join(capsys.readouterr().out.split())


def test_groups_are_not_split_by_the_check(
    folder: Path, session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}

    def divided(codes, **arguments):
        found["groups"] = arguments["groups"]
        found["folds"] = stratified_folds(codes, **arguments)
        return found["folds"]

    monkeypatch.setattr(int8, "stratified_folds", divided)
    items = read(folder).items
    labels = [item.path.parent.name for item in items]
    groups = [str(i // 2) for i in range(len(items))]
    fit(read([item.path for item in items], labels, groups=groups), SETTINGS)
    pairs = found["folds"].reshape(-1, 2)
    assert (pairs[:, 0] == pairs[:, 1]).all()
