"""What a detector has to beat: the empty answer, and its own network without pretraining."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import resolve
from topwork.data import BoxTargets
from topwork.errors import UserError
from topwork.metrics.detection.detections import Detections
from topwork.metrics.paired import paired_items
from topwork.runtime.progress import Progress, silent
from topwork.selection.enough import too_few
from topwork.tasks.boxes.task import BOXES
from topwork.trials.detection.cross_fitting import CrossFitting
from topwork.trials.detection.maps import map_images
from topwork.trials.detection.trial import DetectorTrial
from topwork.trials.gains.transfer_gain import TransferGain, gain_in_points
from topwork.trials.trial import untrained

EMPTY = "the empty answer"
UNTRAINED = "the untrained network"

JUDGED_FOLDS = 2
"""Whose images the untrained network is judged on: more say little more of a large difference."""

VIEWS_PER_SECOND = 20.0
"""Of a network that was not timed here."""


@dataclass(frozen=True, eq=False, slots=True)
class BaselineDetector:
    """A baseline with what it found in images held out.

    Parameters
    ----------
    name
        What people call it.
    rows
        Positions of the m images that it was judged on.
    detections
        In each of those, m.
    steps
        Of the optimiser in each fit.
    seconds
        What it took.
    """

    name: str
    rows: NDArray[np.intp]
    detections: Sequence[Detections]
    steps: int
    seconds: float


def empty_answer(targets: BoxTargets) -> BaselineDetector:
    """Nothing is found in any image."""
    return BaselineDetector(EMPTY, np.arange(len(targets)), BOXES.constant(targets), 0, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class UntrainedDetector:
    """The detector on the frozen network again, on random weights: same cuts, views and steps.

    Parameters
    ----------
    first
        The detector on the pretrained network.
    asked
        The name of that network.
    folds
        Fold of each of the n images, ``(n,)``.
    seed
        Of everything random in the training of the head.
    keep
        Whether its maps are stored for other runs.
    """

    first: DetectorTrial
    asked: str
    folds: NDArray[np.integer]
    seed: int
    keep: bool

    @property
    def judged_folds(self) -> list[int]:
        """Folds that hold objects: average precision is of nothing where there are none."""
        images = self.first.mapped.data.boxes.images
        shown = np.array([bool((~one.ignored).any()) for one in images])
        return [int(fold) for fold in np.unique(self.folds[shown])][:JUDGED_FOLDS]

    @property
    def _name(self) -> str:
        return untrained(self.asked).backbone

    def unsuited(self) -> str:
        """Why there is none, such as a network that was never trained; empty where there is."""
        if self.asked.startswith("random:"):
            return "the network itself is untrained"
        try:
            resolve(self._name)
        except UserError:
            return "its architecture is not known by name"
        return ""

    def seconds(self) -> float:
        """What it takes, about."""
        mapped, fitted = self.first.mapped, self.first.fitted
        found = mapped.extraction
        rate = found.computed / max(found.seconds, 1e-9) if found.computed else VIEWS_PER_SECOND
        views = len(mapped.data) * mapped.cuts[0].n_views
        fits = CrossFitting(mapped, fitted.plan, self.folds, self.seed, step=fitted.step)
        return views / rate + fits.seconds(len(self.judged_folds))

    def run(self, maps: Progress = silent, fits: Progress = silent) -> BaselineDetector:
        """Train heads on it, and judge them.

        Raises
        ------
        DivergedError
            The loss of a fit became infinite.
        """
        begun, own = time.monotonic(), self.first.mapped
        plan = replace(self.first.fitted.plan, views=own.cuts[0].n_views)
        mapped = map_images(
            own.data,
            plan,
            name=self._name,
            keep=self.keep,
            cuts=own.names,
            progress=maps,
        )
        fitting = CrossFitting(mapped, plan, self.folds, self.seed, step=self.first.fitted.step)
        found = fitting.held_out(self.judged_folds, fits)
        rows = np.array(sorted(found))
        seconds = time.monotonic() - begun
        return BaselineDetector(UNTRAINED, rows, [found[r] for r in rows], plan.steps, seconds)


def pretraining_gain(
    first: DetectorTrial,
    baseline: BaselineDetector,
    targets: BoxTargets,
    *,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> TransferGain:
    """AP50 of the detector on the frozen network minus that of the untrained one.

    Parameters
    ----------
    targets
        Of n images.
    folds, groups
        ``(n,)``.
    """
    rows = baseline.rows
    judged, own = targets.take(rows), [first.fitted.detections[row] for row in rows]
    gain = paired_items(
        BOXES.losses(judged, baseline.detections) - BOXES.losses(judged, own),
        groups=groups[rows],
        n_folds=len(np.unique(folds)),
        n_judged=len(np.unique(folds[rows])),
        limit=1.0,
    )
    few = too_few(len(rows), groups[rows], None) is not None
    lacking = "images" if few else None
    return gain_in_points(baseline.name, gain, "AP50", kind="image", lacking=lacking)
