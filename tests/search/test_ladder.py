"""The ladder climbs only where it pays, and says what it did."""

from __future__ import annotations

import inspect
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data as photographs

from tests.conftest import draw_folder
from topwork.data import read
from topwork.errors import ParameterError
from topwork.inductive import FitSettings, fit
from topwork.model import load
from topwork.search import ladder, race
from topwork.search.known_rungs import RUNGS, rungs_above
from topwork.search.ladder import ladder_sentences
from topwork.search.rungs import partial
from topwork.search.rungs.blend import NAME as BLEND
from topwork.search.rungs.inputs import ImageInputs
from topwork.search.rungs.partial import NAME as PARTIAL
from topwork.search.rungs.rung import Asked, JudgedRung, RacingRung, Rung
from topwork.search.rungs.state import SearchState
from topwork.search.rungs.whole import FULL, LORA, PAIRS
from topwork.search.rungs.wider import WIDER, WiderRung
from topwork.trials.trial import Candidate, Trial, judged


def names(backbone: str, modality: str = "image", **asked: Any) -> list[str]:
    return [rung.name for rung in rungs_above(Asked(backbone, modality, **asked))]


TRAINED = [PARTIAL, LORA, FULL, BLEND]


def test_every_network_has_rungs_above_it() -> None:
    assert names("resnet50") == ["several depths", "several depths and mirrored views", *TRAINED]
    assert [r.backbone("resnet50") for r in RUNGS["image"][:2]] == [
        "resnet50+depths",
        "resnet50+depths+mirrored",
    ]
    wide = rungs_above(Asked("packaged:efficientnet_lite1", "image"))[1]
    assert wide.backbone("packaged:efficientnet_lite1").count("packaged") == 3


@pytest.mark.parametrize("name", ["a+b", "pixels", "x:pixels"])
def test_nothing_is_offered_that_would_be_another_network(name: str) -> None:
    assert names(name) == []


def test_weights_of_ones_own_are_trained_and_have_nothing_beside_them() -> None:
    assert names("resnet50@mine.safetensors") == TRAINED


def test_networks_for_texts_have_rungs_of_their_own() -> None:
    found = rungs_above(Asked("packaged:all-minilm-l6-v2", "text"))
    assert [r.name for r in found] == ["several depths", PAIRS, PARTIAL, FULL, LORA]
    deeper = found[0].backbone("packaged:all-minilm-l6-v2")
    assert deeper == "packaged:all-minilm-l6-v2/depths"
    assert names(deeper, "text") == []
    assert len({r.direction for r in found}) == len(found), "none needs another one to pay"
    assert names("packaged:all-minilm-l6-v2", "text", strategy="full") == [FULL]
    assert names("resnet50", strategy="full") == [PARTIAL, FULL]


@pytest.mark.parametrize(
    "rung", [*RUNGS["image"], *RUNGS["text"]], ids=lambda rung: f"{rung.modality} {rung.name}"
)
def test_every_rung_keeps_the_protocol(rung: Rung) -> None:
    assert isinstance(rung, JudgedRung) != isinstance(rung, RacingRung)
    assert rung.name
    assert rung.direction
    everything = Asked("packaged:efficientnet_lite0", rung.modality, unlabelled=True)
    assert any(
        rung.available(replace(everything, backbone=name))
        for name in ("packaged:efficientnet_lite0", "resnet50")
    )
    assert pickle.loads(pickle.dumps(rung)) == rung


@dataclass(frozen=True)
class Nearest:
    """A rung of this test's own: nearest class means on the probe's features."""

    name: str = "nearest class means"
    direction: str = "dummy"
    modality: str = "image"
    requires: tuple[str, ...] = ()

    def available(self, asked: Asked) -> bool:
        return asked.wants() and asked.modality == self.modality

    def rival(self, state: SearchState) -> Trial:
        return state.first

    def estimate(self, state: SearchState) -> float:
        return state.first.seconds

    def run(self, state: SearchState) -> Trial | str:
        backbone = state.first.candidate.backbone
        candidate = Candidate(self.name, backbone, head="centroid")
        search_context, frozen = state.search_context, state.first.frozen
        found = judged(
            candidate, frozen, search_context.comparison.folds, search_context.run.settings
        )
        return replace(found, above=True)


