"""The card of a bundle, checked against what it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from topwork.errors import ParameterError
from topwork.model.card import Card, NetworkCard, SealedCard
from topwork.model.head_card import LabelsCard, NumberCard, OrdinalCard
from topwork.model.storage.attached import optional_files
from topwork.model.storage.json_file import read_json
from topwork.model.storage.manifest import Manifest, check_files, made_by_newer, newer
from topwork.model.storage.refusal import refusal

AnyCard = TypeVar("AnyCard", bound=SealedCard)


WITH_COLUMNS: Final[tuple[type[SealedCard], ...]] = (Card, NumberCard, LabelsCard, OrdinalCard)
"""Those of models that may learn from columns beside the items."""


def card_in(folder: Path, manifest: Manifest, kind: type[AnyCard]) -> AnyCard:
    """The card of a bundle, whose files are those that it needs.

    Raises
    ------
    BundleError
        It is no such card.
    """
    raw = read_json(folder / "model.json")
    try:
        card = kind.model_validate(raw)
    except (ValidationError, ParameterError) as error:
        version = newer(manifest)
        if version is not None:
            raise made_by_newer(folder, version[:50]) from error
        where = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        names = ".".join(str(part)[:50] for part in where)
        raise refusal(
            f"model.json in {folder} is not what topwork writes{f' ({names})' if names else ''}.",
            code="bad_card",
        ) from error
    if isinstance(card, NetworkCard) and not _fits_columns(card):
        raise refusal("model.json says columns that nothing is learnt of.", code="bad_card")
    check_files(folder, manifest, optional_files(card))
    return card


def _fits_columns(card: NetworkCard) -> bool:
    """Whether what is learnt from beside the items goes with the model."""
    more = bool(card.images) or card.several_images
    if card.beside is None:
        return not more
    return isinstance(card, WITH_COLUMNS) and len(set(card.images)) == len(card.images)
