"""The sentence with which a saved model is refused."""

from __future__ import annotations

from topwork.errors import BundleError

REMEDY = "Get a fresh copy of the model, or make it again with topwork fit."


def refusal(message: str, *, code: str) -> BundleError:
    """What is wrong with a saved model, and that another copy is needed."""
    return BundleError(message, remedy=REMEDY, code=code)
