"""Strategy ``partial``: train the layers behind a cut, from stored activations and the probe."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from topwork.features import Activations
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress, silent
from topwork.training.average import Tensors, copy_of, interpolate, put, swapped
from topwork.training.batches import ActivationBatches, as_tensor
from topwork.training.checkpoint import Checkpoint
from topwork.training.freezing import trainable
from topwork.training.head import BackboneWithHead
from topwork.training.loop import Trained, train
from topwork.training.objectives import CrossEntropy, Objective, Towards, class_weights
from topwork.training.strategies.partial_settings import PartialSettings

Rows = NDArray[np.integer]
Logits = NDArray[np.float32]
Probe = Callable[[Rows], LinearHead]
"""Fits the head of strategy ``probe`` on the plain views of some rows."""


_STAGES = ("choice", "final")
_TEMPERATURES = tuple(2 ** (i / 4) for i in range(-12, 13))


@dataclass(frozen=True, eq=False, slots=True)
class PartialFit:
    """A tuned tail and its head.

    Parameters
    ----------
    tail
        The tail with its weights, in evaluation mode.
    head
        The head on its pooled vectors.
    coefficient
        How far from the probe to the tuned weights it is, 0 to 1.
    epochs
        That it was trained.
    held_out
        Rows that epochs and coefficient were chosen on; empty where nothing was chosen.
    logits
        Of the held-out rows ``(m, k)``, by a model that had not seen them.
    trained
        How training went.
    """

    tail: nn.Module
    head: LinearHead
    coefficient: float
    epochs: int
    held_out: Rows
    logits: Logits
    trained: Trained


def fit_partial(
    tail: nn.Module,
    probe: Probe,
    activations: Activations,
    codes: NDArray[np.integer],
    settings: PartialSettings,
    *,
    rows: Rows,
    held_out: Rows | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
) -> PartialFit:
    """Train tail and head from the probe's head (LP-FT), averaged, and part of the way (WiSE-FT).

    Parameters
    ----------
    tail
        Features at the cut to the pooled vector; a copy is trained.
    probe
        Fits the head to start from. It must not look at other rows than it is given.
    activations
        Of all N items.
    codes
        Class of each, ``(N,)``.
    rows
        Items to train on.
    held_out
        Items among ``rows`` to choose the coefficient on, groups kept together; None for the
        coefficient of the settings. They aren't trained on unless ``settings.refit`` says so.
    folder
        Where checkpoints are kept until the fit is done; None for none. One that was made from
        other items, settings or weights is not continued.

    References
    ----------
    LP-FT: Kumar et al. 2022, Fine-tuning can distort pretrained features and underperform
    out-of-distribution. WiSE-FT: Wortsman et al. 2022, Robust fine-tuning of zero-shot models.
    """
    rows = np.asarray(rows)
    chosen_on = np.asarray([] if held_out is None else held_out, dtype=np.int64)
    inner = np.setdiff1d(rows, chosen_on)
    job = _Job(tail, probe, activations, np.asarray(codes), settings, folder, progress)
    model, start, trained = job.run(inner, "choice" if len(chosen_on) else "final")
    coefficient, logits = settings.coefficient, _no_logits(model)
    if len(chosen_on):
        coefficient, logits = _choose(model, start, trained.weights, job, chosen_on)
    if settings.refit and len(chosen_on) and trained.ending == "finished":
        model, start, trained = job.run(rows, "final")
    if folder is not None and trained.ending == "finished":
        for stage in _STAGES:
            _file(folder, stage).unlink(missing_ok=True)
    put(dict(model.named_parameters()), interpolate(start, trained.weights, coefficient))
    return PartialFit(
        tail=model.tail.eval(),
        head=model.head.linear(),
        coefficient=coefficient,
        epochs=trained.position.epoch,
        held_out=chosen_on,
        logits=logits,
        trained=trained,
    )


def logits_of(
    tail: nn.Module, head: LinearHead, activations: Activations, rows: Rows, *, view: int = 0
) -> Logits:
    """What tail and head say of one view of some rows, ``(m, k)``."""
    return _logits(BackboneWithHead(tail, head).eval(), activations, rows, view=view)


@dataclass(frozen=True, eq=False, slots=True)
class _Job:
    """What the one or two runs of a fit share."""

    tail: nn.Module
    probe: Probe
    activations: Activations
    codes: NDArray[np.integer]
    settings: PartialSettings
    folder: Path | None
    progress: Progress

    def run(self, rows: Rows, stage: str) -> tuple[BackboneWithHead, Tensors, Trained]:
        """Train on rows: the model, where it started, and how it went."""
        model = BackboneWithHead(copy.deepcopy(self.tail), self.probe(rows))
        start = copy_of(trainable(model))
        batches = ActivationBatches(self.activations, rows, self.codes, views=self.settings.views)
        trained = train(
            model,
            self._objective(model, rows),
            batches,
            self.settings.loop,
            checkpoint=self._checkpoint(rows, start, stage),
            progress=self.progress,
        )
        return model, start, trained

    def _checkpoint(self, rows: Rows, start: Tensors, stage: str) -> Checkpoint | None:
        if self.folder is None:
            return None
        digest = blake2b(np.ascontiguousarray(rows).tobytes())
        digest.update(np.ascontiguousarray(self.codes[rows]).tobytes())
        for tensor in start.values():
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        purpose = {"settings": asdict(self.settings), "start": digest.hexdigest()}
        return Checkpoint(_file(self.folder, stage), purpose=purpose)

    def _objective(self, model: BackboneWithHead, rows: Rows) -> Objective:
        settings = self.settings
        balanced = settings.class_weight == "balanced"
        weights = class_weights(self.codes[rows], len(model.head.bias)) if balanced else None
        objective = CrossEntropy(settings.smoothing, settings.mixup, weights)
        if not settings.pull:
            return objective
        return Towards.start_of(model, objective, settings.pull)


def _file(folder: Path, stage: str) -> Path:
    return folder / f"partial-{stage}.safetensors"


def _choose(
    model: BackboneWithHead, start: Tensors, end: Tensors, job: _Job, rows: Rows
) -> tuple[float, Logits]:
    """The coefficient of the smallest held-out log loss, and its logits."""
    codes = job.codes[rows]
    found: list[tuple[float, float, Logits]] = []
    for coefficient in job.settings.coefficients:
        with swapped(trainable(model), interpolate(start, end, coefficient)):
            logits = _logits(model, job.activations, rows)
        found.append((_log_loss(logits, codes), coefficient, logits))
    _, coefficient, logits = min(found, key=lambda one: one[:2])
    return coefficient, logits


def _logits(model: nn.Module, activations: Activations, rows: Rows, *, view: int = 0) -> Logits:
    size, answers = 64, []
    with torch.inference_mode():
        for i in range(0, len(rows), size):
            some = np.asarray(rows[i : i + size])
            inputs = as_tensor(activations.take(some, np.full(len(some), view)))
            answers.append(model(inputs).float().cpu().numpy())
    return np.concatenate(answers)


def _log_loss(logits: Logits, codes: NDArray[np.integer]) -> float:
    """At the temperature that suits the logits best: a model is calibrated afterwards anyway."""

    def at(temperature: float) -> float:
        scaled = logits / np.float32(temperature)
        shifted = scaled - scaled.max(axis=1, keepdims=True)
        losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(codes)), codes]
        return float(losses.mean())

    return min(at(temperature) for temperature in _TEMPERATURES)


def _no_logits(model: BackboneWithHead) -> Logits:
    return np.empty((0, len(model.head.bias)), np.float32)
