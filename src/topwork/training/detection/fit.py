"""One fit of a detection head, as a task that any process can run."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from topwork.backbones import resolve
from topwork.backbones.resized import resized
from topwork.data import ImageBoxes
from topwork.features import Activations
from topwork.heads.detection.layout import DetectionLayout
from topwork.heads.detection.shape import HeadShape
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.placed import remaining
from topwork.runtime.progress import Progress, silent
from topwork.training.detection.batches import MapBatches, StoredMaps
from topwork.training.detection.head import DetectionHead, TailedDetector, WholeDetector
from topwork.training.detection.task_aligned import WARM_UP, TaskAligned
from topwork.training.loop import train
from topwork.training.settings import LoopSettings

Array = NDArray[np.float32]

_SAMPLED = 64
"""Images whose maps tell mean and deviation of each channel."""

_TIMED = 6
"""Steps that tell how long one takes."""

_AVERAGED = 0.1
"""Share of the steps over which the weights are averaged."""


@dataclass(frozen=True, slots=True)
class DetectionRecipe:
    """How a head is trained.

    Parameters
    ----------
    steps
        Of the optimiser, in all.
    batch
        Images per step.
    learning_rate
        The peak.
    width
        Channels inside the head.
    by_place
        Steps with cells assigned by place; see `topwork.training.detection.task_aligned`.
    seconds
        After so many it ends; None for no limit.
    seed
        Of everything random.
    """

    steps: int = 800
    batch: int = 8
    learning_rate: float = 1e-3
    width: int = 64
    by_place: int = WARM_UP
    seconds: float | None = None
    seed: int = 0

    def loop(self, n: int) -> LoopSettings:
        """The run over n images."""
        per_epoch = -(-n // self.batch)
        epochs = max(1, math.ceil(self.steps / per_epoch))
        return LoopSettings(
            epochs=epochs,
            batch=self.batch,
            learning_rate=self.learning_rate,
            layer_decay=1.0,
            warm_up=min(0.5, 50 / (epochs * per_epoch)),
            clip=5.0,
            average=1 - 1 / max(2.0, _AVERAGED * epochs * per_epoch),
            seconds=self.seconds,
            seed=self.seed,
        )


@dataclass(frozen=True, slots=True)
class TrainedLayers:
    """Layers of the network that are trained together with the head.

    Parameters
    ----------
    backbone
        Name of the network.
    height, width
        Of its input, in pixels.
    start
        The cut behind which they lie, whose maps are stored; None for the whole network, from
        pixels.
    cuts
        Those that the head sees and that they compute.
    learning_rate
        Their peak.
    """

    backbone: str
    height: int
    width: int
    start: str | None
    cuts: tuple[str, ...]
    learning_rate: float = 3e-4

    def module(self) -> nn.Module:
        """The map at the first cut, or images, to those at the others."""
        network = resized(resolve(self.backbone), self.height, self.width).load()
        if self.start is None:
            return copy.deepcopy(network.features_at(self.cuts))
        return copy.deepcopy(network.between(self.start, self.cuts))


@dataclass(frozen=True, eq=False, slots=True)
class DetectionJob:
    """One fit: on which images, and of which others predictions are wanted.

    Parameters
    ----------
    cuts
        Stored maps of all n images in v views, from fine to coarse.
    boxes
        Objects of each view of each image, in pixels of the input, ``[n][v]``.
    rows
        Images to train on.
    held_out
        Images in which objects are sought after training.
    judged_views
        Views of each of those in which they are, p.
    layers
        What is trained besides the head; None for nothing.
    pixels
        The same views of the images, which a whole network is trained on.
    start
        Weights that the head starts from; None for random ones.
    threads
        Cores that the fit may use.
    """

    cuts: tuple[Activations, ...]
    boxes: Sequence[Sequence[ImageBoxes]]
    layout: DetectionLayout
    n_classes: int
    recipe: DetectionRecipe
    rows: NDArray[np.integer]
    held_out: NDArray[np.integer]
    judged_views: Sequence[int] = (0,)
    layers: TrainedLayers | None = None
    pixels: Activations | None = None
    start: Mapping[str, Array] | None = None
    threads: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class DetectionFit:
    """What a fit gave.

    Parameters
    ----------
    weights
        Of the head, by name.
    layers
        Parameters of the layers that were trained, by the network's own names; none without.
    found
        In each view of each image held out, ``[m][p]``, in pixels of the input.
    ending
        Why training ended; see `topwork.training.loop.Ending`.
    """

    weights: dict[str, Array]
    layers: dict[str, Array]
    found: tuple[tuple[Detections, ...], ...]
    ending: str


def fit_detection(job: DetectionJob, *, progress: Progress = silent) -> DetectionFit:
    """Train a head on some images and run it on others."""
    threads = torch.get_num_threads()
    torch.set_num_threads(job.threads)
    try:
        return _fit(job, progress)
    finally:
        torch.set_num_threads(threads)


def _fit(job: DetectionJob, progress: Progress) -> DetectionFit:
    every = StoredMaps(job.cuts)
    torch.manual_seed(job.recipe.seed)
    shape = HeadShape(every.shapes, job.layout, job.n_classes, job.recipe.width)
    head = DetectionHead(shape, *_statistics(every, job.rows))
    if job.start is not None:
        head.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in job.start.items()})
    maps, settings = every, job.recipe.loop(len(job.rows))
    module: nn.Module = head
    tail: nn.Module = nn.Identity()
    if job.layers is not None:
        tail = job.layers.module()
        maps, module = _with_layers(job, tail, head)
        rate = job.layers.learning_rate
        settings = replace(
            settings,
            learning_rate=rate,
            head_rate=settings.learning_rate / rate,
            precision="float32",  # bfloat16 takes twice as long: depthwise convolutions backwards
        )
    batches = MapBatches(maps, job.rows, job.boxes, job.layout)
    objective = TaskAligned(job.layout, warm_up=job.recipe.by_place)
    done = train(module, objective, batches, settings, progress=progress)
    found = tuple(_found(module, shape, maps, int(row), job.judged_views) for row in job.held_out)
    trained = {name: p.detach().numpy() for name, p in tail.float().named_parameters()}
    return DetectionFit(_arrays(head), trained, found, done.ending)


def _with_layers(
    job: DetectionJob, layers: nn.Module, head: DetectionHead
) -> tuple[StoredMaps, nn.Module]:
    """What is read, and the module that takes it, where layers are trained besides the head."""
    assert job.layers is not None
    if job.layers.start is None:
        assert job.pixels is not None
        pixels = StoredMaps((job.pixels,))
        return pixels, WholeDetector(layers, head, *pixels.shapes)
    maps = StoredMaps(job.cuts[: -len(job.layers.cuts)])
    return maps, TailedDetector(layers, head, maps.shapes)


def _arrays(module: nn.Module) -> dict[str, Array]:
    return {name: tensor.numpy() for name, tensor in module.float().state_dict().items()}


def _found(
    module: nn.Module, shape: HeadShape, maps: StoredMaps, row: int, views: Sequence[int]
) -> tuple[Detections, ...]:
    """What is in some views of an image, in pixels of the input."""
    with torch.inference_mode():
        logits, corners = module(maps.take(np.full(len(views), row), np.array(views, np.intp)))
    scores = torch.sigmoid(logits).numpy().reshape(len(views), len(shape.layout), shape.n_classes)
    return tuple(map(remaining, corners.numpy(), scores))


def _statistics(maps: StoredMaps, rows: NDArray[np.integer]) -> tuple[list[Array], list[Array]]:
    """Mean and deviation of each channel of each map."""
    some = rows[np.linspace(0, len(rows) - 1, min(_SAMPLED, len(rows))).astype(int)]
    stored = maps.take(some, np.zeros(len(some), np.intp)).numpy()
    means, deviations, begin = [], [], 0
    for c, h, w in maps.shapes:
        values = stored[:, begin : begin + c * h * w].reshape(len(some), c, h * w)
        begin += c * h * w
        means.append(values.mean(axis=(0, 2)))
        deviations.append(np.maximum(values.std(axis=(0, 2)), 1e-3))
    return means, deviations


def seconds_per_step(job: DetectionJob) -> float:
    """What one step of a job takes on one core."""
    rows = np.resize(job.rows, job.recipe.batch * _TIMED)
    trial = replace(
        job, rows=rows, held_out=rows[:0], recipe=replace(job.recipe, steps=_TIMED, by_place=0)
    )
    ends: list[float] = []

    def note(done: int, total: int) -> None:  # noqa: ARG001
        ends.append(time.monotonic())

    if fit_detection(trial, progress=note).ending == "interrupted":
        raise KeyboardInterrupt
    return float(np.median(np.diff(ends)))
