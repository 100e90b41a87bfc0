"""What is proposed for an item, and from what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from topwork.labelling.annotation.answer_form import Value
from topwork.labelling.annotation.naming import SuggestedBy
from topwork.labelling.annotation.planning import Plan

Source = SuggestedBy | Literal["model", ""]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed answer; ``None`` for none.

    Parameters
    ----------
    value
        The answer.
    probability
        That it is right, as the head or the model says.
    source
        What it comes from.
    """

    value: Value = None
    probability: float = 0.0
    source: Source = ""


@dataclass(slots=True)
class Suggestions:
    """Those of the last plan, and those of a saved model where the plan has none.

    Parameters
    ----------
    plan
        The last one.
    of_model
        By the number of an item.
    """

    plan: Plan = field(default_factory=Plan)
    of_model: dict[int, tuple[Value, float]] = field(default_factory=dict)

    def of(self, number: int) -> Suggestion:
        """What is proposed for an item."""
        if (planned := self.plan.suggestions.get(number)) is not None:
            return Suggestion(*planned, self.plan.suggested_by)
        if (said := self.of_model.get(number)) is not None:
            return Suggestion(*said, "model")
        return Suggestion()

    def naming(self, name: str) -> Iterator[tuple[float, int]]:
        """The items that are proposed to be of one class, with their probabilities."""
        every: Mapping[int, tuple[Value, float]] = self.plan.suggestions or self.of_model
        return ((probability, i) for i, (value, probability) in every.items() if value == name)
