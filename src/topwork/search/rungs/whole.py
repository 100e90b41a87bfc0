"""Strategies that go through the whole network for every item, as rungs."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topwork.errors import BackboneError
from topwork.runtime.progress import Progress, silent
from topwork.search.rungs.inputs import ImageInputs, TrainingInputs
from topwork.search.rungs.partial import NAME as PARTIAL
from topwork.search.rungs.partial import head_on, probe_on
from topwork.search.rungs.texts import LateTexts, Texts
from topwork.search.rungs.trained import TrainedRung
from topwork.search.rungs.tuner import Interrupted, Rows, TimeEstimate, given_fields
from topwork.search.search_context import SearchContext
from topwork.settings.choices import Strategy
from topwork.training.settings import LoopSettings
from topwork.trials.trial import Trial, targets_of

if TYPE_CHECKING:
    from torch import nn

    from topwork.heads import LinearHead
    from topwork.training.checkpoint import Checkpoint
    from topwork.training.fits import TunedFit
    from topwork.training.objectives import Objective

FULL = "whole network fine-tuned"
LORA = "LoRA on the attention"
PAIRS = "pairs of texts"
_NAMES = {"full": FULL, "lora": LORA, "partial": PARTIAL, "pairs": PAIRS}


@dataclass(eq=False)
class WholeTuner:
    """Trains a network, its last blocks, or adapters in it, on the items themselves.

    Parameters
    ----------
    first
        The probe, on a single network.
    strategy
        ``full``; ``lora`` for transformers; for texts ``partial`` and ``pairs``.
    inputs
        How the items reach it.
    """

    first: Trial
    search_context: SearchContext
    strategy: Strategy
    inputs: TrainingInputs
    _epochs: int = 0

    def __getstate__(self) -> dict[str, object]:
        return given_fields(self)

    @property
    def name(self) -> str:
        return _NAMES[self.strategy]

    def unsuited(self) -> str:
        if self.first.head.head != "logistic":
            return "there are too few labels to train on"
        if not any(True for _ in self._pooling.parameters()):
            return "there is nothing in it to train"
        if self.strategy == "lora":
            from topwork.training.strategies.lora import attention_projections

            try:
                attention_projections(self._pooling)
            except BackboneError:
                return "the network has no attention to adapt"
        return self.inputs.unsuited(self.strategy)

    @property
    def n_plans(self) -> int:
        return len(self._plans)

    def wait(self, plan: int) -> TimeEstimate:
        # vectors of all items after each fit, forwards only, are half an epoch
        an_item, n = self._seconds_an_item, len(self.search_context.data)
        once = self.inputs.stored_epochs * n * an_item
        return TimeEstimate(once, (self._epochs_of(plan) + 0.5) * an_item)

    def prepare(self, plan: int) -> str:
        self._epochs = self._epochs_of(plan)
        return ""

    def purpose(self) -> Mapping[str, object]:
        return {
            "settings": asdict(self._settings),
            "weight": self.search_context.run.settings.class_weight,
        }

    def fit(self, rows: Rows, start: TunedFit | None, folder: Path | None) -> TunedFit:
        from topwork.backbones.cuts.part import WRAPPED
        from topwork.training.fits import TunedFit

        head = start.head if start else None
        checkpoint = self._checkpoint(rows, folder)
        progress = self.search_context.run.steps(self.name.capitalize())
        fit = self._trained(
            self._network(start),
            head,
            rows,
            settings=self._settings,
            checkpoint=checkpoint,
            progress=progress,
        )
        if fit.trained.ending == "interrupted":
            raise Interrupted
        if checkpoint:
            checkpoint.clear()
        pooled = self.inputs.inside(fit.pooled)
        tensors = {
            name.removeprefix(WRAPPED): tensor for name, tensor in pooled.state_dict().items()
        }
        return TunedFit(tensors, fit.head)

    def vectors(self, fit: TunedFit) -> NDArray[np.float32]:
        rows = np.arange(len(self.search_context.data))
        return self.inputs.vectors(self._network(fit).eval(), rows)

    def _network(self, start: TunedFit | None) -> nn.Module:
        """A copy to train, as the source gives it or with an earlier fit's tensors."""
        pooling = copy.deepcopy(self._pooling)
        if start:
            _put(pooling, start.tensors)
        return self.inputs.around(pooling)

    def _trained(
        self,
        network: nn.Module,
        head: LinearHead | None,
        rows: Rows,
        *,
        settings: LoopSettings,
        checkpoint: Checkpoint | None = None,
        progress: Progress = silent,
    ) -> Any:
        """What came of a run from a head, or from the probe's."""
        from topwork.training.strategies.full import fit_full
        from topwork.training.strategies.lora import fit_lora
        from topwork.training.strategies.pairs import fit_pairs

        batches = self.inputs.batches(rows, self.strategy)
        shared: dict[str, Any] = {
            "settings": settings,
            "checkpoint": checkpoint,
            "progress": progress,
        }
        held = self.inputs.held(network, self.strategy)
        if self.strategy == "pairs":
            return fit_pairs(
                network, lambda moved: self._head_on(moved, rows), batches, held=held, **shared
            )
        head, objective = (
            head or probe_on(self.first, rows, self.search_context),
            self._objective(rows),
        )
        if self.strategy == "lora":
            return fit_lora(network, head, batches, objective, **shared)
        return fit_full(network, head, batches, objective, held=held, **shared)

    def _head_on(self, network: nn.Module, rows: Rows) -> LinearHead:
        return head_on(self.inputs.vectors(network, rows), rows, self.first, self.search_context)

    def _objective(self, rows: Rows) -> Objective:
        from topwork.training.objectives import CrossEntropy, class_weights

        codes, k = targets_of(self.first.frozen).codes, self.search_context.data.n_classes
        balanced = self.search_context.run.settings.class_weight == "balanced"
        return CrossEntropy(0.0, 0.0, class_weights(codes[rows], k) if balanced else None)

    def _checkpoint(self, rows: Rows, folder: Path | None) -> Checkpoint | None:
        from topwork.training.checkpoint import Checkpoint

        if folder is None:
            return None
        # the folder's own name tells the items apart
        purpose = {"folder": folder.name, "rows": len(rows), **self.purpose()}
        return Checkpoint(folder / f"{self.strategy}.safetensors", purpose=purpose)

    @cached_property
    def _pooling(self) -> nn.Module:
        return self.first.frozen.opened.backbone.load().pooling

    @cached_property
    def _seconds_an_item(self) -> float:
        """By two more epochs of a few items, so that what is done once a run isn't counted."""
        rows, head, network = self.inputs.usual(), self.first.head.linear, self._network(None)

        def seconds(epochs: int) -> float:
            begun = time.monotonic()
            settings = replace(self._loop, epochs=epochs)
            fit = self._trained(network, head, rows, settings=settings)
            if fit.trained.ending == "interrupted":
                raise KeyboardInterrupt
            return time.monotonic() - begun

        seconds(1)  # the first run also warms up
        once = seconds(1)
        return max(seconds(3) - once, 0.01 * once) / (2 * len(rows))

    def _epochs_of(self, plan: int) -> int:
        return max(1, round(self._plans[plan] * self._loop.epochs))

    @property
    def _plans(self) -> tuple[float, ...]:
        return self.inputs.plans

    @property
    def _loop(self) -> LoopSettings:
        return self.inputs.loop(self.strategy)

    @property
    def _settings(self) -> LoopSettings:
        return replace(self._loop, epochs=self._epochs or self._loop.epochs)


