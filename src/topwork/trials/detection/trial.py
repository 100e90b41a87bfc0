"""A detector that was tried, and which of several is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import InputSpec
from topwork.backbones.engines import Graph
from topwork.data import BoxTargets
from topwork.selection.choice import Candidate, Selection, choose
from topwork.settings.choices import Strategy
from topwork.tasks.boxes.task import BOXES
from topwork.trials.detection.fold_fitting import CrossFit, FoldFit
from topwork.trials.detection.maps import MappedImages

if TYPE_CHECKING:
    from topwork.training.detection.fit import DetectionFit
    from topwork.training.detection.queries import QueryFit


@dataclass(frozen=True, eq=False, slots=True)
class DetectorTrial:
    """A detector with what it found in images held out.

    Parameters
    ----------
    name
        What people call it.
    strategy
        ``probe`` trains the head, ``partial`` layers behind a cut as well, ``full`` all.
    mapped
        The images as it saw them.
    seconds
        What it took.
    """

    name: str
    strategy: Strategy
    mapped: MappedImages
    fitted: CrossFit[FoldFit]
    seconds: float

    @property
    def network_name(self) -> str:
        """Of the network that is used."""
        return self.mapped.backbone.name

    @property
    def by_queries(self) -> bool:
        """Whether the network gives boxes by itself, without a head of ours."""
        return False

    @property
    def keeps_maps(self) -> bool:
        """Whether the finest of the stored maps is still what its network gives."""
        return self.strategy != "full"


@dataclass(frozen=True, eq=False, slots=True)
class HeadTrial(DetectorTrial):
    """A head of ours on the maps of a network."""

    fitted: CrossFit[DetectionFit]


@dataclass(frozen=True, eq=False, slots=True)
class SavedDetector:
    """A trained detector that gives boxes by itself, as a graph.

    Parameters
    ----------
    name, fingerprint
        Of the detector with its tensors.
    spec
        What it takes.
    graph
        From images to scores ``(N, k)``, corners ``(N, 4)`` and features ``(d, 1, 1)``.
    """

    name: str
    fingerprint: str
    spec: InputSpec
    graph: Graph


@dataclass(frozen=True, eq=False, slots=True)
class QueryTrial(DetectorTrial):
    """A pretrained detector with its own encoder, queries and loss, fine-tuned.

    Parameters
    ----------
    saved
        That on all images.
    """

    fitted: CrossFit[QueryFit]
    saved: SavedDetector

    @property
    def network_name(self) -> str:
        return self.saved.name

    @property
    def by_queries(self) -> bool:
        return True

    @property
    def keeps_maps(self) -> bool:
        return False


Tried = TypeVar("Tried", bound=DetectorTrial)


def select_detector(
    trials: Sequence[Tried],
    targets: BoxTargets,
    *,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> tuple[Tried, Selection | None]:
    """The simplest detector within one standard error of the highest AP50, and why.

    Parameters
    ----------
    trials
        From simple to complex, of the same n images.
    folds, groups
        ``(n,)``.
    """
    if len(trials) == 1:
        return trials[0], None
    verdict = choose(
        [Candidate(t.name, 1 - BOXES.losses(targets, t.fitted.detections)) for t in trials],
        folds=folds,
        groups=groups,
        rule="one standard error",
        fallback=trials[0].name,
    )
    if verdict.ranked:
        verdict = verdict.model_copy(update={"reason": _reason(verdict)})
    return next(t for t in trials if t.name == verdict.chosen), verdict


def _reason(verdict: Selection) -> str:
    ranked = {one.name: one for one in verdict.ranked_candidates}
    chosen = ranked[verdict.chosen]
    if chosen.behind is None:
        others = ", ".join(
            f"{one.name} {100 * one.score:.1f} %"
            for one in verdict.ranked_candidates
            if one is not chosen
        )
        return f"{chosen.name} has the highest AP50, {100 * chosen.score:.1f} % ({others})."
    return (
        f"{verdict.leader} is {100 * chosen.behind.difference:.1f} points of AP50 better than "
        f"{chosen.name}, within one standard error: {chosen.name} is simpler."
    )
