"""Patches of real photographs that scikit-image ships: the images of the demo, and more of them."""

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


def write_other_camera(folder: Path, seed: int) -> None:
    """Write 20 patches of each lower half, as a darker, bluish and blurred camera sees them.

    They lie in one folder, and their names say nothing of what they show.
    """
    from PIL import Image, ImageFilter

    rng = np.random.default_rng((seed, 1))
    patches = [
        patch
        for photograph in SURFACES.values()
        for patch in _some(_patches(_lower(_grey(photograph))), 20, rng)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for number, i in enumerate(rng.permutation(len(patches))):
        grey = patches[i].astype(np.float64) * 0.55 + 12 + rng.normal(0, 3, (SIDE, SIDE))
        tinted = np.clip(grey[..., None] * np.array([0.75, 0.9, 1.2]), 0, 255).astype(np.uint8)
        image = Image.fromarray(tinted).filter(ImageFilter.GaussianBlur(0.8))
        image.save(folder / f"{number:03}.png")


def write_mosaics(folder: Path, seed: int) -> None:
    """Write 160 images of four patches each, and labels.csv with the labels in every image.

    The column ``brick_share`` is the share of the image that is brick: 0, 0.25, 0.5, 0.75 or 1,
    blurred by what a person who guesses it would be wrong.
    """
    from PIL import Image

    rng = np.random.default_rng((seed, 2))
    chosen = ("brick", "coins", "grass", "moon", "page")
    patches = {label: _patches(_grey(SURFACES[label])) for label in chosen}
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["path,label,brick_share"]
    for number in range(160):
        labels = [chosen[i] for i in rng.choice(len(chosen), 4, p=[0.4, 0.15, 0.15, 0.15, 0.15])]
        tiles = [patches[label][rng.integers(len(patches[label]))] for label in labels]
        whole = np.block([[tiles[0], tiles[1]], [tiles[2], tiles[3]]])
        Image.fromarray(whole).save(folder / f"{number:03}.png")
        share = min(1.0, max(0.0, labels.count("brick") / 4 + rng.normal(0, 0.02)))
        rows.append(f"{number:03}.png,{';'.join(sorted(set(labels)))},{share:.3f}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")


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


def _lower(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return grey[len(grey) // 2 :]


def _some(
    patches: list[NDArray[np.uint8]], n: int, rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    return [patches[i] for i in np.sort(rng.permutation(len(patches))[:n])]
