"""A pretrained detector with queries, fine-tuned for each fold and on all images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from topwork.backbones.detectors.boxes_graph import export_boxes
from topwork.backbones.detectors.query_detector import QueryDetector
from topwork.backbones.fingerprint import trained_fingerprint
from topwork.backbones.inputs import InputSpec
from topwork.trials.detection.fold_fitting import FoldFitting
from topwork.trials.detection.maps import decoded_views
from topwork.trials.detection.plan import DetectionPlan
from topwork.trials.detection.trial import SavedDetector

if TYPE_CHECKING:
    from topwork.training.detection.queries import QueryFit, QueryJob

BATCH = 4
"""Images per step."""


def query_plan(plan: DetectionPlan, steps: int) -> DetectionPlan:
    """The plan of a head as that of a detector that sees the same images, without tiles."""
    return replace(plan, cuts=(), strides=(), tiles=1, batch=BATCH, steps=steps)


@dataclass(frozen=True, eq=False, kw_only=True)
class QueryFitting(FoldFitting["QueryFit"]):
    """The fits of a pretrained detector.

    Parameters
    ----------
    detector
        As it comes from its library.
    """

    detector: QueryDetector

    @property
    def spec(self) -> InputSpec:
        """What it takes: images as large as those that heads see."""
        return replace(self.detector.spec, height=self.plan.height, width=self.plan.width)

    def saved(self, fit: QueryFit) -> SavedDetector:
        """The detector of a fit as a graph.

        Raises
        ------
        BackboneError
            It cannot be compiled.
        """
        from topwork.training.detection.queries import trained_module

        module = trained_module(self.detector, self._n_classes, fit.tensors)
        name, head = self.detector.name, module.head
        graph = export_boxes(module, head, self.spec, name)
        return SavedDetector(name, trained_fingerprint(name, head.state_dict()), self.spec, graph)

    @property
    def _n_classes(self) -> int:
        return len(self.mapped.data.boxes.labels)

    def _function(self) -> Callable[[QueryJob], QueryFit]:
        from topwork.training.detection.queries import fit_queries

        return fit_queries

    def _measured(self) -> float:
        from topwork.training.detection.queries import seconds_per_query_step

        return seconds_per_query_step(self._job(None))

    def _job(self, fold: int | None) -> QueryJob:
        from topwork.training.detection.queries import QueryJob, QueryRecipe

        plan, mapped = self.plan, self.mapped
        rows, held_out = self._rows(fold)
        return QueryJob(
            detector=self.detector,
            pixels=decoded_views(mapped, self.spec),
            boxes=mapped.boxes,
            n_classes=self._n_classes,
            recipe=QueryRecipe(
                steps=plan.steps, batch=plan.batch, seconds=self.limit, seed=self.seed
            ),
            rows=rows,
            held_out=held_out,
            keep=fold is None,
        )
