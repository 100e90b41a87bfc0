"""How a backbone for texts is refined: pairs of a text and itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.errors import BackboneError
from topwork.unsupervised.pretraining.refining import RefinedWeights, RefiningContext

DROPOUT = "pairs by dropout"


def refine_texts(context: RefiningContext) -> dict[str, RefinedWeights]:
    """The last blocks, trained so that a text is near itself whatever units are dropped.

    Raises
    ------
    BackboneError
        The network has no blocks one behind the other.
    """
    from topwork.training.strategies.refine_texts import TEXT_REFINING_LOOP, refine_by_dropout

    settings, pooling = context.run.settings, context.network.pooling
    loop = replace(TEXT_REFINING_LOOP, seconds=60 * settings.minutes, seed=settings.seed)
    start = context.opened.request.store.read(context.items.keys)
    try:
        done = refine_by_dropout(
            pooling, _tokens(context), start, loop, progress=context.run.steps("Pairs by dropout")
        )
    except BackboneError as error:
        raise BackboneError(
            f"{context.opened.backbone.name} has no blocks one behind the other: nothing of it "
            "can be refined.",
            remedy="Choose another --backbone, such as packaged:all-minilm-l6-v2.",
            code="no_such_cut",
        ) from error
    names = {id(tensor): name for name, tensor in context.network.module.named_parameters()}
    both = zip(pooling.parameters(), done.tail.parameters(), strict=True)
    tensors = {names[id(old)]: new for old, new in both if new.requires_grad}
    return {DROPOUT: RefinedWeights.of(done, tensors)}


def _tokens(context: RefiningContext) -> list[NDArray[Any]]:
    data, preparation = context.items.data, context.opened.preparation
    return [
        np.asarray(data.kind.decode(data.kind.read(item), preparation), np.int32)
        for item in data.items
    ]
