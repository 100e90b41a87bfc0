"""Who may ask: by what name the server is called, from what page, and with what token."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from topwork.deployment.serve.refused import Refused

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
OPEN_PATHS: Final = frozenset(
    {"/", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/favicon.ico"}
)
"""They say nothing of the models, so that they need no token."""


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(authority: str) -> str:
    """The name in ``name:port``, in lower case; empty for what is none.

    Examples
    --------
    >>> host_name("LocalHost:8000"), host_name("[::1]:80"), host_name("::1"), host_name("a b")
    ('localhost', '::1', '', '')
    """
    name, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = authority, "0"
    if not port.isdecimal() or not port.isascii():
        return ""
    if name.startswith("[") and name.endswith("]"):
        return name[1:-1].lower()
    return name.lower() if name and all(c.isalnum() or c in "-._" for c in name) else ""


@dataclass(frozen=True, slots=True)
class Access:
    """The rules.

    Parameters
    ----------
    names
        What the server may be called.
    any_address
        Whether it may be called by any IP address, too.
    origins
        Pages elsewhere that may ask, as ``https://example.org``.
    token
        What everybody must know; ``None`` where only this machine can ask.
    """

    names: frozenset[str] = LOOPBACK_NAMES
    any_address: bool = False
    origins: frozenset[str] = frozenset()
    token: str | None = None

    def check(self, path: str, headers: Mapping[str, str]) -> None:
        """See that a request is allowed.

        Parameters
        ----------
        headers
            By their names in lower case.

        Raises
        ------
        Refused
            It isn't.
        """
        self._check_host(headers.get("host", ""))
        self._check_origin(headers)
        if self.token is not None and path not in OPEN_PATHS:
            self._check_token(headers.get("authorization", ""), self.token)

    def _check_host(self, given: str) -> None:
        name = host_name(given)
        if name in self.names or (self.any_address and _is_address(name)):
            return
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "wrong_host",
            "The server is not known by the name that the request calls it.",
            "Call it by its address, or allow the name with --allow-host.",
        )

    def _check_origin(self, headers: Mapping[str, str]) -> None:
        origin = headers.get("origin")
        own = {f"{scheme}://{headers['host']}".lower() for scheme in ("http", "https")}
        followed_link = headers.get("sec-fetch-mode") == "navigate"
        foreign = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
        same = followed_link or not foreign if origin is None else origin.lower() in own
        if same or origin in self.origins:
            return
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "wrong_origin",
            "A page of another site can't ask here.",
            "Allow its origin with --allow-origin.",
        )

    def _check_token(self, given: str, token: str) -> None:
        scheme, _, value = given.partition(" ")
        known = secrets.compare_digest(value.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not known:
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                "wrong_token",
                "The request lacks the token of this server.",
                "Send the header Authorization: Bearer TOKEN.",
                {"WWW-Authenticate": "Bearer"},
            )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
