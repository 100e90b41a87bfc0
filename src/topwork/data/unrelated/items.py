"""The unrelated items of each modality, with the group that each belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.data.item import Item, KindName
from topwork.data.unrelated.drawn import drawn_images
from topwork.data.unrelated.photographs import photographs
from topwork.data.unrelated.sentences import SENTENCES


@dataclass(frozen=True, slots=True)
class UnrelatedItems:
    """Items that no class is about.

    Parameters
    ----------
    items
        n of them.
    groups
        What each is, for people, such as ``photographs`` or ``noise``, n of them.
    """

    items: tuple[Item, ...]
    groups: tuple[str, ...]


def unrelated_items(modality: KindName) -> UnrelatedItems:
    """Photographs that scikit-image and scikit-learn ship and drawn images, or sentences.

    Examples
    --------
    >>> len(unrelated_items("text").items) == len(unrelated_items("text").groups)
    True
    """
    found: dict[str, list[Item]] = {}
    if modality == "text":
        for group, sentences in SENTENCES.items():
            found[group] = [
                Item(f"{group} {number}", value=text) for number, text in enumerate(sentences)
            ]
    else:
        found["photographs"] = photographs()
        for group, images in drawn_images().items():
            found[group] = [
                Item(f"{group} {number}", value=image) for number, image in enumerate(images)
            ]
    return UnrelatedItems(
        tuple(item for items in found.values() for item in items),
        tuple(group for group, items in found.items() for _ in items),
    )
