"""The unrelated items of each modality, with the kind of each."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.data.item import Item, Modality


@dataclass(frozen=True, slots=True)
class UnrelatedItems:
    """Items that no class is about.

    Parameters
    ----------
    items
        n of them.
    kinds
        What each is, for people, such as ``photographs`` or ``noise``, n of them.
    """

    items: tuple[Item, ...]
    kinds: tuple[str, ...]


def unrelated_items(modality: Modality) -> UnrelatedItems:
    """All unrelated items of a modality.

    Examples
    --------
    >>> from topwork.data import MODALITIES
    >>> found = unrelated_items(MODALITIES["text"])
    >>> len(found.items) == len(found.kinds)
    True
    """
    found = modality.unrelated()
    return UnrelatedItems(
        tuple(item for items in found.values() for item in items),
        tuple(kind for kind, items in found.items() for _ in items),
    )
