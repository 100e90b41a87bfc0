"""A prior of many tasks in closed form, and what such priors bring on tasks that were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads import normalise_rows
from topwork.heads.few_shot.prior import SHRINKAGES, TaskPrior, fit_prior, within_classes
from topwork.metalearning.episodes import EpisodeSampler
from topwork.runtime.parallel import one_blas_thread, side_by_side

WAYS: Final = 5
N_EPISODES: Final = 150
N_QUERIES: Final = 15


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """A labelled set of n items with at least two classes.

    Parameters
    ----------
    name
        For people.
    X
        (n, d), of length 1.
    codes
        (n,).
    members
        Of each class with two independent items or more, the rows of each of its groups.
    """

    name: str
    X: NDArray[np.float32]
    codes: NDArray[np.int64]
    members: Sequence[Sequence[NDArray[np.int64]]]


@dataclass(frozen=True, eq=False, slots=True)
class Learnt:
    """A prior of all tasks, and what such priors bring on tasks that they were not learnt from.

    Parameters
    ----------
    prior
        Of all tasks.
    plain, gains
        Accuracy of the nearest class mean with one label per class, and what the prior adds, (t,).
    low, high
        The 95 % interval of the mean gain over tasks.
    shrinkages
        Chosen for each task on the others, (t,).
    """

    prior: TaskPrior
    plain: NDArray[np.float64]
    gains: NDArray[np.float64]
    low: float
    high: float
    shrinkages: NDArray[np.float64]

    @property
    def pays(self) -> bool:
        """Whether the gain is certain."""
        return self.low > 0


def learn(tasks: Sequence[Task], *, seed: int = 0) -> Learnt:
    """A prior, judged by leaving one task out; its shrinkage is chosen on the other tasks.

    Parameters
    ----------
    tasks
        `MIN_TASKS` or more, on features of one network.
    """
    rows = [within_classes(task.X, task.codes) for task in tasks]

    def one(left: int) -> tuple[float, list[float]]:
        prior = fit_prior([own for i, own in enumerate(rows) if i != left])
        metrics = [prior.with_shrinkage(shrinkage) for shrinkage in SHRINKAGES]
        return scores_of(tasks[left], metrics, seed + left)

    with one_blas_thread():
        found = side_by_side(one, range(len(tasks)))
    plain = np.array([alone for alone, _ in found])
    table = np.array([each for _, each in found]) - plain[:, None]
    total = table.sum(axis=0)
    # the choice for a task looks at the other tasks only
    best = [(total - own).argmax() for own in table]
    gains = np.array([own[i] for own, i in zip(table, best, strict=True)])
    prior = fit_prior(rows).with_shrinkage(SHRINKAGES[int(total.argmax())])
    low, high = over_tasks(gains)
    return Learnt(prior, plain, gains, low, high, np.array([SHRINKAGES[i] for i in best]))


def over_tasks(gains: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval of the mean of gains (t,) if other tasks of the same kind were taken.

    Examples
    --------
    >>> [round(bound, 3) for bound in over_tasks(np.array([0.1, 0.2, 0.3, 0.2]))]
    [0.07, 0.33]
    """
    from scipy.stats import t as student

    mean, n = float(gains.mean()), len(gains)
    half = float(student.ppf(0.975, n - 1)) * float(gains.std(ddof=1)) / float(np.sqrt(n))
    return mean - half, mean + half


def scores_of(task: Task, metrics: Sequence[TaskPrior], seed: int) -> tuple[float, list[float]]:
    """Accuracy with one label per class: of the nearest mean, and in each metric.

    The same seed gives the same episodes.
    """
    ways = min(WAYS, len(task.members))
    sampler = EpisodeSampler(task.members, ways, 1, N_QUERIES, "balanced")
    whole = [normalise_rows(task.X)] + [
        metric.whitened(task.X).astype(np.float32) for metric in metrics
    ]
    right = np.zeros(len(whole))
    seeds = np.random.SeedSequence(seed).spawn(N_EPISODES)
    for own in seeds:
        episode = sampler.draw(np.random.default_rng(own))
        for i, rows in enumerate(whole):
            right[i] += _accuracy(rows, episode.support, episode.queries, episode.query_codes)
    right /= N_EPISODES
    return float(right[0]), right[1:].tolist()


def _accuracy(
    rows: NDArray[np.float32],
    support: NDArray[np.int64],
    queries: NDArray[np.int64],
    truth: NDArray[np.int64],
) -> float:
    """Of the nearest of single labelled rows by cosine from their mean."""
    S = rows[support]
    centre = S.mean(axis=0)
    directions = normalise_rows(S - centre)
    return float((((rows[queries] - centre) @ directions.T).argmax(axis=1) == truth).mean())
