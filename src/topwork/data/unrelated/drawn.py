"""Drawn images of seven kinds, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 192
PER_GROUP = 4
_SEED = 20

Image = NDArray[np.uint8]


def drawn_images() -> dict[str, list[Image]]:
    """``PER_GROUP`` images ``(SIDE, SIDE, 3)`` for each kind of drawing.

    Examples
    --------
    >>> {image.shape for image in drawn_images()["noise"]}
    {(192, 192, 3)}
    """
    return {
        group: [draw(np.random.default_rng((_SEED, i, number))) for number in range(PER_GROUP)]
        for i, (group, draw) in enumerate(_DRAWINGS.items())
    }


def _noise(rng: np.random.Generator) -> Image:
    return rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def _clouds(rng: np.random.Generator) -> Image:
    """Coloured noise with a power spectrum of 1/f², as natural images have."""
    lengths = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None])
    lengths[0, 0] = 1.0
    white = rng.standard_normal((3, SIDE, SIDE))
    smooth = np.fft.ifft2(np.fft.fft2(white) / lengths).real
    return _scaled(smooth.transpose(1, 2, 0))


def _gradient(rng: np.random.Generator) -> Image:
    across, down = np.meshgrid(*2 * [np.linspace(0, 1, SIDE)])
    ways = rng.uniform(-1, 1, (2, 3))
    return _scaled(across[..., None] * ways[0] + down[..., None] * ways[1])


def _pattern(rng: np.random.Generator) -> Image:
    """Stripes across stripes."""
    across, down = np.meshgrid(*2 * [np.arange(SIDE)])
    period, angle = rng.uniform(6, 40), rng.uniform(0, np.pi)
    along = np.cos(angle) * across + np.sin(angle) * down
    other = np.cos(angle) * down - np.sin(angle) * across
    on = (np.sin(2 * np.pi * along / period) > 0) ^ (np.sin(2 * np.pi * other / period) > 0)
    return np.where(on[..., None], _colour(rng), _colour(rng)).astype(np.uint8)


def _shapes(rng: np.random.Generator) -> Image:
    def draw(canvas: Any) -> None:
        for _ in range(6):
            x, y, width, height = rng.integers(10, SIDE - 60, 4).tolist()
            box = (x, y, x + width // 2 + 20, y + height // 2 + 20)
            outline = canvas.ellipse if rng.random() < 0.5 else canvas.rectangle
            outline(box, fill=_colour(rng))

    return _on_canvas(draw, _colour(rng))


def _writing(rng: np.random.Generator) -> Image:
    letters = list("abcdefghijklmnopqrstuvwxyz     0123456789.,")

    def draw(canvas: Any) -> None:
        for y in range(8, SIDE - 16, 14):
            canvas.text((8, y), "".join(rng.choice(letters, 28)), fill=(20, 20, 20))

    return _on_canvas(draw, (250, 250, 245))


def _lines(rng: np.random.Generator) -> Image:
    def draw(canvas: Any) -> None:
        for _ in range(12):
            points = rng.integers(0, SIDE, 6).tolist()
            canvas.line(points, fill=(30, 30, 30), width=int(rng.integers(1, 5)))

    return _on_canvas(draw, (255, 255, 255))


_DRAWINGS: dict[str, Callable[[np.random.Generator], Image]] = {
    "noise": _noise,
    "clouds": _clouds,
    "gradients": _gradient,
    "patterns": _pattern,
    "shapes": _shapes,
    "writing": _writing,
    "lines": _lines,
}


def _on_canvas(draw: Callable[[Any], None], background: tuple[int, ...]) -> Image:
    import PIL.Image
    from PIL import ImageDraw

    image = PIL.Image.new("RGB", (SIDE, SIDE), background)
    draw(ImageDraw.Draw(image))
    return np.asarray(image)


def _colour(rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(rng.integers(0, 256, 3).tolist())


def _scaled(values: NDArray[np.floating]) -> Image:
    channels = [values[..., channel] for channel in range(values.shape[2])]  # 5 times faster
    low, high = np.array([(one.min(), one.max()) for one in channels]).T
    return np.asarray(255 * (values - low) / np.maximum(high - low, 1e-9), np.uint8)
