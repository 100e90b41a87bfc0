"""A fitted model that predicts numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, columns_as_fitted
from topwork.features import ExtraRequest
from topwork.model.card import NumberCard
from topwork.model.linear_model import LinearModel
from topwork.model.number.evaluation import NumberEvaluation, evaluate_numbers
from topwork.model.number.predictions import NumberPredictions
from topwork.model.parts import NumberParts
from topwork.model.sealed_model import BATCHED, check_complete
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import EngineName
from topwork.tasks.reading import read_as


class NumberModel(LinearModel):
    """A fitted regressor; ``topwork.load`` gives one, ``ImageRegressor.fit`` makes one.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    parts: NumberParts

    def __init__(
        self, parts: NumberParts, *, engine: EngineName = "auto", keep: object = None
    ) -> None:
        super().__init__(parts, engine=engine, keep=keep)

    @property
    def card(self) -> NumberCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    def predict(
        self, inputs: Any, *, bad: Literal["raise", "none"] = "raise"
    ) -> NDArray[np.float64]:
        """The number of each input, float64 ``(n,)``.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays; of a model for texts, a string is the
            text itself, and a `pathlib.Path` is a file, folder or table.
        bad
            What to do with inputs that can't be read: ``raise`` names them, ``none`` gives NaN in
            their place.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        items = self._items(inputs)
        found = self.predictions(items)
        check_complete(found.rejected, found.remarks, len(items), bad)
        values = np.full(len(items), np.nan)
        values[found.kept] = found.values
        return values

    def predictions(
        self,
        inputs: Any,
        *,
        extra_requests: Sequence[ExtraRequest] = (),
        keep_features: bool = False,
        stored: bool = False,
        progress: Progress = silent,
    ) -> NumberPredictions:
        """Numbers with intervals for all inputs; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.
        extra_requests
            Who else wants to see the items while they are open.
        keep_features
            Whether ``features`` are returned.
        stored
            Whether features of a hundred items or more are stored for the next time.
        """
        items = self._items(inputs)
        reading, head, features = self._outputs(
            items,
            extra_requests=extra_requests,
            keep_features=keep_features,
            stored=stored,
            progress=progress,
        )
        values, logs = head.astype(np.float64).T
        transform = self.card.transform
        ends = self.card.intervals.around(transform, values, logs)
        nothing = np.full(len(values), np.nan)
        return NumberPredictions(
            kept=reading.kept,
            names=[items[i].name for i in reading.kept],
            keys=reading.keys,
            values=transform.backward(values),
            low=nothing if ends is None else ends[0],
            high=nothing if ends is None else ends[1],
            rejected=reading.rejected,
            cut_short=reading.cut_short,
            remarks=self._remarks(reading),
            features=features if keep_features else None,
        )

    def predict_batches(self, inputs: Any, *, size: int = BATCHED) -> Iterator[NumberPredictions]:
        """The same of any number of inputs, so many at a time, in memory that doesn't grow."""
        source = inputs if isinstance(inputs, Iterator) else iter(self._items(inputs))
        while chunk := list(islice(source, size)):
            yield self.predictions(chunk)

    def evaluate(
        self, data: Any, numbers: Any = None, *, cache: bool = True, progress: Progress = silent
    ) -> NumberEvaluation:
        """An honest number on other data.

        Parameters
        ----------
        data, numbers
            As for ``fit`` of a regressor: a table, items with their numbers, or a
            :class:`topwork.Dataset`.
        cache
            Whether features of a hundred items or more are stored for the next evaluation.
        """
        return self.evaluate_items(data, numbers, cache=cache, progress=progress)[0]

    def evaluate_items(
        self, data: Any, numbers: Any = None, *, cache: bool = True, progress: Progress = silent
    ) -> tuple[NumberEvaluation, NumberPredictions]:
        """The same, and what was predicted for each item."""
        if not isinstance(data, Dataset):
            data = read_as(
                "number",
                data,
                numbers,
                split="test_or_all",
                columns=columns_as_fitted(self.card.columns),
                items=self.card.kind,
            )
        return evaluate_numbers(
            data,
            training=self.parts.training,
            rule=self.card.intervals,
            identity=self.identity,
            predict=lambda items, extra_requests: self.predictions(
                items,
                extra_requests=extra_requests,
                keep_features=True,
                stored=cache,
                progress=progress,
            ),
            made_of_items=self.card.made_of_items,
        )

    @property
    def _faithful(self) -> bool:
        return self.card.faithful

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "number", "backbone": card.backbone,
                "strategy": card.strategy, "head": card.head}  # fmt: skip
