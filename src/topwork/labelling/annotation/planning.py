"""What is asked next and what is proposed, from the features and the answers so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads import (
    LogisticProblem,
    choose_penalty,
    fit_logistic,
    softmax,
    stratified_folds,
)
from topwork.heads.penalty import DEFAULT_C
from topwork.labelling.annotation.answer_form import Value
from topwork.labelling.annotation.naming import Rows, SuggestedBy, lesson
from topwork.labelling.choosing import Choice, choose_next
from topwork.metrics.intervals import wilson
from topwork.metrics.records import Score
from topwork.validation.power_law import fit_power_law

AHEAD: Final = 20
"""Items that are chosen at a time: with ten answers between two plans none is waited for."""

MORE: Final = 50
"""Labels that the next step is told for."""

_FOLDS: Final = 5
_CHAINS: Final = 5
_SHARES: Final = (0.25, 0.4, 0.6, 0.8, 1.0)
_MIN_AUDITED: Final = 20
_MIN_LEARNT: Final = 20


@dataclass(frozen=True, eq=False, slots=True)
class Labelled:
    """What is known of n items of different content when a plan is made.

    Parameters
    ----------
    values
        The answer about each; ``None`` without one.
    done
        Which need not be asked about: answered, skipped or unreadable, (n,).
    audit
        Those that are kept for measuring accuracy, (n,).
    classes
        In their order.
    one_class
        Whether an answer is one class.
    """

    values: Sequence[Value]
    done: NDArray[np.bool_]
    audit: NDArray[np.bool_]
    classes: tuple[str, ...]
    one_class: bool

    def codes(self) -> NDArray[np.int64]:
        """The class of each, (n,); −1 without one."""
        places = {name: code for code, name in enumerate(self.classes)}
        return np.array(
            [places.get(value, -1) if isinstance(value, str) else -1 for value in self.values]
        )


@dataclass(frozen=True, eq=False, slots=True)
class NextStep:
    """What more labels would probably bring, in points of accuracy with an interval of 95 %."""

    labels: int
    points: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What comes next, and what is proposed for it.

    Parameters
    ----------
    choices
        Items to ask about, the most useful first.
    suggestions
        The proposed answer of items without one, and its probability.
    suggested_by
        What the head that proposes has learnt from.
    accuracy
        Of that head on the audit, with an interval; ``None`` while that is too small.
    n_judged
        Audited items with a label.
    step
        What more labels would probably bring.
    """

    choices: Sequence[Choice] = ()
    suggestions: Mapping[int, tuple[Value, float]] = field(default_factory=dict)
    suggested_by: SuggestedBy = "answers"
    accuracy: Score | None = None
    n_judged: int = 0
    step: NextStep | None = None


def make_plan(
    X: Rows,
    known: Labelled,
    *,
    names: Rows | None = None,
    seed: int = 0,
    step: bool = False,
) -> Plan:
    """Choose what comes next and propose answers.

    The head learns from answers outside the audit alone, so that accuracy on the audit is that of
    items which it was neither trained on nor chosen by.

    Parameters
    ----------
    X
        Features of the n items, (n, d).
    known
        What is known of them.
    names
        Features of the names of the classes, (k, d), where those say something.
    step
        Whether to say what more labels would bring, which takes 25 more fits.

    Examples
    --------
    >>> X = np.repeat(np.eye(2, 4, dtype=np.float32), 4, axis=0)
    >>> values = ["a", None, None, None, "b", None, None, None]
    >>> done = np.array([value is not None for value in values])
    >>> plan = make_plan(X, Labelled(values, done, np.zeros(8, bool), ("a", "b"), True))
    >>> plan.suggestions[1][0], plan.suggestions[7][0]
    ('a', 'b')
    """
    codes = known.codes() if known.one_class else np.full(len(X), -1)
    learnt = np.flatnonzero((codes >= 0) & ~known.audit)
    choices = _choices(X, known, codes, seed)
    known_by = lesson(X[learnt], codes[learnt], names, seed=seed)
    present, own = np.unique(known_by.codes, return_inverse=True)
    if len(present) < 2:
        return Plan(choices)
    C = DEFAULT_C if known_by.by == "names" else _penalty(X[learnt], codes[learnt], seed)
    P = softmax(fit_logistic(known_by.X, own, len(present), C=C).logits(X))
    best = P.argmax(axis=1)
    free = np.flatnonzero(~known.done & ~known.audit)
    suggestions: dict[int, tuple[Value, float]] = {
        int(row): (known.classes[present[best[row]]], float(P[row, best[row]])) for row in free
    }
    judged = np.flatnonzero((codes >= 0) & known.audit)
    right = present[best[judged]] == codes[judged]
    accuracy = None
    if len(judged) >= _MIN_AUDITED:
        low, high = wilson(float(right.mean()), len(judged))
        accuracy = Score(value=float(right.mean()), low=float(low), high=float(high))
    told = step and accuracy is not None and len(learnt) >= _MIN_LEARNT
    return Plan(
        choices,
        suggestions,
        known_by.by,
        accuracy,
        len(judged),
        _step(X, codes, learnt, judged, C=C, names=names, seed=seed) if told else None,
    )


