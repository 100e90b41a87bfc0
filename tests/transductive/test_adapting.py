"""A model is adapted to a new domain without labels, or comes back as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.transductive.conftest import SHALLOW, domain
from topwork.data import Dataset, read, read_items
from topwork.errors import BundleError, DataError, ParameterError
from topwork.model import Model, load
from topwork.settings import PretrainSettings
from topwork.transductive import Adapted, AdaptSettings, DomainAdapter, adapt
from topwork.transductive.candidates import deep, label_free_selection
from topwork.transductive.candidates.proposals import TOGETHER
from topwork.unsupervised.pretraining.for_model import start_of, training_items


def _accuracy(model: Model, data: Dataset) -> float:
    assert data.targets is not None
    return float((model.predict(data.items) == np.array(data.targets.values())).mean())


def test_it_gains(bundle: Path, away: Dataset, done: Adapted) -> None:
    assert done.result.adapted
    assert done.result.source == "stored"
    assert _accuracy(done.model, away) > _accuracy(load(bundle), away) + 0.05


def test_labels_are_not_looked_at(bundle: Path, away: Dataset, done: Adapted) -> None:
    assert away.targets is not None
    values = np.random.default_rng(0).permutation(away.targets.values())
    shuffled = read([item.value for item in away.items], list(values))
    assert adapt(bundle, shuffled, SHALLOW).model.identity == done.model.identity


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cache for networks with layers that were trained here."""
    return str(tmp_path_factory.mktemp("cache"))


def test_behind_a_cut_of_the_network(
    bundle: Path, home: Path, away: Dataset, tmp_path: Path, own_cache: str, monkeypatch
) -> None:
    """The items of the source are given; what answers is saved as a network of its own."""
    monkeypatch.setenv("TOPWORK_CACHE_DIR", own_cache)
    monkeypatch.setattr(label_free_selection, "safe", lambda score: score.name == TOGETHER)
    settings = AdaptSettings(train=("tent",))
    found = adapt(bundle, away, settings, source=read(home), save_to=tmp_path / "m.topwork")
    assert found.result.source == "given"
    for name in ("target statistics", "trained (tent)"):
        assert any(name in way.name for way in found.result.ways)
    again, start = load(tmp_path / "m.topwork"), load(bundle)
    assert again.card.backbone_fingerprint != start.card.backbone_fingerprint
    assert again.card.adapted_from is not None
    assert again.card.strategy == "probe", "the last way has other statistics alone"
    assert again.card.adapted_from.identity == start.identity
    gap = again.predict_proba(away.items[:5]) - found.model.predict_proba(away.items[:5])
    assert np.abs(gap).max() < 1e-5
    assert _accuracy(again, away) > _accuracy(start, away) + 0.05
    assert "No label of the new domain was used" in again.parts.pages["report.html"]


def test_a_network_that_was_trained_is_recorded_as_such(
    bundle: Path, home: Path, away: Dataset, tmp_path: Path, own_cache: str, monkeypatch
) -> None:
    """It was, on the labels of the source: these can't judge what becomes of that network."""
    monkeypatch.setenv("TOPWORK_CACHE_DIR", own_cache)
    monkeypatch.setattr(label_free_selection, "safe", lambda score: score.name == TOGETHER)
    monkeypatch.setattr(deep, "SHARES", (0.18,))  # the trained layers are the last way, then
    out = tmp_path / "m.topwork"
    adapt(bundle, away, AdaptSettings(train=("tent",)), source=read(home), save_to=out)
    model = load(out)
    assert isinstance(model, Model)
    assert model.card.strategy == "partial"
    with pytest.raises(DataError, match="trained on the labels") as refused:
        training_items(model, out)
    assert refused.value.code == "seen_labels"
    assert start_of(model, out, PretrainSettings()).trained_in == model.identity


def test_the_source_may_have_to_be_kept(
    bundle: Path, away: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_free_selection, "MAX_LOST", -1.0)  # nothing is good enough
    for labelled in (None, away.take(range(0, 90, 2))):
        settings = AdaptSettings(deep=False, keep_source=True)
        result = adapt(bundle, away, settings, labelled=labelled).result
        assert not result.adapted
        assert "would lose accuracy" in " ".join(result.sentences)


def test_only_known_ways_are_trained() -> None:
    with pytest.raises(ParameterError, match="train names 'dan'"):
        AdaptSettings(train=("dan",))
    with pytest.raises(ParameterError, match="only the head is adapted"):
        AdaptSettings(train=("dann",), deep=False)


def test_from_what_the_model_remembers(
    bundle: Path, away: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path))
    result = adapt(bundle, away).result
    assert result.source == "model"
    assert result.n_source == 3 * 20


def test_more_of_the_same_is_no_shift(bundle: Path) -> None:
    same = Dataset(read_items(domain(2, other=False)[0]))
    done = adapt(bundle, same)
    assert not done.result.adapted
    assert done.model.identity == load(bundle).identity
    assert "No shift" in done.result.sentences[0]


def test_too_few_items(bundle: Path) -> None:
    with pytest.raises(DataError, match="3 unlabelled items") as caught:
        adapt(bundle, Dataset(read_items(domain(2, other=True)[0][:3])))
    assert caught.value.remedy


def test_a_source_without_labels(bundle: Path, away: Dataset) -> None:
    source = Dataset(read_items(domain(2, other=False)[0]))
    with pytest.raises(DataError, match="source have no labels"):
        adapt(bundle, away, source=source)
    source = read(domain(2, other=False)[0], ["unheard of", "never"] * 45)
    with pytest.raises(DataError, match="none of the labels"):
        adapt(bundle, away, source=source)


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


def test_what_the_source_has_too_is_told(
    bundle: Path, home: Path, away: Dataset, tmp_path: Path
) -> None:
    """A file of the source, and one saved again smaller in another format, among new items."""
    from PIL import Image

    first, second, *_ = sorted(home.glob("*/*.png"))
    Image.open(second).convert("RGB").save(tmp_path / "again.jpg", quality=90)
    data = read_items([*(i.value for i in away.items[:20]), str(first), tmp_path / "again.jpg"])
    found = adapt(bundle, Dataset(data), SHALLOW).result
    assert found.n_copies == 2
    assert [(Path(c.item).name, c.labelled) for c in found.copies] == [
        (first.name, str(first)),
        ("again.jpg", str(second)),
    ]
    assert found.copies[0].similarity == 1 > found.copies[1].similarity
