"""Whether the model gives here what it gave when it was exported: ``python verify.py``."""

import hashlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
TYPES = {"F32": "<f4", "F64": "<f8", "U8": "u1", "I32": "<i4"}


def arrays(data: bytes) -> dict[str, Any]:
    """What a file of safetensors holds: a header in JSON behind its length, then the numbers."""
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    found = {}
    for name, told in header.items():
        first, last = (start + offset for offset in told["data_offsets"])
        found[name] = np.frombuffer(data[first:last], TYPES[told["dtype"]]).reshape(told["shape"])
    return found


if __name__ == "__main__":
    told, runtime = (
        json.loads((HERE / "parity.json").read_text()),
        importlib.import_module("runtime"),
    )
    for name, digest in told["files"].items():
        if hashlib.sha256((HERE / name).read_bytes()).hexdigest() != digest:
            sys.exit(f"{name} is not the file that was exported.")
    expected = arrays((HERE / "vectors.safetensors").read_bytes())
    found = runtime.opened(HERE / told["file"])(expected.pop("inputs"))
    scale = told["scales"]
    worst = max(float(abs(found[name] - expected[name]).max() / scale[name]) for name in scale)
    print(f"{told['runtime']} {runtime.version()} differs by {worst:.1e} of the range.")
    sys.exit(0 if worst <= told["tolerance"] else "That is more than was allowed.")
