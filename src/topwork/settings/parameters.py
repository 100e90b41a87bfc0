"""Settings as the parameters of an estimator."""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from topwork.errors import ParameterError
from topwork.settings.setting import Setting, stated_in

Estimator = TypeVar("Estimator", bound=type)

PLACE = "{parameters}"
"""In the docstring of an estimator."""


def with_parameters(moved: Mapping[str, str]) -> Callable[[Estimator], Estimator]:
    """Document the fields of an estimator, and say where former parameters went.

    Parameters
    ----------
    moved
        Former parameters of the constructor, and the call that takes each now.
    """

    def decorated(estimator: Estimator) -> Estimator:
        stored = estimator.__init__  # type: ignore[misc]

        @functools.wraps(stored)
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            for name in moved:
                if name in kwargs:
                    raise ParameterError(
                        f"{name} is no longer a parameter of {estimator.__name__}: data go to fit.",
                        remedy=f"Write {estimator.__name__}(...).{moved[name]}.",
                        code="moved_parameter",
                    )
            stored(self, *args, **kwargs)

        init.__signature__ = _plain(stored, estimator)  # type: ignore[attr-defined]
        estimator.__init__ = init  # type: ignore[misc]
        if estimator.__doc__:  # there is none where Python leaves them out
            estimator.__doc__ = estimator.__doc__.replace(PLACE, parameters_of(estimator))
        return estimator

    return decorated


def _plain(stored: Callable[..., None], estimator: type) -> inspect.Signature:
    """The signature without what is said of each parameter beside its type."""
    types = {stated.name: stated.type for stated in stated_in(estimator)}
    signature = inspect.signature(stored)
    return signature.replace(
        parameters=[
            parameter.replace(annotation=types.get(name, parameter.annotation))
            for name, parameter in signature.parameters.items()
        ]
    )


def parameters_of(settings: type) -> str:
    """The lines of a docstring for the fields of a class, each with what is said of it."""
    return "\n    ".join(
        f"{stated.name}\n{textwrap.indent(_said(stated.setting), ' ' * 8)}"
        for stated in stated_in(settings)
    )


def _said(setting: Setting) -> str:
    return textwrap.fill(f"{setting.help} {setting.more}".strip(), 92, break_long_words=False)
