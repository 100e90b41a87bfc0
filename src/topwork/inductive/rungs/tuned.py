"""A rung on which the network itself is trained: judged on as many folds as there is time for."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import Backbone
from topwork.backbones.sources.together import networks_in
from topwork.backbones.tuned import tuned
from topwork.heads import softmax
from topwork.inductive.ground import Ground
from topwork.inductive.rungs.tuner import Interrupted, Tuner
from topwork.inductive.trial import Candidate, Trial, targets_of
from topwork.model.frozen import FrozenPart, open_network, read_once

if TYPE_CHECKING:
    from topwork.training.fits import TunedFit

FINAL = -1
"""In place of a fold: the fit on all items."""

ENOUGH = 500
"""Items that a rung should be judged on before a better plan is preferred to more folds: with fewer
a gain of two points is within its standard error."""

_SAFETY = 1.15
_USUAL_SECONDS = 0.01
"""An image takes about so long where features were in the store and nothing was measured."""


def seconds_of_a_pass(trial: Trial) -> float:
    """What it takes to bring all items through a trial's network once more."""
    extraction, n = trial.frozen.extraction, len(trial.frozen.data)
    done = extraction.computed
    networks = len(networks_in(trial.frozen.opened.backbone.name))
    return extraction.seconds * n / done if done > n / 2 else n * networks * _USUAL_SECONDS


