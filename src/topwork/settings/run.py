"""How anything is run, whatever is computed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.runtime import cache_folder, writable
from topwork.runtime.cluster.address import LOCAL, check_executor
from topwork.runtime.device import AUTO, check_device
from topwork.settings.choices import ENGINES, EngineName, one_of
from topwork.settings.setting import Setting


class CacheWarning(UserWarning):
    """Features can't be stored for the next run."""


@dataclass(kw_only=True, eq=False, repr=False)
class RunSettings:
    """How anything is run."""

    max_bad: Annotated[float, Setting("Fraction of items that may be unreadable.")] = 0.05
    engine: Annotated[
        EngineName,
        Setting("What runs the network.", "``auto`` chooses by device."),
    ] = "auto"
    cache: Annotated[
        bool,
        Setting("Whether features are stored for the next run.", off="Don't store features."),
    ] = True
    device: Annotated[
        str,
        Setting(
            "What networks run on: auto, cpu, cuda, or cuda:N.",
            "``auto`` takes a GPU where torch sees one.",
            metavar="NAME",
        ),
    ] = AUTO
    seed: Annotated[int, Setting("Seed of everything random.")] = 0
    executor: Annotated[
        str,
        Setting(
            "Where tasks run: local, ray, or ray://HOST:PORT of a cluster.",
            "``ray`` starts Ray on this machine, or joins the cluster that RAY_ADDRESS names.",
            metavar="NAME",
        ),
    ] = LOCAL

    def _check(self) -> None:
        one_of("engine", self.engine, ENGINES)
        check_executor(self.executor)
        check_device(self.device)
        if self.engine == "openvino" and self.device.startswith("cuda"):
            raise ParameterError(
                "The engine openvino runs on the processor, not on a GPU.",
                remedy="Leave out the engine or the device.",
            )
        if self.cache and writable(cache_folder()) is None:
            self.cache = False
            warnings.warn(
                f"topwork can't write to its cache folder {cache_folder()} and goes on without it. "
                "Set TOPWORK_CACHE_DIR to another folder, or add --no-cache (cache=False).",
                CacheWarning,
                stacklevel=4,
            )
        if not 0 <= self.max_bad <= 1:
            raise ParameterError(
                f"max_bad must be a fraction between 0 and 1, not {self.max_bad}.",
                remedy="For 10 percent write 0.1.",
            )
        if self.seed < 0:
            raise ParameterError(
                f"seed must be 0 or more, not {self.seed}.", remedy="Give another seed."
            )
