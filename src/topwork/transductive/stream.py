"""Items of a new domain that arrive in batches: answered first, learnt from afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from topwork.data import Dataset, Item
from topwork.errors import ParameterError
from topwork.features import Steps, no_steps
from topwork.model import Model
from topwork.model.predictions import Predictions
from topwork.transductive.adapting import adapt
from topwork.transductive.result import AdaptResult
from topwork.transductive.settings import AdaptSettings

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
    said
        What the model said of it that had not learnt from it.
    adapted_to
        Items that this model had learnt from; 0 for the model as it was.
    result
        What an adaptation after the batch found; None where there was none.
    """

    said: Predictions
    adapted_to: int
    result: AdaptResult | None


@dataclass(eq=False)
class Stream:
    """Adapts a model while items arrive.

    Every adaptation starts from the model as it was and takes the latest `WINDOW` items, so that
    errors don't add up and what is long past is forgotten. It is made anew when there are half as
    many new items as it had last time.

    Parameters
    ----------
    start
        The model as it was.
    model
        What answers now.

    Raises
    ------
    ParameterError
        The settings ask for labels, for which a stream does not wait.
    """

    start: Model
    settings: AdaptSettings = field(default_factory=AdaptSettings)
    model: Model = field(init=False)
    _items: deque[Item] = field(init=False)
    _new: int = 0
    _learnt: int = 0

    def __post_init__(self) -> None:
        if self.settings.labelled is not None or self.settings.audit:
            raise ParameterError(
                "Labels and audits do not go with a stream of batches.",
                remedy="Leave them out, or adapt to all items at once.",
            )
        self.model, self._items = self.start, deque(maxlen=WINDOW)

    def take(self, data: Dataset, *, steps: Steps = no_steps) -> Step:
        """Answer for a batch, then learn from it if there is enough that is new.

        Raises
        ------
        BundleError
            The model can't be adapted here.
        """
        said = self.model.predictions(data.items, progress=steps("Answering"))
        adapted_to = self._learnt if self.model is not self.start else 0
        self._items.extend(data.items[i] for i in said.kept)
        self._new += len(said)
        return Step(said, adapted_to, self._adapted(data, steps) if self._due else None)

    @property
    def _due(self) -> bool:
        return len(self._items) >= FIRST and self._new >= GROWTH * self._learnt

    def _adapted(self, data: Dataset, steps: Steps) -> AdaptResult:
        seen = Dataset(list(self._items), kind=data.kind, source=data.source)
        done = adapt(self.start, seen, self.settings, steps=steps)
        self.model = done.model if done.result.adapted else self.start
        self._learnt, self._new = len(seen), 0
        return done.result


def batches(data: Dataset, size: int) -> Iterator[Dataset]:
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
    for first in range(0, len(data), size):
        yield plain.take(range(first, min(first + size, len(data))))
