"""One way of making the model, judged: the transfer that was asked for, or a baseline."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets
from topwork.features.columns.beside import BesideHead
from topwork.features.opened_backbone import FrozenPart
from topwork.runtime.executor import run_large_tasks
from topwork.runtime.progress import Progress, silent
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.settings.choices import ClassWeight, Strategy
from topwork.tasks.classification import CLASSES
from topwork.validation import JudgedHead, cross_validate_head
from topwork.validation.crossval import HeadName


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way of making the model: data, so that every baseline can be returned and saved.

    Parameters
    ----------
    name
        What people call it.
    backbone
        Where the features come from.
    strategy
        How much is trained: the head alone, or the last layers, too.
    head
        Which head is put on them; ``auto`` suits it to the number of labels.
    """

    name: str
    backbone: str
    head: HeadName | str = "auto"
    strategy: Strategy = "probe"


def transfer_from(backbone: str) -> Candidate:
    """What was asked for: features of a pretrained network."""
    return Candidate(f"transfer from {backbone}", backbone)


def untrained(backbone: str) -> Candidate:
    """The same network, or the same ones, with random weights.

    Parameters
    ----------
    backbone
        Its full name, ``SOURCE:NAME``, several of them joined by ``+``.
    """
    parts = [part.rpartition(":") for part in backbone.partition("@")[0].split("+")]
    names = [f"random:{name}" if source else name for source, _, name in parts]
    return Candidate("the untrained network", "+".join(names))


MAJORITY = Candidate("the majority class", "pixels", "majority")
PIXELS = Candidate("raw pixels", "pixels")

BASELINES: tuple[Candidate, ...] = (MAJORITY, PIXELS)
"""What transfer has to beat, from simple to less simple."""


class Finisher(Protocol):
    """Makes the model of a trial on all items."""

    def finished(self, judged: Trial) -> Trial:
        """The same trial, with nothing left to do."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A candidate with its features and its judged head.

    Parameters
    ----------
    heads
        One for each division into folds.
    rows
        Positions of its items among all, where it has a part of them only.
    features_by_fold
        For a network that was trained itself: features ``(n, d)`` by the one that did not see a
        fold, for every fold that it was judged on, of the first division.
    judged_on
        ``(n,)``, the items that it was judged on where that is not all of them: held-out answers
        of the others mean nothing.
    finish
        Makes the model on all items, where only the models of the folds are there yet.
    selectable
        Whether it may become the model at all.
    instead_of
        Name of the trial whose place it takes where it does better at all: for what the user
        brought more data for.
    above
        Whether it was tried above the probe, which it then has to beat.
    unlabelled
        Whether it learnt from items without labels, too.
    evident
        Whether it takes that place also where nothing can be compared.
    beside
        What columns beside the items add to the outputs of its head on all items.
    """

    candidate: Candidate
    frozen: FrozenPart
    heads: tuple[JudgedHead, ...]
    seconds: float
    rows: NDArray[np.intp] | None = None
    features_by_fold: Mapping[int, NDArray[np.float32]] | None = None
    judged_on: NDArray[np.bool_] | None = None
    finish: Finisher | None = None
    selectable: bool = True
    instead_of: str | None = None
    above: bool = False
    unlabelled: bool = False
    evident: bool = False
    beside: BesideHead | None = None

    def finished(self) -> Trial:
        """With the model on all items."""
        return self.finish.finished(self) if self.finish else self

    @property
    def judged_rows(self) -> NDArray[np.bool_]:
        """``(n,)``, the items that it was judged on."""
        everything = np.ones(len(self.frozen.data), bool)
        return everything if self.judged_on is None else self.judged_on

    @property
    def head(self) -> JudgedHead:
        """Of the first division; its fit on all items is the selected one."""
        return self.heads[0]

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Held out, before any temperature: ``(r, n, k)``."""
        return np.stack([head.probabilities_oof for head in self.heads])

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each held-out item was predicted right, ``(r, n)``."""
        return np.asarray(self.losses == 0)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss of each held-out item, ``(r, n)``: 0 where it was predicted right, else 1."""
        logits = np.stack([head.logits_oof for head in self.heads])
        return CLASSES.losses(targets_of(self.frozen), logits)


def targets_of(frozen: FrozenPart) -> ClassTargets:
    """The targets of data that were checked to have some."""
    targets = frozen.data.classes
    assert targets is not None
    return targets


LARGEST_SEARCH = 100_000
"""Items times classes up to which a baseline's penalty is searched for; beyond, it is fixed."""


def judged(
    candidate: Candidate,
    frozen: FrozenPart,
    folds: NDArray[np.integer],
    settings: FitSettings,
    *,
    search: bool = True,
    progress: Progress = silent,
) -> Trial:
    """Put the candidate's head on features and judge it on the folds ``(r, n)``."""
    begun, targets = time.monotonic(), targets_of(frozen)
    tasks = [
        HeadTask(
            frozen.features,
            targets.codes,
            len(targets.labels),
            division,
            candidate.head,  # type: ignore[arg-type]
            settings.class_weight,
            search,
        )
        for division in folds
    ]
    heads = run_large_tasks(judge_head, tasks, progress)
    return Trial(candidate, frozen, tuple(heads), time.monotonic() - begun)


@dataclass(frozen=True, eq=False, slots=True)
class HeadTask:
    """A head to be judged on one division into folds; see `cross_validate_head`."""

    features: NDArray[np.floating]
    codes: NDArray[np.integer]
    n_classes: int
    folds: NDArray[np.integer]
    head: HeadName | Literal["auto"]
    class_weight: ClassWeight
    search: bool


def judge_head(task: HeadTask, *, progress: Progress = silent) -> JudgedHead:
    """The head, fitted on all items, and what it says of held-out ones."""
    return cross_validate_head(
        task.features,
        task.codes,
        task.n_classes,
        folds=task.folds,
        head=task.head,
        class_weight=task.class_weight,
        search=task.search,
        progress=progress,
    )


def baseline_trials(
    pixels: FrozenPart | None,
    folds: NDArray[np.integer],
    context: RunContext[FitSettings],
) -> list[Trial]:
    """The baselines that are simpler than the transfer, on the same items and folds.

    Parameters
    ----------
    pixels
        The same items, seen as raw pixels; ``None`` where no baselines are wanted.
    """
    if pixels is None:
        return []
    settings, progress = context.settings, context.steps("Baselines")
    simpler = [c for c in BASELINES if c.head == "majority" or c.backbone != settings.backbone]
    search = worth_searching(pixels)
    return [
        judged(candidate, pixels, folds, settings, search=search, progress=progress)
        for candidate in simpler
    ]


def worth_searching(frozen: FrozenPart) -> bool:
    """Whether a baseline on these items is small enough to search its penalty."""
    return len(frozen.data) * frozen.data.n_classes <= LARGEST_SEARCH
