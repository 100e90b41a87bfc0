"""Requests to a server, asked again where it has too much to do."""

from __future__ import annotations

import http.client
import json
import time
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from topwork.errors import DataError, ParameterError

_LONGEST_WAIT: Final = 30.0
_MAX_BYTES: Final = 100_000_000
"""Of a response."""


class ServerConnection:
    """One connection to a server, opened when it is used; not for several threads at a time.

    Parameters
    ----------
    url
        The server's address, as ``http://127.0.0.1:8000``.
    token
        What it wants to know.
    timeout
        Seconds for a response.
    tries
        How often a request is sent that is refused for too much to do.

    Raises
    ------
    ParameterError
        The address is none of a server.
    """

    def __init__(self, url: str, *, token: str | None, timeout: float, tries: int) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ParameterError(
                f"{url!r} is no address of a server.", remedy="Give it as http://127.0.0.1:8000."
            )
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._tries = tries

    def ask(self, path: str, body: bytes | None = None, content_type: str = "") -> Any:
        """The JSON of a response.

        Raises
        ------
        ParameterError
            The server can't be reached or refuses the request.
        DataError
            It can read none of the items, or has too much to do.
        """
        for n in range(1, self._tries + 1):
            status, headers, found = self._once(path, body, content_type)
            if status != HTTPStatus.SERVICE_UNAVAILABLE or n == self._tries:
                break
            time.sleep(_seconds(headers.get("Retry-After", "1")))
        try:
            said = json.loads(found)
        except ValueError as error:
            raise self._no_server() from error
        if status == HTTPStatus.OK:
            return said
        told = said.get("error") if isinstance(said, dict) else None
        if not isinstance(told, dict):
            raise self._no_server()
        kind = DataError if status in (422, 503) else ParameterError
        raise kind(
            str(told.get("message")),
            remedy=str(told.get("remedy")),
            code=str(told.get("code")),
        )

    def close(self) -> None:
        """End it."""
        self._connection.close()

    def _once(
        self, path: str, body: bytes | None, content_type: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        method = "GET" if body is None else "POST"
        for again in (True, False):
            reused = self._connection.sock is not None
            try:
                self._connection.request(method, self._path + path, body, headers)
                reply = self._connection.getresponse()
                return reply.status, reply.headers, reply.read(_MAX_BYTES)
            except (http.client.HTTPException, OSError) as error:
                self._connection.close()
                # the server may have closed a connection that was idle
                if not (
                    again
                    and reused
                    and isinstance(error, http.client.HTTPException | ConnectionError)
                ):
                    raise ParameterError(
                        f"{self.url} can't be reached ({type(error).__name__}).",
                        remedy="Start it with topwork serve, or see whether the address is right.",
                        code="unreachable",
                    ) from error
        raise AssertionError("the second attempt returns or raises")

    def _no_server(self) -> ParameterError:
        return ParameterError(
            f"{self.url} answers, and not as topwork serve does.",
            remedy="See whether the address is right.",
            code="unreachable",
        )


def _seconds(text: str) -> float:
    try:
        return min(max(float(text), 0.1), _LONGEST_WAIT)
    except ValueError:
        return 1.0
