"""Tensors on disk that say how their network is built: plain data, for sources that need it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from topwork.backbones.inputs import Input, InputSpec, TokenInput
from topwork.errors import BackboneError


def recipe(source: str, facts: Mapping[str, Any], input_spec: Input) -> dict[str, str]:
    """How a source builds a network again, as texts that lie beside its tensors.

    Parameters
    ----------
    source
        The source's name.
    facts
        Whatever it needs, as JSON takes it.
    """
    return {source: json.dumps({"facts": facts, "input": asdict(input_spec)})}


def recipes_of_parts(recipes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The recipes of networks that lie side by side in one file."""
    return {_key(source, i): text for i, one in enumerate(recipes) for source, text in one.items()}


def read_recipe(
    source: str, weights: Path, part: int | None = None
) -> tuple[dict[str, Any], Input]:
    """The facts and the input that `recipe` was given.

    Parameters
    ----------
    part
        Which of several networks in the file is asked for.

    Raises
    ------
    BackboneError
        The file is no safetensors file, or holds no recipe of this source.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, "np") as file:
            written = json.loads((file.metadata() or {})[_key(source, part)])
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise BackboneError(
            f"{weights.name} doesn't say how its network is built.",
            remedy=f"Give {source}:NAME@FILE the weights.safetensors of a saved model, "
            "or what its library saved.",
            code="no_recipe",
        ) from error
    given = dict(written["input"])
    if "tokenizer" in given:
        return written["facts"], TokenInput(**given)
    for key in ("mean", "std"):
        given[key] = tuple(given[key])
    return written["facts"], InputSpec(**given)


def read_tensors(weights: Path) -> dict[str, Any]:
    """All tensors of a file by name."""
    from safetensors.torch import load_file

    return dict(load_file(weights))


def _key(source: str, part: int | None) -> str:
    return source if part is None else f"{part}:{source}"
