"""Parameters by depth, for learning rates that fall towards the input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch import nn

HEAD = "head."
"""How the names of the head's parameters begin."""


def block_of(name: str) -> str:
    """The block that a parameter belongs to: its name up to the first run of numbers.

    Examples
    --------
    >>> [block_of(n) for n in ("blocks.6.0.conv_pw.weight", "layer4.1.downsample.0.bias")]
    ['blocks.6.0', 'layer4.1']
    >>> block_of("conv_head.weight"), block_of("encoder.layer.11.attention.query.weight")
    ('conv_head', 'encoder.layer.11')
    """
    parts = name.split(".")
    first = next((i for i, part in enumerate(parts) if part.isdecimal()), None)
    if first is None:
        return parts[0]
    end = first
    while end < len(parts) and parts[end].isdecimal():
        end += 1
    return ".".join(parts[:end])


def heights(names: Iterable[str], block: Callable[[str], str] = block_of) -> dict[str, int]:
    """Blocks between each parameter and the head, 0 for the last block and for the head.

    Parameters
    ----------
    names
        Of parameters, from the input to the output, the head's last.
    block
        Gives the block of a name.

    Examples
    --------
    >>> heights(["stem.weight", "blocks.0.a", "blocks.0.b", "blocks.1.a", "head.weight"])
    {'stem.weight': 2, 'blocks.0.a': 1, 'blocks.0.b': 1, 'blocks.1.a': 0, 'head.weight': 0}
    """
    names = list(names)
    blocks = list(dict.fromkeys(block(n) for n in names if not n.startswith(HEAD)))
    height = {name: len(blocks) - 1 - i for i, name in enumerate(blocks)}
    return {n: 0 if n.startswith(HEAD) else height[block(n)] for n in names}


def parameter_groups(
    parameters: dict[str, nn.Parameter],
    *,
    learning_rate: float,
    head_rate: float,
    weight_decay: float,
    layer_decay: float,
) -> list[dict[str, Any]]:
    """Groups for an optimiser: rate ``learning_rate * layer_decay ** height``, as ``peak`` too.

    Layer-wise decay of the rate: Howard and Ruder 2018, ULMFiT, section 3.2; Clark et al. 2020,
    ELECTRA. Vectors (biases, the affine parts of normalisations) are not decayed.
    """
    height = heights(parameters)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in parameters.items():
        rate = learning_rate * layer_decay ** height[name]
        rate *= head_rate if name.startswith(HEAD) else 1.0
        decay = weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": members, "lr": rate, "peak": rate, "weight_decay": decay}
        for (rate, decay), members in groups.items()
    ]
