"""A metric trained on episodes, held against the closed form on tasks that were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from topwork.heads.few_shot.prior import TaskPrior, fit_prior, within_classes
from topwork.metalearning.closed_form import WAYS, Learnt, Task, over_tasks, scores_of
from topwork.metalearning.episodes import EpisodeSampler
from topwork.metalearning.result import Estimated, TrainedMetric
from topwork.runtime.progress import Progress, silent

if TYPE_CHECKING:
    from topwork.training.strategies.episodic import DrawnEpisode, DrawsEpisode

_QUERIES: Final = 5


def train_metric(
    tasks: Sequence[Task], closed: Learnt, *, seed: int = 0, progress: Progress = silent
) -> tuple[Learnt, TrainedMetric]:
    """Train the metric of the closed form on episodes, once without each task and once on all.

    Returns
    -------
    What was learnt, and how it compares: it is used where the lower end of the interval over tasks
    of what it adds to the closed form is above 0.
    """
    from topwork.training.strategies.episodic import fit_episodic_metric

    rows = [within_classes(task.X, task.codes) for task in tasks]
    added = []
    for left, task in enumerate(tasks):
        rest = [i for i in range(len(tasks)) if i != left]
        start = fit_prior([rows[i] for i in rest]).with_shrinkage(float(closed.shrinkages[left]))
        metric = fit_episodic_metric(start, _draw_from([tasks[i] for i in rest]), seed=seed)
        before, after = scores_of(task, [start, metric], seed + left)[1]
        added.append(after - before)
        progress(left + 1, len(tasks) + 1)
    more = np.array(added)
    low, high = over_tasks(more)
    used = low > 0
    prior: TaskPrior = closed.prior
    if used:
        prior = fit_episodic_metric(prior, _draw_from(tasks), seed=seed)
    progress(len(tasks) + 1, len(tasks) + 1)
    gains = closed.gains + more
    learnt_low, learnt_high = over_tasks(gains)
    found = replace(closed, prior=prior, gains=gains, low=learnt_low, high=learnt_high)
    told = TrainedMetric(added=Estimated(value=float(more.mean()), low=low, high=high), used=used)
    return found, told


def _draw_from(tasks: Sequence[Task]) -> DrawsEpisode:
    """Episodes with one label per class, each of a random task."""
    from topwork.training.strategies.episodic import DrawnEpisode

    samplers = [
        EpisodeSampler(task.members, min(WAYS, len(task.members)), 1, _QUERIES, "balanced")
        for task in tasks
    ]

    def draw(rng: np.random.Generator) -> DrawnEpisode:
        i = int(rng.integers(len(tasks)))
        episode = samplers[i].draw(rng)
        labelled = np.zeros(len(episode.support) + len(episode.queries), bool)
        labelled[: len(episode.support)] = True
        return DrawnEpisode(
            tasks[i].X[np.concatenate([episode.support, episode.queries])],
            np.concatenate([episode.support_codes, episode.query_codes]),
            labelled,
        )

    return draw
