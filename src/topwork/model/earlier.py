"""A model that is already where a new one goes."""

from __future__ import annotations

from pathlib import Path


def keep_earlier(target: Path) -> Path | None:
    """Rename what is at a target, if there is something: ``NAME.topwork`` to ``NAME.1.topwork``.

    The first number that is free is taken, so that nothing is ever overwritten.

    Parameters
    ----------
    target
        Where a model is about to be saved, after ``check_target``.

    Returns
    -------
    Where the earlier model is now.
    """
    if not target.exists():
        return None
    stem, suffix = target.name.removesuffix(".topwork"), target.suffix
    suffix = suffix if suffix == ".topwork" else ""
    number = 1
    while (place := target.with_name(f"{stem}.{number}{suffix}")).exists():
        number += 1
    target.rename(place)
    return place
