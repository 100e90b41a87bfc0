"""What items are labelled with, as text."""

from __future__ import annotations

from topwork.data import BoxTargets, Dataset, LabelTargets


def label_texts(data: Dataset) -> list[str] | None:
    """The label of each item, several of them as ``sea;sky``; None where items have none, or boxes.

    Examples
    --------
    >>> from topwork.data import read
    >>> label_texts(read(["a.jpg", "b.jpg"], [["sky", "sea"], []]))
    ['sea;sky', '']
    """
    targets = data.targets
    if targets is None or isinstance(targets, BoxTargets):
        return None
    if isinstance(targets, LabelTargets):
        return targets.texts()
    return [str(label) for label in targets.values()]
