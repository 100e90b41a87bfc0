"""What items are compared by, kept in the store like any other feature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH, Features, Inputs, Tag
from topwork.data import (
    DECODER_VERSION,
    TEXT_VERSION,
    Dataset,
    Preparation,
    Shingling,
    script_of,
)
from topwork.features import FeatureRequest, Fingerprint, open_store
from topwork.quality.images.image_similarity import ImageSimilarity
from topwork.quality.images.thumbnails import DECODED, SIDE, measure, thumbnail
from topwork.quality.similarity import Similarity
from topwork.quality.text_similarity import TextSimilarity
from topwork.runtime import cache_folder


class Fingerprinter(Protocol):
    """How items of one kind are compared."""

    @property
    def preparation(self) -> Preparation:
        """How an item is looked at."""

    @property
    def key(self) -> Fingerprint:
        """What a sketch depends on."""

    def sketches(self, inputs: Inputs) -> NDArray[np.uint8]:
        """Of a batch, ``(b, s)``."""

    def similarity(self, sketches: NDArray[np.uint8], data: Dataset | None) -> Similarity:
        """What items look like; how large they are is left out without ``data``."""


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Images are compared by their thumbnails."""

    preparation: Preparation = DECODED

    @property
    def key(self) -> Fingerprint:
        decoded = (("decoder", DECODER_VERSION), ("height", DECODED.height))
        return _key("thumbnail", "thumbnail-3", str(SIDE), decoded)

    def sketches(self, inputs: Inputs) -> NDArray[np.uint8]:
        return np.stack([thumbnail(image) for image in inputs]).reshape(len(inputs), -1)

    def similarity(self, sketches: NDArray[np.uint8], data: Dataset | None) -> ImageSimilarity:
        sizes = np.zeros((len(sketches), 2), np.int64)
        if data is not None:
            sizes = measure(data.items, kind=data.kind)
        return ImageSimilarity(sketches.reshape(-1, SIDE, SIDE), sizes)


@dataclass(frozen=True, slots=True)
class Shingles:
    """Texts are compared by their shingles, which decoding gives already."""

    preparation: Preparation = field(default_factory=Shingling)

    @property
    def key(self) -> Fingerprint:
        assert isinstance(self.preparation, Shingling)
        version = f"shingles-{self.preparation.version}"
        return _key("shingles", version, "sketch", (("decoder", TEXT_VERSION),))

    def sketches(self, inputs: Inputs) -> NDArray[np.uint8]:
        return inputs

    def similarity(self, sketches: NDArray[np.uint8], data: Dataset | None) -> TextSimilarity:
        if data is None:
            return TextSimilarity(sketches, np.zeros(len(sketches), np.int64))
        texts = [data.kind.caption(item) for item in data.items]
        lengths = np.array([len(text) for text in texts], np.int64)
        return TextSimilarity(sketches, lengths, tuple(map(script_of, texts)))


FINGERPRINTERS: dict[str, Fingerprinter] = {"image": Thumbnails(), "text": Shingles()}
"""By the kind of items."""


@dataclass(frozen=True, slots=True)
class ItemFingerprints:
    """What items of one kind are compared by, to be made while they are open for something else."""

    fingerprinter: Fingerprinter
    request: FeatureRequest

    def similarity(self, keys: Sequence[bytes], data: Dataset | None) -> Similarity:
        """Of the items with these keys; how large they are is left out without ``data``."""
        rows = self.request.store.read(keys).reshape(len(keys), -1).astype(np.uint8)
        return self.fingerprinter.similarity(rows, data)


def fingerprints_of(kind: str, *, keep: bool) -> ItemFingerprints:
    """Where the sketches of a kind of items go: into the cache, or else into memory."""
    fingerprinter = FINGERPRINTERS[kind]
    store = open_store(cache_folder() if keep else None, fingerprinter.key)
    return ItemFingerprints(
        fingerprinter,
        FeatureRequest(fingerprinter.preparation, _FingerprintEngine(fingerprinter), store),
    )


class _FingerprintEngine:
    """Sketches items; an engine, so that reading, keys and the store are those of features."""

    name, precision, batch = "sketch", "uint8", BATCH

    def __init__(self, fingerprinter: Fingerprinter) -> None:
        self._fingerprinter = fingerprinter

    def run(self, batches: Iterable[tuple[Tag, Inputs]]) -> Iterator[tuple[Tag, list[Features]]]:
        for tag, inputs in batches:
            yield tag, [self._fingerprinter.sketches(inputs).astype(np.float32)]


def _key(
    backbone: str, weights: str, cut: str, preprocessing: tuple[tuple[str, str | int], ...]
) -> Fingerprint:
    return Fingerprint(
        backbone=backbone,
        weights=weights,
        cut=cut,
        preprocessing=preprocessing,
        engine=backbone,
        precision="uint8",
    )
