"""A request that is not answered, and what is said instead."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from topwork.errors import UserError


class Refused(Exception):
    """A request that is not answered.

    Parameters
    ----------
    status
        The HTTP status.
    code
        A stable word for programs.
    message, remedy
        What is wrong and what to do about it: a sentence each, without anything of the inside.
    headers
        To be sent besides.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy
        self.headers = dict(headers or {})

    def body(self, path: str) -> dict[str, Any]:
        """The response: the same as commands print with ``--json``, or a sentence of the protocol.

        Parameters
        ----------
        path
            That was asked.
        """
        if path.startswith("/v2"):
            return {"error": f"{self.message} {self.remedy}".strip()}
        return {"error": {"code": self.code, "message": self.message, "remedy": self.remedy}}


def refused_items(error: UserError) -> Refused:
    """Items that a model can't predict for, as ``topwork predict`` says it."""
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, error.message, error.remedy)


def overloaded(seconds: float) -> Refused:
    """There is more to do than can be done in time.

    Parameters
    ----------
    seconds
        After which it is worth another try.
    """
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "overloaded",
        "The server has more to do than it can do in time.",
        "Try again after the seconds of Retry-After.",
        {"Retry-After": str(max(1, round(seconds)))},
    )
