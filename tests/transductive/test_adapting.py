"""A model is adapted to a new domain without labels, or comes back as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.data import Dataset, read, read_items
from topwork.errors import BundleError, DataError
from topwork.inductive import FitSettings, fit
from topwork.model import Model, load
from topwork.transductive import Adapted, AdaptSettings, DomainAdapter, adapt, trust
from topwork.transductive.proposals import TOGETHER

BACKBONE = "packaged:efficientnet_lite0/96"
CLASSES = ("checks", "rings", "stripes")


def _picture(kind: str, rng: np.random.Generator) -> np.ndarray:
    """A pattern with a random scale, place and contrast, grey levels 0 to 1, (64, 64)."""
    y, x = np.mgrid[:64, :64] + rng.uniform(0, 30, size=(2, 1, 1))
    step = rng.uniform(5, 9)
    wave = {
        "checks": np.sign(np.sin(x * 3 / step)) * np.sign(np.sin(y * 3 / step)),
        "rings": np.sin(np.hypot(x - 45, y - 45) * 3 / step),
        "stripes": np.sin((x + y) * 3 / step),
    }[kind]
    return 0.5 + 0.35 * wave + 0.08 * rng.standard_normal((64, 64))


def _domain(seed: int, *, other: bool, n: int = 30) -> tuple[list[np.ndarray], list[str]]:
    """Coloured patterns; in the other domain inverted, in other colours, and noisier."""
    rng = np.random.default_rng(seed)
    labels = [kind for kind in CLASSES for _ in range(n)]
    tint = (0.4, 0.9, 1.0) if other else (1.0, 0.8, 0.6)
    pictures = []
    for kind in labels:
        grey = _picture(kind, rng)
        if other:
            grey = 0.9 - 0.5 * grey + 0.25 * rng.standard_normal(grey.shape)
        rgb = np.stack([grey * part for part in tint], axis=-1)
        pictures.append((255 * rgb.clip(0, 1)).astype(np.uint8))
    return pictures, labels


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    for i, (picture, label) in enumerate(zip(*_domain(0, other=False), strict=True)):
        (folder / label).mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / label / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def bundle(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "home.topwork"
    fit(read(home), FitSettings(backbone=BACKBONE, baselines=False), save_to=path)
    return path


@pytest.fixture(scope="module")
def away() -> Dataset:
    return read(*_domain(1, other=True))


def _accuracy(model: Model, data: Dataset) -> float:
    assert data.targets is not None
    return float((model.predict(data.items) == np.array(data.targets.values())).mean())


SHALLOW = AdaptSettings(deep=False)


@pytest.fixture(scope="module")
def done(bundle: Path, away: Dataset) -> Adapted:
    return adapt(bundle, away, SHALLOW)


def test_it_gains(bundle: Path, away: Dataset, done: Adapted) -> None:
    assert done.result.adapted
    assert done.result.source == "stored"
    assert _accuracy(done.model, away) > _accuracy(load(bundle), away) + 0.05


def test_labels_are_not_looked_at(bundle: Path, away: Dataset, done: Adapted) -> None:
    assert away.targets is not None
    values = np.random.default_rng(0).permutation(away.targets.values())
    shuffled = read([item.value for item in away.items], list(values))
    assert adapt(bundle, shuffled, SHALLOW).model.identity == done.model.identity


def test_behind_a_cut_of_the_network(
    bundle: Path, home: Path, away: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The items of the source are given; what answers is saved as a network of its own."""
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(trust, "safe", lambda score: score.name == TOGETHER)
    found = adapt(bundle, away, AdaptSettings(source=read(home)), save_to=tmp_path / "m.topwork")
    assert found.result.source == "given"
    assert any("statistics of the new domain" in way.name for way in found.result.ways)
    again, start = load(tmp_path / "m.topwork"), load(bundle)
    assert again.card.backbone_fingerprint != start.card.backbone_fingerprint
    assert again.card.adapted_from is not None
    assert again.card.adapted_from.identity == start.identity
    gap = again.predict_proba(away.items[:5]) - found.model.predict_proba(away.items[:5])
    assert np.abs(gap).max() < 1e-5
    assert _accuracy(again, away) > _accuracy(start, away) + 0.05
    assert "No label of the new domain was looked at" in again.parts.pages["report.html"]


def test_the_source_may_have_to_be_kept(
    bundle: Path, away: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "MOST_LOST", -1.0)  # nothing is good enough
    settings = AdaptSettings(deep=False, keep_source=True)
    assert not adapt(bundle, away, settings).result.adapted


def test_from_what_the_model_remembers(
    bundle: Path, away: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path))
    result = adapt(bundle, away).result
    assert result.source == "remembered"
    assert result.n_source == 3 * 20


def test_more_of_the_same_is_no_shift(bundle: Path) -> None:
    same = Dataset(read_items(_domain(2, other=False)[0]))
    done = adapt(bundle, same)
    assert not done.result.adapted
    assert done.model.identity == load(bundle).identity
    assert "No shift" in done.result.sentences[0]


def test_too_few_items(bundle: Path) -> None:
    with pytest.raises(DataError, match="3 unlabelled items") as caught:
        adapt(bundle, Dataset(read_items(_domain(2, other=True)[0][:3])))
    assert caught.value.remedy


def test_a_source_without_labels(bundle: Path, away: Dataset) -> None:
    source = Dataset(read_items(_domain(2, other=False)[0]))
    with pytest.raises(DataError, match="source have no labels"):
        adapt(bundle, away, AdaptSettings(source=source))
    source = read(_domain(2, other=False)[0], ["unheard of", "never"] * 45)
    with pytest.raises(DataError, match="none of the labels"):
        adapt(bundle, away, AdaptSettings(source=source))


def test_a_target_that_is_something_else(bundle: Path, away: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(BundleError, match="left as it is"):
        adapt(bundle, away, save_to=tmp_path / "mine")


def test_the_estimator(bundle: Path, away: Dataset, tmp_path: Path) -> None:
    adapter = DomainAdapter(bundle, deep=False).fit(away)
    assert adapter.result_.n_items == 90
    assert len(adapter.predict(away.items[:2])) == 2
    assert adapter.predict_proba(away.items[:2]).shape == (2, 3)
    assert load(adapter.save(tmp_path / "m.topwork")).labels == adapter.model_.labels
