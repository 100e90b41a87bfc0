"""Data sets of torch and torchvision, told by what they offer: nothing of them is imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def torch_pairs(data: object) -> tuple[list[object], list[object]] | None:
    """The items and labels of a data set; None for anything that is none.

    Of a data set that lists its files (``ImageFolder``) the files are taken, so that no transform
    comes between; of others the entries themselves. Class numbers are read as their names.
    """
    if not _is_data_set(data):
        return None
    found: Any = data
    samples = getattr(found, "samples", None)
    if isinstance(samples, Sequence) and all(
        isinstance(pair, tuple) and isinstance(pair[0], str) for pair in samples
    ):
        pairs = list(samples)
    else:
        pairs = [found[index] for index in range(len(found))]
    taken = [pair if isinstance(pair, (tuple, list)) else (pair,) for pair in pairs]
    labels = [pair[1] if len(pair) > 1 else None for pair in taken]
    return [pair[0] for pair in taken], _named(labels, _classes(found))


def _is_data_set(data: object) -> bool:
    return hasattr(data, "__len__") and any(
        kind.__name__ == "Dataset" and kind.__module__.startswith("torch.utils.data")
        for kind in type(data).__mro__
    )


def _classes(data: Any) -> Sequence[str] | None:
    """The names of the classes, perhaps of the data set that this one is a part of."""
    while not hasattr(data, "classes") and hasattr(data, "dataset"):
        data = data.dataset
    classes = getattr(data, "classes", None)
    named = isinstance(classes, Sequence) and all(isinstance(name, str) for name in classes)
    return classes if named else None


def _named(labels: list[object], classes: Sequence[str] | None) -> list[object]:
    numbers = [int(label) for label in labels if _is_number(label)]  # type: ignore[call-overload]
    if not classes or len(numbers) < len(labels):
        return labels
    inside = not numbers or (min(numbers) >= 0 and max(numbers) < len(classes))
    return [classes[number] for number in numbers] if inside else labels


def _is_number(label: object) -> bool:
    return isinstance(label, int) or (hasattr(label, "item") and getattr(label, "ndim", 1) == 0)
