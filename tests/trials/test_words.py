"""Words weighted by their rarity: the baseline that transfer on texts has to beat."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

import topwork as tw
from tests.language import model_folder, reviews
from topwork.backbones import resolve
from topwork.backbones.engines import OpenVINOEngine, TorchEngine
from topwork.data import read
from topwork.errors import BackboneError
from topwork.heads import stratified_folds
from topwork.heads.tfidf import WordWeights
from topwork.inductive import FitSettings, fit
from topwork.trials.words import WORDS
from topwork.validation.nested_words import nested_words

ONE = np.ones(400, int)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"transformers:tiny@{model_folder(tmp_path_factory.mktemp('models') / 'bert')}"


def part_numbers(n: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Orders whose class hangs on an exact part number that looks like every other one."""
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(np.arange(1000, 9999))[:24]
    texts, labels = [], []
    for i in range(n):
        number = numbers[2 * rng.integers(12) + i % 2]
        shop = rng.choice(["berlin", "lyon", "turin"])
        texts.append(f"please send {rng.integers(2, 9)} pieces of qx-{number} to {shop} {i}")
        labels.append("pump" if i % 2 else "valve")
    return texts, labels


@pytest.fixture(scope="module")
def fitted(backbone):
    return fit(read(*part_numbers(160)), FitSettings(backbone=backbone, cache=False))


def test_words_ship_where_only_exact_words_tell(fitted) -> None:
    result = fitted.result
    assert [t.name for t in result.tried][:2] == ["the majority class", WORDS.name]
    assert next(t.name for t in result.tried if t.chosen) == WORDS.name
    assert (result.backbone, result.modality) == ("tfidf", "text")
    assert result.scores.balanced_accuracy.value > 0.95
    assert "does not help here" in result.transfer.sentence
    assert WORDS.name in result.transfer.sentence
    assert WORDS.name in fitted.model.parts.pages["report.html"]


def test_a_saved_one_says_the_same_without_torch_or_scikit_learn(fitted, tmp_path: Path) -> None:
    texts, _ = part_numbers(12, seed=0)
    texts += ["", "nothing that was ever seen", "ÜBER 好 👍"]
    place = fitted.model.save(tmp_path / "words.topwork")
    script = (
        "import sys, topwork as tw\n"
        f"said = tw.load({str(place)!r}).predict_proba({texts!r}, bad='none')\n"
        "heavy = {'torch', 'transformers', 'tokenizers', 'timm', 'sklearn', 'scipy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "import json; print(json.dumps(said[:, 0].astype(float).tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    said = np.array(json.loads(done.stdout))
    here = fitted.model.predict_proba(texts, bad="none")[:, 0]
    assert np.flatnonzero(np.isnan(said)).tolist() == [12]
    np.testing.assert_allclose(np.delete(said, 12), np.delete(here, 12), atol=1e-6)


def test_every_engine_gives_the_features_that_the_head_was_fitted_on(fitted, tmp_path) -> None:
    frozen = fitted.artifacts.chosen.frozen
    assert frozen.opened.graph.faithful
    loaded = tw.load(fitted.model.save(tmp_path / "words.topwork"))
    again = resolve(f"tfidf@{loaded.parts.weights}")
    assert again.fingerprint == frozen.opened.backbone.fingerprint
    tokens = [frozen.opened.preparation.tokens(str(item.value)) for item in frozen.data.items[:8]]
    batch = np.full((8, max(map(len, tokens))), -1, np.int32)
    for row, found in zip(batch, tokens, strict=True):
        row[: len(found)] = found
    for engine in (
        OpenVINOEngine(frozen.opened.graph.xml),
        TorchEngine(again, cut="pooled", precision="float32"),
    ):
        ((_, (features,)),) = engine.run([(0, batch)])
        np.testing.assert_allclose(features, frozen.features[:8], atol=1e-5)
    logits = frozen.features @ fitted.artifacts.chosen.head.linear.weight
    assert (logits + fitted.artifacts.chosen.head.linear.bias).argmax(axis=1).tolist() == (
        frozen.data.targets.codes.tolist()
    )


def test_there_is_none_before_a_fit() -> None:
    with pytest.raises(BackboneError, match="made of the texts themselves"):
        resolve("tfidf")


def test_every_fit_of_texts_tries_them_unless_told_not_to(backbone) -> None:
    texts, labels = reviews(40)
    result = fit(read(texts, labels), FitSettings(backbone=backbone, cache=False)).result
    assert {t.name for t in result.tried if t.baseline} == {"the majority class", WORDS.name}
    alone = FitSettings(backbone=backbone, cache=False, baselines=False)
    assert len(fit(read(texts, labels), alone).result.tried) == 1


def test_held_out_texts_take_no_part_in_words_or_weights() -> None:
    """Words of texts without any signal are judged at chance, over many repeats."""
    right = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        presence = sparse.csr_array((rng.random((60, 400)) < 0.02).astype(np.float32))
        codes = rng.permutation(np.arange(60) % 2)
        folds = stratified_folds(codes, seed=seed)
        found = nested_words(presence, codes, 2, fewest=ONE, folds=folds, search=False)
        right.append(np.mean(found.logits.argmax(axis=1) == codes))
    assert abs(np.mean(right) - 0.5) < 3 * 0.5 / np.sqrt(40 * 60)


def test_a_fold_does_not_change_what_others_are_told() -> None:
    """The head for a fold is the same whatever its own texts say."""
    rng = np.random.default_rng(0)
    presence = (rng.random((80, 120)) < 0.1).astype(np.float32)
    codes = np.arange(80) % 2
    folds = stratified_folds(codes)
    other = presence.copy()
    other[folds == 0] = rng.random((int((folds == 0).sum()), 120)) < 0.5
    one, two = (
        nested_words(sparse.csr_array(p), codes, 2, fewest=ONE[:120], folds=folds).of_fold[0]
        for p in (presence, other)
    )
    np.testing.assert_array_equal(one.words.columns, two.words.columns)
    np.testing.assert_array_equal(one.weight, two.weight)


def test_weights_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"w{a} w{b} w{c}" for a, b, c in np.random.default_rng(0).integers(0, 9, (50, 3))]
    theirs = TfidfVectorizer(binary=True)
    expected = theirs.fit_transform(texts)
    binary = sparse.csr_array((expected > 0).astype(np.float32))
    words = WordWeights.of(binary, ONE[: binary.shape[1]])
    np.testing.assert_allclose(words.rows(binary).toarray(), expected.toarray(), atol=1e-6)
