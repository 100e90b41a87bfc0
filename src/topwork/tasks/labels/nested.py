"""Cross-validation of several labels: all choices of a fold are made without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.temperature import fit_temperature
from topwork.heads import LinearHead
from topwork.heads.one_vs_rest import Array, OneVsRestProblem, log_losses
from topwork.runtime.executor import run_tasks
from topwork.runtime.progress import Progress, silent
from topwork.tasks.feature_rows import Rows
from topwork.tasks.labels.thresholds import f1_threshold, probability

PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3)
"""Inverse strengths, tried from strong to weak until the log loss rises."""

_DEFAULT = 3
"""Where in ``PENALTIES`` the one is that is used where nothing can be chosen."""

_SEARCH_TOLERANCE = 1e-4

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LabelRules:
    """What makes answers of logits.

    Parameters
    ----------
    temperatures
        Logits of each label are divided by it, (L,).
    thresholds
        Probability from which each label is given, (L,).
    """

    temperatures: Float64
    thresholds: Float64

    @classmethod
    def of(cls, logits: NDArray[np.floating], presence: NDArray[np.int8]) -> LabelRules:
        """As held-out logits (n, L) and the labels suggest."""
        temperatures = np.array(
            [_temperature(z, y) for z, y in zip(logits.T, presence.T, strict=True)]
        )
        p = probability(logits / temperatures)
        thresholds = np.array(
            [f1_threshold(one, y) for one, y in zip(p.T, presence.T, strict=True)]
        )
        return cls(temperatures, thresholds)


def _temperature(logits: NDArray[np.floating], presence: NDArray[np.int8]) -> float:
    known = presence >= 0
    both = np.stack([np.zeros(int(known.sum())), logits[known]], axis=1)
    return fit_temperature(both, (presence[known] == 1).astype(np.int64)).value


@dataclass(frozen=True, eq=False)
class NestedLabels:
    """Out-of-fold predictions, and the fit on all items.

    Parameters
    ----------
    probabilities
        (n, L): each by the fit that did not see the item's fold.
    thresholds
        (n, L): those that the other folds suggest.
    head
        The fit on all items; its logits are divided by the temperatures already.
    rules
        Of the fit on all items.
    penalty
        Its inverse strength.
    """

    probabilities: Float64
    thresholds: Float64
    head: LinearHead
    rules: LabelRules
    penalty: float


def nested_labels(
    rows: Rows,
    presence: NDArray[np.int8],
    folds: NDArray[np.integer],
    *,
    progress: Progress = silent,
) -> NestedLabels:
    """Judge one-vs-rest logistic regressions on every fold, and fit them on all items.

    Each fold is predicted by fits on the others. Their penalty, the temperatures and the thresholds
    of a fold are those that suit the held-out predictions of the other folds best.

    Parameters
    ----------
    presence
        ``(n, L)``: 1, 0, or -1 where it is unknown.
    folds
        Fold of each item, ``(n,)``.

    Examples
    --------
    >>> from topwork.tasks.feature_rows import FixedRows
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(80, 4)).astype(np.float32)
    >>> found = nested_labels(FixedRows(X), (X[:, :2] > 0).astype(np.int8), np.arange(80) % 5)
    >>> bool(((found.probabilities > found.thresholds) == (X[:, :2] > 0)).mean() > 0.8)
    True
    """
    names = np.unique(folds)
    parts = [np.flatnonzero(folds != fold) for fold in names]
    every = np.arange(len(presence))
    problems = _problems(rows, presence, [*parts, every])
    paths = [
        _Path(problem, part, np.flatnonzero(folds == fold))
        for problem, part, fold in zip(problems, parts, names, strict=False)
    ]
    losses = _search(paths, presence, progress)
    counts = [int((presence[path.held_out] >= 0).sum()) for path in paths]
    probabilities = np.empty(presence.shape)
    thresholds = np.empty(presence.shape)
    for i, path in enumerate(paths):
        others = [j for j in range(len(paths)) if j != i]
        best = _best(losses, others, counts)
        rules = _rules(paths, others, best, presence)
        logits = path.logits[best] / rules.temperatures
        probabilities[path.held_out] = probability(logits)
        thresholds[path.held_out] = rules.thresholds
    best = _best(losses, range(len(paths)), counts)
    rules = _rules(paths, range(len(paths)), best, presence)
    problem, penalty = problems[-1], PENALTIES[best]
    rough = problem.fit(every, penalty / 10, tolerance=_SEARCH_TOLERANCE)
    head = problem.linear(problem.fit(every, penalty, start=rough))
    calm = rules.temperatures.astype(np.float32)
    scaled = LinearHead(head.weight / calm, head.bias / calm, head.normalise)
    return NestedLabels(probabilities, thresholds, scaled, rules, penalty)


def _problems(
    rows: Rows, presence: NDArray[np.int8], parts: Sequence[NDArray[np.intp]]
) -> list[OneVsRestProblem]:
    """The decomposed features for each part to learn from; one for all where they never change."""
    learnt: dict[int, OneVsRestProblem] = {}
    found = []
    for part in parts:
        features = rows.learnt_on(part)
        if id(features) not in learnt or features is not getattr(rows, "features", None):
            learnt[id(features)] = OneVsRestProblem.prepare(
                features, presence, normalise=rows.standardised
            )
        found.append(learnt[id(features)])
    return found


class _Path:
    """Fits on one part, from strong to weak penalties, and what each says of the held-out items."""

    def __init__(
        self, problem: OneVsRestProblem, part: NDArray[np.intp], held_out: NDArray[np.intp]
    ) -> None:
        self.problem, self.part, self.held_out = problem, part, held_out
        self.latest: Array | None = None
        self.logits: list[Array] = []


def _step(path: _Path, *, C: float) -> tuple[Array, Array]:
    latest = path.problem.fit(path.part, C, start=path.latest, tolerance=_SEARCH_TOLERANCE)
    return latest, path.problem.logits(path.held_out, latest)


def _search(
    paths: Sequence[_Path], presence: NDArray[np.int8], progress: Progress
) -> list[Float64]:
    """Summed log losses of each fold, (folds,), at the penalties up to the first rise of all."""
    losses: list[Float64] = []
    for done, C in enumerate(PENALTIES):
        for path, (latest, logits) in zip(
            paths, run_tasks(partial(_step, C=C), paths), strict=True
        ):
            path.latest = latest
            path.logits.append(logits)
        losses.append(
            np.array([log_losses(p.logits[-1], presence[p.held_out]).sum() for p in paths])
        )
        progress(done + 1, len(PENALTIES))
        if len(losses) > 2 and losses[-1].sum() > losses[-2].sum() > losses[-3].sum():
            break
    progress(len(PENALTIES), len(PENALTIES))
    return losses


def _best(losses: Sequence[Float64], folds: Sequence[int], counts: Sequence[int]) -> int:
    if not sum(counts[j] for j in folds):
        return min(_DEFAULT, len(losses) - 1)
    return int(np.argmin([sum(at[j] for j in folds) for at in losses]))


def _rules(
    paths: Sequence[_Path], folds: Sequence[int], penalty: int, presence: NDArray[np.int8]
) -> LabelRules:
    logits = np.concatenate([paths[j].logits[penalty] for j in folds])
    rows = np.concatenate([paths[j].held_out for j in folds])
    return LabelRules.of(logits, presence[rows])
