"""Thumbnails of all items, kept in the store like any other feature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH, Features, Images, Tag
from topwork.data import DECODER_VERSION, Dataset
from topwork.features import Fingerprint, LanceStore, MemoryStore, Progress, extract
from topwork.quality.thumbnails import DECODED, SIDE, thumbnail


class _ThumbnailEngine:
    """Shrinks pictures; an engine, so that reading, keys and the store are those of features."""

    name, precision, batch = "thumbnail", "uint8", BATCH

    def run(self, batches: Iterable[tuple[Tag, Images]]) -> Iterator[tuple[Tag, list[Features]]]:
        for tag, images in batches:
            rows = np.stack([thumbnail(image) for image in images])
            yield tag, [rows.reshape(len(rows), -1).astype(np.float32)]


def thumbnails(data: Dataset, cache: Path | None, progress: Progress) -> NDArray[np.uint8]:
    """Thumbnails ``(n, SIDE, SIDE)`` of items that are known to be readable."""
    key = Fingerprint(
        backbone="thumbnail",
        weights="thumbnail-1",
        cut=str(SIDE),
        preprocessing=(("decoder", DECODER_VERSION), ("height", DECODED.height)),
        engine="thumbnail",
        precision="uint8",
    )
    store = LanceStore(cache / "features", key) if cache else MemoryStore()
    found = extract(
        data.items,
        kind=data.kind,
        framing=DECODED,
        engine=_ThumbnailEngine(),
        store=store,
        progress=progress,
    )
    pictures = np.zeros((len(data), SIDE, SIDE), np.uint8)
    pictures[found.kept] = store.read(found.keys).reshape(-1, SIDE, SIDE).astype(np.uint8)
    return pictures
