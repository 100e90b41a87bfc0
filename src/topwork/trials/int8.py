"""The frozen part in 8-bit integers, where the user's own images say that nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.backbones.engines import OpenVINOEngine, calibration_name, int8_graph
from topwork.data import Dataset, Item
from topwork.errors import BadItem, DataError, ParameterError
from topwork.features import FeatureRequest
from topwork.features.forward import ordered_map
from topwork.features.opened_backbone import FrozenPart, OpenedBackbone, read_once, store_for
from topwork.heads import softmax, stratified_folds
from topwork.metrics.metrics import item_briers
from topwork.metrics.paired import PairedTest, paired_items
from topwork.quality import join_groups
from topwork.runtime import cache_folder
from topwork.runtime.run_context import RunContext
from topwork.selection.halving import stratified_order
from topwork.settings import FitSettings
from topwork.trials.trial import targets_of
from topwork.validation import cross_validate_head

CALIBRATED_ON, CHECKED_ON = 128, 1000
"""Items that ranges are measured on, and at most so many that the check is made on."""

MARGIN = 0.01
"""What may be lost, in halves of the Brier score, which is about the same as in accuracy."""


class Int8Check(BaseModel):
    """Whether 8-bit integers do as well as floating point on the user's folds.

    Attributes
    ----------
    used
        Whether the model runs in them.
    n_items
        That the check was made on.
    difference
        Integers minus floating point, in halves of the Brier score, paired by items.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    used: bool
    n_items: int
    difference: PairedTest
    sentence: str


def in_int8(
    opened: OpenedBackbone, data: Dataset, context: RunContext[FitSettings]
) -> tuple[OpenedBackbone, Int8Check]:
    """The backbone in 8-bit integers, or as it was, and what the check found.

    The ranges are measured on items without their labels. Then a head is cross-validated on the
    features of both, on the same folds; integers are taken if the lower end of the 95 % interval of
    the difference is above ``-MARGIN``.

    Raises
    ------
    ParameterError
        Another engine is asked for, or needed, or there is one item per class.
    BackboneError
        The package that does it isn't installed, or can't do it.
    """
    if opened.engine.name != "openvino":
        raise ParameterError(
            f"8-bit integers need the engine openvino, not {opened.engine.name}.",
            remedy="Leave --int8 out, or add --engine openvino.",
        )
    targets = data.classes
    assert targets is not None
    if targets.counts().max() < 2:
        raise ParameterError(
            "int8 can't be validated with one image per class.",
            remedy="Leave --int8 out.",
        )
    settings, progress = context.settings, context.steps("8-bit integers")
    order = stratified_order(targets.codes, seed=settings.seed)
    images = _images([data.items[i] for i in order[:CALIBRATED_ON]], data, opened)
    part = data.take(np.sort(order[:CHECKED_ON]))
    faster = _faster(opened, images, settings)
    both = [
        one.part(part, read_once(part, one.request, max_bad=1.0, progress=progress))
        for one in (opened, faster)
    ]
    difference = _difference(both, settings)
    n_items = len(both[0].data)
    used = difference.low is not None and difference.low > -MARGIN
    check = Int8Check(
        used=used,
        n_items=n_items,
        difference=difference,
        sentence=_sentence(difference, n_items, used=used),
    )
    return (faster if used else opened), check


def _faster(
    opened: OpenedBackbone, images: NDArray[np.uint8], settings: FitSettings
) -> OpenedBackbone:
    cache = cache_folder() if settings.cache else None
    graph = int8_graph(opened.graph, images, folder=cache / "graphs" if cache else None)
    engine = OpenVINOEngine(
        graph.xml,
        precision=calibration_name(images),
        batch=opened.engine.batch,
        compiled=graph.folder / "compiled" if cache else None,
    )
    store = store_for(cache, opened.backbone, engine, opened.framing)
    return replace(opened, graph=graph, request=FeatureRequest(opened.framing, engine, store))


def _images(items: Sequence[Item], data: Dataset, opened: OpenedBackbone) -> NDArray[np.uint8]:
    """Those that can be read, as the network sees them."""

    def image(item: Item) -> NDArray[np.uint8] | None:
        try:
            return data.kind.decode(data.kind.read(item), opened.framing)
        except BadItem:
            return None

    found = [one for one in ordered_map(image, items, window=32) if one is not None]
    if not found:
        raise DataError(
            f"None of the first {len(items)} images can be read.",
            remedy="Run topwork check to see why.",
        )
    return np.stack(found)


def _difference(both: Sequence[FrozenPart], settings: FitSettings) -> PairedTest:
    """Integers minus floating point; the user's groups and equal files are not split."""
    targets = targets_of(both[0])
    codes, k = targets.codes, len(targets.labels)
    groups = np.unique(both[0].extraction.keys, return_inverse=True)[1]
    if both[0].data.groups is not None:
        groups = join_groups(both[0].data.groups, groups)
    folds = stratified_folds(codes, n_folds=settings.n_folds, groups=groups, seed=settings.seed)
    briers = []
    for one in both:
        judged = cross_validate_head(one.features, codes, k, folds=folds, search=False)
        briers.append(item_briers(codes, softmax(judged.logits_oof)))
    return paired_items((briers[0] - briers[1]) / 2, groups=groups, n_folds=settings.n_folds)


def _sentence(difference: PairedTest, n: int, *, used: bool) -> str:
    low, high = (f"{100 * (v or 0):+.1f}" for v in (difference.low, difference.high))
    found = (
        f"{100 * difference.difference:+.1f} points (95 % interval {low} to {high}) on {n} images"
    )
    if used:
        return f"The network runs in 8-bit integers: {found} against floating point."
    return (
        f"The network stays in floating point: with 8-bit integers {found}, and a loss of "
        f"{100 * MARGIN:.0f} point can't be ruled out."
    )
