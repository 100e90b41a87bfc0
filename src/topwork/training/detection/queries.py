"""One fit of a pretrained detector with queries, as a task that any process can run."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from topwork.backbones.detectors.query_detector import QueryDetector
from topwork.backbones.sources.transformers_library import first_line
from topwork.data import ImageBoxes
from topwork.errors import BackboneError
from topwork.features import Activations
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.placed import remaining
from topwork.runtime.progress import Progress, silent
from topwork.training.batches import Batch, as_tensor, drawn_batches
from topwork.training.loop import train
from topwork.training.settings import LoopSettings

Array = NDArray[np.float32]
Rows = NDArray[np.integer]

NO_OBJECT: Final = -1.0
"""In place of a class: rows of targets that fill up a batch."""

_TIMED = 3
"""Steps that tell how long one takes."""


@dataclass(frozen=True, slots=True)
class QueryRecipe:
    """How a detector is fine-tuned: the rates, clipping and decay of DETR and RT-DETR.

    Parameters
    ----------
    steps
        Of the optimiser, in all.
    batch
        Images per step.
    learning_rate
        The peak, of its backbone.
    head_rate
        Factor on it for all else.
    seconds
        After so many it ends; None for no limit.
    seed
        Of everything random.
    """

    steps: int
    batch: int = 4
    learning_rate: float = 1e-5
    head_rate: float = 10.0
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
            head_rate=self.head_rate,
            weight_decay=1e-4,
            layer_decay=1.0,
            warm_up=0.1,
            clip=0.1,
            average=1 - 1 / max(2.0, 0.1 * epochs * per_epoch),
            seconds=self.seconds,
            precision="float32",  # matching and sampling at points lose too much in bfloat16
            seed=self.seed,
        )


@dataclass(frozen=True, eq=False, slots=True)
class QueryJob:
    """One fit: on which images, and of which others predictions are wanted.

    Parameters
    ----------
    pixels
        Of all n images in v views.
    boxes
        Objects of each view of each image, in pixels of the input, ``[n][v]``.
    rows
        Images to train on.
    held_out
        Images in whose plain view objects are sought after training.
    keep
        Whether the trained tensors are wanted.
    threads
        Cores that the fit may use.
    """

    detector: QueryDetector
    pixels: Activations
    boxes: Sequence[Sequence[ImageBoxes]]
    n_classes: int
    recipe: QueryRecipe
    rows: Rows
    held_out: Rows
    keep: bool = False
    threads: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class QueryFit:
    """What a fit gave.

    Parameters
    ----------
    tensors
        Of the detector, by its library's names; empty where they were not wanted.
    found
        In each image held out, ``[m][1]``, in pixels of the input.
    ending
        Why training ended; see `topwork.training.loop.Ending`.
    """

    tensors: dict[str, NDArray[Any]]
    found: tuple[tuple[Detections, ...], ...]
    ending: str


class BoxesOfQueries(nn.Module):
    """A detector of transformers as a module from images to scores, corners and features.

    Its backbone and all else are two parts, which are trained at different rates.

    Parameters
    ----------
    detector
        Gives ``logits``, ``pred_boxes`` (centre and size, 0 to 1) and ``last_hidden_state`` of
        ``pixel_values``, and a loss of them and ``labels``.
    n_classes
        k. Where there is one logit more, it says that there is no object, and the logits are those
        of a softmax.
    """

    def __init__(self, detector: Any, n_classes: int) -> None:
        super().__init__()
        base = getattr(detector, detector.base_model_prefix, detector)
        self.backbone = getattr(base, "backbone", base)
        self.head = detector
        self.n_classes = n_classes

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores ``(b, N, k)``, corners ``(b, N, 4)`` in pixels, features ``(b, d, 1, 1)``.

        Raises
        ------
        BackboneError
            The detector fails, or gives something else.
        """
        with _its_own_code(self.head):
            found = self.head(pixel_values=images)
            logits, boxes, states = found.logits, found.pred_boxes, found.last_hidden_state
        if logits.shape[-1] == self.n_classes:
            scores = logits.sigmoid()
        else:
            scores = logits.softmax(-1)[..., : self.n_classes]
        height, width = images.shape[-2:]
        centre, size = boxes[..., :2], boxes[..., 2:]
        corners = torch.cat([centre - size / 2, centre + size / 2], dim=-1)
        corners = corners * corners.new_tensor([width, height, width, height])
        return scores, corners, states.mean(dim=1)[:, :, None, None]

    def loss(self, images: Tensor, targets: Tensor) -> Tensor:
        """The detector's own, of targets ``(b, M, 5)``: centre and size, and a class.

        Raises
        ------
        BackboneError
            The detector fails, or has no loss.
        """
        labels = [
            {"class_labels": own[:, 4].long(), "boxes": own[:, :4]}
            for own in (one[one[:, 4] != NO_OBJECT] for one in targets)
        ]
        with _its_own_code(self.head):
            loss: Tensor | None = self.head(pixel_values=images, labels=labels).loss
            if loss is None:
                raise ValueError("it gives no loss")
        return loss


