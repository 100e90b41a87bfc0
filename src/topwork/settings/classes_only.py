"""What only classifiers can do, refused where the targets are something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topwork.errors import ParameterError
from topwork.settings.fit import AUTO, FitSettings


def check_classes_only(asked: Mapping[str, bool], targets: str, *, remedy: str) -> None:
    """Refuse the first thing that is asked for.

    Parameters
    ----------
    asked
        Whether it is, by what people call it.
    targets
        What they are instead, such as ``the targets are boxes``.

    Raises
    ------
    ParameterError
        Something is asked for.

    Examples
    --------
    >>> check_classes_only({"--int8": False}, "the targets are boxes", remedy="Leave it out.")
    """
    for name in (name for name, given in asked.items() if given):
        raise ParameterError(
            f"{name} works for classes only, and {targets}.", remedy=remedy, code="classes_only"
        )


def of_classes_only(settings: FitSettings, strategies: Sequence[str]) -> dict[str, bool]:
    """The settings that only classifiers have, and whether they are asked for.

    Parameters
    ----------
    strategies
        Those that other models have, too.
    """
    *others, last = strategies
    known = f"{', '.join(others)} and {last}" if others else last
    return {
        f"A strategy other than {known}": settings.strategy not in strategies,
        "--balanced (class_weight)": settings.class_weight is not None,
        "--thorough (thorough)": settings.thorough,
        "--cost (costs)": bool(settings.costs),
        "--prevalence (prevalence)": settings.prevalence is not None,
        "--int8 (int8)": settings.int8,
        "--from (start)": settings.start is not None,
        "--prior (prior)": settings.prior is not None,
        "--backbone auto": settings.backbone == AUTO,
    }
