"""Augmented copies of pictures, and frames of moving cameras, written as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance
from scipy import ndimage

Pixels = np.ndarray
"""uint8 (h, w, 3)."""

Naming = Callable[[int, int, str, np.random.Generator], str]
"""The name of a copy: its original, its number, what was done, and something random."""


def rotated_or_mirrored(
    pixels: Pixels, number: int, rng: np.random.Generator
) -> tuple[Pixels, str]:
    """One of the eight ways to lay a square, lit a little differently."""
    turns, flip = number % 4, number // 4 % 2
    out = np.rot90(pixels[:, ::-1] if flip else pixels, turns)
    return _lit(out, rng.uniform(0.85, 1.15)), f"{'flip_' if flip else ''}rot{90 * turns}"


def like_keras(pixels: Pixels, number: int, rng: np.random.Generator) -> tuple[Pixels, str]:
    """Rotated, shifted, sheared, mirrored and darkened, as tutorials of Keras do it."""
    if number == 0:
        return pixels, "plain"
    angle, shear = np.deg2rad(rng.uniform(-10, 10)), np.deg2rad(rng.uniform(-6, 6))
    h, w = pixels.shape[:2]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, -np.sin(shear)], [0, np.cos(shear)]])
    if rng.random() < 0.5:
        matrix = matrix @ np.diag([1, -1])
    if rng.random() < 0.5:
        matrix = matrix @ np.diag([-1, 1])
    centre = np.array([h - 1, w - 1]) / 2
    shift = rng.uniform(-0.1, 0.1, 2) * (h, w)
    offset = centre - matrix @ (centre + shift)
    out = np.stack(
        [
            ndimage.affine_transform(pixels[..., c], matrix, offset, order=1, mode="nearest")
            for c in range(3)
        ],
        axis=-1,
    )
    return _lit(out, rng.uniform(0.3, 1.0)), "aug"


def cropped_or_noisy(
    pixels: Pixels,
    number: int,  # noqa: ARG001
    rng: np.random.Generator,
) -> tuple[Pixels, str]:
    """A crop of 80 to 95 % of each side, noise, another light."""
    h, w = pixels.shape[:2]
    share = rng.uniform(0.8, 0.95)
    ch, cw = round(share * h), round(share * w)
    y, x = rng.integers(0, h - ch + 1), rng.integers(0, w - cw + 1)
    out = np.asarray(Image.fromarray(pixels[y : y + ch, x : x + cw]).resize((w, h)))
    out = out + rng.normal(0, 8, out.shape)
    return _lit(out, rng.uniform(0.7, 1.3)), "crop"


def frames(pixels: Pixels, number: int, rng: np.random.Generator) -> tuple[Pixels, str]:
    """A window that moves on by 3 % of the side from frame to frame, with noise."""
    h, w = pixels.shape[:2]
    ch, cw = round(0.75 * h), round(0.75 * w)
    step = round(0.03 * min(h, w)) * number
    y, x = min(step, h - ch), min(step, w - cw)
    out = pixels[y : y + ch, x : x + cw] + rng.normal(0, 4, (ch, cw, 3))
    return _lit(out, 1.0), "frame"


def marked(original: int, number: int, what: str, rng: np.random.Generator) -> str:  # noqa: ARG001
    """As ``img0012_rot90_3``."""
    return f"img{original:04}_{what}_{number}"


def keras_named(original: int, number: int, what: str, rng: np.random.Generator) -> str:  # noqa: ARG001
    """As ``aug_Y12_0_2052``: what Keras makes of a prefix."""
    return f"aug_Y{original}_0_{1250 * number + rng.integers(1250)}"


def random_names(original: int, number: int, what: str, rng: np.random.Generator) -> str:  # noqa: ARG001
    """Names that tell nothing."""
    return f"{rng.integers(1 << 62):016x}"


def frame_names(original: int, number: int, what: str, rng: np.random.Generator) -> str:  # noqa: ARG001
    """As ``clip12_frame_0003``."""
    return f"clip{original}_frame_{number:04}"


KINDS: dict[str, tuple[Callable[..., tuple[Pixels, str]], Naming]] = {
    "rotations and mirrors, marked names": (rotated_or_mirrored, marked),
    "rotations and mirrors, random names": (rotated_or_mirrored, random_names),
    "frames of a moving camera": (frames, frame_names),
    "like Keras, its names": (like_keras, keras_named),
    "like Keras, random names": (like_keras, random_names),
    "crops and noise, random names": (cropped_or_noisy, random_names),
    "frames, random names": (frames, random_names),
}


@dataclass(frozen=True)
class Augmented:
    """Files in class folders, and the original of each by its path."""

    folder: Path
    original: dict[str, int]


def augment(
    pictures: Sequence[Pixels],
    labels: Sequence[str],
    folder: Path,
    *,
    kind: str,
    copies: int,
    seed: int,
) -> Augmented:
    """Write ``copies`` changed copies of each picture."""
    change, naming = KINDS[kind]
    rng = np.random.default_rng(seed)
    original: dict[str, int] = {}
    for i, (pixels, label) in enumerate(zip(pictures, labels, strict=True)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(copies):
            out, what = change(pixels, number, rng)
            path = folder / label / f"{naming(i, number, what, rng)}.jpg"
            Image.fromarray(out).save(path, quality=92)
            original[str(path)] = i
    return Augmented(folder, original)


def _lit(pixels: np.ndarray, factor: float) -> Pixels:
    lit = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(lit)).enhance(factor))
