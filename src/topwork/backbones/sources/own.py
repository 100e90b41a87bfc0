"""Backbones that `topwork pretrain` wrote: ``own:@DIR``, a folder with tensors and their start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from topwork.backbones.backbone import Backbone
from topwork.errors import BackboneError

PREFIX: Final = "own:"

_FACTS, _TENSORS = "backbone.json", "weights.safetensors"
_VERSION: Final = 1


class OwnSource:
    """The networks that the user refined, by the folder that they were written to."""

    name = "own"
    by_bare_name = False

    def names(self) -> list[str]:
        return []

    def find(self, name: str, weights: Path | None) -> Backbone | None:  # noqa: ARG002
        """Names of folders are turned into that of their start by `start_in` before."""
        raise BackboneError(
            "own: names no folder.",
            remedy="Give the folder that topwork pretrain wrote, as in own:@mine.",
            code="no_folder",
        )


def start_in(folder: Path) -> tuple[str, Path]:
    """The name of the backbone that a folder's tensors were refined from, and their file.

    Raises
    ------
    BackboneError
        The folder is not one of these.
    """
    try:
        facts = json.loads((folder / _FACTS).read_text("utf-8"))
        name, version = facts["start"], facts["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_backbone(folder, f"has no readable {_FACTS}") from error
    if version != _VERSION:
        raise _no_backbone(folder, f"has version {version}, and this topwork reads {_VERSION}")
    if not isinstance(name, str) or "@" in name or name.startswith(PREFIX):
        raise _no_backbone(folder, "names no backbone as its start")
    if not (folder / _TENSORS).is_file():
        raise _no_backbone(folder, f"has no {_TENSORS}")
    return name, folder / _TENSORS


def write_own(
    folder: Path,
    start: Backbone,
    tensors: Mapping[str, Any],
    facts: Mapping[str, str],
    *,
    trained_in: str = "",
) -> None:
    """Write a refined backbone into an empty folder.

    Parameters
    ----------
    start
        What it was refined from.
    tensors
        All of its network's torch tensors, by the names of its source.
    facts
        `Network.recipe`: how the source builds the network, where its name alone doesn't say it.
    trained_in
        The identity of a model in which the start was trained on labels; empty where it wasn't.
    """
    from safetensors.torch import save_file

    named = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    save_file(named, folder / _TENSORS, metadata=dict(facts) or None)
    written = {"version": _VERSION, "start": start.name.partition("@")[0]}
    if trained_in:
        written["start_trained_in"] = trained_in
    (folder / _FACTS).write_text(json.dumps(written), "utf-8")


def _no_backbone(folder: Path, why: str) -> BackboneError:
    return BackboneError(
        f"{folder} is no backbone of topwork pretrain: it {why}.",
        remedy="Give the folder that topwork pretrain wrote, as in own:@mine.",
        code="no_backbone",
    )
