"""The layer of a language model that predicts tokens, which its features don't need."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from topwork.backbones.multi_layer import split_depths
from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.language import pooling_of
from topwork.backbones.sources.transformers_library import quiet, readable, transformers
from topwork.backbones.windowed import split_long

if TYPE_CHECKING:
    from torch import Tensor, nn

    from topwork.backbones.backbone import Network

Predicted = Literal["masked", "next"]
"""Which tokens a language model predicts: masked ones from both sides, or the next one."""

_SOURCE: Final = "transformers:"
_CLASSES: Final = {
    "masked": ("AutoModelForMaskedLM", "MODEL_FOR_MASKED_LM_MAPPING"),
    "next": ("AutoModelForCausalLM", "MODEL_FOR_CAUSAL_LM_MAPPING"),
}


@dataclass(frozen=True, eq=False, slots=True)
class TokenHead:
    """What predicts tokens.

    Parameters
    ----------
    module
        Vectors of tokens ``(b, t, d)`` to logits ``(b, t, v)`` of the v tokens of the vocabulary.
        Its tensors are copies.
    predicts
        Which tokens it was trained for.
    """

    module: nn.Module
    predicts: Predicted


def token_head(name: str, network: Network) -> TokenHead | None:
    """The head that predicts tokens; ``None`` where the network or its weights have none.

    Heads without weights of their own are made of the network itself, as GPT-2's is of its
    vectors of tokens. Others are read from where the weights of the network come from.

    Parameters
    ----------
    name
        What the user called the backbone.
    network
        The same, loaded.

    Raises
    ------
    BackboneError
        The weights cannot be read.
    """
    label, _, file = name.partition("@")
    if not label.startswith(_SOURCE) or split_long(label)[1] or split_depths(label)[1]:
        return None
    library, base = transformers(), network.module
    causal = pooling_of(base) == "last"
    predicts: Predicted = "next" if causal else "masked"
    loader, known = (getattr(library, one) for one in _CLASSES[predicts])
    if type(base.config) not in known:
        return None
    place = _place(label, file)
    if place is None:
        model, lacking = _built(library, loader, base)
    else:
        model, lacking = _read(library, loader, place, local=bool(file))
    prefix = model.base_model_prefix
    if not hasattr(model, prefix) or any(not key.startswith(f"{prefix}.") for key in lacking):
        return None
    model = deepcopy(model)
    setattr(model, prefix, _given_vectors())
    return TokenHead(_head_class()(model.float().requires_grad_(False).eval()), predicts)


def _place(label: str, file: str) -> str | None:
    """Where the whole model lies; a file that topwork wrote holds only what gives features."""
    if not file:
        return label.removeprefix(_SOURCE)
    return file if Path(file).is_dir() else None


def _read(library: Any, loader: Any, place: str, *, local: bool) -> tuple[Any, set[str]]:
    with quiet(library), readable(place), hub():
        model, report = loader.from_pretrained(
            place,
            local_files_only=local,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    return model, set(report["missing_keys"])


def _built(library: Any, loader: Any, base: Any) -> tuple[Any, set[str]]:
    """A head around the network at hand, and the names of tensors that are not the network's."""
    with quiet(library):
        model = loader.from_config(base.config)
    setattr(model, model.base_model_prefix, base)
    model.tie_weights()
    own = {id(parameter) for parameter in base.parameters()}
    return model, {name for name, one in model.named_parameters() if id(one) not in own}


def _given_vectors() -> nn.Module:
    """In place of the network: what it is given are the vectors that the head shall see."""
    from torch import nn
    from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

    class Given(nn.Module):
        def forward(self, input_ids: Any = None, inputs_embeds: Any = None, **_: Any) -> Any:  # noqa: ARG002
            return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=inputs_embeds)

    return Given()


def _head_class() -> type[nn.Module]:
    from torch import nn

    class Head(nn.Module):
        """A language model without its network."""

        def __init__(self, model: nn.Module) -> None:
            super().__init__()
            self.model = model

        def forward(self, vectors: Tensor) -> Tensor:
            logits: Tensor = self.model(inputs_embeds=vectors).logits
            return logits

    return Head
