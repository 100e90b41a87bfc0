"""The ladder climbs only where it pays, and says what it did."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from skimage import data as photographs

from tests.conftest import draw_folder
from topwork.data import read
from topwork.errors import ParameterError
from topwork.inductive import FitSettings, fit
from topwork.model import load
from topwork.search import ladder
from topwork.search.known_rungs import FULL, PARTIAL, WIDER, Rung, rungs_above
from topwork.search.ladder import ladder_sentences
from topwork.trials.trial import Candidate


def test_every_network_has_rungs_above_it() -> None:
    found = rungs_above("resnet50")
    assert found[0].candidate.backbone == "resnet50+depths"
    assert found[1].candidate.backbone == "resnet50+depths+mirrored"
    strategies = [r.candidate.strategy for r in found[2:]]
    assert strategies == ["partial", "lora", "full", "blend"]
    wide = rungs_above("packaged:efficientnet_lite1")
    assert wide[1].candidate.backbone.count("packaged") == 3


@pytest.mark.parametrize("name", ["a+b", "pixels", "x:pixels"])
def test_nothing_is_offered_that_would_be_another_network(name: str) -> None:
    assert rungs_above(name) == []


def test_weights_of_ones_own_are_trained_and_have_nothing_beside_them() -> None:
    found = rungs_above("resnet50@mine.safetensors")
    assert [r.candidate.strategy for r in found] == ["partial", "lora", "full", "blend"]


def test_networks_for_texts_have_rungs_of_their_own() -> None:
    found = rungs_above("packaged:all-minilm-l6-v2", "text")
    assert [r.candidate.strategy for r in found] == ["probe", "pairs", "partial", "full", "lora"]
    assert found[0].candidate.backbone == "packaged:all-minilm-l6-v2/depths"
    assert rungs_above(found[0].candidate.backbone, "text") == []
    assert len({r.direction for r in found}) == len(found), "none needs another one to pay"
    assert [r.candidate.strategy for r in ladder._wanted(found, "full")] == ["full"]
    pictures = rungs_above("resnet50")
    assert [r.candidate.strategy for r in ladder._wanted(pictures, "full")] == ["partial", "full"]


def test_it_stays_where_nothing_can_be_gained(
    session_cache: Path, tmp_path: Path, monkeypatch
) -> None:
    """Labels that are noise: the simplest rung."""
    wider = [r for r in rungs_above("random:lcnet_050") if r.direction == WIDER]
    monkeypatch.setattr(ladder, "rungs_above", lambda *_: wider)
    folder = draw_folder(tmp_path / "data", 12)
    pictures = [item.path for item in read(folder).items]
    labels = np.random.default_rng(0).permutation(np.arange(36) % 2).astype(str).tolist()
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=5)
    result = fit(read(pictures, labels), settings).result
    assert result.tried[0].chosen
    assert [r.name for r in result.ladder] == ["several depths and mirrored views"]
    assert "mirrored views" in " ".join(ladder_sentences(result.ladder))


def test_what_is_asked_for_by_name_is_tried(drawn: Path, session_cache: Path) -> None:
    settings = FitSettings(backbone="random:lcnet_035/64", strategy="full", n_folds=3)
    result = fit(read(drawn), settings).result
    assert [(r.name, r.tried) for r in result.ladder] == [(PARTIAL, True), (FULL, True)]


def test_unlabelled_items_come_after_the_frozen_networks() -> None:
    def names(strategy: str, more: object) -> list[str]:
        settings = FitSettings(backbone="resnet50", strategy=strategy)  # type: ignore[arg-type]
        data = SimpleNamespace(kind=SimpleNamespace(name="image"))
        search_context = SimpleNamespace(settings=settings, unlabelled=more, data=data)
        return [rung.candidate.name for rung in ladder._rungs(search_context)]  # type: ignore[arg-type]

    assert names("probe", None) == []
    assert names("probe", object()) == ["unlabelled images"]
    assert names("partial", object()) == ["unlabelled images", PARTIAL]
    everything = names("auto", object())
    assert everything.index("unlabelled images") == everything.index(PARTIAL) - 1 == 2
    assert [n for n in everything if n != "unlabelled images"] == names("auto", None)


def test_without_time_nothing_above_the_probe_is_begun(drawn: Path, session_cache: Path) -> None:
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=1e-6)
    result = fit(read(drawn), settings).result
    assert not result.ladder[0].tried
    assert result.ladder[0].reason == "no time is left"
    assert len(result.tried) == 3


def test_a_plain_fit_climbs_nothing(drawn: Path, session_cache: Path) -> None:
    result = fit(read(drawn), FitSettings(backbone="random:lcnet_050")).result
    assert result.ladder == []
    assert ladder_sentences(result.ladder) == []


@pytest.mark.parametrize("given", [{"strategy": "everything"}, {"minutes": 0}])
def test_bad_settings_are_refused(given) -> None:
    with pytest.raises(ParameterError):
        FitSettings(**given)


def test_a_direction_that_does_not_pay_is_left(session_cache: Path, tmp_path: Path, monkeypatch):
    """Rungs of our own: the first is no better, so the second is not begun."""
    names = ["random:lcnet_050+mirrored", "random:lcnet_075"]
    rungs = [Rung(Candidate(name, name), "wider") for name in names]
    monkeypatch.setattr(ladder, "rungs_above", lambda *_: rungs)
    folder = draw_folder(tmp_path / "data", 12)
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=5)
    result = fit(read(folder), settings).result
    assert [r.tried for r in result.ladder] == [True, False]
    assert result.ladder[1].reason == f"{names[0]} did not help"


def test_a_rung_that_pays_ships(session_cache: Path, tmp_path: Path, monkeypatch) -> None:
    """From a network that never learnt anything to one that did."""
    better = Candidate("a trained network", "packaged:efficientnet_lite0")
    monkeypatch.setattr(ladder, "rungs_above", lambda *_: [Rung(better, "wider")])
    rng = np.random.default_rng(0)
    pictures, labels = [], []
    for name in ("brick", "grass", "gravel"):
        whole = getattr(photographs, name)()
        for _ in range(16):
            y, x = rng.integers(0, 448, 2)
            turned = np.rot90(whole[y : y + 64, x : x + 64], rng.integers(4))
            dimmed = (turned * rng.uniform(0.4, 1.0)).astype(np.uint8)
            pictures.append(np.ascontiguousarray(dimmed[..., None].repeat(3, axis=2)))
            labels.append(name)
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=5)
    fitted = fit(read(pictures, labels), settings, save_to=tmp_path / "m.topwork")
    assert fitted.result.ladder[0].tried
    assert fitted.result.backbone == better.backbone
    assert fitted.result.asked == "random:lcnet_050"
    assert load(tmp_path / "m.topwork").card.backbone == better.backbone
