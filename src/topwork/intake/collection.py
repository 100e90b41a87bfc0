"""Items with their features, no labels needed: of data, or of the fit of a saved model."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import DEFAULT_FOR
from topwork.data import (
    ClassTargets,
    Dataset,
    Item,
    LabelTargets,
    NumberTargets,
    OrdinalTargets,
    Targets,
    read,
    read_any,
    surveyed,
)
from topwork.data.folders.levels import WRONG_LEVEL
from topwork.data.reading.memory import kind_of
from topwork.errors import DataError, ParameterError
from topwork.features import FeatureRequest
from topwork.features.opened_backbone import (
    OpenedBackbone,
    check_takes,
    open_backbone,
    read_once,
)
from topwork.features.rejected import RejectedRecord
from topwork.intake.own_network import open_own_network
from topwork.intake.source_files import left_out, no_source_files, noted_source_files
from topwork.model import (
    ClusterModel,
    LabelsModel,
    LinearModel,
    Model,
    NumberModel,
    OrdinalModel,
    as_linear,
    load,
)
from topwork.model.storage.manifest import is_bundle
from topwork.quality import Similarity
from topwork.quality.item_fingerprints import ItemFingerprints, fingerprints_of
from topwork.runtime.progress import Progress, silent
from topwork.settings import FeatureSettings


@dataclass(frozen=True, eq=False)
class Collection:
    """The n readable items of a source with their features.

    Parameters
    ----------
    data
        The items.
    keys
        The content key of each.
    features
        (n, d), as they are stored.
    network
        The name of the network that gave the features.
    request
        How items are prepared and run through it.
    fingerprints
        What items are compared by to find copies.
    rejected
        Items that cannot be read.
    told
        What a saved model says of each of the items of its fit besides their targets, by its name:
        ``cluster``.
    """

    data: Dataset
    keys: tuple[bytes, ...]
    features: NDArray[Any]
    network: str
    request: FeatureRequest
    fingerprints: ItemFingerprints
    rejected: tuple[RejectedRecord, ...] = ()
    told: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, positions: NDArray[np.intp], hints: tuple[str, ...] = ()) -> Collection:
        """Some of the items, and what else people are told of them."""
        data = self.data.take(positions)
        return replace(
            self,
            data=replace(data, hints=(*data.hints, *hints)),
            keys=tuple(self.keys[i] for i in positions),
            features=self.features[positions],
        )

    def similarity(self, positions: NDArray[np.intp]) -> Similarity:
        """What some of the items look like."""
        return self.fingerprints.similarity([self.keys[i] for i in positions], None)


def collect(
    source: object,
    settings: FeatureSettings,
    *,
    backbone: str | None = None,
    model: LinearModel | str | Path | None = None,
    request: FeatureRequest | None = None,
    kind: str = "auto",
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    lines: bool = False,
    labelled: bool = False,
    progress: Progress = silent,
) -> Collection:
    """Read items once and bring their features into the store.

    Parameters
    ----------
    source
        A folder, a table, a list of items, a `Dataset`; or a saved model, for the items of its fit.
    backbone
        The network; the usual one for the items where it is not given.
    model
        A model whose own network is used, in place of ``backbone``.
    request
        What gives the features, if it is at hand; ``backbone`` is what it is called.
    kind, columns, header, root, lines
        How data are read; see `topwork.read`.
    labelled
        Whether labels and domains are read where there are any.

    Raises
    ------
    DataError
        There are no items, too many can't be read, or those of a model are no longer at hand.
    ParameterError
        Another network is named for the items of a saved model.
    """
    if isinstance(source, LinearModel) or (isinstance(source, str | Path) and _holds_model(source)):
        if backbone is not None or model is not None:
            raise ParameterError(
                "The items of a saved model are seen by its own network.",
                remedy="Leave --backbone and --model out, or give the data instead of the model.",
                code="two_networks",
            )
        return _of_model(source, settings, progress)
    reading = {"columns": columns, "header": header, "root": root}
    data = surveyed(_read(source, kind, reading, lines=lines, labelled=labelled), settings.window)
    if request is not None:
        return collected(data, backbone or "", request, settings, progress)
    if model is None:
        opened = open_backbone(backbone or DEFAULT_FOR[data.kind.name], settings)
    else:
        own, place = _linear(model)
        data = data.read_by(own.kind, "The model")
        opened = _own(own, place, settings)
    return _collected(data, opened, settings, progress)


def _collected(
    data: Dataset, opened: OpenedBackbone, settings: FeatureSettings, progress: Progress
) -> Collection:
    check_takes(opened.backbone, data)
    return collected(data, opened.backbone.name, opened.request, settings, progress)


def collected(
    data: Dataset,
    network: str,
    request: FeatureRequest,
    settings: FeatureSettings,
    progress: Progress = silent,
) -> Collection:
    """Bring the features of data into the store by a network at hand; see `collect`."""
    fingerprints = fingerprints_of(data.kind.name, keep=settings.cache)
    extraction = read_once(
        data,
        request,
        extra_requests=[fingerprints.request],
        max_bad=settings.max_bad,
        progress=progress,
    )
    return Collection(
        data.take(extraction.kept),
        tuple(extraction.keys),
        request.store.read(extraction.keys),
        network,
        request,
        fingerprints,
        tuple(RejectedRecord.of(extraction.rejected)),
    )


def _of_model(
    source: LinearModel | str | Path, settings: FeatureSettings, progress: Progress
) -> Collection:
    """The items of the fit, from where they lay; their targets are those of the model."""
    model, place = _linear(source)
    keys = [key.tobytes() for key in model.training_keys]
    files = noted_source_files(keys)
    here = [i for i, key in enumerate(keys) if key in files]
    remedy = "Give the data instead, with --model to use the network of the model."
    if not here:
        raise no_source_files(model.kind, place, remedy)
    items = [Item(str(files[keys[i]]), files[keys[i]]) for i in here]
    rows = np.array(here, np.intp)
    data = Dataset(items, _targets(model, rows), kind=model.kind, source=str(place))
    read = _collected(data, _own(model, place, settings), settings, progress)
    noted = {str(path): key for key, path in files.items()}
    same = [noted[item.name] == key for item, key in zip(read.data.items, read.keys, strict=True)]
    if not any(same):
        raise no_source_files(model.kind, place, remedy)
    n_changed = len(keys) - sum(same) - len(read.rejected)
    found = read.take(np.flatnonzero(same), left_out(n_changed, model.kind))
    return replace(found, told=_told(model, keys, found.keys))


def _targets(model: LinearModel, rows: NDArray[np.intp]) -> Targets | None:
    """What some of the items of a model's fit were labelled with."""
    if isinstance(model, Model):
        codes = model.parts.statistics.codes
        if len(codes) == len(model.training_keys):
            return ClassTargets(codes[rows].astype(np.int64), tuple(model.labels))
    elif isinstance(model, LabelsModel):
        return LabelTargets(model.labels, model.parts.training.presence[rows])
    elif isinstance(model, OrdinalModel):
        ranks = model.parts.training.codes[rows].astype(np.int64)
        return OrdinalTargets(ranks, model.labels, certain=True)
    elif isinstance(model, NumberModel):
        return NumberTargets(model.parts.training.numbers[rows])
    return None


