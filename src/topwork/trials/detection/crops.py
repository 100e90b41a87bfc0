"""What a frozen network says of crops of the places where boxes were detected."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from topwork.backbones import Backbone, resolve
from topwork.backbones.backbone import POOLED
from topwork.backbones.engines import Engine, Graph, open_engine
from topwork.backbones.resized import resized, split_size
from topwork.calibration.detection import SeenAgain
from topwork.data import Dataset, Framing, Interpolation
from topwork.errors import BackboneError, BadItem, DataError
from topwork.features import Cuts, cut_features
from topwork.heads.detection.places import MIN_SEEN_SCORE, find_places
from topwork.metrics.detection import Detections
from topwork.runtime import cache_folder
from topwork.runtime.progress import Progress, silent

SIDE = 160
"""Pixels of a crop: half the time of 224, and no worse."""

MAX_NUMBERS = 2**28
"""Features of all boxes together, which a fit holds in memory."""

_AT_ONCE = 64
"""Images whose crops are held in memory together."""


@dataclass(frozen=True, eq=False, slots=True)
class CropNetwork:
    """A frozen network that sees crops, at several depths where it has them.

    Parameters
    ----------
    framing
        How a crop becomes its input.
    """

    backbone: Backbone
    graph: Graph
    engine: Engine
    framing: Framing

    @classmethod
    def of(cls, name: str, *, keep: bool) -> CropNetwork:
        """The network of this name; ``keep`` stores its graph for other runs."""
        graphs = cache_folder() / "graphs" if keep else None
        backbone, graph, engine = _opened(name, graphs)
        spec = backbone.images
        interpolation = cast(Interpolation, spec.interpolation)
        framing = Framing(spec.height, spec.width, "squeeze", interpolation)
        return cls(backbone, graph, engine, framing)

    def look(
        self,
        data: Dataset,
        detections: Sequence[Detections],
        sizes: Sequence[tuple[int, int]],
        *,
        seconds: float = math.inf,
        progress: Progress = silent,
    ) -> list[SeenAgain] | None:
        """Features of the crops of n images; None where there is no time or too much of them.

        A network whose graph gives other features than itself isn't looked through, either: a
        saved detector would see something else.

        Parameters
        ----------
        detections, sizes
            Of each image, n.
        seconds
            What it may take, by the first images.

        Raises
        ------
        DataError
            An image went away since it was read.
        """
        n_places = sum(int((one.scores >= MIN_SEEN_SCORE).sum()) for one in detections)
        if not self.graph.faithful or n_places * self.graph.shape[0] > MAX_NUMBERS:
            return None
        try:
            return self._looked(data, detections, sizes, seconds, progress)
        except BadItem as error:
            raise DataError(
                f"An image went away since it was read ({error.detail}).",
                remedy="Start again when nothing changes the images.",
                code="went_away",
            ) from error

    def _looked(
        self,
        data: Dataset,
        detections: Sequence[Detections],
        sizes: Sequence[tuple[int, int]],
        seconds: float,
        progress: Progress,
    ) -> list[SeenAgain] | None:
        found: list[SeenAgain] = []
        begun = time.monotonic()
        for start in range(0, len(data), _AT_ONCE):
            rows = range(start, min(start + _AT_ONCE, len(data)))
            places = [find_places(detections[i].corners, detections[i].scores) for i in rows]
            wanted = [
                Cuts(data.kind.read(data.items[i]), sizes[i], detections[i].corners[own.rows])
                for i, own in zip(rows, places, strict=True)
            ]
            features = cut_features(
                wanted, kind=data.kind, framing=self.framing, engine=self.engine
            )
            found += [SeenAgain(f, own.of) for f, own in zip(features, places, strict=True)]
            progress(len(found), len(data))
            if (time.monotonic() - begun) / len(found) * len(data) > seconds:
                return None
        return found


def _opened(name: str, graphs: Path | None) -> tuple[Backbone, Graph, Engine]:
    """The network at a small input with its features of several depths, where it can give them."""
    for asked in (f"{name}/{SIDE}+depths", f"{name}+depths") if _plain(name) else ():
        with suppress(BackboneError):
            return _open(resolve(asked), graphs)
    plain = resolve(name)
    if max(plain.images.height, plain.images.width) > SIDE and split_size(name)[1] is None:
        with suppress(BackboneError):
            return _open(resized(plain, SIDE), graphs)
    return _open(plain, graphs)


def _open(backbone: Backbone, graphs: Path | None) -> tuple[Backbone, Graph, Engine]:
    engine, graph = open_engine(
        backbone,
        cut=POOLED,
        name="openvino",
        precision="float32",  # as models predict
        graphs=graphs,
    )
    return backbone, graph, engine


def _plain(name: str) -> bool:
    """Whether size and depths can be asked for behind it."""
    return not set(name) & set("@+/")
