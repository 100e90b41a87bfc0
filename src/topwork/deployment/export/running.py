"""A model in its runtime, in another process.

``python -m topwork.deployment.export.running RECIPE FILE`` answers its standard input.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from topwork.errors import BackboneError

Run = Callable[[Any], dict[str, Any]]
"""Takes inputs ``(n, ...)`` and gives outputs by their names."""


def opened_apart(recipe: str, file: Path) -> Run:
    """A model that another process runs, which ends with what is returned.

    Parameters
    ----------
    recipe
        The module whose ``opened`` opens it.

    Raises
    ------
    BackboneError
        The process ended.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, recipe, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    return _Apart(process)


class _Apart:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def __call__(self, inputs: Any) -> dict[str, Any]:
        given, taken = self._process.stdin, self._process.stdout
        assert given is not None
        assert taken is not None
        try:
            _send(given, inputs=np.asarray(inputs))
            return _received(taken)
        except (OSError, EOFError) as error:
            raise BackboneError(
                "The runtime of the exported model ended before it gave an answer.",
                remedy="Nothing was written. Export to onnx or openvino.",
                code="no_runtime",
            ) from error

    def __del__(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.kill()
        self._process.wait()


def _send(stream: IO[bytes], **arrays: NDArray[Any]) -> None:
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    data = content.getvalue()
    stream.write(len(data).to_bytes(8, "little") + data)
    stream.flush()


def _received(stream: IO[bytes]) -> dict[str, NDArray[Any]]:
    length = int.from_bytes(stream.read(8), "little")
    data = stream.read(length)
    if not length or len(data) < length:
        raise EOFError
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return dict(found)


def _answer(recipe: str, file: str) -> None:
    """Until there is nothing more to run; whatever else is printed goes to standard error."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    run = import_module(recipe).opened(file)
    try:
        while True:
            _send(own, **run(_received(sys.stdin.buffer)["inputs"]))
    except EOFError:
        return


if __name__ == "__main__":
    _answer(*sys.argv[1:])
