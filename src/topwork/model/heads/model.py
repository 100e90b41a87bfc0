"""A fitted model whose head predicts something else than classes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, with_volumes
from topwork.features import ExtraRequest
from topwork.features.hashed_words import HashedWords
from topwork.features.rejected import RejectedRecord
from topwork.model.evaluation.copies import CopySearch
from topwork.model.evaluation.judged_data import JudgedData, check_any_readable
from topwork.model.evaluation.ledger import note_use
from topwork.model.evaluation.shifted import DataShift, rows_shift
from topwork.model.head_card import HeadCard
from topwork.model.heads.linear_model import LinearModel
from topwork.model.heads.predictions import HeadPredictions
from topwork.model.parts import HeadParts
from topwork.model.sealed_model import BATCHED, check_complete
from topwork.runtime.progress import Progress, silent
from topwork.tasks.reading import interpreted, read_as

PredictionsT = TypeVar("PredictionsT", bound=HeadPredictions[Any])
EvaluationT = TypeVar("EvaluationT", bound=JudgedData)


class HeadModel(LinearModel, Generic[PredictionsT, EvaluationT]):
    """Reads, predicts and is judged; a subclass says what the outputs of the head mean."""

    parts: HeadParts

    @property
    def card(self) -> HeadCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    def _answers(self, outputs: NDArray[np.float32], **read: Any) -> PredictionsT:
        """What outputs ``(m, k)`` of the head mean; the rest is what `HeadPredictions` holds."""
        raise NotImplementedError

    def _judged(
        self, data: Dataset, found: PredictionsT, **facts: Any
    ) -> tuple[EvaluationT, NDArray[np.int64]]:
        """The scores of predictions of m labelled items, and the strata of these, ``(m,)``.

        Parameters
        ----------
        facts
            What `JudgedData` holds.
        """
        raise NotImplementedError

    def predictions(
        self,
        inputs: Any,
        *,
        extra_requests: Sequence[ExtraRequest] = (),
        keep_features: bool = False,
        stored: bool = False,
        progress: Progress = silent,
    ) -> PredictionsT:
        """What is predicted for all inputs; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for ``predict``.
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
        return self._answers(
            head,
            kept=reading.kept,
            names=[items[i].name for i in reading.kept],
            keys=reading.keys,
            rejected=reading.rejected,
            cut_short=reading.cut_short,
            remarks=self._remarks(reading),
            features=features if keep_features else None,
        )

    def _complete(self, inputs: Any, bad: str = "raise") -> tuple[int, PredictionsT]:
        """How many inputs there are, and their predictions, where some may be left out.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        items = self._items(inputs)
        found = self.predictions(items)
        check_complete(found.rejected, found.remarks, len(items), bad)
        self._warn_of_columns(items)
        return len(items), found

    def predict_batches(self, inputs: Any, *, size: int = BATCHED) -> Iterator[PredictionsT]:
        """The same of any number of inputs, so many at a time, in memory that doesn't grow."""
        source = inputs if isinstance(inputs, Iterator) else iter(self._items(inputs))
        while chunk := list(islice(source, size)):
            yield self.predictions(chunk)

    def evaluate(
        self, data: Any, targets: Any = None, *, cache: bool = True, progress: Progress = silent
    ) -> EvaluationT:
        """An honest number on other data.

        Parameters
        ----------
        data, targets
            As for ``fit``: a table, items with what is true of them, or a
            :class:`topwork.Dataset`.
        cache
            Whether features of a hundred items or more are stored for the next evaluation.

        Raises
        ------
        DataError
            The data have no targets of this model's task, or nothing can be read.
        """
        return self.evaluate_items(data, targets, cache=cache, progress=progress)[0]

    def evaluate_items(
        self, data: Any, targets: Any = None, *, cache: bool = True, progress: Progress = silent
    ) -> tuple[EvaluationT, PredictionsT]:
        """The same, and what was predicted for each item."""
        data = self._labelled(data, targets)
        begun, training = time.monotonic(), self.parts.training
        copies, words = CopySearch(training), HashedWords(wanted=self.card.made_of_items)
        found = self.predictions(
            data.items,
            extra_requests=(*copies.extra_requests, *words.extra_requests),
            keep_features=True,
            stored=cache,
            progress=progress,
        )
        check_any_readable(len(found), found.rejected, "items")
        kept = data.take(found.kept)
        evaluation, strata = self._judged(
            kept,
            found,
            modality=data.kind.name,
            cut_short=found.cut_short,
            n_items=len(found),
            seen_in_training=training.saw(found.keys),
            altered_copies=copies.altered(found.keys),
            rejected=RejectedRecord.of((*data.rejected, *found.rejected)),
            remarks=list(found.remarks),
            uses=note_use(self.identity, found.keys),
            skipped=dict(data.ignored),
            notes=[*data.hints, *self.notes_on(kept.items)],
            seconds=0.0,
        )
        rows = words.of(found.keys) if self.card.made_of_items else found.features
        shift = self._shift(found, rows, strata, kept.groups)
        seconds = time.monotonic() - begun
        return evaluation.model_copy(update={"shift": shift, "seconds": seconds}), found

    def own_targets(self, data: Dataset) -> Dataset:
        """The same data, their labels read as this model's task needs them.

        Raises
        ------
        DataError
            They can't be.
        """
        return interpreted(data, self.card.task)

    def _labelled(self, data: Any, targets: Any) -> Dataset:
        """What is to be judged by."""
        if not isinstance(data, Dataset):
            data = read_as(
                self.card.task,
                data,
                targets,
                split="test_or_all",
                columns=self.card.columns_read(),
                items=self.card.kind,
            )
        return with_volumes(data, self.card.appearance.plane)

    def _shift(
        self,
        found: PredictionsT,
        rows: NDArray[np.float32] | None,
        strata: NDArray[np.int64],
        groups: NDArray[np.generic] | None,
    ) -> DataShift | None:
        """Compare items of like targets with those of training."""
        training = self.parts.training
        if rows is None or not len(training.rehearsal):
            return None
        return rows_shift(
            training.rehearsal,
            training.rehearsal_codes,
            training.rehearsal_groups,
            rows,
            strata,
            groups=groups,
            seen=training.seen(found.keys),
        )

    @property
    def faithful(self) -> bool:
        return self.parts.card.faithful
