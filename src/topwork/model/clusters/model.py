"""A fitted model that assigns items to clusters."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.model.card import ClusterCard
from topwork.model.clusters.predictions import UNREAD, ClusterPredictions
from topwork.model.heads.linear_model import LinearModel
from topwork.model.parts import ClusterParts
from topwork.model.sealed_model import check_complete
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import EngineName


class ClusterModel(LinearModel):
    """A fitted clustering; ``topwork.load`` gives one, ``Clusterer.fit`` makes one.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    parts: ClusterParts

    def __init__(
        self, parts: ClusterParts, *, engine: EngineName = "auto", keep: object = None
    ) -> None:
        super().__init__(parts, engine=engine, keep=keep)

    @property
    def card(self) -> ClusterCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def names(self) -> list[str]:
        """What the k clusters are called, the largest first."""
        return self.card.names

    def predict(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.int64]:
        """The nearest cluster of each input, int64 ``(n,)``, from 0.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays; of a model for texts, a string is the
            text itself, and a `pathlib.Path` is a file, folder or table.
        bad
            What to do with inputs that can't be read: ``raise`` names them, ``none`` gives -1 in
            their place.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        items = self._items(inputs)
        found = self.predictions(items)
        check_complete(found.rejected, found.remarks, len(items), bad)
        codes = np.full(len(items), UNREAD, np.int64)
        codes[found.kept] = found.codes
        return codes

    def predictions(
        self, inputs: Any, *, stored: bool = False, progress: Progress = silent
    ) -> ClusterPredictions:
        """The nearest cluster of each input, with its cosines; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.
        stored
            Whether features of a hundred items or more are stored for the next time.
        """
        items = self._items(inputs)
        reading, head, features = self._outputs(items, stored=stored, progress=progress)
        codes = head.argmax(axis=1) if len(head) else np.empty(0, np.int64)
        cosines = self.parts.space.cosines(features)
        nearness = cosines[np.arange(len(codes)), codes]
        return ClusterPredictions(
            cluster_names=self.names,
            kept=reading.kept,
            names=[items[i].name for i in reading.kept],
            keys=reading.keys,
            codes=codes,
            cosines=cosines,
            outliers=nearness < self.parts.space.least[codes],
            rejected=reading.rejected,
            cut_short=reading.cut_short,
            remarks=self._remarks(reading),
        )

    @property
    def faithful(self) -> bool:
        return self.card.faithful

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "clusters", "backbone": card.backbone,
                "clusters": len(card.names), "head": card.head}  # fmt: skip