def test_a_new_rung_is_a_line_in_the_list(
    drawn: Path, session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else names it: it is tried, told, judged against the probe, and can be used."""
    monkeypatch.setitem(RUNGS, "image", (Nearest(),))
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=5)
    found = fit(read(drawn), settings).result
    assert [(r.name, r.tried) for r in found.ladder] == [("nearest class means", True)]
    assert "nearest class means" in [t.name for t in found.tried]
    assert "nearest class means" in " ".join(ladder_sentences(found.ladder))
    plain = fit(read(drawn), replace(settings, strategy="probe")).result
    assert plain.ladder == []
    none = fit(read(drawn), replace(settings, minutes=1e-6)).result
    assert [r.reason for r in none.ladder] == ["no time is left"]


def test_the_ladder_names_no_strategy() -> None:
    """Not even in passing: what differs between strategies is in their rungs."""
    for module in (ladder, race):
        text = inspect.getsource(module)
        for strategy in ("probe", "partial", "full", "lora", "pairs", "blend", "unlabelled"):
            assert f'"{strategy}"' not in text


def test_it_stays_where_nothing_can_be_gained(
    session_cache: Path, tmp_path: Path, monkeypatch
) -> None:
    """Labels that are noise: the simplest rung."""
    wider = tuple(r for r in RUNGS["image"] if r.direction == WIDER)
    monkeypatch.setitem(RUNGS, "image", wider)
    folder = draw_folder(tmp_path / "data", 12)
    pictures = [item.path for item in read(folder).items]
    labels = np.random.default_rng(0).permutation(np.arange(36) % 2).astype(str).tolist()
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=5)
    result = fit(read(pictures, labels), settings).result
    assert result.tried[0].chosen
    assert [r.name for r in result.ladder] == ["several depths and mirrored views"]
    assert "mirrored views" in " ".join(ladder_sentences(result.ladder))


def test_what_is_asked_for_by_name_is_tried(
    drawn: Path, session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "PLANS", ((0.18, 2, 3),))
    monkeypatch.setattr(ImageInputs, "plans", (0.15,))
    settings = FitSettings(backbone="random:lcnet_035/64", strategy="full", n_folds=3)
    result = fit(read(drawn), settings).result
    assert [(r.name, r.tried) for r in result.ladder] == [(PARTIAL, True), (FULL, True)]


def test_unlabelled_items_come_after_the_frozen_networks() -> None:
    def given(strategy: str, unlabelled: bool) -> list[str]:
        return names("resnet50", strategy=strategy, unlabelled=unlabelled)

    assert given("probe", False) == []
    assert given("probe", True) == ["unlabelled images"]
    assert given("partial", True) == ["unlabelled images", PARTIAL]
    everything = given("auto", True)
    assert everything.index("unlabelled images") == everything.index(PARTIAL) - 1 == 2
    assert everything[-1] == "network refined on unlabelled images", "with the time that is left"
    assert [n for n in everything if "unlabelled images" not in n] == given("auto", False)


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


def _instead(name: str, backbone: str) -> WiderRung:
    """A rung on another network, whichever was asked for."""
    return WiderRung(name, "wider", "image", lambda _: backbone, lambda _: True)


def test_a_direction_that_does_not_pay_is_left(session_cache: Path, tmp_path: Path, monkeypatch):
    """Rungs of our own: the first is no better, so the second is not begun."""
    names = ["random:lcnet_050+mirrored", "random:lcnet_075"]
    rungs = tuple(_instead(name, name) for name in names)
    monkeypatch.setitem(RUNGS, "image", rungs)
    folder = draw_folder(tmp_path / "data", 12)
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=5)
    result = fit(read(folder), settings).result
    assert [r.tried for r in result.ladder] == [True, False]
    assert result.ladder[1].reason == f"{names[0]} did not help"


def test_a_rung_that_pays_ships(session_cache: Path, tmp_path: Path, monkeypatch) -> None:
    """From a network that never learnt anything to one that did."""
    better = "packaged:efficientnet_lite0"
    monkeypatch.setitem(RUNGS, "image", (_instead("a trained network", better),))
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
    assert fitted.result.backbone == better
    assert fitted.result.asked == "random:lcnet_050"
    assert load(tmp_path / "m.topwork").card.backbone == better
