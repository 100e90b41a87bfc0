"""What ``export`` prints, as plain data."""

from __future__ import annotations

from topwork.data.json_object import JsonObject


class ExportResult(JsonObject):
    """A model in the format of another runtime.

    Attributes
    ----------
    model
        The saved model.
    file
        The exported one; what proves that it gives the same lies beside it.
    target
        Its format.
    runtime
        What it was run by, with the version.
    verified
        Whether it was run and gave the same.
    max_difference
        The largest of an output between both runtimes, as a share of that output's range.
    labels_flipped
        Inputs of which something else is predicted.
    n
        Inputs that were compared.
    n_items
        Those of them that are items of the user; the others are synthetic.
    notes
        What it doesn't hold, in sentences.
    """

    model: str
    file: str
    target: str
    runtime: str
    verified: bool
    max_difference: float
    labels_flipped: int
    n: int
    n_items: int
    notes: list[str]
