"""How models of the rows of a table are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.search import MAX_FOLDS
from topwork.settings.setting import Setting


@dataclass(kw_only=True, eq=False, repr=False)
class RowSettings:
    """How a model of rows is judged."""

    n_folds: Annotated[int, Setting("Folds of the cross-validation.", flag="--folds")] = 5
    baselines: Annotated[
        bool,
        Setting(
            "Whether a constant is evaluated, too, and returned where nothing is better.",
            off="Skip the baseline models.",
        ),
    ] = True

    def _check(self) -> None:
        if not 2 <= self.n_folds <= MAX_FOLDS:
            raise ParameterError(
                f"n_folds, the number of folds, must be from 2 to {MAX_FOLDS}, not {self.n_folds}.",
                remedy="Use 5, the default.",
            )
