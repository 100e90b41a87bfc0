"""Refine a backbone on items without labels, and keep it where labels show that it gained."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import DEFAULT_FOR, Network
from topwork.backbones.sources.own import PREFIX, start_in, write_own
from topwork.backbones.with_weights import with_weights
from topwork.data import Dataset
from topwork.errors import BackboneError, ParameterError
from topwork.features.opened_backbone import (
    OpenedBackbone,
    check_takes,
    open_backbone,
    open_network,
    read_once,
)
from topwork.installation import TRAINING, require
from topwork.metrics.records import Score
from topwork.runtime.atomic import new_folder
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.settings import PretrainSettings
from topwork.training.refining import REFINED_BY, RefinedWeights, RefiningContext
from topwork.unsupervised.pretraining.for_model import Start
from topwork.unsupervised.pretraining.gate import Verdict, judge_refined
from topwork.unsupervised.pretraining.items import (
    LabelledItems,
    PretrainingItems,
    pretraining_items,
)
from topwork.unsupervised.pretraining.result import PretrainResult, TriedObjective

_TRAINED = " The start was trained on the labels that its model was fitted on: evaluate on others."


@where_settings_say
def pretrain(
    data: Dataset,
    out: Path,
    settings: PretrainSettings | None = None,
    *,
    labelled: Dataset | None = None,
    start: Start | None = None,
    steps: Steps = no_steps,
) -> PretrainResult:
    """Refine the last layers of a backbone on items without labels.

    With labelled items the backbone is written only if a probe on its features is better than one
    on the start's. Without them it is written, and nothing says that it is better.

    Parameters
    ----------
    data
        The items without labels.
    out
        The folder of the refined backbone, which ``own:@OUT`` names.
    labelled
        A few labelled items; copies of them among the others are not learnt from.
    start
        What is refined; ``None`` for the backbone that the settings name.

    Raises
    ------
    BackboneError
        The packages of the extra ``train`` are missing, or the backbone cannot be refined.
    DataError
        There are too few items, or the labelled ones have no labels.
    ParameterError
        ``out`` holds something else.
    """
    settings, begun = settings or PretrainSettings(), time.monotonic()
    require("Pretraining", TRAINING)
    check_place(out)
    if start is None:
        name = settings.backbone or DEFAULT_FOR[data.kind.name]
        start = Start(name, open_backbone(name, settings))
    name, opened = start.name, start.opened
    check_takes(opened.backbone, data)
    context = RunContext(settings, steps)
    items = pretraining_items(data, labelled, opened, context)
    network = opened.backbone.load()
    refined = REFINED_BY[data.kind.name](refining_context(items, name, opened, network, context))
    verdict = None
    if items.labelled is not None:
        features = _features_by_objective(items.labelled, opened, refined, context)
        verdict = judge_refined(items.labelled, name, features)
    kept = next(iter(refined)) if verdict is None or not verdict.gains else verdict.chosen
    if kept is not None:
        network.module.load_state_dict(dict(refined[kept].tensors), strict=False)
        out.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(out) as folder:
            tensors = network.module.state_dict()
            write_own(folder, opened.backbone, tensors, network.recipe, trained_in=start.trained_in)
    tried = _tried(refined, verdict, kept)
    judged = [one for one in tried if one.brier_gain is not None]
    best = max(judged, key=lambda one: (one.chosen, one.brier_gain), default=None)
    return PretrainResult(
        task=None if items.labelled is None else "classes",
        modality=items.data.kind.name,
        backbone=name if kept is None else f"{PREFIX}@{out}",
        start=name,
        shipped=best is not None and best.chosen,
        gain=None if best is None else best.gain,
        reason=_reason(items, verdict, best, name, tried) + (_TRAINED if start.trained_in else ""),
        n_items=len(items.data),
        n_copies=items.n_copies,
        n_labelled=0 if items.labelled is None else len(items.labelled),
        rejected=items.rejected,
        tried=tried,
        seconds=time.monotonic() - begun,
    )


def refining_context(
    items: PretrainingItems,
    name: str,
    opened: OpenedBackbone,
    network: Network,
    context: RunContext[PretrainSettings],
) -> RefiningContext:
    """The start, and what it is refined on, as the settings say."""
    settings = context.settings
    return RefiningContext(
        items.data,
        items.keys,
        name,
        opened,
        network,
        settings,
        60 * settings.minutes,
        context.steps,
        settings.objective,
    )


def check_place(out: Path) -> None:
    """Refuse a place for a backbone where something else is.

    Raises
    ------
    ParameterError
        It is a file, or a folder with anything but such a backbone.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        start_in(out)
    except BackboneError as error:
        raise ParameterError(
            f"{out} exists and is no backbone of topwork pretrain.",
            remedy="Give another --out, a folder that is new or empty.",
            code="exists",
        ) from error


