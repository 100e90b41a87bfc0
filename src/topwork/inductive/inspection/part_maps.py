"""Maps of images of good parts, brought into the store in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import DEFAULT_BACKBONE, Backbone, resolve
from topwork.backbones.backbone import BuildsGraph
from topwork.backbones.engines import Engine, Graph, open_engine
from topwork.data import PLAIN, Dataset, Framing
from topwork.errors import BackboneError
from topwork.features import (
    Extraction,
    FeatureStore,
    ViewRequest,
    extract_views,
    fingerprint,
    open_store,
)
from topwork.features.opened_backbone import check_rejected, check_takes, framing_of_input
from topwork.heads.inspection.joined_maps import join_maps
from topwork.runtime import cache_folder
from topwork.runtime.progress import Progress
from topwork.settings.inspection import InspectionSettings

CUTS = ("blocks.4", "blocks.5")
"""Of the networks that are built as graphs: maps at strides 16 and 32."""

_AT_ONCE = 64


@dataclass(frozen=True, eq=False, slots=True)
class PartMaps:
    """The n readable images, and their maps.

    Parameters
    ----------
    rows
        Features of the p places of each, float32 ``(n, p, c)``.
    """

    data: Dataset
    backbone: Backbone
    cuts: tuple[str, ...]
    graph: Graph
    engine: Engine
    framing: Framing
    extraction: Extraction
    rows: NDArray[np.float32]

    @property
    def pooled(self) -> NDArray[np.float32]:
        """Means over the places, each channel standardised, of length 1 ``(n, c)``."""
        means = self.rows.mean(axis=1)
        standard = (means - means.mean(axis=0)) / np.maximum(means.std(axis=0), 1e-6)
        lengths = np.linalg.norm(standard, axis=1, keepdims=True)
        return np.asarray(standard / np.maximum(lengths, 1e-12), np.float32)


def map_parts(data: Dataset, settings: InspectionSettings, *, progress: Progress) -> PartMaps:
    """The maps of all images, computed in float32 where they aren't stored, as a model does.

    Raises
    ------
    DataError
        More images than allowed can't be read.
    BackboneError
        The network has no maps.
    """
    backbone = resolve(settings.backbone or DEFAULT_BACKBONE)
    check_takes(backbone, data)
    cuts = _cuts_of(backbone)
    cache = cache_folder() if settings.cache else None
    engine, graph = open_engine(
        backbone,
        cut=cuts[0],
        also=cuts[1:],
        name="openvino",
        precision="float32",
        graphs=cache / "graphs" if cache else None,
    )
    framing = framing_of_input(backbone.images, "squeeze")
    stores = []
    for cut in cuts:
        key = fingerprint(
            backbone, cut=cut, framing=framing, engine=engine.name, precision=engine.precision
        )
        stores.append(open_store(cache, key, "float32"))
    also = tuple(zip(stores[1:], graph.shapes[1:], strict=True))
    request = ViewRequest((PLAIN,), framing, engine, stores[0], graph.shapes[0], also)
    found = extract_views(data.items, request, kind=data.kind, progress=progress)
    found.rejected[:0] = data.rejected
    check_rejected(found, data, settings.max_bad)
    rows = _joined(stores, found.keys, graph.shapes)
    return PartMaps(data.take(found.kept), backbone, cuts, graph, engine, framing, found, rows)


def _joined(
    stores: Sequence[FeatureStore], keys: Sequence[bytes], shapes: Sequence[tuple[int, ...]]
) -> NDArray[np.float32]:
    maps = [
        store.activations(list(keys), views=(PLAIN,), shape=shape)
        for store, shape in zip(stores, shapes, strict=True)
    ]
    parts = []
    for first in range(0, len(keys), _AT_ONCE):
        positions = np.arange(first, min(first + _AT_ONCE, len(keys)))
        own = [one.take(positions, np.zeros_like(positions)) for one in maps]
        parts.append(join_maps(own))
    return np.concatenate(parts)


def _cuts_of(backbone: Backbone) -> tuple[str, ...]:
    """The last maps of the two coarsest sizes, the finer one first.

    Raises
    ------
    BackboneError
        It has no maps.
    """
    if isinstance(backbone.load, BuildsGraph) and set(CUTS) <= set(backbone.load.cuts):
        return CUTS
    network = backbone.load()
    last = {network.shapes[name][1:]: name for name in network.maps}
    sizes = sorted((size for size in last if len(size) == 2), key=lambda size: -size[0])[-2:]
    if not sizes:
        raise BackboneError(
            f"{backbone.name} has no maps to inspect parts by.",
            remedy="Choose a convolutional network, such as the default or timm:resnet50.",
            code="no_maps",
        )
    return tuple(last[size] for size in sizes)
