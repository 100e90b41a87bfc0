"""Which models are tried, and how they are judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.choices import STRATEGIES, AskedStrategy, ClassWeight, one_of
from topwork.settings.setting import Setting

MAX_FOLDS = 20
"""With more the folds hold too few items for their models to differ, and cost more."""


@dataclass(kw_only=True, eq=False, repr=False)
class JudgingSettings:
    """Which network, and how a model on it is judged, whatever the task."""

    backbone: Annotated[
        str | None,
        Setting(
            "SOURCE:NAME, with @FILE for local weights; or auto. "
            "[packaged:efficientnet_lite0 for images, packaged:all-minilm-l6-v2 for texts]",
            "``auto`` ranks a shortlist on the items and takes the first.",
        ),
    ] = field(default=None, kw_only=False)
    n_folds: Annotated[int, Setting("Folds of the cross-validation.", flag="--folds")] = 5
    baselines: Annotated[
        bool,
        Setting(
            "Whether simple baseline models are evaluated, too, and the simplest of equals is "
            "returned.",
            off="Skip the baseline models.",
        ),
    ] = True
    name_groups: Annotated[
        bool,
        Setting(
            "Whether items that seem to come from one original, by their names and by what they "
            "look like, are kept together in every split.",
            off="Don't group items that seem to come from one original.",
        ),
    ] = True
    near_duplicates: Annotated[
        bool,
        Setting(
            "Whether items that look or say nearly the same are kept together in every split; "
            "those with equal content always are.",
            off="Don't group items that are nearly the same.",
        ),
    ] = True

    def _check(self) -> None:
        if not 2 <= self.n_folds <= MAX_FOLDS:
            raise ParameterError(
                f"n_folds, the number of folds, must be from 2 to {MAX_FOLDS}, not {self.n_folds}.",
                remedy="Use 5, the default.",
            )


@dataclass(kw_only=True, eq=False, repr=False)
class BudgetSettings:
    """How long a fit may take."""

    minutes: Annotated[float, Setting("Time budget of auto, and of detectors.")] = 10.0

    def _check(self) -> None:
        if not self.minutes > 0:
            raise ParameterError(
                f"minutes must be more than 0, not {self.minutes}.", remedy="Use 10, the default."
            )


@dataclass(kw_only=True, eq=False, repr=False)
class StrategySettings:
    """What is trained."""

    strategy: Annotated[
        AskedStrategy,
        Setting(
            "What is trained above the frozen network.",
            "``probe`` trains the head alone; ``auto`` goes on as long as it pays; ``partial``, "
            "``full``, ``lora`` and, for texts, ``pairs`` try that one only.",
        ),
    ] = "probe"

    def _check(self) -> None:
        one_of("strategy", self.strategy, STRATEGIES)


@dataclass(kw_only=True, eq=False, repr=False)
class SearchSettings(JudgingSettings, BudgetSettings, StrategySettings):
    """Which models are tried, and how they are judged."""

    class_weight: Annotated[
        ClassWeight,
        Setting(
            "Weight all classes equally.",
            "In Python ``balanced``.",
            flag="--balanced",
            on="balanced",
        ),
    ] = None
    thorough: Annotated[
        bool,
        Setting("Repeat cross-validation three times and estimate a learning curve."),
    ] = False
    start: Annotated[
        str | Path | None,
        Setting(
            "Continue from a model with new classes or images.",
            "Its network and its classes are kept, and so are the features stored in it.",
            flag="--from",
            metavar="MODEL",
            typed=Path | None,
        ),
    ] = None

    prior: Annotated[
        str | Path | None,
        Setting(
            "Use what ``topwork meta`` learnt from earlier tasks, if it does better.",
            metavar="PRIOR",
            typed=Path | None,
        ),
    ] = None
    describe: Annotated[
        str | Path | None,
        Setting(
            "Sentences about the classes of texts: a table with the columns label and text.",
            "Used in place of the names of the classes; also a file of lines ``label: text``.",
            metavar="FILE",
            typed=Path | None,
        ),
    ] = None

    def _check(self) -> None:
        one_of("class_weight", self.class_weight, (None, "balanced"))
