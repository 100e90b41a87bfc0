"""A model that is already where a new one goes."""

from __future__ import annotations

from pathlib import Path

from topwork.errors import BundleError
from topwork.model.model import Model, load


def keep_earlier(target: Path, model: Model | None = None) -> Path | None:
    """Rename what is at a target, if there is something: ``NAME.topwork`` to ``NAME.1.topwork``.

    The first number that is free is taken, so that nothing is ever overwritten. A model that gives
    the same predictions as the new one is left where it is, to be replaced by it.

    Parameters
    ----------
    target
        Where a model is about to be saved, after ``check_target``.
    model
        The one that is about to be saved.

    Returns
    -------
    Where the earlier model is now.
    """
    if not target.exists() or (model is not None and _is_the_same(target, model)):
        return None
    stem, suffix = target.name.removesuffix(".topwork"), target.suffix
    suffix = suffix if suffix == ".topwork" else ""
    number = 1
    while (place := target.with_name(f"{stem}.{number}{suffix}")).exists():
        number += 1
    target.rename(place)
    return place


def _is_the_same(target: Path, model: Model) -> bool:
    try:
        return load(target).identity == model.identity
    except BundleError:
        return False
