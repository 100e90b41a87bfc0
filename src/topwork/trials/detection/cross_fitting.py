"""A head on the maps of a network for each fold and one on all images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topwork.features import Activations
from topwork.trials.detection.fold_fitting import CrossFit, FoldFitting

if TYPE_CHECKING:
    from topwork.training.detection.fit import DetectionFit, DetectionJob, TrainedLayers


@dataclass(frozen=True, eq=False)
class CrossFitting(FoldFitting["DetectionFit"]):
    """The fits of a head on maps, or of layers of the network with it.

    Parameters
    ----------
    layers
        What is trained besides the head; None for nothing.
    start
        Fits of the same folds whose heads are trained on; None for new ones.
    pixels
        What a whole network is trained on.
    """

    layers: TrainedLayers | None = None
    start: CrossFit[DetectionFit] | None = None
    pixels: Activations | None = None

    def _function(self) -> Callable[[DetectionJob], DetectionFit]:
        from topwork.training.detection.fit import fit_detection

        return fit_detection

    def _measured(self) -> float:
        from topwork.training.detection.fit import seconds_per_step

        return seconds_per_step(self._job(None))

    @property
    def _may_be_slow(self) -> bool:
        return self.layers is not None

    def _job(self, fold: int | None) -> DetectionJob:
        """The fit without a fold; on all images for None."""
        from topwork.training.detection.fit import DetectionJob, DetectionRecipe

        plan, start = self.plan, None
        rows, held_out = self._rows(fold)
        if self.start is not None:
            fit = self.start.final if fold is None else self.start.by_fold[fold]
            start = fit.weights
        return DetectionJob(
            cuts=self.mapped.cuts,
            boxes=self.mapped.boxes,
            layout=plan.layout,
            n_classes=len(self.mapped.data.boxes.labels),
            recipe=DetectionRecipe(
                steps=plan.steps,
                batch=plan.batch,
                learning_rate=plan.learning_rate,
                width=plan.channels,
                seconds=self.limit,
                seed=self.seed,
            ),
            rows=rows,
            held_out=held_out,
            judged_views=plan.judged_views,
            layers=self.layers,
            pixels=self.pixels,
            start=start,
        )
