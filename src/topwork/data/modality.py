"""The one list of the kinds of items."""

from __future__ import annotations

from typing import Final, Literal, get_args

from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.images.modality import ImageModality
from topwork.data.item import Modality, ModalityName
from topwork.data.texts.modality import TEXT_EXTENSIONS, TextModality
from topwork.errors import ParameterError

Items = Literal["auto", "image", "text"]
"""What the user says the items are."""

MODALITIES: Final[dict[ModalityName, Modality]] = {"image": ImageModality(), "text": TextModality()}

EXTENSIONS: Final[dict[ModalityName, frozenset[str]]] = {
    "image": IMAGE_EXTENSIONS,
    "text": TEXT_EXTENSIONS,
}
"""Of the files of each kind, in lower case."""


def check_items(items: str) -> None:
    """Refuse what is no kind of item."""
    if items not in get_args(Items):
        raise ParameterError(
            f"items is {items!r}, which is not known.",
            remedy=f"Use one of {', '.join(get_args(Items))}.",
        )
