"""The network refined on items without labels, as a rung of the ladder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_folder
from tests.language import predicting_folder, raves, reviews
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit
from topwork.model import load
from topwork.search.known_rungs import RUNGS, without_packages
from topwork.search.rungs import pretrained
from topwork.search.rungs.pretrained import PretrainedRung
from topwork.training.strategies import refine, refine_tokens
from topwork.trials.comparison import ModelComparison

SMALL = "random:lcnet_035/64"
TEXTS = "network refined on unlabelled texts"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> FitSettings:
    folder = predicting_folder(tmp_path_factory.mktemp("tiny") / "bert")
    return FitSettings(
        backbone=f"transformers:tiny@{folder}", strategy="auto", minutes=5, baselines=False
    )


@pytest.fixture(scope="module")
def data() -> Dataset:
    return read(*reviews(60))


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other rung is tried, and few epochs are."""
    for modality in ("image", "text"):
        monkeypatch.setitem(RUNGS, modality, (PretrainedRung(modality),))
    monkeypatch.setattr(refine, "REFINING_LOOP", replace(refine.REFINING_LOOP, epochs=1))
    monkeypatch.setattr(refine, "DISTILLING_STEPS", 1)
    loop = replace(refine_tokens.TOKEN_LOOP, epochs=2, learning_rate=2e-2)
    monkeypatch.setattr(refine_tokens, "TOKEN_LOOP", loop)


def test_a_refined_network_is_judged_as_all_others_and_saved(
    settings: FitSettings,
    data: Dataset,
    session_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose = ModelComparison.choose

    def last(self: ModelComparison, trials, fallback, **given):
        return len(trials) - 1, choose(self, trials, fallback, **given)[1]

    monkeypatch.setattr(ModelComparison, "choose", last)
    monkeypatch.setattr(pretrained, "_seconds", lambda *_: 0.1)  # another test times short runs
    place = tmp_path / "m.topwork"
    raw = [*reviews(60)[0][:10], *raves(60)]
    found = fit(data, settings, unlabelled=raw, save_to=place)
    (record,) = found.result.ladder
    assert (record.name, record.tried, record.n_items) == (TEXTS, True, 60)
    assert "than transfer from" in record.reason
    assert [t.name for t in found.result.tried if t.chosen] == [TEXTS]
    more = found.result.unlabelled
    assert more is not None
    assert (more.used, more.n_used, more.n_copies) == (True, 60, 10), "labelled ones are left out"
    first, chosen = found.artifacts.transfer, found.artifacts.chosen
    assert not np.allclose(chosen.frozen.features, first.frozen.features, atol=1e-2), "refined"
    saved = load(place)
    assert saved.card.backbone_fingerprint != first.frozen.opened.backbone.fingerprint
    texts = reviews(60)[0]
    expected = found.model.predict_proba(texts)
    np.testing.assert_allclose(saved.predict_proba(texts), expected, atol=1e-4)


def test_it_is_not_begun_where_it_takes_too_long(
    settings: FitSettings, data: Dataset, session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretrained, "_PASSES", 1e9)
    monkeypatch.setattr(pretrained, "REFINED_BY", {})  # nothing is refined to find that out
    (record,) = fit(data, settings, unlabelled=raves(60)).result.ladder
    assert not record.tried
    assert record.reason.startswith("it would take")


def test_short_runs_tell_how_long_it_takes(
    settings: FitSettings, data: Dataset, session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of 2 s and 0.1 s per item, once it is warm: too long for 5000 items, not for 100."""
    timed: list[int] = []

    def seconds(_: object, n: int) -> float:
        timed.append(n)
        return (9.0 if len(timed) == 1 else 2.0) + 0.1 * n

    monkeypatch.setattr(pretrained, "_seconds", seconds)
    monkeypatch.setattr(pretrained, "_a_pass", lambda _: 1e-6)
    (record,) = fit(data, settings, unlabelled=raves(5000)).result.ladder
    assert (record.tried, timed) == (False, [32, 32, 96])
    told = float(record.reason.removeprefix("it would take ").partition(" s")[0])
    assert 500 < told < 700, "with a margin"
    timed.clear()
    (record,) = fit(data, settings, unlabelled=raves(100)).result.ladder
    assert (record.tried, timed) == (True, [32]), "clear from the first run"


def test_few_items_are_not_learnt_from(
    settings: FitSettings, data: Dataset, session_cache: Path
) -> None:
    found = fit(data, settings, unlabelled=raves(20)).result
    assert [(r.tried, r.reason) for r in found.ladder] == [
        (False, "there are 20 unlabelled texts, and 32 are needed")
    ]
    assert found.unlabelled is not None
    assert not found.unlabelled.used


def test_it_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from topwork.search import known_rungs

    monkeypatch.setattr(known_rungs, "missing", lambda packages: tuple(packages)[:1])
    for modality in ("image", "text"):
        (reason,) = without_packages([PretrainedRung(modality)]).values()
        assert "extra train" in reason


def test_images_are_learnt_from(
    session_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretrained, "_seconds", lambda *_: 0.1)
    labelled = draw_folder(tmp_path / "few", 10)
    drawn, raw = draw_folder(tmp_path / "more", 20, seed=1), tmp_path / "raw"
    raw.mkdir()
    for file in drawn.rglob("*.png"):
        shutil.copy(file, raw / f"{file.parent.name}-{file.name}")
    settings = FitSettings(backbone=SMALL, strategy="auto", minutes=5, baselines=False, n_folds=3)
    (record,) = fit(read(labelled), settings, unlabelled=raw).result.ladder
    assert (record.name, record.tried) == ("network refined on unlabelled images", True)
    assert record.n_items == 30
