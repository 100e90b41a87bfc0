"""Settings that are checked when they are made."""

from __future__ import annotations

import functools
from numbers import Integral, Real
from typing import Any, Final, get_args

from topwork.errors import ParameterError
from topwork.settings.setting import Stated, stated_in


class CheckedSettings:
    """Refuses values of another type, and asks each of its groups whether its own can be used.

    Groups alone are not checked: estimators have them for parameters, and constructors store.
    """

    def __post_init__(self) -> None:
        own: Any = type(self)
        for stated in _stated(own):
            check_type(stated, getattr(self, stated.name))
        for group in reversed(type(self).__mro__):
            if "_check" in vars(group):
                vars(group)["_check"](self)


@functools.cache
def _stated(settings: type) -> tuple[Stated, ...]:
    return stated_in(settings)


def _is_bool(value: object) -> bool:
    dtype = getattr(value, "dtype", None)  # NumPy's need not be imported for it
    return isinstance(value, bool) or (
        getattr(dtype, "kind", "") == "b" and getattr(value, "ndim", 1) == 0
    )


_KINDS: Final[dict[Any, tuple[Any, str, str]]] = {
    bool: (_is_bool, "True or False", "Write True or False, without quotes."),
    int: (lambda value: isinstance(value, Integral), "a whole number", "Write it without quotes."),
    float: (lambda value: isinstance(value, Real), "a number", "Write it without quotes."),
}


def check_type(stated: Stated, value: object) -> None:
    """Refuse what is no number where one is meant; a word in place of True would mean True.

    Raises
    ------
    ParameterError
        The value is of another type.
    """
    members = get_args(stated.type) or (stated.type,)
    single = [one for one in members if one is not type(None)]
    kind = _KINDS.get(single[0]) if len(single) == 1 else None
    if kind is None or (value is None and type(None) in members):
        return
    fits, called, remedy = kind
    if not fits(value):
        raise ParameterError(f"{stated.name} must be {called}, not {value!r}.", remedy=remedy)
