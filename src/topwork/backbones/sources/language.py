"""Text models of transformers as networks: tokens in, one vector a text out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from topwork.backbones.backbone import Network
from topwork.backbones.engines.engine import probe_tokens
from topwork.backbones.inputs import TokenInput, token_input
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import Tensor, nn

Pooling = Literal["mean", "cls", "last", "max"]
"""Of the vectors of all tokens: their mean, the first one, the last one, their largest values."""

LONGEST: Final = 512
"""Tokens that are looked at, at most: work grows faster than length."""

_FLAGS: Final[dict[str, Pooling]] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
    "pooling_mode_max_tokens": "max",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """How the vectors of tokens become that of a text.

    Parameters
    ----------
    pooling
        Which it is; ``None`` where nothing beside the model says so.
    unit
        Whether it is scaled to length 1.
    max_length
        Tokens that the model was trained on, where that is written down.
    """

    pooling: Pooling | None = None
    unit: bool = False
    max_length: int | None = None


def sentence_of(files: Mapping[str, str | None]) -> Sentence:
    """What a folder of sentence-transformers says of its pooling.

    Parameters
    ----------
    files
        Texts of ``modules.json``, ``1_Pooling/config.json`` and ``sentence_bert_config.json``;
        ``None`` for those that aren't there.

    Raises
    ------
    BackboneError
        It has a layer, or pools in a way, that isn't known here.

    Examples
    --------
    >>> sentence_of({"modules.json": None}).pooling is None
    True
    """
    length = json.loads(files.get("sentence_bert_config.json") or "{}").get("max_seq_length")
    modules = files.get("modules.json")
    if modules is None:
        return Sentence(max_length=length)
    kinds = [str(module["type"]).rpartition(".")[2] for module in json.loads(modules)]
    if kinds[:1] == ["StaticEmbedding"]:
        raise BackboneError(
            "This model is a table of vectors.",
            remedy="Write model2vec: in place of transformers:.",
        )
    if kinds[:2] != ["Transformer", "Pooling"] or not set(kinds[2:]) <= {"Normalize"}:
        raise BackboneError(
            f"This model consists of {', '.join(kinds)}, which is not known here.",
            remedy="Choose one of a Transformer, a Pooling and perhaps a Normalize layer.",
        )
    config = json.loads(files.get("1_Pooling/config.json") or "{}")
    return Sentence(_pooling_in(config), "Normalize" in kinds, length)


def _pooling_in(config: Mapping[str, Any]) -> Pooling:
    said = [config["pooling_mode"]] if "pooling_mode" in config else []
    said += [name for flag, name in _FLAGS.items() if config.get(flag)]
    others = [k for k, v in config.items() if k.startswith("pooling_mode_") and v is True]
    if len(said) != 1 or said[0] not in get_args(Pooling) or set(others) - _FLAGS.keys():
        raise BackboneError(
            f"This model pools its tokens in a way that is not known here: {said or others}.",
            remedy=f"Choose one that pools by one of {', '.join(get_args(Pooling))}.",
        )
    found: Pooling = said[0]
    return found


def network(
    model: nn.Module, spec: TokenInput, sentence: Sentence, *, recipe: Mapping[str, str]
) -> Network:
    """A text model of transformers; what it answers is its pooled vector.

    Raises
    ------
    BackboneError
        The model gives no features of texts.
    """
    import torch
    from torch import nn

    probe = torch.from_numpy(probe_tokens(spec, 4, min(16, spec.max_length)))
    try:
        with torch.inference_mode():
            pooling = _pooling_class()(model, sentence.pooling or pooling_of(model), sentence.unit)
            width = int(pooling.eval()(probe).shape[1])
    except (TypeError, ValueError, AttributeError, RuntimeError, IndexError) as error:
        raise BackboneError(
            f"{type(model).__name__} gives no features of texts "
            f"({next(iter(str(error).splitlines()), '')}).",
            remedy="Choose a text model, for example transformers:google-bert/bert-base-uncased.",
        ) from error
    return Network(
        module=model,
        full=pooling,
        pooling=pooling,
        classifier=nn.Identity().eval(),
        width=width,
        recipe=recipe,
    )


def pooling_of(model: nn.Module) -> Pooling:
    """``last`` where a token sees only those before it (GPT), so that the last one saw all.

    That is looked at and not read in the configuration, which says it in a dozen ways. ``mean``
    elsewhere.
    """
    import torch

    ids = torch.tensor([[1, 2, 3, 4], [1, 2, 3, 5]])
    with torch.inference_mode():
        hidden = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    return "last" if torch.equal(hidden[0, 0], hidden[1, 0]) else "mean"


def tokens_of(
    config: Mapping[str, Any], sentence: Sentence, files: Mapping[str, str | None]
) -> TokenInput:
    """What a text model takes: its tokenizer, and the fewest tokens of all limits that are said.

    Parameters
    ----------
    config
        The model's.
    files
        Texts of ``tokenizer.json`` and ``tokenizer_config.json``.

    Raises
    ------
    BackboneError
        There is no tokenizer.
    """
    tokenizer = files.get("tokenizer.json")
    if tokenizer is None:
        raise BackboneError(
            "This text model has no tokenizer.json.",
            remedy="Save its tokenizer again with save_pretrained of a fast tokenizer.",
            code="no_tokenizer",
        )
    said = json.loads(files.get("tokenizer_config.json") or "{}").get("model_max_length")
    limits = (sentence.max_length, said, *(config.get(n) for n in _LIMITS))
    # no limit at all is written as a number with thirty zeros
    longest = min([LONGEST, *(int(n) for n in limits if isinstance(n, int | float) and n > 0)])
    return token_input(tokenizer, max_length=longest, vocabulary=int(config["vocab_size"]))


_LIMITS: Final = ("max_position_embeddings", "n_positions")

FILES: Final = (
    "tokenizer.json",
    "tokenizer_config.json",
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
)
"""The small files beside a model that say how texts become its vectors."""


def read_folder(folder: Path) -> dict[str, str | None]:
    """The texts of `FILES`, ``None`` for those that aren't there."""
    places = {name: folder / name for name in FILES}
    return {n: p.read_text("utf-8") if p.is_file() else None for n, p in places.items()}


