"""The unrelated items of each modality, with the kind of each."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.data.item import Item, ModalityName
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
    kinds
        What each is, for people, such as ``photographs`` or ``noise``, n of them.
    """

    items: tuple[Item, ...]
    kinds: tuple[str, ...]


def unrelated_items(modality: ModalityName) -> UnrelatedItems:
    """Photographs that scikit-image and scikit-learn ship and drawn images, or sentences.

    Examples
    --------
    >>> len(unrelated_items("text").items) == len(unrelated_items("text").kinds)
    True
    """
    found: dict[str, list[Item]] = {}
    if modality == "text":
        for kind, sentences in SENTENCES.items():
            found[kind] = [
                Item(f"{kind} {number}", value=text) for number, text in enumerate(sentences)
            ]
    else:
        found["photographs"] = photographs()
        for kind, images in drawn_images().items():
            found[kind] = [
                Item(f"{kind} {number}", value=image) for number, image in enumerate(images)
            ]
    return UnrelatedItems(
        tuple(item for items in found.values() for item in items),
        tuple(kind for kind, items in found.items() for _ in items),
    )
