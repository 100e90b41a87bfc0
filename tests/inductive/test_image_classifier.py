"""The estimator on real files: conventions, labels, bad items, groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import topwork as tw
from tests.conftest import draw, draw_folder
from topwork.errors import BadItemsError, DataError, ParameterError
from topwork.inductive import FitSettings, fit


@pytest.fixture(scope="module")
def classifier(drawn: Path, session_cache: Path) -> tw.ImageClassifier:
    return tw.ImageClassifier(baselines=False).fit(drawn)


def test_learns_what_pictures_show(classifier, tmp_path: Path) -> None:
    others = draw_folder(tmp_path / "others", 6, seed=5)
    assert classifier.score(others) > 0.9
    assert classifier.classes_.tolist() == ["discs", "noise", "stripes"]
    probabilities = classifier.predict_proba(others)
    assert probabilities.shape == (18, 3)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


def test_scikit_learn_conventions(classifier) -> None:
    fresh = clone(classifier)
    assert fresh.get_params() == classifier.get_params()
    assert not hasattr(fresh, "model_")
    fresh.set_params(geometry="pad", seed=3)
    assert (fresh.geometry, fresh.seed) == ("pad", 3)
    with pytest.raises(NotFittedError):
        fresh.predict(["x.png"])


def test_paths_images_and_arrays_are_the_same(classifier, drawn: Path) -> None:
    paths = sorted((drawn / "discs").iterdir())[:3]
    images = [Image.open(p).convert("RGB") for p in paths]
    arrays = [np.asarray(i) for i in images]
    by_path = classifier.predict_proba(paths)
    np.testing.assert_allclose(classifier.predict_proba(images), by_path, atol=1e-6)
    np.testing.assert_allclose(classifier.predict_proba(arrays), by_path, atol=1e-6)


def test_integer_labels_come_back_as_integers() -> None:
    rng = np.random.default_rng(0)
    images = [draw(kind, rng) for kind in ("discs", "noise") for _ in range(5)]
    fitted = tw.ImageClassifier("pixels", cache=False).fit(images, [7] * 5 + [42] * 5)
    assert fitted.classes_.tolist() == [7, 42]
    predicted = fitted.predict(images[:2])
    assert predicted.dtype.kind == "i"
    assert set(fitted.model_.labels) == {7, 42}


def test_bad_inputs_of_predict(classifier, drawn: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    good = str(next((drawn / "noise").iterdir()))
    with pytest.raises(BadItemsError, match=r"bad\.jpg \(not_an_image: it looks like text\)"):
        classifier.predict([good, str(bad)])
    answers = classifier.predict([good, str(bad)], bad="none")
    assert answers.tolist() == ["noise", None]
    assert np.isnan(classifier.predict_proba([good, str(bad)], bad="none")[1]).all()


def test_without_cache_nothing_is_written(drawn: Path, fresh_cache: Path, classifier) -> None:
    free = tw.ImageClassifier(cache=False, baselines=False).fit(drawn)
    assert not fresh_cache.exists()
    assert free.result_.features.computed == 36
    np.testing.assert_allclose(
        free.predict_proba(drawn), classifier.predict_proba(drawn), atol=0.02
    )


def test_second_fit_computes_nothing(drawn: Path, classifier) -> None:
    again = tw.ImageClassifier(baselines=False).fit(drawn)
    assert (again.result_.features.computed, again.result_.features.cached) == (0, 36)
    assert again.result_.scores == classifier.result_.scores


def test_too_many_bad_items(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "data", 5)
    for i in range(2):
        (folder / "discs" / f"bad{i}.png").touch()
    data = tw.read(folder)
    with pytest.raises(DataError, match="2 of 17 items cannot be read") as refusal:
        fit(data, FitSettings(backbone="pixels"))
    assert refusal.value.code == "too_many_bad"
    result = fit(data, FitSettings(backbone="pixels", max_bad=0.2)).result
    assert len(result.rejected) == 2
    assert result.n_items == 15


def test_a_class_without_readable_items_is_dropped(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "data", 5)
    (folder / "zebra").mkdir()
    (folder / "zebra" / "z.png").touch()
    result = fit(tw.read(folder), FitSettings(backbone="pixels", max_bad=0.1)).result
    assert result.n_classes == 3


def test_one_class_is_refused(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "data", 3)
    only = tmp_path / "only"
    only.mkdir()
    (folder / "discs").rename(only / "discs")
    with pytest.raises(DataError, match="same label"):
        tw.ImageClassifier("pixels").fit(only)


def test_no_labels_are_refused(drawn: Path) -> None:
    data = tw.Dataset(tw.read(drawn).items)
    with pytest.raises(DataError, match="no labels"):
        tw.ImageClassifier("pixels").fit(data)
    with pytest.raises(DataError, match="needs labels"):
        tw.ImageClassifier("pixels", cache=False).fit(drawn).score(data)


@pytest.mark.parametrize("per_class", [1, 2])
def test_one_or_two_labels_a_class(tmp_path: Path, per_class: int) -> None:
    folder = draw_folder(tmp_path / "data", per_class)
    fitted = tw.ImageClassifier().fit(folder)
    assert fitted.result_.head == "centroid"
    assert (fitted.result_.scores is None) == (per_class == 1)
    assert fitted.score(draw_folder(tmp_path / "others", 4, seed=3)) > 0.8


def _families(noise: int) -> tuple[list, list, list]:
    """24 pictures of noise, each four times with ``noise`` levels of change, labelled in turn."""
    rng = np.random.default_rng(0)
    images, labels, groups = [], [], []
    for group in range(24):
        base = rng.integers(0, 256, (16, 16, 3))
        for _ in range(4):
            change = rng.integers(-noise, noise + 1, base.shape)
            images.append(np.clip(base + change, 0, 255).astype(np.uint8))
            labels.append(["a", "b"][group % 2])
            groups.append(group)
    return images, labels, groups


def test_groups_stay_together() -> None:
    """Relatives that no pixel comparison finds: only the user's groups say that they leak."""
    images, labels, groups = _families(noise=90)
    settings = FitSettings(backbone="pixels", cache=False)
    naive = fit(tw.read(images, labels), settings).result.scores
    grouped = fit(tw.read(images, labels, groups=groups), settings).result.scores
    assert naive is not None
    assert grouped is not None
    assert naive.accuracy.low > 0.6
    assert grouped.accuracy.low <= 0.5 <= grouped.accuracy.high


