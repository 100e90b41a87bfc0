"""Heads for ordered classes, judged on every fold: all choices of a fold are made without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.temperature import fit_temperature
from topwork.heads import LinearHead, softmax
from topwork.runtime.executor import run_tasks
from topwork.runtime.progress import Progress, silent
from topwork.tasks.feature_rows import Rows
from topwork.tasks.number.ridge import NumberRidge
from topwork.tasks.ordinal.cumulative import (
    CumulativeProblem,
    Cutpoints,
    cumulative_loss,
    cumulative_probabilities,
)
from topwork.tasks.ordinal.decision import Rule, best_rule, decide
from topwork.validation import cross_validate_head

STRENGTHS = (1.0, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
"""Penalties in units of the total variance, tried from strong to weak until the log loss rises."""

Link = Literal["cumulative", "softmax"]
"""What outputs of a head are: log odds of being at most each class but the last, or logits."""

Float64 = NDArray[np.float64]
Codes = NDArray[np.integer]


def probabilities_of(outputs: NDArray[np.floating], link: Link) -> Float64:
    """Probabilities of k classes, ``(n, k)``, from the outputs of a head."""
    if link == "cumulative":
        return cumulative_probabilities(outputs)
    return np.asarray(softmax(np.asarray(outputs)), np.float64)


@dataclass(frozen=True, eq=False)
class NestedOrdinal:
    """Out-of-fold predictions, and the fit on all items.

    Parameters
    ----------
    probabilities
        ``(n, k)``: each by the fit that did not see the item's fold.
    predicted
        Ranks, ``(n,)``: by the rule that the other folds suggest.
    head, link
        The fit on all items, calibrated, and what its outputs are.
    rule
        Of the fit on all items.
    """

    probabilities: Float64
    predicted: NDArray[np.int64]
    head: LinearHead
    link: Link
    rule: Rule


class Calibrated(Protocol):
    """Makes probabilities of what a fit says."""

    def probabilities(self, said: NDArray[np.floating]) -> Float64: ...


@dataclass(frozen=True, slots=True)
class Softened:
    """Logits divided by a temperature."""

    temperature: float

    def probabilities(self, said: NDArray[np.floating]) -> Float64:
        """Of logits ``(n, k)``."""
        return probabilities_of(said / self.temperature, "softmax")


def nested_cumulative(
    rows: Rows,
    codes: Codes,
    n_classes: int,
    folds: Codes,
    *,
    groups: Codes | None = None,  # noqa: ARG001  the folds hold them together
    progress: Progress = silent,
) -> NestedOrdinal:
    """Proportional odds (McCullagh 1980) with a ridge penalty.

    Examples
    --------
    >>> from topwork.tasks.feature_rows import FixedRows
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(90, 4)).astype(np.float32)
    >>> codes = np.digitize(X[:, 0], [-0.5, 0.5])
    >>> found = nested_cumulative(FixedRows(X), codes, 3, np.arange(90) % 5)
    >>> bool((found.predicted == codes).mean() > 0.8)
    True
    """
    names = np.unique(folds)
    paths = [_Path(np.flatnonzero(folds != f), np.flatnonzero(folds == f)) for f in names]
    every = np.arange(len(codes))
    whole, *problems = _problems(rows, codes, n_classes, [every, *(path.part for path in paths)])
    losses = _search(paths, problems, progress)

    def held_out(chosen: int) -> Float64:
        z = np.empty(len(codes))
        for path in paths:
            z[path.held_out] = path.positions[chosen]
        return z

    z = {}
    for i, name in enumerate(names):
        others = [j for j in range(len(names)) if j != i]
        z[int(name)] = held_out(int(np.argmin([at[others].sum() for at in losses])))
    best = int(np.argmin([at.sum() for at in losses]))
    found = whole.fit(every, STRENGTHS[best], start=None)
    return _nested(
        z,
        held_out(best),
        codes,
        n_classes,
        folds,
        calibrate=partial(_cutpoints, n_classes=n_classes),
        head=partial(_along, *whole.linear(found)),
        link="cumulative",
    )


def nested_ranks(
    rows: Rows,
    codes: Codes,
    n_classes: int,
    folds: Codes,
    *,
    groups: Codes | None = None,
    progress: Progress = silent,
) -> NestedOrdinal:
    """A ridge on the ranks as numbers, with thresholds between the classes."""
    names = [int(fold) for fold in np.unique(folds)]
    fit = partial(_ridge, rows, codes, folds, groups)
    *fits, (_, weight, bias) = run_tasks(fit, [*names, None], progress)
    z = np.empty(len(codes))
    for name, (positions, _, _) in zip(names, fits, strict=True):
        z[folds == name] = positions
    return _nested(
        dict.fromkeys(names, z),
        z,
        codes,
        n_classes,
        folds,
        calibrate=partial(_cutpoints, n_classes=n_classes),
        head=partial(_along, weight, bias),
        link="cumulative",
    )


def nested_classes(
    rows: Rows,
    codes: Codes,
    n_classes: int,
    folds: Codes,
    *,
    groups: Codes | None = None,  # noqa: ARG001  the folds hold them together
    progress: Progress = silent,
) -> NestedOrdinal:
    """A logistic regression that knows nothing of the order; only its predictions do."""
    features = rows.learnt_on(np.arange(len(codes)))
    judged = cross_validate_head(
        features, codes, n_classes, folds=folds, head="logistic", progress=progress
    )
    logits = judged.logits_oof.astype(np.float64)
    return _nested(
        dict.fromkeys((int(fold) for fold in np.unique(folds)), logits),
        logits,
        codes,
        n_classes,
        folds,
        calibrate=_softened,
        head=partial(_divided, judged.linear),
        link="softmax",
    )


def _nested(
    said: dict[int, Float64],
    of_all: Float64,
    codes: Codes,
    n_classes: int,
    folds: Codes,
    *,
    calibrate: Callable[[Float64, Codes], Calibrated],
    head: Callable[[Calibrated], LinearHead],
    link: Link,
) -> NestedOrdinal:
    """Calibration and rule of each fold by what was said of the other folds, and of all by all.

    Parameters
    ----------
    said
        Of all items while they were held out, as chosen without the fold that it stands for.
    of_all
        As chosen on all folds.
    """
    probabilities = np.empty((len(codes), n_classes))
    predicted = np.empty(len(codes), np.int64)
    for fold, z in said.items():
        own, others = folds == fold, folds != fold
        calibrated = calibrate(z[others], codes[others])
        rule = best_rule(calibrated.probabilities(z[others]), codes[others])
        probabilities[own] = calibrated.probabilities(z[own])
        predicted[own] = decide(probabilities[own], rule)
    calibrated = calibrate(of_all, codes)
    rule = best_rule(calibrated.probabilities(of_all), codes)
    return NestedOrdinal(probabilities, predicted, head(calibrated), link, rule)


def _cutpoints(z: Float64, codes: Codes, *, n_classes: int) -> Cutpoints:
    return Cutpoints.of(z, codes, n_classes)


def _softened(logits: Float64, codes: Codes) -> Softened:
    return Softened(fit_temperature(logits, codes.astype(np.int64)).value)


def _along(weight: NDArray[np.float32], bias: float, cut: Calibrated) -> LinearHead:
    """An output for each threshold, all along one direction."""
    assert isinstance(cut, Cutpoints)
    columns = np.tile(-cut.slope * weight[:, None], (1, len(cut.thresholds)))
    biases = cut.thresholds - cut.slope * bias
    return LinearHead(columns.astype(np.float32), biases.astype(np.float32), normalise=False)


def _divided(linear: LinearHead, soft: Calibrated) -> LinearHead:
    assert isinstance(soft, Softened)
    by = np.float32(soft.temperature)
    return LinearHead(linear.weight / by, linear.bias / by, linear.normalise)


def _ridge(
    rows: Rows, codes: Codes, folds: Codes, groups: Codes | None, fold: int | None
) -> tuple[Float64, NDArray[np.float32], float]:
    """Positions of a fold by a fit without it, and the fit; for None of no item."""
    part = np.flatnonzero(folds != fold) if fold is not None else np.arange(len(codes))
    features = rows.learnt_on(part)
    own = None if groups is None else groups[part]
    ridge = NumberRidge.prepare(features[part], own, standardise=rows.standardised)
    (column,) = ridge.fit(codes[part, None].astype(np.float64))
    positions = column.predict(features[folds == fold]) if fold is not None else np.empty(0)
    return positions, column.weight, column.bias


def _problems(
    rows: Rows, codes: Codes, n_classes: int, parts: Sequence[NDArray[np.intp]]
) -> list[CumulativeProblem]:
    """The features as each part learns them; one problem for all where they never change."""
    prepare = partial(CumulativeProblem.prepare, standardise=rows.standardised)
    fixed = getattr(rows, "features", None)
    if fixed is not None:
        return [prepare(fixed, codes, n_classes)] * len(parts)
    return [prepare(rows.learnt_on(part), codes, n_classes) for part in parts]


class _Path:
    """Fits on one part, from strong to weak penalties, and where the held-out items lie."""

    def __init__(self, part: NDArray[np.intp], held_out: NDArray[np.intp]) -> None:
        self.part, self.held_out = part, held_out
        self.latest: Float64 | None = None
        self.positions: list[Float64] = []


def _step(
    task: tuple[_Path, CumulativeProblem], *, strength: float
) -> tuple[Float64, Float64, float]:
    path, problem = task
    latest = problem.fit(path.part, strength, start=path.latest)
    z = problem.positions(path.held_out, latest)
    loss = cumulative_loss(problem.cutpoints(latest).logits(z), problem.codes[path.held_out])
    return latest, z, loss


def _search(
    paths: Sequence[_Path], problems: Sequence[CumulativeProblem], progress: Progress
) -> list[Float64]:
    """Summed log losses of each fold, (folds,), at the penalties up to the second rise of all."""
    losses: list[Float64] = []
    tasks = list(zip(paths, problems, strict=True))
    for done, strength in enumerate(STRENGTHS):
        found = run_tasks(partial(_step, strength=strength), tasks)
        for path, (latest, z, _) in zip(paths, found, strict=True):
            path.latest = latest
            path.positions.append(z)
        losses.append(np.array([loss for _, _, loss in found]))
        progress(done + 1, len(STRENGTHS))
        if len(losses) > 2 and losses[-1].sum() > losses[-2].sum() > losses[-3].sum():
            break
    progress(len(STRENGTHS), len(STRENGTHS))
    return losses
