"""The one list of modalities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from topwork.data.images.modality import ImageModality
from topwork.data.item import Modality, ModalityName
from topwork.data.texts.modality import TextModality
from topwork.errors import ParameterError

Items = Literal["auto", "image", "text"]
"""What the user says the items are."""

MODALITIES: Final[dict[ModalityName, Modality]] = {
    one.name: one for one in (ImageModality(), TextModality())
}
"""Where it isn't said what the items are, they are looked for in this order."""


def modality_with(column: str) -> Modality:
    """The modality whose items a table has in this column."""
    return next(one for one in MODALITIES.values() if one.column == column)


def columns_of(items: str) -> tuple[str, ...]:
    """The columns of a table that items of this modality may be in; of ``auto``, of any."""
    wanted: Mapping[str, Modality] = MODALITIES if items == "auto" else {items: MODALITIES[items]}
    return tuple(dict.fromkeys(one.column for one in wanted.values()))


def check_items(items: str) -> None:
    """Refuse what is no modality."""
    if items not in ("auto", *MODALITIES):
        raise ParameterError(
            f"items is {items!r}, which is not known.",
            remedy=f"Use one of {', '.join(('auto', *MODALITIES))}.",
        )
