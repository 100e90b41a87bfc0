"""What a fit says of unknown items, and who says it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from skimage import data as photographs

import topwork as tw
from topwork.data import MODALITIES, read
from topwork.data.unrelated import unrelated_items
from topwork.inductive import FitSettings, Fitted, fit
from topwork.model import Model, load

BACKBONE = "packaged:efficientnet_lite0/96"


def crops(names: tuple[str, ...], n: int = 20) -> tuple[list[np.ndarray], list[str]]:
    """Grey squares out of photographs."""
    rng = np.random.default_rng(0)
    pictures, labels = [], []
    for name in names:
        whole = getattr(photographs, name)()
        for _ in range(n):
            y, x = rng.integers(0, whole.shape[0] - 64), rng.integers(0, whole.shape[1] - 64)
            grey = np.rot90(whole[y : y + 64, x : x + 64], rng.integers(4))
            pictures.append(np.ascontiguousarray(grey[..., None].repeat(3, axis=2)))
            labels.append(name)
    return pictures, labels


@pytest.fixture(scope="module")
def fitted(session_cache: Path) -> Fitted:
    settings = FitSettings(backbone=BACKBONE, baselines=False)
    return fit(read(*crops(("brick", "gravel"))), settings)


@pytest.fixture(scope="module")
def saved(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(fitted.model.save(tmp_path_factory.mktemp("models") / "two.topwork"))


def strangers() -> list[np.ndarray]:
    """Stripes in colours and a star, which no texture looks like."""
    y, x = np.mgrid[:80, :80]
    pictures = []
    for period in (5, 9, 14, 20):
        on = (x // period % 2 == 0)[..., None]
        pictures.append(np.where(on, (220, 30, 90), (10, 200, 120)).astype(np.uint8))
    star = np.abs(x - 40) * np.abs(y - 40) < 120
    pictures.append(np.where(star[..., None], (255, 220, 0), (0, 0, 90)).astype(np.uint8))
    return pictures


def test_a_model_of_two_classes_notices_strangers(fitted: Fitted, saved: Model) -> None:
    found = fitted.result.unknown
    assert found.on
    assert found.unrelated is not None
    assert found.unrelated.expected >= 0.8
    assert (saved.predict(strangers(), unknown="?") == "?").mean() >= 0.8
    known = saved.predict(crops(("brick", "gravel"), n=10)[0], unknown="?")
    assert (known == "?").mean() <= 0.2


def test_what_is_promised_stands_in_the_result_the_report_and_the_card(fitted: Fitted) -> None:
    record = json.loads(fitted.result.model_dump_json())["unknown"]
    assert set(record["unrelated"]) == {"n_items", "n_left_out", "share", "kinds", "expected"}
    words = f"expect about {100 * record['unrelated']['expected']:.0f} %"
    assert words in record["sentence"]
    pages = fitted.model.parts.pages
    assert words in pages["report.html"]
    assert words in pages["README.md"]


def test_a_model_that_notices_nobody_calls_nothing_unknown() -> None:
    """Tiny grey pixels of noise hold everything that is there."""
    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 256, (40, 24, 24, 3), dtype=np.uint8))
    for i, picture in enumerate(pictures):
        picture[:] = rng.integers(0, 256) if i % 4 < 2 else picture
    fitted = fit(
        read(pictures, ["a", "b"] * 20),
        FitSettings(backbone="pixels", cache=False, baselines=False),
    )
    found = fitted.result.unknown
    assert found.unrelated is not None
    assert not found.unrelated.enough
    assert not found.on
    assert fitted.result.unknown_threshold is None
    assert "switched off" in found.sentence
    assert "switched off" in fitted.model.parts.pages["report.html"]
    with pytest.warns(UserWarning, match="Detection of unknown inputs is off"):
        assert set(fitted.model.predict(strangers(), unknown="?")) <= {"a", "b"}


def test_photographs_that_come_with_the_package_are_no_strangers_to_themselves() -> None:
    own = [item for item in unrelated_items(MODALITIES["image"]).items if item.path is not None]
    pictures = [str(item.path) for item in own]
    labels = ["left" if i < len(own) // 2 else "right" for i in range(len(own))]
    fitted = fit(read(pictures, labels), FitSettings(backbone=BACKBONE, baselines=False))
    found = fitted.result.unknown.unrelated
    assert found is not None
    assert found.n_left_out >= len(own)


def test_too_few_items_say_so() -> None:
    pictures, labels = crops(("brick", "gravel"), n=5)
    found = fit(read(pictures, labels), FitSettings(backbone="pixels", cache=False)).result.unknown
    assert not found.on
    assert found.unrelated is None
    assert "10 held-out images are too few" in found.sentence


def test_unknown_items_get_the_label_that_is_asked_for(saved: Model) -> None:
    some = [strangers()[0], crops(("brick",), n=1)[0][0]]
    assert set(saved.predict(some)) <= {"brick", "gravel"}
    assert saved.predict(some, unknown="new")[0] == "new"
    assert saved.predict(some, unknown=-1).tolist()[0] == -1
    assert saved.predictions(read(some, ["brick"] * 2).items).unknown.tolist()[0]


def test_an_estimator_predicts_unknown_too() -> None:
    pictures, labels = crops(("brick", "gravel"))
    classifier = tw.ImageClassifier(backbone=BACKBONE, baselines=False).fit(pictures, labels)
    said = classifier.predict([strangers()[0], *pictures[:1]], unknown="none of them")
    assert said[0] == "none of them"
    assert classifier.predict(pictures[:1]).tolist() == ["brick"]
