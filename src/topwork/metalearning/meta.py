"""From many small tasks to a prior for new ones, if it pays on tasks that were left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np

from topwork.data import ClassTargets
from topwork.errors import DataError, ParameterError
from topwork.features.opened_backbone import open_backbone
from topwork.heads import normalise_rows
from topwork.installation import TRAINING, require
from topwork.intake.collection import Collection, collect
from topwork.metalearning.closed_form import Task, learn
from topwork.metalearning.episodes import groups_by_class
from topwork.metalearning.evaluation import independent_groups
from topwork.metalearning.result import Estimated, LeftOutTask, MetaResult
from topwork.metalearning.trained_features import TrainedFeatures, train_features
from topwork.metalearning.trained_metric import train_metric
from topwork.model.priors.prior_file import PriorCard, save_prior
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.counted import counted
from topwork.runtime.progress import Steps, no_steps
from topwork.settings import FeatureSettings

MIN_TASKS: Final = 8
"""With fewer no interval over tasks means anything."""

Method = Literal["closed-form", "protonet", "anil"]


@where_settings_say
def meta_learn(
    tasks: str | Path,
    save_to: Path,
    *,
    settings: FeatureSettings | None = None,
    backbone: str | None = None,
    method: Method = "closed-form",
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
    method
        ``closed-form``, or ``protonet``: the same metric trained further on episodes of the tasks
        (a prototypical network on a low-rank map of frozen features), which needs the extra
        ``train``; or ``anil``: the last layers of a network for images trained on episodes so
        that an adapted head does well (needs it, too). Each is kept where it is certain to add
        to the closed form on tasks that were left out. What ``anil`` writes is a backbone, which
        ``own:@SAVE_TO`` names.

    Raises
    ------
    BackboneError
        What trains is not installed.
    DataError
        There are fewer than eight tasks with two classes of two items, or one can't be read.
    ParameterError
        There is no such method.
    """
    settings = settings or FeatureSettings()
    _check_method(method)
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
    reads = [one for one, task in zip(read, found, strict=True) if task is not None]
    notes = [
        f"{counted(len(found) - len(usable), 'folder')} without two classes of two independent "
        "items left out."
    ] * (len(usable) < len(found))
    _check_enough(len(usable), folder)
    learnt, told = learn(usable, seed=settings.seed), None
    features: TrainedFeatures | None = None
    if method == "anil":
        features = train_features(usable, reads, learnt, settings, steps=steps)
        told = features.told
        if told.used:
            learnt = replace(learnt, gains=features.gains, low=features.low, high=features.high)
    if method == "protonet":
        trained, told = train_metric(
            usable, learnt, seed=settings.seed, progress=steps("Training on episodes")
        )
        learnt = trained if told.used else learnt
    first, mean = read[0], float(learnt.gains.mean())
    if learnt.pays and features is not None and features.told.used:
        features.save(save_to)
    elif learnt.pays:
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
        method=method if told is None or told.used else "closed-form",
        trained=told,
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


def _check_method(method: str) -> None:
    if method not in get_args(Method):
        raise ParameterError(
            f"There is no method {method!r} to learn from tasks.",
            remedy=f"Use one of {', '.join(get_args(Method))}.",
        )
    if method != "closed-form":
        require(f"The method {method}", TRAINING)


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
