"""Images as the model takes them, by preprocess.json: needs Pillow and numpy.

``python preprocess.py`` checks itself on golden.npz.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps


def prepared(image: Image.Image, told: Mapping[str, Any]) -> Any:
    """What the model takes of a PIL image, uint8 ``(height, width, 3)``."""
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        layer, paper = image.convert("RGBA"), (told["background"],) * 3
        image = Image.new("RGB", image.size, paper)
        image.paste(layer, mask=layer.getchannel("A"))
    image, (height, width) = image.convert("RGB"), (told["height"], told["width"])
    box: tuple[float, float, float, float] = (0, 0, *image.size)
    size = (width, height)
    if told["geometry"] == "pad":
        scale = min(width / image.width, height / image.height)
        inner_width = min(width, max(1, round(image.width * scale)))
        size = (inner_width, min(height, max(1, round(image.height * scale))))
    elif told["geometry"] == "crop":
        fraction = told["crop_fraction"]
        scale = max(width / fraction / image.width, height / fraction / image.height)
        across, down = min(width / scale, image.width), min(height / scale, image.height)
        left, top = (image.width - across) / 2, (image.height - down) / 2
        box = (left, top, left + across, top + down)
    kernel = Image.Resampling[told["interpolation"].upper()]
    resized = image.resize(size, kernel, box, told["reducing_gap"])
    whole = np.full((height, width, 3), told["padding"], np.uint8)
    x, y = (width - size[0]) // 2, (height - size[1]) // 2
    whole[y : y + size[1], x : x + size[0]] = np.asarray(resized)
    return whole


def differences(told: Mapping[str, Any], golden: Mapping[str, Any]) -> list[int]:
    """By how many grey levels, at most, each pair in golden.npz differs."""
    n = sum(name.startswith("given") for name in golden)
    pairs = [(golden[f"given_{i}"], golden[f"prepared_{i}"]) for i in range(n)]
    return [
        int(np.abs(prepared(Image.fromarray(given), told).astype(int) - expected).max())
        for given, expected in pairs
    ]


if __name__ == "__main__":
    folder = Path(__file__).parent
    told = json.loads((folder / "preprocess.json").read_text())
    worst = max(differences(told, np.load(folder / "golden.npz")))
    print(f"Prepared images differ by {worst} grey levels.")
    sys.exit(worst > 0)
