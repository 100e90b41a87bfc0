"""Items of a new domain that arrive in batches: answered first, learnt from afterwards."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from topwork.data import Dataset, Item
from topwork.errors import ParameterError, UserError
from topwork.model import Model
from topwork.model.predictions import Predictions
from topwork.runtime.progress import Steps, no_steps
from topwork.settings import AdaptSettings
from topwork.transductive.adapting import adapt
from topwork.transductive.result import AdaptResult

WINDOW = 2000
"""The latest items that are learnt from."""

FIRST = 50
"""Items before the first adaptation."""

GROWTH = 0.5
"""Share of the items learnt from last time that must be new, for it to be worth another time."""


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """One batch.

    Parameters
    ----------
    predicted
        What the model said of it that had not learnt from it.
    adapted_to
        Items that this model had learnt from; 0 for the model as it was.
    result
        What an adaptation after the batch found; None where there was none.
    problem
        Why an adaptation that was due failed; the model stays the one before it.
    """

    predicted: Predictions
    adapted_to: int
    result: AdaptResult | None
    problem: str = ""


@dataclass(eq=False)
class Stream:
    """Adapts a model while items arrive.

    Every adaptation starts from the model as it was and takes the latest `WINDOW` items, so that
    errors don't add up and what is long past is forgotten. It is made anew when there are half as
    many new items as it had last time. The items of the window are kept as they came: files by
    their names, images in memory as images. Files that are gone by then are not learnt from.

    Parameters
    ----------
    start
        The model as it was.
    source
        The labelled items that it was fitted on, where they are at hand.
    model
        What answers now.

    Raises
    ------
    ParameterError
        The settings ask for an audit, for whose labels a stream does not wait.
    """

    start: Model
    settings: AdaptSettings = field(default_factory=AdaptSettings)
    source: Dataset | None = None
    model: Model = field(init=False)
    _items: deque[Item] = field(init=False)
    _new: int = 0
    _learnt: int = 0
    _adapted_to: int = 0

    def __post_init__(self) -> None:
        if self.settings.audit:
            raise no_labels_in_a_stream()
        self.model, self._items = self.start, deque(maxlen=WINDOW)

    def take(self, data: Dataset, *, steps: Steps = no_steps) -> Step:
        """Answer for a batch, then learn from it if there is enough that is new.

        Items that can't be read are in ``predicted.rejected`` and not learnt from.
        """
        predicted = self.model.predictions(data.items, progress=steps("Answering"))
        adapted_to = self._adapted_to
        self._items.extend(data.items[i] for i in predicted.kept)
        self._new += len(predicted)
        if not self._due:
            return Step(predicted, adapted_to, None)
        try:
            return Step(predicted, adapted_to, self._adapted(data, steps))
        except UserError as error:
            # the answers are there; it is tried again when as many new items have come
            self._learnt, self._new = len(self._items), 0
            return Step(predicted, adapted_to, None, str(error))

    @property
    def _due(self) -> bool:
        return len(self._items) >= FIRST and self._new >= GROWTH * self._learnt

    def _adapted(self, data: Dataset, steps: Steps) -> AdaptResult:
        there = [item for item in self._items if item.path is None or item.path.exists()]
        seen = Dataset(there, kind=data.kind, source=data.source)
        done = adapt(self.start, seen, self.settings, source=self.source, steps=steps)
        self.model = done.model
        self._learnt, self._new = len(seen), 0
        self._adapted_to = len(seen) if done.result.adapted else 0
        return done.result


def no_labels_in_a_stream() -> ParameterError:
    """The error for labels, or an audit, that are given with a stream."""
    return ParameterError(
        "Labels and audits do not go with a stream of batches.",
        remedy="Leave them out, or adapt to all items at once.",
    )


def batches(data: Dataset, size: int) -> list[Dataset]:
    """The items in their order, so many at a time.

    Raises
    ------
    ParameterError
        The size is not positive.
    """
    if size < 1:
        raise ParameterError(
            f"A batch cannot have {size} items.", remedy="Give a positive number, such as 50."
        )
    plain = data.without_targets()
    return [
        plain.take(range(first, min(first + size, len(data))))
        for first in range(0, len(data), size)
    ]
