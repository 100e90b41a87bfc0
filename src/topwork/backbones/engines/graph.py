"""A backbone as a compiled graph on disk: exported once, then used without torch."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from topwork.backbones.backbone import Backbone, BuildsGraph, check_cuts
from topwork.backbones.engines.engine import Features, Inputs, probes, relative_difference
from topwork.backbones.engines.openvino import (
    OpenVINOEngine,
    core,
    has_bfloat16,
    openvino,
    processor,
)
from topwork.backbones.engines.precision import forced_precision
from topwork.backbones.engines.preprocess import behind_input, graph_input
from topwork.backbones.inputs import Input
from topwork.errors import BackboneError
from topwork.runtime import TemporaryFolder, new_folder, write_whole

if TYPE_CHECKING:
    from torch import nn

EXPORT_VERSION = 3
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
    shapes
        Of one item's features at each cut.
    faithful
        Whether the compiled graph gave the same features as torch when it was exported.
    """

    folder: Path
    shapes: tuple[tuple[int, ...], ...]
    faithful: bool
    _keep: Any = field(default=None, compare=False, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one item's features at the first cut."""
        return self.shapes[0]

    @property
    def xml(self) -> Path:
        return self.folder / "graph.xml"

    @property
    def weights(self) -> Path:
        return self.folder / "weights.safetensors"

    def read(self) -> Any:
        """The ``openvino.Model``."""
        return core().read_model(self.xml)

    def precision(self, spec: Input) -> str:
        """``bfloat16`` where this processor has it and the features stay the same.

        The environment may stand in for the processor; see `forced_precision`.
        """
        forced = forced_precision()
        if forced == "float32" or not (forced or has_bfloat16()):
            return "float32"
        return _checked_precision(self, spec)


def graph_of(
    backbone: Backbone, *, cut: str, folder: Path | None, also: tuple[str, ...] = ()
) -> Graph:
    """The graph of a backbone up to a cut, exported if ``folder`` does not hold it yet.

    Parameters
    ----------
    folder
        Where graphs are kept; ``None`` for a temporary place that goes with the graph.
    also
        More cuts, whose features are the graph's further outputs.

    Raises
    ------
    BackboneError
        The network has no such cut, or cannot be compiled.
    """
    cuts = (cut, *also)
    name = f"{backbone.fingerprint}-{'+'.join(cuts)}-{EXPORT_VERSION}"
    return kept_graph(folder, name, lambda place: _export(backbone, cuts, place))


def kept_graph(folder: Path | None, name: str, write: Callable[[Path], None]) -> Graph:
    """The graph of this name, written if ``folder`` does not hold it yet.

    Parameters
    ----------
    folder
        Where graphs are kept; ``None`` for a temporary place that goes with the graph.
    write
        Puts the graph's files into an empty folder.
    """
    if folder is None:
        keep = TemporaryFolder()
        write(keep.folder)
        return open_graph(keep.folder, keep)
    place = folder / name
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{place}.lock"):
            if not place.is_dir():
                with new_folder(place) as draft:
                    write(draft)
    return open_graph(place)


def open_graph(place: Path, keep: Any = None) -> Graph:
    """The graph in a folder; ``keep`` lives as long as it."""
    facts = json.loads((place / "graph.json").read_text())
    return Graph(
        place, tuple(tuple(shape) for shape in facts["shapes"]), bool(facts["faithful"]), keep
    )


def _export(backbone: Backbone, cuts: tuple[str, ...], place: Path) -> None:
    if isinstance(backbone.load, BuildsGraph):
        _build(backbone, backbone.load, cuts, place)
        return
    network = backbone.load()
    from safetensors.torch import save_file  # behind what says which package is missing

    module = behind_input(network.features_at(cuts), backbone.input)
    model = convert(module, backbone.input)
    openvino().save_model(model, place / "graph.xml", compress_to_fp16=False)
    tensors = {k: v.contiguous().clone() for k, v in network.module.state_dict().items()}
    save_file(tensors, place / "weights.safetensors", metadata=dict(network.recipe) or None)
    faithful = _faithful(module, backbone.input, model)
    write_facts(
        place, backbone.name, cuts, [network.shapes[cut] for cut in cuts], faithful=faithful
    )


def _build(backbone: Backbone, builder: BuildsGraph, cuts: tuple[str, ...], place: Path) -> None:
    """The same without torch; that such graphs are faithful is tested for every network."""
    from safetensors.numpy import save_file

    check_cuts(cuts, builder.cuts)
    ov = openvino()
    parameter, values = graph_input(backbone.input)
    outputs = [ov.opset13.result(node) for node in builder.nodes(values, cuts)]
    model = ov.Model(outputs, [parameter], "backbone")
    ov.save_model(model, place / "graph.xml", compress_to_fp16=False)
    tensors, recipe = dict(builder.tensors()), dict(builder.recipe)
    save_file(tensors, place / "weights.safetensors", metadata=recipe or None)
    write_facts(place, backbone.name, cuts, output_shapes(model), faithful=True)


def output_shapes(model: Any) -> list[tuple[int, ...]]:
    """Of one item's part of each output."""
    return [
        tuple(int(side.get_length()) for side in list(output.get_partial_shape())[1:])
        for output in model.outputs
    ]


def write_facts(
    place: Path,
    name: str,
    cuts: tuple[str, ...],
    shapes: Sequence[tuple[int, ...]],
    *,
    faithful: bool,
) -> None:
    """Write ``graph.json``: whose graph it is, its cuts, shapes, and whether it is faithful."""
    facts = {"backbone": name, "cuts": cuts, "shapes": shapes, "faithful": faithful}
    (place / "graph.json").write_text(json.dumps(facts))


def convert(module: nn.Module, spec: Input) -> Any:
    """A module behind its input as an ``openvino.Model`` for any number of items.

    Raises
    ------
    BackboneError
        It cannot be compiled.
    """
    import torch

    example = torch.from_numpy(probes(spec, n=2)[0])
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer speaks of its own deprecation
        try:
            # what the tracer would check, by running everything again, `_faithful` checks better
            traced = torch.jit.trace(  # type: ignore[no-untyped-call]
                module, example, strict=False, check_trace=False
            )
            model = openvino().convert_model(traced, example_input=example)
        except BackboneError:
            raise
        except Exception as error:  # networks, the tracer and the converter raise what comes
            raise BackboneError(
                f"This network cannot be compiled: {last_line(error)}.",
                remedy="Choose another backbone; a saved model holds the compiled network.",
                code="no_graph",
            ) from error
    model.reshape([-1, *spec.shape])
    return model


def last_line(error: Exception) -> str:
    """Of what an error says, or its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[-1].rstrip(".")


def _faithful(module: nn.Module, spec: Input, model: Any) -> bool:
    import torch

    batches, expected = probes(spec), []
    with torch.inference_mode():
        for inputs in batches:
            answer = module(torch.from_numpy(inputs))
            expected += [a.numpy() for a in (answer if isinstance(answer, tuple) else (answer,))]
    return _gap(_features(model, batches, "float32"), expected) < EXPORT_TOLERANCE


def _features(model: Any, batches: list[Inputs], precision: str) -> list[Features]:
    engine = OpenVINOEngine(model, precision=precision, batch=len(batches[0]))
    found = dict(engine.run(enumerate(batches)))
    return [output for place in sorted(found) for output in found[place]]


def _gap(ours: list[Features], theirs: list[Features]) -> float:
    return max(relative_difference(a, b) for a, b in zip(ours, theirs, strict=True))


def _checked_precision(graph: Graph, spec: Input) -> str:
    """Decided once a processor and library version, and stored beside the graph."""
    file = graph.folder / "precision.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    if processor() not in known:
        batches, model = probes(spec), graph.read()
        gap = _gap(_features(model, batches, "bfloat16"), _features(model, batches, "float32"))
        known[processor()] = "bfloat16" if gap < BFLOAT16_TOLERANCE else "float32"
        with suppress(OSError):  # somebody clears the cache: it is checked again next time
            write_whole(file, json.dumps(known))
    return str(known[processor()])
