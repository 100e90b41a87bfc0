"""A rung on which the network itself is trained, fold by fold."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import Backbone
from topwork.backbones.sources.concatenated import networks_in
from topwork.backbones.with_weights import with_weights
from topwork.features.opened_backbone import FrozenPart, open_network, read_once
from topwork.heads import softmax
from topwork.runtime.executor import n_workers, run_large_tasks
from topwork.search.rungs.limit import Limit
from topwork.search.rungs.tuner import FitTask, Tuner, fit_and_see, stored_fit
from topwork.search.search_context import SearchContext
from topwork.trials.trial import Candidate, Trial, targets_of

if TYPE_CHECKING:
    from topwork.training.fits import TunedFit

FINAL = -1
"""In place of a fold: the fit on all items."""

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
    """All fits of one way of training: one for each fold, and the last on all items.

    Parameters
    ----------
    below
        The trial that it is to beat, on the same network.
    base
        The rung that each fit goes on from.
    reserve
        Seconds that must be left for what comes after it.
    limit
        When the fit of a fold is given up.
    """

    tuner: Tuner
    below: Trial
    search_context: SearchContext
    base: TunedRung | None = None
    reserve: float = 0.0
    limit: Limit = field(default_factory=Limit)
    fits: dict[int, TunedFit] = field(default_factory=dict)
    vectors: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    fold_seconds: dict[int, float] = field(default_factory=dict)
    spent: float = 0.0
    _plan: int = 0
    _a_fold: float = 0.0
    _whole: Trial | None = None

    def plan(self, share: float) -> str:
        """Settle on the best plan that leaves time for all folds and the last fit.

        Parameters
        ----------
        share
            Of the time that is left, which all but the quickest plan may take.

        Returns
        -------
        Why there is none; empty where there is one.
        """
        reason = self.tuner.unsuited()
        if reason:
            return reason
        n, k = len(self.search_context.data), len(self.folds)
        for plan in range(self.tuner.n_plans):
            self._plan, wait = plan, self.tuner.wait(plan)
            # a fit without each fold, and one on everything
            self._a_fold = _SAFETY * n * wait.an_item * (k - 1) / k
            needed = wait.prepare + self.seconds_left()
            last = plan == self.tuner.n_plans - 1
            if needed <= self.search_context.run.left * (1.0 if last else share):
                return ""
        return self.search_context.too_long(needed)

    def begin(self) -> str:
        """Get ready for the plan; why it failed, empty where it did not."""
        begun = time.monotonic()
        try:
            return self.tuner.prepare(self._plan)
        finally:
            self.spent += time.monotonic() - begun

    def judge(self) -> None:
        """Train without the next fold, or as many as there are workers, to be judged on them.

        Raises
        ------
        Interrupted
            By Ctrl-C.
        OutOfTime
            The limit has passed.
        """
        begun = time.monotonic()
        folds = [fold for fold in self.folds if fold not in self.vectors][: n_workers()]
        try:
            found = run_large_tasks(fit_and_see, [self._task(fold) for fold in folds])
            for fold, (fit, vectors) in zip(folds, found, strict=True):
                self.fits[fold], self.vectors[fold] = fit, vectors
        finally:
            took = time.monotonic() - begun
            self.spent += took
            self.fold_seconds |= dict.fromkeys(folds, took / len(folds))

    @property
    def folds(self) -> list[int]:
        """All of them."""
        return [int(fold) for fold in np.unique(self.search_context.folds)]

    @property
    def complete(self) -> bool:
        """Whether it was judged on all folds."""
        return len(self.vectors) == len(self.folds)

    @property
    def a_fold(self) -> float:
        """Seconds that a fold takes: estimated, or measured where one was judged."""
        return _SAFETY * max(self.fold_seconds.values()) if self.fold_seconds else self._a_fold

    def seconds_left(self) -> float:
        """What all further folds and the fit on all items will take."""
        folds = len(self.folds) - len(self.vectors)
        return folds * self.a_fold + self.seconds_to_finish() + self.reserve

    def trial(self) -> Trial:
        """Its trial on the folds that were judged, not finished yet."""
        codes = targets_of(self.below.frozen).codes
        logits = np.zeros((len(codes), self.below.head.linear.bias.shape[0]), np.float32)
        for fold, vectors in self.vectors.items():
            own = self.search_context.folds == fold
            logits[own] = self.fits[fold].head.logits(vectors[own])
        judged_on = np.isin(self.search_context.folds, list(self.vectors))
        return self._trial(logits, judged_on)

    def fit(self, fold: int) -> TunedFit:
        """Without a fold, or on all items; done once, even in several runs."""
        self.fits[fold] = stored_fit(self._task(fold))
        return self.fits[fold]

    def backbone(self) -> Backbone:
        """The network that was trained on all items."""
        return with_weights(self.below.frozen.opened.backbone, self.fit(FINAL).tensors)

    def seconds_to_finish(self) -> float:
        """What the fit on all items will take, and a pass through the network that it gives."""
        if self._whole:
            return 0.0
        return seconds_of_a_pass(self.below) + self._last_fit()

    def _last_fit(self) -> float:
        k = len(self.folds)
        before = self.base._last_fit() if self.base else 0.0
        return before + (0.0 if FINAL in self.fits else self.a_fold * k / (k - 1))

    def _trial(
        self,
        logits: NDArray[np.float32],
        judged_on: NDArray[np.bool_],
    ) -> Trial:
        head = replace(self.below.head, logits_oof=logits, probabilities_oof=softmax(logits))
        backbone = self.below.frozen.opened.backbone.name
        trial = Trial(
            Candidate(self.tuner.name, backbone, strategy=self.tuner.strategy),
            self.below.frozen,
            (head,),
            self.spent,
            features_by_fold=dict(self.vectors),
            judged_on=None if judged_on.all() else judged_on,
            above=True,
        )
        return replace(trial, finish=self)

    def finished(self, judged: Trial) -> Trial:
        """The trial with the network that was trained on all items; trained once."""
        if self._whole is None:
            begun = time.monotonic()
            part = self._part()
            head = replace(judged.head, linear=self.fit(FINAL).head)
            took = judged.seconds + time.monotonic() - begun
            self._whole = replace(judged, frozen=part, heads=(head,), seconds=took, finish=None)
        return self._whole

    def _part(self) -> FrozenPart:
        """All items once through the network as it will be saved.

        What the training saw is rounded to bfloat16; within classes that a network was trained
        to bring together, that is as large as any other difference.
        """
        data, progress = self.search_context.data, self.search_context.run.steps("Features again")
        opened = open_network(self.backbone(), self.search_context.run.settings, keep=False)
        read = read_once(data, opened.request, max_bad=1.0, progress=progress)
        return replace(opened.part(data, read), data=data)

    def _task(self, fold: int) -> FitTask:
        made = self.fits.get(fold)
        start = self.base.fit(fold) if self.base and made is None else None
        rows = np.flatnonzero(self.search_context.folds != fold)
        return FitTask(self.tuner, rows, start, self._folder(rows), made)

    def _folder(self, rows: NDArray[np.integer]) -> Path | None:
        """Of one fit: by what it is trained on, and how."""
        frozen = self.below.frozen
        digest = blake2b(json.dumps(self.purpose(), sort_keys=True, default=str).encode())
        for row in rows:
            digest.update(frozen.extraction.keys[row])
        digest.update(targets_of(frozen).codes[rows].tobytes())
        return self.search_context.run.scratch.folder(digest.hexdigest()[:32])

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
