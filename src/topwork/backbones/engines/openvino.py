"""Engine ``openvino``: compiled graphs on the processor, several requests at once."""

from __future__ import annotations

import atexit
import sys
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from topwork.backbones.engines.engine import BATCH, Features, Inputs, Tag, padded
from topwork.runtime import keep_for_ever, watch_forks
from topwork.runtime.cores import limited_cores

_WAITING = 2
"""Requests for each that is computed."""


@cache
def openvino() -> Any:
    """The library, without the telemetry that its converter would send."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino as ov

    return ov


def core() -> Any:
    """The library's core of this process."""
    return _core.opened()


class _Core:
    """Opened when it is first used, and anew in a forked process.

    The library keeps threads that no graph needs any more for the next one, and in a forked process
    would wait for those of the parent. Without streams a graph is run by the thread that asks.
    """

    def __init__(self) -> None:
        self._forked = False
        self._held: list[Any] = []
        self._lock = threading.Lock()
        watch_forks(self)
        atexit.register(self.close)  # its threads must end before the interpreter does

    def opened(self) -> Any:
        with self._lock:
            if not self._held:
                self._held = [openvino().Core()]
                self._never_close_in_forks(self._held)
            return self._held[0]

    def compiled(self, model: Any, config: Mapping[str, str]) -> Any:
        own = {"NUM_STREAMS": "0"} if self._forked else {}
        made = self.opened().compile_model(model, "CPU", {**config, **own})
        self._never_close_in_forks([made])
        return made

    def _never_close_in_forks(self, made: list[Any]) -> None:
        if self._forked:  # what the library closes with it belongs to the parent
            keep_for_ever(made)

    def close(self) -> None:
        self._held = []

    def after_fork(self) -> None:
        keep_for_ever(self._held)
        self._forked = self._forked or bool(self._held)
        self._held = []
        self._lock = threading.Lock()


_core = _Core()


def has_bfloat16() -> bool:
    """Whether this processor has bfloat16 units."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def processor() -> str:
    """What precision was checked on: processor and library version."""
    return f"{core().get_property('CPU', 'FULL_DEVICE_NAME')} {openvino().__version__}"


class OpenVINOEngine:
    """Runs a graph, ``uint8 (b, h, w, 3)`` or ``int32 (b, t)`` to any number of outputs.

    It is compiled for the first batch: where all features are stored, there is none.

    Parameters
    ----------
    graph
        An ``openvino.Model``, or the path of its XML file.
    precision
        ``float32`` or ``bfloat16``.
    batch
        Pinned number of items a request.
    streams
        Whether each request has a core of its own, which is sooner done with many; without, all
        cores work on one. None: where the batch is larger than one.
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
        streams: bool | None = None,
        compiled: Path | None = None,
    ) -> None:
        self.precision = precision
        self.batch = batch
        self._streams = batch > 1 if streams is None else streams
        model = core().read_model(graph) if isinstance(graph, str | Path) else graph.clone()
        shape = model.inputs[0].get_partial_shape()
        shape[0] = batch
        model.reshape(shape)
        self._graph, self._model, self._folder = graph, model, compiled
        self._config = {
            "PERFORMANCE_HINT": "THROUGHPUT" if self._streams else "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
        }
        share = limited_cores()
        if share is not None:
            self._config["INFERENCE_NUM_THREADS"] = str(share)
        if compiled is not None:
            self._config["CACHE_DIR"] = str(compiled)
        self._hold()
        watch_forks(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process reads the graph again; one in memory stays in its process."""
        again = partial(
            OpenVINOEngine,
            precision=self.precision,
            batch=self.batch,
            streams=self._streams,
            compiled=self._folder,
        )
        return again, (self._graph,)

    def after_fork(self) -> None:
        """What the parent compiled has its threads, which are not here."""
        keep_for_ever(self._held)
        self._hold()

    def _hold(self) -> None:
        self._lock = threading.Lock()
        self._held: list[Any] = []
        # one that is still there when the interpreter ends aborts the process on a single core
        weakref.finalize(self, self._held.clear)

    def _compiled(self) -> Any:
        """The graph, compiled by this process."""
        with self._lock:
            if not self._held:
                self._held.append(_core.compiled(self._model, self._config))
            return self._held[0]

    def run(self, batches: Iterable[tuple[Tag, Inputs]]) -> Iterator[tuple[Tag, list[Features]]]:
        # Not the library's own queue: its callbacks need Python's lock, on threads that are joined
        # under that lock where a model goes, so that now and then a process would never end.
        idle: list[Any] = []
        busy: deque[tuple[Any, Tag, int]] = deque()
        for tag, inputs in batches:
            if not idle and not busy:
                idle = self._requests()
            while busy and (not idle or busy[0][0].wait_for(0)):
                yield _answered(busy, idle)
            request = idle.pop()
            request.start_async([padded(inputs, self.batch)])
            busy.append((request, tag, len(inputs)))
        while busy:
            yield _answered(busy, idle)

    def _requests(self) -> list[Any]:
        model = self._compiled()
        count = model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        if self._streams:
            count *= _WAITING  # answers go out in order, and a short one must not leave a core idle
        return [model.create_infer_request() for _ in range(count)]


def _answered(busy: deque[tuple[Any, Tag, int]], idle: list[Any]) -> tuple[Tag, list[Features]]:
    """The outputs of the request that was started first, which is idle then."""
    request, tag, n = busy.popleft()
    request.wait()
    outputs = [np.array(t.data, dtype=np.float32)[:n] for t in request.output_tensors]
    idle.append(request)
    return tag, outputs
