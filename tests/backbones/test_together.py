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

SMALL, OTHER = "random:lcnet_050", "random:mobilenetv3_small_050"


def _unit(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(x, dim=1)


def test_its_vector_is_those_of_its_parts() -> None:
    both, parts = resolve(f"{SMALL}+{OTHER}"), [resolve(SMALL), resolve(OTHER)]
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
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
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        one, other = (network.before[POOLED](x) for x in (images, images.flip(3)))
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_compiled_it_gives_the_same(session_cache: Path) -> None:
    both = resolve(f"{SMALL}+packaged:efficientnet_lite2+mirrored")
    assert (both.input.height, both.input.width) == (260, 260)
    engine, graph = open_engine(both, cut=POOLED, graphs=session_cache / "graphs")
    assert graph.faithful
    assert engine.name == "openvino"
    assert graph.shape == both.load().shapes[POOLED]


@pytest.mark.parametrize("other", [OTHER, "packaged:efficientnet_lite0", "pixels"])
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
