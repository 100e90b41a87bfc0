"""Whether a processor or a GPU computes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from topwork.errors import ParameterError
from topwork.installation import missing
from topwork.runtime.environment import with_variable

DEVICE: Final = "TOPWORK_DEVICE"
"""In the environment, so that processes and workers elsewhere know it, too."""

AUTO: Final = "auto"
CPU: Final = "cpu"
_NAMES = re.compile(r"auto|cpu|cuda(:\d{1,3})?")


def check_device(name: str) -> None:
    """Refuse what names no device.

    Raises
    ------
    ParameterError
        It is none of ``auto``, ``cpu``, ``cuda`` and ``cuda:N``.

    Examples
    --------
    >>> check_device("cuda:1")
    """
    if not _NAMES.fullmatch(str(name)):
        raise ParameterError(
            f"device cannot be {name!r}.",
            remedy="Choose auto, cpu, cuda, or cuda:N for the GPU of that number, from 0.",
        )


def chosen_device() -> str:
    """The device that is asked for here: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Raises
    ------
    ParameterError
        The environment names none.
    """
    name = os.environ.get(DEVICE) or AUTO
    check_device(name)
    return name


@contextmanager
def computing_on(name: str) -> Iterator[None]:
    """Networks inside run on this device; ``auto`` leaves everything as it is.

    Raises
    ------
    ParameterError
        There is no such GPU.

    Examples
    --------
    >>> with computing_on("cpu"):
    ...     chosen_device()
    'cpu'
    """
    if name == AUTO:
        check_there(chosen_device())
        yield
        return
    check_device(name)
    check_there(name)
    with with_variable(DEVICE, name):
        yield


def n_gpus() -> int:
    """NVIDIA GPUs that torch can use; torch is only asked where a driver is loaded."""
    if not Path("/proc/driver/nvidia/version").exists() or missing(("torch",)):
        return 0
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def has_gpu() -> bool:
    """Whether networks run on a GPU here."""
    return chosen_device() != CPU and n_gpus() > 0


def check_there(name: str) -> None:
    """Refuse a GPU that isn't there.

    Raises
    ------
    ParameterError
        There is none, or fewer.
    """
    if not name.startswith("cuda"):
        return
    n, number = n_gpus(), int(name.partition(":")[2] or 0)
    if n == 0:
        raise ParameterError(
            "No GPU can be used: torch sees none.",
            remedy="Leave the device out, or install a driver of NVIDIA and torch with CUDA.",
            code="no_gpu",
        )
    if number >= n:
        raise ParameterError(
            f"There is no {name}: torch sees {n} {'GPU' if n == 1 else 'GPUs'}.",
            remedy=f"Choose cuda:0{f' to cuda:{n - 1}' if n > 1 else ''}.",
            code="no_gpu",
        )
