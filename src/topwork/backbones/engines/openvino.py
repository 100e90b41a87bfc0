"""Engine ``openvino``: compiled graphs on the processor, several requests at once."""

from __future__ import annotations

import atexit
import queue
import sys
import weakref
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from topwork.backbones.engines.engine import BATCH, Features, Inputs, Tag, padded


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
        done: queue.SimpleQueue[tuple[tuple[Tag, int], list[Features]]] = queue.SimpleQueue()
        requests = openvino().AsyncInferQueue(self._held[0])
        requests.set_callback(lambda request, tag: done.put((tag, _outputs(request))))
        for tag, inputs in batches:
            requests.start_async([padded(inputs, self.batch)], (tag, len(inputs)))
            yield from _drained(done)
        requests.wait_all()
        yield from _drained(done)


def _outputs(request: Any) -> list[Features]:
    return [np.array(t.data, dtype=np.float32) for t in request.output_tensors]


def _drained(
    done: queue.SimpleQueue[tuple[tuple[Tag, int], list[Features]]],
) -> Iterator[tuple[Tag, list[Features]]]:
    while not done.empty():
        (tag, n), outputs = done.get()
        yield tag, [output[:n] for output in outputs]
