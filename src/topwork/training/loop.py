"""One training loop: it knows a module, an objective and batches, and nothing of estimators."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn

from topwork.runtime.progress import Progress, silent
from topwork.training.average import MovingAverage, Tensors, copy_of, put, swapped
from topwork.training.batches import Batch, Batches, steps_of
from topwork.training.checkpoint import Checkpoint, TrainingPosition, TrainingState
from topwork.training.device import Device
from topwork.training.freezing import trainable, training_mode
from topwork.training.groups import parameter_groups
from topwork.training.interrupt import Interrupt, interruptible
from topwork.training.objectives import Objective
from topwork.training.schedule import warm_up_cosine
from topwork.training.settings import LoopSettings

Judge = Callable[[nn.Module], float]
"""Scores a module, in evaluation mode, on items that aren't trained on; higher is better."""

Ending = Literal["finished", "patience", "time", "interrupted", "diverged"]


@dataclass(frozen=True, eq=False, slots=True)
class Trained:
    """What came of a run; the module holds the same weights.

    Parameters
    ----------
    weights
        Of the best epoch where there is a judge, else of the end; averaged if that was wanted.
    position
        Epochs, steps, scores, losses.
    ending
        Why it ended.
    precision
        What it was computed in.
    most_at_once
        Items computed at once since memory ran out; None if it never did.
    """

    weights: Tensors
    position: TrainingPosition
    ending: Ending
    precision: str
    most_at_once: int | None


def train(
    module: nn.Module,
    objective: Objective,
    batches: Batches,
    settings: LoopSettings,
    *,
    judge: Judge | None = None,
    checkpoint: Checkpoint | None = None,
    last_epoch: int | None = None,
    progress: Progress = silent,
) -> Trained:
    """Train the parameters of a module that take a gradient, with AdamW.

    With a judge the start counts as epoch 0 and the best epoch's weights are returned, so what
    comes back never scores below the start. A run that was cut off goes on from its checkpoint, and
    ends as it would have undisturbed.

    Parameters
    ----------
    module
        Trained in place; at the end in evaluation mode, on its old device.
    judge
        Asked after every epoch, with the averaged weights in place.
    checkpoint
        Written after every epoch; continued from if it is there.
    last_epoch
        Where to stop within the schedule of ``settings.epochs``; None for its end.
    progress
        Told steps done and expected.

    References
    ----------
    AdamW: Loshchilov and Hutter 2019, Decoupled weight decay regularization.
    """
    home = next(module.parameters()).device
    with torch.random.fork_rng(), interruptible() as interrupt:
        run = _Run(module, objective, batches, settings, judge=judge, interrupt=interrupt)
        ending = run.all_epochs(checkpoint, last_epoch or settings.epochs, progress)
    put(run.state.parameters, run.state.best)
    module.eval().to(home)
    return Trained(
        copy_of(trainable(module)), run.position, ending, run.device.precision, run.device.most
    )


class _Run:
    """The state of one run, and its steps."""

    def __init__(
        self,
        module: nn.Module,
        objective: Objective,
        batches: Batches,
        settings: LoopSettings,
        *,
        judge: Judge | None,
        interrupt: Interrupt,
    ) -> None:
        self.device = Device(settings.precision)
        self.device.place(module)
        self.position = TrainingPosition()
        self._module, self._objective, self._batches = module, objective, batches
        self._settings, self._judge, self._interrupt = settings, judge, interrupt
        self._steps = settings.epochs * steps_of(len(batches), settings.batch)
        self._begun = time.monotonic()
        parameters = trainable(module)
        groups = parameter_groups(
            parameters,
            learning_rate=settings.learning_rate,
            head_rate=settings.head_rate,
            weight_decay=settings.weight_decay,
            layer_decay=settings.layer_decay,
        )
        self.state = TrainingState(
            parameters,
            MovingAverage(parameters, settings.average),
            torch.optim.AdamW(groups, fused=True),
            copy_of(parameters),
        )

    def all_epochs(
        self, checkpoint: Checkpoint | None, last_epoch: int, progress: Progress
    ) -> Ending:
        found = checkpoint.load(self.state) if checkpoint else None
        if found is not None:
            self.position = found
            self._begun -= found.seconds
        elif self._judge is not None:
            self.position.scores.append(self._score())
        while self.position.epoch < last_epoch:
            if self._out_of_patience():
                return "patience"
            ending = self._epoch(progress)
            if ending != "finished":
                return ending
            if checkpoint:
                checkpoint.save(self.position, self.state)
        return "finished"

    def _epoch(self, progress: Progress) -> Ending:
        """One pass; unless it was finished, it leaves no trace but in the average."""
        seed = np.random.SeedSequence((self._settings.seed, self.position.epoch))
        torch.manual_seed(int(seed.generate_state(1, np.uint64)[0] >> 1))
        rng = np.random.default_rng(seed)
        losses: list[float] = []
        training_mode(self._module)
        ending: Ending = "finished"
        for batch in self._batches.epoch(rng, self._settings.batch):
            ending = self._ending()
            if ending != "finished":
                break
            loss = self._step(self._objective.prepare(batch, rng))
            if not math.isfinite(loss):
                ending = "diverged"
                break
            losses.append(loss)
            progress(self.position.step, self._steps)
        if ending == "finished":
            self.position.epoch += 1
            self.position.losses.append(float(np.mean(losses)))
            self.position.seconds = time.monotonic() - self._begun
        if ending == "finished" or self._judge is None:
            self._keep_if_best()
        return ending

    def _step(self, batch: Batch) -> float:
        optimiser, settings = self.state.optimiser, self._settings
        factor = warm_up_cosine(self.position.step, self._steps, settings.warm_up)
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        optimiser.zero_grad(set_to_none=True)
        loss = float(self.device.backward(self._module, self._objective, batch))
        if not math.isfinite(self.device.clip(self._module, settings.clip)):
            return math.nan
        optimiser.step()
        self.state.average.update(self.state.parameters)
        self.position.step += 1
        return loss

    def _ending(self) -> Ending:
        if self._interrupt:
            return "interrupted"
        limit = self._settings.seconds
        return "time" if limit and time.monotonic() - self._begun > limit else "finished"

    def _keep_if_best(self) -> None:
        position, average = self.position, self.state.average.values
        if self._judge is not None:
            best = max(position.scores)
            with swapped(self.state.parameters, average):
                position.scores.append(self._score())
            if position.scores[-1] <= best:
                return
        position.best_epoch = position.epoch
        put(self.state.best, average)

    def _score(self) -> float:
        assert self._judge is not None
        self._module.eval()
        with torch.inference_mode(), self.device.autocast():
            return float(self._judge(self._module))

    def _out_of_patience(self) -> bool:
        patience, position = self._settings.patience, self.position
        if patience is None or self._judge is None:
            return False
        return position.epoch - position.best_epoch >= patience
