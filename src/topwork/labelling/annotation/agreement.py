"""How often people agree with themselves, and how often with what was proposed to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from topwork.labelling.annotation.answer_form import Value
from topwork.labelling.annotation.journal import Answer
from topwork.metrics.intervals import wilson
from topwork.metrics.records import Score


@dataclass(frozen=True, slots=True)
class Agreement:
    """Answers that were asked for again without showing the first.

    Parameters
    ----------
    n, n_same
        Items asked again, and those of them with the same answer.
    n_followed, n_anchored
        Of those whose first answer took a suggestion: how many, and how many were answered
        otherwise when the suggestion was not shown.
    changed
        The items answered otherwise.
    """

    n: int
    n_same: int
    n_followed: int
    n_anchored: int
    changed: tuple[str, ...] = ()

    @property
    def score(self) -> Score | None:
        """The share of equal answers with its interval of 95 %."""
        return _share(self.n_same, self.n)

    @property
    def anchoring(self) -> Score | None:
        """The share of taken suggestions that were answered otherwise when asked again."""
        return _share(self.n_anchored, self.n_followed)


def agreement(actions: Iterable[Sequence[Answer]]) -> Agreement:
    """Compare each blind answer with the one that stood when it was asked.

    Examples
    --------
    >>> first = Answer("a.jpg", "cat", "suggested", suggested="cat")
    >>> again = Answer("a.jpg", "dog", "repeat")
    >>> found = agreement([[first], [again]])
    >>> found.n, found.n_same, found.n_followed, found.n_anchored
    (1, 0, 1, 1)
    """
    stood: dict[str, Answer] = {}
    n = same = followed = anchored = 0
    changed: list[str] = []
    for answer in (answer for action in actions for answer in action):
        if answer.how != "repeat":
            stood[answer.item] = answer
            continue
        if (first := stood.get(answer.item)) is None:
            continue
        equal = _equal(first.value, answer.value)
        n, same = n + 1, same + equal
        if not equal:
            changed.append(answer.item)
        if first.how in ("suggested", "grid"):
            followed, anchored = followed + 1, anchored + (not equal)
    return Agreement(n, same, followed, anchored, tuple(changed))


def _equal(first: Value, second: Value) -> bool:
    if isinstance(first, list) and isinstance(second, list):
        return sorted(map(str, first)) == sorted(map(str, second))
    return first == second


def _share(count: int, n: int) -> Score | None:
    if not n:
        return None
    low, high = wilson(count / n, n)
    return Score(value=count / n, low=float(low), high=float(high))
