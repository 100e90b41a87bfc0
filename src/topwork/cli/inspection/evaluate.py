"""``topwork evaluate`` with a model that inspects parts."""

from __future__ import annotations

from topwork.errors import ParameterError


def no_evaluation() -> ParameterError:
    """Why these models are not evaluated."""
    return ParameterError(
        "topwork evaluate does not take models that inspect parts.",
        remedy="topwork predict gives the score of each part.",
        code="other_task",
    )
