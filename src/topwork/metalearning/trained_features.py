"""Layers trained on episodes, held against the closed form on tasks that were left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import Network
from topwork.backbones.sources.own import write_own
from topwork.data import MODALITIES
from topwork.errors import BackboneError, ParameterError
from topwork.features.opened_backbone import OpenedBackbone, open_backbone
from topwork.heads import normalise_rows
from topwork.intake.collection import Collection
from topwork.metalearning.closed_form import Learnt, Task, over_tasks, scores_of
from topwork.metalearning.result import Estimated, TrainedMetric
from topwork.metalearning.training_episodes import draw_from
from topwork.runtime.atomic import new_folder
from topwork.runtime.progress import Steps
from topwork.settings import FeatureSettings

if TYPE_CHECKING:
    from torch import Tensor

    from topwork.features import Activations

FOLDS: Final = 4
"""Of tasks: training once without each task would take minutes for each."""

_SHARE: Final = 0.18


@dataclass(frozen=True, eq=False, slots=True)
class TrainedFeatures:
    """What training the last layers on episodes brought.

    Parameters
    ----------
    told
        What it adds to the closed form, and whether that is certain.
    gains
        On each left-out task over the nearest class mean on the start's features, (t,).
    low, high
        The 95 % interval of their mean over tasks.
    tensors
        The trained ones by name, where they are used; empty otherwise.
    """

    told: TrainedMetric
    gains: NDArray[np.float64]
    low: float
    high: float
    opened: OpenedBackbone
    network: Network
    tensors: Mapping[str, Tensor]

    def save(self, folder: Path) -> None:
        """Write the backbone, which ``own:@FOLDER`` names."""
        self.network.module.load_state_dict(dict(self.tensors), strict=False)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(folder) as place:
            tensors = self.network.module.state_dict()
            write_own(place, self.opened.backbone, tensors, self.network.recipe)


def train_features(
    tasks: Sequence[Task],
    reads: Sequence[Collection],
    closed: Learnt,
    settings: FeatureSettings,
    *,
    steps: Steps,
) -> TrainedFeatures:
    """Train the last layers on episodes: without each fold of tasks, and once on all.

    They are used where the lower end of the interval over tasks of what they add to the closed form
    is above 0.

    Parameters
    ----------
    tasks, reads
        Each task, and its items with their features.
    closed
        What the closed form brings on the same tasks.

    Raises
    ------
    BackboneError
        The network has no layers behind a cut.
    ParameterError
        The items are no images.
    """
    from topwork.backbones.late_cut import late_cut
    from topwork.training.batches import as_tensor
    from topwork.training.strategies.anil import fit_anil
    from topwork.training.strategies.refine import vectors_of_views

    opened = open_backbone(reads[0].network, settings)
    network = opened.backbone.load()
    _check_maps(reads[0])
    cut = late_cut(network, _SHARE)
    if cut is None:
        raise BackboneError(
            f"{opened.backbone.name} can only be cut behind its last layer: nothing of it can be "
            "trained.",
            remedy="Choose another --backbone, such as packaged:efficientnet_lite0.",
            code="no_such_cut",
        )
    activations = _plain_activations(reads, opened, network, cut, settings=settings, steps=steps)
    tail = network.at(cut).to_pooled
    begins = np.cumsum([0, *(len(one) for one in reads)])
    start = _accuracies(tasks, begins, vectors_of_views(tail, activations)[:, 0], settings.seed)

    def inputs_of(task: int, items: NDArray[np.int64]) -> Tensor:
        plain = np.zeros(len(items), np.int64)
        return as_tensor(activations.take(begins[task] + items, plain))

    after, seed = np.zeros(len(tasks)), settings.seed
    progress = steps("Training on episodes")
    for fold in range(FOLDS):
        rest = [i for i in range(len(tasks)) if i % FOLDS != fold]
        own = fit_anil(tail, draw_from(tasks, rest, inputs_of), seed=seed)
        found = _accuracies(tasks, begins, vectors_of_views(own, activations)[:, 0], seed)
        after[fold::FOLDS] = found[fold::FOLDS]
        progress(fold + 1, FOLDS + 1)
    gains = after - start
    more = gains - closed.gains
    low, high = over_tasks(more)
    tensors: Mapping[str, Tensor] = {}
    if low > 0:
        own = fit_anil(tail, draw_from(tasks, range(len(tasks)), inputs_of), seed=seed)
        tensors = dict(own.named_parameters())
    progress(FOLDS + 1, FOLDS + 1)
    told = TrainedMetric(
        added=Estimated(value=float(more.mean()), low=low, high=high), used=low > 0
    )
    return TrainedFeatures(told, gains, *over_tasks(gains), opened, network, tensors)


def _check_maps(read: Collection) -> None:
    if not MODALITIES[read.data.kind.name].shows_objects:
        raise ParameterError(
            "The method anil trains layers of networks for images.",
            remedy="Use --method closed-form or protonet.",
            code="images_only",
        )


def _plain_activations(
    reads: Sequence[Collection],
    opened: OpenedBackbone,
    network: Network,
    cut: str,
    *,
    settings: FeatureSettings,
    steps: Steps,
) -> Activations:
    """Of the items of all tasks in their order, in the plain view."""
    from topwork.backbones.engines import open_engine
    from topwork.data import PLAIN
    from topwork.features import DiskBudget, ViewRequest, extract_views
    from topwork.runtime import cache_folder

    keep = settings.cache
    engine, _ = open_engine(
        opened.backbone,
        cut=cut,
        name=settings.engine,
        graphs=cache_folder() / "graphs" if keep else None,
    )
    store, shape = opened.activation_store(cut, engine, keep=keep), network.at(cut).shape
    request = ViewRequest((PLAIN,), opened.framing, engine, store, shape)
    keys = tuple(key for one in reads for key in one.keys)
    extract_views(
        [item for one in reads for item in one.data.items],
        request,
        kind=reads[0].data.kind,
        keys=keys,
        budget=DiskBudget(cache_folder()) if keep else None,
        progress=steps("Activations of the tasks"),
    )
    return store.activations(keys, views=request.views, shape=shape)


def _accuracies(
    tasks: Sequence[Task], begins: NDArray[np.int64], vectors: NDArray[np.float32], seed: int
) -> NDArray[np.float64]:
    """With one label per class, of the nearest class mean on these features, (t,)."""
    found = []
    for i, task in enumerate(tasks):
        own = normalise_rows(vectors[begins[i] : begins[i + 1]])
        found.append(scores_of(replace(task, X=own), [], seed + i)[0])
    return np.array(found)