def _choices(X: Rows, known: Labelled, codes: NDArray[np.int64], seed: int) -> list[Choice]:
    """Answers that are no class, skipped ones too, count as labelled and teach no class."""
    barred = known.audit | (known.done & (codes < 0)) if known.one_class else known.audit
    seen = codes if known.one_class else np.where(known.done, 0, -1)
    return choose_next(
        X, seen, AHEAD, n_classes=len(known.classes) if known.one_class else 0, seed=seed,
        barred=barred,
    )  # fmt: skip


def _penalty(X: Rows, codes: NDArray[np.int64], seed: int) -> float:
    """Chosen on the answers alone."""
    present, own = np.unique(codes, return_inverse=True)
    if len(codes) < 2 * _FOLDS or len(present) < 2:
        return DEFAULT_C
    folds = stratified_folds(own, n_folds=_FOLDS, groups=None, seed=seed)
    return choose_penalty(LogisticProblem.prepare(X, own, len(present)), folds)


def _step(
    X: Rows,
    codes: NDArray[np.int64],
    learnt: NDArray[np.intp],
    judged: NDArray[np.intp],
    *,
    C: float,
    names: Rows | None,
    seed: int,
) -> NextStep:
    """The error on the audit by random parts of the answers, as a power law."""
    rng = np.random.default_rng(seed)
    sizes = np.unique(np.maximum(2, np.array(_SHARES) * len(learnt)).astype(int))
    errors = np.empty((_CHAINS, len(sizes)))
    for chain in range(_CHAINS):
        order = rng.permutation(learnt)
        for place, size in enumerate(sizes):
            errors[chain, place] = _error(X, codes, order[:size], judged, C=C, names=names)
    law = fit_power_law(sizes.astype(float), errors, seed=seed)
    n, more = len(learnt), len(learnt) + MORE
    gains = law.draws[:, 1] * (n ** -law.draws[:, 2] - float(more) ** -law.draws[:, 2])
    low, high = (float(bound) for bound in np.quantile(gains, [0.025, 0.975]))
    points = law.b * (n**-law.c - more**-law.c)
    return NextStep(MORE, 100 * points, 100 * min(low, points), 100 * max(high, points))


def _error(
    X: Rows,
    codes: NDArray[np.int64],
    rows: NDArray[np.intp],
    judged: NDArray[np.intp],
    *,
    C: float,
    names: Rows | None,
) -> float:
    part = lesson(X[rows], codes[rows], names)
    present, own = np.unique(part.codes, return_inverse=True)
    if len(present) < 2:
        return float(np.mean(codes[judged] != present[0]))
    found = fit_logistic(part.X, own, len(present), C=C).logits(X[judged]).argmax(axis=1)
    return float(np.mean(present[found] != codes[judged]))
