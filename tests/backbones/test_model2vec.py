"""Static embeddings: the mean of the vectors of a text's known words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.language import BAD, GOOD, OTHER, SPECIAL, reviews, tokenizer
from topwork.backbones import resolve
from topwork.data import read, read_items
from topwork.errors import BackboneError
from topwork.inductive import FitSettings, TextClassifier, fit
from topwork.model import load

WORDS = (*SPECIAL, *GOOD, *BAD, *OTHER)
TEXTS = ["fine lovely word3", "dull", "nothing known here", "fine unheard word3 word3"]


def table_folder(
    folder: Path, tensors: dict[str, np.ndarray], *, unit: bool, place: str = ""
) -> Path:
    """A model as its library saves it, over the words of the tests."""
    (folder / place).mkdir(parents=True)
    save_file(tensors, folder / place / "model.safetensors")
    (folder / place / "tokenizer.json").write_text(tokenizer(special=True))
    if place:
        kinds = ["StaticEmbedding", "Normalize"][: 1 + unit]
        modules = [{"type": f"sentence_transformers.models.{kind}"} for kind in kinds]
        (folder / "modules.json").write_text(json.dumps(modules))
    else:
        (folder / "config.json").write_text(json.dumps({"normalize": unit}))
    return folder


def table_vectors(rows: int = len(WORDS)) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, 16)).astype(np.float32)


def _expected(text: str, table: np.ndarray, *, unit: bool) -> np.ndarray:
    known = [WORDS.index(word) for word in text.split() if word in WORDS]
    total = table[known].sum(axis=0)
    if unit:
        return total / max(np.linalg.norm(total), 1e-12)
    return total / max(len(known), 1)


def _features(name: str) -> np.ndarray:
    texts, labels = reviews(40)
    model = TextClassifier(name, cache=False, baselines=False).fit(texts, labels).model_
    return model.predictions(read_items(TEXTS, kind="text")).features


@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize("place", ["", "0_StaticEmbedding"])
def test_a_text_is_the_mean_of_its_known_words(unit: bool, place: str, tmp_path: Path) -> None:
    table = table_vectors()
    key = "embedding.weight" if place else "embeddings"
    folder = table_folder(tmp_path / "m", {key: table}, unit=unit, place=place)
    got = _features(f"model2vec:tiny@{folder}")
    wanted = np.array([_expected(text, table, unit=unit) for text in TEXTS])
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_words_that_share_a_vector_and_have_weights(tmp_path: Path) -> None:
    mapping = (np.arange(len(WORDS)) % 10).astype(np.int32)
    weights = np.linspace(0.1, 1, len(WORDS)).astype(np.float64)
    tensors = {"embeddings": table_vectors(10), "mapping": mapping, "weights": weights}
    folder = table_folder(tmp_path / "m", tensors, unit=False)
    table = table_vectors(10)[mapping] * weights[:, None]
    wanted = np.array([_expected(text, table, unit=False) for text in TEXTS])
    np.testing.assert_allclose(_features(f"model2vec:tiny@{folder}"), wanted, atol=1e-5)


def test_a_model_with_it_is_saved_and_answers_the_same(tmp_path: Path) -> None:
    folder = table_folder(tmp_path / "m", {"embeddings": table_vectors()}, unit=True)
    texts, labels = reviews(80)
    settings = FitSettings(backbone=f"model2vec:tiny@{folder}", cache=False, baselines=False)
    fitted = fit(read(texts, labels), settings, save_to=tmp_path / "b.topwork")
    again = load(tmp_path / "b.topwork")
    assert again.card.backbone == "model2vec:tiny"
    new, truth = reviews(60, seed=1)
    np.testing.assert_array_equal(again.predict_proba(new), fitted.model.predict_proba(new))
    assert (again.predict(new) == np.array(truth)).mean() > 0.8
    sealed = resolve(f"model2vec:tiny@{tmp_path / 'b.topwork' / 'weights.safetensors'}")
    assert sealed.fingerprint == again.card.backbone_fingerprint


def test_what_is_no_such_model(tmp_path: Path) -> None:
    tmp_path.joinpath("tokenizer.json").write_text(tokenizer(special=False))
    with pytest.raises(BackboneError, match=r"no tokenizer.json beside"):
        resolve(f"model2vec:tiny@{tmp_path}")
    save_file({"other": table_vectors()}, tmp_path / "model.safetensors")
    with pytest.raises(BackboneError, match="no table of vectors"):
        resolve(f"model2vec:tiny@{tmp_path}")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(BackboneError, match=r"config\.json is not what"):
        resolve(f"model2vec:tiny@{tmp_path}")
    (tmp_path / "config.json").unlink()
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(BackboneError, match="no safetensors file"):
        resolve(f"model2vec:tiny@{tmp_path}")
