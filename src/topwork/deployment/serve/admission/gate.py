"""The outermost layer: whatever is refused is refused here, before anything is parsed."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from topwork.deployment.serve.admission.access import Access
from topwork.deployment.serve.admission.body import (
    BodyBudget,
    ClientGone,
    Receive,
    read_body,
    throw_away,
)
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.metrics import Metrics
from topwork.deployment.serve.refused import Refused

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every response; the page has a policy of its own."""

HEADER: Final = 16_384
"""Bytes of an address with all headers."""

_BODIES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Gate:
    """Lets requests through to an application, or refuses them.

    Parameters
    ----------
    app
        The application. It gets bodies as a whole.
    access
        Who may ask.
    full
        Raises `Refused` where there is too much to do already, before a body is received.
    """

    def __init__(
        self,
        app: App,
        *,
        access: Access,
        limits: Limits,
        metrics: Metrics,
        full: Callable[[], None],
    ) -> None:
        self._app = app
        self._access = access
        self._limits = limits
        self._metrics = metrics
        self._full = full
        self._budget = BodyBudget(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        response = _Response(send, self._shared_with(headers), self._limits.body_seconds)
        try:
            await self._answered(scope, headers, receive, response)
        except ClientGone:
            response.status = 499
        self._metrics.request(scope, response.status, time.monotonic() - begun)

    async def _answered(
        self, scope: Scope, headers: dict[str, str], receive: Receive, response: _Response
    ) -> None:
        try:
            await self._answer(scope, headers, receive, response)
        except Refused as error:
            await response.refuse(error, scope["path"], receive)
        except ClientGone:
            raise
        except Exception:
            traceback.print_exc(file=sys.stderr)
            await response.refuse(_OUR_BUG, scope["path"], receive)

    async def _answer(
        self, scope: Scope, headers: dict[str, str], receive: Receive, response: _Response
    ) -> None:
        if scope["method"] == "OPTIONS" and headers.get("origin") in self._access.origins:
            await response.allow()
            return
        if len(scope["raw_path"]) + sum(len(k) + len(v) for k, v in scope["headers"]) > HEADER:
            raise _large_headers()
        self._access.check(scope["path"], headers)
        if scope["method"] not in _BODIES:
            await self._app(scope, receive, response.send)
            return
        self._full()
        with self._budget.holding() as take:
            body = await read_body(receive, headers, self._limits, take)
            await self._app(scope, _once(body, receive), response.send)

    def _shared_with(self, headers: dict[str, str]) -> dict[str, str]:
        origin = headers.get("origin")
        if origin not in self._access.origins:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Vary": "Origin",
        }


_OUR_BUG: Final = Refused(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal",
    "The server failed, which is a bug in topwork.",
    "See what it printed.",
)


def _large_headers() -> Refused:
    return Refused(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "large_headers",
        "The headers of the request are too large.",
        "Send fewer, or less in them.",
    )


class _Response:
    """What is sent, with the headers that every response has."""

    def __init__(self, send: Send, headers: dict[str, str], seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self._headers = {**_HEADERS, **headers}
        self.status = 0

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = {name.lower() for name, _ in message.get("headers", [])}
            message["headers"] = [
                *message.get("headers", []),
                *(
                    (name.encode(), value.encode("latin-1"))
                    for name, value in self._headers.items()
                    if name.lower().encode() not in own
                ),
            ]
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except TimeoutError as error:  # it doesn't read
            raise ClientGone from error

    async def refuse(self, error: Refused, path: str, receive: Receive) -> None:
        """Say why; the connection ends, since nobody knows where the next request begins."""
        if self.status:  # a part is sent already
            return
        body = json.dumps(error.body(path)).encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **error.headers,
        }
        await self.send(_start(error.status, headers))
        await self.send({"type": "http.response.body", "body": body, "more_body": True})
        await throw_away(receive)
        await self.send({"type": "http.response.body", "body": b""})

    async def allow(self) -> None:
        """Answer a browser that asks before it asks."""
        headers = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
        }
        await self.send(_start(HTTPStatus.NO_CONTENT, headers))
        await self.send({"type": "http.response.body", "body": b""})


def _start(status: HTTPStatus, headers: dict[str, str]) -> dict[str, Any]:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": int(status), "headers": encoded}


def _once(body: bytes, receive: Receive) -> Receive:
    """The body as one message, and then what else comes."""
    waiting = [body]

    async def received() -> MutableMapping[str, Any]:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return received
