"""Two domains of one task, drawn: patterns, and the same in other colours, inverted and noisier."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit
from topwork.transductive import Adapted, AdaptSettings, adapt

BACKBONE = "packaged:efficientnet_lite0/96"
SHALLOW = AdaptSettings(deep=False)
CLASSES = ("checks", "rings", "stripes")


def _image(kind: str, rng: np.random.Generator) -> np.ndarray:
    """A pattern with a random scale, place and contrast, grey levels 0 to 1, (64, 64)."""
    y, x = np.mgrid[:64, :64] + rng.uniform(0, 30, size=(2, 1, 1))
    step = rng.uniform(5, 9)
    wave = {
        "checks": np.sign(np.sin(x * 3 / step)) * np.sign(np.sin(y * 3 / step)),
        "rings": np.sin(np.hypot(x - 45, y - 45) * 3 / step),
        "stripes": np.sin((x + y) * 3 / step),
    }[kind]
    return 0.5 + 0.35 * wave + 0.08 * rng.standard_normal((64, 64))


def domain(seed: int, *, other: bool, n: int = 30) -> tuple[list[np.ndarray], list[str]]:
    """Coloured patterns; in the other domain inverted, in other colours, and noisier."""
    rng = np.random.default_rng(seed)
    labels = [kind for kind in CLASSES for _ in range(n)]
    tint = (0.4, 0.9, 1.0) if other else (1.0, 0.8, 0.6)
    pictures = []
    for kind in labels:
        grey = _image(kind, rng)
        if other:
            grey = 0.9 - 0.5 * grey + 0.25 * rng.standard_normal(grey.shape)
        rgb = np.stack([grey * part for part in tint], axis=-1)
        pictures.append((255 * rgb.clip(0, 1)).astype(np.uint8))
    return pictures, labels


@pytest.fixture(scope="session")
def fitted(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images of the first domain and the model of them, fitted here.

    Each worker fits its own: adapting looks for what the fit left in its cache.
    """
    folder = tmp_path_factory.mktemp("two-domains")
    for i, (picture, label) in enumerate(zip(*domain(0, other=False), strict=True)):
        (folder / "home" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / "home" / label / f"{i}.png")
    settings = FitSettings(backbone=BACKBONE, baselines=False)
    fit(read(folder / "home"), settings, save_to=folder / "home.topwork")
    return folder


@pytest.fixture(scope="session")
def home(fitted: Path) -> Path:
    """Nobody may write here."""
    return fitted / "home"


@pytest.fixture(scope="session")
def bundle(fitted: Path) -> Path:
    """Nobody may write here."""
    return fitted / "home.topwork"


@pytest.fixture(scope="session")
def away() -> Dataset:
    return read(*domain(1, other=True))


@pytest.fixture(scope="session")
def done(bundle: Path, away: Dataset) -> Adapted:
    """The model adapted to the other domain, without training its network."""
    return adapt(bundle, away, SHALLOW)


@pytest.fixture(scope="module")
def away_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The items of ``away`` as files of one folder, without labels."""
    folder = tmp_path_factory.mktemp("away")
    for i, picture in enumerate(domain(1, other=True)[0]):
        Image.fromarray(picture).save(folder / f"{i:02}.png")
    return folder