@dataclass(eq=False)
class TunedRung:
    """All fits of one way of training: one for each fold that there is time for, and the last.

    Parameters
    ----------
    below
        The trial that it is to beat, on the same network.
    base
        The rung that each fit goes on from.
    reserve
        Seconds that must be left for what comes after it.
    """

    tuner: Tuner
    below: Trial
    ground: Ground
    base: TunedRung | None = None
    reserve: float = 0.0
    fits: dict[int, TunedFit] = field(default_factory=dict)
    judged_seconds: dict[int, float] = field(default_factory=dict)
    _whole: Trial | None = None

    def trial(self) -> Trial | str:
        """Its trial on the folds that were judged, not finished yet, or why there is none."""
        reason = self.tuner.unsuited()
        if reason:
            return reason
        reason = self._prepared()
        if reason:
            return reason
        begun = time.monotonic()
        codes = targets_of(self.below.frozen).codes
        logits = np.zeros((len(codes), self.below.head.linear.bias.shape[0]), np.float32)
        judged_on = np.zeros(len(codes), bool)
        by_fold: dict[int, NDArray[np.float32]] = {}
        for fold in np.unique(self.ground.folds):
            if by_fold and not self._time_for_another():
                break
            own = self.ground.folds == fold
            try:
                fit = self.fit(int(fold))
            except Interrupted:
                return "stopped by Ctrl-C"
            vectors = by_fold[int(fold)] = self.tuner.vectors(fit)
            logits[own] = fit.head.logits(vectors[own])
            judged_on |= own
            if self._hopeless(self._trial(logits, judged_on, by_fold, 0.0)):
                break
        return self._trial(logits, judged_on, by_fold, time.monotonic() - begun)

    def fit(self, fold: int) -> TunedFit:
        """Without a fold, or on all items; done once, even in several runs."""
        if fold not in self.fits:
            begun = time.monotonic()
            start = self.base.fit(fold) if self.base else None
            self.fits[fold] = self._stored(fold, start)
            self.judged_seconds[fold] = time.monotonic() - begun
        return self.fits[fold]

    def backbone(self) -> Backbone:
        """The network that was trained on all items."""
        return tuned(self.below.frozen.opened.backbone, self.fit(FINAL).tensors)

    def seconds_to_finish(self) -> float:
        """What the fit on all items will take, and a pass through the network that it gives."""
        if self._whole:
            return 0.0
        again = seconds_of_a_pass(self.below)
        k = len(np.unique(self.ground.folds))
        one = max(self.judged_seconds.values(), default=0.0) * k / (k - 1)
        return again + (0.0 if FINAL in self.fits else one)

    def _prepared(self) -> str:
        """Get ready for the best plan that there is time for; why there is none."""
        n, k = len(self.ground.data), len(np.unique(self.ground.folds))
        quickest = self.tuner.n_plans - 1
        enough = min(k, math.ceil(ENOUGH * k / n))
        for folds, plan in [*((enough, p) for p in range(quickest + 1)), (1, quickest)]:
            wait = self.tuner.wait(plan)
            passes = folds * (k - 1) / k + 1
            needed = wait.prepare + _SAFETY * passes * n * wait.an_item
            needed += seconds_of_a_pass(self.below) + self.reserve
            if needed <= self.ground.left:
                return self.tuner.prepare(plan)
        return f"it would take {needed:.0f} s, and {max(self.ground.left, 0):.0f} s are left"

    def _time_for_another(self) -> bool:
        a_fold = max(self.judged_seconds.values(), default=0.0)
        needed = _SAFETY * (a_fold + self.seconds_to_finish()) + self.reserve
        return self.ground.left > needed

    def _hopeless(self, so_far: Trial) -> bool:
        """Whether it is behind the probe beyond chance, so that no further fold can help it."""
        behind = self.ground.comparing.verdict([self.below, so_far]).standings[1].behind
        return behind is not None and behind.difference > 0 and behind.significant

    def _trial(
        self,
        logits: NDArray[np.float32],
        judged_on: NDArray[np.bool_],
        by_fold: Mapping[int, NDArray[np.float32]],
        seconds: float,
    ) -> Trial:
        head = replace(self.below.head, logits_oof=logits, probabilities_oof=softmax(logits))
        backbone = self.below.frozen.opened.backbone.name
        trial = Trial(
            Candidate(self.tuner.name, backbone, strategy=self.tuner.strategy),
            self.below.frozen,
            (head,),
            seconds,
            features_by_fold=by_fold,
            judged_on=None if judged_on.all() else judged_on.copy(),
        )
        return replace(trial, finish=lambda: self._finished(trial))

    def _finished(self, judged: Trial) -> Trial:
        if self._whole is None:
            begun = time.monotonic()
            part = self._part()
            head = replace(judged.head, linear=self.fit(FINAL).head)
            took = judged.seconds + time.monotonic() - begun
            self._whole = replace(judged, frozen=part, heads=(head,), seconds=took)
        return self._whole

    def _part(self) -> FrozenPart:
        """All items once through the network as it will be saved.

        What the training saw is rounded to bfloat16; within classes that a network was trained
        to bring together, that is as large as any other difference.
        """
        data, progress = self.ground.data, self.ground.steps("Features again")
        opened = open_network(self.backbone(), self.ground.settings, keep=False)
        read = read_once(data, opened.wanted, max_bad=1.0, progress=progress)
        return replace(opened.part(data, read), data=data)

    def _stored(self, fold: int, start: TunedFit | None) -> TunedFit:
        from topwork.training.fits import TunedFit

        rows = np.flatnonzero(self.ground.folds != fold)
        folder = self._folder(rows)
        file = folder / "fit.safetensors" if folder else None
        found = TunedFit.load(file) if file else None
        if found is None:
            found = self.tuner.fit(rows, start, folder)
            if file:
                found.save(file)
        return found

    def _folder(self, rows: NDArray[np.integer]) -> Path | None:
        """Of one fit: by what it is trained on, and how."""
        frozen = self.below.frozen
        digest = blake2b(json.dumps(self.purpose(), sort_keys=True, default=str).encode())
        for row in rows:
            digest.update(frozen.extraction.keys[row])
        digest.update(targets_of(frozen).codes[rows].tobytes())
        return self.ground.scratch.folder(digest.hexdigest()[:32])

    def purpose(self) -> Mapping[str, object]:
        """What identifies its fits beside their items."""
        opened = self.below.frozen.opened
        return {
            "backbone": opened.backbone.fingerprint,
            "framing": opened.preparation,
            "C": self.below.head.C,
            "strategy": self.tuner.strategy,
            "how": self.tuner.purpose(),
            "base": self.base.purpose() if self.base else None,
        }
