"""Maps of annotated images in several views, brought into the store in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from topwork.backbones import Backbone, InputSpec, resolve
from topwork.backbones.backbone import BuildsGraph
from topwork.backbones.engines import Engine, Graph, open_engine
from topwork.backbones.resized import resized
from topwork.data import Dataset, Framing, ImageBoxes, Interpolation, framing_of
from topwork.data.images.image_size import image_size
from topwork.data.preprocessing.placed_boxes import boxes_in_view
from topwork.data.preprocessing.views import tiled_views
from topwork.errors import BackboneError, DataError
from topwork.features import (
    Activations,
    DiskBudget,
    Extraction,
    FeatureStore,
    ViewRequest,
    extract_views,
    fingerprint,
    open_store,
)
from topwork.features.budget import NO_ROOM
from topwork.runtime import TemporaryFolder, cache_folder
from topwork.runtime.progress import Progress, silent
from topwork.trials.detection.plan import DetectionPlan

MAX_BYTES = 4 * 2**30
"""Of the maps of one data set; views are left out before it is exceeded."""


@dataclass(frozen=True, eq=False, slots=True)
class MappedImages:
    """The n images that could be read, as a detector trains on them.

    Parameters
    ----------
    data
        The images and their boxes.
    names, cuts
        The cuts from fine to coarse, and the maps there in v views.
    boxes
        Objects of each view of each image, in pixels of the input, ``[n][v]``.
    sizes
        Width and height of each image.
    framing
        How the plain view is seen.
    views
        Names of the v views.
    temporary
        The folder with graph and maps where they are not stored for other runs; it goes with this.
    """

    data: Dataset
    backbone: Backbone
    graph: Graph
    names: tuple[str, ...]
    cuts: tuple[Activations, ...]
    boxes: tuple[tuple[ImageBoxes, ...], ...]
    sizes: tuple[tuple[int, int], ...]
    framing: Framing
    extraction: Extraction
    views: tuple[str, ...]
    temporary: object = None


def image_sizes(data: Dataset) -> list[tuple[int, int]]:
    """Width and height of each image, by its header."""
    return [image_size(data.kind.read(item)) for item in data.items]


def map_images(
    data: Dataset,
    plan: DetectionPlan,
    *,
    name: str,
    keep: bool,
    cuts: tuple[str, ...] | None = None,
    progress: Progress = silent,
) -> MappedImages:
    """The maps of all images in all views, computed where they aren't stored.

    Parameters
    ----------
    data
        Images that can be read, with boxes.
    name
        Of the backbone.
    keep
        Whether graphs and maps are stored for other runs.
    cuts
        Where the network ends; None for those that have the strides of the plan.
    """
    temporary = None if keep else TemporaryFolder()
    cache = cache_folder() if temporary is None else temporary.folder
    backbone = resized(resolve(name), plan.height, plan.width)
    names = cuts or cuts_of(backbone, plan)
    first, *others = names
    engine, graph = open_engine(
        backbone,
        cut=first,
        also=tuple(others),
        name="openvino",
        graphs=cache / "graphs",
    )
    framing = Framing(
        plan.height, plan.width, "pad", cast(Interpolation, backbone.images.interpolation)
    )
    stores = [_store(cache, backbone, cut, framing, engine) for cut in names]
    n_views = _affordable(plan.views, len(data), graph.shapes)
    if plan.tiles > 1 and n_views <= len(plan.judged_views):
        raise DataError(
            f"The maps of {len(data)} images in {plan.tiles} tiles per side need more than "
            f"{MAX_BYTES / 2**30:g} GB.",
            remedy="Ask for fewer --tiles; with 1 there are none.",
            code=NO_ROOM,
        )
    views = tiled_views(n_views, plan.tiles)
    request = ViewRequest(
        views,
        framing,
        engine,
        stores[0],
        graph.shapes[0],
        tuple(zip(stores[1:], graph.shapes[1:], strict=True)),
    )
    found = extract_views(
        data.items,
        request,
        kind=data.kind,
        budget=DiskBudget(cache),
        measure=image_size,
        progress=progress,
    )
    if len(found.kept) < len(data):
        gone = found.rejected[0]
        raise DataError(
            f"{len(found.rejected)} images went away since they were read, such as {gone.path}.",
            remedy="Start again when nothing changes them.",
            code="went_away",
        )
    kept = data.take(found.kept)
    own = tuple(found.measured)
    maps = tuple(
        store.activations(found.keys, views=views, shape=shape)
        for store, shape in zip(stores, graph.shapes, strict=True)
    )
    boxes = tuple(
        tuple(boxes_in_view(one, framing_of(view, framing, key), size) for view in views)
        for one, key, size in zip(kept.boxes.images, found.keys, own, strict=True)
    )
    return MappedImages(
        kept, backbone, graph, names, maps, boxes, own, framing, found, views, temporary
    )


def decoded_views(mapped: MappedImages, spec: InputSpec | None = None) -> Activations:
    """The views that maps were made of, for training from pixels.

    Parameters
    ----------
    spec
        What they are normalised for; None for the network that made the maps.
    """
    from topwork.training.detection.pixels import DecodedViews

    return DecodedViews(
        mapped.data.kind,
        mapped.data.items,
        mapped.extraction.keys,
        mapped.views,
        mapped.framing,
        spec or mapped.backbone.images,
    )


def cuts_of(backbone: Backbone, plan: DetectionPlan) -> tuple[str, ...]:
    """The cuts of a network whose maps have the strides that a plan wants, from fine to coarse.

    Raises
    ------
    BackboneError
        It has no such maps.
    """
    if isinstance(backbone.load, BuildsGraph) and set(plan.cuts) <= set(backbone.load.cuts):
        return plan.cuts
    network, wanted = backbone.load(), plan.strides[: len(plan.cuts)]
    found: dict[tuple[int, ...], str] = {}
    for name in network.maps:
        found[network.shapes[name][1:]] = name  # the last of each size
    sizes = [(-(-plan.height // stride), -(-plan.width // stride)) for stride in wanted]
    if not all(size in found for size in sizes):
        raise BackboneError(
            f"{backbone.name} has no maps of the strides {', '.join(map(str, wanted))}.",
            remedy="Choose a convolutional network, such as the default or timm:resnet50.",
            code="no_maps",
        )
    return tuple(found[size] for size in sizes)


def _affordable(views: int, n: int, shapes: Sequence[tuple[int, ...]]) -> int:
    one = 2 * sum(int(np.prod(shape)) for shape in shapes) * max(n, 1)
    return max(1, min(views, MAX_BYTES // one))


def _store(
    cache: Path, backbone: Backbone, cut: str, framing: Framing, engine: Engine
) -> FeatureStore:
    key = fingerprint(
        backbone, cut=cut, framing=framing, engine=engine.name, precision=engine.precision
    )
    return open_store(cache, key, "bfloat16")
