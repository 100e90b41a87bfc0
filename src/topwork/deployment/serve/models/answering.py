"""One prediction for several requests, divided among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from topwork.data import Item
from topwork.data.json_object import JsonObject

Answer: TypeAlias = Callable[[Any, Sequence[Item], int], Any]
"""Gives what ``topwork predict --json`` prints of a model, items, and a number of classes that are
listed per item: a `JsonObject` with ``predictions`` and ``rejected``."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one request asks.

    Parameters
    ----------
    items
        To be predicted.
    top
        Classes listed per item.
    """

    items: Sequence[Item]
    top: int


def answers(answer: Answer, model: Any, questions: Sequence[Question]) -> list[Any]:
    """The result of each question, or the exception that it raises.

    They are predicted together. What is said of the items as a whole would be said of all of them;
    so where there is anything, and where something fails, each question is asked by itself.
    """
    if len(questions) > 1 and (together := _together(answer, model, questions)) is not None:
        return together
    return [_alone(answer, model, one) for one in questions]


def _alone(answer: Answer, model: Any, question: Question) -> Any:
    try:
        return answer(model, question.items, question.top)
    except Exception as error:
        return error


def _together(answer: Answer, model: Any, questions: Sequence[Question]) -> list[Any] | None:
    numbered = [(q, item) for q in questions for item in q.items]
    items = [replace(item, name=str(number)) for number, (_, item) in enumerate(numbered)]
    try:
        result = answer(model, items, max(q.top for q in questions))
    except Exception:
        return None
    if result.remarks or getattr(result, "cut_short", 0):
        return None
    parts, first = [], 0
    for question in questions:
        names = {str(first + i): item.name for i, item in enumerate(question.items)}
        first += len(question.items)
        part = _part(result, names, question.top)
        if not part.predictions:
            return None
        parts.append(part)
    return parts


def _part(result: JsonObject, names: dict[str, str], top: int) -> Any:
    """What a result says of the items of these numbers, under their own names."""
    own: dict[str, Any] = {
        field: [
            _shortened(one.model_copy(update={"path": names[one.path]}), top)
            for one in getattr(result, field)
            if one.path in names
        ]
        for field in ("predictions", "rejected")
    }
    return result.model_copy(update=own)


def _shortened(one: Any, top: int) -> Any:
    listed = getattr(one, "top", None)
    if listed is None or len(listed) <= top:
        return one
    return one.model_copy(update={"top": listed[:top]})
