"""A detector for each fold and one on all images, in processes of one core each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.data import framing_of
from topwork.errors import UserError
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.placed import in_image
from topwork.runtime import usable_cores
from topwork.runtime.executor import ProcessExecutor, n_workers, run_tasks
from topwork.runtime.progress import Progress, silent
from topwork.trials.detection.maps import MappedImages
from topwork.trials.detection.plan import DetectionPlan

MIN_STEPS = 12
"""Of the optimiser; fewer teach nothing, however little time there is."""

_WORTH_PROCESSES = 15.0
"""Seconds of training; each process takes some of them to begin."""


class FoldFit(Protocol):
    """What one fit gave.

    Attributes
    ----------
    found
        In each view of each image held out, ``[m][p]``, in pixels of the input.
    ending
        Why training ended; see `topwork.training.loop.Ending`.
    """

    @property
    def found(self) -> tuple[tuple[Detections, ...], ...]: ...

    @property
    def ending(self) -> str: ...


Fit = TypeVar("Fit", bound=FoldFit)
Fit_co = TypeVar("Fit_co", bound=FoldFit, covariant=True)


class DivergedError(UserError):
    """The loss of a fit became infinite."""


@dataclass(frozen=True, eq=False, slots=True)
class CrossFit(Generic[Fit_co]):
    """What the fits gave.

    Parameters
    ----------
    final
        On all images.
    by_fold
        On the complement of each fold, by its number.
    detections
        Of each image by the fit without its fold, in pixels of the image.
    plan
        As it was carried out.
    step
        Seconds of one step on one core, before others ran beside it.
    """

    final: Fit_co
    by_fold: Mapping[int, Fit_co]
    detections: list[Detections]
    plan: DetectionPlan
    step: float


@dataclass(frozen=True, eq=False)
class FoldFitting(ABC, Generic[Fit]):
    """The fits of one detector on all folds; a subclass says what a fit is.

    Parameters
    ----------
    mapped
        The n images and their maps.
    folds
        Fold of each image, ``(n,)``.
    seed
        Of everything random.
    limit
        Seconds after which each fit ends, wherever it is; None for no limit.
    step
        Seconds of one step on one core; None where that was not measured yet.
    """

    mapped: MappedImages
    plan: DetectionPlan
    folds: NDArray[np.integer]
    seed: int = 0
    limit: float | None = None
    step: float | None = None

    @abstractmethod
    def _job(self, fold: int | None) -> Any:
        """The fit without a fold, as a task of any process; on all images for None."""

    @abstractmethod
    def _function(self) -> Callable[[Any], Fit]:
        """What carries out such a task."""

    @abstractmethod
    def _measured(self) -> float:
        """Seconds of one step on one core."""

    @property
    def _may_be_slow(self) -> bool:
        """Whether steps may take longer than those that were measured."""
        return True

    @property
    def names(self) -> list[int]:
        """Of the folds."""
        return [int(fold) for fold in np.unique(self.folds)]

    def seconds(self, n_fits: int | None = None) -> float:
        """What so many fits take, or all of them, by a few steps of one."""
        return self._rounds(n_fits) * self.plan.steps * self.seconds_per_step()

    def seconds_per_step(self) -> float:
        """Of one fit, on one core."""
        return self._measured() if self.step is None else self.step

    def within(self, seconds: float) -> Self:
        """The same with as many steps as there is time for."""
        step, each = self.seconds_per_step(), seconds / self._rounds()
        steps = max(MIN_STEPS, min(self.plan.steps, int(each / step)))
        limit = max(each, steps * step) if self._may_be_slow else None
        return replace(self, plan=replace(self.plan, steps=steps), step=step, limit=limit)

    def run(self, progress: Progress = silent) -> CrossFit[Fit]:
        """Train on the complement of each fold and on all images.

        Raises
        ------
        DivergedError
            The loss of a fit became infinite.
        """
        timed = replace(self, step=self.seconds_per_step())
        final, *fits = timed._fits((None, *self.names), progress)
        by_fold = dict(zip(self.names, fits, strict=True))
        found = self._found(by_fold)
        detections = [found[row] for row in range(len(found))]
        return CrossFit(final, by_fold, detections, self.plan, timed.seconds_per_step())

    def held_out(self, folds: Sequence[int], progress: Progress = silent) -> dict[int, Detections]:
        """Train without each of some folds: what is found in their images, by position.

        Raises
        ------
        DivergedError
            The loss of a fit became infinite.
        """
        return self._found(dict(zip(folds, self._fits(folds, progress), strict=True)))

    def _fits(self, folds: Sequence[int | None], progress: Progress) -> list[Fit]:
        function = self._function()
        jobs = [self._job(fold) for fold in folds]
        progress(0, len(jobs))
        if n_workers() > 1:
            fits = run_tasks(function, jobs)
        elif self.seconds(len(jobs)) * self._workers > _WORTH_PROCESSES:
            with ProcessExecutor(self._workers) as executor:
                fits = executor.map(function, jobs)
        else:
            fits = [function(job) for job in jobs]
        progress(len(jobs), len(jobs))
        if any(fit.ending == "interrupted" for fit in fits):
            raise KeyboardInterrupt
        if any(fit.ending == "diverged" for fit in fits):
            raise DivergedError(
                "Training diverged: the loss became infinite.",
                remedy="Check the boxes with topwork check, or give another --seed.",
                code="diverged",
            )
        return fits

    def _found(self, fits: Mapping[int, Fit]) -> dict[int, Detections]:
        """What each fit found in the images of its fold."""
        return {
            int(row): detections_of(fit.found[i], self.mapped, int(row))
            for fold, fit in fits.items()
            for i, row in enumerate(np.flatnonzero(self.folds == fold))
        }

    @property
    def _workers(self) -> int:
        return min(max(usable_cores(), n_workers()), len(self.names) + 1)

    def _rounds(self, n_fits: int | None = None) -> int:
        return -(-(n_fits or len(self.names) + 1) // self._workers)

    def _rows(self, fold: int | None) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Images to train on, and those held out."""
        out = np.zeros(len(self.folds), bool) if fold is None else self.folds == fold
        return np.flatnonzero(~out), np.flatnonzero(out)


def detections_of(found: Sequence[Detections], mapped: MappedImages, row: int) -> Detections:
    """What is in an image, by what is in its views.

    Parameters
    ----------
    found
        In the first views of the image, in pixels of the input.
    """
    seen = [framing_of(view, mapped.framing, b"") for view in mapped.views[: len(found)]]
    return in_image(found, seen, mapped.sizes[row])