@contextmanager
def _its_own_code(detector: nn.Module) -> Iterator[None]:
    """What a detector's library raises, which may be anything, as an error of ours."""
    try:
        yield
    except Exception as error:
        raise BackboneError(
            f"{type(detector).__name__} can't be fine-tuned ({type(error).__name__}: "
            f"{first_line(error).rstrip('.')}).",
            remedy="Choose another detector, such as RT-DETR or D-FINE.",
            code="no_training",
        ) from error


@dataclass(frozen=True, eq=False, slots=True)
class SetObjective:
    """The loss of sets that a detector brings: Carion et al. 2020, End-to-end object detection."""

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        """Not a number where the boxes are none: there the library can't match them."""
        assert isinstance(module, BoxesOfQueries)
        try:
            return module.loss(batch.inputs, batch.targets)
        except BackboneError:
            with torch.no_grad():
                found = module(batch.inputs)
            if all(bool(one.isfinite().all()) for one in found):
                raise
            return math.nan * next(p for p in module.parameters() if p.requires_grad).sum()


@dataclass(frozen=True, eq=False)
class PixelBatches:
    """Some of the images, one random view of each per epoch, the next batch read meanwhile.

    Parameters
    ----------
    job
        The images to train on, and their boxes.
    """

    job: QueryJob

    def __len__(self) -> int:
        return len(self.job.rows)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        job, wanted = self.job, drawn_batches(len(self), rng, size)
        views = rng.integers(job.pixels.n_views, size=len(self))
        _, height, width = job.pixels.shape

        def read(positions: NDArray[np.intp]) -> Batch:
            rows, seen = job.rows[positions], views[positions]
            boxes = [job.boxes[int(r)][int(v)] for r, v in zip(rows, seen, strict=True)]
            targets = set_targets(boxes, height, width)
            return Batch(as_tensor(job.pixels.take(rows, seen)), torch.from_numpy(targets))

        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(read, wanted[0])
            for positions in wanted[1:]:
                batch, ahead = ahead.result(), pool.submit(read, positions)
                yield batch
            yield ahead.result()


def set_targets(boxes: Sequence[ImageBoxes], height: int, width: int) -> Array:
    """Centre and size of each object from 0 to 1, and its class: ``(b, M, 5)``.

    Objects that are ignored are left out: the loss of sets knows no places of which nothing is
    learnt.

    Examples
    --------
    >>> set_targets([ImageBoxes.of([(10, 0, 30, 10)], [2])], height=20, width=40).tolist()
    [[[0.5, 0.25, 0.5, 0.5, 2.0]]]
    """
    most = max(1, *(int((~one.ignored).sum()) for one in boxes))
    found = np.full((len(boxes), most, 5), NO_OBJECT, np.float32)
    for row, one in zip(found, boxes, strict=True):
        corners = one.corners[~one.ignored] / np.array([width, height, width, height], np.float32)
        n = len(corners)
        row[:n, :2] = (corners[:, :2] + corners[:, 2:]) / 2
        row[:n, 2:4] = corners[:, 2:] - corners[:, :2]
        row[:n, 4] = one.classes[~one.ignored]
    return found


def fit_queries(job: QueryJob, *, progress: Progress = silent) -> QueryFit:
    """Fine-tune a detector on some images and run it on others."""
    threads = torch.get_num_threads()
    torch.set_num_threads(job.threads)
    try:
        return _fit(job, progress)
    finally:
        torch.set_num_threads(threads)


def _fit(job: QueryJob, progress: Progress) -> QueryFit:
    torch.manual_seed(job.recipe.seed)  # the class layer begins at random
    module = BoxesOfQueries(job.detector.load(job.n_classes), job.n_classes)
    settings = job.recipe.loop(len(job.rows))
    done = train(module, SetObjective(), PixelBatches(job), settings, progress=progress)
    found = tuple((_found(module, job.pixels, int(row)),) for row in job.held_out)
    kept = module.head.state_dict() if job.keep else {}
    return QueryFit({name: t.numpy() for name, t in kept.items()}, found, done.ending)


def _found(module: BoxesOfQueries, pixels: Activations, row: int) -> Detections:
    """What is in the plain view of an image, in pixels of the input."""
    image = as_tensor(pixels.take(np.array([row]), np.zeros(1, np.intp)))
    with torch.inference_mode():
        scores, corners, _ = module(image)
    return remaining(corners[0].numpy(), scores[0].numpy())


def seconds_per_query_step(job: QueryJob) -> float:
    """What one step of a job takes on one core."""
    rows = np.resize(job.rows, job.recipe.batch * _TIMED)
    trial = replace(job, rows=rows, held_out=rows[:0], recipe=replace(job.recipe, steps=_TIMED))
    ends: list[float] = []

    def note(done: int, total: int) -> None:  # noqa: ARG001
        ends.append(time.monotonic())

    if fit_queries(replace(trial, keep=False), progress=note).ending == "interrupted":
        raise KeyboardInterrupt
    return float(np.median(np.diff(ends)))


def trained_module(
    detector: QueryDetector, n_classes: int, tensors: dict[str, NDArray[Any]]
) -> BoxesOfQueries:
    """A detector with the tensors of a fit, in evaluation mode."""
    loaded = detector.load(n_classes)
    loaded.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in tensors.items()})
    return BoxesOfQueries(loaded, n_classes).eval()
