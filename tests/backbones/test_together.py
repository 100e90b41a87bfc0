"""Several networks as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from topwork.backbones import POOLED, resolve
from topwork.backbones.engines import open_engine
from topwork.data import read
from topwork.errors import BackboneError
from topwork.inductive import FitSettings, fit
from topwork.model import load

SMALL, OTHER = "random:lcnet_050/64", "random:mobilenetv3_small_050/64"


def _unit(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(x, dim=1)


def test_its_vector_is_those_of_its_parts() -> None:
    both, parts = resolve(f"{SMALL}+{OTHER}"), [resolve(SMALL), resolve(OTHER)]
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        found = both.load().before[POOLED](images)
        expected = []
        for part in parts:
            mean, std = (
                torch.tensor(v).view(1, 3, 1, 1) for v in (part.input.mean, part.input.std)
            )
            expected.append(_unit(part.load().before[POOLED]((images - mean) / std)))
    torch.testing.assert_close(found, torch.cat(expected, dim=1), rtol=1e-4, atol=1e-5)
    assert both.name == f"{SMALL}+{OTHER}"
    assert both.fingerprint != resolve(f"{OTHER}+{SMALL}").fingerprint


def test_mirrored_pictures_look_the_same_to_it() -> None:
    network = resolve(f"{SMALL}+mirrored").load()
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        one, other = (network.before[POOLED](x) for x in (images, images.flip(3)))
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_several_depths_are_the_means_of_their_maps() -> None:
    deep, plain = resolve(f"{SMALL}+depths").load(), resolve(SMALL)
    network, spec = plain.load(), plain.input
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (spec.mean, spec.std))
    with torch.inference_mode():
        found = deep.before[POOLED](images)
        vectors = []
        for cut in network.cuts[-4:]:
            features = network.before[cut]((images - mean) / std)
            vectors.append(_unit(features.mean((2, 3)) if features.ndim == 4 else features))
    assert found.shape[1] == deep.width == sum(v.shape[1] for v in vectors)
    torch.testing.assert_close(found, _unit(torch.cat(vectors, dim=1)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["random:test_vit", "random:mambaout_femto/64"])
def test_depths_have_as_many_values_as_channels_where_these_come_last(name: str) -> None:
    network = resolve(name).load()
    widths = [max(network.shapes[cut][-1:]) for cut in network.cuts[-4:]]
    assert resolve(f"{name}+depths").load().width == sum(widths)


def test_a_modifier_holds_for_the_networks_before_it() -> None:
    mixed = resolve(f"{SMALL}+depths+mirrored+{OTHER}")
    assert mixed.name == f"{SMALL}+depths+mirrored+{OTHER}"
    assert resolve(f"{SMALL}+mirrored+depths").name == f"{SMALL}+depths+mirrored"
    plain = resolve(OTHER).load().width
    assert mixed.load().width == resolve(f"{SMALL}+depths").load().width + plain
    assert mixed.fingerprint != resolve(f"{SMALL}+{OTHER}+depths+mirrored").fingerprint


def test_compiled_it_gives_the_same(session_cache: Path) -> None:
    both = resolve(f"{SMALL}+packaged:efficientnet_lite0/96+depths+mirrored")
    assert (both.input.height, both.input.width) == (96, 96)
    engine, graph = open_engine(both, cut=POOLED, graphs=session_cache / "graphs")
    assert graph.faithful
    assert engine.name == "openvino"
    assert graph.shape == both.load().shapes[POOLED]


@pytest.mark.parametrize("other", [OTHER, "packaged:efficientnet_lite0/64+depths", "pixels"])
def test_a_saved_model_runs_on_torch_from_its_own_weights(
    other: str, drawn: Path, session_cache: Path, tmp_path: Path
) -> None:
    settings = FitSettings(backbone=f"{SMALL}+{other}", baselines=False)
    model = fit(read(drawn), settings, save_to=tmp_path / "m.topwork").model
    assert model.card.backbone == f"{SMALL}+{other}"
    compiled = model.predict_proba(drawn)
    eager = load(tmp_path / "m.topwork", engine="torch").predict_proba(drawn)
    np.testing.assert_allclose(compiled, eager, atol=0.02)


@pytest.mark.parametrize("name", ["mirrored", f"{SMALL}+", "+", "mirrored+mirrored"])
def test_names_without_a_network_are_refused(name: str) -> None:
    with pytest.raises(BackboneError):
        resolve(name)


def test_foreign_tensors_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(3)}, tmp_path / "w.safetensors")
    with pytest.raises(BackboneError, match="not those of these networks"):
        resolve(f"{SMALL}+{OTHER}@{tmp_path / 'w.safetensors'}").load()
