"""A modality of the tests' own: series of numbers, which networks for images see as a curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.structure.registries import REGISTRIES
from topwork.backbones.engines.engine import Inputs
from topwork.data import Appearance, Content, Dataset, Framing, Item, ModalityWords, Preparation
from topwork.data.item import Remark
from topwork.diagnosis.modality import COVERABLE
from topwork.errors import BadItem
from topwork.quality import ImageSimilarity, Similarity
from topwork.quality.images.thumbnails import DECODED, SIDE, thumbnail
from topwork.quality.item_fingerprints import FINGERPRINTERS
from topwork.reporting.failures_section import Explained
from topwork.training.refining.modality import REFINED_BY
from topwork.trials.modality import ModalityTrials
from topwork.unsupervised.clustering.modality import CLUSTERED

NAME = "series"


@dataclass(frozen=True, slots=True)
class SeriesModality:
    """Numbers with blanks between them."""

    name: ClassVar[str] = NAME
    network: ClassVar[str] = "image"
    column: ClassVar[str] = NAME
    inline: ClassVar[bool] = True
    extensions: ClassVar[frozenset[str]] = frozenset((".series",))
    shows_objects: ClassVar[bool] = False
    adapts: ClassVar[bool] = False
    appearance: ClassVar[Appearance | None] = None
    words: ClassVar[ModalityWords] = ModalityWords(
        accepted="Give numbers with blanks between them.",
        example='"1 2 3"',
        origin="sensor",
        unrelated="noise",
        unit="px",
    )

    def with_appearance(self, appearance: Appearance) -> Self:
        return self

    def unrelated(self) -> Mapping[str, list[Item]]:
        rows = np.random.default_rng(0).normal(size=(40, 16)).round(3)
        return {"noise": [Item(f"noise {i}", value=_text(row)) for i, row in enumerate(rows)]}

    def read(self, item: Item) -> Content:
        text = str(item.value) if item.path is None else item.path.read_text("utf-8")
        if not text.strip():
            raise BadItem("no_text")
        return Content(blake2b(text.encode(), digest_size=16, person=b"series").digest(), text)

    def decode(self, content: Content, preparation: Preparation) -> NDArray[np.uint8]:
        assert isinstance(preparation, Framing)
        values = np.array(str(content.data).split(), float)
        height, width = preparation.height, preparation.width
        curve = np.interp(np.linspace(0, len(values) - 1, width), np.arange(len(values)), values)
        level = (np.clip((curve + 4) / 8, 0, 1) * (height - 1)).astype(int)
        below = np.arange(height)[:, None] <= level[None]
        return np.ascontiguousarray(np.repeat(below[..., None], 3, axis=2).astype(np.uint8) * 255)

    def cut_short(self, content: Content, preparation: Preparation) -> bool:
        return False

    def remarks(self, content: Content) -> tuple[Remark, ...]:
        return ()

    def caption(self, item: Item) -> str:
        return str(item.value)

    def show(self, content: Content) -> str:
        return str(content.data)


@dataclass(frozen=True, slots=True)
class SeriesFingerprinter:
    """Series are compared by small pictures of their curves."""

    preparation: Preparation = DECODED
    key: Any = field(default_factory=lambda: FINGERPRINTERS["image"].key)

    def sketches(self, inputs: Inputs) -> NDArray[np.uint8]:
        return np.stack([thumbnail(one) for one in inputs]).reshape(len(inputs), -1)

    def similarity(self, sketches: NDArray[np.uint8], data: Dataset | None) -> Similarity:
        return ImageSimilarity(sketches.reshape(-1, SIDE, SIDE), np.zeros((len(sketches), 2), int))


ENTRIES: Mapping[str, Any] = {
    "data": SeriesModality(),
    "backbones": "pixels",
    "quality": SeriesFingerprinter(),
    "trials": ModalityTrials(None, words=False, baselines=lambda *_: [], refused=lambda _: {}),
    "ranking": {"shortlist": ("pixels",), "all": ("pixels",)},
    "search": (),
    "diagnosis": COVERABLE["image"],
    "unsupervised": CLUSTERED["image"],
    "training/refining": REFINED_BY["image"],
    "reporting": Explained("series", "The marked places are those", "covered", places=True),
}
"""All that the source has to be told of it: one entry for each layer."""


def listed(patch: pytest.MonkeyPatch) -> None:
    """List the modality, as a line in each registry would."""
    for layer, (_, registry) in REGISTRIES.items():
        patch.setitem(registry, NAME, ENTRIES[layer])


def some(n: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """n series that rise or fall, and which they do."""
    rng = np.random.default_rng(seed)
    signs = np.resize([-1, 1], n)
    rows = signs[:, None] * np.linspace(-2, 2, 16) + rng.normal(0, 0.5, (n, 16))
    return [_text(row) for row in rows.round(3)], ["rise" if s > 0 else "fall" for s in signs]


def _text(row: NDArray[np.floating]) -> str:
    return " ".join(str(value) for value in row)