def _features_by_objective(
    labelled: LabelledItems,
    opened: OpenedBackbone,
    refined: Mapping[str, RefinedWeights],
    context: RunContext[PretrainSettings],
) -> dict[str, NDArray[np.floating]]:
    """Of the labelled items by the network that would be saved, run as commands run it."""
    found: dict[str, NDArray[np.floating]] = {}
    for name, weights in refined.items():
        backbone = with_weights(opened.backbone, weights.tensors)
        own = open_network(backbone, context.settings, keep=False)
        progress = context.steps(f"Labelled items after {name}")
        read = read_once(labelled.part.data, own.request, max_bad=0.0, progress=progress)
        found[name] = own.request.store.read(read.keys)
    return found


def _tried(
    refined: Mapping[str, RefinedWeights], verdict: Verdict | None, kept: str | None
) -> tuple[TriedObjective, ...]:
    gains = {} if verdict is None else verdict.gains
    return tuple(
        TriedObjective(
            name=name,
            gain=gains[name].accuracy if name in gains else None,
            brier_gain=gains[name].brier if name in gains else None,
            drift=weights.drift,
            losses=weights.losses,
            held_out=weights.held_out,
            chosen=name == kept,
        )
        for name, weights in refined.items()
    )


def _told(tried: Sequence[TriedObjective]) -> str:
    """What became of the losses that were measured on held-out items."""
    measured = [(one.name, *one.held_out) for one in tried if one.held_out is not None]
    return "".join(
        f" The loss of {name} went from {before:.2f} to {after:.2f} on held-out items."
        for name, before, after in measured
    )


def _reason(
    items: PretrainingItems,
    verdict: Verdict | None,
    best: TriedObjective | None,
    start: str,
    tried: Sequence[TriedObjective],
) -> str:
    if verdict is None or items.labelled is None:
        judge = "give labelled items with --labelled to test whether it is better"
        return f"Not evaluated: {judge}.{_told(tried)}"
    if best is None or best.gain is None or best.brier_gain is None:
        few = verdict.selection.reason.partition(":")[0]
        return f"Not evaluated: {few[0].lower()}{few[1:]}. Give more with --labelled."
    on = f"{len(items.labelled)} labelled {items.data.kind.name}s"
    fell = "lowers" if best.brier_gain >= 0 else "raises"
    said = f"{best.name.capitalize()} {fell} the Brier score of a probe by"
    moved = f"{said} {abs(best.brier_gain):.3f} on {on} (balanced accuracy {_points(best.gain)})"
    if best.chosen:
        return f"{moved}."
    certain = ", not certain" if best.brier_gain > 0 else ""
    return f"{moved}{certain}: keeping {start}."


def _points(gain: Score) -> str:
    assert gain.high is not None
    ends = f"{100 * gain.low:+.1f} to {100 * gain.high:+.1f}"
    return f"{100 * gain.value:+.1f} points, {ends}".replace("-", "−")
