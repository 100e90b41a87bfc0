"""From many small tasks to a prior for new ones, if it pays on tasks that were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets
from topwork.errors import DataError
from topwork.features.opened_backbone import open_backbone
from topwork.heads import normalise_rows
from topwork.heads.few_shot.prior import SHRINKAGES, TaskPrior, fit_prior, within_classes
from topwork.intake.collection import Collection, collect
from topwork.metalearning.episodes import EpisodeSampler, groups_by_class
from topwork.metalearning.evaluation import independent_groups
from topwork.metalearning.result import Estimated, LeftOutTask, MetaResult
from topwork.model.priors.prior_file import PriorCard, save_prior
from topwork.runtime.counted import counted
from topwork.runtime.parallel import one_blas_thread, side_by_side
from topwork.runtime.progress import Steps, no_steps
from topwork.settings import FeatureSettings

MIN_TASKS: Final = 8
"""With fewer no interval over tasks means anything."""

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
    """

    prior: TaskPrior
    plain: NDArray[np.float64]
    gains: NDArray[np.float64]
    low: float
    high: float

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
    from scipy.stats import t as student

    rows = [within_classes(task.X, task.codes) for task in tasks]

    def one(left: int) -> tuple[float, list[float]]:
        prior = fit_prior([own for i, own in enumerate(rows) if i != left])
        return _scores(tasks[left], prior, seed + left)

    with one_blas_thread():
        found = side_by_side(one, range(len(tasks)))
    plain = np.array([alone for alone, _ in found])
    table = np.array([each for _, each in found]) - plain[:, None]
    total = table.sum(axis=0)
    # the choice for a task looks at the other tasks only
    best = [(total - own).argmax() for own in table]
    gains = np.array([own[i] for own, i in zip(table, best, strict=True)])
    half = float(student.ppf(0.975, len(gains) - 1)) * gains.std(ddof=1) / np.sqrt(len(gains))
    prior = fit_prior(rows).with_shrinkage(SHRINKAGES[int(total.argmax())])
    mean = float(gains.mean())
    return Learnt(prior, plain, gains, mean - float(half), mean + float(half))


def _scores(task: Task, prior: TaskPrior, seed: int) -> tuple[float, list[float]]:
    """Accuracy with one label per class: of the nearest mean, and by each shrinkage."""
    ways = min(WAYS, len(task.members))
    sampler = EpisodeSampler(task.members, ways, 1, N_QUERIES, "balanced")
    metrics = [prior.with_shrinkage(shrinkage) for shrinkage in SHRINKAGES]
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


def meta_learn(
    tasks: str | Path,
    save_to: Path,
    *,
    settings: FeatureSettings | None = None,
    backbone: str | None = None,
    steps: Steps = no_steps,
    **reading: Any,
) -> MetaResult:
    """Learn a prior from a folder of tasks, and save it if it pays.

    The prior is how items of one class differ, pooled over the tasks. New classes are then told
    apart along axes on which items of one class agree. It is judged with one label per class on
    each task, learnt from the others.

    Parameters
    ----------
    tasks
        A folder of folders, each a task: class folders or a table.
    save_to
        Where the prior goes; nothing is written where the gain is not certain.
    backbone
        The network; the usual one where it is not given.

    Raises
    ------
    DataError
        There are fewer than eight tasks with two classes of two items, or one can't be read.
    """
    settings = settings or FeatureSettings()
    folder = Path(tasks)
    places = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    _check_enough(len(places), folder)
    read = [
        collect(
            place,
            settings,
            backbone=backbone,
            labelled=True,
            progress=steps(f"Task {i + 1} of {len(places)}"),
            **reading,
        )
        for i, place in enumerate(places)
    ]
    if len({one.data.kind.name for one in read}) > 1:
        raise DataError(
            "Some tasks are of images and some of texts.",
            remedy="Give tasks of one kind, or name it with --kind.",
        )
    found = [task_of(place.name, one) for place, one in zip(places, read, strict=True)]
    usable = [task for task in found if task is not None]
    notes = [
        f"{counted(len(found) - len(usable), 'folder')} without two classes of two independent "
        "items left out."
    ] * (len(usable) < len(found))
    _check_enough(len(usable), folder)
    learnt = learn(usable, seed=settings.seed)
    first, mean = read[0], float(learnt.gains.mean())
    if learnt.pays:
        card = PriorCard(
            modality=first.data.kind.name,
            backbone=first.network,
            fingerprint=open_backbone(first.network, settings).backbone.fingerprint,
            n_tasks=len(usable),
            gain=mean,
            low=learnt.low,
            high=learnt.high,
        )
        save_prior(learnt.prior, card, save_to)
    return MetaResult(
        task="classes",
        modality=first.data.kind.name,
        prior=str(save_to) if learnt.pays else None,
        n_tasks=len(usable),
        gain=Estimated(value=mean, low=learnt.low, high=learnt.high),
        shipped=learnt.pays,
        shrinkage=learnt.prior.shrinkage,
        tasks=[
            LeftOutTask(name=task.name, n_classes=len(task.members), plain=plain, gain=gain)
            for task, plain, gain in zip(
                usable, learnt.plain.tolist(), learnt.gains.tolist(), strict=True
            )
        ],
        backbone=first.network,
        n_items=sum(len(one) for one in read),
        rejected=[record for one in read for record in one.rejected],
        notes=[*dict.fromkeys(hint for one in read for hint in one.data.hints), *notes],
    )


def task_of(name: str, read: Collection) -> Task | None:
    """A task for learning, or None where it has too few classes or items."""
    targets = read.data.targets
    if not isinstance(targets, ClassTargets):
        return None
    X = normalise_rows(np.asarray(read.features, np.float32))
    members = groups_by_class(targets.codes, independent_groups(read, targets))
    large = [own for own in members if len(own) > 1]
    return Task(name, X, targets.codes, large) if len(large) > 1 else None


def _check_enough(n: int, folder: Path) -> None:
    if n >= MIN_TASKS:
        return
    raise DataError(
        f"{folder} holds {counted(n, 'task')}, too few to learn a prior from.",
        remedy=f"Give a folder of {MIN_TASKS} folders or more, each with class folders (or a "
        "table) of a task of its own.",
        code="too_few_tasks",
    )
