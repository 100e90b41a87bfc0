"""Good parts with a piece of a good part pasted on them: what a defect may be like."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from topwork.data import PLAIN, Item, framing_of
from topwork.features.forward import ordered_map
from topwork.heads.inspection.joined_maps import join_maps
from topwork.inductive.inspection.part_maps import PartMaps
from topwork.runtime.progress import Progress

Pixels = NDArray[np.uint8]

N_PIECES = 2
"""Images that are made of each."""

_AREA = (0.005, 0.03)
_ASPECT = 2.2
_TURN = 45.0
_BRIGHTNESS = (0.6, 1.4)
_COVER = (0.25, 1.0)
_WINDOW = 32


def paste_piece(image: Pixels, donor: Pixels, rng: np.random.Generator) -> Pixels:
    """The image with a piece of the donor at a random place.

    The piece is turned, brighter or darker, and lets the image shine through.

    Parameters
    ----------
    image, donor
        ``(h, w, 3)`` of one size.

    References
    ----------
    Li, Sohn, Yoon and Pfister 2021, CutPaste: self-supervised learning for anomaly detection and
    localization, section 2.2.

    Examples
    --------
    >>> image = np.full((64, 64, 3), 100, np.uint8)
    >>> pasted = paste_piece(image, image, np.random.default_rng(0))
    >>> bool(0.001 < (pasted != image).any(axis=2).mean() < 0.1)
    True
    """
    height, width = image.shape[:2]
    side = np.sqrt(rng.uniform(*_AREA) * height * width)
    aspect = np.exp(rng.uniform(-1, 1) * np.log(_ASPECT))
    w, h = (int(np.clip(one, 2, min(height, width) - 1)) for one in (side * aspect, side / aspect))
    x, to_x = rng.integers(0, width - w, 2)
    y, to_y = rng.integers(0, height - h, 2)
    angle, cover = rng.uniform(-_TURN, _TURN), rng.uniform(*_COVER)
    piece = np.clip(donor[y : y + h, x : x + w] * rng.uniform(*_BRIGHTNESS), 0, 255)
    turned = Image.fromarray(piece.astype(np.uint8)).rotate(angle, expand=True)
    mask = Image.new("L", (w, h), round(255 * cover)).rotate(angle, expand=True)
    pasted = Image.fromarray(image)
    pasted.paste(turned, (int(to_x), int(to_y)), mask)
    return np.asarray(pasted)


def pasted_rows(
    maps: PartMaps,
    chosen: NDArray[np.intp],
    folds: NDArray[np.integer],
    *,
    seed: int,
    progress: Progress,
) -> NDArray[np.float32]:
    """Features of the places of parts that pieces were pasted on, ``(m * N_PIECES, p, c)``.

    Parameters
    ----------
    chosen
        Positions of the m parts; pieces are of those of the same fold.
    folds
        Fold of each of the n parts, ``(n,)``.
    """
    rng, own, size = np.random.default_rng(seed), folds[chosen], maps.engine.batch
    images = list(ordered_map(lambda i: _pixels(maps, maps.data.items[i]), chosen, window=_WINDOW))
    pasted = [
        paste_piece(image, images[donor], rng)
        for image, fold in zip(images, own, strict=True)
        for donor in rng.choice(np.flatnonzero(own == fold), N_PIECES)
    ]
    batches = ((i, np.stack(pasted[i : i + size])) for i in range(0, len(pasted), size))
    found = dict[int, NDArray[np.float32]]()
    for i, outputs in maps.engine.run(batches):
        shapes = zip(outputs, maps.graph.shapes, strict=True)
        found[i] = join_maps([one.reshape(-1, *shape) for one, shape in shapes])
        progress(min(len(found) * size, len(pasted)), len(pasted))
    return np.concatenate([found[i] for i in sorted(found)])


def _pixels(maps: PartMaps, item: Item) -> Pixels:
    content = maps.data.kind.read(item)
    return maps.data.kind.decode(content, framing_of(PLAIN, maps.framing, content.key))
