"""A fitted model that finds objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH
from topwork.calibration.detection import BoxCalibration, box_features
from topwork.data import Content, Framing
from topwork.data.images.image_size import image_size
from topwork.data.preprocessing.placed_boxes import into_image, into_input
from topwork.features import ExtraRequest, Progress, Reading, forward, silent
from topwork.heads.detection.regions import pooled, region_means
from topwork.heads.detection.suppression import MIN_SCORE, suppressed
from topwork.metrics.detection.detections import Detections
from topwork.model.card import DetectorCard
from topwork.model.detection.annotated import annotated
from topwork.model.detection.evaluation import DetectionEvaluation, evaluate_boxes
from topwork.model.detection.graph import with_detection_head
from topwork.model.detection.judged import JudgedBoxes
from topwork.model.detection.predictions import DetectedBox, DetectionPredictions
from topwork.model.parts import DetectorParts
from topwork.model.sealed_model import BATCHED, FEW, SealedModel, check_complete, check_finite
from topwork.settings.choices import EngineName

Float32 = NDArray[np.float32]

_GRID = 1001
"""Scores at which a calibration is looked at."""


class DetectorModel(SealedModel):
    """A fitted detector; ``topwork.load`` gives one, ``ObjectDetector.fit`` makes one.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino`` or ``auto``, which are the same here.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    parts: DetectorParts

    def __init__(
        self, parts: DetectorParts, *, engine: EngineName = "auto", keep: object = None
    ) -> None:
        super().__init__(parts, engine=engine, keep=keep)

    @property
    def card(self) -> DetectorCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def labels(self) -> list[str]:
        """The classes."""
        return self.card.labels

    def predict(
        self,
        inputs: Any,
        *,
        threshold: float | None = None,
        bad: Literal["raise", "none"] = "raise",
    ) -> list[list[DetectedBox] | None]:
        """The objects in each image, the most probable first.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays.
        threshold
            Least probability of a box; None for the model's own.
        bad
            What to do with images that can't be read: ``raise`` names them, ``none`` gives None in
            their place.

        Raises
        ------
        BadItemsError
            Some images can't be read, and ``bad`` is ``raise``.
        """
        items = self._items(inputs)
        found = self.predictions(items, threshold=threshold)
        check_complete(found.rejected, found.remarks, len(items), bad)
        boxes: list[list[DetectedBox] | None] = [None] * len(items)
        for place, own in zip(found.kept, found, strict=True):
            boxes[place] = own
        return boxes

    def predictions(
        self,
        inputs: Any,
        *,
        threshold: float | None = None,
        extra_requests: Sequence[ExtraRequest] = (),
        progress: Progress = silent,
    ) -> DetectionPredictions:
        """The objects in all images; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs, threshold
            As for :meth:`predict`.
        extra_requests
            Who else wants to see the images while they are open.
        """
        items = self._items(inputs)
        reading, sizes = Reading(), dict[int, tuple[int, int]]()
        least = self.card.threshold if threshold is None else threshold

        def look(index: int, content: Content) -> None:
            sizes[index] = image_size(content)

        found: dict[int, Detections] = {}
        means: dict[int, Float32] = {}
        for batch in forward(
            items,
            reading,
            kind=self.kind,
            framing=self.parts.preparation,
            engine=self._engine(1 if len(items) <= FEW else BATCH),
            extra_requests=extra_requests,
            look=look,
            progress=progress,
        ):
            rows = pooled(batch.outputs[2])
            for i, place in enumerate(batch.positions):
                means[place] = rows[i]
                outputs = [output[i] for output in batch.outputs]
                found[place] = self._decoded(outputs, sizes[place], least)
        return DetectionPredictions(
            labels=self.labels,
            kept=reading.kept,
            names=[items[i].name for i in reading.kept],
            keys=reading.keys,
            sizes=[sizes[i] for i in reading.kept],
            detections=[found[i] for i in reading.kept],
            pooled=np.array([means[i] for i in reading.kept], np.float32),
            rejected=reading.rejected,
            remarks=self._remarks(reading),
        )

    def recognise(self, image: NDArray[np.uint8]) -> list[DetectedBox]:
        """The objects in one image, uint8 RGB ``(h, w, 3)``."""
        (found,) = self.predict([image])
        assert found is not None
        return found

    def predict_batches(
        self, inputs: Any, *, size: int = BATCHED
    ) -> Iterator[DetectionPredictions]:
        """The same of any number of images, so many at a time, in memory that doesn't grow."""
        source = inputs if isinstance(inputs, Iterator) else iter(self._items(inputs))
        while chunk := list(islice(source, size)):
            yield self.predictions(chunk)

    def evaluate(
        self, data: Any, boxes: Any = None, *, progress: Progress = silent
    ) -> DetectionEvaluation:
        """An honest number on other data.

        Parameters
        ----------
        data, boxes
            As for ``fit`` of a detector: a folder or table with boxes, or a
            :class:`topwork.Dataset`.
        """
        return self.evaluate_items(data, boxes, progress=progress)[0]

    def evaluate_items(
        self, data: Any, boxes: Any = None, *, progress: Progress = silent
    ) -> tuple[DetectionEvaluation, JudgedBoxes]:
        """The same, and the images with what is there and what was found."""
        return evaluate_boxes(
            annotated(data, boxes, split="test_or_all"),
            labels=self.labels,
            training=self.parts.training,
            identity=self.identity,
            threshold=self.card.threshold,
            predict=lambda items, extra_requests: self.predictions(
                items, threshold=0.0, extra_requests=extra_requests, progress=progress
            ),
        )

    def _decoded(
        self, outputs: Sequence[Float32], size: tuple[int, int], least: float
    ) -> Detections:
        """What the graph gives for one image as boxes of that image with probabilities."""
        check_finite(outputs)
        framing = self.parts.preparation
        assert isinstance(framing, Framing)
        scores, corners, *maps = outputs
        look, calibration = self.parts.look, self.card.calibration
        lowest = 0.0 if look is not None else lowest_score(calibration, least)
        rows, classes = suppressed(corners, scores, least=max(MIN_SCORE, lowest))
        boxes = into_image(corners[rows], framing, size)
        found = Detections.of(boxes, classes, scores[rows, classes])
        if look is None:
            return found.rescored(calibration.probabilities(found.scores)).at_least(least)
        seen = None
        if look.evidence is not None:
            placed = into_input(found.corners, framing, size)
            seen = [region_means(maps, placed, size=(framing.height, framing.width))]
        table = box_features([found], np.array([size]), seen)
        return found.rescored(look.probabilities(table)).at_least(least)

    def _graph(self) -> Any:
        layout = self.card.head_shape.layout
        return with_detection_head(self.parts.graph.clone(), self.parts.head, layout)

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "boxes", "classes": len(card.labels),
                "backbone": card.backbone, "strategy": card.strategy}  # fmt: skip


def lowest_score(calibration: BoxCalibration, probability: float) -> float:
    """A score below which no box has this probability, to the next of `_GRID` steps.

    Examples
    --------
    >>> as_they_are = BoxCalibration(rise=1, fall=1, shift=0, n_detections=0)
    >>> round(lowest_score(as_they_are, 0.5), 2)
    0.5
    """
    scores = np.linspace(0, 1, _GRID)
    reached = calibration.probabilities(scores) >= probability
    place = int(reached.argmax()) if reached.any() else _GRID - 1
    return float(scores[max(place - 1, 0)])
