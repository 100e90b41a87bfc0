"""What ``serve`` prints when it has ended, as plain data."""

from __future__ import annotations

from pydantic import ConfigDict

from topwork.data.json_object import JsonObject


class ServeResult(JsonObject):
    """What was served.

    Attributes
    ----------
    models
        Names of the models.
    n_predicted, n_rejected
        Items that were predicted, and that could not be read.
    n_refused
        Items that there was no time for.
    n_reloads
        How often a model was loaded again.
    seconds
        From the first that was ready to the end.
    """

    model_config = ConfigDict(frozen=True)

    address: str
    models: list[str]
    n_predicted: int
    n_rejected: int
    n_refused: int
    n_reloads: int
    seconds: float