def _told(
    model: LinearModel, keys: Sequence[bytes], kept: Sequence[bytes]
) -> Mapping[str, Sequence[str]]:
    if not isinstance(model, ClusterModel):
        return {}
    names, codes = model.names, dict(zip(keys, model.parts.space.codes.tolist(), strict=True))
    return {"cluster": [f"{codes[key]}: {names[codes[key]]}" for key in kept]}


def _linear(model: LinearModel | str | Path) -> tuple[LinearModel, str | Path]:
    if isinstance(model, LinearModel):
        return model, "the model"
    return as_linear(load(model), "This command"), model


def _own(model: LinearModel, place: str | Path, settings: FeatureSettings) -> OpenedBackbone:
    return open_own_network(
        model,
        place,
        engine=settings.engine,
        cache=settings.cache,
        instead="leave the model out, for the features of another network",
    )


def _holds_model(source: str | Path) -> bool:
    try:
        return is_bundle(Path(source))
    except (OSError, ValueError):
        return False


def _read(
    source: object, kind: str, reading: Mapping[str, Any], *, lines: bool, labelled: bool
) -> Dataset:
    if isinstance(source, Dataset):
        return source
    if not isinstance(source, str | os.PathLike):
        return _in_memory(source, kind, reading["columns"], labelled=labelled)
    if labelled and not lines:
        try:
            return read(source, split="all", items=kind, **reading)
        except DataError as error:  # no labels: a flat folder, a table of items alone
            if error.code == WRONG_LEVEL:
                return read(source, split="all", items=kind, layout="domain/class")
    return read_any(source, items=kind, lines=lines, **reading)


def _in_memory(
    source: object, kind: str, columns: Mapping[str, str] | None, *, labelled: bool
) -> Dataset:
    if labelled or isinstance(source, tuple):
        try:
            return read(source, split="all", items=kind, columns=columns)
        except DataError:  # no labels
            pass
    if isinstance(source, Iterator):
        source = list(source)
    told = kind_of(source) if kind == "auto" and isinstance(source, list | tuple) else kind
    return read_any(source, items=told, columns=columns)
