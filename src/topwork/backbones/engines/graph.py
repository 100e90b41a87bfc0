"""A backbone as a compiled graph on disk: exported once, then used without torch."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from topwork.backbones.backbone import Backbone, InputSpec, Network
from topwork.backbones.engines.engine import (
    Features,
    Images,
    probe_images,
    relative_difference,
)
from topwork.backbones.engines.openvino import (
    OpenVINOEngine,
    core,
    has_bfloat16,
    openvino,
    processor,
)
from topwork.backbones.engines.preprocess import from_uint8

EXPORT_VERSION = 1
"""Part of the folder's name; raise it when the exported graph changes."""

EXPORT_TOLERANCE = 1e-3
BFLOAT16_TOLERANCE = 0.08
"""Largest relative difference of features that still counts as the same."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A folder with ``graph.xml``, ``graph.bin``, ``weights.safetensors`` and ``graph.json``.

    Parameters
    ----------
    folder
        Where the files lie.
    shape
        Of one item's features.
    faithful
        Whether the compiled graph gave the same features as torch when it was exported.
    """

    folder: Path
    shape: tuple[int, ...]
    faithful: bool
    _keep: Any = field(default=None, compare=False, repr=False)

    @property
    def xml(self) -> Path:
        return self.folder / "graph.xml"

    @property
    def weights(self) -> Path:
        return self.folder / "weights.safetensors"

    def read(self) -> Any:
        """The ``openvino.Model``."""
        return core().read_model(self.xml)

    def precision(self, spec: InputSpec) -> str:
        """``bfloat16`` where this processor has it and the features stay the same."""
        if not has_bfloat16():
            return "float32"
        return _checked_precision(self, spec)


def graph_of(backbone: Backbone, *, cut: str, folder: Path | None) -> Graph:
    """The graph of a backbone up to a cut, exported if ``folder`` does not hold it yet.

    Parameters
    ----------
    folder
        Where graphs are kept; ``None`` for a temporary place that goes with the graph.
    """
    if folder is None:
        keep = _Temporary()
        _export(backbone, cut, keep.folder / "graph")
        return _open(keep.folder / "graph", keep)
    place = folder / f"{backbone.fingerprint}-{cut}-{EXPORT_VERSION}"
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{place}.lock"):
            if not place.is_dir():
                _export_atomically(backbone, cut, place)
    return _open(place)


class _Temporary:
    """A folder that goes when the last one who holds this goes."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="topwork-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def _open(place: Path, keep: Any = None) -> Graph:
    facts = json.loads((place / "graph.json").read_text())
    return Graph(place, tuple(facts["shape"]), bool(facts["faithful"]), keep)


def _export_atomically(backbone: Backbone, cut: str, place: Path) -> None:
    draft = Path(tempfile.mkdtemp(dir=place.parent, prefix="draft-"))
    try:
        _export(backbone, cut, draft / "graph")
        (draft / "graph").rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _export(backbone: Backbone, cut: str, place: Path) -> None:
    from safetensors.torch import save_file

    place.mkdir(parents=True)
    network = backbone.load()
    model = _convert(network, cut, backbone.input)
    openvino().save_model(model, place / "graph.xml", compress_to_fp16=False)
    tensors = {k: v.contiguous().clone() for k, v in network.module.state_dict().items()}
    save_file(tensors, place / "weights.safetensors")
    facts = {
        "backbone": backbone.name,
        "cut": cut,
        "shape": network.shapes[cut],
        "faithful": _faithful(network, cut, backbone.input, model),
    }
    (place / "graph.json").write_text(json.dumps(facts))


def _convert(network: Network, cut: str, spec: InputSpec) -> Any:
    import torch

    module = from_uint8(network.before[cut], spec)
    example = torch.zeros(2, spec.height, spec.width, 3, dtype=torch.uint8)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer speaks of its own deprecation
        # what the tracer would check, by running everything again, `_faithful` checks better
        traced = torch.jit.trace(  # type: ignore[no-untyped-call]
            module, example, strict=False, check_trace=False
        )
        model = openvino().convert_model(traced, example_input=example)
    model.reshape([-1, spec.height, spec.width, 3])
    return model


def _faithful(network: Network, cut: str, spec: InputSpec, model: Any) -> bool:
    import torch

    images = probe_images(spec.height, spec.width)
    with torch.inference_mode():
        expected = from_uint8(network.before[cut], spec)(torch.from_numpy(images)).numpy()
    return relative_difference(_features(model, images, "float32"), expected) < EXPORT_TOLERANCE


def _features(model: Any, images: Images, precision: str) -> Features:
    engine = OpenVINOEngine(model, precision=precision, batch=len(images))
    ((_, outputs),) = engine.run([(0, images)])
    return np.asarray(outputs[0])


def _checked_precision(graph: Graph, spec: InputSpec) -> str:
    """Decided once a processor and library version, and remembered beside the graph."""
    file = graph.folder / "precision.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    if processor() not in known:
        images, model = probe_images(spec.height, spec.width), graph.read()
        gap = relative_difference(
            _features(model, images, "bfloat16"), _features(model, images, "float32")
        )
        known[processor()] = "bfloat16" if gap < BFLOAT16_TOLERANCE else "float32"
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(known))
        draft.replace(file)
    return str(known[processor()])
