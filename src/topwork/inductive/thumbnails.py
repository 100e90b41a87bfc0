"""Thumbnails of all items, kept in the store like any other feature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH, Features, Images, Tag
from topwork.data import DECODER_VERSION
from topwork.features import FeatureStore, Fingerprint, LanceStore, MemoryStore, Wanted
from topwork.quality.thumbnails import DECODED, SIDE, thumbnail


class _ThumbnailEngine:
    """Shrinks pictures; an engine, so that reading, keys and the store are those of features."""

    name, precision, batch = "thumbnail", "uint8", BATCH

    def run(self, batches: Iterable[tuple[Tag, Images]]) -> Iterator[tuple[Tag, list[Features]]]:
        for tag, images in batches:
            rows = np.stack([thumbnail(image) for image in images])
            yield tag, [rows.reshape(len(rows), -1).astype(np.float32)]


def thumbnails_wanted(cache: Path | None) -> Wanted:
    """Thumbnails, to be made while the items are open for something else."""
    key = Fingerprint(
        backbone="thumbnail",
        weights="thumbnail-3",
        cut=str(SIDE),
        preprocessing=(("decoder", DECODER_VERSION), ("height", DECODED.height)),
        engine="thumbnail",
        precision="uint8",
    )
    store = LanceStore(cache / "features", key) if cache else MemoryStore()
    return Wanted(DECODED, _ThumbnailEngine(), store)


def thumbnails_of(keys: Sequence[bytes], store: FeatureStore) -> NDArray[np.uint8]:
    """Thumbnails ``(n, SIDE, SIDE)`` from the store."""
    pictures: NDArray[np.uint8] = store.read(keys).reshape(-1, SIDE, SIDE).astype(np.uint8)
    return pictures
