"""Settings that are checked when they are made."""

from __future__ import annotations


class DataCheck:
    """Asks each of its groups whether its values can be used.

    Groups alone are not checked: estimators have them for parameters, and constructors store.
    """

    def __post_init__(self) -> None:
        for group in reversed(type(self).__mro__):
            if "_check" in vars(group):
                vars(group)["_check"](self)
