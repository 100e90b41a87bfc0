"""A model to go on from, new data, and what came of going on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.inductive.continual.drawn import PLAIN, draw_folders
from topwork.data import read
from topwork.inductive import FitSettings, Fitted, fit
from topwork.model import load


@pytest.fixture(scope="package")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the earlier model is fitted on: more images than it remembers rows."""
    return draw_folders(tmp_path_factory.mktemp("earlier") / "shapes", 0, discs=26, stripes=26)


@pytest.fixture(scope="package")
def bundle(images: Path, session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "shapes.topwork"
    fit(read(images), PLAIN, save_to=path)
    return path


@pytest.fixture(scope="package")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folders(tmp_path_factory.mktemp("new") / "data", 1, noise=10)


@pytest.fixture(scope="package")
def continual_part(bundle: Path, noise: Path) -> Fitted:
    """One new class alone."""
    return fit(read(noise), FitSettings(start=bundle, false_alarm_rate=0.2))


@pytest.fixture(scope="package")
def tuned(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose network was trained, from weights that are no longer there."""
    import torch
    from safetensors.torch import save_file

    from topwork.backbones.sources.timm import build

    folder = tmp_path_factory.mktemp("tuned")
    torch.manual_seed(7)
    tensors = build("lcnet_050", n_classes=0).state_dict()
    save_file({name: t.contiguous() for name, t in tensors.items()}, folder / "w.safetensors")
    weights = f"timm:lcnet_050@{folder / 'w.safetensors'}"
    settings = replace(PLAIN, backbone=weights, strategy="partial")
    path = folder / "tuned.topwork"
    # too few images to compare models on, so that the trained one is taken
    fit(read(draw_folders(folder / "few", 5, discs=12, stripes=12)), settings, save_to=path)
    assert load(path).card.strategy == "partial"
    (folder / "w.safetensors").unlink()
    return path