def test_copies_stay_together_unasked() -> None:
    images, labels, groups = _families(noise=4)
    fitted = fit(tw.read(images, labels), FitSettings(backbone="pixels", cache=False))
    assert fitted.artifacts.groups.tolist() == groups
    assert fitted.result.duplicates.n_groups == 24
    assert fitted.result.scores is not None
    score = fitted.result.scores.accuracy
    assert score.low <= 0.5 <= score.high


def test_where_pixels_are_enough_pixels_are_returned() -> None:
    """Brightness decides: transfer brings nothing, is told so, and isn't shipped."""
    rng = np.random.default_rng(0)
    images = [
        np.clip(rng.integers(0, 120, (24, 24, 3)) + 90 * (i % 2), 0, 255).astype(np.uint8)
        for i in range(60)
    ]
    fitted = fit(tw.read(images, ["dark", "light"] * 30), FitSettings(cache=False))
    assert fitted.result.backbone == "pixels"
    assert fitted.result.transfer is not None
    assert fitted.result.transfer.helps is False
    assert "does not help" in fitted.result.transfer.sentence
    assert [t.chosen for t in fitted.result.tried] == [False, True, False]
    assert fitted.model.predict(images[:4]).tolist() == ["dark", "light", "dark", "light"]


def test_noise_labels_are_called_noise() -> None:
    rng = np.random.default_rng(1)
    images = list(rng.integers(0, 256, (60, 24, 24, 3), dtype=np.uint8))
    labels = rng.permutation(["a", "b"] * 30).tolist()
    result = fit(tw.read(images, labels), FitSettings(cache=False)).result
    assert result.tried[0].chosen
    assert result.scores is not None
    assert result.scores.balanced_accuracy.low <= 0.5 <= result.scores.balanced_accuracy.high


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("geometry", "stretch"),
        ("engine", "onnx"),
        ("class_weight", "heavy"),
        ("n_folds", 1),
        ("max_bad", 5),
    ],
)
def test_bad_parameters_are_named(parameter: str, value, drawn: Path) -> None:
    with pytest.raises(ParameterError, match=parameter):
        tw.ImageClassifier(**{parameter: value}).fit(drawn)


@pytest.mark.parametrize("geometry", ["pad", "crop"])
def test_geometry_is_saved(drawn: Path, tmp_path: Path, geometry: str) -> None:
    fitted = tw.ImageClassifier("pixels", geometry=geometry).fit(drawn)
    loaded = tw.load(fitted.save(tmp_path / "m.topwork"))
    assert loaded.card.framing.geometry == geometry
    np.testing.assert_allclose(loaded.predict_proba(drawn), fitted.predict_proba(drawn), atol=1e-5)


def test_every_public_name_loads() -> None:
    assert all(getattr(tw, name) is not None for name in tw.__all__)
    assert {name for name in dir(tw) if not name.startswith("__")} == set(tw.__all__)
    with pytest.raises(AttributeError):
        tw.nonsense  # noqa: B018


def test_progress_is_printed_where_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in scikit-learn, nothing is printed unless ``verbose`` says so."""
    monkeypatch.setattr("topwork.runtime.progress.PATIENCE", 0.0)
    monkeypatch.setattr("topwork.runtime.progress.WORTH_TELLING", 0.0)
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 99, (16, 16, 3), np.uint8) + 150 * (i % 2) for i in range(40)]
    images = [image.astype(np.uint8) for image in images]
    labels = ["dark", "light"] * 20
    for verbose in (False, True):
        tw.ImageClassifier("pixels", cache=False, baselines=False, verbose=verbose).fit(
            images, labels
        )
        printed = capsys.readouterr()
        assert printed.out == ""
        assert ("s left" in printed.err) is verbose
