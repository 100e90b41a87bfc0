"""Tasks and networks run where the settings say."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, Protocol, TypeVar

from topwork.runtime.cluster.address import LOCAL, RAY
from topwork.runtime.device import AUTO, computing_on
from topwork.runtime.executor import current_executor, running_on
from topwork.runtime.progress import Steps, no_steps

P = ParamSpec("P")
R = TypeVar("R")


class SaysWhere(Protocol):
    """Settings that say where tasks and networks run."""

    executor: str
    device: str


@contextmanager
def running_as(name: str, steps: Steps = no_steps) -> Iterator[None]:
    """Tasks inside run on the executor of a name.

    ``local`` leaves everything as it is, and inside of Ray it is not started again.

    Parameters
    ----------
    name
        ``local``, ``ray`` or ``ray://HOST:PORT``.
    steps
        Where the progress of each worker goes.

    Raises
    ------
    ClusterError
        The cluster cannot be used.
    """
    from topwork.runtime.cluster.ray_executor import RayExecutor

    if name == LOCAL or isinstance(current_executor(), RayExecutor):
        yield
        return
    address = os.environ.get("RAY_ADDRESS") if name == RAY else name
    with RayExecutor(address or None, steps) as executor, running_on(executor):
        yield


def where_settings_say(function: Callable[P, R]) -> Callable[P, R]:
    """The function, on the executor and the device that its parameter ``settings`` names."""
    signature = inspect.signature(function)
    assert "settings" in signature.parameters

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs).arguments
        settings: SaysWhere | None = given.get("settings")
        name = settings.executor if settings is not None else LOCAL
        device = settings.device if settings is not None else AUTO
        with computing_on(device), running_as(name, given.get("steps", no_steps)):
            return function(*args, **kwargs)

    return run
