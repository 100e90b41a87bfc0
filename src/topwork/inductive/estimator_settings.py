"""The settings that the parameters of an estimator are."""

from __future__ import annotations

from typing import Any

from topwork.runtime.progress import Steps, no_steps, printed_steps
from topwork.settings import FitSettings


def settings_of(estimator: Any) -> tuple[FitSettings, Steps]:
    """What an estimator was made with, and where its progress goes.

    Parameters
    ----------
    estimator
        With scikit-learn's ``get_params``; all of its parameters but ``verbose`` are settings.

    Raises
    ------
    ParameterError
        A parameter can't be used.
    """
    parameters = estimator.get_params(deep=False)
    steps = printed_steps if parameters.pop("verbose") else no_steps
    parameters.pop("order", None)  # of the labels, not of the fit
    return FitSettings(**parameters), steps
