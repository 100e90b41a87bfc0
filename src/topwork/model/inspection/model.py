"""A fitted model that inspects parts."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH
from topwork.calibration.false_alarms import GoodScores
from topwork.data import Content
from topwork.data.images.image_size import image_size
from topwork.features import Reading, forward
from topwork.model.cards.inspector_card import InspectorCard
from topwork.model.inspection.graph import heat_graph
from topwork.model.inspection.predictions import InspectionPredictions
from topwork.model.parts import InspectorParts
from topwork.model.sealed_model import FEW, NetworkModel, check_complete, check_finite
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import EngineName
from topwork.shift.moved_scores import moved_scores


class InspectorModel(NetworkModel):
    """A fitted inspector; ``topwork.load`` gives one, ``AnomalyDetector.fit`` makes one.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino`` or ``auto``, which are the same here.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    parts: InspectorParts

    def __init__(
        self, parts: InspectorParts, *, engine: EngineName = "auto", keep: object = None
    ) -> None:
        super().__init__(parts, engine=engine, keep=keep)

    @property
    def card(self) -> InspectorCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def good(self) -> GoodScores:
        """Held-out scores of the good parts that it was fitted on."""
        return GoodScores.of(self.parts.training.scores, self.parts.training.groups)

    def predict(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.bool_]:
        """Whether each part is anomalous, ``(n,)``.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays.
        bad
            What to do with images that can't be read: ``raise`` names them, ``none`` calls them
            anomalous.

        Raises
        ------
        BadItemsError
            Some images can't be read, and ``bad`` is ``raise``.
        """
        items = self._items(inputs)
        found = self.predictions(items)
        check_complete(found.rejected, found.remarks, len(items), bad)
        anomalous = np.ones(len(items), bool)
        anomalous[found.kept] = found.anomalous
        return anomalous

    def score_samples(self, inputs: Any) -> NDArray[np.float64]:
        """Score of each part, ``(n,)``; larger is odder.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.

        Raises
        ------
        BadItemsError
            Some images can't be read.
        """
        items = self._items(inputs)
        found = self.predictions(items)
        check_complete(found.rejected, found.remarks, len(items), "raise")
        return found.scores

    def predictions(self, inputs: Any, *, progress: Progress = silent) -> InspectionPredictions:
        """Scores, p-values and heat maps of all images; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.
        """
        items = self._items(inputs)
        reading, sizes = Reading(), dict[int, tuple[int, int]]()
        found: dict[int, NDArray[np.float32]] = {}

        def look(index: int, content: Content) -> None:
            sizes[index] = image_size(content)

        for batch in forward(
            items,
            reading,
            kind=self.kind,
            framing=self.parts.preparation,
            engine=self._engine(1 if len(items) <= FEW else BATCH),
            look=look,
            progress=progress,
        ):
            check_finite(batch.outputs)
            found |= dict(zip(batch.positions, batch.outputs[0], strict=True))
        shape = (len(reading.kept), *self.card.places)
        distances = np.array([found[i] for i in reading.kept], np.float32).reshape(shape)
        scores = distances.max(axis=(1, 2), initial=0).astype(np.float64)
        new = ~self.parts.training.seen(reading.keys)
        return InspectionPredictions(
            kept=reading.kept,
            names=[items[i].name for i in reading.kept],
            keys=reading.keys,
            sizes=[sizes[i] for i in reading.kept],
            distances=distances,
            scores=scores,
            p_values=self.good.p_values(scores),
            anomalous=scores > self.card.threshold,
            rejected=reading.rejected,
            remarks=self._remarks(reading),
            moved=moved_scores(self.good, scores[new]),
        )

    def graph(self, part: str = "") -> Any:  # noqa: ARG002
        return heat_graph(self.parts.graph, self.parts.head, self.card.places)

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "one-class", "backbone": card.backbone,
                "false alarms": card.false_alarms}  # fmt: skip
