"""The body of a request, counted while it arrives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.refused import Refused, overloaded

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_LINGER: Final = 2.0
"""Seconds for which what a refused client still sends is thrown away: it reads only then."""


class ClientGone(Exception):
    """Nobody waits for the response any more."""


class BodyBudget:
    """Bytes of all bodies that are held at the moment.

    Parameters
    ----------
    limits
        How many there may be.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.held = 0

    @contextmanager
    def holding(self) -> Iterator[Callable[[int], None]]:
        """Takes the sizes of chunks; all are given back at the end."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if self.held + size > self._limits.all_bodies:
                raise overloaded(1.0)
            taken += size
            self.held += size

        try:
            yield take
        finally:
            self.held -= taken


async def read_body(
    receive: Receive, headers: Mapping[str, str], limits: Limits, take: Callable[[int], None]
) -> bytes:
    """All of a body that is small enough.

    Parameters
    ----------
    take
        Is told the size of every chunk before it is kept.

    Raises
    ------
    Refused
        It is too large, also for one whose length isn't told; compressed, or comes too slowly.
    ClientGone
        It never ends.
    """
    if headers.get("content-encoding", "identity") != "identity":
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "compressed",
            "The body is compressed.",
            "Send it as it is, without Content-Encoding.",
        )
    declared = headers.get("content-length")
    most = limits.undeclared if declared is None else limits.body
    if declared is not None and (not declared.isdecimal() or int(declared[:20]) > most):
        raise _too_large(limits)
    body = bytearray()  # which gives its memory back at once, unlike many small chunks
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in _chunks(receive):
                if len(body) + len(chunk) > most:
                    raise _too_large(limits) if declared else _length_required(limits)
                take(len(chunk))
                body += chunk
    except Refused:
        body.clear()  # before the client is told, which may take a while
        raise
    except TimeoutError as error:
        body.clear()
        raise Refused(
            HTTPStatus.REQUEST_TIMEOUT,
            "too_slow",
            f"The body did not arrive within {limits.body_seconds:g} s.",
            "Send it faster, or less of it.",
        ) from error
    return bytes(body)


async def throw_away(receive: Receive) -> None:
    """Receive what is left of a body, for a while."""
    until = time.monotonic() + _LINGER
    try:
        async with asyncio.timeout(_LINGER):
            async for _ in _chunks(receive):
                if time.monotonic() > until:
                    return
    except (TimeoutError, ClientGone):
        return


async def _chunks(receive: Receive) -> Any:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _length_required(limits: Limits) -> Refused:
    return Refused(
        HTTPStatus.LENGTH_REQUIRED,
        "length_required",
        f"The body has more than {limits.undeclared / 1e6:g} MB, and its length was not told.",
        "Send it with Content-Length, as programs do that are given a file.",
    )


def _too_large(limits: Limits) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        f"The body has more than {limits.body / 1e6:g} MB.",
        "Send smaller images, or fewer at a time.",
    )
