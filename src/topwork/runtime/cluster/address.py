"""What the user says of where tasks run."""

from __future__ import annotations

import re
from typing import Final

from topwork.errors import ParameterError

LOCAL: Final = "local"
RAY: Final = "ray"
_HEAD = re.compile(r"ray://([^\s/:@]+|\[[0-9a-fA-F:]+\]):(\d{1,5})")


def check_executor(name: str) -> None:
    """Refuse what names no executor.

    Raises
    ------
    ParameterError
        It is none of ``local``, ``ray`` and ``ray://HOST:PORT``.

    Examples
    --------
    >>> check_executor("ray://10.0.0.1:10001")
    """
    if name in (LOCAL, RAY) or _HEAD.fullmatch(str(name)):
        return
    raise ParameterError(
        f"executor cannot be {name!r}.",
        remedy="Choose local, ray, or ray://HOST:PORT of a cluster that runs.",
    )


def host_and_port(address: str) -> tuple[str, int]:
    """Of ``HOST:PORT`` or ``ray://HOST:PORT``.

    Raises
    ------
    ParameterError
        There is no port.

    Examples
    --------
    >>> host_and_port("ray://10.0.0.1:10001")
    ('10.0.0.1', 10001)
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise ParameterError(
            f"{address} is no address of a Ray cluster.", remedy="Write HOST:PORT (RAY_ADDRESS)."
        )
    return host.strip("[]"), int(port)
