"""Saving where another model is already."""

from __future__ import annotations

from pathlib import Path

from topwork.errors import BundleError
from topwork.model.loading import load
from topwork.model.sealed_model import SealedModel
from topwork.model.storage.saving import check_target, write_bundle


def save_beside_previous(model: SealedModel, target: Path) -> Path | None:
    """Save a model; another one that is there goes from ``NAME.topwork`` to ``NAME.1.topwork``.

    The first number that is free is taken, so that nothing is ever overwritten. A model that gives
    the same predictions is replaced. Where saving fails, what was there stays where it was.

    Parameters
    ----------
    target
        The folder of the bundle.

    Returns
    -------
    Where the base model is now, if there was one.
    """
    check_target(target)
    moved: list[Path] = []

    def earlier() -> Path | None:
        if target.exists() and not _is_the_same(target, model):
            moved.append(_free_beside(target))
        return moved[0] if moved else None

    write_bundle(model.parts, target, previous_to=earlier)
    return moved[0] if moved else None


def _free_beside(target: Path) -> Path:
    stem, suffix = target.name.removesuffix(".topwork"), target.suffix
    suffix = suffix if suffix == ".topwork" else ""
    number = 1
    while (place := target.with_name(f"{stem}.{number}{suffix}")).exists():
        number += 1
    return place


def _is_the_same(target: Path, model: SealedModel) -> bool:
    try:
        return load(target).identity == model.identity
    except BundleError:
        return False
