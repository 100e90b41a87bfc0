"""Engine ``openvino``: compiled graphs on the processor, several requests at once."""

from __future__ import annotations

import atexit
import sys
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from topwork.backbones.engines.engine import BATCH, Features, Inputs, Tag, padded

_WAITING = 2
"""Requests for each that is computed."""


@cache
def openvino() -> Any:
    """The library, without the telemetry that its converter would send."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino as ov

    return ov


@cache
def core() -> Any:
    atexit.register(core.cache_clear)  # its threads must end before the interpreter does
    return openvino().Core()


def has_bfloat16() -> bool:
    """Whether this processor has bfloat16 units."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def processor() -> str:
    """What precision was checked on: processor and library version."""
    return f"{core().get_property('CPU', 'FULL_DEVICE_NAME')} {openvino().__version__}"


class OpenVINOEngine:
    """Runs a graph, ``uint8 (b, h, w, 3)`` or ``int32 (b, t)`` to any number of outputs.

    Parameters
    ----------
    graph
        An ``openvino.Model``, or the path of its XML file.
    precision
        ``float32`` or ``bfloat16``.
    batch
        Pinned number of items a request.
    compiled
        A folder in which what was compiled is kept for the next process; None keeps nothing.
    """

    name = "openvino"

    def __init__(
        self,
        graph: Any,
        *,
        precision: str = "float32",
        batch: int = BATCH,
        compiled: Path | None = None,
    ) -> None:
        self.precision = precision
        self.batch = batch
        model = core().read_model(graph) if isinstance(graph, str | Path) else graph.clone()
        shape = model.inputs[0].get_partial_shape()
        shape[0] = batch
        model.reshape(shape)
        config = {
            "PERFORMANCE_HINT": "THROUGHPUT" if batch > 1 else "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
        }
        if compiled is not None:
            config["CACHE_DIR"] = str(compiled)
        self._held = [core().compile_model(model, "CPU", config)]
        # one that is still there when the interpreter ends aborts the process on a single core
        weakref.finalize(self, self._held.clear)

    def run(self, batches: Iterable[tuple[Tag, Inputs]]) -> Iterator[tuple[Tag, list[Features]]]:
        # Not the library's own queue: its callbacks need Python's lock, on threads that are joined
        # under that lock where a model goes, so that now and then a process would never end.
        model = self._held[0]
        count = model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        if self.batch > 1:
            count *= _WAITING  # answers go out in order, and a short one must not leave a core idle
        idle = [model.create_infer_request() for _ in range(count)]
        busy: deque[tuple[Any, Tag, int]] = deque()
        for tag, inputs in batches:
            while busy and (not idle or busy[0][0].wait_for(0)):
                yield _answered(busy, idle)
            request = idle.pop()
            request.start_async([padded(inputs, self.batch)])
            busy.append((request, tag, len(inputs)))
        while busy:
            yield _answered(busy, idle)


def _answered(busy: deque[tuple[Any, Tag, int]], idle: list[Any]) -> tuple[Tag, list[Features]]:
    """The outputs of the request that was started first, which is idle then."""
    request, tag, n = busy.popleft()
    request.wait()
    outputs = [np.array(t.data, dtype=np.float32)[:n] for t in request.output_tensors]
    idle.append(request)
    return tag, outputs
