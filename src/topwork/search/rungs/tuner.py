"""What a way of training a network offers to the rung that judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import Strategy

if TYPE_CHECKING:
    from topwork.training.fits import TunedFit

Rows = NDArray[np.integer]


def given_fields(one: Any) -> dict[str, object]:
    """What a dataclass is in another process, which computes cached properties again."""
    return {field.name: getattr(one, field.name) for field in fields(one)}


@dataclass(frozen=True, slots=True)
class TimeEstimate:
    """Seconds that a way of training takes.

    Parameters
    ----------
    prepare
        Before the first fit.
    an_item
        For every item that is trained on, in all epochs.
    """

    prepare: float
    an_item: float


class Interrupted(Exception):
    """Ctrl-C ended a fit before its end."""


class Tuner(Protocol):
    """Trains a network and a head on some of the items."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def strategy(self) -> Strategy:
        """How it is called in a saved model."""
        ...

    def unsuited(self) -> str:
        """Why it cannot be used here; empty where it can."""
        ...

    @property
    def n_plans(self) -> int:
        """How many plans there are, from the one that is best to the one that is quickest."""
        ...

    def wait(self, plan: int) -> TimeEstimate:
        """What the plan of this number would take."""
        ...

    def prepare(self, plan: int) -> str:
        """Get ready for the plan of this number; why it failed, empty where it did not."""
        ...

    def purpose(self) -> Mapping[str, object]:
        """What identifies a fit beside its items, so that a finished one is found again."""
        ...

    def fit(self, rows: Rows, start: TunedFit | None, folder: Path | None) -> TunedFit:
        """Train on these items.

        Parameters
        ----------
        start
            Where an earlier rung's training on the same items ended.
        folder
            Where checkpoints are kept.

        Raises
        ------
        Interrupted
            By Ctrl-C.
        """
        ...

    def vectors(self, fit: TunedFit) -> NDArray[np.float32]:
        """Pooled vectors ``(n, d)`` of all items."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class FitTask:
    """One fit of a way of training, to be judged on other items.

    Parameters
    ----------
    tuner
        Ready for its plan.
    rows
        Items that are trained on.
    start
        Where an earlier rung's training on the same items ended.
    folder
        Where the fit is kept, and checkpoints of it; None for nowhere.
    made
        The fit, if it was made already.
    """

    tuner: Tuner
    rows: Rows
    start: TunedFit | None
    folder: Path | None
    made: TunedFit | None = None


def fit_and_see(
    task: FitTask,
    *,
    progress: Progress = silent,  # noqa: ARG001  a tuner opens steps of its own
) -> tuple[TunedFit, NDArray[np.float32]]:
    """The fit, and what it makes of all items, ``(n, d)``."""
    fit = stored_fit(task)
    return fit, task.tuner.vectors(fit)


def stored_fit(task: FitTask) -> TunedFit:
    """The fit, made once even in several runs."""
    from topwork.training.fits import TunedFit

    if task.made is not None:
        return task.made
    file = task.folder / "fit.safetensors" if task.folder else None
    found = TunedFit.load(file) if file else None
    if found is None:
        found = task.tuner.fit(task.rows, task.start, task.folder)
        if file:
            found.save(file)
    return found