@cache
def _pooling_class() -> type[nn.Module]:
    import torch
    from torch import nn

    class TokenPooling(nn.Module):
        """Tokens ``(b, t)``, with -1 behind each text, to one vector each."""

        def __init__(self, model: nn.Module, pooling: Pooling, unit: bool, depths: int = 1) -> None:
            super().__init__()
            self.model = model
            self._pooling = pooling
            self._unit = unit
            self._depths = depths
            self._pad = int(getattr(model.config, "pad_token_id", None) or 0)

        def forward(self, tokens: Tensor) -> Tensor:
            # the first place counts even of a text without tokens, or attention divides by zero
            first = torch.arange(tokens.shape[1], device=tokens.device) == 0
            there = (tokens >= 0) | first
            ids = torch.where(tokens >= 0, tokens, self._pad).long()
            if self._depths > 1:
                return self._in_a_row(ids, there)
            output: Any = self.model(input_ids=ids, attention_mask=there.long())
            vector = self._pooled(output.last_hidden_state, there)
            return nn.functional.normalize(vector, dim=1) if self._unit else vector

        def at_depths(self, n: int) -> TokenPooling:
            """The same of the last n blocks, in a row."""
            return TokenPooling(self.model, self._pooling, self._unit, n).eval()

        def _in_a_row(self, ids: Tensor, there: Tensor) -> Tensor:
            output: Any = self.model(
                input_ids=ids, attention_mask=there.long(), output_hidden_states=True
            )
            states = output.hidden_states[1:][-self._depths :]  # the first is that of the words
            vectors = [self._pooled(hidden, there) for hidden in states]
            return torch.cat([nn.functional.normalize(v, dim=1) for v in vectors], dim=1)

        def _pooled(self, hidden: Tensor, there: Tensor) -> Tensor:
            if self._pooling == "cls":
                return hidden[:, 0]
            if self._pooling == "last":
                last = there.long().sum(dim=1) - 1
                at = last[:, None, None].expand(-1, 1, hidden.shape[2])
                return hidden.gather(1, at)[:, 0]
            mask = there.unsqueeze(2)
            if self._pooling == "max":
                return hidden.masked_fill(~mask, -1e9).amax(dim=1)
            weights = mask.to(hidden.dtype)
            return (hidden * weights).sum(dim=1) / weights.sum(dim=1)

    return TokenPooling
