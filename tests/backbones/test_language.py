"""Networks for texts: what they give depends on the text alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.language import model_folder
from topwork.backbones import Backbone, TokenInput, resolve
from topwork.backbones.engines import TorchEngine, graph_cost, open_engine
from topwork.backbones.engines.engine import probe_tokens, relative_difference
from topwork.backbones.sources.language import sentence_of
from topwork.errors import BackboneError

MODULES = [
    {"type": "sentence_transformers.models.Transformer"},
    {"type": "sentence_transformers.models.Pooling"},
    {"type": "sentence_transformers.models.Normalize"},
]


def _sentence_files(**flags: object) -> dict[str, object]:
    return {"modules": MODULES, "pooling": flags, "sentence_bert_config": {"max_seq_length": 12}}


FOLDERS = {
    "bert": ("bert", {}),
    "gpt2": ("gpt2", {}),
    "cls": ("bert", _sentence_files(pooling_mode_cls_token=True)),
    "max": ("bert", _sentence_files(pooling_mode="max")),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {n: model_folder(root / n, kind, **files) for n, (kind, files) in FOLDERS.items()}


@pytest.fixture(scope="module", params=FOLDERS)
def backbone(request, folders) -> Backbone:
    return resolve(f"transformers:tiny@{folders[request.param]}")


def _run(engine, tokens: np.ndarray) -> np.ndarray:
    ((_, (features,)),) = engine.run([(0, tokens.astype(np.int32))])
    return features


def test_features_depend_neither_on_batch_mates_nor_on_filling(backbone, session_cache) -> None:
    engine, graph = open_engine(
        backbone,
        cut="pooled",
        name="openvino",
        precision="float32",
        graphs=session_cache / "graphs",
    )
    assert graph.faithful
    eager = TorchEngine(backbone, cut="pooled", precision="float32")
    tokens = probe_tokens(backbone.input, 8, 12)
    together = _run(engine, tokens)
    assert together.shape == (8, *graph.shape) == (8, 32)
    assert relative_difference(_run(eager, tokens), together) < 1e-4
    filled = np.pad(tokens, ((0, 0), (0, 9)), constant_values=-1)
    assert relative_difference(_run(engine, filled), together) < 1e-4
    assert relative_difference(_run(engine, tokens[::-1]), together[::-1]) < 1e-4
    for i, row in enumerate(tokens):
        alone = row[row >= 0][None]
        assert relative_difference(_run(engine, alone), together[i : i + 1]) < 1e-4
    nothing = np.full((1, 8), -1)
    assert np.isfinite(_run(engine, nothing)).all()
    assert graph_cost(graph).multiply_adds > 0


def test_another_text_has_other_features(backbone) -> None:
    eager = TorchEngine(backbone, cut="pooled")
    tokens = probe_tokens(backbone.input, 4, 12)
    tokens[1] = tokens[0]
    tokens[1, 3] = (tokens[0, 3] + 1) % backbone.input.vocabulary
    found = _run(eager, tokens)
    assert relative_difference(found[1:2], found[:1]) > 1e-4


def test_how_tokens_are_pooled(folders) -> None:
    import torch

    tokens = torch.tensor([[4, 5, 6, -1], [4, 5, -1, -1]])
    ids, mask = tokens.clamp(min=0), (tokens >= 0).long()
    for name in FOLDERS:
        network = resolve(f"transformers:tiny@{folders[name]}").load()
        with torch.inference_mode():
            hidden = network.module(input_ids=ids, attention_mask=mask).last_hidden_state
            found = network.pooling(tokens)
        rows = {
            "bert": torch.stack([hidden[0, :3].mean(0), hidden[1, :2].mean(0)]),
            "gpt2": torch.stack([hidden[0, 2], hidden[1, 1]]),
            "cls": torch.nn.functional.normalize(hidden[:, 0], dim=1),
            "max": torch.nn.functional.normalize(
                torch.stack([hidden[0, :3].amax(0), hidden[1, :2].amax(0)]), dim=1
            ),
        }
        assert torch.allclose(found, rows[name], atol=1e-5), name


def test_the_shortest_of_all_lengths_holds(folders) -> None:
    lengths = {n: resolve(f"transformers:tiny@{folders[n]}").input.max_length for n in FOLDERS}
    assert lengths == {"bert": 32, "gpt2": 32, "cls": 12, "max": 12}


def test_a_bundle_s_tensors_say_how_to_build_the_network(backbone, session_cache) -> None:
    _, graph = open_engine(backbone, cut="pooled", graphs=session_cache / "graphs")
    again = resolve(f"transformers:tiny@{graph.weights}")
    assert again.fingerprint == backbone.fingerprint
    assert isinstance(again.input, TokenInput)
    assert again.input.tokenizer == backbone.input.tokenizer
    tokens = probe_tokens(backbone.input, 4, 12)
    ours, theirs = (_run(TorchEngine(b, cut="pooled"), tokens) for b in (backbone, again))
    assert relative_difference(ours, theirs) < 1e-6


def test_what_is_not_known_is_refused(folders) -> None:
    with pytest.raises(BackboneError, match="Dense, which is not known"):
        sentence_of(
            {"modules.json": '[{"type":"m.Transformer"},{"type":"m.Pooling"},{"type":"m.Dense"}]'}
        )
    files = {"modules.json": json.dumps(MODULES)}
    unknown = ({"pooling_mode_weightedmean_tokens": True}, {}, {"pooling_mode": "sum"})
    several = {"pooling_mode_cls_token": True, "pooling_mode_max_tokens": True}
    for pooling in (*unknown, several):
        with pytest.raises(BackboneError, match="pools its tokens in a way"):
            sentence_of(files | {"1_Pooling/config.json": json.dumps(pooling)})
    with pytest.raises(BackboneError, match="takes texts, and this is for images"):
        resolve(f"transformers:tiny@{folders['bert']}").images  # noqa: B018


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
def test_several_depths_are_its_last_blocks_in_a_row(kind: str, folders) -> None:
    """Blocks one by one, by the library; a window more or less changes nothing."""
    import torch

    plain = resolve(f"transformers:tiny@{folders[kind]}")
    deep = resolve(f"transformers:tiny/depths@{folders[kind]}")
    assert deep.name == "transformers:tiny/depths"
    assert deep.fingerprint != plain.fingerprint
    network = deep.load()
    assert network.width == 2 * 32  # it has two blocks
    tokens = torch.tensor([[5, 9, 12, -1], [7, 8, -1, -1]], dtype=torch.int32)
    found = network.pooling(tokens)
    model = plain.load().module
    ids = torch.where(tokens >= 0, tokens, 0).long()
    with torch.inference_mode():
        states = model(
            input_ids=ids, attention_mask=(tokens >= 0).long(), output_hidden_states=True
        ).hidden_states[1:]
    there = (tokens >= 0).float()[..., None]
    for i, hidden in enumerate(states):
        means = (hidden * there).sum(dim=1) / there.sum(dim=1)
        last = hidden[torch.arange(2), (tokens >= 0).sum(dim=1) - 1]
        wanted = torch.nn.functional.normalize(means if kind == "bert" else last, dim=1)
        torch.testing.assert_close(found[:, 32 * i : 32 * (i + 1)], wanted, atol=1e-5, rtol=1e-4)


def test_only_language_models_have_these_depths() -> None:
    with pytest.raises(BackboneError, match=r"efficientnet_lite0\+depths"):
        resolve("packaged:efficientnet_lite0/depths")
