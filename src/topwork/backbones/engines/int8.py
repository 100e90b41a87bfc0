"""A graph in 8-bit integers, the ranges of its values measured on images."""

from __future__ import annotations

import io
import logging
import shutil
from contextlib import redirect_stdout
from hashlib import blake2b
from pathlib import Path
from typing import Any

from topwork.backbones.engines.engine import Images
from topwork.backbones.engines.graph import Graph, kept_graph
from topwork.backbones.engines.openvino import openvino
from topwork.errors import BackboneError
from topwork.installation import install_extra

INT8 = "int8"


def calibration_name(images: Images) -> str:
    """Names what the ranges were measured on, as part of a precision."""
    return f"{INT8}-{blake2b(images.tobytes(), digest_size=8).hexdigest()}"


def int8_graph(graph: Graph, images: Images, *, folder: Path | None) -> Graph:
    """The same network in 8-bit integers, by post-training quantisation (NNCF).

    Two to three times as fast on processors with AVX-512 VNNI or AMX; features differ by a few per
    cent, so whether it does must be looked at.

    Parameters
    ----------
    images
        Images as the network will see them, ``(n, h, w, 3)``; some hundred.
    folder
        Where graphs are kept; None for a temporary place that goes with the graph.

    Raises
    ------
    BackboneError
        The package that does it isn't installed, or can't do it.
    """

    def write(place: Path) -> None:
        model = _quantised(graph, images)
        openvino().save_model(model, place / "graph.xml", compress_to_fp16=False)
        shutil.copyfile(graph.weights, place / "weights.safetensors")
        shutil.copyfile(graph.folder / "graph.json", place / "graph.json")

    return kept_graph(folder, f"{graph.folder.name}-{calibration_name(images)}", write)


def _quantised(graph: Graph, images: Images) -> Any:
    openvino()  # first: it keeps telemetry out, which this package would send, too
    try:
        import nncf
    except ImportError as error:
        raise BackboneError(
            "8-bit integers need the package nncf, which is not installed.",
            remedy=install_extra("int8"),
            code="no_nncf",
        ) from error
    model = graph.read()
    attention = any(op.get_type_name() == "Softmax" for op in model.get_ops())
    nncf.set_log_level(logging.ERROR)
    with redirect_stdout(io.StringIO()):
        try:
            return nncf.quantize(
                model,
                nncf.Dataset([image[None] for image in images]),
                preset=nncf.QuantizationPreset.MIXED,
                model_type=nncf.ModelType.TRANSFORMER if attention else None,
                subset_size=len(images),
            )
        except Exception as error:  # it raises what comes
            raise BackboneError(
                f"This network cannot be brought to 8-bit integers "
                f"({next(iter(str(error).splitlines()), type(error).__name__)}).",
                remedy="Leave --int8 out.",
                code="no_int8",
            ) from error
