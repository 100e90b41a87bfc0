"""Wider frozen features as a rung: other networks beside the first, mirrored views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from topwork.backbones.multi_layer import with_layers
from topwork.data import Dataset
from topwork.errors import UserError
from topwork.features import MemoryStore, extract
from topwork.features.opened_backbone import OpenedBackbone, read_once
from topwork.search.rungs.rung import Asked
from topwork.search.rungs.state import SearchState
from topwork.trials.trial import Candidate, Trial, judged

PACKAGED_CONCATENATED: Final = "+".join(f"packaged:efficientnet_lite{i}" for i in range(3))
DEEPER, WIDER = "several depths", "wider features"

_SAFETY = 1.2
_TIMED_BATCHES = 4


@dataclass(frozen=True, slots=True)
class WiderRung:
    """More features of frozen networks, with a head on top.

    Parameters
    ----------
    backbone
        The wider network's name from that of the one that was asked for.
    made_of
        Whether it can be made of a network of this name.
    """

    name: str
    direction: str
    modality: str
    backbone: Callable[[str], str]
    made_of: Callable[[str], bool]
    requires: tuple[str, ...] = ()

    def available(self, asked: Asked) -> bool:
        fits = asked.modality == self.modality and asked.plain_backbone
        return asked.wants() and fits and self.made_of(asked.backbone)

    def rival(self, state: SearchState) -> Trial:
        return state.best_frozen

    def estimate(self, state: SearchState) -> float:
        """Seconds that features and head will take, from a few items."""
        opened = state.opened(self._backbone(state))
        return _SAFETY * _estimate(opened, state.first, state.search_context.data)

    def run(self, state: SearchState) -> Trial | str:
        """The candidate's features and a head on the same folds, or why there is neither."""
        search_context, candidate = (
            state.search_context,
            Candidate(self.name, self._backbone(state)),
        )
        opened = state.opened(candidate.backbone)
        progress = search_context.run.steps(self.name.capitalize())
        try:
            read = read_once(search_context.data, opened.request, max_bad=1.0, progress=progress)
        except UserError as error:
            return str(error)
        if len(read.kept) < len(search_context.data):
            return "some items went away since they were read"
        part = opened.part(search_context.data, read)
        trial = judged(
            candidate,
            part,
            search_context.comparison.folds,
            search_context.run.settings,
            progress=progress,
        )
        return replace(trial, above=True)

    def _backbone(self, state: SearchState) -> str:
        return self.backbone(state.search_context.run.settings.backbone_name)


def _estimate(opened: OpenedBackbone, first: Trial, data: Dataset) -> float:
    """Seconds that features and head will take, from a few items."""
    wider = opened.graph.shape[-1] / int(first.frozen.features.shape[1])
    missing = len(set(first.frozen.extraction.keys) - opened.request.store.known())
    if not missing:
        return first.seconds * wider
    return missing * _seconds_an_item(opened, data) + first.seconds * wider


def _seconds_an_item(opened: OpenedBackbone, data: Dataset) -> float:
    """Reading, decoding and the network, by a few items from all over; nothing of it is kept."""
    request = replace(opened.request, store=MemoryStore())
    n = request.engine.batch
    some = [data.items[i] for i in range(0, len(data), max(1, len(data) // (n * _TIMED_BATCHES)))]
    extract(some[:n], request, kind=data.kind)  # the first batches also warm up
    done = extract(some, replace(request, store=MemoryStore()), kind=data.kind)
    return done.seconds / len(some)


def _from_elsewhere(backbone: str) -> bool:
    """Whether it has the weights that everybody has: others would not go with those of a file."""
    return "@" not in backbone


def _is_packaged(backbone: str) -> bool:
    """Whether it is one of those that are packaged together."""
    names = {name.rpartition(":")[2] for name in PACKAGED_CONCATENATED.split("+")}
    return _from_elsewhere(backbone) and backbone.rpartition(":")[2] in names


def _is_alone(backbone: str) -> bool:
    return _from_elsewhere(backbone) and not _is_packaged(backbone)


def _any(backbone: str) -> bool:  # noqa: ARG001  the same question as the others
    return True


def _depths(backbone: str) -> str:
    return f"{backbone}+depths"


def _mirrored(backbone: str) -> str:
    return f"{backbone}+depths+mirrored"


def _together(backbone: str) -> str:  # noqa: ARG001  whichever of them was asked for
    return f"{PACKAGED_CONCATENATED}+depths"


def _together_mirrored(backbone: str) -> str:  # noqa: ARG001  whichever of them was asked for
    return f"{PACKAGED_CONCATENATED}+depths+mirrored"


DEPTHS = WiderRung("several depths", DEEPER, "image", _depths, _from_elsewhere)
MIRRORED = WiderRung("several depths and mirrored views", WIDER, "image", _mirrored, _is_alone)
THREE = WiderRung("three networks at several depths", WIDER, "image", _together, _is_packaged)
THREE_MIRRORED = WiderRung(
    "three networks and mirrored views", WIDER, "image", _together_mirrored, _is_packaged
)
TEXT_DEPTHS = WiderRung("several depths", DEEPER, "text", with_layers, _any)
