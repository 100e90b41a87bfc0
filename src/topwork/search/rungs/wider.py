"""Wider frozen features as a rung: other networks beside the first, mirrored views."""

from __future__ import annotations

from dataclasses import replace

from topwork.data import Dataset
from topwork.errors import UserError
from topwork.features import MemoryStore, extract
from topwork.features.opened_backbone import OpenedBackbone, open_backbone, read_once
from topwork.search.ground import SearchContext
from topwork.trials.trial import Candidate, Trial, judged

_SAFETY = 1.2
_TIMED_BATCHES = 4


def wider_trial(candidate: Candidate, first: Trial, search_context: SearchContext) -> Trial | str:
    """The candidate's features and a head on the same folds, or why there is neither."""
    try:
        opened = open_backbone(candidate.backbone, search_context.settings)
        wait = _SAFETY * _estimate(opened, first, search_context.data)
        if wait > search_context.left:
            return f"it would take {wait:.0f} s, and {max(search_context.left, 0):.0f} s are left"
        progress = search_context.steps(candidate.name.capitalize())
        read = read_once(search_context.data, opened.request, max_bad=1.0, progress=progress)
    except UserError as error:
        return str(error)
    if len(read.kept) < len(search_context.data):
        return "some items went away since they were read"
    part = opened.part(search_context.data, read)
    return judged(
        candidate, part, search_context.comparison.folds, search_context.settings, progress=progress
    )


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
