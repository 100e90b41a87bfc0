"""How a backbone for texts is refined: by tokens that it predicts, or by pairs of a text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.inputs import TokenInput
from topwork.backbones.token_heads import TokenHead, token_head
from topwork.errors import BackboneError
from topwork.installation import require
from topwork.training.refining.refining_context import RefinedWeights, RefiningContext

if TYPE_CHECKING:
    from topwork.training.objectives import Objective

DROPOUT: Final = "pairs by dropout"
TOKENS: Final = {"masked": "masked tokens", "next": "next tokens"}


def refine_texts(context: RefiningContext) -> dict[str, RefinedWeights]:
    """Adapters trained to predict tokens where there is a head for it, else the last blocks.

    Raises
    ------
    BackboneError
        The network has no head that predicts tokens and is asked to, or no blocks one behind the
        other.
    """
    head = None if context.objective == "pairs" else _head(context)
    if head is not None:
        require("Training a language model by adapters", ("peft",))
        return {TOKENS[head.predicts]: _by_tokens(context, head)}
    if context.objective == "tokens":
        raise BackboneError(
            f"{context.opened.backbone.name} has no head that predicts tokens, or its weights hold "
            "none.",
            remedy="Use --objective pairs, or a language model as it was pretrained, such as "
            "transformers:google-bert/bert-base-uncased.",
            code="no_token_head",
        )
    return {DROPOUT: _by_dropout(context)}


def _head(context: RefiningContext) -> TokenHead | None:
    from topwork.training.token_prediction import SpecialTokens

    found = token_head(context.name, context.network)
    if found is None or found.predicts == "next":
        return found
    return found if SpecialTokens.of(_input(context).tokenizer).mask is not None else None


def _by_tokens(context: RefiningContext, head: TokenHead) -> RefinedWeights:
    from topwork.training.strategies.refine_tokens import TOKEN_LOOP, refine_by_tokens
    from topwork.training.token_prediction import MaskedTokens, NextTokens, SpecialTokens

    spec = _input(context)
    objective: Objective = NextTokens()
    if head.predicts == "masked":
        objective = MaskedTokens(SpecialTokens.of(spec.tokenizer), spec.vocabulary)
    done = refine_by_tokens(
        context.network.pooling,
        _tokens(context),
        context.opened.request.store.read(context.keys),
        replace(TOKEN_LOOP, seconds=context.seconds, seed=context.settings.seed),
        head=head.module,
        objective=objective,
        progress=context.steps(TOKENS[head.predicts].capitalize()),
    )
    return RefinedWeights.of(done, context.changed(done.tail), done.held_out)


def _by_dropout(context: RefiningContext) -> RefinedWeights:
    from topwork.training.strategies.refine_texts import TEXT_REFINING_LOOP, refine_by_dropout

    loop = replace(TEXT_REFINING_LOOP, seconds=context.seconds, seed=context.settings.seed)
    start = context.opened.request.store.read(context.keys)
    progress = context.steps(DROPOUT.capitalize())
    try:
        done = refine_by_dropout(
            context.network.pooling, _tokens(context), start, loop, progress=progress
        )
    except BackboneError as error:
        raise BackboneError(
            f"{context.opened.backbone.name} has no blocks one behind the other: nothing of it "
            "can be refined.",
            remedy="Choose another --backbone, such as packaged:all-minilm-l6-v2.",
            code="no_such_cut",
        ) from error
    return RefinedWeights.of(done, context.changed(done.tail))


def _input(context: RefiningContext) -> TokenInput:
    spec = context.opened.backbone.input
    assert isinstance(spec, TokenInput), "a network for texts"
    return spec


def _tokens(context: RefiningContext) -> list[NDArray[Any]]:
    data, preparation = context.data, context.opened.preparation
    return [
        np.asarray(data.kind.decode(data.kind.read(item), preparation), np.int32)
        for item in data.items
    ]
