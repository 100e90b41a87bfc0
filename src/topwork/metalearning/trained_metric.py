"""A metric trained on episodes, held against the closed form on tasks that were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topwork.heads.few_shot.prior import TaskPrior, fit_prior, within_classes
from topwork.metalearning.closed_form import Learnt, Task, over_tasks, scores_of
from topwork.metalearning.result import Estimated, TrainedMetric
from topwork.metalearning.training_episodes import draw_from
from topwork.runtime.progress import Progress, silent


def train_metric(
    tasks: Sequence[Task], closed: Learnt, *, seed: int = 0, progress: Progress = silent
) -> tuple[Learnt, TrainedMetric]:
    """Train the metric of the closed form on episodes, once without each task and once on all.

    Returns
    -------
    What was learnt, and how it compares: it is used where the lower end of the interval over tasks
    of what it adds to the closed form is above 0.
    """
    import torch

    from topwork.training.strategies.episodic import fit_episodic_metric

    def inputs_of(task: int, items: NDArray[np.int64]) -> torch.Tensor:
        return torch.from_numpy(tasks[task].X[items])

    rows = [within_classes(task.X, task.codes) for task in tasks]
    added = []
    for left, task in enumerate(tasks):
        rest = [i for i in range(len(tasks)) if i != left]
        start = fit_prior([rows[i] for i in rest]).with_shrinkage(float(closed.shrinkages[left]))
        metric = fit_episodic_metric(start, draw_from(tasks, rest, inputs_of), seed=seed)
        before, after = scores_of(task, [start, metric], seed + left)[1]
        added.append(after - before)
        progress(left + 1, len(tasks) + 1)
    more = np.array(added)
    low, high = over_tasks(more)
    used = low > 0
    prior: TaskPrior = closed.prior
    if used:
        everything = draw_from(tasks, range(len(tasks)), inputs_of)
        prior = fit_episodic_metric(prior, everything, seed=seed)
    progress(len(tasks) + 1, len(tasks) + 1)
    gains = closed.gains + more
    learnt_low, learnt_high = over_tasks(gains)
    found = replace(closed, prior=prior, gains=gains, low=learnt_low, high=learnt_high)
    told = TrainedMetric(added=Estimated(value=float(more.mean()), low=low, high=high), used=used)
    return found, told
