"""What the answers of a model promise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.setting import Setting


def label_costs(pairs: list[str] | None) -> dict[str, float] | None:
    """``["cat=1", "dog=5"]`` as a mapping.

    Raises
    ------
    ParameterError
        A part isn't of the form ``LABEL=COST``.
    """
    if not pairs:
        return None
    costs: dict[str, float] = {}
    for pair in pairs:
        label, _, cost = pair.rpartition("=")
        try:
            costs[label] = float(cost)
        except ValueError:
            label = ""
        if not label:
            raise ParameterError(
                f"--cost cannot be {pair!r}.", remedy="Write it like --cost sick=10."
            )
    return costs


def check_rate(name: str, value: float) -> None:
    """Refuse what is no share of items.

    Raises
    ------
    ParameterError
        It is not between 0 and 1.
    """
    if not 0 < value < 1:
        raise ParameterError(
            f"{name} must be between 0 and 1, not {value}.", remedy="For 5 percent write 0.05."
        )


@dataclass(kw_only=True, eq=False, repr=False)
class IntervalSettings:
    """What sets and intervals promise, whatever the task."""

    error_rate: Annotated[
        float,
        Setting("Fraction of prediction sets or intervals that may miss the truth."),
    ] = 0.1

    def _check(self) -> None:
        check_rate("error_rate", self.error_rate)


@dataclass(kw_only=True, eq=False, repr=False)
class CalibrationSettings(IntervalSettings):
    """What the answers of a model promise."""

    costs: Annotated[
        Mapping[str, float] | None,
        Setting(
            "Cost of misclassifying this class (two classes only), e.g. sick=10.",
            "In Python a mapping from labels to costs; 1 where it isn't said.",
            flag="--cost",
            metavar="LABEL=COST",
            typed=list[str] | None,
            read=label_costs,
        ),
    ] = None
    false_alarm_rate: Annotated[
        float, Setting("Fraction of items of known classes that may be called unknown.")
    ] = 0.05

    prevalence: Annotated[
        float | None,
        Setting(
            "Share of the positive class where the model is used (two classes only), for "
            "predictive values and the decision curve.",
            "None takes that of the data.",
        ),
    ] = None

    def _check(self) -> None:
        if self.prevalence is not None:
            check_rate("prevalence", self.prevalence)
        if not isinstance(self.costs, Mapping | None):
            raise ParameterError(
                f"costs must be a mapping from labels to costs, not {self.costs!r}.",
                remedy='Write {"sick": 10}.',
            )
        for label, cost in (self.costs or {}).items():
            if not (isinstance(cost, Real) and math.isfinite(cost) and cost > 0):
                raise ParameterError(
                    f"The cost of {label!r} must be a positive number, not {cost}.",
                    remedy="Give the ratio to the cost of the other error, such as 10.",
                )
        check_rate("false_alarm_rate", self.false_alarm_rate)