def _put(pooling: nn.Module, tensors: Mapping[str, Any]) -> None:
    """Load tensors that go by the network's own names into what pools its features."""
    from topwork.backbones.cuts.part import WRAPPED

    own = pooling.state_dict()
    named = {
        name: tensors[name.removeprefix(WRAPPED)]
        for name in own
        if name.removeprefix(WRAPPED) in tensors
    }
    assert len(named) == len(tensors), "a part keeps the names of the whole"
    pooling.load_state_dict({**own, **named})


def _of_images(first: Trial, context: SearchContext, strategy: Strategy) -> WholeTuner:
    return WholeTuner(first, context, strategy, ImageInputs(first))


def _of_texts(first: Trial, context: SearchContext, strategy: Strategy) -> WholeTuner:
    return WholeTuner(first, context, strategy, Texts(first))


def _of_late_texts(first: Trial, context: SearchContext, strategy: Strategy) -> WholeTuner:
    return WholeTuner(first, context, strategy, LateTexts(first))


PAIRED_TEXTS = TrainedRung(PAIRS, "pairs", "comparing", "text", _of_texts)
LAST_BLOCKS = TrainedRung(PARTIAL, "partial", "training less", "text", _of_late_texts)
WHOLE_TEXTS = TrainedRung(FULL, "full", "training", "text", _of_texts)
ADAPTED_TEXTS = TrainedRung(LORA, "lora", "adapting", "text", _of_texts)
ADAPTED_IMAGES = TrainedRung(LORA, "lora", "adapting", "image", _of_images, blended=True)
WHOLE_IMAGES = TrainedRung(
    FULL, "full", "training", "image", _of_images, start=PARTIAL, blended=True
)
