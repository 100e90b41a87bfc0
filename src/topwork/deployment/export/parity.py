"""Whether a model in another runtime gives what it gives in topwork."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.backbones.engines.openvino import OpenVINOEngine
from topwork.deployment.export.exported_graph import ExportedGraph
from topwork.deployment.export.probe_inputs import BATCH
from topwork.deployment.export.running import Run

TOLERANCE: Final = 1e-4
"""Largest difference of an output, as a share of its range over all inputs."""

HALF_TOLERANCE: Final = 0.01
"""With weights in float16: of probabilities, or else of a prediction as a share of its range."""

PROBABILITIES: Final = ("probabilities", "scores")
"""Outputs between 0 and 1."""

_FEATURES: Final = ("features", "map")


class OutputParity(BaseModel):
    """How far an output is off.

    Attributes
    ----------
    low, high
        Between these it lies in topwork, over all inputs.
    max_difference
        The largest between both runtimes.
    relative
        The same as a share of the range from ``low`` to ``high``.
    """

    model_config = ConfigDict(frozen=True)

    low: float
    high: float
    max_difference: float
    relative: float


class Parity(BaseModel):
    """What was compared, and how much it differs.

    Attributes
    ----------
    n
        Inputs.
    labels_flipped
        Inputs of which something else is predicted.
    max_difference
        The largest of the outputs, as a share of its range.
    max_probability_difference
        The largest of a probability; ``None`` where none is given.
    outputs
        Each by its name.
    """

    model_config = ConfigDict(frozen=True)

    n: int
    labels_flipped: int
    max_difference: float
    max_probability_difference: float | None
    outputs: dict[str, OutputParity]

    def scales(self, tolerance: float) -> dict[str, float]:
        """What a difference is divided by before it is held against a tolerance, per output.

        Features in float16 say little of predictions, which alone are judged then.
        """
        ranges = {name: (one.high - one.low) or 1.0 for name, one in self.outputs.items()}
        if tolerance <= TOLERANCE:
            return ranges
        bounded: dict[str, float] = {n: 1.0 for n in PROBABILITIES if n in ranges}
        predicted = {n: r for n, r in ranges.items() if not n.startswith(_FEATURES)}
        return bounded or predicted

    def worst(self, tolerance: float = TOLERANCE) -> tuple[str, float]:
        """The output that differs most, and by how much of its scale."""
        scales = self.scales(tolerance)
        gaps = {name: self.outputs[name].max_difference / scales[name] for name in scales}
        name = max(gaps, key=lambda one: gaps[one])
        return name, gaps[name]


@dataclass(slots=True)
class _Range:
    """Of an output, batch by batch."""

    low: float = np.inf
    high: float = -np.inf
    gap: float = 0.0

    def see(self, found: NDArray[Any], expected: NDArray[Any]) -> None:
        self.low = min(self.low, float(expected.min()))
        self.high = max(self.high, float(expected.max()))
        gaps = np.abs(found.astype(np.float64) - expected)
        self.gap = max(self.gap, float(np.nan_to_num(gaps, nan=np.inf).max()))

    def parity(self) -> OutputParity:
        relative = self.gap / ((self.high - self.low) or 1.0)
        return OutputParity(
            low=self.low, high=self.high, max_difference=self.gap, relative=relative
        )


class Compared:
    """Batches that were run by both.

    Parameters
    ----------
    run
        The exported model in its runtime.
    """

    def __init__(self, exported: ExportedGraph, run: Run) -> None:
        self._exported, self._run = exported, run
        # in float32, as ``predict`` runs it
        self._engine = OpenVINOEngine(exported.source, precision="float32", batch=BATCH)
        self._ranges: dict[str, _Range] = {}
        self._n = self._flipped = 0

    def see(self, inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Compare a batch ``(b, ...)``; what the model gives of it in topwork."""
        ((_, outputs),) = self._engine.run([(0, inputs)])
        expected, found = self._exported.expected(outputs), self._run(inputs)
        for name, values in expected.items():
            assert found[name].shape == values.shape, name
            self._ranges.setdefault(name, _Range()).see(found[name], values)
        decided = self._exported.decided
        others = decided(expected) != decided(found)
        self._flipped += int(others.reshape(len(inputs), -1).any(axis=1).sum())
        self._n += len(inputs)
        return expected

    def parity(self) -> Parity:
        """How much they differ."""
        outputs = {name: one.parity() for name, one in self._ranges.items()}
        bounded = [outputs[name].max_difference for name in PROBABILITIES if name in outputs]
        return Parity(
            n=self._n,
            labels_flipped=self._flipped,
            max_difference=max(one.relative for one in outputs.values()),
            max_probability_difference=max(bounded, default=None),
            outputs=outputs,
        )
