"""A fitted model that finds objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH
from topwork.calibration.detection import BoxCalibration, SeenAgain, with_probabilities
from topwork.data import Content, Framing
from topwork.data.images.image_size import image_size
from topwork.data.preprocessing.placed_boxes import into_input
from topwork.features import Cuts, ExtraRequest, Reading, cut_features, forward
from topwork.features.encoding import bfloat16_bits, from_bfloat16_bits
from topwork.features.forward import ordered_map
from topwork.heads.detection.places import find_places
from topwork.heads.detection.regions import pooled, region_means
from topwork.heads.detection.suppression import MIN_SCORE
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.placed import in_image, remaining
from topwork.model.card import BoxCard
from topwork.model.detection.annotated import annotated
from topwork.model.detection.evaluation import DetectionEvaluation, evaluate_boxes
from topwork.model.detection.graph import boxes_graph, crop_part
from topwork.model.detection.judged import JudgedBoxes
from topwork.model.detection.predictions import DetectedBox, DetectionPredictions
from topwork.model.parts import BoxParts
from topwork.model.sealed_model import BATCHED, FEW, NetworkModel, check_complete, check_finite
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import EngineName

Float32 = NDArray[np.float32]

_Boxes: TypeAlias = tuple[Detections, "Float32 | SeenAgain | None"]
"""What was found in an image, and what a network says of it besides scores."""

CROPS: Final = "crops"
"""The part of the graph that sees crops."""

_AHEAD = 8
"""Tiles that are decoded before the network has seen those before."""

_GRID = 1001
"""Scores at which a calibration is looked at."""


class DetectorModel(NetworkModel):
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

    parts: BoxParts

    def __init__(
        self, parts: BoxParts, *, engine: EngineName = "auto", keep: object = None
    ) -> None:
        super().__init__(parts, engine=engine, keep=keep)

    @property
    def card(self) -> BoxCard:
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
        contents: dict[int, Content] = {}

        def look(index: int, content: Content) -> None:
            sizes[index] = image_size(content)
            if self.card.crops is not None or self.card.tiles > 1:
                contents[index] = content

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
            # rounded as those that the model stores of its training images
            rows = pooled(from_bfloat16_bits(bfloat16_bits(batch.outputs[2])))
            means |= dict(zip(batch.positions, rows, strict=True))
            whole = {
                place: [o[i] for o in batch.outputs] for i, place in enumerate(batch.positions)
            }
            read = {place: contents.pop(place) for place in whole if place in contents}
            tiles = self._in_tiles(read)
            own = {
                place: self._detected(outputs, tiles[place], sizes[place], least)
                for place, outputs in whole.items()
            }
            if self.card.crops is not None:
                own = self._seen_again(own, read, sizes)
            found |= {
                place: self._judged(boxes, sizes[place], network, least)
                for place, (boxes, network) in own.items()
            }
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

    def compile(self) -> None:
        """Compile now what single images go through, so that none has to wait for it."""
        framings = {"": self.parts.preparation}
        if self.card.crops is not None:
            framings[CROPS] = self.card.crops.framing
        for part, framing in framings.items():
            assert isinstance(framing, Framing)
            blank = np.zeros((1, framing.height, framing.width, 3), np.uint8)
            list(self._engine(1, part).run([(0, blank)]))

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

    def _in_tiles(self, contents: Mapping[int, Content]) -> dict[int, list[Detections]]:
        """What is in each tile of some images; nothing where none are looked at."""
        found = defaultdict[int, list[Detections]](list)
        framings = self.card.seen_parts[1:]
        wanted = [(place, framing) for place in contents for framing in framings]
        if not wanted:
            return found

        def seen(one: tuple[int, Framing]) -> NDArray[np.uint8]:
            place, framing = one
            return self.kind.decode(contents[place], framing)[None]

        inputs = enumerate(ordered_map(seen, wanted, window=_AHEAD))
        tiles = {i: _remaining(outputs, 0) for i, outputs in self._engine(1).run(inputs)}
        for i, (place, _) in enumerate(wanted):
            found[place].append(tiles[i])
        return found

    def _detected(
        self,
        outputs: Sequence[Float32],
        tiles: Sequence[Detections],
        size: tuple[int, int],
        least: float,
    ) -> _Boxes:
        """What the graph gives for one image and its tiles as boxes of that image with scores.

        Boxes of tiles are merged before a threshold is applied, as where it was chosen.
        """
        framing = self.parts.preparation
        assert isinstance(framing, Framing)
        look, calibration = self.parts.look, self.card.calibration
        every = look is not None or bool(tiles)
        lowest = MIN_SCORE if every else max(MIN_SCORE, lowest_score(calibration, least))
        scores, corners, *maps = outputs
        check_finite(outputs)
        whole = remaining(corners, scores, lowest)
        found = in_image([whole, *tiles], self.card.seen_parts, size)
        if look is None or look.evidence is None or self.card.crops is not None:
            return found, None
        placed = into_input(found.corners, framing, size)
        return found, region_means(maps, placed, size=(framing.height, framing.width))

    def _seen_again(
        self,
        own: Mapping[int, _Boxes],
        contents: Mapping[int, Content],
        sizes: Mapping[int, tuple[int, int]],
    ) -> dict[int, _Boxes]:
        """The boxes of some images with what the network says of crops of their places."""
        assert self.card.crops is not None
        places = {i: find_places(boxes.corners, boxes.scores) for i, (boxes, _) in own.items()}
        features = cut_features(
            [Cuts(contents[i], sizes[i], own[i][0].corners[p.rows]) for i, p in places.items()],
            kind=self.kind,
            framing=self.card.crops.framing,
            engine=self._engine(1, CROPS),
        )
        for rows in features:
            check_finite([rows])
        return {
            i: (own[i][0], SeenAgain(rows, place.of))
            for (i, place), rows in zip(places.items(), features, strict=True)
        }

    def _judged(
        self,
        found: Detections,
        size: tuple[int, int],
        network: Float32 | SeenAgain | None,
        least: float,
    ) -> Detections:
        """Boxes with probabilities, those of at least this one."""
        look, calibration = self.parts.look, self.card.calibration
        judged = with_probabilities(
            found, size, calibration=calibration, look=look, network=network
        )
        return judged.at_least(least)

    def graph(self, part: str = "") -> Any:
        return crop_part(self.parts.graph) if part == CROPS else boxes_graph(self.parts)

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "boxes", "classes": len(card.labels),
                "backbone": card.backbone, "strategy": card.strategy}  # fmt: skip


def _remaining(outputs: Sequence[Float32], row: int) -> Detections:
    """The boxes of one part of a batch, in pixels of the input."""
    scores, corners = (output[row] for output in outputs[:2])
    check_finite([scores, corners])
    return remaining(corners, scores)


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
