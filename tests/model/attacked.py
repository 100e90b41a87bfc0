"""Predicts with changed models, each in a process of its own with limits, and says what came of it.

``python -m tests.model.attacked INPUT FOLDER...`` prints a line of JSON for each folder.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

LOADED_ONCE = (
    "safetensors.numpy",
    "topwork.cli.commands.predict",
    "topwork.cli.prediction",
    "topwork.cli.screen",
    "topwork.model.model",
)
"""Here, and not in each of the children."""
MAX_SECONDS = 5.0
MAX_BYTES = 500_000_000
_LIMIT = 8 * 2**30
"""Of address space: what would fill the memory ends here."""


@dataclass(frozen=True)
class Outcome:
    """What one prediction came to.

    Parameters
    ----------
    status
        The exit status; below 0 for a signal.
    out, err
        What it printed.
    seconds, peak
        How long it took, and the most memory that it had, in bytes.
    """

    status: int
    out: str
    err: str
    seconds: float
    peak: int

    @property
    def predictions(self) -> Any:
        return json.loads(self.out)["predictions"]

    def fault(self, wanted: Any) -> str:
        """What is wrong with it; empty for a refusal in a sentence, or the wanted predictions."""
        if self.status == 0 and not close(self.predictions, wanted):
            return f"predicts {self.out[:300]}"
        return self.harm()

    def harm(self) -> str:
        """The same for any predictions, whose probabilities are some."""
        if self.seconds > MAX_SECONDS:
            return f"took {self.seconds:.1f} s"
        if self.peak > MAX_BYTES:
            return f"took {self.peak / 1e6:.0f} MB"
        if self.status == 0:
            found = [box for one in self.predictions for box in one.get("boxes", [one])]
            good = all(0 <= one.get("probability", 1) <= 1 for one in found)
            return "" if good else f"predicts {self.out[:300]}"
        if self.status != 2:
            return f"ended with {self.status}: {self.err[-600:]}"
        return "" if _one_sentence(json.loads(self.out)["error"]) else f"says {self.out[:300]}"


def close(a: Any, b: Any) -> bool:
    """Whether two predictions are the same, up to rounding."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) < 1e-4
    return bool(a == b)


def outcomes(inputs: Sequence[str], folders: Sequence[Path]) -> Iterator[Outcome]:
    """What predicting with each model came to, in this process's children."""
    from topwork.backbones.engines.openvino import openvino
    from topwork.cli.app import run

    openvino()
    for module in LOADED_ONCE:
        import_module(module)
    for folder in folders:
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            begun = time.monotonic()
            child = os.fork()
            if child == 0:
                _limited()
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                status = 1
                try:
                    status = run(["predict", str(folder), *inputs, "--json"])
                    sys.stdout.flush()
                    sys.stderr.flush()
                finally:
                    os._exit(status)
            _, status, usage = os.wait4(child, 0)
            seconds = time.monotonic() - begun
            out.seek(0)
            err.seek(0)
            yield Outcome(
                os.waitstatus_to_exitcode(status),
                out.read(),
                err.read(),
                min(seconds, usage.ru_utime + usage.ru_stime),  # others may use the cores, too
                usage.ru_maxrss * 1024,
            )


def _limited() -> None:
    import resource

    seconds = int(4 * MAX_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT, _LIMIT))


def _one_sentence(error: dict[str, str]) -> bool:
    message = error["message"] + error["remedy"]
    return 20 < len(message) < 1000 and "\n" not in message and message.isprintable()


def main() -> None:
    for outcome in outcomes([sys.argv[1]], [Path(folder) for folder in sys.argv[2:]]):
        print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    main()
