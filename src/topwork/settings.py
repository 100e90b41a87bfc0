"""The choices of a fit, with their defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from topwork.backbones import DEFAULT_BACKBONE, DEFAULT_FOR
from topwork.backbones.engines import ENGINES, EngineName
from topwork.data import GEOMETRIES, Geometry
from topwork.errors import ParameterError
from topwork.installation import TRAINING, require

THOROUGH_REPEATS = 3
MOST_FOLDS = 20
"""With more the folds hold too few items for their models to differ, and cost more."""

Strategy = Literal["probe", "auto", "partial", "full", "lora", "pairs"]
STRATEGIES = get_args(Strategy)

AUTO = "auto"
"""In place of a backbone's name: whichever suits the items."""

ClassWeight = Literal["balanced"] | None


@dataclass(frozen=True, slots=True)
class FitSettings:
    """The choices of a fit.

    Parameters
    ----------
    backbone
        ``SOURCE:NAME``, a bare name, or either with ``@FILE`` for local weights; ``auto`` ranks a
        shortlist on the items and takes the first.
    geometry
        How a picture becomes a square: ``squeeze``, ``pad`` or ``crop``.
    class_weight
        ``balanced`` makes rare classes weigh as much as frequent ones.
    n_folds
        Folds of the cross-validation.
    max_bad
        The fraction of items that may be unreadable.
    engine
        ``openvino``, ``torch``, or ``auto``.
    cache
        Whether features are kept for the next run.
    seed
        Of the folds.
    strategy
        ``probe`` puts a head on the frozen network; ``auto`` goes on as long as it pays;
        ``partial``, ``full``, ``lora`` and, for texts, ``pairs`` try that one only.
    minutes
        How long ``auto`` may take in all.
    baselines
        Whether simple models are judged beside the transfer, and the simplest of equals is
        returned.
    thorough
        Whether to judge on several divisions into folds, with the untrained network as one more
        baseline, and to tell what more labels would bring and where the model fails.
    costs
        For two classes: what it costs to take an item of each for the other one; 1 where it
        isn't said.
    error_rate
        How often a prediction set may miss the right class.
    false_alarm_rate
        How often an image of a known class may be called unknown.
    int8
        Whether the network runs in 8-bit integers, if the items' folds say that nothing is lost.
    start
        A saved model to go on from: its network and its classes are kept.
    name_groups
        Whether items that seem to come from one original, by their names and by what they look
        like, are kept together in every split.
    unlabelled
        Items of the same kind without labels: a folder, a table with a column ``path``, or a list
        of paths or images. What learns from them is tried beside the rest.

    Raises
    ------
    ParameterError
        A value is not one of those that are allowed.
    """

    backbone: str = DEFAULT_BACKBONE
    geometry: Geometry = "squeeze"
    class_weight: ClassWeight = None
    n_folds: int = 5
    max_bad: float = 0.05
    engine: EngineName = "auto"
    cache: bool = True
    seed: int = 0
    strategy: Strategy = "probe"
    minutes: float = 10.0
    baselines: bool = True
    thorough: bool = False
    costs: Mapping[str, float] | None = None
    error_rate: float = 0.1
    false_alarm_rate: float = 0.05
    int8: bool = False
    start: str | Path | None = None
    unlabelled: object = None
    name_groups: bool = True

    @property
    def repeats(self) -> int:
        """How many divisions into folds a model is judged on."""
        return THOROUGH_REPEATS if self.thorough else 1

    def __post_init__(self) -> None:
        _one_of("geometry", self.geometry, GEOMETRIES)
        _one_of("class_weight", self.class_weight, (None, "balanced"))
        _one_of("strategy", self.strategy, STRATEGIES)
        if not self.minutes > 0:
            raise ParameterError(
                f"minutes must be more than 0, not {self.minutes}.", remedy="Use 10, the default."
            )
        _one_of("engine", self.engine, ENGINES)
        if not 2 <= self.n_folds <= MOST_FOLDS:
            raise ParameterError(
                f"n_folds, the number of folds, must be from 2 to {MOST_FOLDS}, not "
                f"{self.n_folds}.",
                remedy="Use 5, the default.",
            )
        if self.start is not None:
            self._check_start()
        for label, cost in (self.costs or {}).items():
            if not (math.isfinite(cost) and cost > 0):
                raise ParameterError(
                    f"The cost of {label!r} must be a positive number, not {cost}.",
                    remedy="Give the ratio to the cost of the other error, such as 10.",
                )
        for name in ("error_rate", "false_alarm_rate"):
            if not 0 < getattr(self, name) < 1:
                raise ParameterError(
                    f"{name} must be between 0 and 1, not {getattr(self, name)}.",
                    remedy="For 5 percent write 0.05.",
                )
        if not 0 <= self.max_bad <= 1:
            raise ParameterError(
                f"max_bad must be a fraction between 0 and 1, not {self.max_bad}.",
                remedy="For 10 percent write 0.1.",
            )

    def _check_start(self) -> None:
        """Refuse what the model that is gone on from decides, or what needs all its pictures."""
        for name, usual, remedy in _DECIDED_BY_START:
            if getattr(self, name) not in usual:
                raise ParameterError(
                    f"{name} cannot be {getattr(self, name)!r} when continuing from a model.",
                    remedy=remedy,
                    code="decided_by_start",
                )


_KEPT = (
    "Leave it out: the model's own setting is used, as for the features stored in it. To change "
    "it, fit all items without --from (start)."
)
_NEEDS_PICTURES = (
    "Leave it out: it needs the items of the earlier classes, which the model does not hold. To "
    "have it, fit all items without --from (start)."
)
_DECIDED_BY_START = (
    ("backbone", tuple(DEFAULT_FOR.values()), _KEPT),
    ("geometry", ("squeeze",), _KEPT),
    ("strategy", ("probe",), _NEEDS_PICTURES),
    ("thorough", (False,), _NEEDS_PICTURES),
    ("int8", (False,), _KEPT),
    ("unlabelled", (None,), _NEEDS_PICTURES),
)
"""Settings, their defaults, and why they can't be others when continuing from a model."""


def check_kind(settings: FitSettings, kind: str) -> None:
    """Refuse settings that mean nothing for items of a kind.

    Raises
    ------
    ParameterError
        Something is asked for that items of another kind only can have.
    """
    if settings.strategy not in {"probe", "auto"}:
        require(f"The strategy {settings.strategy}", needed_to_train(settings.strategy, kind))
    if settings.engine == "torch":
        require("The engine torch", ("torch",))
    if settings.int8:
        require("A network in 8-bit integers", ("nncf",))
    other = {"image": "text", "text": "image"}[kind]
    asked = {
        "image": {"strategy": settings.strategy == "pairs"},
        "text": {"int8": settings.int8, "geometry": settings.geometry != "squeeze"},
    }[kind]
    for name in (name for name, wanted in asked.items() if wanted):
        raise ParameterError(
            f"{name} cannot be {getattr(settings, name)!r} for {kind}s, only for {other}s.",
            remedy=f"Leave {name} out.",
            code=f"{other}s_only",
        )


def needed_to_train(strategy: str, kind: str) -> tuple[str, ...]:
    """The packages without which a strategy trains no layers for items of a kind."""
    adapters = ("peft",) if strategy == "lora" else ()
    return (*TRAINING, *adapters, *(("transformers",) if kind == "text" else ()))


def _one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        choices = ", ".join(str(a) for a in allowed)
        raise ParameterError(f"{name} cannot be {value!r}.", remedy=f"Choose one of: {choices}.")
