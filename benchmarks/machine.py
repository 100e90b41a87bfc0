"""What a result was measured on: processor and libraries, and nothing that names a machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = (
    "topwork",
    "openvino",
    "torch",
    "timm",
    "scikit-learn",
    "numpy",
    "pylance",
    "pillow",
    "simplejpeg",
)


def machine() -> dict[str, Any]:
    """Processor, cores, bfloat16 units or not, memory and versions."""
    import psutil

    return {
        "processor": _processor(),
        "cores": usable_cores(),
        "bfloat16_units": bfloat16_units(),
        "gpu": _gpu(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {package: version(package) for package in _PACKAGES},
    }


def bfloat16_units() -> bool:
    """Whether the processor computes in bfloat16 itself."""
    from topwork.backbones.engines.openvino import has_bfloat16

    return has_bfloat16()


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _gpu() -> str | None:
    from topwork.runtime.device import has_gpu

    if not has_gpu():
        return None
    import torch

    return str(torch.cuda.get_device_name())
