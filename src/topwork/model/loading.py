"""Opening saved models of whatever task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from topwork.errors import ParameterError
from topwork.model.clusters.model import ClusterModel
from topwork.model.detection.model import DetectorModel
from topwork.model.heads.linear_model import LinearModel
from topwork.model.inspection.model import InspectorModel
from topwork.model.labels.model import LabelsModel
from topwork.model.model import Model
from topwork.model.number.model import NumberModel
from topwork.model.ordinal.model import OrdinalModel
from topwork.model.parts import RowParts, TableParts
from topwork.model.rows.model import RowClusterModel
from topwork.model.storage.bundle import read_bundle
from topwork.model.tables import TableClassifierModel, TableModel, TableNumberModel
from topwork.settings.choices import EngineName, TaskName

AnyModel: TypeAlias = (
    Model
    | LabelsModel
    | NumberModel
    | OrdinalModel
    | DetectorModel
    | ClusterModel
    | RowClusterModel
    | TableClassifierModel
    | TableNumberModel
    | InspectorModel
)

MODELS: Mapping[TaskName, Callable[..., AnyModel]] = {
    "classes": Model,
    "labels": LabelsModel,
    "number": NumberModel,
    "ordinal": OrdinalModel,
    "boxes": DetectorModel,
    "clusters": ClusterModel,
    "one-class": InspectorModel,
}
"""What each task's models are that have a network."""

TABLE_MODELS: Mapping[TaskName, Callable[..., AnyModel]] = {
    "classes": TableClassifierModel,
    "number": TableNumberModel,
}
"""The same of those that predict from the columns of a table."""


def load(path: str | Path, *, engine: EngineName = "auto") -> AnyModel:
    """Read a bundle, checking every byte.

    Parameters
    ----------
    path
        The folder.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.

    Raises
    ------
    BundleError
        Something is missing, changed, unknown, or doesn't belong there.

    Examples
    --------
    >>> import tempfile, numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (6, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (6, 32, 32, 3), dtype=np.uint8))
    >>> classifier = tw.ImageClassifier(backbone="pixels", cache=False)
    >>> fitted = classifier.fit(dark + light, ["dark"] * 6 + ["light"] * 6).model_
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = tw.load(fitted.save(f"{folder}/light.topwork"))
    ...     again.predict(light[:1]).tolist(), again.identity == fitted.identity
    (['light'], True)
    """
    parts = read_bundle(path)
    if isinstance(parts, RowParts):
        return RowClusterModel(parts)
    if isinstance(parts, TableParts):
        return TABLE_MODELS[parts.card.task](parts)
    return MODELS[parts.card.task](parts, engine=engine)


def load_classifier(path: str | Path, what: str, *, engine: EngineName = "auto") -> Model:
    """The same, where only a model that predicts classes will do.

    Parameters
    ----------
    what
        What needs it, such as ``topwork adapt``.

    Raises
    ------
    ParameterError
        The model predicts something else.
    """
    return as_classifier(load(path, engine=engine), what)


def open_classifier(
    model: AnyModel | str | Path, what: str, *, engine: EngineName = "auto"
) -> Model:
    """A classifier at hand or on disk; see `load_classifier`."""
    if isinstance(model, str | Path):
        model = load(model, engine=engine)
    return as_classifier(model, what)


def as_classifier(model: AnyModel, what: str) -> Model:
    """A model at hand, if it predicts classes; see `load_classifier`."""
    if isinstance(model, Model):
        if model.card.beside is not None:
            names = [*model.card.beside.names, *model.card.images]
            raise ParameterError(
                f"{what} works with models of one {model.card.kind} per item, and this one learnt "
                f"from what stands beside it, too: {', '.join(names[:5]) or 'several in a cell'}.",
                remedy="Fit a model without that: topwork fit --use-columns none, one image per "
                "cell, and no --image-columns.",
                code="has_columns",
            )
        if model.card.appearance.plane:
            raise ParameterError(
                f"{what} works with models of single images, and this one learnt from volumes.",
                remedy="Fit a model without --volume.",
                code="has_volumes",
            )
        return model
    if isinstance(model, TableModel):
        raise ParameterError(
            f"{what} works with images and texts, and this model predicts from the columns of a "
            "table.",
            remedy="Give a classifier of images or texts; topwork predict and evaluate take this "
            "one.",
            code="other_task",
        )
    predicted = {
        "number": "numbers",
        "labels": "several labels",
        "ordinal": "ordered classes",
        "one-class": "anomalous parts",
    }.get(model.task, model.task)
    raise ParameterError(
        f"{what} works with models that predict classes, and this one predicts {predicted}.",
        remedy="Give a classifier; topwork predict takes every model, topwork evaluate every one "
        "but those that group the rows of a table.",
        code="other_task",
    )


def as_linear(model: AnyModel, what: str) -> LinearModel:
    """A model at hand, if it predicts from the pooled features that a network gives of each item.

    Raises
    ------
    ParameterError
        It sees maps of images, or groups the rows of a table.
    """
    if isinstance(model, LinearModel):
        return model
    sees_maps = isinstance(model, DetectorModel | InspectorModel)
    found = "maps of the image" if sees_maps else "the columns of a table"
    raise ParameterError(
        f"{what} needs the features that a network gives of each item; this model sees {found}.",
        remedy="Give the images or texts instead, or a model that predicts classes, labels, "
        "numbers or clusters of them.",
        code="other_task",
    )
