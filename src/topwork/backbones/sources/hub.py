"""The Hugging Face hub, asked only where it can be reached, so that errors come soon."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from topwork.installation import require

PATIENCE = 3.0
"""Seconds that a server has to take a connection."""


def without_telemetry() -> None:
    """What the hub's client reads once, at its first import; call it before that."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


@contextmanager
def hub() -> Iterator[None]:
    """The hub's client as it is, or in offline mode, where it only looks into its cache.

    The client tries a server that doesn't answer again for a minute, whatever its timeouts say.
    """
    require("A network of the Hugging Face hub", ("huggingface_hub",))
    without_telemetry()
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    if not before and not reachable(constants.ENDPOINT):
        constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def reachable(url: str) -> bool:
    """Whether the server of a URL, or the proxy before it, takes a connection in time."""
    host, port = _address(url)
    taken: list[bool] = []
    # a resolver that doesn't answer knows no timeout, so nobody waits for the thread
    thread = Thread(target=lambda: taken.append(_connects(host, port)), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return taken == [True]


def _address(url: str) -> tuple[str, int]:
    target = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if proxy and not proxy_bypass(target.hostname or ""):
        target = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return target.hostname or "", target.port or (80 if target.scheme == "http" else 443)


def _connects(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except Exception:  # whatever stands in the way
        return False
    return True
