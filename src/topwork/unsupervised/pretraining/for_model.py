"""A pretraining for a saved model: its network is the start, and its training items judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from topwork.backbones import resolve
from topwork.data import ClassTargets, Dataset, Item, Modality
from topwork.errors import BackboneError, BadItem, DataError
from topwork.features.opened_backbone import OpenedBackbone
from topwork.intake.own_network import open_own_network, same_features
from topwork.intake.source_files import left_out, no_source_files, unchanged_source_files
from topwork.model import Model
from topwork.runtime.counted import counted
from topwork.settings import PretrainSettings


@dataclass(frozen=True, eq=False, slots=True)
class Start:
    """What is refined.

    Parameters
    ----------
    name
        What ``--backbone`` calls it.
    trained_in
        The identity of the model in which it was trained on labels; empty where it wasn't.
    """

    name: str
    opened: OpenedBackbone
    trained_in: str = ""


def start_of(model: Model, place: Path, settings: PretrainSettings) -> Start:
    """The network of a model, as it is there.

    Parameters
    ----------
    place
        The model's folder.

    Raises
    ------
    BundleError
        The network cannot be made here.
    """
    opened = open_own_network(
        model,
        place,
        engine=settings.engine,
        cache=settings.cache,
        instead="leave --for out and name a --backbone",
    )
    name = model.card.backbone.partition("@")[0]
    try:
        known = same_features(resolve(name), model.card)
    except BackboneError:
        known = False
    trained_in = model.identity if model.card.strategy != "probe" else ""
    return Start(name if known else f"{name}@{model.parts.weights}", opened, trained_in)


def check_unseen(labelled: Dataset, model: Model) -> None:
    """Refuse labelled items whose labels the network of a model was trained on.

    Raises
    ------
    DataError
        There are some: they can't judge what becomes of that network.
    """
    if model.card.strategy == "probe" or labelled.kind.name != model.kind.name:
        return
    known = {key.tobytes() for key in model.training_keys}
    seen = sum(_key(item, model.kind) in known for item in labelled.items)
    if seen:
        raise _trained_on(f"{seen} of {counted(len(labelled), model.kind.name)}", model)


def _key(item: Item, kind: Modality) -> bytes | None:
    try:
        return kind.read(item).key
    except BadItem:
        return None


def _trained_on(which: str, model: Model) -> DataError:
    return DataError(
        f"The network of the model was trained on the labels of {which}, so they "
        "can't be used to evaluate the refined network.",
        remedy=f"Give other labelled {model.kind.name}s with --labelled.",
        code="seen_labels",
    )


def training_items(model: Model, place: Path) -> Dataset:
    """The labelled items that a model was fitted on, as far as they lie unchanged where they lay.

    They decide about a network that was not trained on them.

    Raises
    ------
    DataError
        None is known on this computer, or the network of the model was trained on them.
    """
    if model.card.strategy != "probe":
        raise _trained_on(f"the {model.kind.name}s that it was fitted on", model)
    past = model.parts.statistics
    keys = [key.tobytes() for key in past.keys]
    files = unchanged_source_files(keys, model.kind)
    rows = [row for row, key in enumerate(keys) if key in files]
    if not rows or len(keys) != len(past.codes):
        raise no_source_files(
            model.kind, place, f"Give a few labelled {model.kind.name}s with --labelled."
        )
    items = [Item(str(files[keys[row]]), files[keys[row]]) for row in rows]
    targets = ClassTargets(past.codes[rows].astype(np.int64), tuple(model.labels), certain=True)
    found = Dataset(
        items,
        targets,
        past.groups[rows],
        kind=model.kind,
        hints=left_out(len(keys) - len(rows), model.kind),
        source=str(place),
    )
    return found.without_empty_classes()
