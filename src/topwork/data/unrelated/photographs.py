"""Photographs that two dependencies ship, so that they are there without a network."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from topwork.data.item import Item

_SHIPPED = {
    "skimage": (
        "data",
        (
            "astronaut.png",
            "brick.png",
            "camera.png",
            "cell.png",
            "chelsea.png",
            "clock_motion.png",
            "coffee.png",
            "coins.png",
            "color.png",
            "grass.png",
            "gravel.png",
            "horse.png",
            "hubble_deep_field.jpg",
            "ihc.png",
            "logo.png",
            "microaneurysms.png",
            "moon.png",
            "motorcycle_left.png",
            "page.png",
            "phantom.png",
            "retina.jpg",
            "rocket.jpg",
            "text.png",
        ),
    ),
    "sklearn": ("datasets/images", ("china.jpg", "flower.jpg")),
}
"""By package, the folder and the files in the wheel; other versions may lack some."""


def photographs() -> list[Item]:
    """Those that are installed; nothing is imported, read or fetched."""
    found: list[Item] = []
    for package, (folder, names) in _SHIPPED.items():
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            continue
        files = [Path(spec.origin).parent / folder / name for name in names]
        found += [Item(f"photograph {file.stem}", path=file) for file in files if file.is_file()]
    return found
