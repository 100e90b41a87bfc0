"""Every exception that topwork raises on purpose.

Exception
├── UserError               what the user or the data did: one sentence, one remedy, exit status 2
│   ├── ParameterError      a parameter is not what was expected (also a ValueError)
│   ├── DataError           the items, labels or tables cannot be used
│   │   └── BadItemsError   single items that cannot be read, where the caller asked to be told
│   ├── BackboneError       a backbone is unknown, unreachable or unsuited
│   ├── BundleError         a saved model that must not be loaded
│   └── ClusterError        workers can't be reached, differ from this machine, or were lost
└── BadItem                 one item cannot be read; caught inside, becomes a `Rejected` record
"""

from __future__ import annotations

from typing import Any


class UserError(Exception):
    """What the user or the data did.

    Parameters
    ----------
    message
        What is wrong, in one plain sentence.
    remedy
        What to do about it, in one plain sentence.
    code
        A stable word for programs; the class's own where it is not given.
    instead
        A path that was given, and the one to give in its place, if there is one.
    """

    code = "user_error"

    def __init__(
        self,
        message: str,
        *,
        remedy: str,
        code: str | None = None,
        instead: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code or type(self).code
        self.instead = instead

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"

    def __reduce__(self) -> tuple[Any, ...]:
        # one that a process raises is pickled; by default without the arguments that have names
        return _unpickled, (type(self), self.args), self.__dict__


def _unpickled(kind: type[UserError], args: tuple[Any, ...]) -> UserError:
    return kind.__new__(kind, *args)


class ParameterError(UserError, ValueError):
    """A parameter is not what was expected."""

    code = "bad_parameter"


class DataError(UserError):
    """The items, labels or tables cannot be used."""

    code = "bad_data"


class BadItemsError(DataError):
    """Single items cannot be read, where the caller asked to be told."""

    code = "bad_items"


class BackboneError(UserError):
    """A backbone is unknown, unreachable or unsuited."""

    code = "bad_backbone"


class BundleError(UserError):
    """A saved model that must not be loaded."""

    code = "bad_bundle"


class ClusterError(UserError):
    """Workers cannot be reached, differ from this machine, or were lost."""

    code = "bad_cluster"


class BadItem(Exception):
    """One item cannot be read.

    Parameters
    ----------
    reason
        A stable code such as ``truncated``.
    detail
        What was seen, for people.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
