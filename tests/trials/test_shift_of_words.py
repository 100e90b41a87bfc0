"""Whether other texts look different from those that a TF-IDF model was made of."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import scipy.special
import scipy.stats

import topwork as tw
from tests.language import model_folder, reviews
from topwork.data import HASHED, FeatureHashing, read
from topwork.inductive import FitSettings, fit
from topwork.model import Model
from topwork.shift.shift import shift_test
from topwork.transductive import AdaptSettings, adapt

N = 120


def documentation() -> dict[str, list[str]]:
    """What real functions say of themselves, by the module that they are of."""
    found: dict[str, list[str]] = {}
    for module in (np, scipy.stats, scipy.signal, scipy.special):
        texts = {
            " ".join((inspect.getdoc(getattr(module, name)) or "").split())[:300]
            for name in sorted(dir(module))
            if not name.startswith("_")
        }
        found[module.__name__] = sorted(text for text in texts if len(text) > 60)
    return found


TEXTS = documentation()


def halves(seed: int) -> list[tuple[list[str], list[str]]]:
    """Two random parts of N texts each, with their labels."""
    order = np.random.default_rng(seed)
    sides: list[tuple[list[str], list[str]]] = [([], []), ([], [])]
    for label in ("numpy", "scipy.stats", "scipy.signal"):
        some = order.permutation(TEXTS[label])[: 2 * N // 3].tolist()
        for side, part in zip(sides, (some[: N // 3], some[N // 3 :]), strict=True):
            side[0].extend(part)
            side[1].extend([label] * len(part))
    return sides


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"transformers:tiny@{model_folder(tmp_path_factory.mktemp('models') / 'bert')}"


@pytest.fixture(scope="module")
def fitted(backbone: str, tmp_path_factory: pytest.TempPathFactory) -> Model:
    model = fit(read(*halves(0)[0]), FitSettings(backbone=backbone, cache=False)).model
    assert model.card.backbone == "tfidf"
    return tw.load(model.save(tmp_path_factory.mktemp("saved") / "words.topwork"))


def without_words(model: Model) -> Model:
    """The same as it was saved before hashed words were stored."""
    past = replace(model.parts.statistics, hashed=np.empty((0, 0), np.float16))
    return Model(replace(model.parts, statistics=past))


def test_random_halves_are_not_called_different() -> None:
    """20 repeats; 2 of them at most below 5 %, of which one is expected."""
    found = []
    for seed in range(20):
        first, second = (
            np.stack([FeatureHashing().row(text) for text in texts]) for texts, _ in halves(seed)
        )
        found.append(shift_test(first, second, seed=seed))
    assert sum(test.p < 0.05 for test in found) <= 2
    assert not any(test.noticeable for test in found)


def test_held_out_texts_look_like_those_that_the_model_was_made_of(fitted: Model) -> None:
    shift = fitted.evaluate(*halves(0)[1]).shift
    assert shift is not None
    assert shift.covariate_shift is not None
    assert not shift.noticeable
    assert shift.covariate_shift.auc < 0.65


def test_other_texts_are_found(fitted: Model) -> None:
    texts, _ = reviews(60)
    shift = fitted.evaluate(texts, ["numpy", "scipy.stats", "scipy.signal"] * 20).shift
    assert shift is not None
    assert shift.noticeable
    assert "different from those it was trained on" in shift.sentence


def test_adapting_sees_the_same(fitted: Model) -> None:
    same = adapt(fitted, read(*halves(0)[1]), AdaptSettings(cache=False)).result
    assert same.shift == "none"
    assert not same.adapted
    assert same.sentences[0].startswith("No shift worth acting on")
    other = adapt(fitted, read(*reviews(60)), AdaptSettings(cache=False)).result
    assert other.shift == "covariate_shift"
    assert "look different" in other.sentences[0]


def test_models_saved_before_say_nothing_of_looks(fitted: Model, tmp_path: Path) -> None:
    earlier = tw.load(without_words(fitted).save(tmp_path / "earlier.topwork"))
    shift = earlier.evaluate(*halves(0)[1]).shift
    assert shift is not None
    assert shift.covariate_shift is None
    assert "look" not in shift.sentence
    result = adapt(earlier, read(*halves(0)[1]), AdaptSettings(cache=False)).result
    assert result.covariate_shift is None
    assert not any("look different" in sentence for sentence in result.sentences)


def test_a_model_that_was_gone_on_from_still_knows_how_texts_look(
    fitted: Model, tmp_path: Path
) -> None:
    new = TEXTS["scipy.special"][:40]
    settings = FitSettings(start=fitted.save(tmp_path / "first.topwork"), cache=False)
    model = fit(read(new, ["special"] * 40), settings).model
    stored = model.parts.statistics
    assert stored.hashed.shape == (len(stored.rehearsal_codes), HASHED)
    assert (np.abs(stored.hashed).sum(axis=1) > 0).all()
    shift = model.evaluate(*halves(0)[1]).shift
    assert shift is not None
    assert shift.covariate_shift is not None
    assert not shift.noticeable
