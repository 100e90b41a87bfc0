"""The ways in which a backbone for images is refined, from stored views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.catalogue import PACKAGED
from topwork.backbones.engines import open_engine
from topwork.backbones.late_cut import late_cut
from topwork.data import standard_views
from topwork.errors import BackboneError, ParameterError
from topwork.features import Activations, DiskBudget, ViewRequest, extract_views
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.runtime import cache_folder
from topwork.training.refining.refining_context import RefinedWeights, RefiningContext

SHARE = 0.18
"""Share of the parameters that lie behind the cut at least: the last stage of most networks."""

N_VIEWS = 2
AGREEMENT, DISTILLATION = "agreement of views", "distillation"
TEACHER = "+".join(f"packaged:{entry.name}" for entry in PACKAGED)
"""Teaches the first of its networks."""


def refine_images(context: RefiningContext) -> dict[str, RefinedWeights]:
    """The last layers trained by each objective.

    Raises
    ------
    BackboneError
        The network has no layers behind a cut.
    ParameterError
        An objective for texts was asked for.
    """
    if context.objective != "auto":
        raise ParameterError(
            f"objective cannot be {context.objective!r} for images.",
            remedy="Leave --objective (objective) out: it is for texts.",
            code="objective_for_texts",
        )
    from topwork.training.strategies.refine import (
        REFINING_LOOP,
        refine_by_teacher,
        refine_by_views,
        vectors_of_views,
    )

    cut = late_cut(context.network, SHARE)
    if cut is None:
        raise BackboneError(
            f"{context.opened.backbone.name} can only be cut behind its last layer: nothing of it "
            "can be refined.",
            remedy="Choose another --backbone, such as packaged:efficientnet_lite0.",
            code="no_such_cut",
        )
    teacher = _teacher(context)
    tail, activations = context.network.at(cut).to_pooled, _stored_views(context, cut)
    start = vectors_of_views(tail, activations)
    seconds = context.seconds / (1 if teacher is None or context.only_first else 2)
    loop = replace(REFINING_LOOP, seconds=seconds, seed=context.settings.seed)
    found = {}
    if teacher is not None:
        progress = context.steps("Distillation")
        done = refine_by_teacher(tail, activations, start, teacher, loop, progress=progress)
        found[DISTILLATION] = RefinedWeights.of(done, dict(done.tail.named_parameters()))
        if context.only_first:
            return found
    progress = context.steps("Agreement of views")
    done = refine_by_views(tail, activations, start, loop, progress=progress)
    found[AGREEMENT] = RefinedWeights.of(done, dict(done.tail.named_parameters()))
    return found


def _teacher(context: RefiningContext) -> NDArray[np.floating] | None:
    """What the packaged networks side by side say of the items; only the first one is taught."""
    if context.opened.backbone.name != TEACHER.partition("+")[0]:
        return None
    opened = open_backbone(TEACHER, context.settings)
    progress = context.steps("Features of three networks")
    read = read_once(context.data, opened.request, max_bad=1.0, progress=progress)
    return opened.request.store.read(read.keys)


def _stored_views(context: RefiningContext, cut: str) -> Activations:
    opened, settings = context.opened, context.settings
    keep = settings.cache
    engine, _ = open_engine(
        opened.backbone,
        cut=cut,
        name=settings.engine,
        graphs=cache_folder() / "graphs" if keep else None,
    )
    store, shape = opened.activation_store(cut, engine, keep=keep), context.network.at(cut).shape
    request = ViewRequest(standard_views(N_VIEWS), opened.framing, engine, store, shape)
    read = extract_views(
        context.data.items,
        request,
        kind=context.data.kind,
        keys=context.keys,
        budget=DiskBudget(cache_folder()) if keep else None,
        progress=context.steps("Views of unlabelled items"),
    )
    return store.activations(read.keys, views=request.views, shape=shape)
