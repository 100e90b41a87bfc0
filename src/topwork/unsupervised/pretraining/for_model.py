"""A pretraining for a saved model: its network is the start, and its training items judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from topwork.backbones import resolve
from topwork.data import ClassTargets, Dataset, Item
from topwork.errors import BackboneError
from topwork.features.opened_backbone import OpenedBackbone
from topwork.intake.own_network import open_own_network, same_features
from topwork.intake.source_files import left_out, no_source_files, unchanged_source_files
from topwork.model import Model
from topwork.settings import PretrainSettings


@dataclass(frozen=True, eq=False, slots=True)
class Start:
    """What is refined.

    Parameters
    ----------
    name
        What ``--backbone`` calls it.
    """

    name: str
    opened: OpenedBackbone


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
    return Start(name if known else f"{name}@{model.parts.weights}", opened)


def training_items(model: Model, place: Path) -> Dataset:
    """The labelled items that a model was fitted on, as far as they lie unchanged where they lay.

    They decide fairly about a network that was not trained on them. One that was knows their labels
    already, so that little can be better on them.

    Raises
    ------
    DataError
        None is known on this computer.
    """
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
