"""The demo's images: patches of real photographs that scikit-image ships."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SURFACES = {
    "brick": "brick.png",
    "coins": "coins.png",
    "deep sky": "hubble_deep_field.jpg",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "moon": "moon.png",
    "page": "page.png",
    "retina": "retina.jpg",
    "stained tissue": "ihc.png",
}
"""Label of each surface, and the file of its photograph in ``skimage.data``."""

SIDE = 64
LABELS_PER_CLASS = 5
TEST_PER_CLASS = 40


def write_surfaces(folder: Path, seed: int) -> None:
    """Write ``train/`` and ``test/`` class folders of grey patches of ``SIDE`` pixels.

    Training patches come from the upper half of each photograph and test patches from the
    lower one; no two overlap.
    """
    rng = np.random.default_rng(seed)
    for label, photograph in SURFACES.items():
        grey = _grey(photograph)
        half = len(grey) // 2
        for split, part, n in (
            ("train", grey[:half], LABELS_PER_CLASS),
            ("test", grey[half:], TEST_PER_CLASS),
        ):
            patches = _patches(part)
            chosen = np.sort(rng.permutation(len(patches))[:n])
            _write(folder / split / label, [patches[i] for i in chosen])


def _grey(photograph: str) -> NDArray[np.uint8]:
    from PIL import Image

    found = importlib.util.find_spec("skimage")  # importing it would take a second
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'skimage'", name="skimage")
    with Image.open(Path(found.origin).parent / "data" / photograph) as image:
        return np.asarray(image.convert("L"))


def _patches(grey: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    rows, columns = grey.shape[0] // SIDE, grey.shape[1] // SIDE
    return [
        grey[r * SIDE : (r + 1) * SIDE, c * SIDE : (c + 1) * SIDE]
        for r in range(rows)
        for c in range(columns)
    ]


def _write(folder: Path, patches: list[NDArray[np.uint8]]) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for number, patch in enumerate(patches):
        Image.fromarray(patch).save(folder / f"{number:03}.png")
