"""What a served model says of the items of a request: what ``topwork predict --json`` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topwork.runtime.progress import silent

if TYPE_CHECKING:
    from topwork.data import Item


def served_prediction(model: Any, items: Sequence[Item], top: int) -> Any:
    """The object that ``predict`` prints, whatever the model predicts.

    Parameters
    ----------
    top
        Classes listed per item.

    Raises
    ------
    DataError
        None of the items can be read.
    """
    from topwork.model import ClusterModel, DetectorModel, InspectorModel, Model

    if isinstance(model, Model):
        from topwork.cli.prediction import predict_result

        return predict_result(model, items, top, silent)
    if isinstance(model, DetectorModel):
        from topwork.cli.boxes.prediction import boxes_result

        return boxes_result(model, items, None, silent)[0]
    if isinstance(model, InspectorModel):
        from topwork.cli.inspection.prediction import inspect_result

        # whether many of a request's parts are odd is not asked: they may come one by one
        return inspect_result(model, items, None, silent).model_copy(update={"moved": None})
    if isinstance(model, ClusterModel):
        from topwork.cli.clusters.prediction import cluster_result

        return cluster_result(model, items, silent)
    from topwork.cli.heads.by_task import prediction_of
    from topwork.cli.heads.predict import head_result

    shown = prediction_of(model.card.task)
    return head_result(shown, model, items, silent, skipped={}, notes=[])[0]


def served_schema() -> Mapping[str, Any]:
    """JSON schema of these objects."""
    from pydantic import TypeAdapter

    from topwork.cli.boxes.prediction import BoxesPredictResult
    from topwork.cli.clusters.prediction import ClusterPredictResult
    from topwork.cli.inspection.prediction import InspectResult
    from topwork.cli.labels.predict import LabelsPredictResult
    from topwork.cli.numbers.predict import NumberPredictResult
    from topwork.cli.ordinal.predict import OrdinalPredictResult
    from topwork.cli.prediction import PredictResult

    results = (
        PredictResult
        | LabelsPredictResult
        | NumberPredictResult
        | OrdinalPredictResult
        | BoxesPredictResult
        | ClusterPredictResult
        | InspectResult
    )
    adapter: TypeAdapter[Any] = TypeAdapter(results)
    return adapter.json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
